"""A documented CSV file of each kind, with two example rows of invented people."""

import csv
import io
from typing import Final

from ingest.errors import UnknownKindError
from ingest.kinds import check_kind
from ingest.rows import ROWS

_EXAMPLES: Final[dict[str, tuple[dict[str, str], dict[str, str]]]] = {
    "missing": (
        {
            "agency": "police", "submitted_at": "01/05/2026 22:10", "handling": "P", "form": "missing", "report_ref": "PPN1-EX-001",
            "episode_ref": "EP-EX-001", "child_ref": "CH-EX-01", "child_name": "Ana Exampleby", "date_of_birth": "14/02/2011",
            "missing_since": "01/05/2026 19:30", "missing_from": "1 Example House", "missing_from_postcode": "PO1 2AL",
            "last_seen_at": "01/05/2026 19:10", "last_seen": "Guildhall Square", "last_seen_latitude": "50.7983",
            "last_seen_longitude": "-1.0925", "circumstances": "Left after tea and did not come back by the agreed time.",
        },
        {
            "agency": "police", "submitted_at": "02/05/2026 03:05", "handling": "P", "form": "located", "report_ref": "PPN1-EX-002",
            "episode_ref": "EP-EX-001", "child_ref": "CH-EX-01", "child_name": "Ana Exampleby", "date_of_birth": "14/02/2011",
            "located_at": "02/05/2026 02:40", "found_at": "Clarence Pier", "found_with": "Ben Madeupson",
            "circumstances": "Safe and well.",
        },
    ),
    "cpi": (
        {
            "agency": "youth", "submitted_at": "03/05/2026 10:00", "source_eval": "1", "info_eval": "B", "scheme": "3x5x2", "handling": "C",
            "conditions": "A1", "cpi_ref": "CPI-EX-001", "observed_from": "02/05/2026 21:00", "observed_to": "02/05/2026 21:30",
            "person_ref": "Y-EX-7", "person_name": "Ana Exampleby", "person_kind": "child", "person_role": "present",
            "place": "Bus stop by the Guildhall", "latitude": "50.7981", "longitude": "-1.0917",
            "text": "Ana was waiting with an adult whom staff did not know, beside a white car.",
            "sanitised_text": "A child was seen with an unknown adult near a bus stop.", "sanitised_handling": "P",
        },
        {
            "agency": "youth", "submitted_at": "03/05/2026 10:00", "source_eval": "1", "info_eval": "B", "scheme": "3x5x2", "handling": "C",
            "conditions": "A1", "cpi_ref": "CPI-EX-001", "observed_from": "02/05/2026 21:00", "observed_to": "02/05/2026 21:30",
            "person_name": "Adult Unknown", "person_kind": "adult", "person_role": "present", "vehicle_registration": "XX00 ???",
            "vehicle_description": "white hatchback", "place": "Bus stop by the Guildhall", "latitude": "50.7981", "longitude": "-1.0917",
            "text": "Ana was waiting with an adult whom staff did not know, beside a white car.",
            "sanitised_text": "A child was seen with an unknown adult near a bus stop.", "sanitised_handling": "P",
        },
    ),
    "conversation": (
        {
            "agency": "social_care", "submitted_at": "04/05/2026 16:00", "handling": "C", "conversation_ref": "RHC-EX-001",
            "episode_ref": "EP-EX-001", "child_ref": "SC-EX-01", "child_name": "Ana Exampleby", "date_of_birth": "14/02/2011",
            "offered_at": "02/05/2026 10:00", "held_at": "04/05/2026 11:30", "held_by": "Independent worker, Missing Children Team",
            "away_from": "01/05/2026 19:30", "away_to": "02/05/2026 02:40", "been_at": "Clarence Pier", "been_at_latitude": "50.7816",
            "been_at_longitude": "-1.0946", "other_places": "Bus stop by the Guildhall", "with_whom": "Ben Madeupson",
            "push_factors": "quarrel at the placement", "pull_factors": "messages from someone met online; free food",
            "safe_people": "Dee Pretendly", "text": "Ana said that nobody had asked before what would help.",
        },
        {
            "agency": "social_care", "submitted_at": "09/05/2026 09:15", "handling": "P", "conversation_ref": "RHC-EX-002",
            "child_ref": "SC-EX-02", "child_name": "Cal Invented", "offered_at": "08/05/2026 17:00",
            "text": "A conversation was offered and not wanted this time. It stays open.",
        },
    ),
    "assessment": (
        {
            "agency": "social_care", "submitted_at": "05/05/2026 12:00", "handling": "C", "assessment_ref": "AS-EX-001",
            "child_ref": "SC-EX-01", "child_name": "Ana Exampleby", "date_of_birth": "14/02/2011", "instrument": "CERAF",
            "assessed_at": "05/05/2026 11:00", "band": "low", "judgement": "medium",
            "judgement_reason": "The form is low; what Ana said about the messages makes the worry greater.", "police_grade": "low",
            "childrens_services_grade": "medium", "agreed_grade": "medium", "grading_reason": "The newer information weighs more.",
            "text": "Plan shared with the school.",
        },
        {
            "agency": "health", "submitted_at": "06/05/2026", "handling": "C", "assessment_ref": "AS-EX-002", "child_name": "Cal Invented",
            "instrument": "SERAF", "instrument_version": "2018", "assessed_at": "06/05/2026", "band": "6-10", "points": "7",
            "judgement": "low", "judgement_reason": "One of the points rests on a report that was withdrawn.",
        },
    ),
    "people": (
        {
            "agency": "education", "submitted_at": "04/05/2026", "handling": "P", "list_ref": "PEERS-EX-1", "person_ref": "P-EX-1",
            "person_name": "Ana Exampleby", "person_kind": "child", "relation": "friend", "tone": "neutral", "other_ref": "P-EX-2",
            "other_name": "Cal Invented", "other_kind": "child", "text": "Sit together at lunch.",
        },
        {
            "agency": "education", "submitted_at": "04/05/2026", "handling": "P", "list_ref": "PEERS-EX-1", "person_ref": "P-EX-1",
            "person_name": "Ana Exampleby", "person_kind": "child", "relation": "safe adult", "tone": "strength", "other_ref": "P-EX-9",
            "other_name": "Dee Pretendly", "other_kind": "adult", "text": "Ana talks to her form tutor.",
        },
    ),
}  # fmt: skip


def template(kind: str) -> str:
    """
    Give a CSV file of this kind that can be brought in as it is: its columns, and two example rows.

    Raises
    ------
    UnknownKindError
        If no kind has this name, or its columns are not ours to give.
    """
    check_kind(kind)
    if kind not in _EXAMPLES:
        raise UnknownKindError(
            f"{kind} has no template: docs/bundle.md describes a bundle, and data.police.uk publishes police-crime"
        )
    text = io.StringIO()
    writer = csv.DictWriter(text, list(ROWS[kind].model_fields), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(_EXAMPLES[kind])
    return text.getvalue()


def described(kind: str) -> dict[str, str]:
    """Give what each column of this kind means, in the order of the template."""
    check_kind(kind)
    row = ROWS.get(kind)
    return {name: info.description or "" for name, info in row.model_fields.items()} if row else {}
