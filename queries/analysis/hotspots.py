"""
Where events gather: named places in order, and National Grid cells tested by Getis-Ord Gi*.

What a layer is, and that homes are in none, is said in `queries.analysis.layers`.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse, stats

from queries.analysis.chance import q_values
from queries.analysis.layers import (
    LAYERS,
    Against,
    Count,
    Counted,
    children_of_incidents,
    counted,
    known_places,
    layer_rows,
    require_children,
    with_position,
)
from queries.errors import ParameterError
from queries.projection import Floats, VisibleGraph

__all__ = [
    "CELL_METRES",
    "LAYERS",
    "Cell",
    "Place",
    "gi_star",
    "gi_star_of",
    "more_than_chance",
    "neighbours_in_grid",
    "ranked_places",
]

CELL_METRES: Final = 500
MOST_CELLS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Place(Counted):
    """A place by its position in the graph, and what is counted there."""

    place: int


@dataclass(frozen=True, slots=True)
class Cell(Counted):
    """A square of the National Grid by its south-west corner (metres, EPSG:27700), with its Gi* and false discovery rate."""

    easting: int
    northing: int
    metres: int
    z: float
    q_value: float


def ranked_places(
    graph: VisibleGraph, layer: str, *, happened_from: int, happened_to: int, count: Count = "events"
) -> list[Place]:
    """
    List the places of a layer: most events, then most children, then most reports, then by source key.

    By `children`, most distinct children come first, so that one child who is often there does not make a hotspot, and a place with no
    child is not listed.

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
    count
        What puts a place first.

    Raises
    ------
    ParameterError
        If there is no such layer, or it names no children to count.
    """
    require_children(layer, count)
    at: dict[int, list[int]] = defaultdict(list)
    for row in layer_rows(graph, layer, happened_from, happened_to):
        at[int(graph.claims.b[row])].append(row)
    involved = children_of_incidents(graph)
    places = [Place(*counted(graph, found, involved).figures, place) for place, found in at.items()]
    if count == "children":
        return sorted(
            (place for place in places if place.children),
            key=lambda p: (-p.children, -p.events, -p.reports, p.place),
        )
    return sorted(places, key=lambda p: (-p.events, -p.children, -p.reports, p.place))


def gi_star(
    graph: VisibleGraph,
    layer: str,
    *,
    happened_from: int,
    happened_to: int,
    count: Count = "events",
    against: Against = "places",
    cell_metres: int = CELL_METRES,
) -> list[Cell]:
    """
    Test each cell with an event: is there more in it and its eight neighbours than chance would put there?

    The cells tested are all those of the rectangle around the events; an event at two places counts in both. The q-value is of the
    one-sided test for more (see `more_than_chance`). Cells come by q-value, then events, then position. With `count` of `children`, a
    cell's figure is its distinct children, so that a child counts once in a cell; cells without any are not listed.

    Chance puts an event at any of the `places` where such events are ever recorded (see `known_places`): the test is of the cells that have
    such places, and finds those with more than their places explain; where most places have one event each, the test is as against `area`, which
    puts it in any cell of the rectangle, sea and all: then hardly a cell of a town with its waters is not a hotspot.

    Notes
    -----
    `z = (sum of x near i - w mean) / (s sqrt((n w - w^2) / (n - 1)))`, with `w` cells near i (itself one of them), `n` cells in all, and
    `s` the standard deviation of the counts. Source: Getis and Ord (1992), Geographical Analysis 24, 189-206; Ord and Getis (1995) 27,
    286-306. `O(cells)`. `z` describes, `q_value` decides: `z` is far from normal where most cells are empty, and its normal tail found
    a hotspot in 87 of 100 maps of 200 events strewn evenly over 40 by 40 cells; the binomial tail, in 2.

    Raises
    ------
    ParameterError
        If there is no such layer, it names no children to count, or the events are spread over too many cells.
    """
    require_children(layer, count)
    rows, metres = with_position(graph, layer_rows(graph, layer, happened_from, happened_to))
    if not rows:
        return []
    corners = np.floor(metres / cell_metres).astype(np.int64)
    south_west = corners.min(axis=0)
    wide, high = (corners.max(axis=0) - south_west + 1).tolist()
    if wide * high > MOST_CELLS:
        raise ParameterError("layer", "its events are too far apart for cells; give a period or use the method ranked")
    number = ((corners - south_west) @ np.array([1, wide])).tolist()
    inside: dict[int, list[int]] = defaultdict(list)
    for row, cell in zip(rows, number, strict=True):
        inside[cell].append(row)
    involved = children_of_incidents(graph)
    told = {cell: counted(graph, found, involved) for cell, found in inside.items()}
    counts = np.zeros(wide * high)
    for cell, figures in told.items():
        counts[cell] = getattr(figures, count)
    if not counts.any():
        return []
    near = neighbours_in_grid(wide, high)
    z = gi_star_of(counts, near)
    at_risk = np.ones(wide * high)
    places = known_places(graph, layer) if against == "places" else None
    if places is not None:
        spots = np.floor(places / cell_metres).astype(np.int64) - south_west
        spots = spots[((spots >= 0) & (spots < [wide, high])).all(axis=1)]
        at_risk = np.bincount(spots @ np.array([1, wide]), minlength=wide * high).astype(np.float64)
    q = np.ones(wide * high)
    tried = at_risk > 0
    q[tried] = q_values(more_than_chance(counts, near, at_risk)[tried])
    cells = []
    for cell in np.flatnonzero(counts).tolist():
        east, north = (south_west + np.array([cell % wide, cell // wide])) * cell_metres
        score = float(z[cell]), float(q[cell])
        cells.append(Cell(*told[cell].figures, int(east), int(north), cell_metres, *score))
    return sorted(cells, key=lambda c: (c.q_value, -getattr(c, count), c.easting, c.northing))


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


def more_than_chance(counts: Floats, near: sparse.csr_array, at_risk: Floats | None = None) -> Floats:
    """
    Give the chance of at least so many events near each cell, were they spread evenly over `at_risk` (default: over the cells).

    Notes
    -----
    Of `N` events, those near a cell are binomial with `N` and the share of what is at risk that lies near it: exact for any counts,
    without sampling.
    """
    spread = np.ones(len(counts)) if at_risk is None else at_risk
    share = np.minimum((near @ spread) / spread.sum(), 1)
    return np.asarray(stats.binom.sf(near @ counts - 1, counts.sum(), share), np.float64)
