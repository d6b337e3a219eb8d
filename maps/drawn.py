"""
The layers that an `OfflineMap` may hold. Each carries its values as JSON to our own script, which writes every text as a text node.

Positions in a payload are latitude then longitude (EPSG:4326), rounded to five decimals (about a metre).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal, TypeAlias

import shapely
from branca.element import MacroElement
from folium.template import Template
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from maps.page import script_json

WGS84: Final = "EPSG:4326"

Shape: TypeAlias = Literal["circle", "square", "hexagon", "diamond", "bar", "triangle", "shield"]
PathStyle: TypeAlias = Mapping[str, str | float | bool]


@dataclass(frozen=True, slots=True)
class Area:
    """An outline with a named style; `tip` is shown line by line on pointing at it."""

    outline: BaseGeometry
    style: str
    tip: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign at a point: a shape in a colour with a short text in it, and perhaps a name beside it."""

    point: shapely.Point
    text: str
    shape: Shape = "circle"
    colour: str = "#1d3557"
    tip: Sequence[str] = ()
    label: str = ""
    dashed: bool = False
    hollow: bool = False
    shift: tuple[float, float] = (0.0, 0.0)
    """Right and down from the point, in screen pixels: several marks at one place stand beside each other."""


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line between two marks, whose `shift`s it follows."""

    start: shapely.Point
    end: shapely.Point
    style: str
    tip: Sequence[str] = ()
    start_shift: tuple[float, float] = (0.0, 0.0)
    end_shift: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Label:
    """A name on the map; where two would overlap, the one of higher `priority` stays."""

    point: shapely.Point
    text: str
    priority: float = 0
    from_zoom: int = 0
    kind: Literal["area", "value"] = "area"


class DrawnLayer(MacroElement):
    """A layer of ours: the name of a function of `drawing/map.js`, and what it draws."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            pmet.{{ this.draw }}({{ this._parent.get_name() }}, {{ this.payload }});
        {% endmacro %}
        """
    )
    draw: ClassVar[str]

    def __init__(self, drawn: object) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = type(self).__name__
        self.payload = script_json(drawn)


class Areas(DrawnLayer):
    """Outlines in a few named styles (Leaflet path options; a `fillColor` of `hatch` is drawn as hatching)."""

    draw = "areas"

    def __init__(self, areas: Iterable[Area], styles: Mapping[str, PathStyle], *, below: bool = False) -> None:
        features = [
            {
                "type": "Feature",
                "geometry": _rounded(area.outline),
                "properties": {"style": area.style, "tip": list(area.tip)},
            }
            for area in areas
        ]
        super().__init__(
            {"areas": {"type": "FeatureCollection", "features": features}, "styles": dict(styles), "below": below}
        )


class Lines(DrawnLayer):
    """Straight lines between marks."""

    draw = "lines"

    def __init__(self, lines: Iterable[Line], styles: Mapping[str, PathStyle]) -> None:
        drawn = [
            {
                "ends": [_at(line.start), _at(line.end)],
                "shifts": [line.start_shift, line.end_shift],
                "style": line.style,
                "tip": list(line.tip),
            }
            for line in lines
        ]
        super().__init__({"lines": drawn, "styles": dict(styles)})


class Marks(DrawnLayer):
    """Signs at points."""

    draw = "marks"

    def __init__(self, marks: Iterable[Mark]) -> None:
        super().__init__(
            [
                {
                    "at": _at(mark.point), "text": mark.text, "shape": mark.shape, "colour": mark.colour, "tip": list(mark.tip),
                    "label": mark.label, "dashed": mark.dashed, "hollow": mark.hollow, "shift": mark.shift,
                }
                for mark in marks
            ]
        )  # fmt: skip


class Labels(DrawnLayer):
    """Names on the map that never overlap each other: those that do not fit wait for a closer zoom."""

    draw = "labels"

    def __init__(self, labels: Iterable[Label] = ()) -> None:
        ordered = sorted(labels, key=lambda each: -each.priority)
        super().__init__(
            [{"at": _at(each.point), "text": each.text, "zoom": each.from_zoom, "kind": each.kind} for each in ordered]
        )


class Raster(DrawnLayer):
    """A picture laid over the map; `bounds` are west, south, east, north in degrees, rows evenly spaced in Web Mercator."""

    draw = "raster"

    def __init__(self, picture: str, bounds: tuple[float, float, float, float], *, description: str) -> None:
        west, south, east, north = bounds
        super().__init__({"picture": picture, "bounds": [[south, west], [north, east]], "description": description})


def _at(point: shapely.Point) -> list[float]:
    return [round(point.y, 5), round(point.x, 5)]


def _rounded(outline: BaseGeometry) -> dict[str, Any]:
    fine: dict[str, Any] = mapping(outline)
    return {key: _short(each) for key, each in fine.items()}


def _short(value: object) -> object:
    """Positions nested as GeoJSON nests them, each number rounded."""
    if isinstance(value, float):
        return round(value, 5)
    return [_short(each) for each in value] if isinstance(value, list | tuple) else value
