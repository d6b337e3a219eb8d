"""A peer group on the map: who is linked to whom, and in which areas. Areas, not doors, unless exact points may be shown."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import geopandas as gpd

from maps.base import OfflineMap
from maps.drawn import Area, Areas, Line, Lines, Mark, Marks, PathStyle
from maps.framing import bounds_of
from maps.kinds import LINK_CAVEAT, THIN, TONE_LOOKS, look_of
from maps.network import Link, links_of
from maps.page import Facts, Handling, LegendBlock, LegendEntry, Precision, Table
from maps.rows import Row, rows_of
from maps.signs import line_sign, sign

_AREA_STYLE: Final[PathStyle] = {"color": "#39506b", "weight": 2, "fillColor": "#7f93ab", "fillOpacity": 0.25}
#: Widest link on a map, in pixels: the map below it stays readable.
_WIDEST: Final = 7.0
#: Room for one sign, in pixels.
_SIGN_PIXELS: Final = 34.0


def peer_map(
    nodes: gpd.GeoDataFrame,
    links: Sequence[Mapping[str, Any]],
    *,
    title: str,
    period: str,
    precision: Precision | str = Precision.AREA,
    handling: Handling,
    note: str = "",
    made_from: str = "",
) -> OfflineMap:
    """
    Draw a peer group where its members may be shown to be.

    Parameters
    ----------
    nodes
        A row a subject: `id`, `label`, `kind`, `geometry` (an area, or a point where `precision` allows points; any CRS), and if wanted `area` (the
        name of the area) and `unknown`. Subjects at one place stand in a ring: where in the area a sign stands says nothing.
    links
        As `peer_drawing` takes them: `a`, `b`, `tone`, `kinds`. A link to a subject that has no row is in the table alone.
    title, period
        What is shown, and the time covered, in words.
    precision
        `exact`, `snapped` or `area`.
    handling
        The marking, as it should be read.
    note, made_from
        More on precision, and the question, version and parameters that the rows came from.

    Raises
    ------
    MapDataError
        If there is no CRS, a column is missing, a tone is not one, or a point is given where only areas may be shown.
    """
    kept = Precision(precision)
    rows = rows_of(nodes, "nodes", {"id", "label", "kind"}, kept)
    row_of = {row.text("id"): row for row in rows}
    shifts = _rings(rows)
    every_link = links_of(links)
    placed = [link for link in every_link if link.a in row_of and link.b in row_of]
    said = note or ("Where in an area a sign stands says nothing" if kept is Precision.AREA else "")
    tables = [_link_table(every_link, row_of), _node_table(rows)]
    drawn = OfflineMap(
        Facts(title, period, kept, handling, said, made_from),
        bounds_of(nodes),
        legend=_legend(rows, placed),
        tables=tables,
    )
    areas = {
        row.outline.wkb: Area(row.outline, "area", [row.text("area") or "Area"]) for row in rows if not row.is_point
    }
    if areas:
        Areas(areas.values(), {"area": _AREA_STYLE}).add_to(drawn.group("Areas"))
    if placed:
        _draw_links(drawn, placed, row_of, shifts)
    Marks(_mark(row, shifts[row.text("id")]) for row in rows).add_to(drawn.group("People and things"))
    return drawn


def _rings(rows: Sequence[Row]) -> dict[str, tuple[float, float]]:
    """Give each subject its place in the ring of its area, in pixels right and down."""
    together: dict[bytes, list[str]] = defaultdict(list)
    for row in rows:
        together[row.outline.wkb].append(row.text("id"))
    shifts = {}
    for ids in together.values():
        radius = 0.0 if len(ids) == 1 else max(_SIGN_PIXELS * 0.6, _SIGN_PIXELS * len(ids) / (2 * math.pi))
        for place, each in enumerate(ids):
            angle = 2 * math.pi * place / len(ids) - math.pi / 2
            shifts[each] = (round(radius * math.cos(angle), 1), round(radius * math.sin(angle), 1))
    return shifts


def _mark(row: Row, shift: tuple[float, float]) -> Mark:
    look, unknown = look_of(row.text("kind")), row.flag("unknown")
    tip = [look.meaning + (", not identified" if unknown else ""), *([row.text("area")] if row.text("area") else [])]
    point = row.outline.representative_point()
    return Mark(
        point,
        "?" if unknown else "",
        look.shape,
        look.colour,
        tip,
        row.text("label"),
        dashed=unknown,
        hollow=unknown,
        shift=shift,
    )


def _draw_links(
    drawn: OfflineMap, links: Sequence[Link], row_of: Mapping[str, Row], shifts: Mapping[str, tuple[float, float]]
) -> None:
    heaviest = max(link.weight for link in links)
    styles: dict[str, PathStyle] = {}
    lines = []
    for link in links:
        look = TONE_LOOKS[link.tone]
        width = (
            THIN if link.reports <= 1 else round(THIN + 1 + (_WIDEST - THIN - 1) * math.sqrt(link.weight / heaviest))
        )
        style = f"{link.tone}-{width:g}"
        styles[style] = {"color": look.colour, "weight": width, "dashArray": look.dash, "opacity": 0.9}
        one, other = row_of[link.a], row_of[link.b]
        tip = [
            f"{one.text('label')} and {other.text('label')}",
            f"{look.meaning}: {link.kinds}",
            f"{link.reports} independent reports, at least",
        ]
        ends = one.outline.representative_point(), other.outline.representative_point()
        lines.append(Line(*ends, style, tip, shifts[link.a], shifts[link.b]))
    Lines(lines, styles).add_to(drawn.group("Links"))


def _link_table(links: Sequence[Link], row_of: Mapping[str, Row]) -> Table:
    def name(each: str) -> str:
        return row_of[each].text("label") if each in row_of else "not on the map"

    rows = [(name(link.a), name(link.b), TONE_LOOKS[link.tone].meaning, link.kinds, link.reports) for link in links]
    return Table("Links", ("One", "The other", "Tone", "Kinds", "Independent reports, at least"), rows)


def _node_table(rows: Sequence[Row]) -> Table:
    return Table(
        "Who is where",
        ("Name", "Kind", "Area"),
        [(row.text("label"), look_of(row.text("kind")).meaning, row.text("area")) for row in rows],
    )


def _legend(rows: Sequence[Row], links: Sequence[Link]) -> list[LegendBlock]:
    looks = {look.meaning: look for look in (look_of(row.text("kind")) for row in rows)}
    signs = [LegendEntry(sign(look.shape, look.colour), meaning) for meaning, look in looks.items()]
    if any(row.flag("unknown") for row in rows):
        signs.append(
            LegendEntry(sign("circle", "#39506b", "?", dashed=True, hollow=True), "Dashed: nobody knows who this is")
        )
    blocks = [LegendBlock("Who and what", signs, "" if signs else "Nobody to show in this period.")]
    if links:
        tones = {link.tone for link in links}
        entries = [
            LegendEntry(line_sign(look.colour, look.dash, 5), look.meaning)
            for tone, look in TONE_LOOKS.items()
            if tone in tones
        ]
        if any(link.reports <= 1 for link in links):
            entries.append(LegendEntry(line_sign("#0b0c0c", "", THIN), "Thin: one report only"))
        blocks.append(LegendBlock("Links", entries, LINK_CAVEAT))
    return blocks
