"""
What is to be written of a batch: the rows of one transaction, numbered, beside what is held already.

Rows are never changed but to be ended, or given another sight when a report's handling has changed (reference model, sections 2 and 3).
"""

import datetime as dt
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graph_service.store.bolt import BoltStore
from graph_service.store.census import ENDED, Census, claim_group
from graph_service.store.content import (
    attributes_text,
    claim_content,
    identifiers_text,
    keyed_hash,
    mention_content,
    report_content,
)
from graph_service.store.holdings import OPEN_SEQ, Held, of_type
from graph_service.store.packed import claim_copy, mention_copy
from queries.loader import load
from queries.records import Batch, ClaimRecord, MentionRecord, ReportRecord, SubjectRecord, Written
from queries.sight import Sight
from queries.vocabulary import ASSESSMENT_REPORTS, TYPE_NAMES, labels_of

NO_RID: Final = -1


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


class Planner:
    """Plans batches over one store."""

    def __init__(self, store: BoltStore) -> None:
        self._store = store

    def empty(self) -> Planned:
        """Begin a plan where the store's numbers stand now."""
        (row,) = self._store.read(load("store.counter").text, {"name": "claims"}, seconds=30)
        return Planned(row["n"], row["n"], row["nids"], row["rids"], Census.parse(row["census"]))

    def of(self, batch: Batch, held: Held) -> tuple[Planned | None, Written]:
        """Plan what of a batch is not held yet (None where all is), and say what of it is new; what it plans it notes as held."""
        plan = self.empty()
        written = self.fill(plan, batch, held)
        return (plan if plan.sequence > plan.start or plan.subjects else None), written

    def fill(self, plan: Planned, batch: Batch, held: Held) -> Written:
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
            self.end(plan, plan.ended_mentions, before["row_id"])
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
        row["packed"] = mention_copy(row, held.subjects[mention.subject_key])
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
            self.end(plan, plan.ended_claims.setdefault(claim.type, []), before["row_id"])
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
        row["packed"] = claim_copy(row)
        plan.claims.setdefault(claim.type, []).append(row)
        plan.census.add(claim_group(claim.type, derived=claim.derived, first=rows == 0), content)
        held.claims[claim.claim_id] = {
            "rows": rows + 1,
            "row_id": row["row_id"],
            "hash_key": report["hash_key"],
            "content_hash": row["content_hash"],
        }

    def end(self, plan: Planned, rows: list[dict[str, Any]], row_id: str) -> None:
        """Plan the end of a row, among these rows of the plan."""
        rows.append({"row_id": row_id, "seq": plan.next()})
        plan.census.add(ENDED, row_id.encode())


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
