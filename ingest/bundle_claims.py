"""The claims of a bundle."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from ingest.bundle_reports import BundleReport, Reports
from ingest.bundle_rows import Cells, Sheet
from ingest.times import Moment
from queries.records import FAR_FUTURE, FAR_PAST, ClaimRecord, Json, SubjectRecord
from queries.vocabulary import CLAIM_TYPES, FACTOR_LABELS, TIME_KNOWN, ends_fit

_TIME_WORDS: Final = frozenset(TIME_KNOWN)


class FindsSubjects(Protocol):
    """The subjects of the same bundle."""

    def find(self, cells: Cells, column: str, ref: str) -> SubjectRecord | None:
        """Give the subject that a row refers to."""


@dataclass(slots=True)
class Claims:
    """
    The claims that can be used, by claim id.

    `named` are the ids of all claims whose reference could be read, usable or not: an edition does not withdraw what it still makes.
    """

    records: dict[str, ClaimRecord] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    all_named: bool = True
    named_by_good: set[str] = field(default_factory=set)
    named_by_bad: set[str] = field(default_factory=set)


def read_claims(name: str, sheet: Sheet, reports: Reports, subjects: FindsSubjects) -> Claims:
    """Read `claims.csv`. Claim ids are `NAME/CLAIM_REF`."""
    claims = Claims()
    given: dict[str, dict[str, str]] = {}
    for cells in sheet.rows():
        ref = cells.needed("claim_ref")
        claims.all_named &= bool(ref)
        if ref in given:
            if given[ref] == cells.values:
                cells.warn("claim_ref", "same_row_again")
                continue
            cells.error("claim_ref", "repeated_reference")
        elif ref:
            given[ref] = cells.values
        record = _claim(name, ref, cells, reports, subjects)
        claims.named.add(f"{name}/{ref}")
        ends = (cells.text("from_ref"), cells.text("to_ref"))
        if record is None or cells.is_bad:
            claims.named_by_bad.update(ends)
        else:
            claims.records[record.claim_id] = record
            claims.named_by_good.update(ends)
    return claims


def _claim(name: str, ref: str, cells: Cells, reports: Reports, subjects: FindsSubjects) -> ClaimRecord | None:
    report = reports.find(cells, "report_ref", cells.needed("report_ref"))
    start = subjects.find(cells, "from_ref", cells.needed("from_ref"))
    end = subjects.find(cells, "to_ref", cells.needed("to_ref"))
    kind = cells.needed("type")
    if kind and kind not in CLAIM_TYPES:
        cells.error("type", "unknown_type")
    elif start and end and kind:
        if not ends_fit(kind, start.kind, end.kind):
            cells.error("type", "ends_do_not_fit")
        elif start is end:
            cells.warn("to_ref", "joins_itself")
    happened = (cells.moment("happened_from"), cells.moment("happened_to"))
    recorded = cells.moment("recorded_at")
    withdrawn = cells.moment("withdrawn_at")
    attributes = cells.attributes()
    if cells.is_bad or report is None or start is None or end is None:
        return None
    happened_from, happened_to, time_known = _happened(cells, kind, happened, attributes)
    recorded_at = recorded.earliest if recorded else report.submitted_at
    live_to = withdrawn.earliest if withdrawn else FAR_FUTURE
    _check_order(cells, happened_from, recorded_at, live_to, report)
    event = attributes.get("event_id")
    return ClaimRecord(
        claim_id=f"{name}/{ref}",
        type=kind,
        from_key=start.key,
        to_key=end.key,
        report_key=report.record.key,
        sight=report.sight,
        happened_from=happened_from,
        happened_to=happened_to,
        time_known=time_known,
        recorded_at=recorded_at,
        known_from=recorded_at,
        role=cells.text("role"),
        event_key=f"{name}/{event}" if isinstance(event, str | int) and event != "" else "",
        live_to=live_to,
        attributes=_checked_factors(cells, _checked_seconds(cells, attributes)),
    )


def _happened(
    cells: Cells, kind: str, bounds: tuple[Moment | None, Moment | None], attributes: Mapping[str, Json]
) -> tuple[dt.datetime, dt.datetime, str]:
    """Give the bounds, which are always set, and how well the time is known."""
    start, end = bounds
    is_event = CLAIM_TYPES[kind].is_event
    time_known = "exact"
    if start is None and end is None:
        happened_from, happened_to, time_known = FAR_PAST, FAR_FUTURE, "unknown"
    elif start is None:
        happened_from, happened_to = FAR_PAST, end.latest if end else FAR_FUTURE
        time_known = "within" if is_event else "exact"
    elif end is None:
        happened_from, happened_to = start.earliest, start.latest if is_event else FAR_FUTURE
    else:
        happened_from, happened_to = start.earliest, end.latest
        if happened_to < happened_from:
            cells.warn("happened_to", "ends_before_it_starts")
            happened_from, happened_to, time_known = end.earliest, start.latest, "within"
    if time_known == "exact" and any(m is not None and m.earliest != m.latest for m in bounds):
        time_known = "about"
    told = attributes.get("time_known")
    if isinstance(told, str) and told in _TIME_WORDS:
        return happened_from, happened_to, told
    if told is not None:
        cells.warn("attributes", "unknown_time_word")
    return happened_from, happened_to, time_known


def _check_order(
    cells: Cells, happened_from: dt.datetime, recorded_at: dt.datetime, live_to: dt.datetime, report: BundleReport
) -> None:
    if happened_from > recorded_at and (cells.text("recorded_at") or report.row.text("submitted_at")):
        cells.warn("recorded_at", "recorded_before_happened")
    if live_to <= recorded_at:
        cells.warn("withdrawn_at", "withdrawn_before_recorded")


def _checked_seconds(cells: Cells, attributes: dict[str, Json]) -> Mapping[str, Json]:
    """Keep `seconds` only where it is a number of seconds: it becomes a weight."""
    seconds = attributes.get("seconds")
    if seconds is None:
        return attributes
    if (
        isinstance(seconds, int | float)
        and not isinstance(seconds, bool)
        and 0 <= seconds < 1e12
        and math.isfinite(seconds)
    ):
        return attributes
    cells.warn("attributes", "bad_seconds")
    return {name: value for name, value in attributes.items() if name != "seconds"}


def _checked_factors(cells: Cells, attributes: Mapping[str, Json]) -> Mapping[str, Json]:
    """Keep of the push and pull factors the coded words: a free text belongs in the report."""
    kept = dict(attributes)
    for direction, labels in FACTOR_LABELS.items():
        name = f"{direction}_factors"
        if name not in kept:
            continue
        said = kept.pop(name)
        listed = [str(word) for word in said] if isinstance(said, list) else [str(said)]
        if coded := [code for code in labels if code in listed]:
            kept[name] = list[Json](coded)
        if not set(listed) <= set(labels):
            cells.warn("attributes", "no_coded_word")
    return kept
