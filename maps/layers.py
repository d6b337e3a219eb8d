"""The base layer: land and wards kept in `maps/layers` (attribution beside them), so that no map asks anyone for a tile."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias

import geopandas as gpd
from shapely.geometry import box

from maps.drawn import WGS84, Area, Areas, DrawnLayer, Label, PathStyle
from maps.errors import MapDataError

#: West, south, east, north in degrees (EPSG:4326).
Bounds: TypeAlias = tuple[float, float, float, float]
LayerName: TypeAlias = Literal["land", "wards", "lsoa"]

ATTRIBUTION: Final = (
    "Contains Ordnance Survey, Office of National Statistics, National Records Scotland and LPS Intellectual Property data "
    "© Crown copyright and database right 2016. Licensed under the Open Government Licence v3.0. Ordnance Survey data covered by "
    "OS OpenData Licence. Boundaries: UK-GeoJSON by Martin Chorley, CC BY 4.0."
)
#: How far round what is shown the land is drawn, in degrees: a reader pans a little.
_ROUND_ABOUT: Final = 0.15
_FOLDER: Final = Path(__file__).parent / "layers"
_BRITISH_NATIONAL_GRID: Final = "EPSG:27700"
_STYLES: Final[dict[str, PathStyle]] = {
    "land": {
        "stroke": True,
        "color": "#a9a596",
        "weight": 1,
        "fillColor": "#f4f2ec",
        "fillOpacity": 1,
        "interactive": False,
    },
    "wards": {"stroke": True, "color": "#8f8b7c", "weight": 1, "dashArray": "3 3", "fill": False, "interactive": False},
}


@cache
def local_layer(name: LayerName) -> gpd.GeoDataFrame:
    """
    Give a layer kept in the product: `code`, `name` and `geometry` (EPSG:4326). Treat it as read-only.

    Source: ATTRIBUTION.md beside the layers.
    """
    return gpd.read_file(_FOLDER / f"{name}.geojson", engine="pyogrio").to_crs(WGS84)


@dataclass(frozen=True)
class Boundaries:
    """What of the base layer lies near a place."""

    land: gpd.GeoDataFrame
    wards: gpd.GeoDataFrame

    @property
    def has_land(self) -> bool:
        """Whether any land is held here; without it water must not be drawn either."""
        return not self.land.empty

    def layers(self) -> Iterator[DrawnLayer]:
        """Give the layers to draw, lowest first."""
        for style, frame in (("land", self.land), ("wards", self.wards)):
            if not frame.empty:
                yield Areas([Area(outline, style) for outline in frame.geometry], _STYLES, below=True)

    def labels(self) -> Iterator[Label]:
        """Give the names of wards, the largest first to stay."""
        metres = self.wards.to_crs(_BRITISH_NATIONAL_GRID).geometry
        for name, outline, size in zip(self.wards["name"], self.wards.geometry, metres.area, strict=True):
            yield Label(outline.representative_point(), str(name), priority=float(size))


def boundaries_near(bounds: Bounds) -> Boundaries:
    """Give the parts of the base layer round these bounds; all are empty where the product holds none."""
    west, south, east, north = bounds
    window = box(west - _ROUND_ABOUT, south - _ROUND_ABOUT, east + _ROUND_ABOUT, north + _ROUND_ABOUT)

    def near(name: LayerName) -> gpd.GeoDataFrame:
        layer = local_layer(name)
        return layer[layer.intersects(window)]

    return Boundaries(near("land"), near("wards"))


def area_of_each(points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame | None = None) -> gpd.GeoDataFrame:
    """
    Put each row's area in place of its point, so that a map shows areas and not doors.

    Parameters
    ----------
    points
        Rows with a point each (any CRS).
    areas
        Outlines with a `name` (any CRS); none: the wards kept in the product.

    Returns
    -------
    rows
        The same rows in EPSG:4326 with the area as geometry and its name as `area`; a row outside every area is left out.
    """
    if points.crs is None:
        raise MapDataError("points", "needs a known CRS")
    outlines = (local_layer("wards") if areas is None else areas).to_crs(WGS84)
    placed = points.to_crs(WGS84).sjoin(
        outlines[["name", "geometry"]].rename(columns={"name": "area"}), how="inner", predicate="within"
    )
    placed = placed[~placed.index.duplicated()]
    geometry = gpd.GeoSeries(list(outlines.geometry.loc[placed["index_right"]]), index=placed.index, crs=WGS84)
    return placed.drop(columns="index_right").set_geometry(geometry)
