"""`places.hours` and `places.compared`: when the events of a layer happen, and whether it is changing."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from graph_service.disclosure import suppress, suppress_table
from graph_service.services.answers.asked import Asked, iso
from queries.analysis.change import Change, PlaceChange, compared, tell_change
from queries.analysis.hotspots import ranked_places
from queries.analysis.hours import WEEKDAYS, hours_of_the_week
from queries.analysis.layers import layer_rows
from queries.errors import ParameterError
from queries.projection import to_milliseconds

#: Weeks that are compared when no period is given: a quarter, in whole weeks so that no weekday is favoured.
_WEEKS: Final = 13
_PARTS: Final = ((0, 6), (6, 12), (12, 18), (18, 24))
_PARTS_CAVEAT: Final = "Parts of a day, at the places whose counts are shown; small counts, and others that would give them away, are withheld."


def hours(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `places.hours`, a row an hour of the week with anything in it, in order of the week."""
    rows = layer_rows(asked.graph, asked.values["layer"], *asked.period_ms)
    if not asked.viewer.small_counts:
        return _parts_of_days(asked, rows)
    week = hours_of_the_week(asked.graph, rows)
    found = [
        {
            "weekday": WEEKDAYS[hour.weekday],
            "from_hour": hour.hour,
            "to_hour": hour.hour + 1,
            "events": hour.events,
            "children": hour.children,
            "reports": hour.reports,
            "evidence": list(hour.evidence),
        }
        for hour in week.hours
    ]
    caveats = []
    if week.without_an_hour:
        caveats.append(f"{week.without_an_hour} known only to a day or a month, or not timed, are in no hour.")
    return found, caveats


def _parts_of_days(asked: Asked, rows: Sequence[int]) -> tuple[list[dict[str, Any]], list[str]]:
    """Give six-hour parts of each day, of the events at places whose counts are shown, none of them to be worked out from the rest."""
    start, end = asked.period_ms
    shown = {
        place.place
        for place in ranked_places(asked.graph, asked.values["layer"], happened_from=start, happened_to=end)
        if suppress(place.events) is not None
    }
    claims = asked.graph.claims
    week = hours_of_the_week(asked.graph, [row for row in rows if int(claims.b[row]) in shown])
    table = [[0] * len(_PARTS) for _ in WEEKDAYS]
    for hour in week.hours:
        table[hour.weekday][hour.hour // 6] += hour.events
    kept = suppress_table(table).cells
    found: list[dict[str, Any]] = [
        {
            "weekday": name, "from_hour": begins, "to_hour": ends, "events": kept[day][part],
            "children": None, "reports": None, "evidence": [],
        }
        for day, name in enumerate(WEEKDAYS)
        for part, (begins, ends) in enumerate(_PARTS)
    ]  # fmt: skip
    return found, [_PARTS_CAVEAT]


def compare(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `places.compared`: the whole layer first, then its places, the least likely by chance first."""
    before, after = _periods(asked)
    found = compared(
        asked.graph,
        asked.values["layer"],
        before=(to_milliseconds(before[0]), to_milliseconds(before[1])),
        after=(to_milliseconds(after[0]), to_milliseconds(after[1])),
    )
    given = {"from": iso(after[0]), "to": iso(after[1]), "previous_from": iso(before[0]), "previous_to": iso(before[1])}
    if not asked.viewer.small_counts:
        return _whole_alone(found.whole, found.places, given)
    rows = [_row(asked, one, given) for one in (found.whole, *found.places)]
    caveats = []
    if found.untimed:
        caveats.append(f"{found.untimed} without a time are in neither period.")
    return rows, caveats


def _periods(asked: Asked) -> tuple[tuple[dt.datetime, dt.datetime], tuple[dt.datetime, dt.datetime]]:
    """Give the period before and the period asked about, with what was left out filled in from what was given."""
    values = asked.values
    length = dt.timedelta(weeks=_WEEKS)
    end = values["to"] or (values["from"] + length if values["from"] else asked.known_at)
    start = values["from"] or end - length
    if start >= end:
        raise ParameterError("to", "must be after from")
    previous_to = values["previous_to"] or (
        values["previous_from"] + (end - start) if values["previous_from"] else start
    )
    previous_from = values["previous_from"] or previous_to - (end - start)
    return (previous_from, previous_to), (start, end)


def _row(asked: Asked, one: PlaceChange, given: dict[str, Any]) -> dict[str, Any]:
    return {
        "place": None if one.place is None else asked.subject(one.place),
        **given,
        **_figures(one.change),
        "children_before": one.children_before,
        "children_after": one.children_after,
        "q_value": None if one.place is None else round(one.q_value, 9),
        "evidence": list(one.evidence),
    }


def _figures(change: Change) -> dict[str, Any]:
    return {
        "before": change.before,
        "after": change.after,
        "ratio": None if change.ratio is None else round(change.ratio, 4),
        "low": round(change.low, 4),
        "high": None if change.high is None else round(change.high, 4),
        "p_value": round(change.p_value, 9),
        "sentence": tell_change(change),
    }


def _whole_alone(
    whole: PlaceChange, places: Sequence[PlaceChange], given: dict[str, Any]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Give the whole layer alone, and each of its two counts only if neither is small and neither tells a withheld count of a place."""
    may_stand = total_may_stand([p.change.before for p in places]) and total_may_stand([p.change.after for p in places])
    figures = _figures(whole.change)
    if not may_stand or suppress(whole.change.before) is None or suppress(whole.change.after) is None:
        figures = {**dict.fromkeys(figures), "sentence": "Too few to show, or too few places to show them by."}
    row = {"place": None, **given, **figures, "children_before": None, "children_after": None, "q_value": None}
    return [{**row, "evidence": []}], ["Counts below 5 are withheld, and places are not compared one by one."]


def total_may_stand(parts: Sequence[int]) -> bool:
    """
    Say whether a total may stand beside parts of which those below 5 are withheld.

    A reader knows that each withheld part is 1 to 4, and what they come to. It may stand when each of them could then still be any of the four.
    """
    hidden = [part for part in parts if part and suppress(part) is None]
    others, total = len(hidden) - 1, sum(hidden)
    return not hidden or 4 + others <= total <= 1 + 4 * others
