"""Rows of a GeoDataFrame as plain values, checked once, in degrees."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from maps.drawn import WGS84
from maps.errors import MapDataError
from maps.page import Precision


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its outline in EPSG:4326 and the other columns by name."""

    outline: BaseGeometry
    values: Mapping[str, Any]

    @property
    def is_point(self) -> bool:
        """Whether the outline is a place without extent."""
        return self.outline.geom_type in {"Point", "MultiPoint"}

    def text(self, column: str) -> str:
        """Give a column as text, empty where there is none."""
        value = self.values.get(column)
        return "" if value is None or pd.isna(value) else str(value)

    def flag(self, column: str) -> bool:
        """Give a column as yes or no, no where there is none."""
        value = self.values.get(column)
        return not (value is None or pd.isna(value)) and bool(value)


def rows_of(frame: gpd.GeoDataFrame, table: str, needs: set[str], precision: Precision | None = None) -> list[Row]:
    """
    Check a table and give its rows, in its order.

    Parameters
    ----------
    frame
        Any CRS.
    table
        Its name in errors.
    needs
        Columns without which it cannot be drawn.
    precision
        If given and `area`, a point is refused.

    Raises
    ------
    MapDataError
        If the table cannot be drawn.
    """
    if frame.crs is None:
        raise MapDataError(table, "needs a known CRS")
    if missing := needs - set(frame.columns):
        raise MapDataError(table, f"lacks the column {', '.join(sorted(missing))}")
    placed = frame.to_crs(WGS84)
    name = placed.geometry.name
    rows = [
        Row(outline, {str(key): value for key, value in record.items() if key != name})
        for outline, record in zip(
            cast("list[BaseGeometry]", list(placed.geometry)), placed.to_dict("records"), strict=True
        )
    ]
    if any(row.outline is None or row.outline.is_empty for row in rows):
        raise MapDataError(
            table, "has a row without a geometry; leave it out of the map and keep it in the table beside"
        )
    if precision is Precision.AREA and any(row.is_point for row in rows):
        raise MapDataError(
            table, "has points where only areas may be shown; maps.layers.area_of_each or maps.grid_cells gives areas"
        )
    return rows
