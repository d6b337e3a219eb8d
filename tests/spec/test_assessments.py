"""Assessments of a person on a real store: recorded, scored, seen by handling, corrected, sent again, and as known at."""

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from graph_service.access import Viewer
from graph_service.bootstrap import Service
from graph_service.errors import ConflictError, NotFoundError, NotPermittedError, StaleError
from graph_service.web.app import create_app
from ingest.templates import template
from queries.errors import ParameterError

SUBJECTS = [
    {"ref": "ana", "kind": "child", "label": "Ana Exampleby", "date_of_birth": "2011-05-02"},
    {"ref": "ben", "kind": "child", "label": "Ben Exampleby"},
    {"ref": "hid", "kind": "child", "label": "Hidden Exampleby"},
    {"ref": "park", "kind": "location", "label": "Demonstration Park"},
]
REPORTS = [
    {"report_ref": "r1", "kind": "cpi", "agency": "youth", "submitted_at": "2026-05-01T10:00:00Z", "handling": "P"},
    {
        "report_ref": "r2", "kind": "cpi", "agency": "police", "submitted_at": "2026-05-01T10:00:00Z", "handling": "C",
        "conditions": "originator",
    },
]  # fmt: skip
CLAIMS = [
    {"claim_ref": "c1", "report_ref": "r1", "type": "KNOWS", "from_ref": "ana", "to_ref": "ben"},
    {"claim_ref": "c2", "report_ref": "r2", "type": "FREQUENTS", "from_ref": "hid", "to_ref": "park"},
]
pytestmark = pytest.mark.usefixtures("one_day")
GIVEN: dict[str, Any] = {
    "instrument": "lewisham-cse",
    "version": "2015.1",
    "answers": {"home_late": "yes", "less_contact": True, "learning_disability": "no", "under_13": "no"},
    "judgement": {"band": "high", "reason": "What Ana said on Tuesday weighs more than the form."},
    "grading": {
        "police": "low",
        "childrens_services": "high",
        "agreed": "medium",
        "reason": "Agreed on the newer report.",
    },
    "text": "Ana came with her form tutor.",
}


@pytest.fixture
def held(service: Service, bring_in: Any) -> Service:
    bring_in(SUBJECTS, REPORTS, CLAIMS)
    return service


def viewer(service: Service, who: str) -> Viewer:
    return service.viewer(who, "test")


def uid(service: Service, name: str = "ana") -> str:
    return str(service.subject(viewer(service, "intelligence"), f"ref:small/{name}")["uid"])


def test_an_assessment_is_kept_with_the_judgement_beside_the_score(held: Service, one_day: dt.date) -> None:
    ana = uid(held)
    made = held.instruments.record(viewer(held, "satellite"), ana, GIVEN)
    assert (made["score"]["band"], made["score"]["undefined"]) == ("low", False)
    assert all(reason["clause"] for reason in made["score"]["because"])
    assert made["judgement"] == {**GIVEN["judgement"], "by": "Sal Demonstration"}
    assert made["grading"] == GIVEN["grading"]
    assert (made["agency"], made["at"], made["handling"], made["correction"]) == (
        "social_care",
        one_day.isoformat(),
        "C",
        1,
    )
    # The agreed grade, and not the score, sets what follows: medium in the Lewisham pack has no time.
    assert {row["clause"][:11] for row in made["follows"]} == {"004 App. C,", "004 App. G,"}
    (seen,) = held.instruments.assessments(viewer(held, "coordinator"), ana)
    assert seen == made
    assert seen["age"] is not None
    assert held.audit.verify(held.operator("test"))["ok"]


def test_what_follows_has_dates_from_the_pack_that_is_asked_for(held: Service, one_day: dt.date) -> None:
    made = held.instruments.record(
        viewer(held, "satellite"), uid(held), {**GIVEN, "pack": "portsmouth", "grading": None}
    )
    due = {row["clause"]: row["due"] for row in made["follows"] if row["due"]}
    assert due == {"000 13.2": (one_day + dt.timedelta(weeks=6)).isoformat()}
    assert [row["due"] for row in made["follows"] if row["kind"] == "review"] == [
        (one_day + dt.timedelta(weeks=1)).isoformat(),
        (one_day + dt.timedelta(weeks=6)).isoformat(),
    ]


def test_who_sees_it(held: Service) -> None:
    ana = uid(held)
    held.instruments.record(viewer(held, "intelligence"), ana, GIVEN)

    def seen(who: str) -> int:
        return len(held.instruments.assessments(viewer(held, who), ana))

    # Cleared for C, of the agency, or the coordinator; the satellite team of another agency is none of them.
    assert {who: seen(who) for who in ("intelligence", "coordinator", "satellite", "analyst")} == {
        "intelligence": 1,
        "coordinator": 1,
        "satellite": 0,
        "analyst": 0,
    }
    with pytest.raises(NotPermittedError):
        seen("school")


def test_conditions_are_needed_all_and_can_be_set_only_by_those_who_hold_them(held: Service) -> None:
    ana = uid(held)
    held.instruments.record(viewer(held, "intelligence"), ana, {**GIVEN, "conditions": ["originator"]})
    assert held.instruments.assessments(viewer(held, "coordinator"), ana) == []
    assert len(held.instruments.assessments(viewer(held, "intelligence"), ana)) == 1
    with pytest.raises(ParameterError, match="hold yourself"):
        held.instruments.record(viewer(held, "satellite"), ana, {**GIVEN, "conditions": ["A1"]})


def test_a_hidden_person_and_none_at_all_are_answered_alike(held: Service) -> None:
    hidden = uid(held, "hid")
    for who in ("coordinator", "satellite"):
        told = []
        for name in (hidden, "no-such-person"):
            for act in (
                lambda name=name, who=who: held.instruments.assessments(viewer(held, who), name),
                lambda name=name, who=who: held.instruments.record(viewer(held, who), name, GIVEN),
            ):
                with pytest.raises(NotFoundError) as caught:
                    act()
                told.append(str(caught.value))
        assert len(set(told)) == 1
    place = held.subject(viewer(held, "intelligence"), "ref:small/park")["uid"]
    with pytest.raises(NotFoundError):
        held.instruments.assessments(viewer(held, "intelligence"), place)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"judgement": None}, "judgement_band"),
    ({"judgement": {"band": "severe", "reason": "x"}}, "judgement_band"),
    ({"judgement": {"band": "high", "reason": "  "}}, "judgement_reason"),
    ({"judgement": "high"}, "judgement"),
    ({"grading": {"agreed": "high", "reason": "x"}}, "police"),
    ({"grading": {"agreed": "high", "police": "low", "reason": "x"}}, "childrens_services"),
    ({"grading": {"agreed": "high", "police": "low", "childrens_services": "high"}}, "grading_reason"),
    ({"instrument": "gossip"}, "instrument"),
    ({"instrument": ["lewisham-cse"]}, "instrument"),
    ({"version": "1999"}, "version"),
    ({"answers": {"gossip": "yes"}}, "answers"),
    ({"answers": {"home_late": "perhaps"}}, "home_late"),
    ({"answers": []}, "answers"),
    ({"at": "2999-01-01"}, "at"),
    ({"at": "Tuesday"}, "at"),
    ({"at": 7}, "at"),
    ({"window": "2999-01-01"}, "window"),
    ({"pack": "nowhere"}, "pack"),
    ({"conditions": ["secret"]}, "conditions"),
    ({"conditions": 7}, "conditions"),
    ({"text": 7}, "text"),
    ({"command": ""}, "command"),
    ({"role": "coordinator"}, "assessment"),
]


def test_what_cannot_be_used_names_its_field(held: Service) -> None:
    coordinator, ana = viewer(held, "coordinator"), uid(held)
    for change, name in WRONG:
        with pytest.raises(ParameterError) as caught:
            held.instruments.record(coordinator, ana, {**GIVEN, **change})
        assert caught.value.name == name, change
    assert held.instruments.assessments(coordinator, ana) == []


def test_those_who_may_not_record_cannot(held: Service) -> None:
    for who in ("analyst", "school"):
        with pytest.raises(NotPermittedError):
            held.instruments.record(viewer(held, who), uid(held), GIVEN)
        with pytest.raises(NotPermittedError):
            held.instruments.score(viewer(held, who), GIVEN)


def test_sent_again_under_its_command_it_is_done_once(held: Service) -> None:
    ana, given = uid(held), {**GIVEN, "command": "first"}
    made = [held.instruments.record(viewer(held, "coordinator"), ana, given) for _ in range(3)]
    assert made[0] == made[1] == made[2]
    assert len(held.instruments.assessments(viewer(held, "coordinator"), ana)) == 1
    with pytest.raises(ConflictError, match="another assessment"):
        held.instruments.record(viewer(held, "coordinator"), ana, {**given, "text": "something else"})
    # Another person's key is another key.
    held.instruments.record(viewer(held, "satellite"), ana, given)
    assert len(held.instruments.assessments(viewer(held, "coordinator"), ana)) == 2


def test_a_correction_keeps_what_was_known_before(held: Service) -> None:
    ana, coordinator = uid(held), viewer(held, "coordinator")
    first = held.instruments.record(coordinator, ana, GIVEN)
    change = {
        **GIVEN,
        "replaces": first["uid"],
        "replaces_version": 1,
        "why": "The form was Ben's.",
        "text": "Corrected.",
    }
    second = held.instruments.record(coordinator, ana, change)
    assert (second["uid"], second["correction"], second["why"]) == (first["uid"], 2, "The form was Ben's.")
    (now,) = held.instruments.assessments(coordinator, ana)
    assert now["text"] == "Corrected."
    back = replace(coordinator, known_at=dt.datetime.fromisoformat(first["recorded_at"]))
    (then,) = held.instruments.assessments(back, ana)
    assert then["text"] == "Ana came with her form tutor."
    with pytest.raises(StaleError) as caught:
        held.instruments.record(coordinator, ana, {**change, "text": "Too late."})
    assert caught.value.current is not None
    assert caught.value.current["text"] == "Corrected."
    with pytest.raises(NotPermittedError, match="only the agency"):
        held.instruments.record(viewer(held, "intelligence"), ana, {**change, "replaces_version": 2})
    for missing in ({"replaces": "no-such"}, {"replaces": first["uid"], "person": uid(held, "ben")}):
        other = missing.pop("person", ana)
        with pytest.raises(NotFoundError):
            held.instruments.record(coordinator, other, {**change, **missing, "replaces_version": 2})
    with pytest.raises(ParameterError, match="say why"):
        held.instruments.record(coordinator, ana, {**change, "replaces_version": 2, "why": ""})


def test_one_that_is_withdrawn_is_shown_no_more_but_as_known_before(held: Service) -> None:
    ana, satellite, coordinator = uid(held), viewer(held, "satellite"), viewer(held, "coordinator")
    made = held.instruments.record(satellite, ana, {**GIVEN, "command": "first"})
    for wrong, other in (
        (NotPermittedError, {"viewer": coordinator}),
        (NotFoundError, {"uid": "nothing"}),
        (StaleError, {"version": 2}),
    ):
        asked = {"viewer": satellite, "uid": made["uid"], "version": 1, **other}
        with pytest.raises(wrong):
            held.instruments.withdraw(asked.pop("viewer"), ana, asked.pop("uid"), why="No.", **asked)
    with pytest.raises(ParameterError, match="why it is withdrawn"):
        held.instruments.withdraw(satellite, ana, made["uid"], version=1, why=" ")
    (before,) = held.instruments.assessments(coordinator, ana)
    gone = held.instruments.withdraw(satellite, ana, made["uid"], version=1, why="It was of another child.")
    assert held.instruments.assessments(coordinator, ana) == []
    assert held.instruments.withdrawn(coordinator, ana) == [gone]
    assert gone["why"] == "It was of another child."
    assert "form tutor" not in repr(gone)
    (analysed,) = held.instruments.withdrawn(replace(viewer(held, "analyst"), held=satellite.held), ana)
    assert (analysed["why"], analysed["by"]) == ("", ""), "what was typed is not told under pseudonyms"
    then = dt.datetime.fromisoformat(gone["withdrawn_at"]) - dt.timedelta(milliseconds=1)
    back = replace(coordinator, known_at=then)
    assert held.instruments.assessments(back, ana) == [before]
    assert held.instruments.withdrawn(back, ana) == []

    # It stays withdrawn: nothing corrects it, nor brings it back under its old key.
    with pytest.raises(ParameterError, match="withdrawn"):
        held.instruments.record(satellite, ana, {**GIVEN, "replaces": made["uid"], "replaces_version": 2, "why": "x"})
    with pytest.raises(ParameterError, match="withdrawn"):
        held.instruments.withdraw(satellite, ana, made["uid"], version=2, why="Again.")
    with pytest.raises(ConflictError):
        held.instruments.record(satellite, ana, {**GIVEN, "command": "first"})
    assert held.audit.verify(held.operator("test"))["ok"]


def test_nothing_is_recorded_while_looking_back(held: Service) -> None:
    back = replace(viewer(held, "coordinator"), known_at=dt.datetime.now(dt.UTC))
    with pytest.raises(ParameterError, match="back to now"):
        held.instruments.record(back, uid(held), GIVEN)


def test_what_came_by_file_is_shown_beside_what_was_recorded_here(held: Service, tmp_path: Path) -> None:
    path = tmp_path / "assessment.csv"
    path.write_text(template("assessment"), encoding="utf-8")
    held.imports.run(held.operator("test"), "assessment", [path])
    coordinator = viewer(held, "coordinator")
    (child,) = [row for row in held.find(coordinator, "Ana Exampleby") if "ref" not in row and row["kind"] == "child"]
    (row,) = held.instruments.assessments(coordinator, child["uid"])
    assert (row["instrument"], row["score"]["band"], row["judgement"]["band"]) == ("ceraf", "low", "medium")
    assert (row["grading"]["agreed"], row["handling"], row["source"]) == ("medium", "C", "a partner's file")
    assert {follow["due"] for follow in row["follows"]} == {None, "2026-06-02", "2026-07-28"}
    with pytest.raises(NotFoundError):
        held.instruments.assessments(viewer(held, "analyst"), child["uid"])


def test_missing_is_counted_as_each_pack_does_on_what_the_viewer_may_see(
    held: Service, bring_in: Any, one_day: dt.date
) -> None:
    days = [one_day - dt.timedelta(days=n) for n in (1, 20, 89, 120)]
    episodes = [
        {"ref": f"e{n}", "kind": "incident", "subkind": "missing_episode", "label": f"Episode {n}"} for n in range(4)
    ]
    claims = [
        {
            "claim_ref": f"m{n}", "report_ref": "r2" if n == 1 else "r1", "type": "INVOLVED_IN", "role": "missing", "from_ref": "ana",
            "to_ref": f"e{n}", "happened_from": f"{day}T20:00:00Z",
        }
        for n, day in enumerate(days)
    ]  # fmt: skip
    bring_in([*SUBJECTS, *episodes], REPORTS, [*CLAIMS, *claims])

    def counted(who: str) -> dict[str, tuple[int, str]]:
        found = held.instruments.missing(viewer(held, who), uid(held))
        assert all(row["clause"] for row in found)
        return {row["pack"]: (row["episodes"], row["category"]) for row in found}

    assert counted("intelligence") == {"portsmouth": (3, "3 or more times"), "lewisham": (2, "")}
    # One of them is open to its originator alone.
    assert counted("coordinator") == {"portsmouth": (2, "2 times"), "lewisham": (1, "")}
    with pytest.raises(NotFoundError):
        held.instruments.missing(viewer(held, "coordinator"), uid(held, "hid"))


def test_a_score_is_worked_out_and_not_kept(held: Service) -> None:
    asked = {
        "instrument": "lewisham-cse",
        "answers": {"home_late": True, "learning_disability": "no"},
        "born": "2016-01-01",
    }
    found = held.instruments.score(viewer(held, "coordinator"), asked)
    assert (found["score"]["band"], found["score"]["at_least"]) == ("medium", True)
    assert held.instruments.assessments(viewer(held, "coordinator"), uid(held)) == []


def test_the_catalogue_says_when_a_partnerships_form_cannot_be_used(held: Service) -> None:
    forms = held.settings.home / "instruments"
    forms.mkdir()
    good = 'form = "seraf"\nversion = "ours"\n' + "".join(
        f'[[{kind}]]\nname = "{kind}_1"\nlabel = "Invented {kind}"\n'
        for kind in ("vulnerability", "moderate", "significant")
    )

    def seraf() -> dict[str, Any]:
        return next(row for row in held.instruments.catalogue(viewer(held, "school")) if row["name"] == "seraf")

    (forms / "ours.toml").write_text(good, encoding="utf-8")
    assert (seraf()["version"], len(seraf()["groups"][2]["items"])) == ("2018.1+ours", 1)
    given = {**GIVEN, "instrument": "seraf", "version": "2018.1+ours", "answers": {"significant_1": "both"}}
    made = held.instruments.record(viewer(held, "coordinator"), uid(held), given)
    assert (made["score"]["points"], made["answered"][0]["label"]) == (6, "Invented significant")
    (forms / "ours.toml").write_text(good + "weight = 7\n", encoding="utf-8")
    assert seraf()["version"] == "2018.1"
    assert any("cannot be used" in caveat for caveat in seraf()["caveats"])


def test_the_census_and_the_store_agree_after_it(held: Service) -> None:
    held.instruments.record(viewer(held, "coordinator"), uid(held), GIVEN)
    assert held.keeping.check(held.operator("test"))["problems"] == []


def test_the_form_and_the_api_on_the_real_service(held: Service) -> None:
    ana = uid(held)
    client = TestClient(create_app(held), base_url="http://127.0.0.1:8000", follow_redirects=False)
    here = {"Sec-Fetch-Site": "same-origin"}
    signed_in = client.post(
        "/sign-in", data={"who": "satellite", "purpose": "weekly-meeting", "statement": "accepted"}, headers=here
    )
    assert signed_in.status_code == 303
    form = client.get(f"/people/{ana}/assessments/new?instrument=lewisham-cse").text
    # The date of birth that this viewer may see fills the answer in; it is theirs to confirm.
    assert re.search(r'name="answer.under_13"[^>]*value="no"[^>]*checked', form)
    (command,) = re.findall(r'name="command" value="([0-9a-f]{32})"', form)
    entered = {
        "instrument": "lewisham-cse", "version": "2015.1", "command": command, "answer.learning_disability": "no",
        "answer.under_13": "no", "answer.cars": "yes", "judgement_band": "high", "judgement_reason": "As told.", "do": "record",
    }  # fmt: skip
    for _ in range(2):
        answer = client.post(f"/people/{ana}/assessments/new", data=entered, headers=here)
        assert answer.status_code == 303, answer.text
    page = client.get(answer.headers["location"]).text
    assert page.count("<article") == 1
    assert "one or more medium level indicators" in page
    rows = client.get(f"/api/v1/people/{ana}/assessments").json()
    assert [(row["score"]["band"], row["judgement"]["band"]) for row in rows] == [("medium", "high")]
    body = {**GIVEN, "grading": None, "replaces": rows[0]["uid"], "replaces_version": 1, "why": "Another day."}
    key = {**here, "Idempotency-Key": "one"}
    corrected = [client.post(f"/api/v1/people/{ana}/assessments", json=body, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in corrected] == [201, 201], corrected[0].text
    assert corrected[0].json() == corrected[1].json()
    hidden, absent = (client.get(f"/api/v1/people/{name}/assessments") for name in (uid(held, "hid"), "nobody"))
    assert (hidden.status_code, hidden.content) == (404, absent.content)


def test_a_key_that_began_one_assessment_corrects_no_other(held: Service) -> None:
    ana, coordinator = uid(held), viewer(held, "coordinator")
    first = held.instruments.record(coordinator, ana, {**GIVEN, "command": "first"})
    change = {**GIVEN, "replaces": first["uid"], "replaces_version": 1, "why": "Read again.", "command": "first"}
    with pytest.raises(ConflictError, match="another assessment"):
        held.instruments.record(coordinator, ana, change)
