"""
Return Home Conversations: where the child had been, with whom, what pushed and pulled, and whom the child feels safe with.

A conversation is one report. The time away is the sender's own episode where a number is given, else an incident of the conversation alone; those
who were there are present at it, and where it was is where it occurred. It opens and closes no episode: only police reports of missing and
located do that. What pushed and pulled stands, in coded words, on the claim that the
child was away. Safe people are kept as strengths. Source: Portsmouth MET Integrated Pathway, 9.8 and 9.10.
"""

import datetime as dt
from typing import Final

from ingest.area import Area
from ingest.factor_words import codes_of
from ingest.partner_records import Position, ReportRecords, is_new, position_of
from ingest.partner_tables import CheckedRow
from ingest.records import Prepared
from ingest.rows import ConversationRow, PartnerRow
from queries.records import Json
from queries.vocabulary import FACTOR_LABELS

# What is on the report itself, or is its text already.
_NOT_TOLD: Final = frozenset({*PartnerRow.model_fields, "conversation_ref", "episode_ref", "child_ref", "text"})


def add_conversations(
    prepared: Prepared, rows: list[CheckedRow[ConversationRow]], area: Area, now: dt.datetime
) -> None:
    """Turn rows of conversations into records; see the module."""
    seen: dict[str, str] = {}
    for row in rows:
        values = row.values
        key = f"{values.agency}:conversation/{values.conversation_ref or row.content}"
        if not is_new(row, key, "conversation_ref", seen):
            continue
        if not (values.child_ref or values.child_name):
            row.error("child_ref", "required")
        if values.offered_at is None and values.held_at is None:
            row.error("offered_at", "required")
        position = position_of(
            row, area, ("been_at_latitude", values.been_at_latitude), ("been_at_longitude", values.been_at_longitude)
        )
        if values.away_from and values.away_to and values.away_to.latest < values.away_from.earliest:
            row.warn("away_to", "ends_before_it_starts")
        if row.number not in row.problems.bad_rows:
            _add(prepared, row, key, position, now)


def _add(prepared: Prepared, row: CheckedRow[ConversationRow], key: str, position: Position, now: dt.datetime) -> None:
    values = row.values
    report = ReportRecords(prepared, row, "return_conversation", key, now)
    report.add_as_submitted(row, values.text, (name for name in row.cells if name not in _NOT_TOLD))
    child = report.person(values.child_ref, "child", values.child_name, date_of_birth=values.date_of_birth)
    told: dict[str, Json] = {
        "conversation_offered": values.offered_at.earliest.isoformat() if values.offered_at else "",
        "conversation_held": values.held_at.earliest.isoformat() if values.held_at else "",
        "conversation_by": values.held_by,
    }
    away = report.subject(
        f"{values.agency}:episode/{values.episode_ref}" if values.episode_ref else f"{key}/away",
        "incident",
        label="Missing episode" if values.episode_ref else "Time away, told in a Return Home Conversation",
        subkind="missing_episode" if values.episode_ref else "return_conversation",
        attributes=told,
    )
    # The child was back when a conversation was offered: without other times it was some time before that.
    back = values.away_to or (None if values.away_from else values.offered_at or values.held_at)
    when = (values.away_from, back)
    report.claim("child", "INVOLVED_IN", (child, away), when, role="present", attributes=_why(row))
    place = report.place("been_at", values.been_at, values.been_at_postcode, position)
    places = [place] if place else []
    places += [report.place(f"been_at/{n}", name, "", Position()) for n, name in enumerate(values.other_places, 2)]
    for number, key_of_place in enumerate(places, 1):
        report.claim(f"been_at/{number}", "AT", (away, key_of_place), when, role="occurred")
    for name in values.with_whom:
        other = report.person("", "person", name)
        report.claim(f"with/{other.rpartition('/')[2]}", "INVOLVED_IN", (other, away), when, role="present")
    for name in values.safe_people:
        safe = report.person("", "person", name)
        report.claim(
            f"safe/{safe.rpartition('/')[2]}",
            "KNOWS",
            (child, safe),
            (values.held_at or values.offered_at, None),
            role="strength",
            is_state=True,
            attributes={"relation": "safe person", "tone": "strength"},
        )


def _why(row: CheckedRow[ConversationRow]) -> dict[str, Json]:
    """
    Give what stands on the claim that the child was away: when the conversation was held, and its push and pull factors as coded words.

    What has no coded word is told to the sender and stays in the text of the report: a free text could name somebody.
    """
    values = row.values
    told: dict[str, Json] = {"conversation_held": values.held_at.earliest.isoformat()} if values.held_at else {}
    for column, said in (("push_factors", values.push_factors), ("pull_factors", values.pull_factors)):
        direction = column.removesuffix("_factors")
        found = [codes_of(direction, text) for text in said]
        if not all(found):
            row.warn(column, "no_coded_word")
        if codes := set().union(*found):
            told[column] = [code for code in FACTOR_LABELS[direction] if code in codes]
    return told
