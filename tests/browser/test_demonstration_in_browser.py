"""The demonstration city on a real Neo4j, walked in a real Chromium by each of the five who may sign in: what they see, and must not."""

import gzip
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_fixtures import Watched, drawn, serve, watch
from playwright.sync_api import Browser, Page

from graph_service.bootstrap import bootstrap
from graph_service.settings import Settings
from graph_service.store.bolt import BoltStore
from graph_service.web.words import LAYERS
from ingest import synthetic
from ingest.police_crime import PORTSMOUTH

pytestmark = pytest.mark.browser

FIRST, SECOND = "ref:demo/child/0001", "ref:demo/child/0002"
TABS: Final = ("/timeline", "/peers", "/places", "/records")
# The browser itself tells of an answer that is not 200; that is not a fault of the page.
REFUSED: Final = re.compile(r"server responded with a status of (403|404|422)")


@dataclass(frozen=True)
class Built:
    """The city as it is served, and the truth of what was planted in it."""

    address: str
    truth: dict[str, Any]


@pytest.fixture(scope="module")
def city(
    shared_store: BoltStore, empty_store: Callable[[], None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Built]:
    """Serve the city from the session's Neo4j, emptied first."""
    empty_store()
    home = tmp_path_factory.mktemp("demonstration")
    password = home / "password"
    address = shared_store.address
    password.write_text(address.password, encoding="utf-8")
    service = bootstrap(
        Settings(home=home, neo4j_uri=address.uri, neo4j_user=address.user, neo4j_password_file=password)
    )
    built = synthetic.build("city")
    operator = service.operator("test")
    service.imports.bring_in(operator, "demo", built.batches(), lambda _: None)
    crimes = home / "2018-10-street.csv"
    with gzip.open(PORTSMOUTH, "rt", encoding="utf-8") as every:
        crimes.write_text("".join(islice(every, 400)), encoding="utf-8")  # all of them take half a minute
    service.imports.run(operator, "police-crime", [crimes])
    for served in serve(service):
        yield Built(served.address, built.truth)
    service.close()


class Walk:
    """One viewer's way through the pages; what was wrong with any is kept, so that one walk tells of all."""

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self.page = watched.page
        self.axe = Axe()
        self.faults: list[str] = []
        self.sources: dict[str, str] = {}

    def see(self, path: str, *, status: int = 200, narrow: bool = False) -> Page:
        """Open a page, wait for it and its frames, and look it over."""
        self.watched.complaints.clear()
        answer = self.page.goto(self.watched.address + path)
        if answer is None or answer.status != status:
            self._fault(path, f"answered {answer and answer.status}, not {status}")
        if self.page.locator("#peer-map").count():
            self.page.wait_for_selector("#peer-map[data-drawn], #peer-map[hidden]", state="attached")
        self.sources[path] = self.page.content()
        for found in self.axe.run(self.page).response["violations"]:
            self._fault(path, f"axe {found['id']}: {[node['html'][:200] for node in found['nodes'][:2]]}")
        if narrow:
            self.page.set_viewport_size({"width": 320, "height": 700})
            drawn(self.page)  # a drawing takes its new width on a later frame
            if (wide := self.page.evaluate("document.documentElement.scrollWidth")) > 320:
                self._fault(path, f"is {wide} px wide on a screen of 320")
            self.page.set_viewport_size({"width": 1280, "height": 900})
        for text in self.watched.complaints:
            if status == 200 or not REFUSED.search(text):
                self._fault(path, f"the browser says: {text}")
        return self.page

    def see_map(self, path: str, *, drawn: bool) -> None:
        """Open a page of hotspots and see that its map is drawn in its frame, or that the page says why there is none."""
        page = self.see(path, narrow=True)
        if bool(page.locator("iframe.map-frame").count()) != drawn:
            self._fault(path, "has no map" if drawn else "has a map")
        elif drawn:
            page.frame_locator("iframe.map-frame").locator(".leaflet-container").wait_for()
            self.sources[path + " map"] = page.frames[-1].content()
        elif "Nothing in this layer and period" not in page.inner_text("main"):
            self._fault(path, "does not say that there is nothing")

    def _fault(self, path: str, text: str) -> None:
        self.faults.append(f"{path}: {text}")


@pytest.mark.parametrize("who", ["coordinator", "satellite", "intelligence", "analyst", "school"])
def test_each_may_walk_through_the_city_and_every_page_is_good(chromium: Browser, city: Built, who: str) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    walk = Walk(watch(context, city.address))
    try:
        walk.watched.sign_in(who)
        _walk_as(walk, city, who)
        assert walk.faults == []
        assert walk.watched.refused == []
    finally:
        context.close()


def _walk_as(walk: Walk, city: Built, who: str) -> None:
    reads_cases = who != "school"
    walk.see("/")
    found = walk.see("/find?" + urlencode({"text": FIRST}))
    if reads_cases:
        walk.watched.press(".found__name")
        assert "/people/" in found.url
    person = found.url.removeprefix(city.address) if reads_cases else f"/people/{FIRST}"
    walk.see(person, status=200 if reads_cases else 404, narrow=True)
    for tab in TABS:
        walk.see(person + tab, status=200 if reads_cases else 404, narrow=True)
    links = walk.see("/links?" + urlencode({"a": FIRST, "b": SECOND}), status=200 if reads_cases else 404, narrow=True)
    if reads_cases:
        hops = 2 if who == "intelligence" else 3
        assert links.locator(".route__title").first.inner_text().startswith(f"{hops} hops")
    for layer in LAYERS:
        # Children go missing from their homes, which no map shows; a school is shown no small count.
        drawn = layer == "crime" or (reads_cases and layer != "missing_from")
        walk.see_map(f"/hotspots?layer={layer}", drawn=drawn)
    walk.see("/questions")
    walk.see("/questions/places.hotspots?ask=1&layer=found_at")
    assert walk.see("/audit").locator("table tbody tr").count() > 3
    hidden = city.truth["hidden"]["label"]
    shown = {path for path, source in walk.sources.items() if hidden in source}
    assert bool(shown) == (who == "intelligence"), shown
