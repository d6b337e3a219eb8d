"""What a hotspot map shows, and what it must not hold."""

import base64
import re
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import maps
from maps.layers import area_of_each, boundaries_near, local_layer
from maps.steps import steps_for
from maps.surface import density_surface

WORDS: dict[str, Any] = {"title": "Hotspots", "period": "June 2026", "handling": "P"}


def squares(*counts: int | None) -> gpd.GeoDataFrame:
    easts = [464000 + 500 * place for place in range(len(counts))]
    outlines = [shapely.box(east, 100000, east + 500, 100500) for east in easts]
    labels = [f"square {place}" for place in range(len(counts))]
    return gpd.GeoDataFrame(
        {"label": labels, "events": pd.Series(counts, dtype="object")}, geometry=outlines, crs="EPSG:27700"
    )


def table(document: str, caption: str) -> list[list[str]]:
    body = document.split(f"<caption>{caption}</caption>")[1].split("</table>", maxsplit=1)[0]
    return [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row) for row in body.split("<tbody>")[1].split("</tr>")[:-1]]


def test_a_hidden_count_is_hatched_and_never_a_zero() -> None:
    document = maps.hotspot_map(squares(12, None, 0), **WORDS).html()
    assert table(document, "Events by square") == [["square 0", "12"], ["square 1", "not shown"]]
    assert "Some, too few to show" in document
    assert '"style":"hidden"' in document
    assert "square 2" not in document


@pytest.mark.parametrize("hidden", [None, np.nan, pd.NA])
def test_every_way_of_saying_hidden_is_hidden(hidden: Any) -> None:
    document = maps.hotspot_map(squares(12).assign(events=[hidden]), **WORDS).html()
    assert table(document, "Events by square") == [["square 0", "not shown"]]


@pytest.mark.parametrize("wrong", [-1, 2.5, "7", True])
def test_what_is_not_a_count_is_refused(wrong: Any) -> None:
    with pytest.raises(maps.MapDataError, match="whole numbers"):
        maps.hotspot_map(squares(12).assign(events=pd.Series([wrong], dtype="object")), **WORDS)


def test_nothing_to_show_is_said() -> None:
    document = maps.hotspot_map(squares(), **WORDS).html()
    assert "No events to show in this period." in document


@pytest.mark.parametrize(
    ("counts", "limits"),
    [
        ([], []),
        ([7, 7, 7], [(7, 7)]),
        ([5, 6], [(5, 5), (6, 6)]),
        ([1, 2, 3, 4, 5, 900], [(1, 1), (2, 2), (3, 3), (4, 4), (5, 900)]),
        ([None, 0, 9], [(9, 9)]),
    ],
    ids=["none", "one-value", "two-values", "one-very-high", "hidden-and-zero-are-no-step"],
)
def test_steps_hold_every_count_once(counts: list[int | None], limits: list[tuple[int, int]]) -> None:
    steps = steps_for(counts)
    for count in filter(None, counts):
        assert sum(step.low <= count <= step.high for step in steps) == 1
    if len(limits) < 5:
        assert [(step.low, step.high) for step in steps] == limits
    assert len({step.colour for step in steps}) == len(steps)


def test_places_are_shown_by_rank() -> None:
    places = gpd.GeoDataFrame(
        {"label": ["second", "first"], "events": [8, 11], "rank": [2, 1]},
        geometry=gpd.points_from_xy([464100, 464900], [100100, 100200]),
        crs="EPSG:27700",
    )
    document = maps.hotspot_map(squares(12), places, precision="snapped", **WORDS).html()
    assert table(document, "Ranked places") == [["1", "first", "11"], ["2", "second", "8"]]
    assert "Approximate points, not addresses" in document


def test_a_point_is_refused_where_only_areas_may_be_shown() -> None:
    places = gpd.GeoDataFrame(
        {"label": ["a"], "events": [8]}, geometry=gpd.points_from_xy([464100], [100100]), crs="EPSG:27700"
    )
    with pytest.raises(maps.MapDataError, match="only areas"):
        maps.hotspot_map(squares(12), places, precision="area", **WORDS)
    drawn = maps.hotspot_map(squares(12), area_of_each(places), precision="area", **WORDS)
    assert "Ranked places" in drawn.html()


def test_no_exact_point_is_in_the_page() -> None:
    random = np.random.default_rng(4)
    events = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(random.uniform(463000, 466000, 500), random.uniform(99000, 103000, 500)),
        crs="EPSG:27700",
    )
    document = maps.hotspot_map(maps.grid_cells(events, 500), surface=True, **WORDS).html()
    pairs = np.array(re.findall(r"\[(-?\d+\.\d+),(-?\d+\.\d+)\]", document), dtype=float)
    pairs = np.vstack([pairs, pairs[:, ::-1]])  # marks are latitude first, outlines longitude first
    truth = events.to_crs("EPSG:4326").geometry
    for point in zip(truth.x, truth.y, strict=True):
        assert np.abs(pairs - point).max(axis=1).min() > 1e-5


def test_the_surface_knows_only_the_squares() -> None:
    surface = density_surface(squares(12, 30, None))
    same = density_surface(squares(12, 30, 0))
    assert surface == same
    assert surface is not None
    assert base64.b64decode(surface.picture.removeprefix("data:image/png;base64,")).startswith(b"\x89PNG")
    west, south, east, north = squares(12, 30).to_crs("EPSG:4326").total_bounds
    assert surface.bounds[0] < west < east < surface.bounds[2]
    assert surface.bounds[1] < south < north < surface.bounds[3]
    assert density_surface(squares(None, 0)) is None


def test_outside_the_layers_held_no_sea_is_invented() -> None:
    far = squares(12).set_geometry([shapely.box(300000, 500000, 300500, 500500)], crs="EPSG:27700")
    assert '"hasLand": false' in maps.hotspot_map(far, **WORDS).html()
    assert '"hasLand": true' in maps.hotspot_map(squares(12), **WORDS).html()


def test_the_layers_cover_the_city_and_carry_their_attribution() -> None:
    wards = local_layer("wards")
    assert {"Fratton", "Paulsgrove", "Eastney and Craneswater"} <= set(wards["name"])
    assert len(local_layer("lsoa")) == 125
    assert all(local_layer(name).geometry.is_valid.all() for name in ("land", "wards", "lsoa"))
    assert boundaries_near((-1.1, 50.78, -1.05, 50.85)).has_land
