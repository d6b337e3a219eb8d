"""How far apart in age two people are who are told together with a harm, on a real store: a fact, and only of what the viewer may see."""

from test_contexts import CLOSED, OPEN, BringIn, Desk

from graph_service.bootstrap import Service

SUBJECTS = [
    {"ref": "ana", "kind": "child", "label": "Ana Exampleby", "date_of_birth": "2011-05-02"},
    {"ref": "ben", "kind": "child", "label": "Ben Exampleby"},
    {"ref": "rex", "kind": "adult", "label": "Rex Exampleby", "date_of_birth": "1997-05-01"},
    {"ref": "stop", "kind": "location", "label": "Arcade stop"},
]
REPORTS = [
    {**OPEN, "report_ref": "r1", "submitted_at": "2026-10-01T10:00:00Z"},
    {**CLOSED, "report_ref": "r2", "submitted_at": "2026-09-02T10:00:00Z"},
    {**OPEN, "report_ref": "r3", "info_eval": "E", "submitted_at": "2026-09-02T10:00:00Z"},
]
EXPLOITS = {"type": "SUSPECTED_OF_EXPLOITING", "from_ref": "rex"}
CLAIMS = [
    {**EXPLOITS, "claim_ref": "c1", "report_ref": "r1", "to_ref": "ana"},
    {**EXPLOITS, "claim_ref": "c2", "report_ref": "r2", "to_ref": "ben"},
    {**EXPLOITS, "claim_ref": "c3", "report_ref": "r3", "to_ref": "ben"},
    {"claim_ref": "c4", "report_ref": "r1", "from_ref": "ana", "to_ref": "ben", "type": "KNOWS"},
]


def test_ages_are_told_beside_a_harm_and_nowhere_else(service: Service, bring_in: BringIn) -> None:
    bring_in(SUBJECTS, REPORTS, CLAIMS)
    desk = Desk(service)
    uid = desk.assessed(people=[desk.uid("ana"), desk.uid("ben")])

    def told(who: str) -> list[tuple[str, int | None, int | None]]:
        return [
            (row["child"]["label"], row["older_by_years"], row["reports"]) for row in desk.get(uid, who)["concerns"]
        ]

    assert told("coordinator") == [("Ana Exampleby", 14, 1), ("Ben Exampleby", None, 1)]
    assert told("satellite") == [("Ana Exampleby", 14, 1)], "what is suspected false, or hidden, is no concern"
    ((label, years, reports),) = told("school")
    assert (label.startswith("Child "), years, reports) == (True, None, None), (
        "no name, no age and no small count for a school"
    )

    assert [row["evidence"] for row in desk.get(uid, "school")["concerns"]] == [[]], "its claims would be the count"

    def peers(who: str) -> dict[frozenset[str], object]:
        rows = service.questions.ask(desk.viewer(who), "peers.network", {"subject": desk.uid("ana")})["rows"]
        return {frozenset((row["a"]["uid"], row["b"]["uid"])): row.get("b_older_by_years", "no harm") for row in rows}

    harmed, friends = (frozenset(map(desk.uid, pair)) for pair in (("ana", "rex"), ("ana", "ben")))
    assert peers("satellite") == {harmed: 14, friends: "no harm"}
    assert peers("analyst") == {harmed: None, friends: "no harm"}, "an age would tell who is under a pseudonym"

    asked = {"a": desk.uid("ana"), "b": desk.uid("rex")}
    for given, years in ((asked, 14), ({"a": asked["b"], "b": asked["a"]}, -14)):
        (route, *_) = service.questions.ask(desk.viewer("satellite"), "links.between", given)["rows"]
        assert [hop["b_older_by_years"] for hop in route["hops"]] == [years]
