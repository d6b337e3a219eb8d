"""The contextual database on a real store: its life from referral to closure, its team, two editors, and what nobody may see."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from graph_service.access import Viewer
from graph_service.bootstrap import Service
from graph_service.errors import NotFoundError, NotPermittedError, StaleError
from queries.errors import ParameterError

BringIn = Callable[..., dict[str, object]]
OPEN = {
    "kind": "sighting",
    "agency": "police",
    "source_eval": "1",
    "info_eval": "A",
    "scheme": "3x5x2",
    "handling": "P",
    "text": "Seen.",
}
CLOSED = {**OPEN, "kind": "cpi", "handling": "C", "text": "Intelligence."}
SUBJECTS = [
    {"ref": "ana", "kind": "child", "label": "Ana Exampleby"},
    {"ref": "ben", "kind": "child", "label": "Ben Exampleby"},
    {"ref": "rex", "kind": "adult", "label": "Rex Hiddenby"},
    {"ref": "stop", "kind": "location", "subkind": "transport", "label": "Arcade stop", "latitude": "50.79", "longitude": "-1.08"},
    {"ref": "car", "kind": "vehicle", "label": "White Kia"},
    {"ref": "e1", "kind": "incident", "subkind": "missing_episode", "label": "Missing episode"},
]  # fmt: skip
REPORTS = [
    {**OPEN, "report_ref": "r1", "submitted_at": "2026-10-01T10:00:00Z"},
    {**CLOSED, "report_ref": "r2", "submitted_at": "2026-09-02T10:00:00Z"},
]
CLAIMS = [
    {"claim_ref": "c1", "report_ref": "r1", "from_ref": "ana", "to_ref": "stop", "type": "SEEN_AT", "happened_from": "2026-09-29T21:00:00Z"},
    {"claim_ref": "c2", "report_ref": "r1", "from_ref": "ben", "to_ref": "stop", "type": "SEEN_AT", "happened_from": "2026-09-29T22:00:00Z"},
    {"claim_ref": "c3", "report_ref": "r2", "from_ref": "rex", "to_ref": "stop", "type": "SEEN_AT", "happened_from": "2026-09-28T22:00:00Z"},
    {"claim_ref": "c4", "report_ref": "r2", "from_ref": "rex", "to_ref": "car", "type": "USES"},
]  # fmt: skip


def now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Desk:
    """A service with a small city, and what a test does in it as each persona."""

    def __init__(self, service: Service) -> None:
        self.service, self.contexts = service, service.contexts

    def viewer(self, who: str) -> Viewer:
        return self.service.viewer(who, "")

    def uid(self, ref: str, who: str = "coordinator") -> str:
        graph = self.service.graphs.of(self.viewer(who), dt.datetime.now(dt.UTC))
        return graph.subjects[graph.by_ref[f"small/{ref}"]].uid

    def refer(self, who: str = "coordinator", **more: Any) -> str:
        given = {
            "kind": "transport",
            "label": "Arcade bus stop",
            "reason": "Two children named it.",
            "places": [self.uid("stop")],
        }
        return str(self.contexts.refer(self.viewer(who), {**given, **more})["uid"])

    def get(self, uid: str, who: str = "coordinator") -> dict[str, Any]:
        return self.contexts.get(self.viewer(who), uid)

    def decide(self, uid: str, decision: str, **more: Any) -> dict[str, Any]:
        return self.contexts.decide(
            self.viewer("coordinator"), uid, decision, reason="Because.", version=self.get(uid)["version"], **more
        )

    def change(self, uid: str, given: dict[str, Any], who: str = "coordinator") -> dict[str, Any]:
        return self.contexts.change(
            self.viewer(who), uid, given, version=self.get(uid, who)["version"], why="Looked again."
        )

    def save(self, uid: str, name: str, content: Any, who: str = "coordinator") -> dict[str, Any]:
        version = self.contexts.part(self.viewer(who), uid, name)["version"]
        return self.contexts.save(self.viewer(who), uid, name, content, version=version, why="As agreed.")

    def assessed(self, **more: Any) -> str:
        uid = self.refer(**more)
        self.decide(uid, "assess", meeting="2026-09-09")
        self.save(uid, "team", TEAM)
        return uid


TEAM = {
    "lead": "satellite",
    "members": [
        {"account": "satellite", "agency": "social_care", "role_in_team": "lead"},
        {"account": "intelligence", "agency": "police", "role_in_team": "police"},
        {"account": "school", "agency": "education", "role_in_team": "school"},
    ],
}
ASSESSMENT = {
    "needs": "A lit place to wait.",
    "guardianship": [{"who": "Driver", "where": "the stop", "could": "wait"}],
    "analysis": "Nobody minds it.",
}
PLAN = {
    "actions": [{"what": "Mend the lamp", "lead": "Highways", "by": "2026-10-05"}],
    "goals": [
        {"what": "Fewer people recorded", "measure": "people_present", "target": "half"},
        {"what": "Leaflets", "effort": True, "target": "200"},
    ],
}  # fmt: skip


@pytest.fixture
def desk(service: Service, bring_in: BringIn) -> Desk:
    bring_in(SUBJECTS, REPORTS, CLAIMS)
    return Desk(service)


def test_the_life_of_a_context(desk: Desk) -> None:
    uid = desk.refer(who="satellite", people=[desk.uid("ana")], citations=["small/c1"])
    row = desk.get(uid)
    assert (row["state"], row["version"], row["label"], row["origin"]["how"]) == (
        "referred",
        1,
        "Arcade bus stop",
        "direct",
    )
    assert row["origin"]["by"] == "Sal Demonstration"
    assert row["origin"]["citations"] == ["small/c1"]
    with pytest.raises(NotFoundError):
        desk.get(uid, "satellite")  # who referred it does not sit in its team
    with pytest.raises(ParameterError, match="decision"):
        desk.decide(uid, "close")
    assert desk.decide(uid, "record_only")["state"] == "record_only"
    assert desk.decide(uid, "assess", meeting="2026-09-09")["state"] == "assessing"
    desk.save(uid, "team", TEAM)
    team = desk.get(uid, "satellite")["team"]
    assert [row["name"] for row in team] == ["Sal Demonstration", "Indra Demonstration", "Scarlet Demonstration"]
    with pytest.raises(ParameterError, match="write both first"):
        desk.decide(uid, "sign_off")
    desk.save(uid, "assessment", ASSESSMENT, "satellite")
    desk.save(uid, "plan", PLAN, "satellite")
    row = desk.decide(uid, "sign_off")
    today = dt.datetime.now(dt.UTC).astimezone(dt.UTC).date()
    assert row["state"] == "planned"
    assert abs((dt.date.fromisoformat(row["review_due"]) - today).days - 84) <= 1
    assert (row["parts"]["plan"]["state"], row["parts"]["assessment"]["state"]) == ("signed_off", "signed_off")
    baseline = row["parts"]["plan"]["content"]["goals"][0]["baseline"]
    assert baseline["measure"] == "people_present"
    assert "sequence" not in baseline
    assert row["parts"]["plan"]["content"]["goals"][1]["baseline"] is None
    desk.save(uid, "review", {"outcome": "agree", "narrative": "Quieter."}, "satellite")
    assert desk.decide(uid, "again")["parts"]["review"]["state"] == "signed_off"
    row = desk.decide(uid, "close")
    assert (row["state"], row["team"], [made["decision"] for made in row["decisions"]]) == (
        "closed",
        [],
        ["record_only", "assess", "sign_off", "again", "close"],
    )
    words = [entry["what"] for entry in desk.contexts.log(desk.viewer("coordinator"), uid)]
    assert words == [
        "decision: close", "decision: again", "review", "decision: sign off", "plan", "assessment", "team", "decision: assess",
        "decision: record only", "referral",
    ]  # fmt: skip
    assert desk.service.keeping.check(desk.service.operator("test"))["problems"] == []
    assert desk.service.audit.verify(desk.viewer("coordinator"))["whole"]


def test_the_team_has_the_context_from_the_next_request_and_loses_it_with_the_closing(desk: Desk) -> None:
    uid = desk.refer()
    desk.decide(uid, "assess")
    for who in ("satellite", "intelligence", "school", "analyst"):
        with pytest.raises(NotFoundError):
            desk.get(uid, who)
        if who != "school":
            assert desk.contexts.list(desk.viewer(who)) == []
    desk.save(uid, "team", TEAM)
    for who in ("satellite", "intelligence", "school"):
        assert desk.get(uid, who)["label"] == "Arcade bus stop"
        assert [row["uid"] for row in desk.contexts.list(desk.viewer(who))] == [uid]
    desk.save(uid, "team", {**TEAM, "members": TEAM["members"][:2]})
    with pytest.raises(NotFoundError):
        desk.get(uid, "school")
    desk.save(uid, "assessment", ASSESSMENT, "satellite")
    desk.decide(uid, "close")
    for who in ("satellite", "intelligence"):
        viewer = desk.viewer(who)
        assert viewer.teams - {"demo-satellite"} == frozenset()
        assert desk.contexts.list(viewer) == []
        for ask in (desk.contexts.get, desk.contexts.log, desk.contexts.notices, desk.contexts.evidence):
            with pytest.raises(NotFoundError):
                ask(viewer, uid)
    closed = desk.get(uid)
    assert closed["parts"]["assessment"]["content"] == {}, "a draft does not outlive the closing"
    assert "decide:assess" in closed["may"]
    with pytest.raises(ParameterError, match="closed"):
        desk.contexts.note(desk.viewer("coordinator"), uid, "One more thing.")


def test_only_the_chairs_hand_decides_and_names_the_team(desk: Desk) -> None:
    uid = desk.assessed()
    satellite = desk.viewer("satellite")
    with pytest.raises(NotPermittedError):
        desk.contexts.decide(satellite, uid, "close", reason="No.", version=desk.get(uid)["version"])
    with pytest.raises(NotPermittedError):
        desk.contexts.save(satellite, uid, "team", TEAM, version=1)
    with pytest.raises(NotPermittedError):
        desk.contexts.refer(desk.viewer("analyst"), {"kind": "place", "label": "X", "reason": "Y"})
    for wrong, rule in (
        ({"lead": "intelligence", "members": []}, "Adolescent"),
        ({"lead": "nobody", "members": []}, "sign in"),
        (
            {"lead": "satellite", "members": [{"account": "school", "agency": "police", "role_in_team": "x"}]},
            "own people",
        ),
    ):
        with pytest.raises(ParameterError, match=rule):
            desk.save(uid, "team", wrong)


def test_of_two_editors_one_is_told_what_changed_and_nothing_is_lost(desk: Desk) -> None:
    uid = desk.assessed()
    read_by_both = desk.contexts.part(desk.viewer("satellite"), uid, "assessment")["version"]
    mine, theirs = {**ASSESSMENT, "physical": "Mine."}, {**ASSESSMENT, "physical": "Theirs."}
    saved = desk.contexts.save(desk.viewer("satellite"), uid, "assessment", mine, version=read_by_both, why="First.")
    with pytest.raises(StaleError) as stale:
        desk.contexts.save(desk.viewer("intelligence"), uid, "assessment", theirs, version=read_by_both, why="Second.")
    assert stale.value.current == saved
    desk.contexts.save(desk.viewer("intelligence"), uid, "assessment", theirs, version=saved["version"], why="Both.")
    history = desk.contexts.history(desk.viewer("satellite"), uid, "assessment")
    assert [(row["version"], row["content"]["physical"], row["by"], row["why"]) for row in history] == [
        (2, "Theirs.", "Indra Demonstration", "Both."),
        (1, "Mine.", "Sal Demonstration", "First."),
    ]
    version = desk.get(uid)["version"]
    desk.change(uid, {"summary": "After ten."}, "satellite")
    with pytest.raises(StaleError) as stale:
        desk.contexts.decide(desk.viewer("coordinator"), uid, "close", reason="Late.", version=version)
    assert stale.value.current is not None
    assert stale.value.current["definition"]["summary"] == "After ten."
    assert desk.get(uid)["state"] == "assessing"


def test_an_earlier_moment_shows_the_earlier_version(desk: Desk) -> None:
    uid = desk.assessed()
    desk.save(uid, "assessment", ASSESSMENT, "satellite")
    before = dt.datetime.now(dt.UTC)
    whole = desk.get(uid, "satellite")
    desk.save(uid, "assessment", {**ASSESSMENT, "needs": "Changed."}, "satellite")
    desk.change(uid, {"label": "Another name", "affected": [{"person": desk.uid("ana"), "why": "Waits here."}]})
    past = Viewer(**{**desk.viewer("satellite").__dict__, "known_at": before})
    then = desk.contexts.get(past, uid)
    assert then.pop("may") == []
    assert whole.pop("may")
    assert then == whole
    assert desk.get(uid, "satellite")["label"] == "Another name"
    with pytest.raises(ParameterError, match="looking back"):
        desk.contexts.note(past, uid, "Then.")
    long_ago = Viewer(**{**desk.viewer("satellite").__dict__, "known_at": before - dt.timedelta(days=30)})
    with pytest.raises(NotFoundError):
        desk.contexts.get(long_ago, uid)


def test_those_affected_are_claims_and_show_on_the_person(desk: Desk) -> None:
    uid = desk.assessed()
    ana = desk.uid("ana")
    row = desk.change(uid, {"affected": [{"person": ana, "why": "Waits here.", "citations": ["small/c1"]}]})
    (affected,) = row["affected"]
    assert (affected["person"]["label"], affected["evidence"]) == ("Ana Exampleby", ["small/c1"])
    graph = desk.service.graphs.of(desk.viewer("satellite"), dt.datetime.now(dt.UTC))
    assert len(graph.of_type("AFFECTED_BY")) == 1
    assert len(graph.of_type("MEMBER_OF")) == 0
    desk.change(uid, {"affected": []})
    graph = desk.service.graphs.of(desk.viewer("satellite"), dt.datetime.now(dt.UTC))
    assert len(graph.of_type("AFFECTED_BY")) == 0
    assert [
        row["content"]["affected"] == [] for row in desk.contexts.history(desk.viewer("satellite"), uid, "definition")
    ] == [True, False, True]


def everything(desk: Desk, uid: str, who: str) -> dict[str, Any]:
    """Give all that a viewer is told of a context."""
    viewer, contexts = desk.viewer(who), desk.contexts
    return {
        "list": contexts.list(viewer), "get": contexts.get(viewer, uid), "log": contexts.log(viewer, uid),
        "notices": contexts.notices(viewer, uid), "evidence": contexts.evidence(viewer, uid), "outcome": contexts.before_and_after(viewer, uid),
        "history": [contexts.history(viewer, uid, name) for name in ("definition", "plan", "weighting")],
    }  # fmt: skip


def plain(desk: Desk, value: Any, names: dict[str, str]) -> Any:
    """Take out moments and put references in place of uids: what may differ between two worlds that are told the same."""
    if isinstance(value, dict):
        moments = (
            "at",
            "referred_at",
            "updated_at",
            "known_from",
            "baseline_from",
            "baseline_to",
            "now_from",
            "now_to",
            "from",
            "to",
            "known_at",
            "last_recorded",
            "id",
            "last_recorded",
        )
        return {key: plain(desk, item, names) for key, item in value.items() if key not in moments}
    if isinstance(value, list):
        return [plain(desk, item, names) for item in value]
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, str) and value.startswith("context:"):
        return "of the context"  # a claim made here is named by random ids
    return names.get(value, value) if isinstance(value, str) else value


def worked_through(desk: Desk, bring_in: BringIn, *, hidden: bool) -> dict[str, Any]:
    """Work a context through by the coordinator, with or without all that touches the hidden adult, and give what the satellite team is told."""
    coordinator = desk.viewer("coordinator")
    people = [desk.uid("ana"), *([desk.uid("rex")] if hidden else [])]
    uid = desk.assessed(people=people, citations=["small/c1", *(["small/c3"] if hidden else [])])
    if hidden:
        desk.change(
            uid, {"vehicles": [desk.uid("car")], "affected": [{"person": desk.uid("rex"), "why": "Drives there."}]}
        )
    ben = {"person": desk.uid("ben"), "why": "Waits here."}
    kept = [
        {"person": row["person"]["uid"], "why": row["why"], "citations": row["evidence"]}
        for row in desk.get(uid)["affected"]
    ]
    desk.change(uid, {"affected": [*kept, ben]})
    if hidden:
        desk.contexts.attach(coordinator, uid, "people.timeline", {"subject": desk.uid("rex")}, why="His days.")
    desk.contexts.attach(coordinator, uid, "contexts.people_present", {"subject": uid}, why="Who is there.")
    desk.save(uid, "assessment", ASSESSMENT, "satellite")
    desk.save(uid, "plan", PLAN, "satellite")
    desk.decide(uid, "sign_off")
    later = [{**OPEN, "report_ref": "r3", "submitted_at": now()}]
    seen = [
        {
            "claim_ref": "c9",
            "report_ref": "r3",
            "from_ref": "new",
            "to_ref": "stop",
            "type": "SEEN_AT",
            "happened_from": "2026-10-31T22:00:00Z",
        }
    ]
    subjects = [{"ref": "new", "kind": "child", "label": "Cara Exampleby"}, *SUBJECTS]
    if hidden:
        later.append({**CLOSED, "report_ref": "r4", "submitted_at": now()})
        seen.append(
            {
                "claim_ref": "c8",
                "report_ref": "r4",
                "from_ref": "rex",
                "to_ref": "stop",
                "type": "SEEN_AT",
                "happened_from": "2026-11-01T22:00:00Z",
            }
        )
    world = (SUBJECTS, REPORTS, CLAIMS) if hidden else without_the_hidden()
    bring_in([subjects[0], *world[0]], [*world[1], *later], [*world[2], *seen])
    graph = desk.service.graphs.of(desk.viewer("satellite"), dt.datetime.now(dt.UTC))
    names = {uid_: subject.ref or subject.kind for subject in graph.subjects for uid_ in subject.members}
    return dict(plain(desk, everything(desk, uid, "satellite"), names))


def without_the_hidden() -> tuple[list[dict[str, str]], list[dict[str, str]], list[dict[str, str]]]:
    return (
        [row for row in SUBJECTS if row["ref"] not in ("rex", "car")],
        REPORTS[:1],
        [row for row in CLAIMS if row["report_ref"] == "r1"],
    )


def test_a_viewer_without_clearance_sees_a_context_that_never_had_the_hidden_adult(
    service: Service, bring_in: BringIn, start_again: Callable[[], None]
) -> None:
    bring_in(SUBJECTS, REPORTS, CLAIMS)
    with_him = worked_through(Desk(service), bring_in, hidden=True)
    start_again()
    bring_in(*without_the_hidden())
    without_him = worked_through(Desk(service), bring_in, hidden=False)
    assert "Hiddenby" not in repr(with_him)
    assert with_him.keys() == without_him.keys()
    for told in with_him:
        assert with_him[told] == without_him[told], told
    assert [row["what"] for row in with_him["notices"]] == ["Cara Exampleby was seen at Arcade stop"]


def test_whoever_is_cleared_sees_the_hidden_adult_in_it(desk: Desk) -> None:
    uid = desk.assessed(people=[desk.uid("ana"), desk.uid("rex")])
    for who, seen in (("coordinator", 2), ("intelligence", 2), ("satellite", 1)):
        assert len(desk.get(uid, who)["definition"]["people"]) == seen
    before = desk.get(uid, "satellite")
    desk.change(uid, {"people": [desk.uid("ben"), desk.uid("ana")]}, "satellite")
    people = [row["label"] for row in desk.get(uid)["definition"]["people"]]
    assert people == ["Ana Exampleby", "Ben Exampleby", "Rex Hiddenby"], "who may not see him cannot take him out"
    assert desk.get(uid, "satellite")["version"] == before["version"] + 1
    seen = desk.get(uid, "satellite")
    desk.change(uid, {"people": [desk.uid("ana"), desk.uid("ben")]})
    assert desk.get(uid, "satellite")["version"] == seen["version"], "taking him out changes nothing for them"
    assert len(desk.get(uid)["definition"]["people"]) == 2


def test_frozen_evidence_is_worked_out_anew_for_each_reader(desk: Desk) -> None:
    uid = desk.assessed()
    coordinator = desk.viewer("coordinator")
    piece = desk.contexts.attach(
        coordinator, uid, "contexts.people_present", {"subject": desk.uid("stop")}, why="Who is there."
    )
    assert len(piece["rows"]) == 3
    assert piece["stored"] == piece["rows"]
    assert piece["sequence"] is None
    (for_team,) = desk.contexts.evidence(desk.viewer("satellite"), uid)
    assert ({row["person"]["label"] for row in for_team["rows"]}, for_team["stored"]) == (
        {"Ana Exampleby", "Ben Exampleby"},
        None,
    )
    (for_intelligence,) = desk.contexts.evidence(desk.viewer("intelligence"), uid)
    assert (for_intelligence["rows"], for_intelligence["stored"]) == (piece["rows"], None), (
        "they do not hold all that the coordinator does"
    )
    desk.contexts.attach(
        desk.viewer("satellite"), uid, "contexts.people_present", {"subject": desk.uid("stop")}, why="Again."
    )
    (first, second) = desk.contexts.evidence(coordinator, uid)
    assert (first["stored"], second["stored"]) == (piece["rows"], None)
    assert len(desk.contexts.evidence(desk.viewer("satellite"), uid)[1]["stored"]) == 2
    with pytest.raises(NotFoundError):
        desk.contexts.attach(desk.viewer("satellite"), uid, "people.profile", {"subject": desk.uid("rex")}, why="Him.")


def test_notices_are_new_until_each_has_read_them(desk: Desk, bring_in: BringIn) -> None:
    uid = desk.assessed(citations=["small/c1"])
    assert desk.contexts.notices(desk.viewer("satellite"), uid) == []
    more = [{**OPEN, "report_ref": "r5", "submitted_at": now()}]
    claim = {
        "claim_ref": "c7",
        "report_ref": "r5",
        "from_ref": "ben",
        "to_ref": "stop",
        "type": "SEEN_AT",
        "happened_from": "2026-11-04T10:00:00Z",
    }
    bring_in(SUBJECTS, [*REPORTS, *more], [*CLAIMS, claim])
    (notice,) = desk.contexts.notices(desk.viewer("satellite"), uid)
    assert (notice["what"], notice["touches"]["label"], notice["evidence"], notice["new"]) == (
        "Ben Exampleby was seen at Arcade stop",
        "Arcade stop",
        ["small/c7"],
        True,
    )
    assert desk.contexts.list(desk.viewer("satellite"))[0]["new_notices"] == 1
    desk.contexts.seen(desk.viewer("satellite"), uid)
    (notice,) = desk.contexts.notices(desk.viewer("satellite"), uid)
    assert notice["new"] is False
    assert desk.contexts.list(desk.viewer("satellite"))[0]["new_notices"] == 0
    assert desk.contexts.list(desk.viewer("coordinator"))[0]["new_notices"] == 1


def test_a_plan_is_compared_before_and_after(desk: Desk) -> None:
    uid = desk.assessed(people=[desk.uid("ana")])
    desk.save(uid, "assessment", ASSESSMENT, "satellite")
    unsigned = desk.save(uid, "plan", PLAN, "satellite")
    assert unsigned["state"] == "draft"
    assert desk.contexts.before_and_after(desk.viewer("satellite"), uid)["goals"][0]["before"] is None
    desk.decide(uid, "sign_off")
    told = desk.contexts.before_and_after(desk.viewer("satellite"), uid)
    measured, effort = told["goals"]
    # Both children were seen on 29 September, within the twelve weeks before; nobody has been since.
    assert (measured["before"]["count"], measured["after"]["count"]) == (2, 0)
    assert measured["before"]["evidence"] == ["small/c1", "small/c2"]
    assert measured["sentence"].endswith("a difference that could be chance.")
    assert (effort["effort"], effort["before"], effort["ratio"]) == (True, None, None)
    assert desk.contexts.before_and_after(desk.viewer("coordinator"), uid)["goals"][0]["before"]["count"] == 3
    school = desk.contexts.before_and_after(desk.viewer("school"), uid)["goals"][0]
    assert (school["before"]["count"], school["ratio"], school["sentence"]) == (
        None,
        None,
        "Too few to be shown to your role.",
    )
    progressed = {**PLAN, "actions": [{**PLAN["actions"][0], "state": "done"}]}
    assert desk.save(uid, "plan", progressed, "satellite")["state"] == "signed_off"
    replanned = {**PLAN, "goals": [*PLAN["goals"], {"what": "Fewer incidents", "measure": "incidents_at_places"}]}
    saved = desk.save(uid, "plan", replanned, "satellite")
    assert saved["state"] == "draft"
    assert [goal["baseline"] is None for goal in saved["content"]["goals"]] == [False, True, True]


def test_presence_and_profile_follow_the_definition_as_far_as_each_may_see(desk: Desk) -> None:
    uid = desk.assessed(people=[desk.uid("rex")], vehicles=[desk.uid("car")])

    def present(who: str) -> set[str]:
        rows = desk.service.questions.ask(desk.viewer(who), "contexts.people_present", {"subject": uid})["rows"]
        return {row["person"]["label"] for row in rows}

    def cases(who: str, ref: str) -> list[tuple[str, list[str]]]:
        (row,) = desk.service.questions.ask(desk.viewer(who), "people.profile", {"subject": desk.uid(ref)})["rows"]
        return [
            (found["context"]["label"], found["because"])
            for found in row["contexts"]
            if found["context"]["kind"] == "context"
        ]

    assert present("satellite") == {"Ana Exampleby", "Ben Exampleby"}
    assert present("coordinator") == {"Ana Exampleby", "Ben Exampleby", "Rex Hiddenby"}
    assert cases("satellite", "ana") == [("Arcade bus stop", ["present"])]
    assert cases("coordinator", "rex") == [("Arcade bus stop", ["named", "present"])]
    assert cases("analyst", "ana") == [], "who does not sit in the team is not told of the case"
    desk.change(uid, {"places": [], "affected": [{"person": desk.uid("ben"), "why": "Waits here."}]})
    assert present("satellite") == {"Ben Exampleby"}
    assert cases("satellite", "ben") == [("Arcade bus stop", ["affected"])]
    assert cases("satellite", "ana") == []
