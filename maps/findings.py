"""
Findings on the map, each told by shape and words and not by colour alone: tested squares and areas, a density surface with its peaks, circles of
clusters and bursts, and places that are new, growing, persistent or fading.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from maps.base import OfflineMap
from maps.drawn import Area, Areas, Label, Mark, Marks, PathStyle, Raster, Shape
from maps.framing import bounds_of
from maps.grid import BRITISH_NATIONAL_GRID
from maps.page import Facts, Handling, LegendBlock, LegendEntry, Precision, Table
from maps.rows import Row, rows_of
from maps.signs import sign
from maps.steps import COLOURS
from maps.surface import Surface

#: Of so many circles the legend says when they were.
_MOST_WHEN: Final = 10
MARK_COLOUR: Final = "#1d3557"
#: False discovery rates up to which a square is called a surer and a likely hotspot.
SURER, LIKELY = 0.01, 0.05


@dataclass(frozen=True, slots=True)
class Words:
    """The words round a map: title, period, precision of the places on it, handling, a note, and what it was made from."""

    title: str
    period: str
    precision: Precision | str
    handling: Handling
    note: str = ""
    made_from: str = ""

    @property
    def facts(self) -> Facts:
        """The same, as every document carries them."""
        return Facts(self.title, self.period, Precision(self.precision), self.handling, self.note, self.made_from)


@dataclass(frozen=True, slots=True)
class _Standing:
    """How an area that was tested is drawn, and how the legend says it."""

    name: str
    meaning: str
    style: PathStyle


_STANDINGS: Final = (
    _Standing(
        "surer", "Surer hotspot (q below 0.01): thick edge",
        {"color": "#0b0c0c", "weight": 4, "fillColor": COLOURS[4], "fillOpacity": 0.75},
    ),
    _Standing(
        "likely", "Hotspot (q below 0.05): medium edge",
        {"color": "#0b0c0c", "weight": 2.5, "fillColor": COLOURS[2], "fillOpacity": 0.75},
    ),
    _Standing(
        "chance", "Events, but not told from chance: dashed edge",
        {"color": "#6b665a", "weight": 1, "dashArray": "3 3", "fillColor": COLOURS[0], "fillOpacity": 0.55},
    ),
)  # fmt: skip
_CIRCLE: Final[PathStyle] = {"color": "#0b0c0c", "weight": 2.5, "fillColor": COLOURS[2], "fillOpacity": 0.3}
#: Shape and letter of each class of change; the letter is said in the legend.
CLASSES: Final[dict[str, tuple[Shape, str, str, str]]] = {
    "new": ("diamond", "N", "#4c2c92", "New: stands out now and never before"),
    "growing": ("triangle", "G", "#942514", "Growing: stands out now and is rising"),
    "persistent": ("square", "P", "#1d3557", "Persistent: stands out nearly always"),
    "fading": ("circle", "F", "#505a5f", "Fading: stood out and is falling"),
    "sporadic": ("hexagon", "S", "#00506b", "Sporadic: stands out at times, without a trend"),
}


def significance_map(areas: gpd.GeoDataFrame, words: Words, *, heading: str = "Squares") -> OfflineMap:
    """
    Draw squares or areas that were tested, by what the test says.

    Parameters
    ----------
    areas
        A row each: `geometry` (polygon, any CRS), `label`, `events` (int), `children` (int or None), `z` and `q_value` (0 to 1).
    words
        What stands round the map.
    heading
        What an area is called in the legend and the table.
    """
    rows = rows_of(areas, "areas", {"label", "events", "children", "z", "q_value"})
    held = {standing.name: standing for standing in _STANDINGS}
    present = {_standing(row) for row in rows}
    legend = [
        LegendBlock(
            heading,
            [LegendEntry(_patch(held[name].style), held[name].meaning) for name in held if name in present],
            "" if rows else "No events to show in this period.",
        )
    ]
    listed = [
        (r.text("label"), _whole(r, "events"), _whole(r, "children"), round(float(r.values["z"]), 2), _rate(r))
        for r in rows
    ]
    tables = [Table(heading, ("Where", "Events", "Children", "z", "q"), listed)]
    drawn = OfflineMap(words.facts, bounds_of(areas), legend=legend, tables=tables)
    styles = {name: standing.style for name, standing in held.items()}
    outlines = [
        Area(r.outline, _standing(r), [r.text("label"), f"{_whole(r, 'events')} events", f"q = {_rate(r)}"])
        for r in rows
    ]
    Areas(outlines, styles).add_to(drawn.group(heading))
    drawn.name_places(
        [Label(r.outline.centroid, f"{_whole(r, 'events'):,}", _whole(r, "events") or 0, 13, "value") for r in rows]
    )
    return drawn


def surface_map(surface: Surface | None, peaks: gpd.GeoDataFrame, words: Words) -> OfflineMap:
    """
    Draw a density surface and its peaks.

    Parameters
    ----------
    surface
        Made by `maps.surface.grid_surface`; it holds no event. None: nothing to show.
    peaks
        A row each, highest first: `geometry` (point or polygon, any CRS), `label`, `events` (int), `per_km2`.
    words
        What stands round the map.
    """
    rows = rows_of(peaks, "peaks", {"label", "events", "per_km2"}, Precision(words.precision))
    legend = []
    if surface is not None:
        limits = [f"up to {limit:.3g} a km²" for limit in surface.limits]
        legend.append(
            LegendBlock(
                "Events a square kilometre",
                [
                    LegendEntry(_patch({"fillColor": c, "color": c, "weight": 1}), t)
                    for c, t in zip(COLOURS, limits, strict=True)
                ],
                "Below the lightest band nothing is drawn.",
            )
        )
    if rows:
        legend.append(LegendBlock("Peaks", [LegendEntry(sign("circle", MARK_COLOUR, "1"), "Peak; 1 is the highest")]))
    if surface is None:
        legend.append(LegendBlock("Density", note="No events to show in this period."))
    listed = [
        (n, r.text("label"), _whole(r, "events"), round(float(r.values["per_km2"]), 1)) for n, r in enumerate(rows, 1)
    ]
    tables = [Table("Peaks of the surface", ("Peak", "Square", "Events near it", "Events a km²"), listed)]
    drawn = OfflineMap(words.facts, bounds_of(peaks), legend=legend, tables=tables)
    if surface is not None:
        Raster(surface.picture, surface.bounds, description=f"Density surface of {words.title}").add_to(
            drawn.group("Density surface")
        )
    _number(drawn, rows, "Peaks", lambda row: [f"{float(row.values['per_km2']):.1f} events a km²"])
    return drawn


def circles_map(circles: gpd.GeoDataFrame, words: Words, *, heading: str) -> OfflineMap:
    """
    Draw clusters or bursts as circles, numbered in the order given.

    Parameters
    ----------
    circles
        A row each: `geometry` (the middle, a point, any CRS), `radius_metres`, `label`, `events` (int), `when` and `told` (text: what the
        method says of it).
    words
        What stands round the map.
    heading
        What a circle is called.
    """
    rows = rows_of(circles, "circles", {"radius_metres", "label", "events", "when", "told"}, Precision(words.precision))
    entry = [
        LegendEntry(sign("circle", MARK_COLOUR, "1"), f"{heading}, in the order of the table; the ring is its reach")
    ]
    # When it was is half of a finding: it stands beside the map, not only in the table.
    when = "; ".join(f"{n}: {row.text('when')}" for n, row in enumerate(rows[:_MOST_WHEN], 1)) + "."
    legend = [LegendBlock(heading, entry if rows else [], when if rows else f"No {heading.lower()} in this period.")]
    listed = [
        (
            n,
            r.text("label"),
            _whole(r, "events"),
            round(float(r.values["radius_metres"])),
            r.text("when"),
            r.text("told"),
        )
        for n, r in enumerate(rows, 1)
    ]
    tables = [Table(heading, ("Number", "Where", "Events", "Reach (m)", "When", "What the method says"), listed)]
    drawn = OfflineMap(words.facts, bounds_of(circles), legend=legend, tables=tables)
    metres = circles.to_crs(BRITISH_NATIONAL_GRID)
    # Small bursts at one bus stop have no reach to see: a ring of 60 metres marks them.
    reach = [max(float(radius), 60.0) for radius in circles["radius_metres"]]
    rings = metres.geometry.buffer(reach, quad_segs=12).to_crs("EPSG:4326")
    outlines: list[BaseGeometry] = list(rings)
    Areas(
        [
            Area(ring, "ring", [r.text("label"), r.text("when"), r.text("told")])
            for ring, r in zip(outlines, rows, strict=True)
        ],
        {"ring": _CIRCLE},
    ).add_to(drawn.group("Reach"))
    _number(drawn, rows, heading, lambda row: [f"{_whole(row, 'events')} events", row.text("when")])
    return drawn


def classes_map(places: gpd.GeoDataFrame, words: Words) -> OfflineMap:
    """
    Draw places by how they change: a shape and a letter for each class.

    Parameters
    ----------
    places
        A row each: `geometry` (point, any CRS), `label`, `events` (int), `kind` (one of `CLASSES`) and `windows` (counts, oldest first).
    words
        What stands round the map.
    """
    rows = rows_of(places, "places", {"label", "events", "kind", "windows"}, Precision(words.precision))
    present = {row.text("kind") for row in rows}
    entries = [
        LegendEntry(sign(shape, colour, letter), meaning)
        for kind, (shape, letter, colour, meaning) in CLASSES.items()
        if kind in present
    ]
    legend = [LegendBlock("How it changes", entries, "" if rows else "No place stands out in this period.")]
    listed = [(r.text("label"), r.text("kind"), _whole(r, "events"), _series(r)) for r in rows]
    tables = [Table("Places that stand out", ("Place", "Class", "Events", "By window, oldest first"), listed)]
    drawn = OfflineMap(words.facts, bounds_of(places), legend=legend, tables=tables)
    Marks(
        Mark(row.outline.representative_point(), letter, shape, colour, [meaning, _series(row)], row.text("label"))
        for row in rows
        for shape, letter, colour, meaning in (CLASSES[row.text("kind")],)
    ).add_to(drawn.group("Places that stand out"))
    return drawn


def _number(drawn: OfflineMap, rows: Sequence[Row], name: str, tip: Callable[[Row], list[str]]) -> None:
    if rows:
        Marks(
            Mark(row.outline.representative_point(), str(n), "circle", MARK_COLOUR, tip(row), row.text("label"))
            for n, row in enumerate(rows, 1)
        ).add_to(drawn.group(f"{name}, numbered"))


def _standing(row: Row) -> str:
    rate = float(row.values["q_value"])
    return "surer" if rate < SURER else "likely" if rate < LIKELY else "chance"


def _rate(row: Row) -> str:
    rate = float(row.values["q_value"])
    return "below 0.001" if rate < 0.001 else f"{rate:.3f}"


def _whole(row: Row, column: str) -> int | None:
    value: Any = row.values[column]
    return None if value is None or math.isnan(value) else int(value)


def _series(row: Row) -> str:
    return ", ".join(str(count) for count in row.values["windows"])


def _patch(style: PathStyle) -> Markup:
    return Markup(
        '<svg width="28" height="20" viewBox="0 0 28 20" aria-hidden="true" focusable="false">'
        '<rect x="3" y="3" width="22" height="14" fill="{}" stroke="{}" stroke-width="{}" stroke-dasharray="{}"/></svg>'
    ).format(style["fillColor"], style["color"], style["weight"], style.get("dashArray", "none"))
