"""A map is one document: it fetches nothing, runs nothing that came as data, and is the same for the same input."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import pytest
from folium.plugins import HeatMap

import maps
from maps.base import VENDOR, OfflineMap
from maps.page import Facts, Precision, policy_of
from queries.errors import PmetError

HOSTILE = '</script><img src=x onerror="window.ran=1">{{ 7*7 }}`${1}`\'&\u2028'


def facts(title: str = "A map") -> Facts:
    return Facts(title, "June 2026", Precision.AREA, "P")


def cells(label: str = "SU 64 00 SW", events: Any = 7) -> gpd.GeoDataFrame:
    made = maps.grid_cells(gpd.GeoDataFrame(geometry=gpd.points_from_xy([464050], [100250]), crs="EPSG:27700"), 500)
    return made.assign(label=label, events=[events])


def hostile_documents() -> dict[str, str]:
    """Give every kind of document with a hostile value wherever a value goes."""
    words: dict[str, Any] = {
        "title": HOSTILE,
        "period": HOSTILE,
        "handling": HOSTILE,
        "note": HOSTILE,
        "made_from": HOSTILE,
    }
    point = gpd.GeoDataFrame(
        {"label": [HOSTILE], "events": [9], "kind": [HOSTILE], "id": [HOSTILE], "area": [HOSTILE]},
        geometry=gpd.points_from_xy([464050], [100250]), crs="EPSG:27700",
    )  # fmt: skip
    linked = [
        {
            "a": HOSTILE,
            "b": HOSTILE + "2",
            "tone": "concern",
            "kinds": {HOSTILE: {"events": 1, "reports": 1, "weight": 1}},
        }
    ]
    nodes = [
        {"id": HOSTILE, "label": HOSTILE, "kind": "child", "focus": True},
        {"id": HOSTILE + "2", "label": HOSTILE, "kind": HOSTILE, "unknown": True},
    ]
    two = gpd.GeoDataFrame(gpd.pd.concat([point, point.assign(id=HOSTILE + "2", unknown=True)]), crs=point.crs)
    return {
        "hotspots": maps.hotspot_map(cells(HOSTILE), point, precision="exact", **words).html(),
        "context": maps.context_map(cells(), cells(HOSTILE).assign(part="night"), point, **words).html(),
        "peers": maps.peer_map(two, linked, precision="exact", **words).html(),
        "drawing": maps.peer_drawing(nodes, linked, **words).html(),
    }


@pytest.mark.parametrize("kind", ["hotspots", "context", "peers", "drawing"])
def test_a_document_names_no_address_and_no_tag_of_the_data(kind: str) -> None:
    document = hostile_documents()[kind]
    assert not re.search(r"https?:|//[a-z0-9-]+\.[a-z]", document)
    assert "<img" not in document
    assert document.count("<script") == document.count("</script>") == (0 if kind == "drawing" else 3)
    assert "49" not in document.replace(" ", "") or "{{7*7}}" in document.replace(" ", "")


class _Texts(HTMLParser):
    """The texts of scripts and styles, as a browser would hash them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {"script": [], "style": []}
        self.inside: str | None = None
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag if tag in self.found else self.inside
        self.inline += [name for name, _ in attrs if name == "style" or name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        self.inside = None if tag == self.inside else self.inside

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found[self.inside].append(data)


@pytest.mark.parametrize("kind", ["hotspots", "context", "peers", "drawing"])
def test_the_policy_allows_exactly_our_own_texts(kind: str) -> None:
    document = hostile_documents()[kind]
    texts = _Texts()
    texts.feed(document)
    policy = dict(part.strip().split(" ", 1) for part in policy_of(document).split(";"))
    for name, found in texts.found.items():
        allowed = {f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in found}
        assert set(policy[f"{name}-src"].split()) == (allowed or {"'none'"})
    assert policy["default-src"] == "'none'"
    assert texts.inline == []


def test_the_same_input_gives_the_same_text() -> None:
    assert hostile_documents() == hostile_documents()
    drawn = maps.hotspot_map(cells(), title="T", period="P", handling="P")
    assert drawn.html() == drawn.html()


@pytest.mark.parametrize(
    "element",
    [
        folium.Marker([50.8, -1.1], popup=HOSTILE),
        folium.GeoJson({"type": "Point", "coordinates": [-1.1, 50.8]}),
        folium.TileLayer("OpenStreetMap"),
        HeatMap([[50.8, -1.1]]),  # type: ignore[no-untyped-call]
    ],
    ids=["pop-up", "geojson", "tiles", "plugin"],
)
def test_an_element_that_is_not_ours_is_refused_wherever_it_hangs(element: folium.Element) -> None:
    drawn = OfflineMap(facts(), (-1.1, 50.8, -1.0, 50.9))
    element.add_to(drawn.group("A layer"))
    with pytest.raises(maps.UnsafeElementError, match=type(element).__name__):
        drawn.html()


def test_a_link_that_is_not_vendored_is_refused() -> None:
    class Linked(OfflineMap):
        default_js = [*OfflineMap.default_js, ("charts", "vendor:charts")]  # noqa: RUF012

    with pytest.raises(maps.UnsafeElementError, match="charts"):
        Linked(facts(), (-1.1, 50.8, -1.0, 50.9)).html()


def test_what_is_vendored_is_what_was_checked_and_has_its_licence() -> None:
    for entry in json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8")).values():
        text = (VENDOR / entry["path"]).read_bytes()
        assert hashlib.sha256(text).hexdigest() == entry["sha256"]
        assert b"Copyright" in (VENDOR / entry["licence_file"]).read_bytes()
        assert not re.search(rb"https?:|url\((?!data:|\"?#)|@import", text)


def test_a_document_says_what_it_is() -> None:
    document = maps.hotspot_map(
        cells(), title="Crime & order", period="June 2026", handling="C: A1", made_from="places.hotspots, version 1"
    ).html()
    for said in (
        '<html lang="en-GB">', "<title>Crime &amp; order</title>", 'content="width=device-width, initial-scale=1"', "June 2026", "C: A1",
        "Areas, not addresses", "Squares of the National Grid with sides of 500 metres", "Made from places.hotspots, version 1",
        "Open Government Licence", "Crown copyright", "North is up", "metric: true, imperial: true", "setPrefix(false)",
    ):  # fmt: skip
        assert said in document, said


def test_a_notebook_shows_it_in_a_frame_that_cannot_reach_the_notebook(tmp_path: Path) -> None:
    drawn = maps.hotspot_map(cells(), title="T", period="June", handling="P")
    frame = drawn._repr_html_()
    assert 'sandbox="allow-scripts"' in frame
    assert "allow-same-origin" not in frame
    assert frame.count("<") == 2
    saved = drawn.save(tmp_path / "map.html")
    assert saved.read_text(encoding="utf-8") == drawn.html()


def test_errors_are_the_products_own_and_say_what_to_do() -> None:
    assert issubclass(maps.MapDataError, PmetError)
    assert issubclass(maps.MapDataError, ValueError)
    with pytest.raises(PmetError, match="no content policy"):
        policy_of("<p>not a map</p>")
