"""Events of a layer by statistical area (LSOA), each tested by Getis-Ord Gi* with the areas beside it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from queries.analysis.areas import area_scores, areas_of, contiguity_of
from queries.analysis.layers import (
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
from queries.projection import VisibleGraph

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, slots=True)
class AreaCell(Counted):
    """An area by its position among those given, what is counted in it, its Gi* and its false discovery rate."""

    area: int
    z: float
    q_value: float
    is_island: bool


@dataclass(frozen=True, slots=True)
class AreasFound:
    """The areas with anything in them, by q-value, and how many events with a position lie in none of the areas."""

    areas: list[AreaCell]
    outside: int


def gi_areas(
    graph: VisibleGraph,
    layer: str,
    areas: "Sequence[BaseGeometry]",
    *,
    happened_from: int,
    happened_to: int,
    count: Count = "events",
    against: Against = "places",
) -> AreasFound:
    """
    Test each area with an event: is there more in it and beside it than an even spread would put there?

    Parameters
    ----------
    graph
        What the viewer may see.
    layer
        One of `LAYERS`.
    areas
        Polygons in EPSG:27700, in an order that says nothing of the events. All are tested, those without events too.
    happened_from, happened_to
        The period, half-open, milliseconds UTC.
    count
        `events`, or each child once an area.
    against
        What an even spread is even over: the places where such events are ever recorded, or the areas (LSOAs are drawn to have about the same
        number of residents).

    Raises
    ------
    ParameterError
        If there is no such layer, or it names no children to count.
    """
    require_children(layer, count)
    rows, metres = with_position(graph, layer_rows(graph, layer, happened_from, happened_to))
    if not rows:
        return AreasFound([], 0)
    of_row = areas_of(metres, areas)
    inside: dict[int, list[int]] = defaultdict(list)
    for row, area in zip(rows, of_row.tolist(), strict=True):
        inside[area].append(row)
    outside = len({int(graph.claims.a[row]) for row in inside.pop(-1, [])})
    involved = children_of_incidents(graph)
    told = {area: counted(graph, found, involved) for area, found in inside.items()}
    counts = np.zeros(len(areas))
    for area, figures in told.items():
        counts[area] = getattr(figures, count)
    if not counts.any():
        return AreasFound([], outside)
    beside = contiguity_of(areas)
    at_risk = None
    places = known_places(graph, layer) if against == "places" else None
    if places is not None:
        of_place = areas_of(places, areas)
        at_risk = np.bincount(of_place[of_place >= 0], minlength=len(areas)).astype(np.float64)
    scores = area_scores(counts, beside.near, at_risk=at_risk)
    found = [
        AreaCell(
            told[area].events, told[area].children, told[area].reports, told[area].agencies, told[area].evidence,
            area, float(scores.z[area]), float(scores.q_value[area]), area in beside.islands,
        )
        for area in np.flatnonzero(counts).tolist()
    ]  # fmt: skip
    return AreasFound(sorted(found, key=lambda a: (a.q_value, -getattr(a, count), a.area)), outside)
