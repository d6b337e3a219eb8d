"""Counts by square of the British National Grid: what the public, the police and the council already read."""

from typing import Final, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from osbng.indexing import xy_to_bng

from maps.errors import MapDataError

BRITISH_NATIONAL_GRID: Final = "EPSG:27700"
LONDON: Final = "Europe/London"
#: Extent of the grid in metres: easting, northing.
_EAST_END: Final = 700_000
_NORTH_END: Final = 1_300_000

SquareMetres: TypeAlias = Literal[50, 100, 500, 1000, 5000]
_LABELS: Final[dict[int, str]] = {50: "50m", 100: "100m", 500: "500m", 1000: "1km", 5000: "5km"}

#: Parts of the day by the hour in London at which each begins, in order of the clock.
PARTS_OF_DAY: Final = ("night", "morning", "afternoon", "evening")
PART_HOURS: Final = {"night": "00 to 06", "morning": "06 to 12", "afternoon": "12 to 18", "evening": "18 to 24"}


def grid_cells(points: gpd.GeoDataFrame, size_metres: SquareMetres = 500) -> gpd.GeoDataFrame:
    """
    Count points by square of the National Grid.

    The counts are true ones: whoever shows them to an audience that may not see small counts suppresses them first.

    Parameters
    ----------
    points
        A row an event, a point each (any CRS). Rows without a point, and points off the grid, are not counted.
    size_metres
        Side of a square; a point on an edge belongs to the square to its north or east.

    Returns
    -------
    cells
        A row for each square with an event, in order of reference: `cell` (its reference, "SU 64 00 SW"), `label` (the same), `events` (int)
        and `geometry` (EPSG:27700, metres).

    Raises
    ------
    MapDataError
        If there is no CRS, a geometry is not a point, or the grid has no squares of this size.
    """
    placed = _squares(points, size_metres)
    counts = placed.groupby(["east", "north"], as_index=False).size().rename(columns={"size": "events"})
    return _as_cells(counts, size_metres)


def by_time_of_day(incidents: gpd.GeoDataFrame, size_metres: SquareMetres = 500) -> gpd.GeoDataFrame:
    """
    Count incidents by square of the National Grid and part of the day in London.

    Parameters
    ----------
    incidents
        A row an incident: a point (any CRS) and `happened_at`, an instant with a time zone. Rows without a point or a time are not counted.
    size_metres
        Side of a square.

    Returns
    -------
    cells
        As `grid_cells`, with `part` (`night`, `morning`, `afternoon`, `evening`): a row for each square and part that has an incident.
    """
    if "happened_at" not in incidents or not isinstance(incidents["happened_at"].dtype, pd.DatetimeTZDtype):
        raise MapDataError("incidents", "needs the column happened_at, instants with a time zone")
    placed = _squares(incidents[incidents["happened_at"].notna()], size_metres)
    hours = placed["happened_at"].dt.tz_convert(LONDON).dt.hour
    placed["part"] = [PARTS_OF_DAY[hour // 6] for hour in hours.astype(int)]
    counts = placed.groupby(["east", "north", "part"], as_index=False).size().rename(columns={"size": "events"})
    counts["order"] = counts["part"].map(PARTS_OF_DAY.index)
    return _as_cells(counts.sort_values(["east", "north", "order"]).drop(columns="order"), size_metres)


def _squares(points: gpd.GeoDataFrame, size_metres: int) -> pd.DataFrame:
    if points.crs is None:
        raise MapDataError("points", "needs a known CRS")
    if size_metres not in _LABELS:
        raise MapDataError("points", f"squares have sides of {', '.join(map(str, _LABELS))} metres")
    kept = points[points.geometry.notna() & ~points.geometry.is_empty]
    if not (kept.geom_type == "Point").all():
        raise MapDataError("points", "each geometry is a point; take a representative point of an area first")
    metres = kept.geometry.to_crs(BRITISH_NATIONAL_GRID)
    squares = pd.DataFrame(kept.drop(columns=kept.geometry.name))
    east, north = metres.x.to_numpy(), metres.y.to_numpy()
    inside = (
        np.isfinite(east) & np.isfinite(north) & (east >= 0) & (east < _EAST_END) & (north >= 0) & (north < _NORTH_END)
    )
    squares = squares[inside].copy()
    squares["east"] = (east[inside] // size_metres).astype(np.int64) * size_metres
    squares["north"] = (north[inside] // size_metres).astype(np.int64) * size_metres
    return squares


def _as_cells(counts: pd.DataFrame, size_metres: int) -> gpd.GeoDataFrame:
    reference = [
        xy_to_bng(east, north, _LABELS[size_metres]).bng_ref_formatted
        for east, north in zip(counts["east"].tolist(), counts["north"].tolist(), strict=True)
    ]
    outlines = shapely.box(counts["east"], counts["north"], counts["east"] + size_metres, counts["north"] + size_metres)
    kept = counts.drop(columns=["east", "north"]).assign(cell=reference, label=reference)
    cells = gpd.GeoDataFrame(kept, geometry=outlines, crs=BRITISH_NATIONAL_GRID)
    columns = ["cell", "label", *(["part"] if "part" in cells else []), "events", "geometry"]
    return cells[columns].sort_values("cell", kind="stable").reset_index(drop=True)
