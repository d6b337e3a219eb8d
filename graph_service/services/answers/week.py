"""`places.hours` and `places.compared`: when the events of a layer happen, and whether it is changing."""

import datetime as dt
from typing import Any, Final

from graph_service.services.answers.asked import Asked, iso
from graph_service.services.answers.withheld_week import parts_of_days, whole_compared
from queries.analysis.change import PlaceChange, compared, row_of
from queries.analysis.hours import WEEKDAYS, hours_of_the_week
from queries.analysis.layers import layer_rows
from queries.errors import ParameterError
from queries.projection import to_milliseconds

#: Weeks that are compared when no period is given: a quarter, in whole weeks so that no weekday is favoured.
_WEEKS: Final = 13


def hours(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `places.hours`, a row an hour of the week with anything in it, in order of the week."""
    if not asked.viewer.small_counts:
        return parts_of_days(asked)
    rows = layer_rows(asked.graph, asked.values["layer"], *asked.period_ms)
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


def compare(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `places.compared`: the whole layer first, then its places, the least likely by chance first."""
    if not asked.viewer.small_counts:
        return whole_compared(asked)
    before, after = _periods(asked)
    found = compared(
        asked.graph,
        asked.values["layer"],
        before=(to_milliseconds(before[0]), to_milliseconds(before[1])),
        after=(to_milliseconds(after[0]), to_milliseconds(after[1])),
    )
    given = {"from": iso(after[0]), "to": iso(after[1]), "previous_from": iso(before[0]), "previous_to": iso(before[1])}
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
        **row_of(one.change),
        "children_before": one.children_before,
        "children_after": one.children_after,
        "q_value": None if one.place is None else round(one.q_value, 9),
        "evidence": list(one.evidence),
    }
