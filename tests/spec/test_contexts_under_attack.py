"""Somebody tries to break the promises of the contextual database: rights that outlive their reason, work that is lost, plans that nobody signed."""

import datetime as dt
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from test_contexts import ASSESSMENT, CLAIMS, OPEN, PLAN, REPORTS, SUBJECTS, TEAM, BringIn, Desk, now

from graph_service.bootstrap import Service
from graph_service.errors import ConflictError, NotFoundError, NotPermittedError, StoreFaultError
from graph_service.records.errors import AccountError
from graph_service.services.contexts import team
from graph_service.store.work import WorkStore
from queries.errors import ParameterError


@pytest.fixture
def desk(service: Service, bring_in: BringIn) -> Desk:
    bring_in(SUBJECTS, REPORTS, CLAIMS)
    return Desk(service)


def with_account(desk: Desk, account: str, agency: str, role: str, *grants: str) -> None:
    """Make another account, beside the personas."""
    accounts = desk.service.records.accounts
    accounts.create(
        account, name=f"{account.title()} Invented", agency=agency, role=role, purpose="own-pupils", granted_by="test"
    )
    for grant in grants:
        accounts.grant(account, grant, granted_by="test")


def in_team(*more: dict[str, str]) -> dict[str, Any]:
    return {**TEAM, "members": [*TEAM["members"], *more]}


def test_one_school_does_not_read_what_another_froze_of_its_own_pupil(desk: Desk, bring_in: BringIn) -> None:
    at_school = {"claim_ref": "c0", "report_ref": "r1", "from_ref": "ana", "to_ref": "school", "type": "ATTENDS"}
    place = {"ref": "school", "kind": "location", "subkind": "school", "label": "Invented Academy"}
    bring_in([*SUBJECTS, place], REPORTS, [*CLAIMS, at_school])
    graph = desk.service.graphs.of(desk.viewer("coordinator"), dt.datetime.now(dt.UTC))
    key = graph.subjects[graph.by_ref["small/school"]].key
    with_account(desk, "first.school", "education", "school", f"school:{key}")
    with_account(desk, "second.school", "education", "school", "school:another")
    uid = desk.assessed()
    desk.save(
        uid,
        "team",
        in_team(
            *({"account": f"{n}.school", "agency": "education", "role_in_team": "school"} for n in ("first", "second"))
        ),
    )
    piece = desk.contexts.attach(
        desk.viewer("first.school"), uid, "people.profile", {"subject": desk.uid("ana")}, why="Our pupil."
    )
    assert "Ana Exampleby" in repr(piece["stored"])
    for other in ("second.school", "school"):
        assert "Ana Exampleby" not in repr(desk.contexts.evidence(desk.viewer(other), uid)), other


def test_stored_rows_are_closed_to_whom_their_source_has_been_closed(desk: Desk, bring_in: BringIn) -> None:
    uid = desk.assessed()
    satellite = desk.viewer("satellite")
    desk.contexts.attach(satellite, uid, "contexts.people_present", {"subject": desk.uid("stop")}, why="Who is there.")
    (piece,) = desk.contexts.evidence(satellite, uid)
    assert "Ben Exampleby" in repr(piece["stored"])
    closed = {**REPORTS[0], "handling": "C"}
    other = {**OPEN, "report_ref": "r9", "submitted_at": "2026-10-01T10:00:00Z"}
    keeps = {
        "claim_ref": "c8",
        "report_ref": "r9",
        "from_ref": "ana",
        "to_ref": "stop",
        "type": "SEEN_AT",
        "happened_from": "2026-09-29T21:00:00Z",
    }
    bring_in(SUBJECTS, [closed, REPORTS[1], other], [*CLAIMS, keeps])
    (piece,) = desk.contexts.evidence(desk.viewer("satellite"), uid)
    assert "Ben Exampleby" not in repr(piece)


def test_evidence_about_somebody_whose_every_report_was_closed_is_not_there(desk: Desk, bring_in: BringIn) -> None:
    uid = desk.assessed()
    ben = desk.uid("ben")
    desk.contexts.attach(desk.viewer("satellite"), uid, "people.timeline", {"subject": ben}, why="Ben's days.")
    bring_in(SUBJECTS, [{**REPORTS[0], "handling": "C"}, REPORTS[1]], CLAIMS)
    assert desk.contexts.evidence(desk.viewer("satellite"), uid) == []
    assert len(desk.contexts.evidence(desk.viewer("intelligence"), uid)) == 1


def test_who_is_affected_is_closed_to_whom_every_report_of_them_has_been_closed(desk: Desk, bring_in: BringIn) -> None:
    uid = desk.assessed()
    desk.change(uid, {"affected": [{"person": desk.uid("ben"), "why": "Waits here.", "citations": ["small/c2"]}]})
    graph = desk.service.graphs.of(desk.viewer("satellite"), dt.datetime.now(dt.UTC))
    assert len(graph.of_type("AFFECTED_BY")) == 1
    bring_in(SUBJECTS, [{**REPORTS[0], "handling": "C"}, REPORTS[1]], CLAIMS)
    assert desk.get(uid, "satellite")["affected"] == []
    assert "Ben Exampleby" not in repr(desk.contexts.history(desk.viewer("satellite"), uid, "definition"))
    graph = desk.service.graphs.of(desk.viewer("satellite"), dt.datetime.now(dt.UTC))
    assert len(graph.of_type("AFFECTED_BY")) == 0
    assert [row["why"] for row in desk.get(uid, "intelligence")["affected"]] == ["Waits here."]
    bring_in(SUBJECTS, REPORTS, CLAIMS)
    assert [row["why"] for row in desk.get(uid, "satellite")["affected"]] == ["Waits here."]
    assert desk.service.keeping.check(desk.service.operator("test"))["problems"] == []


def test_evidence_that_is_attached_may_stand_beside_a_rank(desk: Desk) -> None:
    uid = desk.assessed()
    desk.change(uid, {"people": [desk.uid("ana"), desk.uid("rex")]})
    coordinator = desk.viewer("coordinator")
    seen_by_all = desk.contexts.attach(coordinator, uid, "contexts.people_present", {"subject": uid}, why="Who.")["id"]
    hidden = desk.contexts.attach(coordinator, uid, "people.timeline", {"subject": desk.uid("rex")}, why="His days.")[
        "id"
    ]
    ranked = {"what": "The stop", "rank": 1, "reason": "Dark."}
    saved = desk.save(uid, "weighting", [{**ranked, "evidence": [seen_by_all, "small/c1"]}], "satellite")
    assert saved["content"][0]["evidence"] == [seen_by_all, "small/c1"]
    for who, named, rule in (
        ("coordinator", hidden, "conditions"), ("satellite", hidden, "choose"), ("satellite", "nothing", "choose"),
    ):  # fmt: skip
        with pytest.raises(ParameterError, match=rule):
            desk.save(uid, "weighting", [{**ranked, "evidence": [named]}], who)


def test_only_what_was_shown_is_read(desk: Desk, bring_in: BringIn) -> None:
    uid = desk.assessed()
    satellite = desk.viewer("satellite")
    later = {**OPEN, "report_ref": "r5", "submitted_at": now()}
    claim = {"claim_ref": "c7", "report_ref": "r5", "from_ref": "ben", "to_ref": "stop", "type": "FREQUENTS"}
    bring_in(SUBJECTS, [*REPORTS, later], [*CLAIMS, claim])
    (shown,) = desk.contexts.notices(satellite, uid)
    more = {**later, "report_ref": "r6", "submitted_at": now()}
    bring_in(
        SUBJECTS,
        [*REPORTS, later, more],
        [*CLAIMS, claim, {**claim, "claim_ref": "c8", "report_ref": "r6", "from_ref": "ana"}],
    )
    desk.contexts.seen(satellite, uid, up_to=shown["known_from"])
    assert [row["new"] for row in desk.contexts.notices(satellite, uid)] == [True, False]


def test_whoever_refers_and_does_not_see_it_still_has_the_affected_in_the_graph(desk: Desk) -> None:
    affected = [{"person": desk.uid("ana"), "why": "Waits here.", "citations": ["small/c1"]}]
    desk.refer(who="satellite", affected=affected)
    graph = desk.service.graphs.of(desk.viewer("coordinator"), dt.datetime.now(dt.UTC))
    assert len(graph.of_type("AFFECTED_BY")) == 1


def test_a_team_saved_while_the_context_closes_opens_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    uid = desk.assessed()
    opened, first = team.open_to, [True]

    def overtaken(*args: Any) -> None:
        if first.pop() if first else False:
            desk.decide(uid, "close")
        opened(*args)

    monkeypatch.setattr(team, "open_to", overtaken)
    desk.save(uid, "team", TEAM)
    assert desk.get(uid)["state"] == "closed"
    assert desk.service.records.accounts.holders(team.token(uid)) == frozenset()


def test_of_two_teams_saved_at_once_the_later_one_holds(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    uid = desk.assessed()
    opened, first = team.open_to, [True]
    alone = {**TEAM, "members": TEAM["members"][:1]}

    def overtaken(*args: Any) -> None:
        if first.pop() if first else False:
            desk.save(uid, "team", alone)
        opened(*args)

    monkeypatch.setattr(team, "open_to", overtaken)
    desk.save(uid, "team", TEAM)
    assert desk.service.records.accounts.holders(team.token(uid)) == {"satellite"}


def test_a_plan_of_the_last_time_is_not_signed_off_again_by_saving_it(desk: Desk) -> None:
    uid = desk.assessed()
    desk.save(uid, "assessment", ASSESSMENT)
    desk.save(uid, "plan", PLAN)
    first = desk.decide(uid, "sign_off")["parts"]["plan"]["content"]["goals"][0]["baseline"]
    desk.decide(uid, "close")
    desk.decide(uid, "assess")
    assert desk.save(uid, "plan", PLAN)["state"] == "draft", "MET has not signed it off this time"
    second = desk.decide(uid, "sign_off")["parts"]["plan"]["content"]["goals"][0]["baseline"]
    assert second["to"] > first["to"], "what stood before is what stood before this plan"


def test_signing_off_anew_an_unchanged_plan_freezes_what_stands_now(desk: Desk) -> None:
    uid = desk.assessed()
    desk.save(uid, "assessment", ASSESSMENT)
    desk.save(uid, "plan", PLAN)
    first = desk.decide(uid, "sign_off")["parts"]["plan"]["content"]["goals"][0]["baseline"]
    desk.decide(uid, "close")
    desk.decide(uid, "assess")
    second = desk.decide(uid, "sign_off")["parts"]["plan"]["content"]["goals"][0]["baseline"]
    assert second["to"] > first["to"]


def test_an_analyst_who_works_under_pseudonyms_is_in_no_team(desk: Desk) -> None:
    uid = desk.assessed()
    with pytest.raises(ParameterError, match="pseudonyms"):
        desk.save(uid, "team", in_team({"account": "analyst", "agency": "partnership", "role_in_team": "analyst"}))
    assert "analyst" not in {row["account"] for row in desk.contexts.colleagues(desk.viewer("coordinator"))}
    with pytest.raises(AccountError, match="pseudonyms"):
        desk.service.records.accounts.grant("analyst", team.token(uid), granted_by="test")


def killed(*_args: Any, **_more: Any) -> None:
    raise KeyboardInterrupt


def test_killed_while_a_context_closes_its_team_has_it_no_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    uid = desk.assessed()
    assert desk.get(uid, "satellite")["label"] == "Arcade bus stop"
    with monkeypatch.context() as patched:
        patched.setattr(team, "open_to", killed)
        with pytest.raises(KeyboardInterrupt):
            desk.decide(uid, "close")
    accounts, satellite = desk.service.records.accounts, desk.viewer("satellite")
    assert f"team:{uid}" in satellite.held, "it was killed before the holdings were ended"
    for ask in (desk.contexts.get, desk.contexts.log, desk.contexts.evidence):
        with pytest.raises(NotFoundError):
            ask(satellite, uid)
    assert desk.contexts.list(satellite) == []
    assert "Arcade bus stop" not in repr(desk.service.find(satellite, "Arcade bus stop"))
    with pytest.raises(NotPermittedError):
        desk.contexts.list(desk.viewer("school"))
    desk.contexts.recover()
    assert accounts.holders(team.token(uid)) == frozenset()


def test_killed_while_a_team_is_named_it_is_opened_at_the_next_start(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid, accounts = desk.assessed(), desk.service.records.accounts
    fewer = {**TEAM, "members": [*TEAM["members"][:1], {**TEAM["members"][2]}]}
    desk.save(uid, "team", {**TEAM, "members": TEAM["members"][:2]})
    with monkeypatch.context() as patched:
        patched.setattr(team, "open_to", killed)
        with pytest.raises(KeyboardInterrupt):
            desk.save(uid, "team", fewer)
    with pytest.raises(NotFoundError):
        desk.get(uid, "intelligence")  # named no more
    desk.contexts.recover()
    assert accounts.holders(team.token(uid)) == {"satellite", "school"}
    assert desk.get(uid, "school")["label"] == "Arcade bus stop"
    # What an operator has withdrawn since is not given again, whatever MET decides after it.
    accounts.withdraw("school", team.token(uid), ended_by="operator")
    desk.save(uid, "assessment", ASSESSMENT)
    desk.save(uid, "plan", PLAN)
    desk.decide(uid, "sign_off")
    desk.contexts.recover()
    assert accounts.holders(team.token(uid)) == {"satellite"}


def test_who_sits_in_which_team_is_read_of_what_was_written_since(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, start_again: Callable[[], None]
) -> None:
    work, graphs = desk.service.contexts._desk.work, desk.service.graphs
    kept, uids = team.Standings(work), [desk.refer(), desk.refer()]

    def read() -> dict[str, frozenset[str]]:
        found = dict(kept(graphs.every_sight()))
        assert found == dict(team.Standings(work)(graphs.every_sight())), "as if all of it were read"
        return found

    assert read() == {}
    for uid in uids:
        desk.decide(uid, "assess")
        desk.save(uid, "team", TEAM)
        read()
    desk.save(uids[1], "team", {**TEAM, "members": TEAM["members"][:1]})
    members = {row["account"] for row in TEAM["members"]}
    assert read() == {uids[0]: members, uids[1]: {"satellite"}}
    desk.decide(uids[0], "close")
    assert read() == {uids[0]: frozenset(), uids[1]: {"satellite"}}
    desk.contexts.note(desk.viewer("coordinator"), uids[1], "Rang the school.")
    with monkeypatch.context() as patched:
        patched.setattr(work, "rows", lambda **_: pytest.fail("a note changes no team, so none is read"))
        kept(graphs.every_sight())
    start_again()
    assert read() == {}, "a store that was restored has the teams that are in it"


def test_a_graph_is_kept_while_no_row_of_it_is_written(desk: Desk) -> None:
    uid, coordinator = desk.assessed(), desk.viewer("coordinator")

    def graph() -> Any:
        return desk.service.graphs.of(desk.viewer("coordinator"), dt.datetime.now(dt.UTC)).worked_out

    before = graph()
    desk.contexts.note(coordinator, uid, "Rang the school.")
    desk.save(uid, "plan", PLAN)
    assert graph() is before
    desk.change(uid, {"affected": [{"person": desk.uid("ana"), "why": "Waits here.", "citations": ["small/c1"]}]})
    assert graph() is not before


def test_a_referral_is_kept_whole_or_not_at_all(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = [row["n"] for row in desk.service.store.read("MATCH (n) RETURN count(n) AS n", {})]
    affected = [{"person": desk.uid("ana"), "why": "Waits here.", "citations": ["small/c1"]}]
    with monkeypatch.context() as patched:
        patched.setattr("graph_service.store.work.all_there", lambda *_: False)  # after all of it was written
        with pytest.raises(StoreFaultError):
            desk.refer(affected=affected)
    after = [row["n"] for row in desk.service.store.read("MATCH (n) RETURN count(n) AS n", {})]
    assert after == counted
    uid = desk.refer(affected=affected)
    assert desk.get(uid)["affected"][0]["why"] == "Waits here."
    assert desk.service.keeping.check(desk.service.operator("test"))["problems"] == []


KEYED = {"kind": "transport", "label": "Arcade bus stop", "reason": "Two children named it."}


def test_killed_after_it_was_kept_the_same_key_does_nothing_twice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    coordinator, contexts = desk.viewer("coordinator"), desk.contexts
    uid = desk.assessed()
    version = desk.get(uid)["version"]
    asked = {"subject": desk.uid("ana")}
    acts: dict[str, Callable[[str], dict[str, Any]]] = {
        "refer": lambda command: contexts.refer(coordinator, KEYED, command=command),
        "note": lambda command: contexts.note(coordinator, uid, "Rang the school.", command=command),
        "attach": lambda command: contexts.attach(
            coordinator, uid, "people.timeline", asked, why="W.", command=command
        ),
        "decide": lambda command: contexts.decide(
            coordinator, uid, "close", reason="Done.", version=version, command=command
        ),
    }

    def sent(what: str, request: str = "{}") -> dict[str, Any]:
        return json.loads(  # type: ignore[no-any-return]
            desk.service.repeats.done_once(coordinator, "k" + what, what, request, lambda c: json.dumps(acts[what](c)))
        )

    for what in acts:
        with monkeypatch.context() as patched:
            patched.setattr("graph_service.services.contexts.desk.Desk.changed", killed)
            with pytest.raises(KeyboardInterrupt):
                sent(what)
        assert sent(what) == sent(what)
        with pytest.raises(ConflictError, match="another request"):
            sent(what, "another")
    entries = [row["what"] for row in contexts.log(coordinator, uid)]
    assert [entries.count(word) for word in ("note", "evidence", "decision: close")] == [1, 1, 1]
    assert len(contexts.list(coordinator)) == 2


def test_what_was_done_is_told_again_as_far_as_it_may_be_seen_now(desk: Desk, bring_in: BringIn) -> None:
    uid = desk.assessed()

    def attached(who: str) -> str:
        viewer, asked = desk.viewer(who), {"subject": ben}
        return desk.service.repeats.done_once(
            viewer, "k", "attach", "{}",
            lambda c: repr(desk.contexts.attach(viewer, uid, "people.timeline", asked, why="Days.", command=c)),
        )  # fmt: skip

    ben = desk.uid("ben")
    assert "Ben Exampleby" in attached("satellite")
    bring_in(SUBJECTS, [{**REPORTS[0], "handling": "C"}, REPORTS[1]], CLAIMS)
    with pytest.raises(NotFoundError):
        attached("satellite")
    viewer = desk.viewer("satellite")
    receipts = [desk.contexts.refer(viewer, KEYED, command="key:a/b") for _ in range(2)]
    assert receipts[0] == receipts[1]
    assert receipts[0]["open"] is False
    assert len(desk.contexts.list(desk.viewer("coordinator"))) == 2


# ---- a report that was closed later, and one that was closed from the start


OF_BEN = [{**OPEN, "report_ref": "r3", "submitted_at": "2026-10-02T10:00:00Z"}]
CLAIM_OF_BEN = {
    "claim_ref": "c2", "report_ref": "r3", "from_ref": "ben", "to_ref": "stop", "type": "SEEN_AT", "happened_from": "2026-09-29T22:00:00Z",
}  # fmt: skip
BENS = [CLAIMS[0], CLAIM_OF_BEN, *CLAIMS[2:]]


def closed(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{**row, "handling": "C"} for row in rows]


def work_of(desk: Desk) -> str:
    """Write about the stop, Ana and Ben all that a context can hold; gives its uid."""
    people = [desk.uid("ana"), desk.uid("ben")]
    uid = desk.refer(people=people, citations=["small/c1", "small/c2"])
    desk.decide(uid, "assess")
    desk.save(uid, "team", TEAM)
    desk.change(
        uid,
        {
            "affected": [
                {"person": people[0], "why": "Waits here.", "citations": ["small/c1"]},
                {"person": people[1], "why": "Waits too.", "citations": ["small/c2"]},
            ]
        },
    )
    coordinator = desk.viewer("coordinator")
    for name, parameters in (
        ("people.timeline", {"subject": people[1]}),
        ("contexts.people_present", {"subject": desk.uid("stop")}),
    ):
        desk.contexts.attach(coordinator, uid, name, parameters, why="As asked.")
    return uid


def told(desk: Desk, uid: str, who: str) -> str:
    """Give all that a viewer is told of a context, with names in place of uids and without moments and versions."""
    viewer, contexts = desk.viewer(who), desk.contexts
    whole = contexts.get(viewer, uid)
    graph = desk.service.graphs.of(viewer, dt.datetime.now(dt.UTC))
    parts = {
        "summary": contexts.list(viewer), "whole": whole, "log": contexts.log(viewer, uid), "notices": contexts.notices(viewer, uid),
        "evidence": contexts.evidence(viewer, uid), "history": contexts.history(viewer, uid, "definition"),
        "find": desk.service.find(viewer, "Arcade"), "affected": len(graph.of_type("AFFECTED_BY")),
        "proposals": desk.service.proposals.list(viewer) if who != "school" else [],
    }  # fmt: skip
    names = {member: subject.ref or subject.label for subject in graph.subjects for member in subject.members}
    text = json.dumps(parts, default=str, sort_keys=True)
    for member, name in names.items():
        text = text.replace(member, name)
    reports = dict(zip(graph.reports.uid.tolist(), graph.reports.key.tolist(), strict=True))
    for report, name in reports.items():
        text = text.replace(report, name)
    text = re.sub(r'"id": "[0-9a-f]{16}"', "", text)
    return re.sub(r"20\d\d-\d\d-\d\dT[0-9:.]+Z", "then", text)


def test_what_was_closed_later_is_told_as_if_it_had_been_closed_from_the_start(
    service: Service, bring_in: BringIn, start_again: Callable[[], None]
) -> None:
    bring_in(SUBJECTS, [*REPORTS, *OF_BEN], BENS)
    desk = Desk(service)
    uid = work_of(desk)
    assert "ben" in told(desk, uid, "satellite")
    bring_in(SUBJECTS, [*REPORTS, *closed(OF_BEN)], BENS)
    later = {who: told(desk, uid, who).replace(uid, "U") for who in ("satellite", "school")}
    # Of stored rows, none that names Ben is open to whoever may not see him, and the check of the store finds nothing amiss.
    work = WorkStore(service.store)
    opened = desk.service.graphs.sights(desk.viewer("satellite"))
    stored = work.rows(sights=sorted(opened), kinds=["affected", "evidence", "evidence_rows"], with_history=True)
    ben = desk.uid("ben", "intelligence")
    assert [row.thing for row in stored if ben in json.dumps(row.content)] == []
    assert ben in json.dumps(
        [row.content for row in work.rows(sights=service.graphs.every_sight(), kinds=["affected"])]
    )
    assert service.keeping.check(service.operator("test"))["problems"] == []
    # What the team writes of others goes on, and behind nothing that it cannot see.
    desk.change(uid, {"people": []}, "satellite")
    assert desk.get(uid, "intelligence")["definition"]["people"][0]["label"] == "Ben Exampleby"
    start_again()
    bring_in(SUBJECTS, [*REPORTS, *closed(OF_BEN)], BENS)
    desk = Desk(service)
    uid = work_of(desk)
    for who, seen in later.items():
        assert seen == told(desk, uid, who).replace(uid, "U"), who


def test_what_was_closed_and_then_withdrawn_is_not_opened_by_it(desk: Desk, bring_in: BringIn) -> None:
    """Of somebody affected of whom all else was withdrawn, what was written of it stays; but only for whom it was open at the end."""
    bring_in(SUBJECTS, [*REPORTS, *OF_BEN], BENS)
    uid = desk.assessed(affected=[{"person": desk.uid("ben"), "why": "Ben waits here.", "citations": ["small/c2"]}])
    told_to = {who: [row["why"] for row in desk.get(uid, who)["affected"]] for who in ("coordinator", "satellite")}
    assert told_to == {"coordinator": ["Ben waits here."], "satellite": ["Ben waits here."]}
    ben = desk.uid("ben")
    bring_in(SUBJECTS, [*REPORTS, *closed(OF_BEN)], BENS)
    without = (
        [row for row in SUBJECTS if row["ref"] != "ben"],
        REPORTS,
        [row for row in BENS if "ben" not in row.values()],
    )
    for _ in range(2):
        seen = desk.get(uid, "satellite"), desk.contexts.log(desk.viewer("satellite"), uid)
        assert "Ben waits here." not in repr(seen)
        assert ben not in repr(seen)
        assert [row["why"] for row in desk.get(uid)["affected"]] == ["Ben waits here."]
        bring_in(*without)


def test_an_import_killed_before_rights_are_followed_is_made_whole_by_the_next_start(
    desk: Desk, bring_in: BringIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = desk.assessed()
    ben = desk.uid("ben")
    desk.change(uid, {"affected": [{"person": ben, "why": "Waits here.", "citations": ["small/c2"]}]})
    with monkeypatch.context() as patched:
        patched.setattr(desk.service.imports, "afterwards", [killed])
        with pytest.raises(KeyboardInterrupt):
            bring_in(SUBJECTS, closed(REPORTS), CLAIMS)
    satellite = desk.viewer("satellite")
    assert desk.get(uid, "satellite")["affected"] == [], "what is read is held against what may be seen now"

    def stored() -> list[str]:
        opened = sorted(desk.service.graphs.sights(satellite))
        return [row.content["person"] for row in WorkStore(desk.service.store).rows(sights=opened, kinds=["affected"])]

    assert stored() == [ben]
    desk.contexts.follow_rights()
    assert stored() == []
    desk.contexts.follow_rights()
    bring_in(SUBJECTS, REPORTS, CLAIMS)
    assert stored() == [ben]


def test_evidence_beside_a_rank_is_told_as_far_as_it_may_be_seen(desk: Desk, bring_in: BringIn) -> None:
    uid = desk.assessed()
    bring_in(SUBJECTS, [*REPORTS, *OF_BEN], BENS)
    ranked = [{"what": "The stop", "rank": 1, "reason": "Dark.", "evidence": ["small/c1", "small/c2"]}]
    desk.save(uid, "weighting", ranked)
    bring_in(SUBJECTS, [*REPORTS, *closed(OF_BEN)], BENS)
    satellite = desk.viewer("satellite")
    for seen in (
        desk.get(uid, "satellite")["parts"]["weighting"],
        desk.contexts.part(satellite, uid, "weighting"),
        *desk.contexts.history(satellite, uid, "weighting"),
        desk.save(uid, "weighting", [{**ranked[0], "evidence": ["small/c1"], "reason": "Darker."}], "satellite"),
    ):
        assert seen["content"][0]["evidence"] == ["small/c1"]
    # What they could not see stays beside the same words.
    assert desk.get(uid, "intelligence")["parts"]["weighting"]["content"][0]["evidence"] == ["small/c1", "small/c2"]
