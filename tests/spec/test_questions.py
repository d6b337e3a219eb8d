"""Each named question on a real Neo4j, against a graph small enough to check by eye, as two people who may see different things."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from graph_service.bootstrap import Service
from graph_service.errors import NotFoundError, NotPermittedError
from graph_service.services.parameters import instant
from queries.errors import ParameterError

# Ana and Ben were at the stop in May. A hidden adult, known only from conditioned intelligence, knows Ana and is suspected of exploiting Cat.
SUBJECTS = [
    {"ref": "ana", "kind": "child", "label": "Ana Exampleby", "date_of_birth": "2011-02-03"},
    {"ref": "ben", "kind": "child", "label": "Ben Madeupson"},
    {"ref": "cat", "kind": "child", "label": "Cat Invented"},
    {"ref": "hid", "kind": "adult", "label": "Adult Hidden"},
    {
        "ref": "stop",
        "kind": "location",
        "subkind": "place",
        "label": "The stop",
        "latitude": "50.8",
        "longitude": "-1.08",
    },
    {
        "ref": "home",
        "kind": "location",
        "subkind": "address",
        "label": "A home",
        "latitude": "50.81",
        "longitude": "-1.07",
    },
    {"ref": "may", "kind": "incident", "subkind": "sighting", "label": "Sighting in May"},
    {"ref": "gone", "kind": "incident", "subkind": "missing_episode", "label": "Episode in June"},
    {"ref": "ana", "kind": "child", "label": "Anastasia", "report_ref": "r2"},
    {"ref": "alone", "kind": "vehicle", "label": "A car that nobody mentions"},
]
REPORTS = [
    {"report_ref": "r1", "kind": "ppn1", "agency": "police", "submitted_at": "2026-05-02T10:00:00Z", "source_eval": "1",
     "info_eval": "B", "scheme": "3x5x2", "handling": "P", "text": "Ana and Ben were at the stop."},
    {"report_ref": "r2", "kind": "cpi", "agency": "police", "submitted_at": "2026-06-01T10:00:00Z", "source_eval": "1",
     "info_eval": "A", "scheme": "3x5x2", "handling": "C", "conditions": "originator", "text": "A hidden adult."},
    {"report_ref": "r3", "kind": "observation", "agency": "youth", "submitted_at": "2026-05-03T10:00:00Z", "source_eval": "2",
     "info_eval": "C", "scheme": "3x5x2", "handling": "P", "copied_from": "r1", "text": "Forwarded."},
    {"report_ref": "r4", "kind": "ppn1", "agency": "police", "submitted_at": "2026-06-03T08:00:00Z", "handling": "P", "text": "Found."},
]  # fmt: skip
CLAIMS = [
    dict(
        zip(
            ("claim_ref", "report_ref", "from_ref", "to_ref", "type", "role", "happened_from"),
            line.split(),
            strict=False,
        )
    )
    for line in """
        c1  r1 ana  may  INVOLVED_IN present      2026-05-01T20:00:00Z
        c2  r1 ben  may  INVOLVED_IN present      2026-05-01T20:00:00Z
        c3  r1 may  stop AT          occurred     2026-05-01T20:00:00Z
        c4  r2 hid  ana  KNOWS       concern
        c5  r2 hid  cat  SUSPECTED_OF_EXPLOITING
        c6  r3 ana  may  INVOLVED_IN present      2026-05-01T20:00:00Z
        c7  r4 ana  gone INVOLVED_IN missing      2026-06-02T18:00:00Z
        c8  r4 gone home AT          missing_from 2026-06-02T18:00:00Z
        c9  r4 gone stop AT          found_at     2026-06-03T02:00:00Z
        c10 r4 ana  home LIVES_AT
    """.strip().splitlines()
]


@pytest.fixture
def small(bring_in: Callable[..., dict[str, object]], service: Service) -> Service:
    bring_in(SUBJECTS, REPORTS, CLAIMS)
    return service


def rows(service: Service, who: str, name: str, known_at: str = "", **parameters: str) -> list[dict[str, Any]]:
    moment = instant("as_known_at", known_at) if known_at else None
    answer = service.questions.ask(service.viewer(who, ""), name, parameters, as_known_at=moment)
    found: list[dict[str, Any]] = answer["rows"]
    return found


def ref(name: str) -> str:
    return f"ref:small/{name}"


def test_links_between_gives_two_right_answers_to_two_people(small: Service) -> None:
    (path,) = rows(small, "intelligence", "links.between", a=ref("ben"), b=ref("cat"))
    assert [hop["to"]["ref"] for hop in path["hops"]] == ["small/may", "small/ana", "small/hid", "small/cat"]
    assert path["weakest_grade"] == "2-C-P"
    for other in ("cat", "no-such"):
        with pytest.raises(NotFoundError) as told:
            rows(small, "satellite", "links.between", a=ref("ben"), b=ref(other))
        assert str(told.value) == str(NotFoundError())
    assert [p["length"] for p in rows(small, "satellite", "links.between", a=ref("ben"), b=ref("ana"))] == [2, 4]


def test_a_profile_is_made_of_visible_mentions_only(small: Service) -> None:
    (seen,) = rows(small, "intelligence", "people.profile", subject=ref("ana"))
    assert seen["subject"]["label"] == "Anastasia"  # the better graded mention
    assert seen["aliases"] == ["Ana Exampleby"]
    assert seen["claims"] == {"INVOLVED_IN": 3, "KNOWS": 1, "LIVES_AT": 1}
    (less,) = rows(small, "satellite", "people.profile", subject=ref("ana"))
    assert (less["subject"]["label"], less["aliases"]) == ("Ana Exampleby", [])
    assert less["claims"] == {"INVOLVED_IN": 3, "LIVES_AT": 1}
    assert [row["context"]["ref"] for row in less["contexts"]] == ["small/stop", "small/home"]


def test_the_analyst_sees_pseudonyms_and_no_text(small: Service) -> None:
    (seen,) = rows(small, "analyst", "people.profile", subject=ref("ana"))
    assert "Ana" not in str(seen)
    assert seen["attributes"] == {"kind": "child", "year_of_birth": "2011"}
    (evidence,) = rows(small, "analyst", "reports.evidence", claims="small/c1")
    assert evidence["text"] is None
    assert small.find(small.viewer("analyst", ""), "Ana Exampleby") == []


def test_a_timeline_has_two_clocks_and_the_places_of_incidents(small: Service) -> None:
    told = [
        (row["what"], row["happened_from"]) for row in rows(small, "satellite", "people.timeline", subject=ref("ana"))
    ]
    assert told[0] == ("Episode in June: found at The stop", "2026-06-03T02:00:00Z")
    assert told[-1] == ("Ana Exampleby lives at A home", None)
    june = rows(
        small,
        "satellite",
        "people.timeline",
        subject=ref("ana"),
        **{"from": "2026-06-02T18:00:00Z", "to": "2026-06-03T02:00:00Z"},
    )
    assert {row["evidence"][0] for row in june} == {
        "small/c7",
        "small/c8",
        "small/c10",
    }  # a state holds throughout; `to` is exclusive
    assert all(row["recorded_at"] for row in june)


def test_people_present_counts_events_and_independent_reports(small: Service) -> None:
    present = rows(small, "satellite", "contexts.people_present", subject=ref("stop"))
    assert [(row["person"]["ref"], row["events"], row["reports"]) for row in present] == [
        ("small/ana", 2, 2),
        ("small/ben", 1, 1),
    ]
    assert present[0]["evidence"] == ["small/c1", "small/c3", "small/c6", "small/c7", "small/c9"]


def test_evidence_gives_the_report_as_far_as_it_may_be_read(small: Service) -> None:
    both = rows(small, "intelligence", "reports.evidence", claims="small/c4,small/c1")
    assert [(row["claim"], row["grade"], row["text"]) for row in both] == [
        ("small/c4", "1-A-C", "A hidden adult."),
        ("small/c1", "1-B-P", "Ana and Ben were at the stop."),
    ]
    assert [row["claim"] for row in rows(small, "satellite", "reports.evidence", claims="small/c4,small/c1")] == [
        "small/c1"
    ]


def test_hotspots_leave_homes_out_and_withhold_small_counts_from_a_school(small: Service) -> None:
    assert rows(small, "satellite", "places.hotspots", layer="missing_from") == []
    (found,) = rows(small, "satellite", "places.hotspots", layer="found_at")
    assert (found["place"]["ref"], found["events"], found["children"]) == ("small/stop", 1, 1)
    (withheld,) = rows(small, "school", "places.hotspots", layer="found_at")
    assert (withheld["events"], withheld["children"], withheld["evidence"]) == (None, None, [])


def test_a_school_gets_no_records(small: Service) -> None:
    with pytest.raises(NotPermittedError):
        rows(small, "school", "links.between", a=ref("ben"), b=ref("ana"))


def with_friends(bring_in: Callable[..., dict[str, object]]) -> None:
    """Two groups of four seen together twice each; a fifth child who is in both only for those who may see what was conditioned."""
    people = [f"p{n}" for n in range(4)], [f"q{n}" for n in range(4)]
    subjects = [{"ref": who, "kind": "child", "label": f"{who} Invented"} for who in (*people[0], *people[1], "mo")]
    subjects.append({"ref": "ex", "kind": "adult", "label": "Adult Invented"})
    claims = []
    for report, conditioned, groups in (
        ("f1", False, people),
        ("f2", False, people),
        ("f3", True, [["mo", *group] for group in people]),
    ):
        for group in groups:
            pairs = [(a, b) for a in group for b in group if a < b and (not conditioned or "mo" in (a, b))]
            day = {"f1": "2026-02-01", "f2": "2026-05-01", "f3": "2026-05-02"}[report]
            claims += [
                {
                    "claim_ref": f"{report}-{a}-{b}", "report_ref": report, "from_ref": a, "to_ref": b, "type": "SEEN_WITH",
                    "happened_from": f"{day}T19:00:00Z",
                }
                for a, b in pairs
            ]  # fmt: skip
    acts = [
        {
            "claim_ref": f"ex-{n}",
            "report_ref": "f2",
            "from_ref": "ex",
            "to_ref": f"p{n}",
            "type": "SUSPECTED_OF_EXPLOITING",
        }
        for n in range(2)
    ]
    made = {
        "kind": "observation",
        "agency": "youth",
        "submitted_at": "2026-05-03T10:00:00Z",
        "handling": "P",
        "text": "Seen.",
    }
    reports = [{**made, "report_ref": name} for name in ("f1", "f2")]
    reports.append({**made, "report_ref": "f3", "agency": "police", "handling": "C", "conditions": "originator"})
    bring_in(subjects, reports, [*claims, *acts], name="friends")


def refs_of(subjects: list[dict[str, Any]]) -> list[str]:
    return [str(subject["ref"]).removeprefix("friends/") for subject in subjects]


def test_groups_have_their_overlap_their_evidence_and_who_stands_beside_them(
    service: Service, bring_in: Callable[..., dict[str, object]]
) -> None:
    with_friends(bring_in)
    everything = rows(service, "intelligence", "peers.groups")
    assert [refs_of(row["members"]) for row in everything] == [
        ["mo", "p0", "p1", "p2", "p3"],
        ["mo", "q0", "q1", "q2", "q3"],
    ]
    assert [refs_of(row["overlap"]) for row in everything] == [["mo"], ["mo"]]
    found = rows(service, "satellite", "peers.groups")
    assert [refs_of(row["members"]) for row in found] == [["p0", "p1", "p2", "p3"], ["q0", "q1", "q2", "q3"]]
    assert [row["group"] for row in found] == [1, 2]
    for row in found:
        assert row["stability"] > 0.6
        assert row["by_chance"] < 1
        assert (row["reports"], row["kinds"], row["overlap"]) == (2, {"seen_with": 6}, [])
        assert len(row["evidence"]) == 12
    (adult,) = found[0]["beside"]
    assert (refs_of([adult["person"]]), adult["members"], adult["kinds"]) == (["ex"], 2, ["suspected_of_exploiting"])
    assert found[1]["beside"] == []
    assert rows(service, "satellite", "peers.groups", kinds="knows,family_of") == []
    with pytest.raises(ParameterError, match="kinds"):
        rows(service, "satellite", "peers.groups", kinds="friendship")


def test_how_many_make_a_crowd_may_be_asked_of_peers(
    service: Service, bring_in: Callable[..., dict[str, object]]
) -> None:
    people, parties = ("ana", "ben", "cat"), ("fair", "fete")
    subjects = [{"ref": who, "kind": "child", "label": f"{who} Exampleby"} for who in people]
    subjects += [{"ref": party, "kind": "incident", "label": f"The {party}"} for party in parties]
    made = {
        "kind": "observation",
        "agency": "youth",
        "submitted_at": "2026-05-03T10:00:00Z",
        "handling": "P",
        "text": "",
    }
    claims = [
        {"claim_ref": f"{who}-{party}", "report_ref": "r", "from_ref": who, "to_ref": party, "type": "INVOLVED_IN"}
        for who in people
        for party in parties
    ]
    bring_in(subjects, [{**made, "report_ref": "r"}], claims, name="parties")
    asked = {
        "peers.network": {"subject": "ref:parties/ana"},
        "peers.groups": {"kinds": "incident", "also_by_chance": "true"},
        "peers.measures": {"kinds": "incident"},
    }
    for name, parameters in asked.items():
        usual = [str(row["evidence"]) for row in rows(service, "coordinator", name, **parameters)]
        assert any("parties/ana-fair" in evidence for evidence in usual)
        fewer = [str(row["evidence"]) for row in rows(service, "coordinator", name, **parameters, crowd="2")]
        assert not any("parties/" in evidence for evidence in fewer)
        with pytest.raises(ParameterError, match="crowd"):
            rows(service, "coordinator", name, **parameters, crowd="1")


def test_measures_name_the_broker_only_to_those_who_may_see_what_makes_one(
    service: Service, bring_in: Callable[..., dict[str, object]]
) -> None:
    with_friends(bring_in)
    seen = rows(service, "intelligence", "peers.measures", subject="ref:friends/mo", kinds="seen_with")
    assert refs_of([seen[0]["person"]]) == ["mo"]
    assert (seen[0]["links"], seen[0]["component_size"], seen[0]["steps"]) == (8, 9, 0)
    assert {row["steps"] for row in seen[1:]} == {1}
    less = rows(service, "satellite", "peers.measures", kinds="seen_with")
    assert {row["broker"] for row in less} == {0}
    assert {(row["links"], row["core"], row["component_size"]) for row in less} == {(3, 3, 4)}
    whole = rows(service, "satellite", "peers.measures")
    (adult,) = (row for row in whole if refs_of([row["person"]]) == ["ex"])
    assert (adult["links"], len(adult["evidence"])) == (2, 2)


def test_change_between_two_dates_is_told_with_its_evidence(
    service: Service, bring_in: Callable[..., dict[str, object]]
) -> None:
    with_friends(bring_in)
    dates = {"from": "2026-01-15", "to": "2026-06-01", "days": "40", "kinds": "seen_with"}
    found = rows(service, "satellite", "peers.change", **dates)
    assert [(row["of"], row["what"]) for row in found[:2]] == [("group", "new"), ("group", "new")]
    assert {row["what"] for row in found[2:]} == {"new"}
    assert len(found) == 2 + 12
    assert all(row["evidence"] for row in found)
    of_one = rows(service, "satellite", "peers.change", **dates, subject="ref:friends/p0")
    assert [row["of"] for row in of_one] == ["group", "link", "link", "link"]
    gone = rows(
        service, "satellite", "peers.change", **{**dates, "from": "2026-03-01", "to": "2026-04-20", "days": "35"}
    )
    assert {(row["of"], row["what"]) for row in gone} == {("group", "gone"), ("link", "quiet")}
    with pytest.raises(ParameterError, match="to"):
        rows(service, "satellite", "peers.change", **{**dates, "to": "2026-01-01"})


def test_what_was_known_at_a_past_moment(small: Service) -> None:
    known = {"known_at": "2026-05-02T12:00:00Z"}
    assert [row["evidence"] for row in rows(small, "intelligence", "people.timeline", **known, subject=ref("ben"))] == [
        ["small/c2"],
        ["small/c3"],
    ]
    with pytest.raises(NotFoundError):
        rows(small, "intelligence", "people.profile", **known, subject=ref("hid"))


def test_a_subject_that_no_claim_names_exists_for_all(small: Service) -> None:
    (row,) = rows(small, "satellite", "people.profile", subject=ref("alone"))
    assert row["claims"] == {}


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("links.between", {"a": "ref:small/ana"}),
        ("links.between", {"a": "ref:small/ana", "b": "ref:small/ben", "max_hops": "many"}),
        ("places.hotspots", {"layer": "everything"}),
        ("people.timeline", {"subject": "ref:small/ana", "from": "30/02/2026"}),
        ("people.timeline", {"subject": "ref:small/ana", "colour": "red"}),
    ],
    ids=["missing", "not-a-number", "not-a-choice", "not-a-date", "unknown"],
)
def test_a_parameter_that_cannot_be_used_is_told_without_its_value(
    small: Service, name: str, parameters: dict[str, str]
) -> None:
    with pytest.raises(ParameterError) as told:
        rows(small, "coordinator", name, **parameters)
    assert not {"many", "everything", "30/02/2026", "red"} & set(str(told.value).split())


def test_every_answer_and_every_refusal_is_on_the_trail_before_it_leaves(small: Service) -> None:
    rows(small, "coordinator", "people.profile", subject=ref("ana"))
    with pytest.raises(NotFoundError):
        rows(small, "satellite", "people.profile", subject=ref("cat"))
    latest = small.records.audit.entries(limit=2)
    assert [(e["account"], e["question"], e["decision"]) for e in latest] == [
        ("satellite", "people.profile", "deny"),
        ("coordinator", "people.profile", "allow"),
    ]
    looked = small.audit.who_looked_at(small.operator("test"), ref("ana"))
    assert [e["account"] for e in looked] == ["coordinator"]
    assert small.audit.verify(small.operator("test"))["whole"]


def test_people_are_named_by_the_mode_and_the_trail_keeps_which(small: Service) -> None:
    viewer = small.viewer("coordinator", "")
    answer = small.questions.ask(viewer, "peers.network", {"subject": ref("ana")}, as_known_at=None)

    def shown(who: str, mode: str) -> list[str]:
        as_who = small.viewer(who, "")
        given = small.questions.ask(as_who, "peers.network", {"subject": ref("ana")}, as_known_at=None)
        rows = small.labelled(as_who, given, mode)["rows"]
        return [row[end]["label"] for row in rows for end in ("a", "b")]

    assert shown("coordinator", "names") == ["Ana Exampleby", "Ben Madeupson"]
    assert shown("coordinator", "initials") == ["A.E.", "B.M."]
    pseudonyms = shown("coordinator", "pseudonyms")
    assert pseudonyms == shown("analyst", "names") == shown("analyst", "initials")
    assert not any("Ana" in name or "Ben" in name for name in pseudonyms)
    drawn = [e for e in small.records.audit.entries(limit=14) if e["action"] == "draw_map"]
    modes = [json.loads(entry["parameters"])["labels"] for entry in drawn]
    assert modes == ["initials", "names", "pseudonyms", "initials", "names"]
    with pytest.raises(ParameterError, match="labels"):
        small.labelled(viewer, answer, "nicknames")

    def exported(who: str, **given: str) -> str:
        return small.maps.html(small.viewer(who, ""), "peers.network", {"subject": ref("ana"), **given}, None)

    for who, mode, told in (
        ("coordinator", "initials", "A.E."),
        ("coordinator", "pseudonyms", pseudonyms[0]),
        ("analyst", "names", pseudonyms[0]),
    ):
        page = exported(who, labels=mode)
        assert told in page
        assert "Exampleby" not in page
        assert "Madeupson" not in page
        shown_so, read = (json.loads(e["parameters"]) for e in small.records.audit.entries(limit=2))
        assert (shown_so["labels"], read["labels"]) == (mode, mode)
    numbered = exported("coordinator", labels="numbers")
    assert "Ana" not in numbered.partition("<table")[0]
    assert "Ana Exampleby" in numbered
    # Handling and date stand on every printed sheet.
    assert re.search(r'class="on-each-sheet"[^>]*>Handling C · as known at \d\d \w+ 20\d\d \d\d:\d\d<', numbered)
    with pytest.raises(ParameterError, match="labels"):
        exported("coordinator", labels="nicknames")
    with pytest.raises(NotPermittedError):
        exported("school", labels="initials")
    assert "Ben" in exported("coordinator")
    assert "Ben" not in exported("coordinator", **{"from": "2031-01-01"})
    with pytest.raises(NotPermittedError):
        small.labelled(small.viewer("school", ""), answer, "names")
