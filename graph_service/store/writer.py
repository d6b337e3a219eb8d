"""
Records in: one batch is one transaction, with its numbers, its sights and its census; the same batch again changes nothing.

What is already held is read first, so that a replay is cheap; the write takes the counter first and does nothing at all when another
writer came between. Rows are never changed but to be ended (reference model, section 2).
"""

import datetime as dt
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graph_service.errors import ConflictError
from graph_service.store.bolt import BoltStore
from graph_service.store.census import ENDED, Census, claim_group
from graph_service.store.content import (
    attributes_text,
    claim_content,
    digest,
    identifiers_text,
    keyed_hash,
    mention_content,
    report_content,
)
from graph_service.store.holdings import OPEN_SEQ, Held, Holdings, of_type
from queries.loader import load
from queries.records import Batch, ClaimRecord, MentionRecord, ReportRecord, SubjectRecord, Written
from queries.sight import Sight
from queries.vocabulary import ASSESSMENT_REPORTS, TYPE_NAMES, labels_of

NO_RID: Final = -1
_ATTEMPTS: Final = 5
_ENDED_AT_ONCE: Final = 1000


@dataclass
class Planned:
    """The rows of one transaction, numbered; `at` is the moment of all of them (UTC)."""

    start: int
    sequence: int
    nids: int
    rids: int
    census: Census
    at: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    subjects: list[dict[str, Any]] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    mentions: list[dict[str, Any]] = field(default_factory=list)
    claims: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    ended_claims: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    ended_mentions: list[dict[str, Any]] = field(default_factory=list)
    changed_sights: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    sights: dict[int, str] = field(default_factory=dict)

    def next(self) -> int:
        """Give the next sequence number."""
        self.sequence += 1
        return self.sequence

    def see(self, sight: Sight) -> int:
        """Note that a row uses this sight and give its number."""
        self.sights[sight.sid] = sight.text
        return sight.sid


class StoreWriter:
    """
    Writes batches to the graph; implements `ingest.pipeline.Writer`.

    One at a time: its caller holds the writer's lock for as long as this object is used.
    """

    def __init__(self, store: BoltStore) -> None:
        self._store = store
        self._holdings = Holdings(store)
        self.kinds = self._holdings.kinds
        self.involved = self._holdings.involved

    def held_reports(self, keys: Sequence[str]) -> set[str]:
        """Give those of these report keys that are held."""
        return set(self._holdings.reports(keys))

    def held_claims(self, claims: Mapping[str, str]) -> set[str]:
        """Give those of these claim ids (each with its type) under which a live row is held."""
        return {claim for claim, row in self._holdings.claims(claims).items() if row["row_id"]}

    def would_end(self, source: str, keep: Iterable[str]) -> int:
        """Count the live claims whose ids begin with `source` and are not in `keep`."""
        claims, _ = self._holdings.live(source)
        return len({row["claim_id"] for rows in claims.values() for row in rows} - set(keep))

    def write(self, batch: Batch, *, run: str, position: int) -> Written:
        """
        Write what of a batch is not held yet, in one transaction.

        Raises
        ------
        ConflictError
            If another writer kept coming between.
        StoreUnavailableError
            If the store does not answer; the same call again does no harm.
        """
        for _ in range(_ATTEMPTS):
            held = self._holdings.of(batch)
            plan, written = self._plan(batch, held)
            if plan is None:
                return written
            if self._commit(plan, f"{run}:{position}"):
                self._holdings.note(held)
                return written
        raise ConflictError("another import is writing to the store; wait for it to end and run this one again")

    def planned(
        self, batch: Batch, ending: Mapping[str, str] | None = None, at: dt.datetime | None = None
    ) -> Planned | None:
        """
        Number what of a batch is not held yet, to be kept by another in one transaction with its own rows: its `statements` between them.

        `ending` are claims (each id with its type) and mentions (with no type) whose live rows end; `at` is the moment of it all, now where
        none is given. None where there is nothing to do. The plan is good for as long as the counter stands at its `start`.
        """
        plan = self._empty_plan()
        plan.at = at or plan.at
        self._fill(plan, batch, self._holdings.of(batch))
        ends = ending or {}
        for claim, row in self._holdings.claims({claim: name for claim, name in ends.items() if name}).items():
            if row["row_id"]:
                self._end(plan, plan.ended_claims.setdefault(ends[claim], []), row["row_id"])
        for row in self._holdings.mentions(claim for claim, name in ends.items() if not name):
            if row["row_id"]:
                self._end(plan, plan.ended_mentions, row["row_id"])
        return plan if plan.sequence > plan.start or plan.subjects else None

    def end_edition(self, source: str, keep: Iterable[str], *, run: str) -> int:
        """End the live rows whose claim ids begin with `source` and are not in `keep`; returns how many claims that were."""
        kept = set(keep)
        claims, mentions = self._holdings.live(source)
        newest: dict[str, int] = {}
        for rows in claims.values():
            for row in rows:
                newest[row["claim_id"]] = max(newest.get(row["claim_id"], 0), row["seq"])
        # A claim whose type was corrected has a newer row under its new type.
        gone = [
            (name, row["row_id"])
            for name, rows in claims.items()
            for row in rows
            if row["claim_id"] not in kept or row["seq"] < newest[row["claim_id"]]
        ]
        gone += [("", row["row_id"]) for row in mentions if row["claim_id"] not in kept]
        for start in range(0, len(gone), _ENDED_AT_ONCE):
            plan = self._empty_plan()
            for name, row_id in gone[start : start + _ENDED_AT_ONCE]:
                self._end(plan, plan.ended_claims.setdefault(name, []) if name else plan.ended_mentions, row_id)
            if not self._commit(plan, f"{run}:end:{start}"):
                raise ConflictError("another import is writing to the store; wait for it to end and run this one again")
        return sum(claim not in kept for claim in newest)

    def _empty_plan(self) -> Planned:
        (row,) = self._store.read(load("store.counter").text, {"name": "claims"}, seconds=30)
        return Planned(row["n"], row["n"], row["nids"], row["rids"], Census.parse(row["census"]))

    def _plan(self, batch: Batch, held: Held) -> tuple[Planned | None, Written]:
        plan = self._empty_plan()
        written = self._fill(plan, batch, held)
        return (plan if plan.sequence > plan.start or plan.subjects else None), written

    def _fill(self, plan: Planned, batch: Batch, held: Held) -> Written:
        """Number what of a batch is not held yet; says what of it was new."""
        now = plan.at
        subjects = _distinct(batch.subjects)
        new_subjects = [s for s in subjects if s.key not in held.subjects]
        for subject in new_subjects:
            self._subject(plan, subject, held)
        before = {r.key: held.reports[r.key]["sight"] for r in batch.reports if r.key in held.reports}
        new_reports = sum(self._report(plan, r, held) for r in batch.reports)
        self._change_sights(plan, [r for r in batch.reports if before.get(r.key, r.sight.sid) != r.sight.sid], before)
        for mention in batch.mentions:
            self._mention(plan, mention, held, now)
        new_claims = already = 0
        for claim in batch.claims:
            was_held = bool(held.claims.get(claim.claim_id, {}).get("rows"))
            self._claim(plan, claim, held, now)
            if not claim.derived:
                new_claims += not was_held
                already += was_held
        already += len(subjects) - len(new_subjects) + len(batch.reports) - new_reports
        return Written(len(new_subjects), new_claims, new_reports, already)

    def _subject(self, plan: Planned, subject: SubjectRecord, held: Held) -> None:
        labels = labels_of(subject.kind, subject.subkind)
        plan.subjects.append(
            {"uid": subject.uid or str(uuid.uuid4()), "nid": plan.nids, "key": subject.key, "labels": list(labels)}
        )
        held.subjects[subject.key] = plan.nids
        plan.nids += 1
        plan.census.add(f"subject:{labels[-1]}", subject.key.encode())

    def _report(self, plan: Planned, report: ReportRecord, held: Held) -> bool:
        """Plan a new version of a report unless the one held says the same; tells whether the report is new."""
        content, now = report_content(report), plan.at
        before = held.reports.get(report.key)
        if before and keyed_hash(before["hash_key"], content) == before["content_hash"]:
            return False
        key, version = secrets.token_hex(16), (before["version"] + 1 if before else 1)
        row = {
            "uid": str(uuid.uuid4()),
            "rid": plan.rids,
            "row_id": f"{report.key}#{version}",
            "key": report.key,
            "version": version,
            "kind": report.kind,
            "agency": report.agency,
            "submitted_at": report.submitted_at,
            "known_from": max(report.known_from, now) if before else report.known_from,
            "source_eval": report.source_eval,
            "info_eval": report.info_eval,
            "scheme": report.scheme,
            "handling": report.handling,
            "conditions": list(report.conditions),
            "copied_from": report.copied_from or "",
            "sight": plan.see(report.sight),
            "declared_sight": report.sight.sid,
            "hash_key": key,
            "content_hash": keyed_hash(key, content),
            "seq": (seq := plan.next()),
            "chg_seq": seq,
        }
        parts = [("original", report.text, report.sight), *((n, t, s) for n, (t, s) in report.parts.items())]
        plan.rids += 1
        plan.reports.append(
            {
                "report": row,
                "parts": [
                    {
                        "row_id": f"{row['row_id']}:{name}",
                        "part": name,
                        "rank": rank,
                        "text": text,
                        "sight": plan.see(sight),
                        "declared_sight": sight.sid,
                    }
                    for rank, (name, text, sight) in enumerate(parts)
                ],
            }
        )
        plan.census.add("report" if version == 1 else "report_version", content)
        held.reports[report.key] = row
        return before is None

    def _change_sights(self, plan: Planned, reports: Sequence[ReportRecord], before: Mapping[str, int]) -> None:
        """
        Give every row of a report whose handling has changed its new sight, ended ones too: rights are always today's (model, section 3).

        What was declared stays on the row as `declared_sight`. A row that had another sight than its report keeps it.
        """
        if not reports:
            return
        now = {report.key: report for report in reports}
        texts = {name: of_type("store.claims_of_reports", name) for name in TYPE_NAMES}
        texts |= {"Mention": load("store.mentions_of_reports").text, "Report": load("store.versions_of_reports").text}
        for name, text in texts.items():
            rows = [
                {"row_id": row["row_id"], "sight": now[row["key"]].sight.sid, "seq": plan.next()}
                for row in self._store.read(text, {"keys": sorted(now)}, seconds=30)
                if row["sight"] == before[row["key"]]
            ]
            if rows:
                plan.changed_sights[name] = rows
        parts = [
            {"row_id": row["row_id"], "sight": sight.sid}
            for row in self._store.read(load("store.parts_of_reports").text, {"keys": sorted(now)}, seconds=30)
            for sight in [now[row["key"]].parts.get(row["part"], ("", now[row["key"]].sight))[1]]
            if row["sight"] != sight.sid
        ]
        if parts:
            plan.changed_sights["ReportPart"] = parts

    def _mention(self, plan: Planned, mention: MentionRecord, held: Held, now: dt.datetime) -> None:
        content = mention_content(mention)
        before = held.mentions.get(mention.claim_id)
        report = held.reports[mention.report_key] if mention.report_key else None
        if before and before["row_id"]:
            if keyed_hash(before["hash_key"], content) == before["content_hash"]:
                return
            self._end(plan, plan.ended_mentions, before["row_id"])
        rows = before["rows"] if before else 0
        key = report["hash_key"] if report else ""
        row = _common(plan, mention, report, f"{mention.claim_id}#{rows + 1}", keyed_hash(key, content))
        row |= {
            "known_from": max(mention.known_from, now) if rows else mention.known_from,
            "label": mention.label,
            "subkind": mention.subkind,
            "aliases": list(mention.aliases),
            "aliases_text": " / ".join(mention.aliases),
            "identifiers": identifiers_text(mention.attributes),
            "date_of_birth": mention.date_of_birth.isoformat() if mention.date_of_birth else "",
            "latitude": mention.latitude,
            "longitude": mention.longitude,
        }
        plan.mentions.append({"subject": held.subjects[mention.subject_key], "mention": row})
        plan.census.add("mention", content)
        held.mentions[mention.claim_id] = {
            "rows": rows + 1,
            "row_id": row["row_id"],
            "hash_key": key,
            "content_hash": row["content_hash"],
        }

    def _claim(self, plan: Planned, claim: ClaimRecord, held: Held, now: dt.datetime) -> None:
        report = held.reports[claim.report_key]
        content = claim_content(claim, report)
        before = held.claims.get(claim.claim_id)
        if before and before["row_id"]:
            if keyed_hash(before["hash_key"], content) == before["content_hash"]:
                return
            self._end(plan, plan.ended_claims.setdefault(claim.type, []), before["row_id"])
        rows = before["rows"] if before else 0
        row = _common(
            plan, claim, report, f"{claim.claim_id}#{claim.type}{rows + 1}", keyed_hash(report["hash_key"], content)
        )
        seconds = claim.attributes.get("seconds")
        row |= {
            "known_from": max(claim.known_from, now) if rows else claim.known_from,
            "event_id": claim.event_key,
            "role": claim.role,
            "happened_from": claim.happened_from,
            "happened_to": claim.happened_to,
            "time_known": claim.time_known,
            "seconds": float(seconds) if isinstance(seconds, int | float) else -1.0,
            "derived": claim.derived,
        }
        row |= {"a": held.subjects[claim.from_key], "b": held.subjects[claim.to_key]}
        plan.claims.setdefault(claim.type, []).append(row)
        plan.census.add(claim_group(claim.type, derived=claim.derived, first=rows == 0), content)
        held.claims[claim.claim_id] = {
            "rows": rows + 1,
            "row_id": row["row_id"],
            "hash_key": report["hash_key"],
            "content_hash": row["content_hash"],
        }

    def _end(self, plan: Planned, rows: list[dict[str, Any]], row_id: str) -> None:
        rows.append({"row_id": row_id, "seq": plan.next()})
        plan.census.add(ENDED, row_id.encode())

    def statements(self, plan: Planned, after: int) -> list[tuple[str, dict[str, Any]]]:
        """Give what keeps the rows of a plan, once its numbers and its sights are kept; the counter then stands at `after`."""
        now = plan.at
        statements: list[tuple[str, dict[str, Any]]] = []
        for name, rows in (
            ("store.add_subjects", plan.subjects),
            ("store.add_reports", plan.reports),
            ("store.add_mentions", plan.mentions),
        ):
            if rows:
                statements.append((load(name).text, {"rows": rows, "after": after}))
        for claim_type, rows in plan.claims.items():
            statements.append((of_type("store.add_claims", claim_type), {"rows": rows, "after": after}))
        for claim_type, rows in plan.ended_claims.items():
            if rows:
                statements.append((of_type("store.end_claims", claim_type), {"rows": rows, "after": after, "now": now}))
        if plan.ended_mentions:
            statements.append(
                (load("store.end_mentions").text, {"rows": plan.ended_mentions, "after": after, "now": now})
            )
        for name, rows in plan.changed_sights.items():
            text = (
                of_type("store.change_claim_sights", name)
                if name in TYPE_NAMES
                else load("store.change_node_sights").text.replace("LABEL", name)
            )
            statements.append((text, {"rows": rows, "after": after}))
        return statements

    def _commit(self, plan: Planned, command: str) -> bool:
        after = plan.sequence + 1
        numbers = {"n": plan.start, "after": after, "nids": plan.nids, "rids": plan.rids, "census": plan.census.text}
        statements: list[tuple[str, dict[str, Any]]] = [(load("store.take_numbers").text, numbers)]
        sights = [{"sid": sid, "text": text} for sid, text in sorted(plan.sights.items())]
        if sights:
            statements.append((load("store.add_sights").text, {"rows": sights}))
        statements += self.statements(plan, after)
        # The command names what is written, so that the same batch over a changed store is another command.
        answers = self._store.write(
            statements,
            command_id=f"{command}:{digest(repr(numbers).encode()):032x}",
            seconds=30,
            confirm=lambda answers: all_there(statements, answers),
            first_decides=True,
        )
        done = answers is None or bool(answers[0])
        if not done:
            self._holdings.forget()
        return done


def all_there(statements: Sequence[tuple[str, dict[str, Any]]], answers: Sequence[list[dict[str, Any]]]) -> bool:
    """Say whether each statement has written as many rows as it was given: a subject that is not found writes nothing, and says nothing."""
    return all(
        sum(len(row.get("parts", (None,))) for row in parameters["rows"]) == (answer[0]["n"] if answer else 0)
        for (_, parameters), answer in zip(statements[1:], answers[1:], strict=True)
    )


def _distinct(subjects: Sequence[SubjectRecord]) -> list[SubjectRecord]:
    return list({s.key: s for s in subjects}.values())


def _common(
    plan: Planned, record: ClaimRecord | MentionRecord, report: dict[str, Any] | None, row_id: str, content_hash: str
) -> dict[str, Any]:
    """Give the row properties that claims and mentions share (reference model, section 2)."""
    seq = plan.next()
    source = report or {}
    agency = source.get("agency", "")
    return {
        "row_id": row_id,
        "claim_id": record.claim_id,
        "report_id": source.get("uid", ""),
        "rid": source.get("rid", NO_RID),
        "sight": plan.see(record.sight),
        "declared_sight": record.sight.sid,
        "seq": seq,
        "end_seq": OPEN_SEQ,
        "chg_seq": seq,
        "live_to": record.live_to,
        "recorded_at": record.recorded_at,
        "source_eval": source.get("source_eval", ""),
        "info_eval": source.get("info_eval", ""),
        "scheme": source.get("scheme", ""),
        "handling": source.get("handling", ""),
        "basis": "assessment" if source.get("kind") in ASSESSMENT_REPORTS else "fact",
        "agency": agency,
        "regime": "LE" if agency == "police" else "GDPR",
        "retention_class": source.get("kind", ""),
        "attributes": attributes_text(record.attributes),
        "declared_to": record.live_to,
        "content_hash": content_hash,
    }
