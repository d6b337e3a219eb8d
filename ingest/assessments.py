"""
Assessments recorded elsewhere: the tool, the form's own band, the practitioner's judgement beside it, and the grading that agencies agreed.

An assessment is one report of the kind `assessment`, so that what it says is a judgement and no fact (DPA 2018 s.38). It makes no claim between
subjects: what it says of the child is its mention. Nothing is scored here, and none of its bands becomes an attribute of the child.
Source: Portsmouth MET Integrated Pathway, 7.2; MET Strategy 2018-20, MET Operational Group.
"""

import datetime as dt
from typing import Final

from ingest.partner_records import ReportRecords, is_new
from ingest.partner_tables import CheckedRow
from ingest.records import Prepared
from ingest.rows import AssessmentRow, PartnerRow
from ingest.times import LONDON
from queries.records import Json

# What is on the report itself, or is its text already.
_NOT_TOLD: Final = frozenset({*PartnerRow.model_fields, "assessment_ref", "child_ref", "text"})


def add_assessments(prepared: Prepared, rows: list[CheckedRow[AssessmentRow]], now: dt.datetime) -> None:
    """Turn rows of assessments into records; see the module."""
    seen: dict[str, str] = {}
    for row in rows:
        values = row.values
        key = f"{values.agency}:assessment/{values.assessment_ref or row.content}"
        if not is_new(row, key, "assessment_ref", seen):
            continue
        if not (values.child_ref or values.child_name):
            row.error("child_ref", "required")
        if values.judgement and not (values.judgement_reason or values.text):
            row.warn("judgement_reason", "no_reason")
        if values.agreed_grade and not values.grading_reason:
            row.warn("grading_reason", "no_reason")
        if row.number in row.problems.bad_rows:
            continue
        report = ReportRecords(prepared, row, "assessment", key, now)
        report.add_as_submitted(row, values.text, (name for name in row.cells if name not in _NOT_TOLD))
        who = f"{values.agency}:person/{values.child_ref}" if values.child_ref else f"{key}/person"
        said: dict[str, Json] = {
            "assessed_with": values.instrument,
            "assessed_version": values.instrument_version,
            "assessed_on": values.assessed_at.earliest.astimezone(LONDON).date().isoformat(),
            "assessed_band": values.band,
            "assessed_points": values.points,
            "assessed_judgement": values.judgement,
            "assessed_reason": values.judgement_reason,
            "assessed_police": values.police_grade,
            "assessed_childrens_services": values.childrens_services_grade,
            "assessed_agreed": values.agreed_grade,
            "assessed_grading_reason": values.grading_reason,
        }
        report.subject(who, "child", label=values.child_name, date_of_birth=values.date_of_birth, attributes=said)
