"""The map of a context on a real store: what is in it for whoever may see it, and never a home."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine

from graph_service.bootstrap import Service
from graph_service.errors import NotFoundError
from queries.errors import ParameterError

pytestmark = pytest.mark.usefixtures("one_day")
BringIn = Callable[..., dict[str, object]]
OPEN = {
    "kind": "sighting",
    "agency": "police",
    "source_eval": "1",
    "info_eval": "A",
    "scheme": "3x5x2",
    "handling": "P",
    "text": "Seen.",
}
SUBJECTS = [
    {"ref": "ana", "kind": "child", "label": "Ana Exampleby"},
    {"ref": "stop", "kind": "location", "subkind": "transport", "label": "Arcade stop", "latitude": "50.7900", "longitude": "-1.0800"},
    {"ref": "kiosk", "kind": "location", "subkind": "place", "label": "Kiosk in the area", "latitude": "50.7902", "longitude": "-1.0803"},
    {"ref": "house", "kind": "location", "subkind": "address", "label": "Secret House", "latitude": "50.7901", "longitude": "-1.0801"},
    {"ref": "club", "kind": "location", "subkind": "place", "label": "Invented Youth Club", "latitude": "50.7930", "longitude": "-1.0830"},
    {"ref": "square", "kind": "location", "subkind": "place", "label": "Far Square", "latitude": "50.8200", "longitude": "-1.0700"},
    *({"ref": f"e{n}", "kind": "incident", "subkind": "call", "label": "A call"} for n in range(1, 5)),
    {"ref": "m1", "kind": "incident", "subkind": "missing_episode", "label": "Missing episode"},
]  # fmt: skip
AREA = {
    "type": "Polygon",
    "coordinates": [[[-1.081, 50.7895], [-1.079, 50.7895], [-1.079, 50.7905], [-1.081, 50.7905], [-1.081, 50.7895]]],
}


def _at(days_ago: float, hour: int = 22) -> str:
    moment = dt.datetime.now(dt.UTC) - dt.timedelta(days=days_ago)
    return moment.replace(hour=hour, minute=0, second=0, microsecond=0).isoformat().replace("+00:00", "Z")


@pytest.fixture
def stop(service: Service, bring_in: BringIn) -> dict[str, Any]:
    """A context with an area round a stop: two incidents at the stop (one told twice), one at a kiosk, one in a home, one episode that ended here."""
    reports = [
        {**OPEN, "report_ref": f"r{n}", "submitted_at": _at(1, 9), "agency": agency}
        for n, agency in enumerate(("police", "youth"))
    ]
    claims = [
        {
            "report_ref": "r0",
            "from_ref": "e1",
            "to_ref": "stop",
            "type": "AT",
            "role": "occurred",
            "happened_from": _at(3),
        },
        {
            "report_ref": "r1",
            "from_ref": "e1",
            "to_ref": "stop",
            "type": "AT",
            "role": "occurred",
            "happened_from": _at(3),
        },
        {
            "report_ref": "r0",
            "from_ref": "e2",
            "to_ref": "stop",
            "type": "AT",
            "role": "occurred",
            "happened_from": _at(9),
        },
        {
            "report_ref": "r0",
            "from_ref": "e3",
            "to_ref": "kiosk",
            "type": "AT",
            "role": "occurred",
            "happened_from": _at(4),
        },
        {
            "report_ref": "r0",
            "from_ref": "e4",
            "to_ref": "house",
            "type": "AT",
            "role": "occurred",
            "happened_from": _at(4),
        },
        {"report_ref": "r0", "from_ref": "ana", "to_ref": "house", "type": "LIVES_AT"},
        {"report_ref": "r0", "from_ref": "ana", "to_ref": "club", "type": "FREQUENTS", "role": "strength"},
        {
            "report_ref": "r0",
            "from_ref": "ana",
            "to_ref": "m1",
            "type": "INVOLVED_IN",
            "role": "missing",
            "happened_from": _at(6),
        },
        {
            "report_ref": "r0",
            "from_ref": "m1",
            "to_ref": "square",
            "type": "AT",
            "role": "missing_from",
            "happened_from": _at(6),
        },
        {
            "report_ref": "r0",
            "from_ref": "m1",
            "to_ref": "stop",
            "type": "AT",
            "role": "found_at",
            "happened_from": _at(5, 3),
        },
    ]
    bring_in(SUBJECTS, reports, [{"claim_ref": f"c{n}", **claim} for n, claim in enumerate(claims)])
    viewer = service.viewer("coordinator", "")
    graph = service.graphs.of(viewer, dt.datetime.now(dt.UTC))
    place = graph.subjects[graph.by_ref["small/stop"]].uid
    made = service.contexts.refer(
        viewer, {"kind": "transport", "label": "Arcade bus stop", "reason": "Why", "places": [place], "area": AREA}
    )
    context: dict[str, Any] = dict(service.contexts.get(viewer, made["uid"]))
    return context


def test_the_area_its_incidents_routes_and_safe_places_are_drawn_and_no_home(
    service: Service, stop: dict[str, Any]
) -> None:
    page = service.maps.html(service.viewer("coordinator", ""), "contexts.map", {"subject": stop["uid"]}, None)
    table = page.split("Incidents by place and part of the day</caption>")[1].split("</table>", maxsplit=1)[0]
    # The stop: two calls and one child found, told by three reports and a copy; the kiosk in the same or the next square: one.
    assert sum(int(n) for n in _last_column(table)) == 4
    for part in ("Outline of the context", "Invented Youth Club", "Far Square", "1 episode"):
        assert part in page
    assert "Secret House" not in page
    assert "50.7901,-1.0801" not in page.replace(" ", "")


def test_since_the_plan_and_before_it_stand_side_by_side(service: Service, stop: dict[str, Any]) -> None:
    viewer = service.viewer("coordinator", "")
    assert "Before the plan" not in service.maps.html(viewer, "contexts.map", {"subject": stop["uid"]}, None)
    changed = service.contexts.decide(viewer, stop["uid"], "assess", reason="Why", version=stop["version"])
    guardians = [{"who": "Night driver", "where": "the stop", "could": "wait"}]
    service.contexts.save(viewer, stop["uid"], "assessment", {"guardianship": guardians}, version=0)
    service.contexts.save(viewer, stop["uid"], "plan", {"actions": [{"what": "Mend the lamp"}], "goals": []}, version=0)
    service.contexts.decide(viewer, stop["uid"], "sign_off", reason="Why", version=changed["version"])
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=11)):
        page = service.maps.html(viewer, "contexts.map", {"subject": stop["uid"]}, None)
    assert "Night driver" in page
    assert "Before the plan, and since" in page


def test_nobody_outside_the_team_gets_the_map_and_a_context_without_a_place_says_so(
    service: Service, stop: dict[str, Any]
) -> None:
    with pytest.raises(NotFoundError):
        service.maps.html(service.viewer("analyst", ""), "contexts.map", {"subject": stop["uid"]}, None)
    viewer = service.viewer("coordinator", "")
    made = service.contexts.refer(viewer, {"kind": "online", "label": "A channel", "reason": "Why"})
    with pytest.raises(ParameterError, match="no place or area"):
        service.maps.html(viewer, "contexts.map", {"subject": made["uid"]}, None)


def _last_column(table: str) -> list[str]:
    rows = table.split("<tbody>")[1].split("<tr")[1:]
    return [row.rsplit("<td", maxsplit=1)[1].split(">")[1].split("<")[0] for row in rows]
