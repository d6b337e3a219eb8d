"""
The resources of contexts, proposals and assessments over HTTP, on a real store.

Whoever may not see something is answered, byte for byte but for ids and moments, as if it had never been; and whatever any role sends by the
description of the API or against it, the answer is one that the description has.
"""

import datetime as dt
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from fake_service import ADDRESS
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from test_assessments import GIVEN
from test_contexts import ASSESSMENT, CLAIMS, OPEN, PLAN, REPORTS, SUBJECTS, TEAM, BringIn, Desk
from test_sharing import GIVEN as AGREEMENT

from graph_service.bootstrap import Service
from graph_service.web.app import create_app

pytestmark = pytest.mark.usefixtures("one_day")
API = "/api/v1"
TAGS = {"contexts", "assessments"}
CHILDREN = ("ana", "ben", "cai")
HIDDEN_REPORTS, HIDDEN_CLAIMS = ("r2", "r8"), ("c3", "c4", "c8")
MORE_SUBJECTS = [
    {"ref": "cai", "kind": "child", "label": "Cai Exampleby"},
    {"ref": "dee", "kind": "child", "label": "Dee Hiddenby"},
]
MORE_REPORTS = [
    *(
        {**OPEN, "report_ref": f"r{5 + n}", "kind": "cpi", "agency": agency, "submitted_at": f"2026-10-{10 + n}T10:00:00Z"}
        for n, agency in enumerate(("police", "youth", "education"))
    ),
    {**OPEN, "report_ref": "r8", "kind": "cpi", "agency": "health", "submitted_at": "2026-10-14T10:00:00Z", "handling": "C"},
]  # fmt: skip
MORE_CLAIMS = [
    {"claim_ref": f"c{5 + n}", "report_ref": f"r{5 + n}", "from_ref": child, "to_ref": "stop", "type": "SEEN_AT"}
    for n, child in enumerate((*CHILDREN, "dee"))
]


def world(service: Service, bring_in: BringIn, *, hidden: bool) -> tuple[Desk, str]:
    """Bring in the city and work on one context as everybody does; where `hidden`, with all that a satellite may not see besides."""
    reports, claims = [*REPORTS, *MORE_REPORTS], [*CLAIMS, *MORE_CLAIMS]
    subjects = [*SUBJECTS, *MORE_SUBJECTS]
    if not hidden:
        reports = [row for row in reports if row["report_ref"] not in HIDDEN_REPORTS]
        claims = [row for row in claims if row["claim_ref"] not in HIDDEN_CLAIMS]
        subjects = [row for row in subjects if row["ref"] not in ("rex", "car", "dee")]
    bring_in(subjects, reports, claims)
    desk = Desk(service)
    coordinator, contexts = desk.viewer("coordinator"), desk.contexts
    uid = desk.refer(places=[desk.uid("stop")], people=[desk.uid("ana")], citations=["small/c1"])
    desk.decide(uid, "assess")
    desk.save(uid, "team", TEAM)
    if hidden:
        desk.change(uid, {"people": [desk.uid("ana"), desk.uid("rex")]})
        contexts.attach(coordinator, uid, "people.timeline", {"subject": desk.uid("rex")}, why="His days.")
        other = desk.refer(label="A hidden context", people=[desk.uid("rex")])
        desk.change(other, {"touches": [uid]})
        (proposed,) = service.proposals.list(coordinator)
        service.proposals.decide(coordinator, proposed["uid"], "assess", reason="Health saw Dee there.")
        secret = {**GIVEN, "conditions": ["A1"], "text": "Of Rex."}
        service.instruments.record(coordinator, desk.uid("ana"), secret)
    affected = [{"person": desk.uid("ana"), "why": "Waits here.", "citations": ["small/c1"]}]
    if hidden:
        affected.append({"person": desk.uid("dee"), "why": "Is met here.", "citations": ["small/c8"]})
    desk.change(uid, {"affected": affected[:1]}, "satellite")
    if hidden:
        desk.change(uid, {"affected": affected})
    desk.save(uid, "assessment", ASSESSMENT)
    desk.save(uid, "plan", PLAN)
    desk.save(uid, "weighting", [{"what": "The stop", "rank": 1, "reason": "Dark.", "evidence": ["small/c1"]}])
    contexts.note(coordinator, uid, "Rang the school.")
    contexts.sharing.agree(coordinator, uid, AGREEMENT)
    contexts.attach(coordinator, uid, "contexts.people_present", {"subject": desk.uid("stop")}, why="Who is there.")
    desk.decide(uid, "sign_off")
    desk.save(uid, "review", {"outcome": "agree", "narrative": "Quieter."})
    service.instruments.record(desk.viewer("satellite"), desk.uid("ana"), GIVEN)
    return desk, uid


def client_of(service: Service, who: str) -> TestClient:
    made = service.accounts.make_token(service.operator("test"), who, "weekly-meeting", 1)
    return TestClient(
        create_app(service), base_url=ADDRESS, headers={"Authorization": f"Bearer {made['token']}"}, follow_redirects=False
    )  # fmt: skip


def every_get(client: TestClient, desk: Desk, uid: str) -> dict[str, Any]:
    """Ask for every resource of contexts, proposals and assessments that the description has: as it stands, page by page, and looking back."""
    proposals = [row["uid"] for row in client.get(f"{API}/proposals").json() if isinstance(row, dict)]
    named = {"contexts": uid, "proposals": proposals[0] if proposals else "none", "people": desk.uid("ana")}
    agreed = client.get(f"{API}/contexts/{uid}/sharing").json()[0]["id"]
    now = dt.datetime.now(dt.UTC).isoformat().replace("+00:00", "Z")
    found = {}
    for path, methods in client.get(f"{API}/openapi.json").json()["paths"].items():
        if "get" not in methods or not TAGS.intersection(methods["get"].get("tags", ())):
            continue
        takes = {parameter["name"] for parameter in methods["get"].get("parameters", ())}
        filled = path.replace("{uid}", named.get(path.split("/")[3], ""))
        parts = ("team", "assessments", "weighting", "plan", "review") if "part" in takes else ("",)
        for part in parts:
            address = filled.replace("{part}", part).replace("{number}", agreed)
            found[address] = client.get(address)
            if "limit" in takes and len(found[address].json()) > 1:
                found[f"{address}?limit=1"] = client.get(address, params={"limit": 1})
            if "as_known_at" in takes and "history" not in path:
                found[f"{address}?now"] = client.get(address, params={"as_known_at": now})
    return found


def plain(address: str, answer: Any) -> str:
    """Give an answer without what differs between two worlds that are told alike: ids, moments, and cursors made of them."""
    told = {name: answer.headers.get(name) for name in ("etag", "link", "content-type", "x-total-count")}
    text = f"{address}\n{answer.status_code} {told}\n{answer.text}"
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "uid", text)
    text = re.sub(r"\b[0-9a-f]{16,64}\b", "id", text)
    text = re.sub(r"after=[^&>\"]+", "after=cursor", text)
    return re.sub(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[0-9.]*(Z|\+00:00)", "then", text)


def test_every_answer_is_as_if_what_is_hidden_had_never_been(
    service: Service, bring_in: BringIn, start_again: Callable[[], None]
) -> None:
    told: dict[tuple[str, bool], list[str]] = {}
    for hidden in (True, False):
        desk, uid = world(service, bring_in, hidden=hidden)
        for who in ("satellite", "coordinator") if hidden else ("satellite",):
            answers = every_get(client_of(service, who), desk, uid)
            assert len(answers) >= 40
            told[who, hidden] = [plain(address, answer) for address, answer in answers.items()]
            told[who, hidden] = [text.replace(uid, "uid") for text in told[who, hidden]]
        start_again()
    for whole, never in zip(told["satellite", True], told["satellite", False], strict=True):
        assert whole == never
    for word in ("Rex Hiddenby", "Dee Hiddenby", "A hidden context", "Of Rex."):
        assert word in "".join(told["coordinator", True]), word


# ---- whatever is sent

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
EXAMPLES = int(os.environ.get("PMET_FUZZ_EXAMPLES", "10"))


def names_of(desk: Desk, uid: str) -> Callable[[str], list[str]]:
    """Give what stands in the path of a resource: half of what is sent names something that is there."""
    people, places = [desk.uid(child) for child in CHILDREN], [desk.uid("stop")]
    proposals = [row["uid"] for row in desk.service.proposals.list(desk.viewer("coordinator"))]
    found = {"contexts": [uid], "people": people, "places": places, "proposals": proposals}
    return lambda path: found.get(path.removeprefix(API).split("/")[1], [])


def operations(service: Service, *, whole: bool) -> Iterator[Any]:
    """Give every operation of the description; what changes contexts and assessments alone where not `whole`."""
    schema = schemathesis.openapi.from_asgi(
        f"{API}/openapi.json", create_app(service), headers={"Host": "127.0.0.1:8000"}
    )
    schema.config.base_url = ADDRESS
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.startswith("/api/") and (
            whole or (operation.method.upper() != "GET" and TAGS.intersection(operation.tags or ()))
        ):
            yield operation


@pytest.mark.parametrize(
    ("who", "examples"),
    [
        ("satellite", 1),
        *(
            pytest.param(who, EXAMPLES, marks=pytest.mark.nightly)
            for who in ("satellite", "analyst", "school", "intelligence")
        ),
    ],
)
def test_whatever_a_role_sends_the_answer_is_one_that_the_description_has(
    service: Service, bring_in: BringIn, who: str, examples: int
) -> None:
    desk, uid = world(service, bring_in, hidden=True)
    names = names_of(desk, uid)
    token = service.accounts.make_token(service.operator("test"), who, "weekly-meeting", 1)["token"]
    failures: list[str] = []
    for operation in operations(service, whole=examples > 1):
        there = names(operation.path)

        @given(operation.as_strategy(), st.sampled_from(there) if there else st.none(), st.booleans())
        @settings(
            max_examples=examples, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
        )  # fmt: skip
        def sent(case: Any, name: str | None, named: bool) -> None:
            if name and named and "uid" in (case.path_parameters or {}):
                case.path_parameters["uid"] = name
            case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

        try:
            sent()
        except BaseExceptionGroup as error:
            failures.append(f"{operation.label}: {error.exceptions}")
        except Exception as error:  # noqa: BLE001  all of them are told below
            failures.append(f"{operation.label}: {error}")
    assert failures == [], "\n\n".join(failures)
