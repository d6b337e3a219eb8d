"""Maps of findings: what each says in words and shapes, that its table has the same figures, and that a surface lies where its events are."""

import base64
import re
import struct
import zlib
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Transformer

import maps
from maps.findings import Words, circles_map, classes_map, significance_map, surface_map
from maps.surface import grid_surface

WORDS = Words("Found at", "June 2026", "snapped", "P", made_from="places.hotspots version 2")


def at(*spots: tuple[float, float], **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        columns, geometry=gpd.points_from_xy([x for x, _ in spots], [y for _, y in spots]), crs="EPSG:27700"
    )


def table(document: str, caption: str) -> list[list[str]]:
    body = document.split(f"<caption>{caption}</caption>")[1].split("</table>", maxsplit=1)[0]
    return [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row) for row in body.split("<tbody>")[1].split("</tr>")[:-1]]


def pixels(png: bytes) -> Any:
    """The pixels of a PNG of eight-bit RGBA rows without filters, as `branca` writes them."""
    width, height = struct.unpack(">II", png[16:24])
    start = png.index(b"IDAT")
    (length,) = struct.unpack(">I", png[start - 4 : start])
    raw = zlib.decompress(png[start + 4 : start + 4 + length])
    rows = np.frombuffer(raw, np.uint8).reshape(height, width * 4 + 1)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, 4)


def test_tested_squares_are_told_apart_by_their_edges_and_their_rates_are_in_the_table() -> None:
    outlines = [shapely.box(464_000 + 500 * n, 100_000, 464_500 + 500 * n, 100_500) for n in range(3)]
    columns = {
        "label": ["SU a", "SU b", "SU c"],
        "events": [30, 12, 2],
        "children": [9, 8, None],
        "z": [6.0, 2.5, 0.1],
        "q_value": [0.0002, 0.03, 0.8],
    }
    document = significance_map(gpd.GeoDataFrame(columns, geometry=outlines, crs="EPSG:27700"), WORDS).html()
    assert [row[-1] for row in table(document, "Squares")] == ["below 0.001", "0.030", "0.800"]
    for said in ("thick edge", "medium edge", "dashed edge"):
        assert said in document
    assert {'"style":"surer"', '"style":"likely"', '"style":"chance"'} <= set(re.findall(r'"style":"\w+"', document))


@pytest.mark.parametrize(("spot", "sigma"), [((464_900.0, 100_900.0), 400.0), ((463_000.0, 105_500.0), 250.0)])
def test_a_surface_lies_where_its_events_are(spot: tuple[float, float], sigma: float) -> None:
    east, north = np.meshgrid(460_050 + 100 * np.arange(100), 96_050 + 100 * np.arange(120))
    values = 40 * np.exp(-((east - spot[0]) ** 2 + (north - spot[1]) ** 2) / 2 / sigma**2)
    surface = grid_surface(values, easting=460_000, northing=96_000, metres=100)
    assert surface is not None
    assert surface.limits[-1] == pytest.approx(values.max())
    picture = pixels(base64.b64decode(surface.picture.partition(",")[2]))
    # The middle of the darkest band, back in metres, is the event.
    darkest = (picture[..., :3] == picture[picture.shape[0] // 2, picture.shape[1] // 2, :3]).all(axis=-1) & (
        picture[..., 3] > 0
    )
    rows, columns = np.nonzero(darkest)
    west, south, east_end, north_end = surface.bounds
    mercator = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    (left, right), (bottom, top) = mercator.transform([west, east_end], [south, north_end])
    x = left + (columns.mean() + 0.5) / picture.shape[1] * (right - left)
    y = top - (rows.mean() + 0.5) / picture.shape[0] * (top - bottom)
    found = Transformer.from_crs("EPSG:3857", "EPSG:27700", always_xy=True).transform(x, y)
    assert found == pytest.approx(spot, abs=25)


def test_an_empty_surface_is_no_picture_and_its_map_says_so() -> None:
    assert grid_surface(np.zeros((4, 4)), easting=0, northing=0, metres=100) is None
    nothing = at(label=[], events=[], per_km2=[])
    assert "No events to show" in surface_map(None, nothing, WORDS).html()


def test_a_density_map_holds_its_peaks_and_no_event() -> None:
    surface = grid_surface(np.eye(5) * 9.0, easting=464_000, northing=100_000, metres=100)
    peaks = at((464_250, 100_250), label=["SU 642 002"], events=[11], per_km2=[8.96])
    document = surface_map(surface, peaks, WORDS).html()
    assert table(document, "Peaks of the surface") == [["1", "SU 642 002", "11", "9.0"]]
    assert "Events a square kilometre" in document
    assert "data:image/png" in document


def test_bursts_are_numbered_rings_with_what_the_method_says() -> None:
    circles = at(
        (464_250, 100_250), (465_250, 101_250), label=["The stop", "The park"], events=[29, 7], radius_metres=[0.0, 300.0],
        when=["June", "July"], told=["29 where 5.8 were expected; p = 0.001", "7 of 2"],
    )  # fmt: skip
    document = circles_map(circles, WORDS, heading="Bursts").html()
    assert table(document, "Bursts")[0] == ["1", "The stop", "29", "0", "June", "29 where 5.8 were expected; p = 0.001"]
    assert document.count('"style":"ring"') == 2
    assert "No bursts in this period" in circles_map(circles.iloc[:0], WORDS, heading="Bursts").html()


def test_classes_have_a_shape_and_a_letter_each() -> None:
    kinds = ["new", "growing", "persistent", "fading", "sporadic"]
    spots = [(464_000 + 300 * n, 100_000) for n in range(5)]
    places = at(
        *spots, label=[f"Place {k}" for k in kinds], events=[9, 8, 7, 6, 5], kind=kinds, windows=[[0, 1, 8]] * 5
    )
    document = classes_map(places, WORDS).html()
    shapes = re.findall(r'"shape":"(\w+)"', document)
    letters = re.findall(r'"text":"(\w)"', document)
    assert len(set(shapes)) == len(set(letters)) == 5
    assert table(document, "Places that stand out")[0] == ["Place new", "new", "9", "0, 1, 8"]
    with pytest.raises(maps.MapDataError, match="only areas"):
        classes_map(places, Words("t", "p", "area", "P"))


def test_a_hundred_thousand_events_are_a_tenth_of_a_megabyte() -> None:
    from queries.analysis.density import bandwidth_of, density
    from queries.analysis.metre_grid import grid_around

    chance = np.random.default_rng(3)
    centres = chance.uniform((460_000, 98_000), (470_000, 108_000), (60, 2))
    points = centres[chance.integers(0, 60, 100_000)] + chance.normal(0, 300, (100_000, 2))
    grid = grid_around([*points.min(axis=0), *points.max(axis=0)], 100, margin_metres=1200)
    found = density(points, grid, bandwidth=bandwidth_of(points, 400))
    surface = grid_surface(found.values, easting=grid.easting, northing=grid.northing, metres=grid.metres)
    nothing = at(label=[], events=[], per_km2=[])
    with_picture, without = (len(surface_map(each, nothing, WORDS).html()) for each in (surface, None))
    assert with_picture - without < 100_000
