"""
From three referrals to a review, as the people of a partnership do it, in a real browser on a real Neo4j.

Three agencies name one bus stop in three spellings; MET progresses the proposal; a team of three agencies assesses, weighs and plans; a fourth
report arrives and the team is told; after twelve weeks the review shows before and after; the context closes and the team's access is gone.
"""

import datetime as dt
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from browser_fixtures import Watched, serve, watch
from playwright.sync_api import Browser, Page
from stop_scenario import AREA, HIDDEN_NAME, SPELLINGS, Story

from graph_service.bootstrap import Service, bootstrap
from graph_service.settings import Settings
from graph_service.store.bolt import BoltStore

pytestmark = pytest.mark.browser
BEGIN = dt.datetime(2026, 11, 25, 11, 30, tzinfo=dt.UTC)  # a Wednesday
PICTURES = os.environ.get("PMET_TEST_PICTURES")
AGREED = {
    "what": "That adults in cars stop there after ten, and the hours.",
    "with_whom": "The manager of the bus depot",
    "may_share": "The lead of the satellite team",
    "withheld": "Every name, and that a child was found there.",
    "necessary": "Only the depot can have a driver wait.",
    "proportionate": "Hours and no names are enough for that.",
    "decided_by": "Weekly MET",
}


@dataclass
class Partnership:
    """A service with the story so far, the clock that it lives by, and where it is served."""

    service: Service
    address: str
    story: Story
    folder: Path
    clock: time_machine.Traveller

    def bring_in(self) -> None:
        """Bring the latest edition of the story in, as the operator does."""
        report = self.service.imports.run(self.service.operator("test"), "bundle", [self.story.write(self.folder)])
        assert not [row for row in report["problems"] if row["severity"] == "error"], report["problems"]


@pytest.fixture
def partnership(
    shared_store: BoltStore, empty_store: Callable[[], None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Partnership]:
    """Serve a city in which three referrals name one stop, at eleven thirty on a Wednesday."""
    empty_store()
    home = tmp_path_factory.mktemp("scenario")
    password = home / "password"
    address = shared_store.address
    password.write_text(address.password, encoding="utf-8")
    with time_machine.travel(BEGIN, tick=True) as clock:
        service = bootstrap(
            Settings(home=home, neo4j_uri=address.uri, neo4j_user=address.user, neo4j_password_file=password)
        )
        for served in serve(service):
            found = Partnership(service, served.address, Story(BEGIN), home / "bundle", clock)
            found.bring_in()
            yield found
        service.close()


class Person:
    """Somebody at the browser: signs in afresh, looks, and everything that is wrong with a page is an error at once."""

    def __init__(self, chromium: Browser, partnership: Partnership, who: str) -> None:
        self.context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        self.watched: Watched = watch(self.context, partnership.address)
        self.page: Page = self.watched.sign_in(who)
        self.who = who

    def see(self, path: str, picture: str = "") -> Page:
        page = self.watched.open(path)
        assert [
            (v["id"], [n["html"][:150] for n in v["nodes"]][:2]) for v in Axe().run(page).response["violations"]
        ] == []
        assert self.watched.refused == []
        assert self.watched.complaints == []
        if picture and PICTURES:
            page.screenshot(path=f"{PICTURES}/{picture}.jpg", type="jpeg", quality=70, full_page=True)
        return page

    def leave(self) -> None:
        self.context.close()


def test_three_referrals_become_a_context_that_is_assessed_planned_reviewed_and_closed(
    chromium: Browser, partnership: Partnership
) -> None:
    stop = _met_progresses_the_proposal(chromium, partnership)
    _the_team_assesses_weighs_and_plans(chromium, partnership, stop)
    _met_signs_off(chromium, partnership, stop)
    _a_fourth_report_arrives(chromium, partnership, stop)
    _twelve_weeks_later(chromium, partnership, stop)


def _met_progresses_the_proposal(chromium: Browser, partnership: Partnership) -> str:
    coordinator = Person(chromium, partnership, "coordinator")
    page = coordinator.see("/proposals")
    proposed = page.locator("main section h2 a")
    assert proposed.count() == 1, page.inner_text("main")
    address = proposed.get_attribute("href") or ""
    text = coordinator.see(address, "1-proposal").inner_text("main")
    assert [spelling for spelling in SPELLINGS if spelling not in text] == []
    assert "3 independent reports" in text
    page.check("input[name=decision][value=assess]")
    page.fill("#reason", "Three agencies, three children who do not know one another, one stop.")
    coordinator.watched.press("text=Keep the decision")
    coordinator.watched.press("text=The context that was made")
    stop = page.url.removeprefix(partnership.address)
    assert "Being assessed" in page.inner_text("main")
    page = coordinator.see(stop + "/team")
    page.select_option("#lead", "satellite")
    for number, (account, role) in enumerate((("satellite", "lead"), ("intelligence", "police"), ("school", "school"))):
        page.select_option(f"#members-{number}-account", account)
        page.fill(f"#members-{number}-role_in_team", role)
        if number == 1:
            coordinator.watched.press("button[value=more]")
    coordinator.watched.press("button[value=save]")
    assert "Scarlet Demonstration" in page.inner_text("main")
    coordinator.see(stop, "2-context-new")
    coordinator.leave()
    return stop


def _the_team_assesses_weighs_and_plans(chromium: Browser, partnership: Partnership, stop: str) -> None:
    team = Person(chromium, partnership, "satellite")
    page = team.see(stop + "/definition")
    page.fill("#label", "Exemplar Bridge bus stop")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.fill("#area", '{"type": "Polygon", "coordinates": [' + str(AREA) + "]}")
    page.fill("#why", "The area as the team walked it")
    team.watched.press("button[value=save]")
    page = team.see(stop + "/assessment")
    page.fill("#needs", "Somewhere safe and warm to wait; adults whom they know.")
    page.fill("#strengths", "The evening driver knows most of them by name.")
    page.fill("#guardianship-0-who", "Evening bus driver")
    page.fill("#guardianship-0-where", "until the last bus")
    page.fill("#guardianship-0-could", "wait until each has been collected")
    page.fill("#analysis", "Adults in cars use the stop because nobody is responsible for it after ten.")
    team.watched.press("button[value=save]")
    team.see(stop + "/assessment", "3-assessment")
    page = team.see(stop + "/evidence")
    page.select_option("#question", "contexts.people_present")
    page.fill("#why", "Who was at the stop")
    team.watched.press("main form.part-form button:has-text('Attach')")
    assert "Who was at the stop" in page.inner_text("main")
    _the_team_records_what_may_be_shared(team, stop)
    page = team.see(stop + "/weighting")
    for number, (what, why) in enumerate(
        (("The unlit stop after ten", "Every report names it"), ("Lifts offered by adults", "Falls away with company"))
    ):
        page.fill(f"#weighting-{number}-rank", str(number + 1))
        page.fill(f"#weighting-{number}-what", what)
        page.fill(f"#weighting-{number}-reason", why)
    team.watched.press("button[value=save]")
    team.see(stop + "/weighting", "4-weighting")
    page = team.see(stop + "/plan")
    page.fill("#actions-0-what", "Mend the lamp")
    page.fill("#actions-0-lead", "Highways")
    goals = (
        ("Fewer incidents at the stop", "incidents_at_places"),
        ("Fewer people drawn to the stop at night", "people_present"),
        ("Leaflets given out", ""),
    )
    for number, (what, measure) in enumerate(goals):
        page.fill(f"#goals-{number}-what", what)
        if measure:
            page.select_option(f"#goals-{number}-measure", measure)
        else:
            page.check(f"#goals-{number}-effort")
    team.watched.press("button[value=save]")
    assert "Effort, not safety" in team.see(stop + "/plan", "5-plan").inner_text("main")
    shown = "".join(team.see(stop + tab).content() for tab in ("", "/people", "/evidence", "/log"))
    assert HIDDEN_NAME not in shown
    team.leave()


def _the_team_records_what_may_be_shared(team: Person, stop: str) -> None:
    page = team.see(stop + "/sharing")
    page.click("#agreement-form summary")
    for box, text in AGREED.items():
        page.fill(f"#{box}", text)
    page.select_option("#with_kind", "business")
    page.select_option("#consent", "nobody_named")
    page.click("button:has-text('Record it')")
    page.wait_for_load_state("networkidle")
    assert AGREED["with_whom"] in team.see(stop + "/sharing", "sharing").inner_text("main")


def _met_signs_off(chromium: Browser, partnership: Partnership, stop: str) -> None:
    coordinator = Person(chromium, partnership, "coordinator")
    page = coordinator.see(stop)
    page.check("input[name=decision][value=sign_off]")
    page.fill("#reason", "The plan does what is needed.")
    coordinator.watched.press("main form button:has-text('Record it')")
    assert "Plan in hand" in page.inner_text("main")
    coordinator.leave()
    police = Person(chromium, partnership, "intelligence")
    assert HIDDEN_NAME in police.see(stop + "/people").content(), "police intelligence, who may see the adult, should"
    police.leave()


def _a_fourth_report_arrives(chromium: Browser, partnership: Partnership, stop: str) -> None:
    partnership.clock.shift(dt.timedelta(weeks=2))
    partnership.story.fourth_report(BEGIN + dt.timedelta(weeks=2) - dt.timedelta(hours=1))
    partnership.bring_in()
    team = Person(chromium, partnership, "satellite")
    assert "new notice" in team.see(stop).inner_text("main")
    page = team.see(stop + "/notices", "6-notices")
    assert "Dee Madeup" in page.inner_text("main")
    team.watched.press("text=I have read these")
    assert page.locator("main .govuk-tag", has_text="New").count() == 0
    team.leave()


def _twelve_weeks_later(chromium: Browser, partnership: Partnership, stop: str) -> None:
    partnership.clock.shift(dt.timedelta(weeks=10, days=1))
    partnership.story.after(BEGIN + dt.timedelta(weeks=12))
    partnership.bring_in()
    team = Person(chromium, partnership, "satellite")
    assert "Review due" in team.see(stop).inner_text("main")
    page = team.see(stop + "/review", "7-review")
    text = page.inner_text("main")
    assert "9 in 12 weeks" in text
    assert "2 in 12 weeks" in text
    assert "Effort, not safety" in text
    page = team.see(stop + "/map", "8-map")
    page.frame_locator("iframe.map-frame").locator(".leaflet-container").wait_for()
    coordinator = Person(chromium, partnership, "coordinator")
    page = coordinator.see(stop)
    page.check("input[name=decision][value=close]")
    page.fill("#reason", "It is safer, and the driver stays.")
    coordinator.watched.press("main form button:has-text('Record it')")
    assert "Closed" in page.inner_text("main")
    answer = team.page.goto(partnership.address + stop)
    assert answer is not None
    assert answer.status == 404, "the team's access ends with the context, at the next request"
    team.leave()
    coordinator.leave()
