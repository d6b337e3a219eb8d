"""One context on the map: outline, incidents by part of the day, routes, change since the plan, and its safe places and guardians, as equals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import shapely
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from maps.base import OfflineMap
from maps.drawn import Area, Areas, Line, Lines, Mark, Marks, PathStyle
from maps.errors import MapDataError
from maps.framing import STREETS_ROUND, bounds_of
from maps.grid import PART_HOURS, PARTS_OF_DAY
from maps.page import Facts, Handling, LegendBlock, LegendEntry, Precision, Table, environment
from maps.rows import Row, rows_of
from maps.signs import sign
from maps.steps import Step, counts_of, legend_of, step_of, steps_for, styles_of

SAFE_COLOUR: Final = "#00703c"
PLACE_COLOUR: Final = "#1d3557"
_OUTLINE: Final[PathStyle] = {"color": "#0b0c0c", "weight": 3, "dashArray": "10 5", "fill": False}
_SAFE_AREA: Final[PathStyle] = {"color": SAFE_COLOUR, "weight": 2.5, "fillColor": "#00703c", "fillOpacity": 0.18}
ROUTE_COLOUR: Final = "#5b2a86"
_ROUTES: Final[dict[str, PathStyle]] = {
    name: {"color": ROUTE_COLOUR, "weight": weight, "opacity": 0.75}
    for name, weight in (("few", 2.5), ("some", 5), ("many", 8))
}
_SOME, _MANY = 3, 8
_WHOLE_DAY: Final = "all"
_BAR_PIXELS: Final = 95


@dataclass(frozen=True, slots=True)
class _Counted:
    outline: BaseGeometry
    label: str
    count: int | None


def context_map(
    area: gpd.GeoDataFrame | None,
    incidents: gpd.GeoDataFrame,
    safe_places: gpd.GeoDataFrame | None = None,
    *,
    routes: gpd.GeoDataFrame | None = None,
    changes: gpd.GeoDataFrame | None = None,
    guardians: Sequence[tuple[str, str, str]] = (),
    title: str,
    period: str,
    precision: Precision | str = Precision.AREA,
    handling: Handling,
    note: str = "",
    made_from: str = "",
) -> OfflineMap:
    """
    Draw a context: what happens in it and when, and where children are safe.

    Parameters
    ----------
    area
        The context's own outline, a row each part (any CRS); None for a context that has no place, such as an online space.
    incidents
        Counts, not incidents: a row for each place and part of the day, as `by_time_of_day` gives them: `geometry` (polygon, or point where
        `precision` allows points; any CRS), `label`, `events` (None where hidden) and `part` (`night`, `morning`, `afternoon`, `evening`, or `all`).
    safe_places
        `geometry` (any CRS), `label` and if wanted `kind`: places and people's places where children are safe.
    routes
        Where children went missing from before they were found or last seen here: a row a pair of places, `geometry` (straight line, any CRS),
        `start`, `end` and `events` (None where hidden). A line says from where to where, never which way somebody went.
    changes
        `geometry` (any CRS), `label`, `before` and `since`: incidents in equal windows before the plan and since, None where hidden.
    guardians
        Who could keep the place safe, as the assessment says: who, where or when, what they could do.
    title, period
        What is shown, and the time covered, in words.
    precision
        `exact`, `snapped` or `area`: of the incidents, routes and changes. Safe places are public ones, shown as given.
    handling
        The marking, as it should be read.
    note, made_from
        More on precision, and the question, version and parameters that the figures came from.

    Raises
    ------
    MapDataError
        If a table has no CRS or lacks a column, a part of the day is not one, or a point of an incident is given where only areas may be shown.

    Notes
    -----
    The whole day is the sum of its parts, and hidden where any part is: a sum would give the hidden part away. Rows of `all` are used as they come.
    """
    kept = Precision(precision)
    parts = _by_part(rows_of(incidents, "incidents", {"label", "events", "part"}, kept))
    safe = [] if safe_places is None else rows_of(safe_places, "safe_places", {"label"})
    outline = [] if area is None else rows_of(area, "area", set())
    counts = [each.count for counted in parts.values() for each in counted]
    steps = steps_for(counts)
    nothing = "" if steps or None in counts else "No incidents to show in this period."
    legend = [legend_of("Incidents in a place", steps, hidden=None in counts, note=nothing)]
    if counts:
        legend.append(LegendBlock("By part of the day, London time", chart=_strip(parts)))
    if safe:
        legend.append(LegendBlock("Strengths", [LegendEntry(sign("shield", SAFE_COLOUR, "✓"), "Safe place")]))
    if outline:
        legend.append(LegendBlock("Context", [LegendEntry(_OUTLINE_SWATCH, "Its outline")]))
    went = [] if routes is None else rows_of(routes, "routes", {"start", "end", "events"})
    if went:
        legend.append(
            LegendBlock(
                "Missing from, then found or last seen here", [LegendEntry(_ROUTE_SWATCH, "Wider: more episodes")]
            )
        )
    changed = [] if changes is None else rows_of(changes, "changes", {"label", "before", "since"}, kept)
    if changed:
        legend.append(
            LegendBlock(
                "Before the plan, and since", [LegendEntry(sign("bar", PLACE_COLOUR, "9›4"), "Incidents in equal time")]
            )
        )
    facts = Facts(title, period, kept, handling, note, made_from)
    tables = [*_tables(parts, safe), *_more_tables(went, changed, guardians)]
    drawn = OfflineMap(
        facts, bounds_of(area, incidents, safe_places, least=STREETS_ROUND), legend=legend, tables=tables
    )
    for part, counted in parts.items():
        name = "Whole day" if part == _WHOLE_DAY else f"{part.capitalize()}, {PART_HOURS[part]}"
        _draw_part(drawn, name, counted, steps, shown=part == _WHOLE_DAY)
    if outline:
        Areas([Area(row.outline, "outline") for row in outline], {"outline": _OUTLINE}).add_to(
            drawn.group("Outline of the context")
        )
    if went:
        _draw_routes(drawn, went)
    if changed:
        _draw_changes(drawn, changed)
    if safe:
        _draw_safe(drawn, safe)
    return drawn


def _by_part(rows: Sequence[Row]) -> dict[str, list[_Counted]]:
    """Give the counts of the whole day, then of each part that has any."""
    counts = counts_of([row.values["events"] for row in rows], "incidents")
    found: dict[str, list[_Counted]] = {}
    for row, count in zip(rows, counts, strict=True):
        found.setdefault(row.text("part"), []).append(_Counted(row.outline, row.text("label"), count))
    if not found.keys() <= {*PARTS_OF_DAY, _WHOLE_DAY}:
        raise MapDataError("incidents", f"part is one of {', '.join([*PARTS_OF_DAY, _WHOLE_DAY])}")
    whole = found.get(_WHOLE_DAY) or _whole_day([each for part in PARTS_OF_DAY for each in found.get(part, [])])
    return {_WHOLE_DAY: whole} | {part: found[part] for part in PARTS_OF_DAY if part in found}


def _whole_day(parts: Sequence[_Counted]) -> list[_Counted]:
    sums: dict[tuple[bytes, str], _Counted] = {}
    for each in parts:
        key = (each.outline.wkb, each.label)
        so_far = sums[key].count if key in sums else 0
        sums[key] = _Counted(
            each.outline, each.label, None if each.count is None or so_far is None else so_far + each.count
        )
    return list(sums.values())


def _draw_part(
    drawn: OfflineMap, name: str, counted: Sequence[_Counted], steps: Sequence[Step], *, shown: bool
) -> None:
    group = drawn.group(name, exclusive=True, shown=shown)
    areas: list[Area] = []
    marks: list[Mark] = []
    for each in counted:
        style = step_of(each.count, steps)
        if style is None:
            continue
        tip = [each.label, _incidents(each.count)]
        if each.outline.geom_type in {"Point", "MultiPoint"}:
            text = "–" if each.count is None else str(each.count)
            marks.append(Mark(each.outline.representative_point(), text, "circle", PLACE_COLOUR, tip))
        else:
            areas.append(Area(each.outline, style, tip))
    if areas:
        Areas(areas, styles_of(steps)).add_to(group)
    if marks:
        Marks(marks).add_to(group)


def _draw_safe(drawn: OfflineMap, safe: Sequence[Row]) -> None:
    group = drawn.group("Safe places")
    outlines = [Area(row.outline, "safe", [row.text("label"), "Safe place"]) for row in safe if not row.is_point]
    if outlines:
        Areas(outlines, {"safe": _SAFE_AREA}).add_to(group)
    Marks(
        Mark(
            row.outline.representative_point(),
            "✓",
            "shield",
            SAFE_COLOUR,
            ["Safe place", *filter(None, [row.text("kind")])],
            row.text("label"),
        )
        for row in safe
    ).add_to(group)


def _draw_routes(drawn: OfflineMap, went: Sequence[Row]) -> None:
    lines = []
    for row, count in zip(went, counts_of([row.values["events"] for row in went], "routes"), strict=True):
        width = "few" if count is None or count < _SOME else "some" if count < _MANY else "many"
        corners = list(row.outline.coords)
        tip = [f"From {row.text('start')} to {row.text('end')}", _episodes(count)]
        lines.append(Line(shapely.Point(corners[0]), shapely.Point(corners[-1]), width, tip))
    Lines(lines, _ROUTES).add_to(drawn.group("Routes", shown=False))


def _draw_changes(drawn: OfflineMap, changed: Sequence[Row]) -> None:
    marks = []
    for row in changed:
        before, since = (_said(row.values[name]) for name in ("before", "since"))
        tip = [row.text("label"), f"Before the plan {before}, since then {since}"]
        marks.append(
            Mark(row.outline.representative_point(), f"{before}›{since}", "bar", PLACE_COLOUR, tip, row.text("label"))
        )
    Marks(marks).add_to(drawn.group("Before and after", shown=False))


def _said(count: object) -> str:
    return "–" if count is None or count != count else str(int(count))  # type: ignore[call-overload]  # noqa: PLR0124  NaN is not itself


def _episodes(count: int | None) -> str:
    if count is None:
        return "Some episodes, too few to show"
    return "1 episode" if count == 1 else f"{count:,} episodes"


def _incidents(count: int | None) -> str:
    if count is None:
        return "Some incidents, too few to show"
    return "1 incident" if count == 1 else f"{count:,} incidents"


def _strip(parts: Mapping[str, Sequence[_Counted]]) -> Markup:
    """Draw the parts of the day as bars; of a part with a hidden count only what is known, and it says that there is more."""
    known = {part: sum(each.count or 0 for each in parts.get(part, [])) for part in PARTS_OF_DAY}
    partly = {part for part in PARTS_OF_DAY if any(each.count is None for each in parts.get(part, []))}
    said = {
        part: str(known[part]) if part not in partly else (f"over {known[part]}" if known[part] else "some")
        for part in PARTS_OF_DAY
    }
    most = max(*known.values(), 1)
    bars = [
        {"part": part.capitalize(), "width": max(1, round(_BAR_PIXELS * known[part] / most)), "said": said[part]}
        for part in PARTS_OF_DAY
    ]
    return Markup(environment().get_template("day.html").render(bars=bars))  # noqa: S704  from a template that escapes


def _tables(parts: Mapping[str, Sequence[_Counted]], safe: Sequence[Row]) -> list[Table]:
    places: dict[str, dict[str, int | None]] = {}
    for part, counted in parts.items():
        for each in counted:
            places.setdefault(each.label, {})[part] = each.count
    body = [
        [label, *(counts.get(part, 0) for part in (*PARTS_OF_DAY, _WHOLE_DAY))]
        for label, counts in sorted(places.items())
    ]
    columns = ["Place", *(f"{part.capitalize()}, {PART_HOURS[part]}" for part in PARTS_OF_DAY), "Whole day"]
    tables = [Table("Incidents by place and part of the day", columns, body)]
    if safe:
        tables.append(Table("Safe places", ("Place", "Kind"), [(row.text("label"), row.text("kind")) for row in safe]))
    return tables


def _more_tables(went: Sequence[Row], changed: Sequence[Row], guardians: Sequence[tuple[str, str, str]]) -> list[Table]:
    tables = []
    if guardians:
        tables.append(
            Table("Who could keep this place safe", ("Who", "Where or when", "What they could do"), guardians)
        )
    if changed:
        told = [(row.text("label"), _said(row.values["before"]), _said(row.values["since"])) for row in changed]
        tables.append(Table("Before the plan, and since", ("Place", "Before", "Since"), told))
    if went:
        counts = counts_of([row.values["events"] for row in went], "routes")
        told = [(row.text("start"), row.text("end"), _episodes(count)) for row, count in zip(went, counts, strict=True)]
        tables.append(Table("Missing from, then found or last seen here", ("From", "To", "Episodes"), told))
    return tables


_ROUTE_SWATCH: Final = Markup(
    '<svg width="28" height="20" viewBox="0 0 28 20" aria-hidden="true" focusable="false">'
    '<line x1="2" y1="17" x2="26" y2="3" stroke="#5b2a86" stroke-width="5"/></svg>'
)
_OUTLINE_SWATCH: Final = Markup(
    '<svg width="28" height="20" viewBox="0 0 28 20" aria-hidden="true" focusable="false">'
    '<rect x="2" y="2" width="24" height="16" fill="none" stroke="#0b0c0c" stroke-width="3" stroke-dasharray="10 5"/></svg>'
)
