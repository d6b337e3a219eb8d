"""Assessments of a person: the page, the form that records one, and the API."""

import re
from typing import Any

import pytest
from fake_service import FROM_HERE, ClientWith, FakeService
from starlette.testclient import TestClient

PAGE, FORM, API = "/people/child-0/assessments", "/people/child-0/assessments/new", "/api/v1/people/child-0/assessments"
ENTERED = {
    "instrument": "lewisham-cse",
    "version": "2015.1",
    "at": "2026-11-17",
    "answer.learning_disability": "no",
    "answer.under_13": "no",
    "answer.cars": "yes",
    "judgement_band": "high",
    "judgement_reason": "What Ana said weighs more.",
    "do": "record",
}
GIVEN: dict[str, Any] = {
    "instrument": "lewisham-cse",
    "version": "2015.1",
    "at": "2026-11-17",
    "answers": {"cars": True, "learning_disability": "no", "under_13": "no"},
    "judgement": {"band": "high", "reason": "What Ana said weighs more."},
}


def send(client: TestClient, **change: str) -> Any:
    return client.post(FORM, data={**ENTERED, **change}, headers=FROM_HERE)


def test_the_page_shows_the_judgement_beside_the_score_and_every_clause(coordinator: TestClient) -> None:
    page = coordinator.get(PAGE).text
    assert "Undefined here, judgement needed" in page
    assert "Exactly five low level indicators" in page
    assert "Lewisham MET Strategy, App. C, Thresholds, Low Risk" in page
    assert "She is putting herself at risk" in page
    assert "Not so.&lt;/b&gt;" in page
    assert "<b>Not so" not in page
    assert re.search(r"Words to look at again.*putting herself at risk.*Nothing was changed", page, re.DOTALL)
    assert 'aria-current="page">Assessments' in page
    assert "2 episodes that began in the past 90 days: <strong>2 times" in page


def test_recording_one_goes_to_what_was_recorded(coordinator: TestClient, service: FakeService) -> None:
    answer = send(coordinator)
    assert answer.status_code == 303
    address, _, anchor = answer.headers["location"].partition("#")
    page = coordinator.get(address).text
    assert f'id="{anchor}"' in page
    assert "What Ana said weighs more." in page
    assert "Corin Demonstration" in page


def test_the_form_says_all_that_is_missing_and_keeps_what_was_entered(coordinator: TestClient) -> None:
    answer = send(
        coordinator,
        **{"judgement_band": "", "judgement_reason": " ", "answer.learning_disability": "", "text": "Kept <i>text"},
    )
    assert answer.status_code == 422
    page = answer.text
    assert "<title>Error: " in page
    for name in ("judgement_band", "judgement_reason", "answer-learning_disability"):
        assert f'href="#{name}"' in page
        assert f'id="{name}"' in page
    assert "Kept &lt;i&gt;text" in page
    assert re.search(r'id="answer-cars"[^>]*checked', page)
    assert coordinator.get(PAGE).text.count("<article") == 1


@pytest.mark.parametrize(
    ("change", "anchor"),
    [
        ({"agreed": "medium"}, "police"),
        ({"at": "2999-01-01"}, "at"),
        ({"answer.cars": "perhaps"}, "answer-cars"),
        ({"answer.gossip": "yes"}, "form"),
        ({"judgement_band": "severe"}, "judgement_band"),
    ],
)
def test_what_cannot_be_used_is_pointed_at(coordinator: TestClient, change: dict[str, str], anchor: str) -> None:
    answer = send(coordinator, **change)
    assert answer.status_code == 422
    assert f'href="#{anchor}"' in answer.text
    assert f'id="{anchor}"' in answer.text


def test_a_score_is_shown_and_nothing_is_kept(coordinator: TestClient) -> None:
    answer = send(coordinator, do="score", judgement_band="", judgement_reason="")
    assert answer.status_code == 200
    assert "nothing is kept yet" in answer.text
    assert "one or more medium level indicators" in answer.text
    assert coordinator.get(PAGE).text.count("<article") == 1


def test_a_form_sent_twice_is_kept_once(coordinator: TestClient) -> None:
    (command,) = re.findall(
        r'name="command" value="([0-9a-f]{32})"', coordinator.get(f"{FORM}?instrument=lewisham-cse").text
    )
    answers = [send(coordinator, command=command) for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert coordinator.get(PAGE).text.count("<article") == 2


def test_under_13_is_worked_out_from_the_date_of_birth(coordinator: TestClient) -> None:
    page = coordinator.get(f"{FORM}?instrument=lewisham-cse").text
    assert "By the date of birth on record: 1" in page
    assert re.search(r'name="answer.under_13"[^>]*value="no"[^>]*checked', page)


def test_a_correction_starts_from_what_was_said(client_with: ClientWith, service: FakeService) -> None:
    satellite = client_with(service, "satellite")
    assert "Correct this" in satellite.get(PAGE).text
    page = satellite.get(f"{FORM}?correct=assessment-1").text
    assert re.search(r'id="answer-eating"[^>]*checked', page)
    change = {"replaces": "assessment-1", "replaces_version": "1", "why": "The form was of another day."}
    assert 'href="#why"' in send(satellite, **{**change, "why": ""}).text
    assert send(satellite, **change).status_code == 303
    page = satellite.get(PAGE).text
    assert "Corrected, version 2" in page
    assert "The form was of another day." in page
    stale = send(satellite, **change)
    assert (stale.status_code, "corrected this meanwhile" in stale.text) == (422, True)


def test_conditions_can_be_set_by_those_who_hold_them_and_a_correction_keeps_them(
    client_with: ClientWith, service: FakeService
) -> None:
    intelligence, satellite = client_with(service, "intelligence"), client_with(service, "satellite")
    form = intelligence.get(f"{FORM}?instrument=lewisham-cse").text
    assert re.findall(r'name="conditions" type="checkbox" value="(\w+)"', form) == [
        "A1",
        "A2",
        "S1",
        "S2",
        "originator",
    ]
    assert 'name="conditions"' not in satellite.get(f"{FORM}?instrument=lewisham-cse").text
    refused = send(satellite, conditions="A1")
    assert (refused.status_code, "only conditions that you hold yourself" in refused.text) == (422, True)
    unsaid = send(intelligence, conditions="A1", judgement_reason="")
    assert re.search(r'value="A1"[^>]*checked', unsaid.text)
    uid = send(intelligence, conditions="A1").headers["location"].rpartition("#assessment-")[2]
    assert "Handling C A1" in intelligence.get(PAGE).text
    correction = intelligence.get(f"{FORM}?correct={uid}").text
    assert '<input type="hidden" name="conditions" value="A1">' in correction
    assert "Handled C with the conditions A1: a correction keeps that" in correction


def test_one_is_withdrawn_with_its_reason_by_the_agency_that_recorded_it(
    client_with: ClientWith, service: FakeService
) -> None:
    satellite, coordinator = client_with(service, "satellite"), client_with(service, "coordinator")
    address = f"{PAGE}/assessment-1/withdrawal"
    assert "Withdraw this" not in coordinator.get(PAGE).text
    form = {"version": "1", "withdraw-assessment-1": "It was of <b>another child."}
    assert coordinator.post(address, data=form, headers=FROM_HERE).status_code == 403
    unsaid = satellite.post(address, data={"version": "1"}, headers=FROM_HERE)
    assert (unsaid.status_code, 'href="#withdraw-assessment-1"' in unsaid.text) == (422, True)
    stale = satellite.post(address, data={**form, "version": "7"}, headers=FROM_HERE)
    assert (stale.status_code, "another child.</textarea>" in stale.text) == (422, True)
    assert satellite.post(address, data=form, headers=FROM_HERE).status_code == 303
    page = coordinator.get(PAGE).text
    assert "It was of &lt;b&gt;another child." in page
    assert page.count("<article") == 0
    assert "putting herself at risk" not in page
    assert coordinator.get(API).json() == []
    assert [row["uid"] for row in coordinator.get(f"{API}/withdrawn").json()] == ["assessment-1"]
    again = satellite.post(f"{API}/assessment-1/withdrawal", json={"version": 1, "why": "x"}, headers=FROM_HERE)
    assert again.status_code == 404
    assert (
        satellite.post(f"{API}/assessment-1/withdrawal", json={"version": 1, "why": " "}, headers=FROM_HERE).status_code
        == 422
    )


def test_who_may(client_with: ClientWith, service: FakeService) -> None:
    analyst, school = client_with(service, "analyst"), client_with(service, "school")
    assert "Record an assessment" not in analyst.get(PAGE).text
    assert analyst.get(f"{FORM}?instrument=lewisham-cse").status_code == 403
    assert send(analyst).status_code == 403
    assert school.get(PAGE).status_code == 403
    assert "/assessments" not in school.get("/people/child-0").text
    assert analyst.post(API, json=GIVEN, headers=FROM_HERE).status_code == 403


def test_nothing_is_recorded_while_looking_back(coordinator: TestClient) -> None:
    coordinator.post("/as-known-at", data={"when": "wednesday", "back": "/"}, headers=FROM_HERE)
    assert "Record an assessment" not in coordinator.get(PAGE).text
    assert send(coordinator).status_code == 422


@pytest.mark.parametrize(
    "path", ["/people/{}/assessments", "/people/{}/assessments/new?instrument=seraf", "/api/v1/people/{}/assessments"]
)
def test_what_is_hidden_and_what_is_not_there_are_alike(coordinator: TestClient, path: str) -> None:
    hidden, absent = coordinator.get(path.format("adult-hidden")), coordinator.get(path.format("nothing-at-all"))
    assert (hidden.status_code, hidden.content) == (404, absent.content)


def test_a_foreign_page_cannot_record(coordinator: TestClient) -> None:
    assert coordinator.post(FORM, data=ENTERED, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert coordinator.get(PAGE).text.count("<article") == 1


# ---- the API


def test_the_instruments_are_listed_with_their_clauses(coordinator: TestClient) -> None:
    rows = {row["name"]: row for row in coordinator.get("/api/v1/instruments").json()}
    assert rows.keys() == {"lewisham-cse", "seraf", "ceraf"}
    counts = {group["name"]: len(group["items"]) for group in rows["lewisham-cse"]["groups"]}
    assert (counts["low"], counts["medium"], counts["high"]) == (12, 15, 13)
    assert all(item["clause"] for row in rows.values() for group in row["groups"] for item in group["items"])
    assert [window["name"] for window in rows["ceraf"]["windows"]] == ["current", "recent"]


def test_an_assessment_by_the_api(coordinator: TestClient) -> None:
    key = {"Idempotency-Key": "first", **FROM_HERE}
    made = [coordinator.post(API, json=GIVEN, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].json() == made[1].json()
    rows = coordinator.get(API).json()
    assert len(rows) == 2
    assert rows[0]["score"]["band"] == "medium"
    assert rows[0]["judgement"]["band"] == "high"
    other = coordinator.post(API, json={**GIVEN, "text": "other"}, headers=key)
    assert (other.status_code, other.headers["content-type"]) == (409, "application/problem+json")
    assert coordinator.get(f"{API}?limit=1").headers["link"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**GIVEN, "role": "coordinator"},
        {**GIVEN, "answers": {"cars": {"secret": 1}}},
        {**GIVEN, "answers": {"gossip": "secret"}},
        {**GIVEN, "judgement": {"band": "secret", "reason": "x"}},
        {**GIVEN, "judgement": {"band": "high", "reason": ""}},
        {**GIVEN, "at": "secret"},
        {**GIVEN, "instrument": "secret"},
        {**GIVEN, "replaces_version": 0},
        ["secret"],
    ],
)
def test_what_cannot_be_used_is_a_problem_that_echoes_nothing(coordinator: TestClient, body: Any) -> None:
    answer = coordinator.post(API, json=body, headers=FROM_HERE)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert "secret" not in answer.text
    assert len(coordinator.get(API).json()) == 1
