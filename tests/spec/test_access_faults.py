"""What an adversarial reading found: each test is a way by which somebody was told, or could do, what is not theirs."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from graph_service.access import operator
from graph_service.access.viewer import Viewer
from graph_service.bootstrap import Service
from graph_service.errors import NotFoundError, NotPermittedError
from graph_service.web.app import create_app
from queries.errors import ParameterError, UnknownQueryError

Rows = list[dict[str, str]]
BringIn = Callable[..., dict[str, object]]
NAME = "Ana Exampleby"
SUBJECTS: Rows = [
    {"ref": "ana", "kind": "child", "label": NAME, "date_of_birth": "2011-02-03"},
    {"ref": "ben", "kind": "child", "label": "Ben Madeupson"},
    {"ref": "hid", "kind": "adult", "label": "Adult Hidden"},
    {"ref": "free", "kind": "adult", "label": "Adult Unmentioned"},
    {"ref": "stop", "kind": "location", "subkind": "place", "label": "The stop", "latitude": "50.8", "longitude": "-1.08"},
    {"ref": "home", "kind": "location", "subkind": "address", "label": "Ana Exampleby's home", "latitude": "50.801357", "longitude": "-1.0812"},
    {"ref": "gone", "kind": "incident", "subkind": "missing_episode", "label": "Ana Exampleby missing in June"},
    {"ref": "set", "kind": "group", "label": "Ana Exampleby and friends"},
    {"ref": "ben", "kind": "child", "label": "Benjamin", "report_ref": "r2"},
]  # fmt: skip
REPORTS: Rows = [
    {"report_ref": "r1", "kind": "ppn1", "agency": "police", "submitted_at": "2026-06-03T08:00:00Z", "handling": "P", "text": "Found."},
    {"report_ref": "r2", "kind": "cpi", "agency": "police", "submitted_at": "2026-06-04T10:00:00Z", "handling": "C",
     "conditions": "originator", "text": "A hidden adult."},
    {"report_ref": "r3", "kind": "cpi", "agency": "police", "submitted_at": "2026-06-04T11:00:00Z", "handling": "P", "text": "Withdrawn."},
]  # fmt: skip
CLAIMS: Rows = [
    dict(zip(("claim_ref", "report_ref", "from_ref", "to_ref", "type", "role", "happened_from"), line.split(), strict=False))
    for line in """
        c1 r1 ana  gone INVOLVED_IN missing      2026-06-02T18:00:00Z
        c2 r1 gone home AT          missing_from 2026-06-02T18:00:00Z
        c3 r1 gone stop AT          found_at     2026-06-03T02:00:00Z
        c4 r1 ana  home LIVES_AT
        c5 r1 ana  set  MEMBER_OF
        c6 r1 ben  set  MEMBER_OF
        c7 r1 ben  stop FREQUENTS strength
        c8 r2 hid  ana  KNOWS concern
        c9 r3 hid  ben  KNOWS concern
    """.strip().splitlines()
]  # fmt: skip
CLAIMS[-1]["withdrawn_at"] = "2026-06-05T00:00:00Z"


@pytest.fixture
def small(bring_in: BringIn, service: Service) -> Service:
    bring_in(SUBJECTS, REPORTS, CLAIMS)
    return service


@pytest.fixture
def page(small: Service) -> Callable[[str, str], Any]:
    """Give a function that opens an address as somebody, through the whole application."""

    def opened(who: str, address: str) -> Any:
        client = TestClient(create_app(small), base_url="http://127.0.0.1", follow_redirects=True)
        given = {"who": who, "statement": "yes"}
        client.post("/sign-in", data=given, headers={"Sec-Fetch-Site": "same-origin"})
        return client.get(address)

    return opened


def ref(name: str) -> str:
    return f"ref:small/{name}"


def ask(service: Service, who: str, name: str, **parameters: str) -> dict[str, Any]:
    return service.questions.ask(service.viewer(who, ""), name, parameters)


def uid_of(service: Service, name: str, who: str = "intelligence") -> str:
    (row, *_) = service.find(service.viewer(who, ""), ref(name))
    return str(row["uid"])


def recorded(service: Service) -> dict[str, Any]:
    (entry,) = service.records.audit.entries(limit=1)
    return entry


def pupil_of_own_school(service: Service, name: str, school: str) -> Viewer:
    viewer = service.viewer("school", "")
    return replace(viewer, held=viewer.held | {f"school:bundle:{name}/{school}"})


# ---- handling ------------------------------------------------------------------------------------------------


def test_an_answer_from_a_conditioned_report_is_marked_with_its_conditions(small: Service) -> None:
    assert ask(small, "intelligence", "reports.evidence", claims="small/c1")["handling"] == "P"
    assert ask(small, "intelligence", "reports.evidence", claims="small/c8")["handling"] == "C"


def test_a_name_from_a_conditioned_report_marks_the_answer(small: Service) -> None:
    told = ask(small, "intelligence", "people.profile", subject=ref("ben"))
    assert "Benjamin" in json.dumps(told["rows"])
    assert told["handling"] == "C"
    assert ask(small, "satellite", "people.profile", subject=ref("ben"))["handling"] == "P"


def test_the_trail_keeps_the_handling_of_an_answer(small: Service) -> None:
    ask(small, "intelligence", "reports.evidence", claims="small/c8")
    assert recorded(small)["handling"] == "C"


# ---- pseudonyms ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["people.timeline", "people.profile", "peers.network"])
def test_no_label_of_an_incident_a_group_or_a_home_tells_an_analyst_a_name(small: Service, name: str) -> None:
    assert "Ana" not in json.dumps(ask(small, "analyst", name, subject=ref("ana"))["rows"])


def test_an_analyst_finds_nothing_by_a_name_in_the_label_of_an_incident(small: Service) -> None:
    assert small.find(small.viewer("analyst", ""), NAME) == []
    assert len(small.find(small.viewer("satellite", ""), NAME)) >= 3


def test_no_page_tells_an_analyst_a_name(page: Callable[[str, str], Any], small: Service) -> None:
    ana, gone, home, group = (uid_of(small, name) for name in ("ana", "gone", "home", "set"))
    report = ask(small, "intelligence", "reports.evidence", claims="small/c1")["rows"][0]["report"]
    addresses = [
        *(f"/people/{ana}{tab}" for tab in ("", "/timeline", "/peers", "/places", "/records")),
        *(f"/places/{uid}" for uid in (gone, home, group)),
        f"/reports/{report}",
        "/find?text=ref:small/gone",
        f"/api/v1/people/{ana}",
        f"/api/v1/places/{group}",
    ]
    for address in addresses:
        answer = page("analyst", address)
        assert answer.status_code == 200, address
        assert "Exampleby" not in answer.text, address


# ---- schools -------------------------------------------------------------------------------------------------


def test_a_school_finds_places_and_no_record_of_anybody(small: Service) -> None:
    viewer = small.viewer("school", "")
    for text in (NAME, "Ben Madeupson", "Adult Unmentioned", ref("ana"), ref("gone"), ref("set"), ref("home")):
        assert small.find(viewer, text) == [], text
    assert [row["label"] for row in small.find(viewer, "The stop")] == ["The stop"]


@pytest.mark.parametrize("name", ["ana", "gone", "set", "home"])
def test_a_school_opens_no_record_by_its_uid(small: Service, name: str) -> None:
    with pytest.raises(NotFoundError):
        small.subject(small.viewer("school", ""), uid_of(small, name))


def test_a_school_reads_of_its_own_pupil_and_nobody_elses_name(service: Service, bring_in: BringIn) -> None:
    subjects = [
        {"ref": "school", "kind": "location", "subkind": "school", "label": "Example Academy"},
        {"ref": "own", "kind": "child", "label": "Own Pupil", "date_of_birth": "2012-01-01"},
        {"ref": "other", "kind": "child", "label": "Other Childson"},
    ]
    claims = [
        {"claim_ref": "c1", "report_ref": "r1", "from_ref": "own", "to_ref": "school", "type": "ATTENDS"},
        {"claim_ref": "c2", "report_ref": "r1", "from_ref": "own", "to_ref": "other", "type": "KNOWS"},
    ]
    bring_in(subjects, REPORTS[:1], claims)
    viewer = pupil_of_own_school(service, "small", "school")
    assert [row["label"] for row in service.find(viewer, "Own Pupil")] == ["Own Pupil"]
    assert service.find(viewer, "Other Childson") == []
    (profile,) = service.questions.ask(viewer, "people.profile", {"subject": ref("own")})["rows"]
    assert profile["attributes"]["date_of_birth"] == "2012-01-01"
    told = json.dumps(service.questions.ask(viewer, "people.timeline", {"subject": ref("own")})["rows"])
    assert "Own Pupil" in told
    assert "Childson" not in told


def test_an_operator_reads_no_pupil_whatever_is_granted_to_them(service: Service, bring_in: BringIn) -> None:
    subjects = [
        {"ref": "school", "kind": "location", "subkind": "school", "label": "Example Academy"},
        {"ref": "own", "kind": "child", "label": "Own Pupil"},
    ]
    claims = [{"claim_ref": "c1", "report_ref": "r1", "from_ref": "own", "to_ref": "school", "type": "ATTENDS"}]
    bring_in(subjects, REPORTS[:1], claims)
    viewer = replace(service.operator("test"), held=operator().held | {"school:bundle:small/school"})
    with pytest.raises(NotFoundError):
        service.questions.ask(viewer, "people.profile", {"subject": ref("own")})


# ---- find ----------------------------------------------------------------------------------------------------


def test_hidden_mentions_take_nobodys_place_among_those_found(
    service: Service, bring_in: BringIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph_service.services.find._CANDIDATES", 2)
    hidden = [{"ref": f"h{n}", "kind": "adult", "label": "Zed Quillfeather", "report_ref": "r2"} for n in range(4)]
    seen = {"ref": "seen", "kind": "adult", "label": "Zed Quillfeathers", "report_ref": "r1"}
    bring_in([*hidden, seen], REPORTS[:2], [])
    found = service.find(service.viewer("satellite", ""), "Zed Quillfeather")
    assert [row["label"] for row in found] == ["Zed Quillfeathers"]


def test_only_an_operator_manages_accounts_and_a_refusal_is_recorded(small: Service) -> None:
    with pytest.raises(NotPermittedError):
        small.accounts.list(small.viewer("coordinator", ""))
    assert (recorded(small)["account"], recorded(small)["decision"]) == ("coordinator", "deny")


# ---- homes and maps ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["coordinator", "intelligence", "satellite", "analyst"])
def test_no_map_is_drawn_around_a_home(small: Service, who: str) -> None:
    with pytest.raises(ParameterError):
        small.maps.html(small.viewer(who, ""), "contexts.map", {"subject": ref("home")}, None)
    assert "50.801357" not in small.maps.html(small.viewer(who, ""), "contexts.map", {"subject": ref("stop")}, None)


def test_an_analyst_gets_no_exact_point_on_any_map(small: Service) -> None:
    viewer = small.viewer("analyst", "")
    for name, given in (("contexts.map", {"subject": ref("stop")}), ("places.hotspots", {"layer": "found_at"})):
        drawn = small.maps.html(viewer, name, given, None)
        assert "[-1.08,50.8]" not in drawn.replace(" ", ""), name


@pytest.mark.parametrize("who", ["coordinator", "intelligence", "satellite", "analyst", "school"])
@pytest.mark.parametrize("row", ["ref:small/stop,,", ",50.80001,-1.08"], ids=["by-name", "by-position"])
def test_a_home_on_the_partnerships_list_is_on_no_hotspot_layer_or_map(small: Service, who: str, row: str) -> None:
    viewer = small.viewer(who, "")
    asked = [{"layer": layer, **given} for layer in ("found_at", "last_seen") for given in ({}, {"method": "gi"})]
    shown = [small.questions.ask(viewer, "places.hotspots", given)["rows"] for given in asked]
    assert shown[0]
    (small.settings.home / "homes.csv").write_text(f"place,latitude,longitude\n{row}\n", encoding="utf-8")
    for given in asked:
        assert small.questions.ask(viewer, "places.hotspots", given)["rows"] == []
        assert "The stop" not in small.maps.html(viewer, "places.hotspots", given, None)
    assert small.maps.features(viewer, "found_at", {}, None) == []
    if who == "school":
        assert small.find(viewer, "The stop") == []
        return
    with pytest.raises(ParameterError, match="home"):
        small.maps.html(viewer, "contexts.map", {"subject": ref("stop")}, None)
    if who == "analyst":
        (found,) = small.find(viewer, ref("stop"))
        assert found["label"] != "The stop"


def test_who_looked_at_a_place_tells_of_its_map_too(small: Service) -> None:
    small.maps.html(small.viewer("satellite", ""), "contexts.map", {"subject": ref("stop")}, None)
    small.maps.html(small.viewer("analyst", ""), "places.hotspots", {"layer": "found_at"}, None)
    looked = small.audit.who_looked_at(small.operator("test"), ref("stop"))
    assert [row["account"] for row in looked] == ["analyst", "satellite"]


# ---- the trail -----------------------------------------------------------------------------------------------


def test_the_trail_tells_nobody_how_much_another_was_shown(small: Service) -> None:
    ask(small, "intelligence", "links.between", a=ref("ana"), b=uid_of(small, "hid"))
    hidden = uid_of(small, "hid")
    coordinator = small.viewer("coordinator", "")
    for entries in (small.audit.who_looked_at(coordinator, ref("ana")), small.audit.latest(coordinator)):
        theirs = [row for row in entries if row["account"] == "intelligence"]
        assert theirs
        assert all(row["account"] and row["at"] for row in theirs)
        assert hidden not in json.dumps(theirs, default=str)
        assert {row[name] for row in theirs for name in ("returned", "objects", "handling", "parameters")} == {None}
    assert recorded(small)["returned"] is not None  # one's own are whole


def test_a_question_that_is_not_there_is_on_the_trail(small: Service) -> None:
    with pytest.raises(UnknownQueryError):
        ask(small, "analyst", "people.secrets-of-ana")
    assert (recorded(small)["account"], recorded(small)["decision"]) == ("analyst", "failed")
    assert "ana" not in recorded(small)["question"]


def test_the_list_of_layers_is_recorded_and_so_is_its_refusal(small: Service) -> None:
    small.maps.layers(small.viewer("school", ""))
    assert (recorded(small)["account"], recorded(small)["action"]) == ("school", "read_layers")
    with pytest.raises(NotPermittedError):
        small.maps.layers(small.operator("test"))
    assert (recorded(small)["account"], recorded(small)["decision"]) == ("operator", "deny")


def test_an_answer_given_again_is_recorded_and_never_outlives_what_it_was_made_of(
    small: Service, bring_in: BringIn
) -> None:
    viewer, answers = small.viewer("satellite", ""), iter(("first", "second"))

    def again() -> str:
        return small.repeats.once(viewer, "k", "people.profile", "{}", lambda: next(answers))

    assert [again(), again()] == ["first", "first"]
    bring_in(SUBJECTS, REPORTS, CLAIMS[:-2])
    assert again() == "second"


def test_imports_tell_a_reader_nothing_of_how_much_is_hidden(small: Service) -> None:
    (run,) = small.imports.list(small.viewer("analyst", ""))
    assert run["kind"] == "bundle"
    assert (run["counts"], run["files"]) == ({}, [])
    (run,) = small.imports.list(small.viewer("coordinator", ""))
    assert run["counts"]["added"]["claims"] == len(CLAIMS)


# ---- who is who ----------------------------------------------------------------------------------------------


def test_a_decision_that_two_are_the_same_lets_nobody_see_a_hidden_subject(small: Service) -> None:
    """`hid` was named by an open claim that is withdrawn; all that is left is held under a condition."""
    police = small.viewer("intelligence", "")
    made = small.same_as.add(police, ref("hid"), ref("ben"), "The photographs agree.")
    for who in ("coordinator", "satellite", "analyst"):
        with pytest.raises(NotFoundError):
            ask(small, who, "people.profile", subject=ref("hid"))
        assert ask(small, who, "reports.evidence", claims=made["claim"])["rows"] == []
    both = ask(small, "intelligence", "people.profile", subject=ref("hid"))
    assert (
        both["rows"][0]["subject"]["uid"]
        == ask(small, "intelligence", "people.profile", subject=ref("ben"))["rows"][0]["subject"]["uid"]
    )


def test_a_decision_hides_nobody_who_was_there_for_all(small: Service) -> None:
    ask(small, "satellite", "people.profile", subject=ref("free"))
    small.same_as.add(small.viewer("intelligence", ""), ref("free"), ref("hid"), "The photographs agree.")
    ask(small, "satellite", "people.profile", subject=ref("free"))


def test_a_hidden_record_between_two_does_not_part_them(service: Service, bring_in: BringIn) -> None:
    """Three cars with one plate; the middle one is known from a conditioned report alone. The other two are one car for all."""
    plate = '{"registration": "ZZ99 ZZZ"}'
    subjects = [
        {"ref": "v1", "kind": "vehicle", "label": "Car", "attributes": plate, "report_ref": "r1"},
        {"ref": "v2", "kind": "vehicle", "label": "Car", "attributes": plate, "report_ref": "r2"},
        {"ref": "v3", "kind": "vehicle", "label": "Car", "attributes": plate, "report_ref": "r1"},
    ]
    bring_in(subjects, REPORTS[:2], [])
    service.same_as.by_exact_identifiers(service.operator("test"))
    for who in ("satellite", "intelligence"):
        assert uid_of(service, "v1", who) == uid_of(service, "v3", who)
