"""Proposals: what is pending with its citations and chance figure, and a decision with its reason, on pages and in the API."""

from fake_proposals import HIDDEN_PROPOSAL, PENDING
from fake_service import FROM_HERE, ClientWith, FakeService
from starlette.testclient import TestClient

API = "/api/v1/proposals"


def test_the_list_says_what_met_and_what_chance_would_give(coordinator: TestClient) -> None:
    page = coordinator.get("/proposals").text
    assert (
        "3 reports by 3 agencies about 3 children between 2 May and 1 July 2026 name Fratton Bridge bus stop." in page
    )
    assert "0.7 would be expected here in these weeks" in page
    assert f'href="/proposals/{PENDING}"' in page
    assert 'href="/proposals"' in coordinator.get("/find").text


def test_a_proposal_shows_its_citations_and_why_names_are_taken_for_one_place(coordinator: TestClient) -> None:
    page = coordinator.get(f"/proposals/{PENDING}").text
    for n in range(3):
        assert f'href="/reports/report-{n}"' in page
        assert f'href="/people/child-{n}"' in page
    assert "name alike 0.93 and 40 m apart" in page
    assert "Bus stop opp. Fratton Bridge &lt;b&gt;" in page
    assert "<b>" not in page
    assert "Nothing is merged." in page


def test_what_is_hidden_and_what_is_not_there_are_answered_alike(coordinator: TestClient) -> None:
    for folder in ("/proposals", API):
        hidden, absent = (coordinator.get(f"{folder}/{uid}") for uid in (HIDDEN_PROPOSAL, "no-such-one"))
        assert hidden.status_code == absent.status_code == 404
        assert hidden.text.replace(HIDDEN_PROPOSAL, "") == absent.text.replace("no-such-one", "")


def test_a_decision_needs_a_choice_and_a_reason_and_keeps_what_was_entered(
    service: FakeService, coordinator: TestClient
) -> None:
    address = f"/proposals/{PENDING}/decisions"
    answer = coordinator.post(address, data={"decision": "", "reason": "Met on Wednesday"}, headers=FROM_HERE)
    assert answer.status_code == 422
    assert "Choose what was decided" in answer.text
    assert "Met on Wednesday" in answer.text
    answer = coordinator.post(address, data={"decision": "assess", "reason": " "}, headers=FROM_HERE)
    assert "Enter the reason" in answer.text
    assert "checked" in answer.text
    assert service.proposals.decided == []
    # Nobody is affected until somebody says so; whoever these reports are not about cannot be.
    assert 'name="affected" type="checkbox" value="child-0">' in coordinator.get(f"/proposals/{PENDING}").text
    somebody = {"decision": "assess", "reason": "Three agencies", "affected": ["child-0", "child-9"]}
    answer = coordinator.post(address, data=somebody, headers=FROM_HERE)
    assert "Choose among those whom these reports are about" in answer.text
    assert 'value="child-0" checked' in answer.text
    somebody["affected"] = ["child-0", "child-2"]
    answer = coordinator.post(address, data=somebody, headers=FROM_HERE, follow_redirects=False)
    assert service.proposals.affected == ["child-0", "child-2"]
    assert (answer.status_code, answer.headers["location"]) == (303, f"/proposals/{PENDING}")
    assert service.proposals.decided == [(PENDING, "assess", "Three agencies")]
    page = coordinator.get(f"/proposals/{PENDING}").text
    assert "Three agencies" in page
    assert "Keep the decision" not in page
    assert "Nothing is pending" in coordinator.get("/proposals").text
    again = coordinator.post(address, data={"decision": "dismiss", "reason": "No"}, headers=FROM_HERE)
    assert "This was decided already" in again.text


def test_only_the_coordinator_is_offered_a_decision_and_a_school_is_offered_none_of_it(
    service: FakeService, client_with: ClientWith
) -> None:
    satellite = client_with(service, "satellite")
    assert "Keep the decision" not in satellite.get(f"/proposals/{PENDING}").text
    refused = satellite.post(
        f"/proposals/{PENDING}/decisions", data={"decision": "assess", "reason": "x"}, headers=FROM_HERE
    )
    assert refused.status_code == 403
    school = client_with(service, "school")
    assert school.get("/proposals").status_code == 403
    assert 'href="/proposals"' not in school.get("/find").text


def test_the_api_lists_and_decides_once_for_a_key(service: FakeService, coordinator: TestClient) -> None:
    (row,) = coordinator.get(API).json()
    assert row == coordinator.get(f"{API}/{PENDING}").json()
    assert [citation["agency"] for citation in row["citations"]] == ["police", "youth", "education"]
    headers = FROM_HERE | {"Idempotency-Key": "once"}
    body = {"decision": "record_only", "reason": "Known to the shop"}
    first, second = (coordinator.post(f"{API}/{PENDING}/decisions", json=body, headers=headers) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json()["decision"]["decision"] == "record_only"
    assert len(service.proposals.decided) == 1
    late = coordinator.post(f"{API}/{PENDING}/decisions", json=body, headers=FROM_HERE)
    assert late.status_code == 409
    assert late.headers["content-type"] == "application/problem+json"
    assert coordinator.get(API).json() == []
    before = coordinator.get(API, params={"as_known_at": "2026-07-01T12:00:00Z"}).json()
    assert [row["uid"] for row in before] == [PENDING]
    assert coordinator.get(API, params={"as_known_at": "2026-07-01T12:00:00"}).status_code == 422
    wrong = coordinator.post(f"{API}/{PENDING}/decisions", json={"decision": "merge", "reason": "x"}, headers=FROM_HERE)
    assert wrong.status_code == 422


def test_nothing_pending_is_a_designed_state(client_with: ClientWith) -> None:
    assert "Nothing is pending" in client_with(FakeService(empty=True), "coordinator").get("/proposals").text
