"""A writer that keeps what it is given in dictionaries: what `ingest.pipeline` needs of a store, in the plainest way."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from queries.records import Batch, ClaimRecord, MentionRecord, ReportRecord, SubjectRecord, Written


class KilledError(Exception):
    """The import was killed here."""


@dataclass
class MemoryWriter:
    """Holds live rows by key; `killed_at` stops it before the batch of that position."""

    subjects: dict[str, SubjectRecord] = field(default_factory=dict)
    reports: dict[str, ReportRecord] = field(default_factory=dict)
    claims: dict[str, ClaimRecord] = field(default_factory=dict)
    mentions: dict[str, MentionRecord] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    batches: list[tuple[str, int, Batch]] = field(default_factory=list)
    killed_at: int | None = None

    def kinds(self, keys: Sequence[str]) -> dict[str, str]:
        return {key: self.subjects[key].kind for key in keys if key in self.subjects}

    def held_reports(self, keys: Sequence[str]) -> set[str]:
        return self.reports.keys() & set(keys)

    def held_claims(self, claims: Mapping[str, str]) -> set[str]:
        return self.claims.keys() & set(claims)

    def involved(self, incidents: Iterable[str]) -> list[ClaimRecord]:
        wanted = set(incidents)
        return [c for c in self.claims.values() if c.type == "INVOLVED_IN" and c.to_key in wanted]

    def write(self, batch: Batch, *, run: str, position: int) -> Written:
        if position == self.killed_at:
            raise KilledError
        self.batches.append((run, position, batch))
        new_subjects = [s for s in batch.subjects if s.key not in self.subjects]
        new_reports = [r for r in batch.reports if r.key not in self.reports]
        new_claims = [c for c in batch.claims if c.claim_id not in self.claims]
        self.subjects |= {s.key: s for s in new_subjects}
        self.reports |= {r.key: r for r in batch.reports}
        for claim in batch.claims:
            assert claim.from_key in self.subjects
            assert claim.to_key in self.subjects
            assert claim.report_key in self.reports
            if claim.claim_id in self.claims and self.claims[claim.claim_id] != claim:
                self.ended.append(claim.claim_id)
        self.claims |= {c.claim_id: c for c in batch.claims}
        for mention in batch.mentions:
            assert mention.subject_key in self.subjects
            assert mention.report_key is None or mention.report_key in self.reports
        self.mentions |= {m.claim_id: m for m in batch.mentions}
        added = len(new_subjects) + len(new_reports) + len(new_claims)
        held = len(batch.subjects) + len(batch.reports) + len(batch.claims) - added
        return Written(len(new_subjects), len(new_claims), len(new_reports), held)

    def would_end(self, source: str, keep: Iterable[str]) -> int:
        kept = set(keep)
        return sum(claim.startswith(source) and claim not in kept for claim in self.claims)

    def end_edition(self, source: str, keep: Iterable[str], *, run: str) -> int:  # noqa: ARG002  the protocol's
        kept = set(keep)
        ended = [claim for claim in self.claims if claim.startswith(source) and claim not in kept]
        for claim in ended:
            del self.claims[claim]
        for mention in [m for m in self.mentions if m.startswith(source) and m not in kept]:
            del self.mentions[mention]
        self.ended += ended
        return len(ended)

    def content(self) -> tuple[object, ...]:
        """What a census is over: everything held, in no order."""
        return self.subjects, self.reports, self.claims, self.mentions, sorted(self.ended)


REPORT = {"kind": "observation", "agency": "police", "submitted_at": "2026-05-02T09:00:00Z", "handling": "P"}
MANIFEST = {"name": "solent", "title": "Invented", "source": "nobody", "licence": "CC0"}
HEADERS = {
    "reports.csv": "report_ref kind agency submitted_at source_eval info_eval scheme handling conditions copied_from text",
    "subjects.csv": "ref kind subkind label date_of_birth latitude longitude attributes report_ref",
    "claims.csv": "claim_ref report_ref from_ref to_ref type role happened_from happened_to recorded_at withdrawn_at attributes",
}


def write_table(path: Path, header: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Path:
    """Write a CSV file of these columns, with a blank where a row says nothing."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(header))
        writer.writeheader()
        writer.writerows({**dict.fromkeys(header, ""), **row} for row in rows)
    return path


@dataclass
class BundleFolder:
    """A bundle on disk: a report `r1`, Ana and Ben who know each other, unless told otherwise."""

    folder: Path
    manifest: dict[str, str] = field(default_factory=lambda: dict(MANIFEST))
    reports: list[dict[str, str]] = field(default_factory=lambda: [{"report_ref": "r1", **REPORT}])
    subjects: list[dict[str, str]] = field(
        default_factory=lambda: [
            {"ref": "ana", "kind": "child", "label": "Ana Exampleby"},
            {"ref": "ben", "kind": "adult", "label": "Ben Madeupson"},
        ]
    )
    claims: list[dict[str, str]] = field(
        default_factory=lambda: [
            {"claim_ref": "c1", "report_ref": "r1", "from_ref": "ana", "to_ref": "ben", "type": "KNOWS"}
        ]
    )

    def write(self) -> Path:
        self.folder.mkdir(exist_ok=True, parents=True)
        (self.folder / "bundle.json").write_text(json.dumps(self.manifest), encoding="utf-8")
        for file, rows in (("reports.csv", self.reports), ("subjects.csv", self.subjects), ("claims.csv", self.claims)):
            write_table(self.folder / file, HEADERS[file].split(), rows)
        return self.folder
