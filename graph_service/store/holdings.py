"""What the store holds under a sender's own keys, read before its records are written."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graph_service.store.bolt import BoltStore
from queries.loader import load
from queries.records import Batch, ClaimRecord
from queries.sight import Sight
from queries.vocabulary import TYPE_NAMES, kind_of

OPEN_SEQ: Final = 1 << 60  # the `end_seq` of a row that has not ended
_MOST_KEYS: Final = 5000
_SECONDS: Final = 30.0


def of_type(name: str, claim_type: str) -> str:
    """Give the text of a query that is written once for all claim types, for this one."""
    if claim_type not in TYPE_NAMES:
        raise ValueError("not a claim type of the vocabulary")
    return load(name).text.replace("CLAIM_TYPE", claim_type)


@dataclass
class Held:
    """What is held of a batch: subjects to their numbers, reports, and the live rows of claims and mentions."""

    subjects: dict[str, int]
    reports: dict[str, dict[str, Any]]
    claims: dict[str, dict[str, Any]]
    mentions: dict[str, dict[str, Any]]


class Holdings:
    """
    Reads what is held. Used under the writer's lock, so what it has read stays so, and is read once.

    A source (what stands before the first `/` of its claim ids) of which nothing is held is not asked for row by row.
    """

    def __init__(self, store: BoltStore) -> None:
        self._store = store
        self._nids: dict[str, int] = {}
        self._known_reports: dict[str, dict[str, Any]] = {}
        self._fresh: dict[str, bool] = {}
        self._written: set[str] = set()

    def forget(self) -> None:
        """Read everything anew: another writer came between, or a write did not end well."""
        self._nids.clear()
        self._known_reports.clear()
        self._fresh.clear()
        self._written.clear()

    def kinds(self, keys: Sequence[str]) -> dict[str, str]:
        """Give the kinds of those subjects, by source key, that are held."""
        return {row["key"]: kind_of(row["labels"]) for row in self._subjects(keys)}

    def reports(self, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Give the latest version of those of these reports that are held."""
        wanted = set(keys)
        rows = self._in_parts("store.held_reports", "keys", sorted(wanted - self._known_reports.keys()))
        self._known_reports.update({row["key"]: row["report"] for row in rows})
        return {key: self._known_reports[key] for key in wanted & self._known_reports.keys()}

    def claims(self, claims: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """Give how many rows there are under each of these claim ids (each with its type), and the live one."""
        held: dict[str, dict[str, Any]] = {}
        for name in TYPE_NAMES:
            ids = sorted(claim for claim, of in claims.items() if of == name and not self._is_new(claim))
            for part in _parts(ids):
                rows = self._store.read(
                    of_type("store.held_claims", name), {"claims": part, "open_seq": OPEN_SEQ}, seconds=_SECONDS
                )
                held.update({row["claim_id"]: row for row in rows})
        return held

    def mentions(self, claims: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Give how many mention rows there are under each of these claim ids that has any, and the live one."""
        ids = sorted({claim for claim in claims if not self._is_new(claim)})
        return self._in_parts("store.held_mentions", "claims", ids, open_seq=OPEN_SEQ)

    def involved(self, incidents: Iterable[str]) -> list[ClaimRecord]:
        """Give the live `INVOLVED_IN` claims on these incidents (by source key), as the records that they came from."""
        rows = self._in_parts("store.held_involvements", "keys", sorted(set(incidents)), open_seq=OPEN_SEQ)
        return [_record("INVOLVED_IN", row) for row in rows]

    def live(self, source: str) -> tuple[dict[str, list[dict[str, Any]]], list[dict[str, Any]]]:
        """Give the live claim rows, by type, and the live mention rows whose claim ids begin with `source`."""
        if self.is_fresh(source):
            return {}, []
        asked = {"prefix": source, "open_seq": OPEN_SEQ}
        claims = {
            name: self._store.read(of_type("store.live_claims", name), asked, seconds=_SECONDS) for name in TYPE_NAMES
        }
        return claims, self._store.read(load("store.live_mentions").text, asked, seconds=_SECONDS)

    def of(self, batch: Batch) -> Held:
        """Give what is held of a batch: what it brings, and what its claims and mentions name."""
        keys = {s.key for s in batch.subjects} | {m.subject_key for m in batch.mentions}
        keys |= {c.from_key for c in batch.claims} | {c.to_key for c in batch.claims}
        unknown = sorted(keys - self._nids.keys())
        self._nids.update({row["key"]: row["nid"] for row in self._subjects(unknown)})
        reports = {r.key for r in batch.reports} | {c.report_key for c in batch.claims}
        reports |= {m.report_key for m in batch.mentions if m.report_key}
        rows = self.mentions(m.claim_id for m in batch.mentions)
        return Held(
            {key: self._nids[key] for key in keys & self._nids.keys()},
            self.reports(reports),
            self.claims({c.claim_id: c.type for c in batch.claims}),
            {row["claim_id"]: row for row in rows},
        )

    def note(self, held: Held) -> None:
        """Keep what a write that went well has added."""
        self._nids.update(held.subjects)
        self._known_reports.update(held.reports)
        self._written.update(held.claims, held.mentions)

    def _is_new(self, claim_id: str) -> bool:
        return claim_id not in self._written and self.is_fresh(claim_id)

    def is_fresh(self, claim_id: str) -> bool:
        """Say whether nothing of the source of this claim id was held when it was first asked for."""
        source = claim_id.partition("/")[0] + "/"
        if source not in self._fresh:
            texts = [load("store.any_mention").text, *(of_type("store.any_claim", name) for name in TYPE_NAMES)]
            self._fresh[source] = not any(
                self._store.read(text, {"prefix": source}, seconds=_SECONDS) for text in texts
            )
        return self._fresh[source]

    def _subjects(self, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
        return self._in_parts("store.held_subjects", "keys", sorted(set(keys)))

    def _in_parts(self, name: str, parameter: str, keys: Sequence[str], **more: object) -> Iterator[dict[str, Any]]:
        text = load(name).text
        for part in _parts(keys):
            yield from self._store.read(text, {parameter: part, **more}, seconds=_SECONDS)


def _parts(keys: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), _MOST_KEYS):
        yield list(keys[start : start + _MOST_KEYS])


def _record(claim_type: str, row: dict[str, Any]) -> ClaimRecord:
    """Give the record that a row came from."""
    claim = row["claim"]
    return ClaimRecord(
        claim_id=claim["claim_id"],
        type=claim_type,
        from_key=row["a"],
        to_key=row["b"],
        report_key=row["report"],
        sight=Sight.parse(row["sight"]),
        happened_from=claim["happened_from"],
        happened_to=claim["happened_to"],
        time_known=claim["time_known"],
        recorded_at=claim["recorded_at"],
        known_from=claim["known_from"],
        role=claim["role"],
        event_key=claim["event_id"],
        live_to=claim["declared_to"],
        attributes=json.loads(claim["attributes"]) if claim["attributes"] else {},
        derived=claim["derived"],
    )
