"""The map of places that two absences have in common: it fetches nothing, has its table, and escapes what data say."""

import geopandas as gpd
import pytest
from shapely.geometry import Point

import maps

WORDS = {"title": "Together", "period": "2026", "handling": "P"}


def places(precision_of: str = "EPSG:4326") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "label": ["Invented Park", "<script>alert(1)</script>"],
            "part": ["both found here", "both missing from here"],
            "meetings": [4, 1],
            "pairs": [1, 1],
            "findings": [1, 0],
        },
        geometry=[Point(-1.08, 50.8), Point(-1.07, 50.81)],
        crs=precision_of,
    )


def cells(count: int = 5) -> gpd.GeoDataFrame:
    points = gpd.GeoDataFrame(geometry=[Point(-1.08, 50.8)] * count, crs="EPSG:4326")
    return maps.grid_cells(points, 500)


def test_places_are_named_with_what_both_did_there_and_how_many_pairs() -> None:
    page = maps.co_missing_map(cells(), places(), precision="exact", **WORDS).html()
    table = page.partition("Places in common")[2]
    for word in ("Invented Park", "both found here", "More than chance"):
        assert word in table
    assert "<script>alert(1)" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_areas_alone_have_no_point() -> None:
    page = maps.co_missing_map(cells(), None, **WORDS).html()
    assert "Places in common" not in page
    with pytest.raises(maps.MapDataError):
        maps.co_missing_map(cells(), places(), precision="area", **WORDS)


def test_nothing_in_common_says_so() -> None:
    assert "No place that two absences have in common" in maps.co_missing_map(cells(0), None, **WORDS).html()
