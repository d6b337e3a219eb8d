"""The boundaries kept in the product, as plain polygons in metres (EPSG:27700) for the analyses, which know no map."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_NATIONAL_GRID: Final = "EPSG:27700"


@dataclass(frozen=True)
class Boundaries:
    """Areas in order of their code: codes, names and polygons, of one length."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    polygons: "tuple[BaseGeometry, ...]"


@cache
def lsoas() -> Boundaries:
    """Give the Lower Layer Super Output Areas of 2011 that are held: Portsmouth's."""
    return _boundaries("lsoa")


@cache
def land() -> Boundaries:
    """Give the land that is held; all else round it is water."""
    return _boundaries("land")


def _boundaries(name: Any) -> Boundaries:  # noqa: ANN401  a name of `maps.layers`, whose import takes a second and waits
    from maps.layers import local_layer

    layer = local_layer(name).to_crs(_NATIONAL_GRID).sort_values("code", kind="stable")
    return Boundaries(tuple(map(str, layer["code"])), tuple(map(str, layer["name"])), tuple(layer.geometry))
