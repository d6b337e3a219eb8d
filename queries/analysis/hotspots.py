"""
Where events gather: named places in order, and National Grid cells tested by Getis-Ord Gi*.

A layer is what an `AT` claim says of an incident: `crime` (a crime *occurred* there), `missing_from`, `last_seen` or `found_at`. A home (a
location where a visible claim says that somebody lives, or one on the partnership's own list) is never listed and never counted in a cell.
"""

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse, stats

from queries.analysis.chance import q_values
from queries.analysis.national_grid import eastings_northings
from queries.analysis.periods import in_period
from queries.errors import ParameterError
from queries.projection import Floats, VisibleGraph

LAYERS: Final = ("crime", "missing_from", "last_seen", "found_at")
CELL_METRES: Final = 500
MOST_CELLS: Final = 1_000_000
NO_HOMES: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """A place (a position): distinct incidents, children involved in them, independent reports and agencies that put them there."""

    place: int
    events: int
    children: int
    reports: int
    agencies: int
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A square of the National Grid by its south-west corner (metres, EPSG:27700), with its Gi* and false discovery rate."""

    easting: int
    northing: int
    metres: int
    events: int
    children: int
    reports: int
    agencies: int
    z: float
    q_value: float
    evidence: tuple[str, ...]


def ranked_places(
    graph: VisibleGraph, layer: str, *, happened_from: int, happened_to: int, homes: AbstractSet[str] = NO_HOMES
) -> list[Place]:
    """
    List the places of a layer: most events, then most children, then most reports, then by source key.

    Parameters
    ----------
    graph
        What the viewer may see.
    layer
        One of `LAYERS`.
    happened_from
        Start of the period, inclusive, milliseconds UTC.
    happened_to
        Its end, exclusive.
    homes
        Source keys or uids of homes and placements on the partnership's own list.

    Raises
    ------
    ParameterError
        If there is no such layer.
    """
    rows = _events(graph, layer, happened_from, happened_to, homes)
    at: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        at[int(graph.claims.b[row])].append(row)
    children = _children(graph)
    places = [Place(place, *_counted(graph, found, children)) for place, found in at.items()]
    return sorted(places, key=lambda p: (-p.events, -p.children, -p.reports, p.place))


def gi_star(
    graph: VisibleGraph,
    layer: str,
    *,
    happened_from: int,
    happened_to: int,
    homes: AbstractSet[str] = NO_HOMES,
    cell_metres: int = CELL_METRES,
) -> list[Cell]:
    """
    Test each cell with an event: is there more in it and its eight neighbours than chance would put there?

    The cells tested are all those of the rectangle around the events; an event at two places counts in both. The q-value is of the
    one-sided test for more (see `more_than_chance`). Cells come by q-value, then events, then position.

    Notes
    -----
    `z = (sum of x near i - w mean) / (s sqrt((n w - w^2) / (n - 1)))`, with `w` cells near i (itself one of them), `n` cells in all, and
    `s` the standard deviation of the counts. Source: Getis and Ord (1992), Geographical Analysis 24, 189-206; Ord and Getis (1995) 27,
    286-306. `O(cells)`. `z` describes, `q_value` decides: `z` is far from normal where most cells are empty, and its normal tail found
    a hotspot in 87 of 100 maps of 200 events strewn evenly over 40 by 40 cells; the binomial tail, in 2.

    Raises
    ------
    ParameterError
        If there is no such layer, or the events are spread over too many cells.
    """
    rows = [
        row
        for row in _events(graph, layer, happened_from, happened_to, homes)
        if graph.subjects[graph.claims.b[row]].has_position
    ]
    if not rows:
        return []
    spots = [graph.subjects[at] for at in graph.claims.b[rows]]
    metres = eastings_northings([s.latitude for s in spots], [s.longitude for s in spots])
    corners = np.floor(metres / cell_metres).astype(np.int64)
    south_west = corners.min(axis=0)
    wide, high = (corners.max(axis=0) - south_west + 1).tolist()
    if wide * high > MOST_CELLS:
        raise ParameterError("layer", "its events are too far apart for cells; give a period or use the method ranked")
    number = ((corners - south_west) @ np.array([1, wide])).tolist()
    inside: dict[int, list[int]] = defaultdict(list)
    for row, cell in zip(rows, number, strict=True):
        inside[cell].append(row)
    counts = np.zeros(wide * high)
    for cell, found in inside.items():
        counts[cell] = len({int(graph.claims.a[row]) for row in found})
    near = neighbours_in_grid(wide, high)
    z = gi_star_of(counts, near)
    q = q_values(more_than_chance(counts, near))
    children = _children(graph)
    cells = []
    for cell, found in inside.items():
        east, north = (south_west + np.array([cell % wide, cell // wide])) * cell_metres
        events, young, reports, agencies, evidence = _counted(graph, found, children)
        score = float(z[cell]), float(q[cell])
        cells.append(Cell(int(east), int(north), cell_metres, events, young, reports, agencies, *score, evidence))
    return sorted(cells, key=lambda c: (c.q_value, -c.events, c.easting, c.northing))


def neighbours_in_grid(wide: int, high: int) -> sparse.csr_array:
    """Give the cells of a grid, row by row, that touch by side or corner, each with itself, as a matrix of ones."""

    def line(length: int) -> sparse.csr_array:
        at = np.arange(length)
        return sparse.csr_array((np.abs(at[:, None] - at[None, :]) <= 1).astype(float))

    return sparse.csr_array(sparse.kron(line(high), line(wide)))


def gi_star_of(counts: Floats, near: sparse.csr_array) -> Floats:
    """Give Gi* of each count under binary weights `near` that hold the cell itself; 0 where every count is the same."""
    n = len(counts)
    w = np.asarray(near.sum(axis=1)).ravel()
    spread = counts.std() * np.sqrt(np.maximum(n * w - w**2, 0) / max(n - 1, 1))
    above = near @ counts - w * counts.mean()
    return np.asarray(np.divide(above, spread, out=np.zeros(n), where=spread > 0), np.float64)


def more_than_chance(counts: Floats, near: sparse.csr_array) -> Floats:
    """
    Give the chance of at least so many events near each cell, were each event as likely to be in any cell as in another.

    Notes
    -----
    Of `N` events, those in `w` of `n` cells are binomial with `N` and `w / n`: exact for any counts, without sampling.
    """
    w = np.asarray(near.sum(axis=1)).ravel()
    return np.asarray(stats.binom.sf(near @ counts - 1, counts.sum(), w / len(counts)), np.float64)


def _events(
    graph: VisibleGraph, layer: str, happened_from: int, happened_to: int, homes: AbstractSet[str]
) -> list[int]:
    """Give the `AT` claims of a layer in a period, but those at homes."""
    if layer not in LAYERS:
        raise ParameterError("layer", f"use one of {', '.join(LAYERS)}")
    role = "occurred" if layer == "crime" else layer
    claims, inside = graph.claims, in_period(graph.claims, happened_from, happened_to)
    rows = [row for row in graph.of_type("AT").tolist() if inside[row] and claims.role[row] == role]
    if layer == "crime":
        rows = [row for row in rows if graph.subjects[claims.a[row]].subkind == "crime"]

    def is_home(place: int) -> bool:
        subject = graph.subjects[place]
        return bool(graph.homes[place]) or not homes.isdisjoint((subject.key, *subject.members))

    return [row for row in rows if not is_home(int(claims.b[row]))]


def _children(graph: VisibleGraph) -> dict[int, list[int]]:
    """Give the claims that involve a child in each incident."""
    involved: dict[int, list[int]] = defaultdict(list)
    for row in graph.of_type("INVOLVED_IN").tolist():
        if graph.subjects[graph.claims.a[row]].kind == "child":
            involved[int(graph.claims.b[row])].append(row)
    return involved


def _counted(
    graph: VisibleGraph, rows: Iterable[int], children: dict[int, list[int]]
) -> tuple[int, int, int, int, tuple[str, ...]]:
    """Count incidents, children, reports and agencies of `AT` claims; reports and agencies are those that put them there."""
    placed = list(rows)
    incidents = {int(graph.claims.a[row]) for row in placed}
    involving = [row for incident in incidents for row in children.get(incident, ())]
    return (
        len(incidents),
        len({int(graph.claims.a[row]) for row in involving}),
        len(graph.roots(placed)),
        len(graph.agencies(placed)),
        tuple(str(graph.claims.claim_id[row]) for row in sorted({*placed, *involving})),
    )
