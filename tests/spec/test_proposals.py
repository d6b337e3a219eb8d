"""Proposals on a real Neo4j: one stop in three spellings, decided by one, still pending to whoever may not see all that it rests on."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from graph_service.bootstrap import Service
from graph_service.errors import ConflictError, NotFoundError, NotPermittedError
from graph_service.services import proposals
from queries.errors import ParameterError

SPELLINGS = {
    "p": ("Fratton Bridge bus stop", "50.7963"),
    "y": ("Bus stop opp. Fratton Bridge", "50.7964"),
    "e": ("Fraton Bridge stop", "50.7962"),
}
CHILDREN = ("ana", "ben", "cai", "dee", "eve")
SUBJECTS = [
    *({"ref": name, "kind": "child", "label": f"{name.title()} Exampleby"} for name in CHILDREN),
    *(
        {"ref": f"stop-{key}", "kind": "location", "subkind": "transport", "label": label, "latitude": north, "longitude": "-1.0757"}
        for key, (label, north) in SPELLINGS.items()
    ),
]  # fmt: skip


def report(name: str, agency: str, day: str, **more: str) -> dict[str, str]:
    return {
        "report_ref": name, "kind": "cpi", "agency": agency, "submitted_at": f"2026-{day}T10:00:00Z", "handling": "P",
        "text": "Invented.", **more,
    }  # fmt: skip


def claim(report_ref: str, child: str, stop: str) -> dict[str, str]:
    return {
        "claim_ref": f"c-{report_ref}",
        "report_ref": report_ref,
        "from_ref": child,
        "to_ref": f"stop-{stop}",
        "type": "SEEN_AT",
    }


REPORTS = [
    report("r1", "police", "09-02"),
    report("r2", "youth", "10-01"),
    report("r3", "education", "11-01"),
    # Handled with conditions: the coordinator sees it, the satellite team does not.
    report("r4", "health", "11-03", handling="C", conditions="A1"),
]
CLAIMS = [claim("r1", "ana", "p"), claim("r2", "ben", "y"), claim("r3", "cai", "e"), claim("r4", "dee", "p")]


@pytest.fixture
def met(bring_in: Callable[..., dict[str, object]], service: Service) -> Service:
    bring_in(SUBJECTS, REPORTS, CLAIMS)
    return service


def pending(service: Service, who: str) -> list[dict[str, Any]]:
    return list(service.proposals.list(service.viewer(who, "")))


def test_one_stop_in_three_spellings_is_proposed_decided_and_comes_back(
    met: Service, bring_in: Callable[..., dict[str, object]]
) -> None:
    coordinator, satellite = met.viewer("coordinator", ""), met.viewer("satellite", "")
    (more,), (less,) = pending(met, "coordinator"), pending(met, "satellite")
    assert (more["reports"], less["reports"]) == (4, 3)
    assert more["uid"] == less["uid"]
    assert len(less["also"]) == 2
    assert {row["agency"] for row in less["citations"]} == {"police", "youth", "education"}
    assert "c-r4" not in str(less)

    with pytest.raises(NotPermittedError):
        met.proposals.decide(satellite, less["uid"], "dismiss", reason="No")
    with pytest.raises(NotFoundError):
        met.proposals.get(coordinator, "nothing")
    decided = met.proposals.decide(coordinator, more["uid"], "assess", reason="Four agencies", command="once")
    assert decided["decision"]["decision"] == "assess"
    assert decided["decision"]["reason"] == "Four agencies"
    again = met.proposals.decide(coordinator, more["uid"], "assess", reason="Four agencies", command="once")
    assert again["decision"] == decided["decision"]
    with pytest.raises(ConflictError):
        met.proposals.decide(coordinator, more["uid"], "dismiss", reason="No")

    (context,) = met.contexts.list(coordinator)
    assert context["uid"] == decided["decision"]["context"]
    whole = met.contexts.get(coordinator, context["uid"])
    assert context["state"] == "assessing"
    assert sorted(whole["origin"]["citations"]) == ["small/c-r1", "small/c-r2", "small/c-r3", "small/c-r4"]
    assert len(whole["definition"]["places"]) == 3

    # What its whole team reads tells nothing of the report that some of them may not see.
    assert whole["definition"]["summary"].startswith("3 reports by 3 agencies about 3 children")

    # Decided for whoever may see all of it; pending for whoever may not, whose answer is as it was.
    assert pending(met, "coordinator") == []
    before = replace(
        coordinator, known_at=dt.datetime.fromisoformat(decided["decision"]["at"]) - dt.timedelta(seconds=1)
    )
    assert [row["decision"] for row in met.proposals.list(before)] == [None]
    assert met.proposals.get(coordinator, more["uid"])["decision"]["context"] == context["uid"]
    (still,) = pending(met, "satellite")
    assert still == less

    # A fourth report that everyone sees: it comes back, and says so.
    bring_in(SUBJECTS, [*REPORTS, report("r5", "voluntary", "11-20")], [*CLAIMS, claim("r5", "eve", "y")])
    (back,) = pending(met, "coordinator")
    assert back["new_since"] == 1
    assert "1 of these reports has come since" in back["sentence"]
    dismissed = met.proposals.decide(coordinator, back["uid"], "dismiss", reason="The same team has it")
    assert dismissed["decision"]["context"] is None
    assert pending(met, "coordinator") == []
    assert len(met.contexts.list(coordinator)) == 1


def test_whom_met_decides_is_affected_is_linked_and_told_to_those_who_may_see_why(met: Service) -> None:
    coordinator = met.viewer("coordinator", "")
    (row,) = pending(met, "coordinator")
    uid = {child["label"]: child["uid"] for citation in row["citations"] for child in citation["about"]}
    somebody = met.find(coordinator, "Eve Exampleby")[0]["uid"]  # whom none of these reports is about
    for decision, people in (("assess", [uid["Ana Exampleby"], somebody]), ("dismiss", [uid["Ana Exampleby"]])):
        with pytest.raises(ParameterError, match="affected"):
            met.proposals.decide(coordinator, row["uid"], decision, reason="Met", affected=people)
    people = [uid["Ana Exampleby"], uid["Dee Exampleby"]]
    made = met.proposals.decide(coordinator, row["uid"], "assess", reason="Met", affected=people)["decision"]["context"]
    told = met.contexts.get(coordinator, made)["affected"]
    assert [(one["person"]["label"], one["evidence"]) for one in told] == [
        ("Ana Exampleby", ["small/c-r1"]),
        ("Dee Exampleby", ["small/c-r4"]),
    ]
    lead = {"account": "satellite", "agency": "social_care", "role_in_team": "lead"}
    met.contexts.save(coordinator, made, "team", {"lead": "satellite", "members": [lead]}, version=0, why="Named.")
    seen = met.contexts.get(met.viewer("satellite", ""), made)["affected"]
    assert [one["person"]["label"] for one in seen] == ["Ana Exampleby"]
    present = met.questions.ask(met.viewer("satellite", ""), "people.profile", {"subject": uid["Ana Exampleby"]})[
        "rows"
    ][0]
    assert made in [one["context"]["uid"] for one in present["contexts"]]


def test_a_context_made_of_hidden_reports_tells_its_team_nothing_of_them(
    service: Service, bring_in: Callable[..., dict[str, object]]
) -> None:
    hidden = [{**row, "handling": "C"} for row in REPORTS]
    bring_in(SUBJECTS, hidden, CLAIMS)
    coordinator = service.viewer("coordinator", "")
    (proposed,) = pending(service, "coordinator")
    service.proposals.decide(coordinator, proposed["uid"], "assess", reason="Four agencies")
    (context,) = service.contexts.list(coordinator)
    lead = {"account": "satellite", "agency": "social_care", "role_in_team": "lead"}
    service.contexts.save(
        coordinator, context["uid"], "team", {"lead": "satellite", "members": [lead]}, version=0, why="Named."
    )
    satellite = service.viewer("satellite", "")
    seen = repr((service.contexts.get(satellite, context["uid"]), service.contexts.log(satellite, context["uid"])))
    assert "Fratton" not in seen
    assert "4 reports" not in seen
    # Nor does why it was decided, which whoever wrote it wrote with those reports before them.
    assert "Four agencies" not in seen
    whole, log = service.contexts.get(coordinator, context["uid"]), service.contexts.log(coordinator, context["uid"])
    assert [whole["origin"]["reason"], whole["decisions"][0]["reason"]] == ["Four agencies"] * 2
    assert [(row["what"], row["text"]) for row in log[-2:]] == [
        ("referral", "Four agencies"),
        ("decision: assess", "Four agencies"),
    ]


def test_a_decision_is_not_told_to_whom_what_it_rests_on_has_been_closed(
    met: Service, bring_in: Callable[..., dict[str, object]]
) -> None:
    coordinator, intelligence = met.viewer("coordinator", ""), met.viewer("intelligence", "")
    (proposed,) = pending(met, "coordinator")
    met.proposals.decide(coordinator, proposed["uid"], "dismiss", reason="Health saw Dee there.")
    assert met.proposals.get(intelligence, proposed["uid"])["decision"]["reason"] == "Health saw Dee there."
    assert met.proposals.get(coordinator, proposed["uid"])["decision"] is not None
    bring_in(SUBJECTS, [*REPORTS[:3], {**REPORTS[3], "conditions": "originator"}], CLAIMS)
    assert met.proposals.get(coordinator, proposed["uid"])["decision"] is None


def test_a_reason_is_not_told_to_those_who_work_under_pseudonyms(
    service: Service, bring_in: Callable[..., dict[str, object]]
) -> None:
    bring_in(SUBJECTS, REPORTS[:3], CLAIMS[:3])
    (proposed,) = pending(service, "coordinator")
    service.proposals.decide(
        service.viewer("coordinator", ""), proposed["uid"], "dismiss", reason="Ana Exampleby says so"
    )
    told = service.proposals.get(service.viewer("analyst", ""), proposed["uid"])
    assert told["decision"]["decision"] == "dismiss"
    assert "Exampleby" not in repr(told)
    seen = service.proposals.get(service.viewer("satellite", ""), proposed["uid"])
    assert seen["decision"]["reason"] == "Ana Exampleby says so"


def test_of_people_who_decide_at_once_one_makes_a_context(met: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other may see less: their proposal rests on other reports, and is of the same place all the same."""
    accounts, coordinator = met.records.accounts, met.viewer("coordinator", "")
    accounts.create(
        "deputy", name="Di Invented", agency="social_care", role="coordinator", purpose="weekly-meeting", granted_by="t"
    )
    accounts.grant("deputy", "handling:C", granted_by="t")
    deputy = met.viewer("deputy", "")
    (proposed,) = pending(met, "coordinator")
    (less,) = pending(met, "deputy")
    assert (less["uid"], proposed["reports"], less["reports"]) == (proposed["uid"], 4, 3)
    first, begin = [True], proposals.begin

    def overtaken(*args: Any, **more: Any) -> Any:
        if first.pop() if first else False:
            met.proposals.decide(deputy, less["uid"], "assess", reason="Three agencies")
        return begin(*args, **more)

    with monkeypatch.context() as patched:
        patched.setattr(proposals, "begin", overtaken)
        with pytest.raises(ConflictError, match="meanwhile"):
            met.proposals.decide(coordinator, proposed["uid"], "record_only", reason="Four agencies")
    (context,) = met.contexts.list(coordinator)
    assert context["state"] == "assessing"
    (still,) = pending(met, "coordinator")
    assert [one["uid"] for one in still["contexts"]] == [context["uid"]]
    with pytest.raises(ConflictError, match="decide there"):
        met.proposals.decide(coordinator, proposed["uid"], "record_only", reason="Four agencies")
    # Once it is closed, what comes after may make another.
    version = met.contexts.get(coordinator, context["uid"])["version"]
    met.contexts.decide(coordinator, context["uid"], "close", reason="Quiet.", version=version)
    made = met.proposals.decide(coordinator, proposed["uid"], "record_only", reason="Four agencies")
    assert made["decision"]["context"] != context["uid"]
    assert [one["state"] for one in made["contexts"]] == ["record_only", "closed"]


def test_killed_after_a_decision_was_kept_it_is_not_made_twice(met: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    coordinator = met.viewer("coordinator", "")
    (proposed,) = pending(met, "coordinator")

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("graph_service.services.contexts.desk.Desk.changed", killed)
        with pytest.raises(KeyboardInterrupt):
            met.proposals.decide(coordinator, proposed["uid"], "assess", reason="Four agencies", command="key:a/b")
    again = met.proposals.decide(coordinator, proposed["uid"], "assess", reason="Four agencies", command="key:a/b")
    (context,) = met.contexts.list(coordinator)
    assert (again["decision"]["context"], context["state"]) == (context["uid"], "assessing")


def test_what_was_referred_already_is_said_beside_a_proposal_to_those_who_may_see_it(met: Service) -> None:
    coordinator, before = met.viewer("coordinator", ""), pending(met, "satellite")
    place = before[0]["subject"]["uid"]
    given = {"kind": "transport", "label": "The bridge", "reason": "The school asked.", "places": [place]}
    uid = met.contexts.refer(coordinator, given)["uid"]
    (row,) = pending(met, "coordinator")
    assert row["contexts"] == [{"uid": uid, "label": "The bridge", "kind": "transport", "state": "referred"}]
    assert pending(met, "satellite") == before, "whoever may not see it learns nothing of it"


def test_a_context_is_not_called_after_reports_that_were_closed_later(
    service: Service, bring_in: Callable[..., dict[str, object]]
) -> None:
    bring_in(SUBJECTS, REPORTS[:3], CLAIMS[:3])
    coordinator = service.viewer("coordinator", "")
    (proposed,) = pending(service, "coordinator")
    made = service.proposals.decide(coordinator, proposed["uid"], "assess", reason="Three agencies")
    uid = made["decision"]["context"]
    lead = {"account": "satellite", "agency": "social_care", "role_in_team": "lead"}
    service.contexts.save(coordinator, uid, "team", {"lead": "satellite", "members": [lead]}, version=0, why="Named.")

    def seen(who: str) -> str:
        viewer = service.viewer(who, "")
        found = service.find(viewer, "Fratton Bridge"), service.find(viewer, "reports meet")
        everything = (service.contexts.get(viewer, uid), service.contexts.history(viewer, uid, "definition"), found)
        return repr((everything, service.contexts.list(viewer)))

    assert "3 reports by 3 agencies" in seen("satellite")
    assert "Fratton" in seen("satellite")
    bring_in(SUBJECTS, [{**row, "handling": "C"} for row in REPORTS[:3]], CLAIMS[:3])
    assert "Fratton" not in seen("satellite")
    assert "3 reports" not in seen("satellite")
    assert "Where reports meet" in seen("satellite")
    assert "3 reports by 3 agencies" in seen("coordinator")
    # Its team names it, and everybody sees that name alone.
    whole = service.contexts.get(service.viewer("satellite", ""), uid)
    service.contexts.change(
        service.viewer("satellite", ""), uid, {"label": "The shelter"}, version=whole["version"], why="Its name."
    )
    for who in ("satellite", "coordinator"):
        assert service.contexts.get(service.viewer(who, ""), uid)["label"] == "The shelter"
        assert [row["label"] for row in service.find(service.viewer(who, ""), "The shelter")][:1] == ["The shelter"]
    assert service.keeping.check(service.operator("test"))["problems"] == []
