"""The reports of a bundle."""

import datetime as dt
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final

from ingest.bundle_rows import Cells, Sheet
from ingest.grading import check_grade, check_handling, known_agency
from queries.records import FAR_PAST, ReportRecord
from queries.sight import Sight, sight_for
from queries.vocabulary import REPORT_KINDS

_KINDS: Final = frozenset(REPORT_KINDS)


@dataclass(frozen=True, slots=True)
class BundleReport:
    """A report, and what its claims take from it."""

    record: ReportRecord
    row: Cells

    @property
    def sight(self) -> Sight:
        """What must be held to see what it says."""
        return self.record.sight

    @property
    def submitted_at(self) -> dt.datetime:
        """The default recorded time of its claims (UTC)."""
        return self.record.submitted_at


@dataclass(slots=True)
class Reports:
    """The reports that can be used, by reference, and the references of those that cannot."""

    by_ref: dict[str, BundleReport] = field(default_factory=dict)
    unusable: set[str] = field(default_factory=set)

    def find(self, cells: Cells, column: str, ref: str) -> BundleReport | None:
        """Give the report that a row refers to; notes what is wrong where there is none."""
        report = self.by_ref.get(ref)
        if report is None and ref:
            cells.error(column, "left_out_with" if ref in self.unusable else "unknown_reference")
        return report


def read_reports(name: str, sheet: Sheet) -> Reports:
    """Read `reports.csv`. Keys are `bundle:NAME/REPORT_REF`."""
    reports = Reports()
    given: dict[str, dict[str, str]] = {}
    for cells in sheet.rows():
        ref = cells.needed("report_ref")
        if ref in given:
            if given[ref] == cells.values:
                cells.warn("report_ref", "same_row_again")
            else:
                cells.error("report_ref", "repeated_reference")
            continue
        record = _report(name, ref, cells)
        if ref:
            given[ref] = cells.values
        if cells.is_bad:
            reports.unusable.add(ref)
        else:
            reports.by_ref[ref] = BundleReport(record, cells)
    _check_copies(reports, given.keys())
    _break_circles(reports)
    return reports


def _report(name: str, ref: str, cells: Cells) -> ReportRecord:
    kind = cells.needed("kind")
    if kind and kind not in _KINDS:
        cells.error("kind", "unknown_kind")
    submitted = cells.moment("submitted_at", needs_offset=True)
    if submitted is None and not cells.text("submitted_at"):
        cells.warn("submitted_at", "recorded_unknown")
    moment = submitted.earliest if submitted else FAR_PAST
    agency, holder = known_agency(cells, "agency")
    scheme = check_grade(cells)
    conditions = tuple(word for part in cells.text("conditions").split(";") if (word := part.strip()))
    handling = cells.text("handling")
    check_handling(cells, handling, conditions)
    copied = cells.text("copied_from")
    return ReportRecord(
        key=f"bundle:{name}/{ref}",
        kind=kind,
        agency=agency,
        submitted_at=moment,
        known_from=moment,
        sight=sight_for(handling, conditions, holder),
        source_eval=cells.text("source_eval"),
        info_eval=cells.text("info_eval"),
        scheme=scheme,
        handling=handling,
        conditions=conditions,
        copied_from=f"bundle:{name}/{copied}" if copied else None,
        text=cells.text("text"),
    )


def _check_copies(reports: Reports, given: AbstractSet[str]) -> None:
    """Take out reports that copy one that is not there, and those that copy them in turn."""
    copies: dict[str, list[str]] = {}
    lost: list[str] = []
    for ref, report in reports.by_ref.items():
        original = report.row.text("copied_from")
        if not original:
            continue
        copies.setdefault(original, []).append(ref)
        if original not in reports.by_ref:
            report.row.error("copied_from", "left_out_with" if original in given else "unknown_reference")
            lost.append(ref)
    while lost:
        ref = lost.pop()
        if reports.by_ref.pop(ref, None) is None:
            continue
        reports.unusable.add(ref)
        for copy in copies.get(ref, ()):
            if copy in reports.by_ref:
                reports.by_ref[copy].row.error("copied_from", "left_out_with")
                lost.append(copy)


def _break_circles(reports: Reports) -> None:
    """Make the earliest of the reports that copy one another in a circle the original: they stay one group."""
    done: set[str] = set()
    for start in sorted(reports.by_ref):
        chain: list[str] = []
        ref = start
        while ref and ref not in done:
            done.add(ref)
            chain.append(ref)
            ref = reports.by_ref[ref].row.text("copied_from")
        if ref in chain:
            circle = chain[chain.index(ref) :]
            first = min(circle, key=lambda r: (reports.by_ref[r].submitted_at, r))
            report = reports.by_ref[first]
            report.row.warn("copied_from", "copies_in_a_circle")
            reports.by_ref[first] = BundleReport(replace(report.record, copied_from=None), report.row)
