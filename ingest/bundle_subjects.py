"""The subjects of a bundle, and what its reports say of each."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from ingest.bundle_claims import Claims
from ingest.bundle_reports import Reports
from ingest.bundle_rows import Cells, Sheet, date_of_birth
from ingest.times import LONDON
from queries.records import FAR_PAST, Json, MentionRecord, SubjectRecord
from queries.sight import WITH_SUBJECT
from queries.vocabulary import INCIDENT_LABELS, KINDS, PERSON_KINDS

# A context is the partnership's own work; nobody brings one in.
BUNDLE_KINDS: Final = frozenset(KINDS) - {"context"}


@dataclass(slots=True)
class Subjects:
    """The subjects that can be used, by reference, their mentions by claim id, and what cannot be used."""

    records: dict[str, SubjectRecord] = field(default_factory=dict)
    mentions: dict[str, MentionRecord] = field(default_factory=dict)
    unusable: set[str] = field(default_factory=set)
    unusable_mentions: set[str] = field(default_factory=set)
    all_named: bool = True
    unreported: dict[str, list[tuple[str, Cells]]] = field(default_factory=dict)

    def find(self, cells: Cells, column: str, ref: str) -> SubjectRecord | None:
        """Give the subject that a row refers to; notes what is wrong where there is none."""
        subject = self.records.get(ref)
        if subject is None and ref:
            cells.error(column, "left_out_with" if ref in self.unusable else "unknown_reference")
        return subject

    def leave_out_what_only_bad_claims_name(self, claims: Claims) -> None:
        """
        Leave out what no report says of subjects that only unusable claims name.

        A subject that no claim names exists for all. If the claims that name it are left out for a slip of the pen, what was hidden
        behind them would be shown to everyone.
        """
        for ref in sorted(claims.named_by_bad - claims.named_by_good):
            for claim_id, cells in self.unreported.get(ref, ()):
                if self.mentions.pop(claim_id, None):
                    self.unusable_mentions.add(claim_id)
                    cells.error("ref", "only_named_by_bad_claims")


def read_subjects(name: str, sheet: Sheet, reports: Reports, today: dt.date | None = None) -> Subjects:
    """Read `subjects.csv`. Keys are `bundle:NAME/REF`; a mention's claim id is `NAME/REF@REPORT_REF`."""
    today = today or dt.datetime.now(LONDON).date()
    subjects = Subjects()
    seen: dict[tuple[str, str], list[dict[str, str]]] = {}
    for cells in sheet.rows():
        ref, report_ref = cells.needed("ref"), cells.text("report_ref")
        subjects.all_named &= bool(ref)
        same = seen.setdefault((ref, report_ref), [])
        if cells.values in same:
            cells.warn("ref", "same_row_again")
            continue
        same.append(cells.values)
        # Other words of the same report for the same subject: all are kept, in the order given.
        claim_id = mention_id(name, ref, report_ref) + (f"~{len(same)}" if len(same) > 1 else "")
        mention = _mention(name, claim_id, cells, reports, today)
        record = _subject(name, ref, cells, subjects)
        if cells.is_bad or mention is None:
            subjects.unusable_mentions.add(claim_id)
            if ref not in subjects.records:
                subjects.unusable.add(ref)
            continue
        subjects.records[ref] = record
        subjects.mentions[claim_id] = mention
        if not report_ref:
            subjects.unreported.setdefault(ref, []).append((claim_id, cells))
    return subjects


def mention_id(name: str, ref: str, report_ref: str) -> str:
    """Give the claim id of what a report says of a subject. An @ in a reference is written so that no two ids can meet."""
    return f"{name}/{ref.replace('%', '%25').replace('@', '%40')}@{report_ref}"


def _subject(name: str, ref: str, cells: Cells, subjects: Subjects) -> SubjectRecord:
    kind, subkind = cells.needed("kind"), cells.text("subkind")
    if kind and kind not in BUNDLE_KINDS:
        cells.error("kind", "unknown_kind")
    record = SubjectRecord(f"bundle:{name}/{ref}", kind, subkind)
    before = subjects.records.get(ref)
    if before is None or cells.is_bad:
        return record
    if before.kind == kind:
        return before if before.subkind in INCIDENT_LABELS or subkind not in INCIDENT_LABELS else record
    if before.kind in PERSON_KINDS and kind in PERSON_KINDS:
        cells.warn("kind", "kind_differs")
        told = {before.kind, kind} - {"person"}
        return replace(before, kind=told.pop() if len(told) == 1 else "person")
    cells.error("kind", "two_kinds")
    return before


def _mention(name: str, claim_id: str, cells: Cells, reports: Reports, today: dt.date) -> MentionRecord | None:
    report_ref = cells.text("report_ref")
    report = reports.find(cells, "report_ref", report_ref)
    if report_ref and report is None:
        return None
    recorded = report.submitted_at if report else FAR_PAST
    latitude, longitude = _position(cells)
    attributes = cells.attributes()
    aliases, rest = _aliases(cells, attributes)
    return MentionRecord(
        claim_id=claim_id,
        subject_key=f"bundle:{name}/{cells.text('ref')}",
        report_key=report.record.key if report else None,
        sight=report.sight if report else WITH_SUBJECT,
        recorded_at=recorded,
        known_from=recorded,
        label=cells.text("label"),
        subkind=cells.text("subkind"),
        aliases=aliases,
        date_of_birth=date_of_birth(cells, today),
        latitude=latitude,
        longitude=longitude,
        attributes=rest,
    )


def _position(cells: Cells) -> tuple[float | None, float | None]:
    latitude = cells.number_in("latitude", 90, "latitude_out_of_range")
    longitude = cells.number_in("longitude", 180, "longitude_out_of_range")
    if latitude is not None and longitude is not None:
        return latitude, longitude
    if bool(cells.text("latitude")) != bool(cells.text("longitude")):
        cells.warn("latitude", "half_a_position")
    return None, None


def _aliases(cells: Cells, attributes: dict[str, Json]) -> tuple[tuple[str, ...], Mapping[str, Json]]:
    given = attributes.get("aliases")
    if given is None:
        return (), attributes
    if isinstance(given, list) and all(isinstance(alias, str) for alias in given):
        rest = {name: value for name, value in attributes.items() if name != "aliases"}
        return tuple(str(alias) for alias in given), rest
    cells.warn("attributes", "bad_aliases")
    return (), attributes
