"""
Rule packs (`data/packs/*.toml`): what follows from a band, how often a child has been missing, when a context is reviewed; each with its clause.

Days are calendar days in Europe/London.
"""

import calendar
import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from graph_service.pathway.errors import BeyondCalendarError, PathwayDataError
from graph_service.pathway.instruments import DATA
from graph_service.pathway.working_days import working_day_on_or_before
from queries.errors import ParameterError

_WEEK = dt.timedelta(weeks=1)
# The partnership's own pack, by which its contexts are reviewed.
CONTEXTS = "portsmouth"


@dataclass(frozen=True, slots=True)
class Pack:
    """One version of a partnership's rules."""

    name: str
    version: str
    title: str
    source: str
    bands: tuple[str, ...]
    follows: tuple[Mapping[str, Any], ...]
    frequent_missing: Mapping[str, Any]
    context_review: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Missing:
    """How many episodes began within a pack's period, and the category that the pack names for it. Empty: it names none."""

    episodes: int
    since: dt.date
    category: str
    text: str
    clause: str


@cache
def packs() -> dict[str, Pack]:
    """
    Give every rule pack by its name.

    Raises
    ------
    PathwayDataError
        If a data file does not say what it must.
    """
    found = {}
    for path in sorted((DATA / "packs").glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        try:
            pack = Pack(
                data["name"],
                data["version"],
                data["title"],
                data["source"],
                tuple(data["bands"]),
                tuple(data["follows"]),
                data["frequent_missing"],
                data.get("context_review"),
            )
        except KeyError as error:
            raise PathwayDataError(path.name, f"{error.args[0]} is missing") from None
        found[pack.name] = pack
    return found


def pack(name: str) -> Pack:
    """
    Give one rule pack.

    Raises
    ------
    ParameterError
        If there is none by this name.
    """
    if name not in packs():
        raise ParameterError("pack", f"choose one of {', '.join(packs())}")
    return packs()[name]


def follows(rules: Pack, band: str | None, at: dt.date) -> list[dict[str, Any]]:
    """
    Give what follows from a band judged on a day.

    Returns
    -------
    rows
        `{kind, what, due, earliest, by, repeats_weeks, clause}`: `kind` is tier, contact, meeting or review; `due` the last day (None: the pack
        gives no time), `earliest` the first where the pack gives a range, `by` the last working day up to `due` where that is another day and
        its bank holidays are held. Empty for no band, or one that the pack does not know.
    """
    return [_follow(rule, at) for rule in rules.follows if rule["band"] == band]


def context_review(rules: Pack, at: dt.date) -> dict[str, Any] | None:
    """Give when a context assessed on a day is to be reviewed, in the shape of `follows`; None where the pack says nothing of it."""
    rule = rules.context_review
    if rule is None:
        return None
    return _follow(
        {"kind": "review", "what": rule["text"], "weeks": rule["weeks"], "repeats": True, "clause": rule["clause"]}, at
    )


def contexts_reviewed() -> Mapping[str, Any]:
    """
    Give the rule by which the partnership reviews its contexts: `weeks`, `text` and `clause`.

    Raises
    ------
    PathwayDataError
        If its pack says nothing of it.
    """
    rule = pack(CONTEXTS).context_review
    if rule is None:
        raise PathwayDataError(f"{CONTEXTS}.toml", "context_review is missing")
    return rule


def missing(rules: Pack, began: Iterable[dt.date], at: dt.date) -> Missing:
    """Count the episodes that began within the pack's period up to and with a day, and name the category that they reach."""
    rule = rules.frequent_missing
    since = months_before(at, rule["months"]) if "months" in rule else at - dt.timedelta(days=rule["days"])
    number = sum(since < day <= at for day in began)
    reached = [count for count in rule["counts"] if number >= count]
    category = ""
    if reached:
        last = reached[-1] == rule["counts"][-1]
        category = f"{reached[-1]} or more times" if last else "once" if reached[-1] == 1 else f"{reached[-1]} times"
    return Missing(number, since, category, rule["text"], rule["clause"])


def months_before(day: dt.date, months: int) -> dt.date:
    """Give the same day of an earlier month, or its last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def windows(of: Iterable[Mapping[str, Any]], at: dt.date) -> list[dict[str, Any]]:
    """Give the windows of an instrument for a day of referral: name, title, clause, and `from` and `to`, both days within it."""
    found = []
    for window in of:
        ends = months_before(at, window["months_to"])
        if window["months_to"]:
            ends -= dt.timedelta(days=1)  # the day on which the later window begins belongs to that one
        found.append(
            {
                "name": window["name"],
                "title": window["title"],
                "clause": window["clause"],
                "from": months_before(at, window["months_from"]).isoformat(),
                "to": ends.isoformat(),
            }
        )
    return found


def _follow(rule: Mapping[str, Any], at: dt.date) -> dict[str, Any]:
    weeks = rule.get("weeks")
    due = at + weeks * _WEEK if weeks else None
    earliest = at + rule["earliest_weeks"] * _WEEK if "earliest_weeks" in rule else None
    return {
        "kind": rule["kind"],
        "what": rule["what"],
        "due": due.isoformat() if due else None,
        "earliest": earliest.isoformat() if earliest else None,
        "by": _by(due),
        "repeats_weeks": weeks if rule.get("repeats") else None,
        "clause": rule["clause"],
    }


def _by(due: dt.date | None) -> str | None:
    if due is None:
        return None
    try:
        day = working_day_on_or_before(due)
    except BeyondCalendarError:
        # The pack's own clock is in weeks; only the reminder of a working day is left out.
        return None
    return day.isoformat() if day != due else None
