"""How the places of a layer change over equal windows: new, growing, persistent, fading or sporadic."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from queries.analysis.emerging import FEWEST_WINDOWS, Emerging, emerging_classes, hot_windows, mann_kendall
from queries.analysis.layers import (
    Count,
    Counted,
    children_of_incidents,
    counted,
    layer_rows,
    middle_of,
    require_children,
)
from queries.analysis.periods import end_of_day
from queries.errors import ParameterError
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, VisibleGraph

DAY_MS: Final = 86_400_000
MOST_WINDOWS: Final = 60
#: Months are not of one length: what is known to its month may enter windows of four weeks.
_SLACK_DAYS: Final = 3


@dataclass(frozen=True, slots=True)
class PlaceTrend(Counted):
    """
    A place (its position in the graph), its class, and what is counted in each window, oldest first.

    `z`, `p_value` and `q_value` are of Mann-Kendall's test for any trend; `slope` is Sen's, a window.
    """

    place: int
    kind: Emerging
    windows: tuple[int, ...]
    windows_hot: int
    hot_now: bool
    z: float
    p_value: float
    q_value: float
    slope: float


@dataclass(frozen=True, slots=True)
class Trends:
    """The places that stand out now or did, the start of each window and the end of the last (milliseconds UTC), and incidents without a time."""

    places: list[PlaceTrend]
    edges: tuple[int, ...]
    left_out: int


def emerging_places(
    graph: VisibleGraph,
    layer: str,
    *,
    happened_from: int,
    happened_to: int,
    count: Count = "events",
    window_days: int = 28,
    windows: int = 13,
) -> Trends:
    """
    Say of each place of a layer how it changes, those that matter now first.

    Parameters
    ----------
    graph
        What the viewer may see.
    layer
        One of `LAYERS`.
    happened_from, happened_to
        The period, milliseconds UTC. Windows are counted back from its end (an open end: the end of the day as known at) and end where it starts.
    count
        `children`: distinct children in each window.
    window_days, windows
        Length of a window, and at most how many.

    Raises
    ------
    ParameterError
        If an option cannot be used, or there are fewer than four windows.

    Notes
    -----
    An event is in the window that holds the middle of when it may have happened; one that is known no better than to a longer time than a
    window is in none. A place stands out in a window when it has more than an even spread of that window's events over all places of the
    layer would give it: the exact binomial tail, false discovery controlled over all places and windows. Only places that stand out at
    some time are tested for a trend: given a place's counts the test goes by their order alone, and whether any of them stands out
    hardly depends on their order, so that choosing makes no trends. See `queries.analysis.emerging` for the classes and the trend. Four
    weeks keep weekdays in proportion. `O(places * windows^2)`.
    """
    require_children(layer, count)
    if not 7 <= window_days <= 366:
        raise ParameterError("window_days", "use 7 to 366 days")
    if not FEWEST_WINDOWS <= windows <= MOST_WINDOWS:
        raise ParameterError("windows", f"use {FEWEST_WINDOWS} to {MOST_WINDOWS} windows")
    span = window_days * DAY_MS
    end = end_of_day(graph.known_at) if happened_to >= FAR_FUTURE_MS else happened_to
    if happened_from > FAR_PAST_MS:
        windows = min(windows, (end - happened_from) // span)
    if windows < FEWEST_WINDOWS:
        raise ParameterError(
            "from", f"give a period of {FEWEST_WINDOWS} windows of {window_days} days or more, or shorter windows"
        )
    start = end - windows * span
    claims = graph.claims
    inside: dict[int, list[list[int]]] = defaultdict(lambda: [[] for _ in range(windows)])
    missed: set[int] = set()
    for row in layer_rows(graph, layer, FAR_PAST_MS, FAR_FUTURE_MS):
        begins, ends = int(claims.happened_from[row]), int(claims.happened_to[row])
        middle = middle_of(begins, ends)
        vague = claims.time_known[row] not in {"exact", "about"} and ends - begins > span + _SLACK_DAYS * DAY_MS
        if middle is None or vague:
            missed.add(int(claims.a[row]))
        elif start <= middle < end:
            inside[int(claims.b[row])][(middle - start) // span].append(row)
    edges = tuple(start + number * span for number in range(windows + 1))
    if not inside:
        return Trends([], edges, len(missed))
    involved = children_of_incidents(graph)
    places = sorted(inside)
    counts = np.array(
        [[getattr(counted(graph, rows, involved), count) for rows in inside[place]] for place in places], np.float64
    )
    totals = counts.sum(axis=0)
    tails = np.asarray(stats.binom.sf(counts - 1, totals, 1 / len(places)), np.float64)
    hot = hot_windows(tails)
    stands = np.flatnonzero(hot.any(axis=1))
    places, counts = [places[at] for at in stands.tolist()], counts[stands]
    if not places:
        return Trends([], edges, len(missed))
    trend = mann_kendall(counts)
    classes = emerging_classes(counts, hot[stands], trend=trend)
    found = []
    for at, (place, change) in enumerate(zip(places, classes, strict=True)):
        here = counted(graph, [row for rows in inside[place] for row in rows], involved)
        found.append(
            PlaceTrend(
                *here.figures,
                place, change.kind, tuple(int(n) for n in counts[at]), change.windows_hot, change.hot_now,
                float(trend.z[at]), float(trend.p_value[at]), float(trend.q_value[at]), float(trend.slope[at]),
            )
        )  # fmt: skip
    order = list(Emerging)
    found.sort(key=lambda p: (not p.hot_now, order.index(p.kind), -p.windows[-1], -p.events, p.place))
    return Trends(found, edges, len(missed))
