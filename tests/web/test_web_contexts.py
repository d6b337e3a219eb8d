"""The pages of contexts: what each shows, what each form keeps, and what it says when something is wrong."""

import re

import pytest
from fake_contexts import CIRCLE, HIDDEN_CONTEXT, STOP
from fake_proposals import PENDING
from fake_service import FROM_HERE, ClientWith, FakeService
from starlette.testclient import TestClient

from graph_service.access import Viewer
from graph_service.errors import NotFoundError
from graph_service.web.context_forms import PARTS
from graph_service.web.routes.contexts import TABS
from graph_service.web.seam import Row
from queries.errors import ParameterError


def test_the_list_says_what_needs_somebody_first_and_can_be_narrowed(coordinator: TestClient) -> None:
    page = coordinator.get("/contexts").text
    assert page.index("Arcade bus stop") < page.index("Friday group at the park")
    assert "Review due" in page
    narrowed = coordinator.get("/contexts?state=referred").text
    assert "Friday group at the park" in narrowed
    assert f'href="/contexts/{STOP}"' not in narrowed


@pytest.mark.parametrize("folder", [folder for folder, _ in TABS])
def test_every_tab_opens_and_one_that_is_hidden_is_not_there(coordinator: TestClient, folder: str) -> None:
    assert coordinator.get(f"/contexts/{STOP}{folder}").status_code == 200
    hidden, absent = (
        coordinator.get(f"/contexts/{HIDDEN_CONTEXT}{folder}"),
        coordinator.get(f"/contexts/nothing{folder}"),
    )
    assert hidden.status_code == absent.status_code == 404
    assert _without_id(hidden.text) == _without_id(absent.text)


def _without_id(page: str) -> str:
    return page.replace(HIDDEN_CONTEXT, "").replace("nothing", "")


def test_somebody_outside_the_team_sees_no_context(service: FakeService, client_with: ClientWith) -> None:
    analyst = client_with(service, "analyst")
    assert analyst.get(f"/contexts/{STOP}").status_code == 404
    assert "Arcade bus stop" not in analyst.get("/contexts").text


def test_the_overview_says_how_it_came_who_is_affected_and_what_was_decided(coordinator: TestClient) -> None:
    page = coordinator.get(f"/contexts/{STOP}").text
    for part in (
        "Separate reports met here",
        "Three separate referrals",
        "Found here twice.",
        "nobody is a member of a context",
        "an adult 14 years older",
        "age not known",
        "under 5 independent reports",
        "12 weeks: Portsmouth MET Pathway, App. A, Review",
        "Keep going: reviewed again in 12 weeks",
        "Friday group at the park",
    ):
        assert part in page
    assert 'href="/people/child-0/peers"' in page


def test_a_decision_is_kept_with_its_reason_and_only_what_may_follow_is_offered(
    service: FakeService, coordinator: TestClient
) -> None:
    page = coordinator.get(f"/contexts/{CIRCLE}").text
    assert 'value="assess"' in page
    assert 'value="close"' not in page
    form = {"decision": "assess", "reason": "Two agencies are worried", "version": "1"}
    answer = coordinator.post(f"/contexts/{CIRCLE}/decisions", data=form, headers=FROM_HERE)
    assert answer.status_code == 303
    assert service.contexts.kept[CIRCLE]["decisions"][-1]["reason"] == "Two agencies are worried"


@pytest.mark.parametrize(
    ("form", "wanting"),
    [
        ({"reason": "because"}, "Choose what was decided"),
        ({"decision": "assess"}, "Enter the reason"),
        ({"decision": "assess", "reason": "because", "version": "0"}, "This was changed"),
    ],
    ids=["no-decision", "no-reason", "stale"],
)
def test_a_decision_that_cannot_be_kept_is_told_in_an_error_summary(
    coordinator: TestClient, form: dict[str, str], wanting: str
) -> None:
    answer = coordinator.post(f"/contexts/{CIRCLE}/decisions", data=form, headers=FROM_HERE)
    assert answer.status_code == 422
    for part in ("govuk-error-summary", "<title>Error: ", wanting):
        assert part in answer.text


def test_a_referral_looks_for_what_it_is_about_and_keeps_what_was_typed(
    service: FakeService, coordinator: TestClient
) -> None:
    typed = {"kind": "place", "label": "The pier", "reason": "Seen there", "find": "arcade", "do": "find"}
    page = coordinator.post("/contexts/new", data=typed, headers=FROM_HERE).text
    for part in ('value="The pier"', "Seen there", "Example Arcade", 'value="place-arcade"'):
        assert part in page
    answer = coordinator.post("/contexts/new", data={**typed, "do": "refer", "with": "place-arcade"}, headers=FROM_HERE)
    assert answer.status_code == 303
    made = answer.headers["location"].rpartition("/")[2]
    assert service.contexts.kept[made]["label"] == "The pier"


def test_a_referral_without_its_reason_is_not_made(service: FakeService, coordinator: TestClient) -> None:
    before = len(service.contexts.kept)
    answer = coordinator.post("/contexts/new", data={"kind": "place", "label": "The pier"}, headers=FROM_HERE)
    assert answer.status_code == 422
    assert "Enter why it is referred" in answer.text
    assert len(service.contexts.kept) == before


@pytest.mark.parametrize("name", PARTS)
def test_each_part_can_be_written_and_its_versions_seen(
    service: FakeService, coordinator: TestClient, name: str
) -> None:
    version = service.contexts.kept[STOP]["parts"][name]["version"]
    form = {"version": str(version), "why": "Tried it", "analysis": "It is dark.", "narrative": "Quieter."}
    form |= {"weighting-0-rank": "1", "weighting-0-what": "The stop", "weighting-0-reason": "Dark"}
    form |= {"goals-0-what": "Fewer incidents", "members-0-account": "satellite", "lead": "satellite"}
    answer = coordinator.post(f"/contexts/{STOP}/{name}", data=form, headers=FROM_HERE)
    assert answer.status_code == 303, answer.text
    assert service.contexts.kept[STOP]["parts"][name]["version"] == version + 1
    assert f"Version {version + 1}" in coordinator.get(f"/contexts/{STOP}/history/{name}").text


def test_two_who_write_at_once_lose_nothing(coordinator: TestClient) -> None:
    form = {"version": "2", "analysis": "What I was writing", "why": ""}
    answer = coordinator.post(f"/contexts/{STOP}/assessment", data=form, headers=FROM_HERE)
    assert answer.status_code == 409
    assert "What I was writing" in answer.text
    assert "Harm gathers where nobody is responsible" in answer.text
    assert 'name="version" value="3"' in answer.text


def test_more_rows_are_given_without_saving_and_without_losing_what_was_typed(
    service: FakeService, coordinator: TestClient
) -> None:
    form = {"version": "2", "do": "more", "goals-0-what": "Not saved yet"}
    answer = coordinator.post(f"/contexts/{STOP}/plan", data=form, headers=FROM_HERE)
    assert answer.status_code == 200
    assert 'value="Not saved yet"' in answer.text
    assert service.contexts.kept[STOP]["parts"]["plan"]["version"] == 2


def test_a_goal_that_measures_effort_is_labelled_so_in_plan_and_review(coordinator: TestClient) -> None:
    for tab in ("plan", "review"):
        assert "Effort, not safety" in coordinator.get(f"/contexts/{STOP}/{tab}").text
    assert "could be chance" in coordinator.get(f"/contexts/{STOP}/review").text


def test_notices_are_new_until_they_are_read(service: FakeService, coordinator: TestClient) -> None:
    assert coordinator.get(f"/contexts/{STOP}/notices").text.count(">New<") == 1
    coordinator.post(f"/contexts/{STOP}/notices", headers=FROM_HERE)
    assert coordinator.get(f"/contexts/{STOP}/notices").text.count(">New<") == 0


def test_evidence_is_attached_with_what_it_is_to_show(service: FakeService, coordinator: TestClient) -> None:
    form = {"question": "contexts.people_present", "why": "Who was there in May", "from": "2026-05-01"}
    answer = coordinator.post(f"/contexts/{STOP}/evidence", data=form, headers=FROM_HERE)
    assert answer.status_code == 303
    kept = service.contexts.attached[STOP][0]
    assert kept["parameters"] == {"from": "2026-05-01", "subject": STOP}
    assert "Who was there in May" in coordinator.get(f"/contexts/{STOP}/evidence").text
    wrong = coordinator.post(f"/contexts/{STOP}/evidence", data={"question": "links.between"}, headers=FROM_HERE)
    assert wrong.status_code == 422


def test_the_log_takes_an_entry_and_refuses_an_empty_one(service: FakeService, coordinator: TestClient) -> None:
    assert coordinator.post(f"/contexts/{STOP}/log", data={"text": " "}, headers=FROM_HERE).status_code == 422
    assert (
        coordinator.post(f"/contexts/{STOP}/log", data={"text": "Rang the depot"}, headers=FROM_HERE).status_code == 303
    )
    assert "Rang the depot" in coordinator.get(f"/contexts/{STOP}/log").text


def test_what_people_wrote_is_shown_as_text(service: FakeService, coordinator: TestClient) -> None:
    service.contexts.kept[STOP]["parts"]["assessment"]["content"]["analysis"] = "<img src=x onerror=alert(1)>"
    service.contexts.kept[STOP]["parts"]["weighting"]["content"][0]["what"] = "</text><script>alert(1)</script>"
    for tab in ("assessment", "weighting", "history/assessment", "history/weighting"):
        page = coordinator.get(f"/contexts/{STOP}/{tab}").text
        assert "<img src=x" not in page
        assert "<script>alert" not in page


def test_the_definition_is_changed_with_a_reason_and_found_people_can_be_said_to_be_affected(
    service: FakeService, coordinator: TestClient
) -> None:
    address = f"/contexts/{STOP}/definition"
    typed = {"version": "7", "label": "Arcade bus stop, north side", "with": ["place-arcade"], "affected": ["child-0"]}
    page = coordinator.post(address, data={**typed, "find": "Cara", "do": "find"}, headers=FROM_HERE).text
    assert "Cara Exampleby is affected" in page
    assert 'value="Arcade bus stop, north side"' in page
    assert coordinator.post(address, data={**typed, "do": "save"}, headers=FROM_HERE).status_code == 422
    answer = coordinator.post(address, data={**typed, "do": "save", "why": "Which side"}, headers=FROM_HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/contexts/{STOP}")
    assert service.contexts.kept[STOP]["label"] == "Arcade bus stop, north side"
    stale = coordinator.post(address, data={**typed, "do": "save", "why": "Again"}, headers=FROM_HERE)
    assert stale.status_code == 422
    assert "Somebody else changed this" in stale.text


def test_today_shows_the_contexts_that_need_somebody_and_the_actions_that_are_due(coordinator: TestClient) -> None:
    page = coordinator.get("/").text
    assert f'href="/contexts/{STOP}"' in page
    assert f'href="/contexts/{STOP}/notices"' in page
    assert page.index("Mend the lamp") > page.index("Actions due")
    assert "Overdue" in page
    assert f'href="/proposals/{PENDING}"' in page


def test_a_note_that_is_refused_is_not_lost(
    service: FakeService, coordinator: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise ParameterError("text", "use at most 8000 characters")

    monkeypatch.setattr(service.contexts, "note", refuse)
    answer = coordinator.post(f"/contexts/{STOP}/log", data={"text": "Rang the depot twice"}, headers=FROM_HERE)
    assert answer.status_code == 422
    assert "Use at most 8000 characters" in answer.text
    assert ">Rang the depot twice</textarea>" in answer.text


def test_only_the_notices_that_the_page_showed_are_read(service: FakeService, coordinator: TestClient) -> None:
    page = coordinator.get(f"/contexts/{STOP}/notices").text
    (shown,) = re.findall(r'name="up_to" value="([^"]+)"', page)
    coordinator.post(f"/contexts/{STOP}/notices", data={"up_to": shown}, headers=FROM_HERE)
    assert service.contexts.up_to == shown == "2026-11-17T10:00:00Z"


def test_evidence_that_the_form_shows_only_the_first_of_is_kept_when_it_is_saved(
    service: FakeService, coordinator: TestClient
) -> None:
    held = service.contexts.kept[STOP]["parts"]["weighting"]
    held["content"][0]["evidence"] = ["city/T2", "city/T3"]
    page = coordinator.get(f"/contexts/{STOP}/weighting").text
    form = {"version": str(held["version"]), "why": "Read again"}
    also: list[str] = re.findall(r'name="weighting-0-evidence-also" value="([^"]+)"', page)
    (chosen,) = re.findall(r'name="weighting-0-evidence">.*?<option value="([^"]+)" selected', page, re.DOTALL)[:1]
    form |= {"weighting-0-rank": "1", "weighting-0-what": "The stop", "weighting-0-reason": "Dark"}
    answer = coordinator.post(
        f"/contexts/{STOP}/weighting",
        data={**form, "weighting-0-evidence": chosen, "weighting-0-evidence-also": also},
        headers=FROM_HERE,
    )
    assert answer.status_code == 303
    assert service.contexts.kept[STOP]["parts"]["weighting"]["content"][0]["evidence"] == ["city/T2", "city/T3"]


def test_an_area_that_is_nested_without_end_is_refused_like_any_other(coordinator: TestClient) -> None:
    form = {"kind": "place", "label": "The pier", "reason": "Dark", "area": "[" * 100_000}
    answer = coordinator.post("/contexts/new", data=form, headers=FROM_HERE)
    assert answer.status_code == 422
    assert "GeoJSON" in answer.text


def test_what_others_said_of_somebody_who_is_affected_stays_when_the_definition_is_changed(
    service: FakeService, coordinator: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, sent = service.contexts.kept[STOP], []
    ana = held["affected"][0]
    held["affected"] = [
        {**ana, "why": "First.", "evidence": ["city/S0"]},
        {**ana, "why": "Second.", "evidence": ["city/T2"]},
    ]
    monkeypatch.setattr(service.contexts, "change", lambda *given, **_more: sent.append(given[2]) or held)
    uid = ana["person"]["uid"]
    form = {
        "version": str(held["version"]),
        "label": "The stop",
        "affected": [uid],
        f"why-{uid}": "Second, and more.",
        "why": "x",
        "do": "save",
    }
    assert coordinator.post(f"/contexts/{STOP}/definition", data=form, headers=FROM_HERE).status_code == 303
    assert [(row["why"], row["citations"]) for row in sent[0]["affected"]] == [
        ("First.", ["city/S0"]), ("Second, and more.", ["city/T2"]),
    ]  # fmt: skip


def test_a_school_in_the_team_can_use_the_definition_though_it_may_open_nobody_in_it(
    service: FakeService, client_with: ClientWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(viewer: Viewer, uid: str) -> Row:
        raise NotFoundError

    monkeypatch.setattr(service, "subject", refuse)
    school = client_with(service, "school")
    assert "Adult Unknown in a white Kia" in school.get(f"/contexts/{STOP}/definition").text
    typed = {"version": "7", "label": "Arcade bus stop", "with": ["adult-kia"], "why": "As it was", "do": "save"}
    answer = school.post(f"/contexts/{STOP}/definition", data=typed, headers=FROM_HERE)
    assert answer.status_code == 303, answer.text
