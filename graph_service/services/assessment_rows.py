"""Assessments of a person as rows: what is checked before one is kept, and how one that is kept, or came by a file, is shown."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, Final

from graph_service.pathway import packs
from graph_service.pathway.instruments import Answers, Instrument, instruments
from graph_service.pathway.scores import UNDEFINED, age_on
from graph_service.services.answers.asked import iso
from graph_service.services.parameters import LONDON
from graph_service.store.work import WorkRow
from queries.errors import ParameterError
from queries.sight import Sight, sight_for
from queries.vocabulary import KNOWN_CONDITIONS

LONGEST_REASON: Final = 4_000
_GRADES: Final = ("police", "childrens_services", "agreed")
_NAMED_TEXTS: Final = ("judgement", "grading")


def day_of(given: Mapping[str, Any], name: str, today: dt.date) -> dt.date:
    """Read the day that an assessment is about (London); today where none is given."""
    value = given.get(name) or today
    if isinstance(value, str):
        try:
            value = dt.date.fromisoformat(value)
        except ValueError:
            raise ParameterError(name, "use a date such as 2026-11-18") from None
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise ParameterError(name, "use a date such as 2026-11-18")
    if not dt.date(1990, 1, 1) <= value <= today:
        raise ParameterError(name, "use a day that is not after today")
    return value


def text_of(given: Mapping[str, Any], name: str, field: str, *, needed: str = "", most: int = LONGEST_REASON) -> str:
    """Read a free text; `field` names it in errors, `needed` says what is missing where it may not be blank."""
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise ParameterError(field, "enter a text")
    text = (value or "").strip()
    if len(text) > most:
        raise ParameterError(field, f"enter at most {most:,} characters")
    if needed and not text:
        raise ParameterError(field, needed)
    return text


def part_of(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Read a part that is itself an object; none is an empty one."""
    value = given.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ParameterError(name, "give an object with its fields")
    return value


def judgement_of(given: Mapping[str, Any], asked: Instrument) -> dict[str, str]:
    """Read the practitioner's judgement: a band and its reason, both needed, whatever the score says."""
    part = part_of(given, "judgement")
    band = _band(part, "band", "judgement_band", asked.judged_bands)
    if not band:
        raise ParameterError("judgement_band", "choose the band that you judge it to be; the score does not decide")
    reason = text_of(part, "reason", "judgement_reason", needed="say why, in your own words; it stands beside the band")
    return {"band": band, "reason": reason}


def grading_of(given: Mapping[str, Any], asked: Instrument) -> dict[str, str]:
    """
    Read the grades of police and of children's services, the agreed grade and the reason for it.

    An agreed grade needs the two that it was agreed from, and the reason. Source: 001, MET Operational Group.
    """
    part = part_of(given, "grading")
    found = {name: _band(part, name, name, asked.judged_bands) for name in _GRADES}
    found["reason"] = text_of(part, "reason", "grading_reason")
    if found["agreed"]:
        for name, words in (("police", "the police grade"), ("childrens_services", "the grade of children's services")):
            if not found[name]:
                raise ParameterError(name, f"give {words} that the agreed grade was agreed from")
        if not found["reason"]:
            raise ParameterError("grading_reason", "say why this grade was agreed")
    return found


def sight_of(given: Mapping[str, Any], agency: str, held: frozenset[str]) -> tuple[Sight, tuple[str, ...]]:
    """
    Give the sight of an assessment and its conditions.

    It is handled C: open to those cleared for C, to the agency that recorded it, and to the MET coordinator, who has to schedule its review. With
    conditions it is open to those who hold C and every one of them, and to nobody else; only conditions that the writer holds can be set.
    """
    conditions = given.get("conditions") or ()
    if isinstance(conditions, str):
        conditions = conditions.split(";")
    if not isinstance(conditions, list | tuple) or not all(isinstance(word, str) for word in conditions):
        raise ParameterError("conditions", f"give a list of {', '.join(sorted(KNOWN_CONDITIONS))}, or none")
    named = tuple(sorted({word.strip() for word in conditions if word.strip()}))
    if not KNOWN_CONDITIONS.issuperset(named):
        raise ParameterError("conditions", f"use some of {', '.join(sorted(KNOWN_CONDITIONS))}, or none")
    if named:
        if not {"handling:C", *(f"condition:{word}" for word in named)} <= held:
            raise ParameterError("conditions", "you can set only conditions that you hold yourself")
        return sight_for("C", named, agency), named
    return Sight.any_of({"handling:C"}, {f"agency:{agency}"}, {"role:coordinator"}), ()


def answered(asked: Instrument, answers: Answers) -> list[dict[str, Any]]:
    """Give what was answered with its words, as they stood when it was recorded: a form may be another later."""
    return [
        {
            "group": group.title,
            "name": item.name,
            "label": item.label,
            "clause": item.clause,
            "answer": answers[item.name],
        }
        for group in asked.groups
        for item in group.items
        if item.name in answers
    ]


def from_work(row: WorkRow, born: dt.date | None, *, with_text: bool) -> dict[str, Any]:
    """Show an assessment that was recorded here. Without text (for audiences under pseudonyms) reasons and notes are left out."""
    kept: dict[str, Any] = row.content
    at = dt.date.fromisoformat(kept["at"])
    found = {
        "uid": row.thing.partition(":")[2],
        "instrument": kept["instrument"],
        "title": kept["title"],
        "version": kept["version"],
        "by": kept["by"] if with_text else "",
        "agency": row.agency,
        "at": kept["at"],
        "recorded_at": iso(row.recorded_at),
        "correction": row.version,
        "why": row.reason if with_text else "",
        "answers": kept["answers"],
        "answered": kept["answered"],
        "score": kept["score"],
        "judgement": {**kept["judgement"], "by": kept["by"]},
        "grading": kept["grading"],
        "follows": kept["follows"],
        "pack": kept["pack"],
        "windows": kept["windows"],
        "text": kept["text"],
        "age": age_on(born, at),
        "handling": row.handling,
        "conditions": kept["conditions"],
        "source": "recorded here",
        "report": None,
    }
    return found if with_text else _without_text(found)


def withdrawal(row: WorkRow) -> dict[str, Any]:
    """Give the content of the version that withdraws an assessment: which it was, and nothing of what it said."""
    return {"withdrawn": True, **{name: row.content[name] for name in ("instrument", "title", "version", "at", "by")}}


def is_withdrawn(row: WorkRow) -> bool:
    """Say whether this version withdraws the assessment."""
    return bool(row.content.get("withdrawn"))


def as_withdrawn(row: WorkRow, *, with_text: bool) -> dict[str, Any]:
    """Show that an assessment was withdrawn, by which agency, when and why; without text the reason and the names are left out."""
    return {
        "uid": row.thing.partition(":")[2],
        **{name: row.content[name] for name in ("instrument", "title", "version", "at")},
        "by": row.content["by"] if with_text else "",
        "agency": row.agency,
        "withdrawn_at": iso(row.recorded_at),
        "why": row.reason if with_text else "",
        "correction": row.version,
        "handling": row.handling,
    }


def from_file(mention: Mapping[str, Any], report: Mapping[str, Any], born: dt.date | None) -> dict[str, Any] | None:
    """Show an assessment that came by a partner's file; None where a mention is of none. Its words are the sender's own."""
    said = json.loads(mention["attributes"]) if mention["attributes"] else {}
    if not said.get("assessed_with"):
        return None
    at = dt.date.fromisoformat(said["assessed_on"])
    known = {one.title.casefold(): one for one in instruments().values()}.get(said["assessed_with"].casefold())
    grading = {
        "police": said.get("assessed_police", ""),
        "childrens_services": said.get("assessed_childrens_services", ""),
        "agreed": said.get("assessed_agreed", ""),
        "reason": said.get("assessed_grading_reason", ""),
    }
    judged = said.get("assessed_judgement", "")
    band, points = said.get("assessed_band", ""), said.get("assessed_points", "")
    told = (
        f"The form's own band, as its sender gives it: {band}" if band else "Its sender gives no band of the form's own"
    )
    return {
        "uid": mention["report_id"],
        "instrument": known.name if known else said["assessed_with"],
        "title": said["assessed_with"],
        "version": said.get("assessed_version", ""),
        "by": "",
        "agency": report["agency"],
        "at": said["assessed_on"],
        "recorded_at": iso(mention["recorded_at"]),
        "correction": 1,
        "why": "",
        "answers": {},
        "answered": [],
        "score": {
            "band": band or None,
            "points": int(points) if points.isdecimal() else None,
            "undefined": not band,
            "at_least": False,
            "because": [
                {"text": told, "clause": "as submitted"},
                *([] if band else [{"text": UNDEFINED, "clause": "as submitted"}]),
            ],
        },
        "judgement": {"band": judged, "reason": said.get("assessed_reason", ""), "by": ""},
        "grading": grading,
        "follows": packs.follows(packs.pack(known.pack), grading["agreed"] or judged, at) if known else [],
        "pack": known.pack if known else "",
        "windows": packs.windows(known.windows, at) if known else [],
        "text": "",
        "age": age_on(born, at),
        "handling": report["handling"],
        "conditions": list(report["conditions"] or ()),
        "source": "a partner's file",
        "report": mention["report_id"],
    }


def bounds(at: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Give the instants (UTC, half-open) of a day in London."""
    start = dt.datetime.combine(at, dt.time(), LONDON)
    end = dt.datetime.combine(at + dt.timedelta(days=1), dt.time(), LONDON)
    return start.astimezone(dt.UTC), end.astimezone(dt.UTC)


def _without_text(row: dict[str, Any]) -> dict[str, Any]:
    # What is no word of a form was typed, however short: a first name is.
    chosen = {word for one in instruments().values() for item in one.items.values() for word in item.choices}
    free = {one["name"] for one in row["answered"] if isinstance(one["answer"], str) and one["answer"] not in chosen}
    return {
        **row,
        **{name: {**row[name], "reason": ""} for name in _NAMED_TEXTS},
        "judgement": {**row["judgement"], "reason": "", "by": ""},
        "text": "",
        "answers": {name: answer for name, answer in row["answers"].items() if name not in free},
        "answered": [one for one in row["answered"] if one["name"] not in free],
    }


def _band(part: Mapping[str, Any], name: str, field: str, bands: tuple[str, ...]) -> str:
    value = part.get(name) or ""
    if value and value not in bands:
        raise ParameterError(field, f"choose one of {', '.join(bands)}")
    return str(value)
