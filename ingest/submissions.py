"""
Community Partnership Information (CPI) submissions: who and what was seen where, as submitted and as it may be shared further.

A submission is one report and one incident, with a row for each person it names. Association is never made of it: those who were there are present at
the incident, in the role that the form gives them. Source: Portsmouth MET Integrated Pathway, 18.3.
"""

import datetime as dt

from ingest.area import Area
from ingest.cleaners import clean_plate
from ingest.hashing import content_key
from ingest.partner_records import ReportRecords, holder, position_of
from ingest.partner_tables import CheckedRow
from ingest.records import Prepared
from ingest.rows import CpiRow
from queries.sight import sight_for

# What belongs to the submission and not to one of its people: the rows of one submission must agree on it.
_OF_THE_REPORT = (
    "agency", "submitted_at", "source_eval", "info_eval", "scheme", "handling", "conditions", "observed_from", "observed_to", "place",
    "postcode", "latitude", "longitude", "text", "sanitised_text", "sanitised_handling", "sanitised_conditions",
)  # fmt: skip
_OF_A_PERSON = (
    "person_name", "person_aliases", "person_kind", "date_of_birth", "person_role", "phone", "vehicle_registration",
    "vehicle_description",
)  # fmt: skip


def add_submissions(prepared: Prepared, rows: list[CheckedRow[CpiRow]], area: Area, now: dt.datetime) -> None:
    """Turn CPI rows into records; see the module."""
    together: dict[str, list[CheckedRow[CpiRow]]] = {}
    for row in rows:
        together.setdefault(f"{row.values.agency}:cpi/{row.values.cpi_ref}", []).append(row)
    for key, submission in sorted(together.items()):
        first = submission[0]
        agree = [row for row in submission if _same_report(first.values, row.values)]
        for row in submission:
            if row not in agree:
                row.error("cpi_ref", "repeated_reference")
        position = position_of(first, area, ("latitude", first.values.latitude), ("longitude", first.values.longitude))
        if first.number not in first.problems.bad_rows:
            report = _report(prepared, agree, key, now)
            incident = report.subject(key, "incident", label="Observation", subkind="sighting")
            when = (first.values.observed_from, first.values.observed_to)
            place = report.place("place", first.values.place, first.values.postcode, position)
            if place:
                report.claim("at", "AT", (incident, place), when, role="occurred")
            for row in agree:
                _add_person(report, row.values, incident)


def _same_report(first: CpiRow, other: CpiRow) -> bool:
    return all(getattr(first, column) == getattr(other, column) for column in _OF_THE_REPORT)


def _report(prepared: Prepared, rows: list[CheckedRow[CpiRow]], key: str, now: dt.datetime) -> ReportRecords:
    values = rows[0].values
    report = ReportRecords(prepared, rows[0], "cpi", key, now)
    parts = {}
    if values.sanitised_text:
        sight = sight_for(values.sanitised_handling, values.sanitised_conditions, holder(values.agency))
        parts["sanitised"] = (values.sanitised_text, sight)
    lines = [values.text] if values.text else []
    lines += rows[0].as_submitted(("observed_from", "observed_to", "place", "postcode", "latitude", "longitude"))
    for row in sorted(rows, key=lambda other: other.content):
        lines += row.as_submitted(_OF_A_PERSON)
    report.add_report("\n".join(lines), parts)
    return report


def _add_person(report: ReportRecords, values: CpiRow, incident: str) -> None:
    when = (values.observed_from, values.observed_to)
    person = ""
    if values.person_ref or values.person_name or values.person_aliases:
        person = report.person(
            values.person_ref,
            values.person_kind,
            values.person_name,
            aliases=values.person_aliases,
            date_of_birth=values.date_of_birth,
        )
        report.claim(f"involved/{person}", "INVOLVED_IN", (person, incident), when, role=values.person_role)
    if values.vehicle_registration or values.vehicle_description:
        vehicle = _vehicle(report, values)
        report.claim(f"involved/{vehicle}", "INVOLVED_IN", (vehicle, incident), when, role="present")
    if values.phone:
        phone = report.subject(
            f"{report.agency}:phone/{values.phone}",
            "account",
            label=values.phone,
            subkind="phone",
            attributes={"phone": values.phone},
        )
        if person:
            report.claim(f"uses/{person}/{phone}", "USES", (person, phone), (None, None), is_state=True)


def _vehicle(report: ReportRecords, values: CpiRow) -> str:
    """Add a vehicle. A whole plate is the sender's own name for it; a part of one could be many vehicles, and is a vehicle of this report alone."""
    plate, is_part, _ = clean_plate(values.vehicle_registration)
    key = (
        f"{report.agency}:vehicle/{plate}"
        if plate and not is_part
        else f"{report.key}/vehicle/{content_key([plate, values.vehicle_description])[:16]}"
    )
    label = " ".join(part for part in (values.vehicle_description, plate) if part)
    name = "part_registration" if is_part else "registration"
    return report.subject(
        key, "vehicle", label=label, attributes={name: plate, "description": values.vehicle_description}
    )
