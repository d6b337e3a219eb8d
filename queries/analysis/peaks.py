"""The peaks of the density surface of a layer, and what is counted round each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import ndimage

from queries.analysis.density import Density, bandwidth_of, density
from queries.analysis.layers import (
    Count,
    Counted,
    children_of_incidents,
    counted,
    layer_rows,
    once_a_child,
    one_each,
    require_children,
    with_position,
)
from queries.analysis.metre_grid import grid_around, land_of
from queries.errors import ParameterError
from queries.projection import Floats, VisibleGraph

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

#: A cell is one of the 100 m squares of the National Grid: no peak is placed more closely than that.
CELL_METRES: Final = 100.0
SMALLEST_BANDWIDTH: Final = 100.0
LARGEST_BANDWIDTH: Final = 5000.0
#: Peaks lower than this share of the highest are ripples.
LEAST_SHARE: Final = 0.05
_MARGIN_BANDWIDTHS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Peak(Counted):
    """A top of the surface: the square it lies in (south-west corner, metres), its height, and what is within one bandwidth of its middle."""

    easting: int
    northing: int
    per_km2: float


@dataclass(frozen=True, slots=True)
class Peaks:
    """The surface (None where nothing is), its peaks, highest first, and whether the coast was known where the events are."""

    surface: Density | None
    peaks: list[Peak]
    coast_known: bool


def density_peaks(
    graph: VisibleGraph,
    layer: str,
    land: "Sequence[BaseGeometry]",
    *,
    happened_from: int,
    happened_to: int,
    count: Count = "events",
    bandwidth_metres: float = 400.0,
    snapped_metres: float = 0.0,
) -> Peaks:
    """
    Smooth the events of a layer into events per square kilometre, and give the tops of the surface.

    Parameters
    ----------
    graph
        What the viewer may see.
    layer
        One of `LAYERS`.
    land
        Polygons of land in EPSG:27700. Where most events lie on none of them the coast is not known, and the surface knows no sea.
    happened_from, happened_to
        The period, half-open, milliseconds UTC.
    count
        `children`: each child once a place, at the first event there.
    bandwidth_metres
        Standard deviation of the kernel.
    snapped_metres
        Above 0: every event stands in the middle of its National Grid square of this side, so that no surface shows more than the squares.

    Raises
    ------
    ParameterError
        If there is no such layer, it names no children to count, or the bandwidth cannot be used.

    Notes
    -----
    See `queries.analysis.density`. An event at two places adds one at each. A peak is a cell no lower than its eight neighbours; of a flat
    top, the middle one is given.
    """
    require_children(layer, count)
    if not SMALLEST_BANDWIDTH <= bandwidth_metres <= LARGEST_BANDWIDTH:
        raise ParameterError(
            "bandwidth_metres", f"use {SMALLEST_BANDWIDTH:.0f} to {LARGEST_BANDWIDTH:.0f} metres; 400 suits a town"
        )
    involved = children_of_incidents(graph)
    rows = layer_rows(graph, layer, happened_from, happened_to)
    if count == "children":
        rows = once_a_child(graph, rows, involved)
    told = one_each(graph, rows)
    rows, metres = with_position(graph, told)
    if not rows:
        return Peaks(None, [], coast_known=False)
    if snapped_metres:
        metres = (np.floor(metres / snapped_metres) + 0.5) * snapped_metres
    bounds = [*metres.min(axis=0), *metres.max(axis=0)]
    grid = grid_around(bounds, CELL_METRES, margin_metres=_MARGIN_BANDWIDTHS * bandwidth_metres)
    ashore = land_of(grid, land)
    cells = grid.cells_of(metres)
    known = bool(ashore.ravel()[cells].mean() > 0.5)
    bandwidth = bandwidth_of(metres, bandwidth_metres)
    surface = density(metres, grid, bandwidth=bandwidth, land=ashore if known else None)
    corners = _tops(surface)
    found = []
    for row, column in corners:
        east, north = int(grid.easting + column * grid.metres), int(grid.northing + row * grid.metres)
        middle = np.array([east, north]) + grid.metres / 2
        near = np.hypot(*(metres - middle).T) <= bandwidth_metres
        inside = [row for first, is_near in zip(rows, near.tolist(), strict=True) if is_near for row in told[first]]
        here = counted(graph, inside, involved)
        if here.events:
            found.append(
                Peak(
                    *here.figures,
                    east, north, float(surface.values[row, column]),
                )
            )  # fmt: skip
    found.sort(key=lambda p: (-p.per_km2, p.easting, p.northing))
    return Peaks(surface, found, known)


def _tops(surface: Density) -> list[tuple[int, int]]:
    """Give row and column of each local maximum that is no ripple, one for a flat top."""
    values: Floats = surface.values
    highest = float(values.max())
    if highest <= 0:
        return []
    top = (values >= ndimage.maximum_filter(values, size=3)) & (values >= LEAST_SHARE * highest)
    labels, number = ndimage.label(top, structure=np.ones((3, 3)))
    tops = []
    for place in ndimage.find_objects(labels)[:number]:
        rows, columns = np.nonzero(labels[place])
        middle = len(rows) // 2
        tops.append((int(rows[middle]) + place[0].start, int(columns[middle]) + place[1].start))
    return tops
