"""Where events are densest: graduated squares of the National Grid, ranked places, and a smooth surface to switch on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd

from maps.base import OfflineMap
from maps.drawn import Area, Areas, Label, Mark, Marks, Raster
from maps.errors import MapDataError
from maps.framing import bounds_of
from maps.grid import BRITISH_NATIONAL_GRID
from maps.page import Facts, Handling, LegendBlock, LegendEntry, Precision, Table
from maps.rows import Row, rows_of
from maps.signs import sign
from maps.steps import Step, counts_of, legend_of, step_of, steps_for, styles_of
from maps.surface import density_surface

PLACE_COLOUR: Final = "#1d3557"
#: A square this wide on the screen has room for its count.
_ROOM_PIXELS: Final = 34
_SIDES: Final = frozenset({50, 100, 500, 1000, 5000})


@dataclass(frozen=True, slots=True)
class _Counted:
    row: Row
    count: int | None
    rank: int = 0


def hotspot_map(
    cells: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame | None = None,
    *,
    title: str,
    period: str,
    precision: Precision | str = Precision.AREA,
    handling: Handling,
    note: str = "",
    made_from: str = "",
    surface: bool = False,
    unit: str = "square",
) -> OfflineMap:
    """
    Draw events by square, and the ranked places.

    Parameters
    ----------
    cells
        A row a square: `geometry` (polygon, any CRS), `events` (whole number, or None where the count is hidden) and `label`. A hidden count is
        hatched, a zero is not drawn. No rows: the map says that there is nothing to show.
    places
        A row a place that may be shown: `geometry` (point or polygon, any CRS), `label`, `events`, and `rank` (else the order given).
    title, period
        What is shown, and the time covered, in words.
    precision
        How near to the truth a place is: `exact`, `snapped` or `area`. A point among the places needs one of the first two.
    handling
        The marking, as it should be read.
    note, made_from
        More on precision, and the question, version and parameters that the figures came from.
    surface
        Open on the smooth surface, made from these squares, in place of the squares.
    unit
        What a row of `cells` is called: a square, or an area.

    Raises
    ------
    MapDataError
        If a table has no CRS or lacks a column, a count is not one, or a point is given where only areas may be shown.
    """
    kept = Precision(precision)
    squares = _counted(rows_of(cells, "cells", {"events", "label"}), "cells")
    counts = [square.count for square in squares]
    steps = steps_for(counts)
    nothing = "" if steps or None in counts else "No events to show in this period."
    legend = [
        legend_of(f"Events in {'an' if unit == 'area' else 'a'} {unit}", steps, hidden=None in counts, note=nothing)
    ]
    tables = [_square_table(squares, unit)]
    ranked = []
    if places is not None:
        ranked = _ranked(rows_of(places, "places", {"events", "label"}, kept))
        tables.insert(
            0,
            Table(
                "Ranked places",
                ("Rank", "Place", "Events"),
                [(each.rank, each.row.text("label"), each.count) for each in ranked],
            ),
        )
    if ranked:
        legend.append(
            LegendBlock("Places", [LegendEntry(sign("circle", PLACE_COLOUR, "1"), "Ranked place; 1 has most events")])
        )
    density = density_surface(cells) if squares else None
    if density is not None:
        legend.append(
            LegendBlock(
                "Smooth surface",
                note="The same squares, smoothed over 400 metres: darker is denser. It adds no detail.",
            )
        )
    side = _side(cells)
    facts = Facts(title, period, kept, handling, note or _side_note(side), made_from)
    drawn = OfflineMap(facts, bounds_of(cells, places), legend=legend, tables=tables)
    _draw_squares(drawn, squares, steps, side, unit, shown=density is None or not surface)
    if density is not None:
        smooth = drawn.group("Smooth surface", exclusive=True, shown=surface)
        Raster(density.picture, density.bounds, description=f"Smooth surface of {title}").add_to(smooth)
    if ranked:
        _draw_places(drawn, ranked)
    return drawn


def _draw_squares(
    drawn: OfflineMap, squares: Sequence[_Counted], steps: Sequence[Step], side: int, unit: str, *, shown: bool
) -> None:
    areas = [
        Area(each.row.outline, style, [each.row.text("label"), _events(each.count)])
        for each in squares
        if (style := step_of(each.count, steps)) is not None
    ]
    Areas(areas, styles_of(steps)).add_to(drawn.group(f"Events by {unit}", exclusive=True, shown=shown))
    drawn.name_places(_values(squares, side))


def _draw_places(drawn: OfflineMap, ranked: Sequence[_Counted]) -> None:
    group = drawn.group("Ranked places")
    outlines = [Area(each.row.outline, "place", [each.row.text("label")]) for each in ranked if not each.row.is_point]
    if outlines:
        Areas(outlines, {"place": {"color": PLACE_COLOUR, "weight": 2.5, "fill": False}}).add_to(group)
    Marks(
        Mark(
            each.row.outline.representative_point(),
            str(each.rank),
            "circle",
            PLACE_COLOUR,
            [_events(each.count)],
            each.row.text("label"),
        )
        for each in ranked
    ).add_to(group)


def _counted(rows: Sequence[Row], table: str) -> list[_Counted]:
    counts = counts_of([row.values["events"] for row in rows], table)
    return [_Counted(row, count) for row, count in zip(rows, counts, strict=True)]


def _ranked(rows: Sequence[Row]) -> list[_Counted]:
    counted = _counted(rows, "places")
    try:
        ranked = [
            _Counted(each.row, each.count, int(each.row.values.get("rank", place)))
            for place, each in enumerate(counted, start=1)
        ]
    except (TypeError, ValueError):
        raise MapDataError("places", "rank is a whole number in each row, or the column is left out") from None
    return sorted(ranked, key=lambda each: each.rank)


def _events(count: int | None) -> str:
    if count is None:
        return "Some events, too few to show"
    return "1 event" if count == 1 else f"{count:,} events"


def _side(cells: gpd.GeoDataFrame) -> int:
    """Give the width in metres of the first row, 0 if there is none."""
    if cells.empty:
        return 0
    west, _, east, _ = cells.iloc[:1].to_crs(BRITISH_NATIONAL_GRID).total_bounds.tolist()
    return round(east - west)


def _side_note(side: int) -> str:
    return f"Squares of the National Grid with sides of {side:,} metres" if side in _SIDES else ""


def _values(squares: Sequence[_Counted], side: int) -> list[Label]:
    """Give each count as a label, from the zoom at which a square is wide enough to hold it."""
    if not side:
        return []
    metres_a_pixel = 156_543 * math.cos(math.radians(squares[0].row.outline.centroid.y))
    zoom = math.ceil(math.log2(metres_a_pixel * _ROOM_PIXELS / side))
    return [
        Label(each.row.outline.centroid, f"{each.count:,}", priority=each.count, from_zoom=zoom, kind="value")
        for each in squares
        if each.count
    ]


def _square_table(squares: Sequence[_Counted], unit: str) -> Table:
    ordered = sorted(squares, key=lambda each: (-(each.count or 0), each.row.text("label")))
    rows = [(each.row.text("label"), each.count) for each in ordered if each.count != 0]
    return Table(f"Events by {unit}", (unit.capitalize(), "Events"), rows)
