"""The contextual database for programs: versions by ETag, one shape of error, nothing told of what is hidden."""

import pytest
from fake_contexts import CIRCLE, HIDDEN_CONTEXT, STOP
from fake_service import ClientWith, FakeService
from starlette.testclient import TestClient

API = "/api/v1"
REFERRAL = {"kind": "place", "label": "The park's shelter", "reason": "Named in three conversations."}


@pytest.fixture
def program(service: FakeService, client_with: ClientWith) -> TestClient:
    """Give a client with the coordinator's token."""
    return with_token(service, client_with, "coordinator")


def with_token(service: FakeService, client_with: ClientWith, who: str) -> TestClient:
    token = service.sign_in(who, None, purpose="weekly-meeting", accepted_statement=True)
    client = client_with(service)
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def test_a_context_is_referred_decided_and_worked_on_by_its_etags(program: TestClient) -> None:
    made = program.post(f"{API}/contexts", json=REFERRAL)
    assert made.status_code == 201
    address, tag = made.headers["location"], made.headers["etag"]
    assert program.get(address).headers["etag"] == tag
    decided = program.post(
        f"{address}/decisions", json={"decision": "assess", "reason": "Yes."}, headers={"If-Match": tag}
    )
    assert (decided.status_code, decided.json()["state"]) == (200, "assessing")
    plan = program.get(f"{address}/plan")
    assert (plan.json()["version"], plan.headers["etag"]) == (0, '"0"')
    body = {"content": {"actions": [{"what": "Mend the lamp"}], "goals": []}, "why": "Begun."}
    saved = program.put(f"{address}/plan", json=body, headers={"If-Match": '"0"'})
    assert (saved.status_code, saved.headers["etag"], saved.json()["why"]) == (200, '"1"', "Begun.")
    history = program.get(f"{address}/plan/history").json()
    assert [row["version"] for row in history] == [1]
    log = program.get(f"{address}/log").json()
    assert [row["what"] for row in log] == ["plan", "decision", "referral"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", f"/contexts/{STOP}", {"label": "Another", "why": "Renamed."}),
        ("POST", f"/contexts/{CIRCLE}/decisions", {"decision": "assess", "reason": "Yes."}),
        ("PUT", f"/contexts/{STOP}/assessments", {"content": {"needs": "Light."}}),
        ("PUT", f"/contexts/{STOP}/review", {"content": {"outcome": "agree"}}),
    ],
)  # fmt: skip
def test_a_change_says_which_version_it_is_of(
    program: TestClient, method: str, path: str, body: dict[str, object]
) -> None:
    missing = program.request(method, API + path, json=body)
    assert missing.status_code == 428
    assert missing.headers["content-type"] == "application/problem+json"
    for tag in ('"999"', "*", "nonsense", '"-1"', 'W/"999"'):
        stale = program.request(method, API + path, json=body, headers={"If-Match": tag})
        assert stale.status_code == 412, tag
        current = stale.json()["current"]
        assert stale.headers["etag"] == f'"{current["version"]}"'
        good = {"If-Match": stale.headers["etag"]}
    assert program.request(method, API + path, json=body, headers=good).status_code == 200


def test_what_changed_is_told_and_saving_again_upon_it_works(program: TestClient) -> None:
    address = f"{API}/contexts/{STOP}/assessments"
    tag = program.get(address).headers["etag"]
    mine = {"content": {"needs": "Mine."}, "why": "First."}
    theirs = {"content": {"needs": "Theirs."}, "why": "Second."}
    assert program.put(address, json=mine, headers={"If-Match": tag}).status_code == 200
    stale = program.put(address, json=theirs, headers={"If-Match": tag})
    assert stale.json()["current"]["content"]["needs"] == "Mine."
    assert program.put(address, json=theirs, headers={"If-Match": stale.headers["etag"]}).status_code == 200
    assert program.get(address).json()["content"]["needs"] == "Theirs."


def test_hidden_and_absent_are_told_alike(service: FakeService, client_with: ClientWith, program: TestClient) -> None:
    outsider = with_token(service, client_with, "analyst")
    told = set()
    for client, uid in ((program, HIDDEN_CONTEXT), (program, "made-up"), (outsider, STOP)):
        for path in (
            "",
            "/team",
            "/assessments",
            "/weighting",
            "/plan",
            "/review",
            "/notices",
            "/log",
            "/evidence",
            "/history",
        ):
            answer = client.get(f"{API}/contexts/{uid}{path}")
            told.add((answer.status_code, answer.content))
    assert len(told) == 1
    assert next(iter(told))[0] == 404
    assert outsider.get(f"{API}/contexts").json() == []


def test_the_same_key_refers_and_notes_once(program: TestClient) -> None:
    first = program.post(f"{API}/contexts", json=REFERRAL, headers={"Idempotency-Key": "r1"})
    again = program.post(f"{API}/contexts", json=REFERRAL, headers={"Idempotency-Key": "r1"})
    assert first.json()["uid"] == again.json()["uid"]
    other = program.post(f"{API}/contexts", json={**REFERRAL, "label": "Other"}, headers={"Idempotency-Key": "r1"})
    assert other.status_code == 409
    before = len(program.get(f"{API}/contexts/{STOP}/log").json())
    for _ in range(2):
        answer = program.post(
            f"{API}/contexts/{STOP}/log", json={"text": "Visited."}, headers={"Idempotency-Key": "n1"}
        )
        assert answer.status_code == 201
    assert len(program.get(f"{API}/contexts/{STOP}/log").json()) == before + 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/contexts", {**REFERRAL, "state": "closed"}),
        ("/contexts", {**REFERRAL, "kind": "dragon"}),
        ("/contexts", {"kind": "place", "label": " ", "reason": "x"}),
        (f"/contexts/{CIRCLE}/decisions", {"decision": "burn", "reason": "x"}),
        (f"/contexts/{STOP}/log", {"text": ""}),
        (f"/contexts/{STOP}/evidence", {"question": "contexts.people_present", "why": "x", "role": "operator"}),
    ],
)  # fmt: skip
def test_what_is_not_named_is_refused(program: TestClient, path: str, body: dict[str, object]) -> None:
    answer = program.post(API + path, json=body, headers={"If-Match": '"1"'})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_role_that_does_not_decide_is_refused(service: FakeService, client_with: ClientWith) -> None:
    member = with_token(service, client_with, "satellite")
    tag = member.get(f"{API}/contexts/{STOP}").headers["etag"]
    answer = member.post(
        f"{API}/contexts/{STOP}/decisions", json={"decision": "close", "reason": "x"}, headers={"If-Match": tag}
    )
    assert answer.status_code == 403
    assert member.get(f"{API}/colleagues").status_code == 403


def test_notices_are_read_and_pages_follow_one_another(program: TestClient) -> None:
    first = program.get(f"{API}/contexts/{STOP}/notices?limit=1")
    assert [row["new"] for row in first.json()] == [True]
    following = first.headers["link"].partition(">")[0].removeprefix("<")
    assert [row["new"] for row in program.get(following).json()] == [False]
    assert program.post(f"{API}/contexts/{STOP}/notices/seen").status_code == 204
    assert [row["new"] for row in program.get(f"{API}/contexts/{STOP}/notices").json()] == [False, False]
    assert [row["uid"] for row in program.get(f"{API}/contexts?state=closed").json()] == ["context-channel"]


def test_the_review_shows_before_and_after_with_uncertainty(program: TestClient) -> None:
    row = program.get(f"{API}/contexts/{STOP}/review").json()
    outcome, effort = row["outcome"]["goals"]
    assert (outcome["before"]["count"], outcome["after"]["count"]) == (9, 4)
    assert outcome["ratio"]["low"] < 1 < outcome["ratio"]["high"]
    assert (effort["effort"], effort["before"]) == (True, None)
