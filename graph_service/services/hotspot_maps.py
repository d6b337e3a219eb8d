"""The maps of `places.hotspots`: each drawn from the rows that the viewer is answered, and from nothing else that is exact."""

import datetime as dt
import zoneinfo
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely
from osbng.bng_reference import BNGReference

import maps
from graph_service.disclosure import Precision, precision_for, shown_point
from graph_service.services.answers import Asked
from graph_service.services.answers.hotspots import hotspots, surface_of
from graph_service.services.boundaries import lsoas
from maps.findings import Words, circles_map, classes_map, significance_map, surface_map
from maps.surface import grid_surface

Rows = list[dict[str, Any]]

NATIONAL_GRID: Final = "EPSG:27700"
WGS84: Final = "EPSG:4326"
_LONDON: Final = zoneinfo.ZoneInfo("Europe/London")
MOST_PLACES: Final = 25
#: What each method adds to the title of its map.
HOW: Final = {
    "ranked": "",
    "gi": ", tested against chance",
    "density": ": density",
    "clusters": ": clusters in place and time",
    "scan": ": bursts beyond chance",
    "emerging": ": how it changes",
}
#: What is drawn in the middle of its 100 m square is an approximate point for everybody.
_SQUARES: Final = "Peaks and middles stand in the middle of their 100 m squares"


def draw(asked: Asked, told: Callable[[Rows], Words]) -> maps.OfflineMap:
    """
    Draw what a viewer is answered; `told` gives the words round a map of some rows.

    Raises
    ------
    ParameterError, NotPermittedError
        As the question.
    """
    method = asked.values["method"]
    if not asked.viewer.small_counts and method != "ranked":
        rows, _ = hotspots(asked)
        words = told(rows)
        unit = "area" if asked.values["by"] == "lsoa" else "square"
        return maps.hotspot_map(
            cells_of(rows), title=words.title, period=words.period, precision="area", handling=words.handling,
            note=words.note, made_from=words.made_from, surface=method == "density", unit=unit,
        )  # fmt: skip
    return _DRAWINGS[method](asked, told)


def cells_of(rows: Rows) -> gpd.GeoDataFrame:
    """Give the outline of each row that is a square or an LSOA (EPSG:27700), with its `label` and its figures; None is withheld."""
    held = lsoas()
    codes = dict(zip(held.codes, held.polygons, strict=True))
    outlines = [codes.get(row["cell"]) or shapely.box(*BNGReference(row["cell"]).bng_to_bbox()) for row in rows]
    columns = {
        name: pd.Series([row[name] for row in rows], dtype="object") for name in ("events", "children", "z", "q_value")
    }
    labels = [f"{row['name']} ({row['cell']})" if "name" in row else row["cell"] for row in rows]
    return gpd.GeoDataFrame(
        {"label": pd.Series(labels, dtype="object"), "cell": [row["cell"] for row in rows], **columns},
        geometry=outlines,
        crs=NATIONAL_GRID,
    )


def squares(asked: Asked) -> Rows:
    """Give the squares of the layer as the viewer is answered them, whatever method they asked for."""
    plain = {"method": "gi", "by": "cells", "against": "places"}
    values = {**asked.values, **{name: value for name, value in _DEFAULTS.items() if name in asked.values}, **plain}
    return hotspots(replace(asked, values=values))[0]


_DEFAULTS: Final[dict[str, Any]] = {
    "bandwidth_metres": 400.0, "eps_metres": 250.0, "eps_days": 14.0, "min_events": 5, "weeks": "any",
    "longest_weeks": 16, "window_days": 28,
}  # fmt: skip


def _ranked(asked: Asked, told: Callable[[Rows], Words]) -> maps.OfflineMap:
    rows, _ = hotspots(asked)
    cells = squares(asked)
    words = told([*rows, *cells])
    precision = precision_for(asked.viewer.role)
    places = None if precision is Precision.AREA else _points(asked, rows[:MOST_PLACES], precision)
    return maps.hotspot_map(
        cells_of(cells), places, title=words.title, period=words.period, precision=str(precision),
        handling=words.handling, note=words.note, made_from=words.made_from,
    )  # fmt: skip


def _tested(asked: Asked, told: Callable[[Rows], Words]) -> maps.OfflineMap:
    rows, _ = hotspots(asked)
    words = told(rows)
    heading = "LSOAs" if asked.values["by"] == "lsoa" else "Squares of 500 m"
    return significance_map(cells_of(rows), replace(words, precision="area"), heading=heading)


def _surface(asked: Asked, told: Callable[[Rows], Words]) -> maps.OfflineMap:
    rows, _ = hotspots(asked)
    words = told(rows)
    found = surface_of(asked).surface
    picture = None
    if found is not None:
        grid = found.grid
        picture = grid_surface(found.values, easting=grid.easting, northing=grid.northing, metres=grid.metres)
    note = f"{_SQUARES}; smoothed over {asked.values['bandwidth_metres']:,.0f} m"
    peaks = _middles(rows, per_km2=[row["per_km2"] for row in rows])
    return surface_map(picture, peaks, replace(words, precision="snapped", note=note))


def _clusters(asked: Asked, told: Callable[[Rows], Words]) -> maps.OfflineMap:
    rows, _ = hotspots(asked)
    words = told(rows)
    circles = _middles(
        rows,
        radius_metres=[float(row["radius_metres"]) for row in rows],
        when=[_when(row) for row in rows],
        told=[f"{row['children']} children, {row['reports']} independent reports" for row in rows],
    )
    circles["label"] = [_short(row["places"]) for row in rows]
    return circles_map(circles, replace(words, precision="snapped", note=_SQUARES), heading="Clusters")


def _bursts(asked: Asked, told: Callable[[Rows], Words]) -> maps.OfflineMap:
    rows, _ = hotspots(asked)
    words = told(rows)
    precision = precision_for(asked.viewer.role)
    circles = _points(
        asked,
        rows,
        precision,
        radius_metres=lambda row: float(row["radius_metres"]),
        when=_when,
        told=lambda row: f"{row['observed']} where {row['expected']:.1f} were expected; p = {row['p_value']:.3f}",
    )
    counts = [str(text).partition(";")[0] for text in circles["told"]]
    circles["label"] = [f"{name}: {what}" for name, what in zip(circles["label"], counts, strict=True)]
    return circles_map(circles, replace(words, precision=str(precision)), heading="Bursts")


def _classes(asked: Asked, told: Callable[[Rows], Words]) -> maps.OfflineMap:
    rows, _ = hotspots(asked)
    words = told(rows)
    precision = precision_for(asked.viewer.role)
    places = _points(asked, rows, precision, kind=lambda row: row["class"], windows=lambda row: row["windows"])
    return classes_map(places, replace(words, precision=str(precision)))


_DRAWINGS: Final[dict[str, Callable[[Asked, Callable[[Rows], Words]], maps.OfflineMap]]] = {
    "ranked": _ranked,
    "gi": _tested,
    "density": _surface,
    "clusters": _clusters,
    "scan": _bursts,
    "emerging": _classes,
}


def _points(
    asked: Asked, rows: Rows, precision: Precision, **columns: Callable[[dict[str, Any]], object]
) -> gpd.GeoDataFrame:
    """Give the rows whose place has a position, as points no closer than the viewer may be shown."""
    graph = asked.graph
    shown = []
    for row in rows:
        subject = graph.subjects[graph.position[row["place"]["uid"]]]
        point = shown_point(subject.latitude, subject.longitude, precision) if subject.has_position else None
        if point:
            shown.append((row, point))
    found: dict[str, Any] = {"label": [row["place"]["label"] for row, _ in shown]}
    found["events"] = [row["events"] for row, _ in shown]
    found |= {name: [value(row) for row, _ in shown] for name, value in columns.items()}
    points = gpd.points_from_xy([at[1] for _, at in shown], [at[0] for _, at in shown])
    return gpd.GeoDataFrame(found, geometry=points, crs=WGS84)


def _middles(rows: Rows, **columns: list[Any]) -> gpd.GeoDataFrame:
    """Give the middles of the squares of rows, as points."""
    at = [BNGReference(row["cell"]).bng_to_xy(position="centre") for row in rows]
    found = {"label": [row["cell"] for row in rows], "events": [row["events"] for row in rows], **columns}
    return gpd.GeoDataFrame(
        found, geometry=gpd.points_from_xy([x for x, _ in at], [y for _, y in at]), crs=NATIONAL_GRID
    )


def _short(places: list[dict[str, Any]]) -> str:
    """Name the first of some places, and how many more there are: a whole list would cover the map, and is on the page."""
    more = len(places) - 1
    return f"{places[0]['label']} and {more} more" if more else str(places[0]["label"])


def _when(row: dict[str, Any]) -> str:
    first, last = (dt.datetime.fromisoformat(row[end]).astimezone(_LONDON) for end in ("first", "last"))
    return f"{first.day} {first:%B %Y} to {last.day} {last:%B %Y}"
