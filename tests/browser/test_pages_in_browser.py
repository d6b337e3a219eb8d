"""Every page in a real Chromium: nothing asked of anyone else, nothing against the content policy, axe-core with no violation, 320 px."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_fixtures import Served, Watched, drawn, watch
from fake_proposals import PENDING
from fake_sharing import AGREED
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PAGES = {
    "today": "/",
    "find": "/find?text=exampleby",
    "find-start": "/find",
    "person": "/people/child-0",
    "timeline": "/people/child-0/timeline",
    "peers": "/people/child-0/peers",
    "places": "/people/child-0/places",
    "records": "/people/child-0/records",
    "assessments": "/people/child-0/assessments",
    "assess": "/people/child-0/assessments/new?instrument=lewisham-cse",
    "assess-seraf": "/people/child-0/assessments/new?instrument=seraf",
    "place": "/places/place-park",
    "links-start": "/links",
    "links-choose": "/links?find_a=ben&find_b=exampleby",
    "links": "/links?a=child-1&b=adult-kia",
    "co-missing": "/co-missing?within_hours=3",
    "co-missing-too-many": "/co-missing?from=1900-01-01",
    "links-filtered": "/links?a=child-1&b=adult-kia&relations=KNOWS&weakest=C",
    "links-none": "/links?a=child-1&b=adult-kia&weakest=A",
    "hotspots": "/hotspots",
    "contexts": "/contexts",
    "context-refer": "/contexts/new",
    "context": "/contexts/context-stop",
    "context-definition": "/contexts/context-stop/definition",
    "context-people": "/contexts/context-stop/people",
    "context-map": "/contexts/context-stop/map",
    "context-assessment": "/contexts/context-stop/assessment",
    "context-weighting": "/contexts/context-stop/weighting",
    "context-plan": "/contexts/context-stop/plan",
    "context-review": "/contexts/context-stop/review",
    "context-evidence": "/contexts/context-stop/evidence",
    "context-notices": "/contexts/context-stop/notices",
    "context-team": "/contexts/context-stop/team",
    "context-sharing": "/contexts/context-stop/sharing",
    "context-sharing-change": f"/contexts/context-stop/sharing?change={AGREED}",
    "context-log": "/contexts/context-stop/log",
    "context-history": "/contexts/context-stop/history/plan",
    "groups": "/groups?since=2026-10-01",
    "proposals": "/proposals",
    "proposal": f"/proposals/{PENDING}",
    "evidence": "/evidence?claims=city/C1,city/C2",
    "report": "/reports/report-1",
    "imports": "/imports",
    "questions": "/questions",
    "question": "/questions/peers.network?ask=1&subject=child-0",
    "question-fault": "/questions/links.between?ask=1",
    "audit": "/audit?subject=child-0&check=true",
    "not-found": "/people/nobody",
    "accessibility": "/accessibility",
    "api": "/api/v1/docs",
}
# The network as it would be saved, all of it, and how the box shows it. On the screen it is made sharper in steps, whenever there is time.
PICTURE = (
    "(map => [map.png({ full: true, scale: 1 }), map.zoom(), map.pan()])(document.getElementById('peer-map')._cyreg.cy)"
)
# The browser itself tells of an answer that is not 200; that is not a fault of the page.
EXPECTED = re.compile(r"server responded with a status of (404|422)")
# Tables of which a column is out of sight where there is room for all of it, and tables that do not say what they are of.
CUT_OFF = """[...document.querySelectorAll("main table")].filter(table =>
  !table.caption || (table.closest(".scroller") || table).scrollWidth > (table.closest(".scroller") || table.parentElement).clientWidth + 1
).map(table => table.innerText.slice(0, 60))"""


@pytest.fixture(scope="module")
def signed_in(chromium: Browser, full_city: Served) -> Iterator[Watched]:
    """Give a page of the coordinator on the full city, for a whole module."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    watched = watch(context, full_city.address)
    watched.sign_in("coordinator")
    yield watched
    context.close()


@pytest.fixture(scope="module")
def signed_in_empty(chromium: Browser, empty_city: Served) -> Iterator[Watched]:
    """Give a page of the coordinator on the empty city."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    watched = watch(context, empty_city.address)
    watched.sign_in("coordinator")
    yield watched
    context.close()


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_a_full_page_is_closed_clean_and_accessible(signed_in: Watched, path: str) -> None:
    _is_good(signed_in, path)


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_a_nearly_empty_page_is_closed_clean_and_accessible(signed_in_empty: Watched, path: str) -> None:
    _is_good(signed_in_empty, path)


def _is_good(watched: Watched, path: str) -> None:
    watched.refused.clear()
    watched.complaints.clear()
    page = watched.open(path)
    found = Axe().run(page)
    assert [(v["id"], [n["html"] for n in v["nodes"]][:3]) for v in found.response["violations"]] == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for width in (1440, 1200):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(CUT_OFF) == []
    page.set_viewport_size({"width": 1280, "height": 900})
    assert watched.refused == []
    assert [text for text in watched.complaints if not EXPECTED.search(text)] == []


def test_sign_in_is_good_too(full: Watched) -> None:
    _is_good(full, "/sign-in")


def test_looking_back_colours_the_frame_and_stays(full: Watched) -> None:
    page = full.sign_in("coordinator")
    page.click(".frame-known summary")
    page.check("#known-wednesday")
    full.press(".frame-known__set")
    assert page.locator(".frame-back").count() == 1
    full.open("/people/child-0/peers")
    assert "You are looking back" in page.inner_text("header")
    violations = Axe().run(page).response["violations"]
    assert [v["id"] for v in violations] == []
    full.press("text=Back to now")
    assert page.url.endswith("/people/child-0/peers")
    assert page.query_selector(".frame-back") is None
    assert full.complaints == []


def test_the_peer_map_is_drawn_the_same_each_time(signed_in: Watched) -> None:
    pictures = []
    for _ in range(2):
        page = signed_in.open("/people/child-0/peers")
        page.wait_for_selector("#peer-map[data-drawn]")
        pictures.append(drawn(page).evaluate(PICTURE))
    assert pictures[0][0].startswith("data:image/png")
    assert pictures[0] == pictures[1]


def test_a_count_opens_its_evidence_in_place_and_closes_it(signed_in: Watched) -> None:
    page = signed_in.open("/people/child-0/peers")
    link = page.locator("#link-0 a.evidence-link")
    link.click()
    page.wait_for_selector(".evidence-row .report")
    assert "Handling P" in page.inner_text(".evidence-row")
    assert [v["id"] for v in Axe().run(page).response["violations"]] == []
    link.click()
    assert page.locator(".evidence-row").count() == 0
    assert page.url.endswith("/peers")


def test_every_page_works_without_scripts(chromium: Browser, full_city: Served) -> None:
    context = chromium.new_context(java_script_enabled=False)
    watched = watch(context, full_city.address)
    page = watched.sign_in("coordinator")
    watched.open("/people/child-0/peers")
    assert page.locator("#peers-table tbody tr").count() == 26
    watched.press("#link-0 a.evidence-link")
    assert page.inner_text("h1") == "Evidence"
    watched.open("/links")
    page.fill("#find-a", "Ben")
    page.fill("#find-b", "white Kia")
    watched.press("text=Show links")
    watched.press("a:has-text('Adult Unknown in a white Kia')")
    assert "are linked" in page.inner_text("h1")
    page.click("text=As known")
    page.check("#known-wednesday")
    watched.press(".frame-known__set")
    assert "You are looking back" in page.inner_text("header")
    watched.press("text=Sign out")
    assert page.inner_text("h1") == "Sign in"
    context.close()


def test_every_page_can_be_used_by_keyboard(signed_in: Watched) -> None:
    page = signed_in.open("/people/child-0")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('govuk-details__summary')"):
            break
    page.keyboard.press("Enter")
    assert page.locator("details.behind__question[open]").count() == 1
    _shows_focus(page)


def _shows_focus(page: Page) -> None:
    styles = page.evaluate(
        "(s => s.outlineStyle + s.boxShadow + s.backgroundColor)(getComputedStyle(document.activeElement))"
    )
    assert styles != "nonenonergba(0, 0, 0, 0)"


def test_each_sheet_of_paper_carries_its_handling(signed_in: Watched) -> None:
    page = signed_in.open("/questions/peers.network?ask=1&subject=child-0")
    page.emulate_media(media="print")
    paper = page.evaluate("getComputedStyle(document.body).page")
    assert paper == "handling-c"
    assert page.locator(".filters").first.is_hidden()
    # What a form asked for stands in words where the form is not printed, and the frame has room for its map.
    page = signed_in.open("/hotspots?layer=found_at&from=2026-01-05")
    assert page.locator(".filters").first.is_hidden()
    asked = page.locator(".on-paper").inner_text()
    assert "every event; from 5 January 2026. As known at" in asked
    assert page.locator(".map-frame").bounding_box()["height"] > 700  # type: ignore[index]
    page.emulate_media(media="screen")
    assert page.locator(".on-paper").is_hidden()


def test_nothing_is_kept_in_the_browser(signed_in: Watched) -> None:
    page = signed_in.open("/people/child-0/peers")
    page.click("#link-0 a.evidence-link")
    page.wait_for_selector(".evidence-row .report")
    assert page.evaluate("Object.keys(localStorage).length") == 0
    assert "Exampleby" not in page.evaluate("JSON.stringify(Object.assign({}, sessionStorage))")
    assert page.evaluate("document.cookie") == ""
