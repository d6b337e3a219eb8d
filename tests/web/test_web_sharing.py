"""What may be shared further of a context: recorded with its reasons, shown wherever the context is, withdrawn and kept."""

from typing import Any

import pytest
from fake_contexts import HIDDEN_CONTEXT, STOP
from fake_service import FROM_HERE, ClientWith, FakeService
from fake_sharing import AGREED, ENDED, GIVEN
from starlette.testclient import TestClient

PAGE, API = f"/contexts/{STOP}/sharing", f"/api/v1/contexts/{STOP}/sharing"


def test_what_is_agreed_is_on_the_page_of_the_context_and_beside_its_notices(coordinator: TestClient) -> None:
    for address in (f"/contexts/{STOP}", f"/contexts/{STOP}/notices"):
        page = coordinator.get(address).text
        assert "With The manager of Example Arcade:" in page
        assert "Nothing else of this context is agreed to be shared" in page
        assert "Example Academy" not in page  # withdrawn
    page = coordinator.get(PAGE).text
    for part in (
        "Only the arcade can keep",
        "Hours and no names are enough",
        "Nobody can be known from it",
        "Every name, and",
    ):
        assert part in page
    assert "It went to more of its staff than was agreed." in page


def test_an_agreement_is_recorded_changed_and_withdrawn_and_each_version_stays(
    service: FakeService, coordinator: TestClient
) -> None:
    blank = coordinator.post(PAGE, data={"what": "The hours", "consent": "refused"}, headers=FROM_HERE)
    assert blank.status_code == 422
    for wanting in ("Enter why it is necessary", "Enter why no less would do", "the reason for going on without it"):
        assert wanting in blank.text
    assert "The hours</textarea>" in blank.text
    given = {**GIVEN, "with_whom": "A parent <b>", "with_kind": "parent", "consent": "given", "consent_reason": "Hers"}
    assert coordinator.post(PAGE, data=given, headers=FROM_HERE).status_code == 303
    assert "A parent &lt;b&gt;" in coordinator.get(PAGE).text
    assert "A parent &lt;b&gt;" in coordinator.get(f"/contexts/{STOP}").text

    form = coordinator.get(f"{PAGE}?change={AGREED}").text
    assert "Only the arcade can keep its doorway lit and staffed.</textarea>" in form
    change = {**GIVEN, "change": AGREED, "version": "1", "withheld": "Every name", "why": "Shorter"}
    assert coordinator.post(PAGE, data=change, headers=FROM_HERE).status_code == 303
    stale = coordinator.post(PAGE, data=change, headers=FROM_HERE)
    assert stale.status_code == 422
    assert "Somebody else changed this meanwhile" in stale.text

    address = f"{PAGE}/{AGREED}/withdrawal"
    no_reason = coordinator.post(address, data={"version": "2"}, headers=FROM_HERE)
    assert "Enter why it is withdrawn" in no_reason.text
    why = {"version": "2", f"why-{AGREED}": "The manager has left"}
    assert coordinator.post(address, data=why, headers=FROM_HERE).status_code == 303
    assert [row["version"] for row in service.contexts.sharing.kept[STOP][AGREED]] == [3, 2, 1]
    assert "The manager of Example Arcade" not in coordinator.get(f"/contexts/{STOP}").text
    assert "The manager has left" in coordinator.get(PAGE).text
    assert coordinator.get(f"{PAGE}?change={ENDED}").status_code == 404


def test_a_member_of_the_team_sees_it_and_nobody_else(service: FakeService, client_with: ClientWith) -> None:
    assert "The manager of Example Arcade" in client_with(service, "school").get(PAGE).text
    analyst = client_with(service, "analyst")
    for address in (PAGE, API, f"{API}/{AGREED}", f"{API}/{AGREED}/history"):
        assert analyst.get(address).status_code == 404
    assert analyst.post(API, json=GIVEN, headers=FROM_HERE).status_code == 404
    hidden = client_with(service, "coordinator").get(f"/contexts/{HIDDEN_CONTEXT}/sharing")
    assert hidden.status_code == 404


def test_the_api_records_and_withdraws_by_etag(coordinator: TestClient) -> None:
    made = coordinator.post(API, json=GIVEN, headers=FROM_HERE)
    assert (made.status_code, made.headers["etag"], made.json()["state"]) == (201, '"1"', "agreed")
    address = made.headers["location"]
    assert coordinator.get(address).json() == made.json()
    body = {**GIVEN, "further": "To her own staff", "why": "They asked."}
    assert coordinator.put(address, json=body, headers=FROM_HERE).status_code == 428
    put = coordinator.put(address, json=body, headers=FROM_HERE | {"If-Match": '"1"'})
    assert (put.status_code, put.json()["further"]) == (200, "To her own staff")
    late = coordinator.post(f"{address}/withdrawal", json={"why": "Too wide"}, headers=FROM_HERE | {"If-Match": '"1"'})
    assert (late.status_code, late.json()["current"]["version"]) == (412, 2)
    ended = coordinator.post(f"{address}/withdrawal", json={"why": "Too wide"}, headers=FROM_HERE | {"If-Match": '"2"'})
    assert (ended.json()["state"], ended.json()["why"]) == ("withdrawn", "Too wide")
    assert [row["version"] for row in coordinator.get(f"{address}/history").json()] == [3, 2, 1]
    assert coordinator.get(f"/api/v1/contexts/{STOP}").json()["sharing"][0]["id"] == AGREED


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"withheld": " "}, "withheld"),
        ({"consent": "refused"}, "consent_reason"),
        ({"decided_on": "2999-01-01"}, "decided_on"),
        ({"with_kind": "press"}, "with_kind"),
    ],
)
def test_an_agreement_without_its_reasons_is_not_kept(
    service: FakeService, coordinator: TestClient, wrong: dict[str, Any], field: str
) -> None:
    answer = coordinator.post(API, json={**GIVEN, **wrong}, headers=FROM_HERE)
    assert answer.status_code == 422
    assert field in answer.text
    assert len(service.contexts.sharing.kept[STOP]) == 2
