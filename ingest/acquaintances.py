"""Lists of peers and family: two people a line, and how they know each other. Strengths and safe people are kept as equals of concerns."""

import datetime as dt
from typing import Final

from ingest.partner_records import ReportRecords
from ingest.partner_tables import CheckedRow, words
from ingest.records import Prepared
from ingest.rows import PeopleRow

_TOLD: Final = (
    "person_name", "person_kind", "person_date_of_birth", "relation", "tone", "other_name", "other_kind", "other_date_of_birth", "since", "until",
)  # fmt: skip


def add_acquaintances(prepared: Prepared, rows: list[CheckedRow[PeopleRow]], now: dt.datetime) -> None:
    """
    Turn lines of peer and family lists into records.

    Each line is a report of its own, under its list's number and its content, so that a line that is added to a list later changes no other.
    """
    seen: set[str] = set()
    for row in rows:
        values = row.values
        relation = " ".join(values.relation.lower().replace("_", " ").split())
        claim_type = next((name for name, others in words("relations").items() if relation in others), "")
        if not claim_type:
            row.error("relation", "unknown_type")
        for side in ("person", "other"):
            if not (getattr(values, f"{side}_ref") or getattr(values, f"{side}_name")):
                row.error(f"{side}_ref", "required")
        # Within a list the same line twice says nothing new; lines of no list at all are told apart by their ordinal.
        content = row.content.partition("-")[0] if values.list_ref else row.content
        key = f"{values.agency}:list/{values.list_ref or 'none'}/{content}"
        if key in seen:
            row.warn("list_ref", "same_row_again")
        if row.number in row.problems.bad_rows or key in seen:
            continue
        seen.add(key)
        report = ReportRecords(prepared, row, "observation", key, now)
        report.add_as_submitted(row, values.text, _TOLD)
        person = report.person(
            values.person_ref, values.person_kind, values.person_name, date_of_birth=values.person_date_of_birth
        )
        other = report.person(
            values.other_ref, values.other_kind, values.other_name, date_of_birth=values.other_date_of_birth
        )
        tone = values.tone or next((name for name, said in words("tones").items() if relation in said), "")
        report.claim(
            "relation",
            claim_type,
            (person, other),
            (values.since, values.until),
            role=tone if tone and claim_type != "FAMILY_OF" else relation,
            is_state=claim_type != "SEEN_WITH",
            attributes={"relation": relation, "tone": tone} if tone else {"relation": relation},
        )
