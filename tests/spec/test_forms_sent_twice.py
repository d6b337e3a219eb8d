"""A form that is sent twice makes one thing, on the real service; and no form of a page can come without a key, a version or a reason."""

import pkgutil
import re
from html import unescape
from importlib import import_module
from typing import Final

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient
from test_assessments import GIVEN
from test_contexts import CLAIMS, REPORTS, SUBJECTS, BringIn, Desk
from test_proposals import CLAIMS as MEETING_CLAIMS
from test_proposals import REPORTS as MEETING_REPORTS
from test_proposals import SUBJECTS as MEETING_SUBJECTS

from graph_service.bootstrap import Service
from graph_service.web import routes
from graph_service.web.app import create_app

HERE = {"Sec-Fetch-Site": "same-origin"}
Fields = dict[str, str]
# What makes something: the page that draws its form, and what somebody enters there.
KEYED: Final[dict[str, tuple[str, Fields]]] = {
    "/contexts/new": (
        "/contexts/new",
        {"kind": "transport", "label": "A shelter", "how": "direct", "reason": "Told.", "do": "refer"},
    ),
    "/contexts/{uid}/log": ("/contexts/{uid}/log", {"text": "Rang the school."}),
    "/contexts/{uid}/evidence": (
        "/contexts/{uid}/evidence",
        {"question": "contexts.people_present", "why": "Who is there"},
    ),
    "/contexts/{uid}/sharing": (
        "/contexts/{uid}/sharing",
        {
            "what": "That children wait here", "with_kind": "business", "with_whom": "The kiosk", "may_share": "Its lead", "withheld": "Names",
            "necessary": "So that they mind it.", "proportionate": "Less would not do.", "consent": "nobody_named",
        },
    ),
    "/people/{uid}/assessments/new": (
        "/people/{person}/assessments/new?instrument=lewisham-cse",
        {
            "answer.learning_disability": "no", "answer.under_13": "no", "answer.cars": "yes", "judgement_band": "high",
            "judgement_reason": "As told.", "do": "record",
        },
    ),
    "/proposals/{uid}/decisions": ("/proposals/{proposal}", {"decision": "assess", "reason": "Three agencies."}),
}  # fmt: skip
# What changes something carries the version that it was drawn from: sent twice, the second is stale.
VERSIONED: Final = {
    "/contexts/{uid}/decisions": "/contexts/{uid}",
    "/contexts/{uid}/definition": "/contexts/{uid}/definition",
    "/contexts/{uid}/{name}": "/contexts/{uid}/plan",
    "/contexts/{uid}/sharing/{number}/withdrawal": "/contexts/{uid}/sharing",
    "/people/{uid}/assessments/{assessment}/withdrawal": "/people/{person}/assessments",
}
# What makes nothing: a session is the browser's own, notices are read up to a moment, the same file again adds nothing.
HARMLESS: Final = {"/sign-in", "/sign-out", "/as-known-at", "/contexts/{uid}/notices", "/imports"}


@pytest.fixture
def desk(service: Service, bring_in: BringIn) -> Desk:
    bring_in(SUBJECTS, REPORTS, CLAIMS)
    bring_in(MEETING_SUBJECTS, MEETING_REPORTS, MEETING_CLAIMS, name="meeting")
    return Desk(service)


def forms(page: str) -> list[tuple[str, Fields]]:
    """Give the forms of a page that are posted: where each goes, and what is hidden in it."""
    found = []
    for attributes, body in re.findall(r"<form\b([^>]*)>(.*?)</form>", page, re.DOTALL):
        if 'method="post"' in attributes:
            action = re.search(r'action="([^"]*)"', attributes)
            hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', body)
            found.append((unescape(action[1]) if action else "", {name: unescape(value) for name, value in hidden}))
    return found


def test_every_form_has_a_key_or_a_version_or_needs_neither() -> None:
    modules = [import_module(f"{routes.__name__}.{module.name}") for module in pkgutil.iter_modules(routes.__path__)]
    posted = {
        route.path
        for module in modules
        for route in module.router.routes
        if isinstance(route, APIRoute) and "POST" in route.methods and not route.path.startswith("/api/")
    }
    assert posted == KEYED.keys() | VERSIONED.keys() | HARMLESS


def test_a_form_that_is_sent_twice_makes_one_thing(desk: Desk) -> None:
    service, coordinator = desk.service, desk.viewer("coordinator")
    uid, person = desk.assessed(), desk.uid("ana")
    service.instruments.record(coordinator, person, GIVEN)
    (proposed,) = service.proposals.list(coordinator)
    client = TestClient(create_app(service), base_url="http://127.0.0.1:8000", follow_redirects=False)
    signed_in = {"who": "coordinator", "purpose": "weekly-meeting", "statement": "accepted"}
    assert client.post("/sign-in", data=signed_in, headers=HERE).status_code == 303

    def drawn(page: str, path: str) -> tuple[str, Fields]:
        address = page.format(uid=uid, person=person, proposal=proposed["uid"])
        shape = re.compile(re.sub(r"\{\w+\}", "[^/]+", path))
        found = client.get(address).text
        return next((to or address, kept) for to, kept in forms(found) if shape.fullmatch(to or address.split("?")[0]))

    def held() -> int:
        (row,) = service.store.read("MATCH (w:Work) RETURN count(w) AS n", {})
        return int(row["n"])

    for path, (page, entered) in KEYED.items():
        to, hidden = drawn(page, path)
        assert re.fullmatch("[0-9a-f]{32}", hidden.get("command", "")), path
        assert drawn(page, path)[1]["command"] != hidden["command"], "each form that is drawn has its own"
        before = held()
        first = client.post(to, data={**hidden, **entered}, headers=HERE)
        assert first.status_code == 303, (path, first.text)
        made = held()
        assert made > before, path
        again = client.post(to, data={**hidden, **entered}, headers=HERE)
        assert (again.status_code, again.headers["location"]) == (303, first.headers["location"]), path
        assert held() == made, path
        word = next(name for name in ("text", "reason", "why", "necessary", "judgement_reason") if name in entered)
        other = client.post(to, data={**hidden, **entered, word: "Something else."}, headers=HERE)
        assert (other.status_code, held()) == (422, made), path
        if path != "/proposals/{uid}/decisions":  # decided, so that its form is gone
            assert "sent before with something else" in other.text, path
            assert hidden["command"] not in other.text, "it is drawn again with a key of its own"
    for path, page in VERSIONED.items():
        assert drawn(page, path)[1].get("version", "").isdecimal(), path
