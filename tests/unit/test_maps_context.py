"""A context on the map: its incidents by part of the day, and its safe places."""

import re
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import maps
from maps.layers import local_layer

WORDS: dict[str, Any] = {"title": "Invented Park", "period": "June 2026", "handling": "P"}
SQUARE = shapely.box(464500, 100500, 465000, 101000)


def counts(*rows: tuple[str, int | None], label: str = "SU 64 00 NE") -> gpd.GeoDataFrame:
    columns = {
        "label": [label] * len(rows),
        "part": [part for part, _ in rows],
        "events": pd.Series([count for _, count in rows], dtype="object"),
    }
    return gpd.GeoDataFrame(columns, geometry=[SQUARE] * len(rows), crs="EPSG:27700")


def safe() -> gpd.GeoDataFrame:
    columns = {"label": ["Invented Youth Club"], "kind": ["youth club"]}
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy([464700], [100700]), crs="EPSG:27700")


def figures(document: str) -> list[str]:
    body = (
        document.split("<caption>Incidents by place and part of the day</caption>")[1]
        .split("<tbody>")[1]
        .split("</tbody>", maxsplit=1)[0]
    )
    return re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", body)


def test_each_part_of_the_day_has_its_layer_and_the_whole_day_their_sum() -> None:
    document = maps.context_map(None, counts(("night", 7), ("evening", 11)), **WORDS).html()
    assert figures(document) == ["SU 64 00 NE", "7", "0", "0", "11", "18"]
    for layer in ("Whole day", "Night, 00 to 06", "Evening, 18 to 24"):
        assert f'"{layer}" :' in document
    assert '"Morning, 06 to 12" :' not in document


def test_a_hidden_part_hides_the_sum_that_would_give_it_away() -> None:
    document = maps.context_map(None, counts(("night", None), ("evening", 11)), **WORDS).html()
    assert figures(document) == ["SU 64 00 NE", "not shown", "0", "0", "11", "not shown"]
    assert "Night some" in document


def test_a_given_whole_day_is_used_as_it_comes() -> None:
    document = maps.context_map(None, counts(("night", None), ("evening", 11), ("all", 14)), **WORDS).html()
    assert figures(document)[-1] == "14"


def test_safe_places_and_the_outline_are_shown() -> None:
    wards = local_layer("wards")
    document = maps.context_map(wards[wards["name"] == "Fratton"], counts(("night", 7)), safe(), **WORDS).html()
    for said in ("Invented Youth Club", "youth club", "Safe place", "Outline of the context", "Strengths"):
        assert said in document


def test_an_online_context_without_incidents_is_still_a_page() -> None:
    assert "No incidents to show in this period." in maps.context_map(None, counts(), **WORDS).html()


@pytest.mark.parametrize(
    ("incidents", "rule"),
    [
        (counts(("teatime", 7)), "part is one of"),
        (counts(("night", 7)).drop(columns="part"), "lacks the column part"),
        (gpd.GeoDataFrame({"label": ["a"], "part": ["night"], "events": [7]}, geometry=[SQUARE]), "CRS"),
        (counts(("night", 7)).set_geometry([shapely.Point(464700, 100700)], crs="EPSG:27700"), "only areas"),
        (counts(("night", 7)).set_geometry([shapely.Point()], crs="EPSG:27700"), "without a geometry"),
    ],
    ids=["no-such-part", "no-part", "no-crs", "a-point", "no-geometry"],
)
def test_what_cannot_be_drawn_is_refused(incidents: gpd.GeoDataFrame, rule: str) -> None:
    with pytest.raises(maps.MapDataError, match=rule):
        maps.context_map(None, incidents, **WORDS)


def test_routes_changes_and_guardians_are_drawn_and_have_their_tables() -> None:
    routes = gpd.GeoDataFrame(
        {"start": ["Invented Square"], "end": ["Invented Park"], "events": [4]},
        geometry=[shapely.LineString([(464000, 100200), (464700, 100700)])],
        crs="EPSG:27700",
    )
    changes = gpd.GeoDataFrame(
        {
            "label": ["Invented Park"],
            "before": pd.Series([9], dtype="object"),
            "since": pd.Series([None], dtype="object"),
        },
        geometry=[SQUARE],
        crs="EPSG:27700",
    )
    guardians = [("Night driver", "until the last bus", "<script>alert(1)</script>")]
    document = maps.context_map(
        None, counts(("night", 7)), routes=routes, changes=changes, guardians=guardians, **WORDS
    ).html()
    for part in ("Invented Square", "4 episodes", "Night driver", "Before and after", "9›–", "Routes"):
        assert part in document
    assert "<script>alert" not in document


def test_a_point_of_a_change_is_refused_where_only_areas_may_be_shown() -> None:
    changes = gpd.GeoDataFrame(
        {"label": ["Invented Park"], "before": [9], "since": [4]}, geometry=[SQUARE.centroid], crs="EPSG:27700"
    )
    with pytest.raises(maps.MapDataError):
        maps.context_map(None, counts(("night", 7)), changes=changes, precision="area", **WORDS)
