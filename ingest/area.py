"""The partnership's area, to tell a slip of the pen from a place."""

from functools import cached_property
from pathlib import Path
from typing import Final

from shapely import STRtree, from_geojson, points
from shapely.errors import ShapelyError

from ingest.errors import FileRefusedError

DEFAULT_AREA: Final = Path(__file__).parent / "data" / "area.geojson"
# Generalised coastlines cut off piers and beaches; this is about 300 m in the Solent.
_MARGIN_DEGREES: Final = 0.003
_LEAST_GRID_REFERENCE: Final = 1_000  # metres of the British National Grid are far more, degrees far fewer


class Area:
    """An area on the ground, from a GeoJSON file in WGS 84. Read when it is first asked about."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or DEFAULT_AREA

    def holds(self, latitude: float, longitude: float) -> bool:
        """Say whether a position (WGS 84 degrees) is in the area, or within about 300 m of it."""
        return bool(len(self._tree.query(points(longitude, latitude), predicate="dwithin", distance=_MARGIN_DEGREES)))

    def why_set_aside(self, latitude: float, longitude: float) -> str:
        """Name the rule by which a position should not be used as it stands, or nothing."""
        if self.holds(latitude, longitude):
            return ""
        if self.holds(longitude, latitude):
            return "swapped_coordinates"
        if max(abs(latitude), abs(longitude)) > _LEAST_GRID_REFERENCE:
            return "grid_reference"
        if abs(latitude) > 90:
            return "latitude_out_of_range"
        return "longitude_out_of_range" if abs(longitude) > 180 else "outside_area"

    @cached_property
    def _tree(self) -> STRtree:
        refused = FileRefusedError(self._path, "the area must be a GeoJSON file of polygons in WGS 84; see PMET_AREA")
        try:
            shape = from_geojson(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError, ShapelyError):
            raise refused from None
        polygons = [part for part in getattr(shape, "geoms", [shape]) if part.geom_type in {"Polygon", "MultiPolygon"}]
        if not polygons:
            raise refused
        return STRtree(polygons)
