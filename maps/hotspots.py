"""Where events are densest: graduated squares of the National Grid, ranked places, and a smooth surface to switch on."""

from typing import Final

import geopandas as gpd

from maps.base import OfflineMap
from maps.drawn import WGS84, Area, Areas, Label, Mark, Marks, Raster
from maps.errors import MapDataError
from maps.framing import bounds_of
from maps.grid import BRITISH_NATIONAL_GRID
from maps.page import Facts, Handling, LegendBlock, LegendEntry, Precision, Table
from maps.signs import sign
from maps.steps import counts_of, legend_of, step_of, steps_for, styles_of
from maps.surface import density_surface

PLACE_COLOUR: Final = "#1d3557"


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
    period
        The time covered, in words.
    precision
        How near to the truth a place is: `exact`, `snapped` or `area`. A point among the places needs one of the first two.
    handling
        The marking, as it should be read.
    note, made_from
        More on precision, and the question, version and parameters that the figures came from.
    surface
        Open on the smooth surface, made from these squares, in place of the squares.

    Raises
    ------
    MapDataError
        If a table has no CRS or lacks a column, a count is not one, or a point is given where only areas may be shown.
    """
    kept = Precision(precision)
    _check(cells, "cells")
    squares = cells.to_crs(WGS84)
    counts = counts_of(squares["events"], "cells")
    steps = steps_for(counts)
    facts = Facts(title, period, kept, handling, note or _side_note(cells), made_from)
    legend = [legend_of("Events in a square", steps, hidden=None in counts, note="" if steps or None in counts else "No events to show in this period.")]
    tables = [_cell_table(squares, counts)]
    ranked = None
    if places is not None:
        ranked = _ranked(places, kept)
        tables.insert(0, _place_table(ranked))
        if not ranked.empty:
            legend.append(LegendBlock("Places", [LegendEntry(sign("circle", PLACE_COLOUR, "1"), "Ranked place; 1 has most events")]))
    density = density_surface(cells) if not cells.empty else None
    if density is not None:
        legend.append(LegendBlock("Smooth surface", note="The same squares, smoothed over 400 metres: darker is denser. It adds no detail."))
    drawn = OfflineMap(facts, bounds_of(cells, places), legend=legend, tables=tables)
    group = drawn.group("Events by square", exclusive=True, shown=not (surface and density is not None))
    areas = [
        Area(outline, style, [str(label), "Some, too few to show" if count is None else _events(count)])
        for outline, label, count in zip(squares.geometry, squares["label"], counts, strict=True)
        if (style := step_of(count, steps)) is not None
    ]
    Areas(areas, styles_of(steps)).add_to(group)
    if density is not None:
        smooth = drawn.group("Smooth surface", exclusive=True, shown=surface)
        Raster(density.picture, density.bounds, description=f"Smooth surface of {title}").add_to(smooth)
    if ranked is not None and not ranked.empty:
        _draw_places(drawn, ranked)
    return drawn


def _draw_places(drawn: OfflineMap, ranked: gpd.GeoDataFrame) -> None:
    group = drawn.group("Ranked places")
    outlines = ranked[~ranked.geom_type.isin(["Point", "MultiPoint"])]
    if not outlines.empty:
        style = {"color": PLACE_COLOUR, "weight": 2.5, "fill": False}
        Areas([Area(outline, "place", [str(label)]) for outline, label in zip(outlines.geometry, outlines["label"], strict=True)], {"place": style}).add_to(group)
    Marks(
        Mark(row.geometry.representative_point(), str(row.rank), "circle", PLACE_COLOUR, [str(row.label), _events(row.events)], str(row.label))
        for row in ranked.itertuples()
    ).add_to(group)


def _ranked(places: gpd.GeoDataFrame, precision: Precision) -> gpd.GeoDataFrame:
    _check(places, "places")
    if precision is Precision.AREA and places.geom_type.isin(["Point", "MultiPoint"]).any():
        raise MapDataError("places", "has points, and precision is area; give areas, or say that points are exact or snapped")
    ranked = places.to_crs(WGS84).reset_index(drop=True)
    ranked["events"] = gpd.pd.Series(counts_of(ranked["events"], "places"), dtype="object")
    if "rank" not in ranked:
        ranked["rank"] = range(1, len(ranked) + 1)
    return ranked.sort_values("rank", kind="stable")


def _check(frame: gpd.GeoDataFrame, table: str) -> None:
    if frame.crs is None:
        raise MapDataError(table, "needs a known CRS")
    if missing := {"events", "label"} - set(frame.columns):
        raise MapDataError(table, f"lacks the column {', '.join(sorted(missing))}")
    if frame.geometry.isna().any() or frame.geometry.is_empty.any():
        raise MapDataError(table, "has a row without a geometry; leave it out of the map and keep it in the table beside")


def _events(count: int | None) -> str:
    if count is None:
        return "Some events, too few to show"
    return "1 event" if count == 1 else f"{count} events"


def _side_note(cells: gpd.GeoDataFrame) -> str:
    if cells.empty:
        return ""
    west, _, east, _ = cells.geometry.to_crs(BRITISH_NATIONAL_GRID).iloc[:1].total_bounds
    side = round(east - west)
    return f"Squares of the National Grid with sides of {side:,} metres" if side in {50, 100, 500, 1000, 5000} else ""


def _cell_table(squares: gpd.GeoDataFrame, counts: list[int | None]) -> Table:
    rows = sorted(zip(squares["label"].astype(str), counts, strict=True), key=lambda row: (-(row[1] or 0), row[0]))
    return Table("Events by square", ("Square", "Events"), [row for row in rows if row[1] != 0])


def _place_table(ranked: gpd.GeoDataFrame) -> Table:
    rows = [(int(row.rank), str(row.label), row.events) for row in ranked.itertuples()]
    return Table("Ranked places", ("Rank", "Place", "Events"), rows)
