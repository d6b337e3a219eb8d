"""Counts by square of the National Grid."""

import geopandas as gpd
import pandas as pd
import pytest

from maps import MapDataError, by_time_of_day, grid_cells

GUILDHALL = (464050, 100250)


def points(*places: tuple[float, float], crs: str = "EPSG:27700", **columns: object) -> gpd.GeoDataFrame:
    easts, norths = [place[0] for place in places], [place[1] for place in places]
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(easts, norths), crs=crs)


def test_points_are_counted_by_square_with_its_reference() -> None:
    cells = grid_cells(points(GUILDHALL, (464499, 100499), (464500, 100250)), 500)
    assert list(zip(cells["cell"], cells["events"], strict=True)) == [("SU 64 00 SE", 1), ("SU 64 00 SW", 2)]
    assert cells.crs == "EPSG:27700"
    assert list(cells.geometry.area) == [250_000, 250_000]


def test_a_point_on_an_edge_belongs_to_the_square_north_east_of_it() -> None:
    assert list(grid_cells(points((464500, 100500)), 500)["cell"]) == ["SU 64 00 NE"]


def test_degrees_and_metres_give_the_same_squares() -> None:
    metres = points(GUILDHALL, (465950, 102450))
    assert (
        grid_cells(metres, 100)
        .drop(columns="geometry")
        .equals(grid_cells(metres.to_crs("EPSG:4326"), 100).drop(columns="geometry"))
    )


def test_points_off_the_grid_and_rows_without_a_point_are_not_counted() -> None:
    given = points(GUILDHALL, (-5000, 100000), (464050, 2_000_000))
    given.loc[len(given)] = [None]
    assert grid_cells(given, 500)["events"].sum() == 1


def test_no_points_give_no_squares() -> None:
    assert grid_cells(points(), 500).empty


@pytest.mark.parametrize(
    ("given", "size", "rule"),
    [
        (gpd.GeoDataFrame(geometry=gpd.points_from_xy([1.0], [1.0])), 500, "CRS"),
        (points(GUILDHALL), 250, "sides of"),
        (gpd.GeoDataFrame(geometry=points(GUILDHALL).buffer(5), crs="EPSG:27700"), 500, "is a point"),
    ],
    ids=["no-crs", "no-such-size", "an-area"],
)
def test_what_cannot_be_counted_is_refused(given: gpd.GeoDataFrame, size: int, rule: str) -> None:
    with pytest.raises(MapDataError, match=rule):
        grid_cells(given, size)  # type: ignore[arg-type]


def test_the_part_of_the_day_is_that_of_london() -> None:
    # 05:30 UTC in July is half past six in London, in December half past five.
    moments = pd.to_datetime(["2026-07-01T05:30Z", "2026-12-01T05:30Z", "2026-12-01T18:00Z"])
    cells = by_time_of_day(points(GUILDHALL, GUILDHALL, GUILDHALL, happened_at=moments), 500)
    assert list(zip(cells["part"], cells["events"], strict=True)) == [("night", 1), ("morning", 1), ("evening", 1)]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(MapDataError, match="time zone"):
        by_time_of_day(points(GUILDHALL, happened_at=pd.to_datetime(["2026-07-01T05:30"])))
