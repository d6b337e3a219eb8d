"""
Read, check, and write through a `Writer`: the one way in for partners' files.

The pipeline knows no store. It reads everything and checks everything before it writes anything; nothing is written when any row is bad, unless
the good ones were asked for. What it writes, and the number of the import, follow from the content of the files alone, so that an import that
was killed goes on when it is started again, and the same file twice changes nothing.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, TypeAlias, TypeVar

from ingest.errors import IngestError
from ingest.kinds import read_files
from ingest.problems import Problem, Problems
from ingest.records import Prepared
from queries.records import Batch, ClaimRecord, Written
from queries.vocabulary import PERSON_KINDS

BATCH_ROWS: Final = 2_000
Progress: TypeAlias = Callable[[int, int], None]
Record = TypeVar("Record")


class Writer(Protocol):
    """Where records go. Reading compares with the sender's own records only: every key is the sender's own name for its thing."""

    def kinds(self, keys: Sequence[str]) -> dict[str, str]:
        """Give the kinds of those subjects, by source key, that are held."""

    def held_reports(self, keys: Sequence[str]) -> set[str]:
        """Give those of these report keys that are held."""

    def held_claims(self, claims: Mapping[str, str]) -> set[str]:
        """Give those of these claim ids (each with its type) under which a live row is held."""

    def involved(self, incidents: Iterable[str]) -> list[ClaimRecord]:
        """Give the live INVOLVED_IN claims on these incidents (by source key), as the records that they came from."""

    def write(self, batch: Batch, *, run: str, position: int) -> Written:
        """Write what of a batch is not held yet. The same batch again adds nothing."""

    def would_end(self, source: str, keep: Iterable[str]) -> int:
        """Count the live claims whose ids begin with `source` and are not in `keep`."""

    def end_edition(self, source: str, keep: Iterable[str], *, run: str) -> int:
        """End the live claims and mentions whose ids begin with `source` and are not in `keep`; returns how many claims that were."""


@dataclass(slots=True)
class RunReport:
    """What an import did, or in a dry run would do. `refused`: nothing was written, because of the errors among `problems`."""

    run: str
    kind: str
    read: int
    written: Written = field(default_factory=Written)
    withdrawn: int = 0
    problems: list[Problem] = field(default_factory=list)
    refused: bool = False

    @property
    def has_errors(self) -> bool:
        """Whether any row could not be used."""
        return any(problem.severity == "error" for problem in self.problems)

    def as_json(self) -> dict[str, object]:
        """Give the shape that `pmet ingest --json` prints."""
        return {
            "run": self.run,
            "kind": self.kind,
            "read": self.read,
            "added": {
                "subjects": self.written.subjects,
                "claims": self.written.claims,
                "reports": self.written.reports,
            },
            "already_held": self.written.already_held,
            "withdrawn": self.withdrawn,
            "problems": [problem.as_json() for problem in self.problems],
        }


def run(
    kind: str,
    paths: Sequence[Path],
    writer: Writer,
    *,
    dry_run: bool = False,
    accept_good_rows: bool = False,
    area: Path | None = None,
    progress: Progress | None = None,
    now: dt.datetime | None = None,
) -> RunReport:
    """
    Bring files of one kind in.

    Parameters
    ----------
    kind
        One of `ingest.kinds.KINDS`.
    paths
        Files, or for `bundle` folders.
    writer
        Where the records go, and what is held there already.
    dry_run
        Say what would happen, and write nothing.
    accept_good_rows
        Write the rows that can be used even where others cannot.
    area
        A GeoJSON file (WGS 84) of the partnership's area, for partner kinds; none: the Solent districts that come with the product.
    progress
        Told the rows written so far and the rows in all.
    now
        The moment (UTC) from which what a partner sends counts as known here; none: this one. What declares its own history does not use it.

    Raises
    ------
    IngestError
        If a file cannot be read at all, or no kind has this name.
    """
    if not paths:
        raise IngestError("name at least one file to bring in")
    prepared = read_files(kind, [Path(path) for path in paths], writer, area, now or dt.datetime.now(dt.UTC))
    _check_held_kinds(prepared, writer)
    number = hashlib.sha256("\n".join([kind, *sorted(prepared.contents)]).encode()).hexdigest()[:32]
    report = RunReport(number, kind, prepared.read, problems=prepared.problems)
    if prepared.has_errors and not accept_good_rows:
        report.refused = True
        return report
    if dry_run:
        report.written = _would_write(prepared, writer)
        report.withdrawn = sum(writer.would_end(e.source, e.keep) for e in prepared.editions if e.closed)
        return report
    total = len(prepared.subjects) + len(prepared.reports) + len(prepared.claims) + len(prepared.mentions)
    done = 0
    for position, batch in enumerate(batches(prepared)):
        report.written += writer.write(batch, run=number, position=position)
        done += len(batch.subjects) + len(batch.reports) + len(batch.claims) + len(batch.mentions)
        if progress:
            progress(done, total)
    # An edition ends nothing until its last row is in.
    report.withdrawn = sum(writer.end_edition(e.source, e.keep, run=number) for e in prepared.editions if e.closed)
    return report


def batches(prepared: Prepared) -> Iterator[Batch]:
    """
    Cut records into batches of at most `BATCH_ROWS`, each kind of record in order of its key.

    Subjects and reports come first, since claims need them. Mentions come last: a subject that no claim names exists for all, so that what is
    said of someone must not arrive before the claims that hide them.
    """
    for subjects in _cut(prepared.subjects):
        yield Batch(subjects=subjects)
    for reports in _cut(prepared.reports):
        yield Batch(reports=reports)
    for claims in _cut(prepared.claims):
        yield Batch(claims=claims)
    for mentions in _cut(prepared.mentions):
        yield Batch(mentions=mentions)


def _cut(records: Mapping[str, Record]) -> Iterator[tuple[Record, ...]]:
    keys = sorted(records)
    for start in range(0, len(keys), BATCH_ROWS):
        yield tuple(records[key] for key in keys[start : start + BATCH_ROWS])


def _would_write(prepared: Prepared, writer: Writer) -> Written:
    subjects = writer.kinds(list(prepared.subjects))
    reports = writer.held_reports(list(prepared.reports))
    claims = writer.held_claims({claim.claim_id: claim.type for claim in prepared.claims.values()})
    held = len(subjects) + len(reports) + len(claims)
    return Written(
        subjects=len(prepared.subjects) - len(subjects),
        claims=len(prepared.claims) - len(claims),
        reports=len(prepared.reports) - len(reports),
        already_held=held,
    )


def _check_held_kinds(prepared: Prepared, writer: Writer) -> None:
    """Warn of subjects that are held as another kind: what a subject is was said once and stays."""
    held = writer.kinds(sorted(prepared.subjects))
    problems = Problems("", "")
    for key, kind in sorted(held.items()):
        subject = prepared.subjects[key]
        if kind != subject.kind and not (kind in PERSON_KINDS and subject.kind in PERSON_KINDS):
            problems.warn(0, "kind", "kind_held")
    prepared.problems.extend(problems)
