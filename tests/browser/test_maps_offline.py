"""Every map and drawing in a real Chromium: no request leaves, nothing of the data runs, names can be read, and axe finds no fault."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from axe_playwright_python.sync_playwright import Axe
from browser_fixtures import drawn
from playwright.sync_api import BrowserContext, Page, Route

import maps
from maps.findings import CLASSES, Words, circles_map, classes_map, significance_map, surface_map
from maps.layers import area_of_each, local_layer
from maps.surface import grid_surface

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.ran=1"><script>window.ran=1</script>'
WORDS: dict[str, Any] = {
    "title": f"Invented {HOSTILE}",
    "period": "June 2026",
    "handling": "C: A1",
    "made_from": "a question, version 1",
}


def events(number: int) -> gpd.GeoDataFrame:
    chance = np.random.default_rng(5)
    moments = pd.Timestamp("2026-06-01", tz="UTC") + pd.to_timedelta(
        chance.integers(0, 30 * 24 * 60, number), unit="min"
    )
    places = shapely.points(chance.normal(464900, 900, number), chance.normal(100900, 900, number))
    return gpd.GeoDataFrame({"happened_at": moments}, geometry=places, crs="EPSG:27700")


def suppressed(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    hidden: list[Any] = [None if count < 5 else count for count in cells["events"]]
    return cells.assign(events=hidden)


def named_places() -> gpd.GeoDataFrame:
    columns = {
        "label": ["Invented Youth Club", HOSTILE, "Madeup Library"],
        "events": [40, 20, None],
        "kind": ["youth club", HOSTILE, "library"],
    }
    return gpd.GeoDataFrame(
        columns, geometry=gpd.points_from_xy([464700, 464760, 465400], [100600, 100600, 101200]), crs="EPSG:27700"
    )


def network(number: int) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    chance = random.Random(6)
    kinds = [
        "child",
        "child",
        "child",
        "adult",
        "person",
        "location",
        "vehicle",
        "group",
        "account",
        "context",
        "incident",
    ]
    nodes: list[dict[str, object]] = [
        {
            "id": str(place),
            "label": HOSTILE if place == 2 else f"Alderwood Exampleby{place}",
            "kind": kinds[place % len(kinds)],
            "focus": place == 0,
            "unknown": place == 3,
        }
        for place in range(number)
    ]
    links: list[dict[str, object]] = [
        {"a": str(chance.randrange(max(1, place // 3))), "b": str(place), "tone": chance.choice(["concern", "strength", "neutral"]),
         "kinds": {"seen_with": {"events": 2, "reports": chance.randint(1, 4), "weight": chance.random() * 5}}}
        for place in range(1, number)
    ]  # fmt: skip
    return nodes, links


def hotspots() -> maps.OfflinePage:
    return maps.hotspot_map(suppressed(maps.grid_cells(events(600))), named_places(), precision="snapped", **WORDS)


def smooth() -> maps.OfflinePage:
    return maps.hotspot_map(suppressed(maps.grid_cells(events(600))), surface=True, **WORDS)


def empty() -> maps.OfflinePage:
    return maps.hotspot_map(maps.grid_cells(events(0)), **WORDS)


def context_of_a_ward() -> maps.OfflinePage:
    wards = local_layer("wards")
    return maps.context_map(
        wards[wards["name"] == "Fratton"], suppressed(maps.by_time_of_day(events(600))), named_places(), **WORDS
    )


def peers_in_areas() -> maps.OfflinePage:
    nodes, links = network(9)
    placed = gpd.GeoDataFrame(nodes, geometry=events(9).geometry, crs="EPSG:27700")
    return maps.peer_map(area_of_each(placed), links, **WORDS)


def few_peers() -> maps.OfflinePage:
    return maps.peer_drawing(*network(12), **WORDS)


def many_peers() -> maps.OfflinePage:
    return maps.peer_drawing(*network(90), **WORDS)


def said(precision: str = "snapped") -> Words:
    return Words(**WORDS, precision=precision)


def squares_that_were_tested() -> maps.OfflinePage:
    cells = maps.grid_cells(events(600))
    scored = cells.assign(children=cells["events"], z=1.5, q_value=np.linspace(0, 1, len(cells)))
    return significance_map(scored, said("area"))


def surface_with_peaks() -> maps.OfflinePage:
    east, north = np.meshgrid(np.arange(60) - 30, np.arange(60) - 30)
    values = 40 * np.exp(-(east**2 + north**2) / 80)
    picture = grid_surface(values, easting=462_000, northing=98_000, metres=100)
    return surface_map(picture, named_places().iloc[:2].assign(per_km2=[40.0, 4.0]), said())


def bursts() -> maps.OfflinePage:
    told = {"radius_metres": [0.0, 400.0], "when": ["June", HOSTILE], "told": [HOSTILE, "9 where 2.1 were expected"]}
    return circles_map(named_places().iloc[:2].assign(**told), said(), heading="Bursts")


def classes() -> maps.OfflinePage:
    kinds = list(CLASSES)[:2]
    return classes_map(named_places().iloc[:2].assign(kind=kinds, windows=[[0, 1, 9], [1, 4, 8]]), said())


MAPS = [
    hotspots, smooth, empty, context_of_a_ward, peers_in_areas, squares_that_were_tested, surface_with_peaks, bursts, classes,
]  # fmt: skip
DRAWINGS = [few_peers, many_peers]
KINDS = [*MAPS, *DRAWINGS]


class Watched:
    """A page that shows one document, and what it tried."""

    def __init__(self, profile: BrowserContext, folder: Path) -> None:
        self.refused: list[str] = []
        self.complaints: list[str] = []
        self.folder = folder
        profile.add_init_script(
            "document.addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective + ' ' + e.blockedURI))"
        )
        profile.route("**/*", self.guard)
        self.page = profile.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def guard(self, route: Route) -> None:
        if route.request.url.startswith((self.folder.as_uri(), "data:image/png")):
            route.continue_()
        else:
            self.refused.append(route.request.url)
            route.abort()

    def show(self, document: maps.OfflinePage, *, wide: int = 1280) -> Page:
        self.page.set_viewport_size({"width": wide, "height": 900})
        self.page.goto(document.save(self.folder / "map.html").as_uri())
        return drawn(self.page)  # names are placed on the frame after the last layer


@pytest.fixture
def watched(profile: BrowserContext, tmp_path: Path) -> Watched:
    return Watched(profile, tmp_path)


@pytest.mark.parametrize("draw", KINDS)
def test_nothing_leaves_nothing_runs_and_axe_finds_no_fault(
    watched: Watched, draw: Callable[[], maps.OfflinePage]
) -> None:
    page = watched.show(draw())
    for summary in page.locator("summary").all():
        summary.click()
    if page.locator(".mark").count():
        page.locator(".mark").first.focus()
    assert watched.refused == []
    assert watched.complaints == []
    assert page.evaluate("window.ran") is None
    assert page.locator("img:not(.leaflet-image-layer), script[src], link, iframe").count() == 0
    found = Axe().run(page)
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found.response["violations"]] == []


@pytest.mark.parametrize("draw", KINDS)
def test_it_fits_a_narrow_screen(watched: Watched, draw: Callable[[], maps.OfflinePage]) -> None:
    page = watched.show(draw(), wide=320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("draw", MAPS)
def test_a_map_shows_scale_north_and_names_that_do_not_overlap(
    watched: Watched, draw: Callable[[], maps.OfflinePage]
) -> None:
    page = watched.show(draw())
    assert (
        "km" in page.locator(".leaflet-control-scale").inner_text()
        or " m" in page.locator(".leaflet-control-scale").inner_text()
    )
    assert page.get_by_label("North is up").is_visible()
    for _ in range(2):
        boxes = page.evaluate(
            "[...document.querySelectorAll('.label, .mark .name')].filter(e => getComputedStyle(e).visibility === 'visible')"
            ".map(e => e.getBoundingClientRect()).map(b => [b.left, b.top, b.right, b.bottom])"
        )
        assert boxes
        controls = page.evaluate(
            "[...document.querySelectorAll('.leaflet-control')].map(e => e.getBoundingClientRect()).map(b => [b.left, b.top, b.right, b.bottom])"
        )
        assert not any(overlap(a, b) for place, a in enumerate(boxes) for b in [*boxes[:place], *controls])
        page.get_by_label("Zoom in").click()
        drawn(page)


@pytest.mark.parametrize("draw", DRAWINGS)
def test_names_of_a_drawing_do_not_overlap_as_the_browser_sets_them(
    watched: Watched, draw: Callable[[], maps.OfflinePage]
) -> None:
    boxes = watched.show(draw()).evaluate(
        "[...document.querySelectorAll('.drawing text.name')].map(e => e.getBoundingClientRect()).map(b => [b.left, b.top, b.right, b.bottom])"
    )
    assert len(boxes) >= 12
    assert not any(overlap(a, b) for place, a in enumerate(boxes) for b in boxes[:place])


def test_layers_can_be_switched_and_a_mark_read_by_keyboard(watched: Watched) -> None:
    page = watched.show(hotspots())
    squares = page.locator(".leaflet-overlay-pane path").count()
    page.get_by_label("Smooth surface").check()
    assert page.locator("img.leaflet-image-layer").count() == 1
    assert page.locator(".leaflet-overlay-pane path").count() < squares
    page.locator(".mark").first.focus()
    assert page.locator(".leaflet-tooltip").inner_text().split("\n")[0] == "Invented Youth Club"
    assert watched.complaints == []


def test_a_map_is_crossed_in_a_few_stops_and_its_squares_are_read_by_arrows(watched: Watched) -> None:
    """Each kind of shape is one stop: a keyboard user reaches the table without passing every square of a city."""
    page = watched.show(hotspots())
    assert page.locator(".leaflet-overlay-pane path").count() > 30
    at = "(e => [e.tagName, e.getAttribute('aria-label') || e.textContent])(document.activeElement)"
    passed = []
    for _ in range(40):
        page.keyboard.press("Tab")
        passed.append(page.evaluate(at))
        if passed[-1][0] == "SUMMARY":
            break
    assert passed[-1][0] == "SUMMARY"
    assert len(passed) <= 10
    (first,) = [label for tag, label in passed if tag == "path"]
    page.locator(".leaflet-overlay-pane path[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    tag, second = page.evaluate(at)
    assert (tag, second != first) == ("path", True)
    assert ", ".join(page.locator(".leaflet-tooltip p").all_inner_texts()) == second
    page.keyboard.press("Home")
    assert page.evaluate(at)[1] == first
    assert page.locator(".leaflet-overlay-pane path[tabindex='0']").count() == 1
    assert watched.complaints == []


def test_a_notebook_frame_shows_it(watched: Watched, tmp_path: Path) -> None:
    page = watched.page
    (tmp_path / "notebook.html").write_text(
        f"<!DOCTYPE html><title>n</title>{hotspots()._repr_html_()}", encoding="utf-8"
    )
    page.goto((tmp_path / "notebook.html").as_uri())
    page.frame_locator("iframe").locator(".leaflet-overlay-pane path").first.wait_for()
    assert watched.refused == []
    assert watched.complaints == []


def overlap(a: list[float], b: list[float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
