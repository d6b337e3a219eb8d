"""A regular grid in metres (EPSG:27700) that surfaces, scans and forecasts are worked out on, and which of its cells are land."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from queries.errors import ParameterError
from queries.projection import Bools, Floats, Ints

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

MOST_CELLS: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class MetreGrid:
    """
    Square cells by their south-west corner. Arrays over it have a row a northing (south first) and a column an easting (west first).

    `easting` and `northing` are those of the outer south-west corner, `metres` is the side of a cell; a node is the middle of a cell.
    """

    easting: float
    northing: float
    metres: float
    wide: int
    high: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.high, self.wide

    @property
    def nodes(self) -> tuple[Floats, Floats]:
        """Eastings of the columns' middles and northings of the rows' middles, metres."""
        return (
            self.easting + (np.arange(self.wide, dtype=np.float64) + 0.5) * self.metres,
            self.northing + (np.arange(self.high, dtype=np.float64) + 0.5) * self.metres,
        )

    @property
    def cell_square_kilometres(self) -> float:
        """Area of one cell."""
        return (self.metres / 1000) ** 2

    def cells_of(self, points: Floats) -> Ints:
        """Give the cell of each point (`row * wide + column`); -1 outside. A point on an edge is in the cell east or north of it."""
        columns, rows = np.floor((points - [self.easting, self.northing]) / self.metres).astype(np.int64).T
        inside = (columns >= 0) & (columns < self.wide) & (rows >= 0) & (rows < self.high)
        return np.where(inside, rows * self.wide + columns, -1)

    def counts(self, points: Floats) -> Ints:
        """Count the points in each cell, in the grid's shape; points outside are not counted."""
        cells = self.cells_of(points)
        return np.bincount(cells[cells >= 0], minlength=self.wide * self.high).reshape(self.shape).astype(np.int64)


def grid_around(bounds: Sequence[float], cell_metres: float, *, margin_metres: float = 0) -> MetreGrid:
    """
    Give the grid that covers some bounds, its corners on whole multiples of the cell's side so that two grids of one side line up.

    Parameters
    ----------
    bounds
        West, south, east and north, metres.
    cell_metres
        Side of a cell.
    margin_metres
        Added on each side first.

    Raises
    ------
    ParameterError
        If the side is not above nothing, or there would be more than `MOST_CELLS` cells.
    """
    if not cell_metres > 0:
        raise ParameterError("cell_metres", "give a side above 0")
    west, south, east, north = bounds
    left = np.floor((west - margin_metres) / cell_metres)
    bottom = np.floor((south - margin_metres) / cell_metres)
    wide = int(np.floor((east + margin_metres) / cell_metres) - left) + 1
    high = int(np.floor((north + margin_metres) / cell_metres) - bottom) + 1
    if wide * high > MOST_CELLS:
        raise ParameterError(
            "cell_metres", f"these would be more than {MOST_CELLS:,} cells; give a larger side or a smaller area"
        )
    return MetreGrid(float(left * cell_metres), float(bottom * cell_metres), float(cell_metres), wide, high)


def land_of(grid: MetreGrid, land: "Sequence[BaseGeometry]") -> Bools:
    """
    Say of each cell whether its middle lies on land.

    Parameters
    ----------
    grid
        The cells.
    land
        Polygons of land in EPSG:27700; they may overlap.

    Notes
    -----
    `O(cells)` tests against prepared polygons, only within each polygon's bounds.
    """
    import shapely

    found = np.zeros(grid.shape, bool)
    eastings, northings = grid.nodes
    for polygon in land:
        west, south, east, north = polygon.bounds
        columns = np.flatnonzero((eastings >= west) & (eastings <= east))
        rows = np.flatnonzero((northings >= south) & (northings <= north))
        if len(columns) and len(rows):
            shapely.prepare(polygon)
            over, up = np.meshgrid(eastings[columns], northings[rows])
            found[np.ix_(rows, columns)] |= shapely.contains_xy(polygon, over, up)
    return found
