"""
At which hours of the week things happen, by the clock of London.

Caveat in plain English: an hour is when reports say that it happened, which may be when it was noticed; what is known only to the day or the
month is in no hour.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from queries.analysis.layers import Counted, children_of_incidents, counted, timed
from queries.projection import VisibleGraph, to_instant

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LONDON: Final = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class Hour(Counted):
    """One hour of the week: `weekday` 0 is Monday, `hour` 0 to 23 is the one that begins then; and what is counted in it."""

    weekday: int
    hour: int


@dataclass(frozen=True, slots=True)
class Week:
    """The hours with anything in them, in order of the week, and how many incidents have no hour."""

    hours: list[Hour]
    without_an_hour: int


def hours_of_the_week(graph: VisibleGraph, rows: Iterable[int]) -> Week:
    """
    Count the incidents of some `AT` claims by the hour of the week at which they happened.

    An incident is in one hour: that of its earliest claim whose time is `exact` or `about`. By the clock of London, so that an evening is
    an evening in summer and winter; in the hour that autumn repeats, both count as one hour. `O(n log n)`.
    """
    given = list(rows)
    claims = graph.claims
    of_incident: dict[int, list[int]] = defaultdict(list)
    for row in timed(graph, given):
        of_incident[int(claims.a[row])].append(row)
    inside: dict[tuple[int, int], list[int]] = defaultdict(list)
    for known in of_incident.values():
        when = _in_london(min(int(claims.happened_from[row]) for row in known))
        inside[when.weekday(), when.hour] += known
    involved = children_of_incidents(graph)
    hours = []
    for (weekday, hour), found in sorted(inside.items()):
        here = counted(graph, found, involved)
        hours.append(
            Hour(
                *here.figures, weekday, hour
            )
        )  # fmt: skip
    return Week(hours, len({int(claims.a[row]) for row in given}) - len(of_incident))


def _in_london(milliseconds: int) -> dt.datetime:
    return to_instant(milliseconds).astimezone(_LONDON)
