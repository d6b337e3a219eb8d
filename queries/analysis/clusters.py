"""
Bursts in space and time by density: ST-DBSCAN.

Caveat in plain English: a cluster is a run of records close in both place and time; it does not say that one person or cause is behind
them, and its edges move with the two distances chosen.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from queries.errors import ParameterError
from queries.projection import Bools, Floats, Ints

DAY_MS: Final = 24 * 60 * 60 * 1000
NOISE: Final = -1
MOST_PAIRS: Final = 60_000_000


@dataclass(frozen=True, slots=True)
class Cluster:
    """
    Events close in space and time, by their rows.

    `members` and `core` (those with enough events around them) ascend. `first` and `last` are milliseconds UTC. `centre` is the mean and
    `hull` the corners of the convex hull (eastings and northings, metres; one or two corners where the events lie on a point or a line).
    """

    number: int
    members: tuple[int, ...]
    core: tuple[int, ...]
    first: int
    last: int
    centre: tuple[float, float]
    hull: tuple[tuple[float, float], ...]

    @property
    def events(self) -> int:
        """How many events it has."""
        return len(self.members)


@dataclass(frozen=True, slots=True)
class Labels:
    """The cluster of each event (`NOISE` for none), and whether it is a core event."""

    label: Ints
    core: Bools


def labels_of(points: Floats, times: Ints, *, eps_metres: float, eps_days: float, min_events: int) -> Labels:
    """
    Label each event with its cluster.

    Parameters
    ----------
    points
        A row an event: easting and northing in metres (EPSG:27700).
    times
        Milliseconds UTC.
    eps_metres, eps_days
        Two events are near if they are at most so far apart in both, inclusive.
    min_events
        A core event has at least so many near it, itself counted.

    Raises
    ------
    ParameterError
        If a distance is below nothing, `min_events` below 1, or more than `MOST_PAIRS` pairs are near.

    Notes
    -----
    Definition: core events near each other are of one cluster; an event near a core event, itself none, is on the border. Source: Birant
    and Kut (2007), Data and Knowledge Engineering 60, 208-221 (without their third test, on a value other than place and time).
    Near is a disc in space and an interval in time: a tree over (x, y, scaled t) with the largest-axis distance gives the candidates, which are
    a square in space, and an exact test drops its corners. A border event near several clusters goes to the lowest numbered;
    clusters are numbered by their first core event in the order given. Give events by time, then source key, and neither depends on chance.
    `O(n log n + pairs)`.
    """
    if not (eps_metres >= 0 and eps_days >= 0):
        raise ParameterError("eps_metres" if not eps_metres >= 0 else "eps_days", "give a distance of 0 or more")
    if min_events < 1:
        raise ParameterError("min_events", "give 1 or more")
    count = len(points)
    if not count:
        return Labels(np.empty(0, np.int64), np.empty(0, bool))
    a, b = _near_pairs(points, times, eps_metres, eps_days)
    around = np.bincount(a, minlength=count) + np.bincount(b, minlength=count) + 1
    core = around >= min_events
    joined = core[a] & core[b]
    graph = sparse.coo_array((np.ones(int(joined.sum()), np.int8), (a[joined], b[joined])), shape=(count, count))
    component = csgraph.connected_components(graph.tocsr(), directed=False)[1]
    found = np.unique(component[core], return_index=True)
    number = np.full(count, count, np.int64)
    number[found[0][np.argsort(found[1])]] = np.arange(len(found[0]))
    label = np.where(core, number[component], count)
    for here, there in ((a, b), (b, a)):
        edge = core[here] & ~core[there]
        np.minimum.at(label, there[edge], label[here[edge]])
    label[label == count] = NOISE
    return Labels(label, core)


def clusters_of(points: Floats, times: Ints, *, eps_metres: float, eps_days: float, min_events: int) -> list[Cluster]:
    """
    List the clusters, by number; parameters, definition and errors as of `labels_of`.

    A cluster has at least `min_events` events but where a border event was also near a cluster with a lower number.
    """
    import shapely

    labels = labels_of(points, times, eps_metres=eps_metres, eps_days=eps_days, min_events=min_events)
    order = np.argsort(labels.label, kind="stable")
    order = order[labels.label[order] != NOISE]
    starts = np.unique(labels.label[order], return_index=True)[1]
    clusters = []
    for number, members in enumerate(np.split(order, starts[1:]) if len(order) else ()):
        spots = points[members]
        corners = shapely.get_coordinates(shapely.convex_hull(shapely.multipoints(spots)))
        closed = len(corners) > 1 and bool((corners[0] == corners[-1]).all())
        clusters.append(
            Cluster(
                number,
                tuple(members.tolist()),
                tuple(members[labels.core[members]].tolist()),
                int(times[members].min()),
                int(times[members].max()),
                (float(spots[:, 0].mean()), float(spots[:, 1].mean())),
                tuple((float(east), float(north)) for east, north in corners[: -1 if closed else None]),
            )
        )
    return clusters


def _near_pairs(points: Floats, times: Ints, eps_metres: float, eps_days: float) -> tuple[Ints, Ints]:
    """Give the pairs of events near in space and time, each once."""
    span = eps_days * DAY_MS
    start = times.min()
    # An axis whose distance is 0 is stretched until only equal values are near.
    across, along = eps_metres or 1e-6, span or 0.5
    scaled = np.column_stack([points / across, (times - start) / along])
    tree = cKDTree(scaled)
    reach = 1 + 1e-9
    # Counting the pairs costs more than listing them, so it is done only where a bound (27 boxes hold all that is near) leaves it open.
    # Two boxes of one number count as one, which only raises the bound.
    box = np.floor(scaled).astype(np.int64) @ np.array([1, 73_856_093, 19_349_663_000_057])
    in_box = np.unique(box, return_counts=True)[1].astype(np.float64)
    if 13.5 * (in_box**2).sum() > MOST_PAIRS and tree.count_neighbors(tree, reach, p=np.inf) > 2 * MOST_PAIRS + len(
        points
    ):
        raise ParameterError(
            "eps_metres", "too many events are near each other; give smaller distances or a shorter period"
        )
    a, b = tree.query_pairs(reach, p=np.inf, output_type="ndarray").T
    apart = points[a] - points[b]
    near = np.einsum("ij,ij->i", apart, apart) <= eps_metres**2
    near &= np.abs(times[a] - times[b]) <= span
    return a[near].astype(np.int64), b[near].astype(np.int64)
