"""Where children were missing together: the places that both absences of a meeting have in common, by square and by name."""

from collections.abc import Sequence
from typing import Final

import geopandas as gpd

from maps.base import OfflineMap
from maps.drawn import Area, Areas, Mark, Marks
from maps.framing import bounds_of
from maps.page import Facts, Handling, LegendBlock, LegendEntry, Precision, Table
from maps.rows import Row, rows_of
from maps.signs import sign
from maps.steps import counts_of, legend_of, step_of, steps_for, styles_of

#: Dark enough for white text: a place of pairs seen more often than chance, and any other.
MORE_THAN_CHANCE: Final = "#5b2a86"
OTHER: Final = "#505a5f"


def co_missing_map(
    cells: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame | None = None,
    *,
    title: str,
    period: str,
    precision: Precision | str = Precision.AREA,
    handling: Handling,
    note: str = "",
    made_from: str = "",
) -> OfflineMap:
    """
    Draw how often children were missing together by square, and the places that their absences have in common.

    Parameters
    ----------
    cells
        A row a square: `geometry` (polygon, any CRS), `events` (meetings: whole number, or None where hidden) and `label`. No rows: the map
        says that there is nothing to show.
    places
        A row a place that may be shown, the most telling first: `geometry` (point, any CRS), `label`, `part` (what both did there, in
        words), `meetings`, `pairs` and `findings` (whole numbers: how many pairs of children, and how many of these more than chance).
    title, period, precision, handling, note, made_from
        As in `hotspot_map`.

    Raises
    ------
    MapDataError
        If a table has no CRS or lacks a column, a count is not one, or a point is given where only areas may be shown.
    """
    kept = Precision(precision)
    squares = rows_of(cells, "cells", {"events", "label"})
    counts = counts_of([square.values["events"] for square in squares], "cells")
    steps = steps_for(counts)
    nothing = "" if steps or None in counts else "No place that two absences have in common, in this period."
    legend = [
        legend_of("Times that two were missing together, in a square", steps, hidden=None in counts, note=nothing)
    ]
    named: Sequence[Row] = ()
    tables = []
    if places is not None:
        named = rows_of(places, "places", {"label", "part", "meetings", "pairs", "findings"}, kept)
        tables.append(
            Table(
                "Places in common",
                ("Number", "Place", "Both", "Times", "Pairs of children", "More than chance"),
                [
                    (
                        number,
                        row.text("label"),
                        row.text("part"),
                        *(int(row.values[n]) for n in ("meetings", "pairs", "findings")),
                    )
                    for number, row in enumerate(named, start=1)
                ],
            )
        )
        legend.append(
            LegendBlock(
                "Places in common",
                [
                    LegendEntry(
                        sign("diamond", MORE_THAN_CHANCE, "1"), "Of two children together more often than chance"
                    ),
                    LegendEntry(sign("circle", OTHER, "2"), "Of others"),
                ],
            )
        )
    tables.append(
        Table(
            "By square",
            ("Square", "Times"),
            [(row.text("label"), count) for row, count in zip(squares, counts, strict=True) if count != 0],
        )
    )
    facts = Facts(title, period, kept, handling, note, made_from)
    drawn = OfflineMap(facts, bounds_of(cells, places), legend=legend, tables=tables)
    areas = [
        Area(row.outline, style, [row.text("label"), "too few to show" if count is None else f"{count} times"])
        for row, count in zip(squares, counts, strict=True)
        if (style := step_of(count, steps)) is not None
    ]
    Areas(areas, styles_of(steps)).add_to(drawn.group("By square"))
    if named:
        Marks(_mark(number, row) for number, row in enumerate(named, start=1)).add_to(drawn.group("Places in common"))
    return drawn


def _mark(number: int, row: Row) -> Mark:
    telling = int(row.values["findings"]) > 0
    times = int(row.values["meetings"])
    return Mark(
        row.outline.representative_point(),
        str(number),
        "diamond" if telling else "circle",
        MORE_THAN_CHANCE if telling else OTHER,
        [f"{row.text('part')}, {times} {'time' if times == 1 else 'times'}"],
        row.text("label"),
    )
