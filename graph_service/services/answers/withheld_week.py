"""`places.hours` and `places.compared` for those who may not open records: rounded down to fives, or made from the published table of places."""

from typing import Any, Final

import numpy as np

from graph_service.disclosure import rounded_down
from graph_service.services.answers.asked import Asked, iso
from graph_service.services.answers.publication import told_of, window_of
from graph_service.services.answers.withheld import events_in
from queries.analysis.change import Change, change_of, row_of
from queries.analysis.hours import WEEKDAYS, hours_of_the_week
from queries.analysis.layers import layer_rows, middle_of
from queries.analysis.published import published_places
from queries.analysis.quarters import FIRST_QUARTER, Window, days_of, quarter_of, quarters_of, span_of
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, Ints, to_milliseconds

_PARTS: Final = ((0, 6), (6, 12), (12, 18), (18, 24))
_ROUNDED: Final = "Parts of a day, rounded down to fives: 10 is 10 to 14. What is below 5 is withheld."
_BY_QUARTERS: Final = (
    "Compared are the places with a published figure in each of these quarters, taken together and not one by one."
)
_TOO_FEW: Final = "Too few to show, or too few places to show them by."


def parts_of_days(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Give six-hour parts of each day, rounded down to fives: then neither two windows nor two moments can be subtracted to fewer."""
    window, claims = window_of(asked.values), asked.graph.claims
    rows: Ints = np.array(layer_rows(asked.graph, asked.values["layer"], FAR_PAST_MS, FAR_FUTURE_MS), np.int64)
    if not window.is_whole:
        middles = [middle_of(int(claims.happened_from[row]), int(claims.happened_to[row])) for row in rows]
        quarters = quarters_of(np.array([FAR_PAST_MS if at is None else at for at in middles], np.int64))
        rows = rows[[quarter in window for quarter in quarters.tolist()]] if len(rows) else rows
    table = [[0] * len(_PARTS) for _ in WEEKDAYS]
    for hour in hours_of_the_week(asked.graph, rows.tolist()).hours:
        table[hour.weekday][hour.hour // 6] += hour.events
    found: list[dict[str, Any]] = [
        {
            "weekday": name, "from_hour": begins, "to_hour": ends, "events": rounded_down(table[day][part]),
            "children": None, "reports": None, "evidence": [],
        }
        for day, name in enumerate(WEEKDAYS)
        for part, (begins, ends) in enumerate(_PARTS)
    ]  # fmt: skip
    return found, [told_of(window), _ROUNDED]


def whole_compared(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Compare a layer in two runs of quarters, by the places that have a published figure in each of those quarters."""
    before, after = _windows(asked)
    quarters = range(before[0], before[1] + 1), range(after[0], after[1] + 1)
    needed = {*quarters[0], *quarters[1]}
    places = [
        place for place in published_places(asked.graph, asked.values["layer"]) if needed <= place.quarters.keys()
    ]
    counts = [sum(events_in(place, Window(*window)) or 0 for place in places) for window in (before, after)]
    spans = [(span_of(first)[0], span_of(last)[1]) for first, last in (before, after)]
    change = change_of(
        *counts, span_before=float(spans[0][1] - spans[0][0]), span_after=float(spans[1][1] - spans[1][0])
    )
    row = {
        "place": None, "from": iso(spans[1][0]), "to": iso(spans[1][1]), "previous_from": iso(spans[0][0]), "previous_to": iso(spans[0][1]),
        **_figures(change, shown=bool(places)), "children_before": None, "children_after": None, "q_value": None, "evidence": [],
    }  # fmt: skip
    told = f"Figures for your role are published by calendar quarter: this compares {days_of(*after)} with {days_of(*before)}."
    return [row], [told, _BY_QUARTERS]


def _figures(change: Change, *, shown: bool) -> dict[str, Any]:
    told = row_of(change)
    return told if shown else {**dict.fromkeys(told), "sentence": _TOO_FEW}


def _windows(asked: Asked) -> tuple[tuple[int, int], tuple[int, int]]:
    """Give the quarters before and the quarters asked about: the last full one, where no date is given, and as many before as are asked about."""
    asked_for = window_of(asked.values)
    now = quarter_of(to_milliseconds(asked.known_at))
    last = asked_for.last if asked_for.last is not None else asked_for.first if asked_for.first is not None else now - 1
    first = asked_for.first if asked_for.first is not None else last
    first = max(first, FIRST_QUARTER + last - first + 1)
    after = first, max(first, last)
    earlier = window_of(asked.values, "previous_from", "previous_to")
    length = after[1] - after[0]
    end = (
        earlier.last if earlier.last is not None else after[0] - 1 if earlier.first is None else earlier.first + length
    )
    before = (earlier.first if earlier.first is not None else end - length), end
    if before[0] < FIRST_QUARTER or max(before[0], after[0]) <= min(before[1], after[1]):
        # Dates that fell in one quarter cannot be compared: the quarters just before can.
        before = after[0] - length - 1, after[0] - 1
    return before, after
