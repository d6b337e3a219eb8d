"""
Bursts of a layer in space and time: clusters by density (ST-DBSCAN), and the places and weeks that stand out from their own totals (scan).

Both need the day, so only claims whose time is `exact` or `about` come in. An incident at a place is one event, however many reports tell of it.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from queries.analysis.clusters import clusters_of
from queries.analysis.layers import (
    Count,
    Counted,
    children_of_incidents,
    counted,
    layer_rows,
    once_a_child,
    one_each,
    require_children,
    timed,
    with_position,
)
from queries.analysis.periods import end_of_day
from queries.analysis.scan import MOST_NEIGHBOURS, REPLICATES, Mode, permutation_scan
from queries.errors import ParameterError
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, Floats, VisibleGraph

WEEK_MS: Final = 7 * 86_400_000
#: What a burst may have come about by in chance data before it is listed.
SIGNIFICANT: Final = 0.05
#: Of a place with many others near it; 199 tell a p-value of 0.05 within 0.03, and none below 0.005.
FEWER_REPLICATES: Final = 199
#: Places times circles times windows up to which all `REPLICATES` are a matter of a second or two.
_SOON: Final = 10_000_000
#: One seed, so that the same events give the same answer to everybody; the replicates differ by their number.
_SEED: Final = 20_050_208
_MOST_WEEKS: Final = 520


@dataclass(frozen=True, slots=True)
class ClusterFound(Counted):
    """
    Events close in space and time: middle (metres, EPSG:27700), how far its furthest event is, first and last (milliseconds UTC), its places.

    `usual` is what its places would have from its first to its last event if the layer's weeks were theirs: the events of its places in the
    period times the share of all events that fell in that time. `by_chance` is how many clusters with so many more to expect by chance.
    """

    easting: float
    northing: float
    radius_metres: float
    first: int
    last: int
    places: tuple[int, ...]
    usual: float
    by_chance: float


@dataclass(frozen=True, slots=True)
class BurstFound(Counted):
    """
    A circle of places and some weeks (`first` to `end`, milliseconds UTC) with more events than the totals of both explain.

    `centre` and `places` are positions in the graph. `p_value` is by rank among the replicates.
    """

    centre: int
    places: tuple[int, ...]
    radius_metres: float
    first: int
    end: int
    observed: int
    expected: float
    log_likelihood_ratio: float
    p_value: float


@dataclass(frozen=True)
class _Events:
    """The events that a test of days may use: a claim each, all its claims, and where (metres)."""

    rows: list[int]
    told: dict[int, list[int]]
    metres: Floats
    left_out: int


def cluster_hotspots(
    graph: VisibleGraph,
    layer: str,
    *,
    happened_from: int,
    happened_to: int,
    count: Count = "events",
    eps_metres: float = 250,
    eps_days: float = 14,
    min_events: int = 5,
) -> tuple[list[ClusterFound], int]:
    """
    Give the clusters of a layer, and how many incidents have no day and are left out.

    Those that chance would seldom make come first, then those with most. Where much is recorded, most clusters are what any busy place has:
    the two distances know nothing of how busy.

    Parameters
    ----------
    graph
        What the viewer may see.
    layer
        One of `LAYERS`.
    happened_from, happened_to
        The period, half-open, milliseconds UTC.
    count
        `children`: each child once a place, at the first event there.
    eps_metres, eps_days, min_events
        See `queries.analysis.clusters.labels_of`.

    Raises
    ------
    ParameterError
        If an option cannot be used, or no event of the layer has a day.

    Notes
    -----
    `by_chance` is the Poisson tail of as many events where `usual` are expected, times the number of events (each could begin a cluster); at
    most that number. Places and days are chosen by the clustering itself, so that it orders and is no p-value: the scan has one.
    """
    events = _events(graph, layer, happened_from, happened_to, count)
    claims, involved = graph.claims, children_of_incidents(graph)
    at_place = Counter(int(claims.b[row]) for row in events.rows)
    times = np.array([int(claims.happened_from[row]) for row in events.rows], np.int64)
    in_order = np.sort(times)
    found = []
    for cluster in clusters_of(
        events.metres, times, eps_metres=eps_metres, eps_days=eps_days, min_events=min_events
    ):  # fmt: skip
        first_claims = [events.rows[member] for member in cluster.members]
        here = counted(graph, [row for first in first_claims for row in events.told[first]], involved)
        spots = events.metres[list(cluster.members)]
        radius = float(np.hypot(*(spots - np.array(cluster.centre)).T).max())
        places = tuple(sorted({int(claims.b[row]) for row in first_claims}))
        begun, over = np.searchsorted(in_order, cluster.first), np.searchsorted(in_order, cluster.last, side="right")
        usual = sum(at_place[at] for at in places) * float(over - begun) / len(times)
        by_chance = float(stats.poisson.sf(len(first_claims) - 1, usual) * len(times))
        found.append(
            ClusterFound(
                *here.figures,
                *cluster.centre, radius, cluster.first, cluster.last, places, usual, by_chance,
            )
        )  # fmt: skip
    found.sort(key=lambda c: (c.by_chance >= SIGNIFICANT, -getattr(c, count), -c.events, c.first, c.places))
    return found, events.left_out


def scan_hotspots(
    graph: VisibleGraph,
    layer: str,
    *,
    happened_from: int,
    happened_to: int,
    count: Count = "events",
    mode: Mode = "retrospective",
    longest_weeks: int = 16,
    most_metres: float = 1000,
    replicates: int | None = None,
    significant: float = SIGNIFICANT,
) -> tuple[list[BurstFound], int]:
    """
    Give the bursts of a layer that chance would seldom make, least likely first, and how many incidents have no day and are left out.

    Parameters
    ----------
    graph
        What the viewer may see.
    layer
        One of `LAYERS`.
    happened_from, happened_to
        The period, half-open, milliseconds UTC. Weeks are counted back from its end; an open end is the end of the day as known at, an open start
        the first event.
    count
        `children`: each child once a place, at the first event there.
    mode
        `retrospective`: any weeks; `prospective`: those up to the end of the period alone.
    longest_weeks, most_metres
        The longest burst and the widest circle.
    replicates, significant
        How often the weeks are dealt out anew, and the largest p-value that is listed. Default: `REPLICATES`, where that takes a second or
        two; `FEWER_REPLICATES` where there is more to look at.

    Raises
    ------
    ParameterError
        If an option cannot be used, or no event of the layer has a day.

    Notes
    -----
    See `queries.analysis.scan.permutation_scan`, with weeks for days. A week more or less at either end is what weeks cannot tell.
    """
    events = _events(graph, layer, happened_from, happened_to, count)
    claims, involved = graph.claims, children_of_incidents(graph)
    if not events.rows:
        return [], events.left_out
    end = end_of_day(graph.known_at) if happened_to >= FAR_FUTURE_MS else happened_to
    moments = np.array([int(claims.happened_from[row]) for row in events.rows], np.int64)
    end = max(end, int(moments.max()) + 1) if happened_to >= FAR_FUTURE_MS else end
    first = int(moments.min()) if happened_from <= FAR_PAST_MS else happened_from
    weeks = max(1, -(-(end - min(first, int(moments.min()))) // WEEK_MS))
    if weeks > _MOST_WEEKS:
        raise ParameterError("from", f"give a period of at most {_MOST_WEEKS // 52} years for the method scan")
    if not 1 <= longest_weeks <= weeks:
        longest_weeks = max(1, weeks // 2) if longest_weeks > weeks else longest_weeks
    week = weeks - 1 - (end - 1 - moments) // WEEK_MS
    held = sorted({int(claims.b[row]) for row in events.rows})
    number = {place: at for at, place in enumerate(held)}
    place = np.array([number[int(claims.b[row])] for row in events.rows], np.int64)
    spots = np.zeros((len(held), 2))
    spots[place] = events.metres
    if replicates is None:
        replicates = (
            REPLICATES
            if len(held) * min(len(held), MOST_NEIGHBOURS) * weeks * longest_weeks <= _SOON
            else FEWER_REPLICATES
        )
    scanned = permutation_scan(
        spots, place, week, days=weeks, longest_days=longest_weeks, mode=mode, most_metres=most_metres,
        replicates=replicates, seed=_SEED,
    )  # fmt: skip
    start = end - weeks * WEEK_MS
    found = []
    for burst in scanned.bursts:
        if burst.p_value > significant:
            continue
        inside = np.isin(place, burst.places) & (week >= burst.first_day) & (week < burst.end_day)
        rows = [row for at in np.flatnonzero(inside).tolist() for row in events.told[events.rows[at]]]
        here = counted(graph, rows, involved)
        found.append(
            BurstFound(
                *here.figures,
                held[burst.centre], tuple(held[at] for at in burst.places), burst.radius,
                start + burst.first_day * WEEK_MS, start + burst.end_day * WEEK_MS,
                burst.events, burst.expected, burst.log_likelihood_ratio, burst.p_value,
            )
        )  # fmt: skip
    return found, events.left_out


def _events(graph: VisibleGraph, layer: str, happened_from: int, happened_to: int, count: Count) -> _Events:
    """Give the events of a layer whose day and position are known, by time, then source key."""
    require_children(layer, count)
    rows = layer_rows(graph, layer, happened_from, happened_to)
    known = timed(graph, rows)
    # A period takes what may have happened in it; a test of days takes what began in it.
    known = [row for row in known if happened_from <= graph.claims.happened_from[row] < happened_to]
    if rows and not known and not timed(graph, rows):
        raise ParameterError(
            "method", "no event of this layer is known to the day (published street crimes are known to the month); use ranked, gi or density"
        )  # fmt: skip
    placed = {(int(graph.claims.a[row]), int(graph.claims.b[row])) for row in rows}
    if count == "children":
        known = once_a_child(graph, known, children_of_incidents(graph))
    told = one_each(graph, known)
    kept, metres = with_position(graph, told)
    timely = {int(graph.claims.a[row]) for row in timed(graph, rows)}
    return _Events(kept, told, metres, len({incident for incident, _ in placed} - timely))
