"""The life of a context as rules, and what may be sent of one."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from graphs import HALF_HOUR, START, World, claim, during, projection_of, report, subject

from graph_service.pathway import packs
from graph_service.pathway.errors import PathwayDataError
from graph_service.services.contexts import given
from graph_service.services.contexts.life_cycle import DECISIONS, MAY_FOLLOW, STATES, review_after, standing
from queries.analysis.context_measures import MEASURES, Scope
from queries.errors import ParameterError
from queries.projection import visible_graph

MARCH = dt.datetime(2026, 3, 4, 11, 30, tzinfo=dt.UTC)


def made(*decisions: tuple[str, int]) -> list[dict[str, str]]:
    """Give decisions, each so many weeks after the first of March."""
    return [{"decision": word, "at": (MARCH + dt.timedelta(weeks=weeks)).isoformat()} for word, weeks in decisions]


@pytest.mark.parametrize(
    ("decisions", "weeks", "state", "due"),
    [
        ((), 0, "referred", None),
        ((("record_only", 0),), 50, "record_only", None),
        ((("assess", 0),), 50, "assessing", None),
        ((("assess", 0), ("sign_off", 4)), 15, "planned", "2026-06-24"),
        ((("assess", 0), ("sign_off", 4)), 16, "review_due", "2026-06-24"),
        ((("assess", 0), ("sign_off", 4), ("sign_off", 10)), 16, "review_due", "2026-06-24"),
        ((("assess", 0), ("sign_off", 4), ("again", 16)), 20, "planned", "2026-09-16"),
        ((("assess", 0), ("sign_off", 4), ("close", 16)), 60, "closed", None),
        ((("assess", 0), ("refer_on", 2)), 60, "referred_on", None),
        ((("assess", 0), ("sign_off", 4), ("close", 16), ("assess", 30)), 60, "assessing", None),
    ],
)
def test_where_a_context_stands_follows_from_its_decisions_and_the_day(
    decisions: tuple[tuple[str, int], ...], weeks: int, state: str, due: str | None
) -> None:
    found = standing(made(*decisions), MARCH + dt.timedelta(weeks=weeks))
    assert (found.state, found.review_due.isoformat() if found.review_due else None) == (state, due)
    assert found.overdue == (due is not None and (MARCH + dt.timedelta(weeks=weeks)).date().isoformat() > due)


def test_a_review_is_due_on_a_day_in_london() -> None:
    signed = [
        {"decision": "assess", "at": MARCH.isoformat()},
        {"decision": "sign_off", "at": "2026-04-01T23:30:00+00:00"},
    ]
    # Half past midnight on 2 April in London: the review is due on a Thursday, twelve weeks later.
    assert standing(signed, MARCH).review_due == dt.date(2026, 6, 25)


def test_contexts_are_reviewed_when_the_rule_pack_says(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = packs.pack(packs.CONTEXTS)
    assert (review_after(), ours.context_review) == (dt.timedelta(weeks=12), packs.contexts_reviewed())
    sooner = replace(ours, context_review={**packs.contexts_reviewed(), "weeks": 6})
    monkeypatch.setattr(packs, "packs", lambda: {packs.CONTEXTS: sooner})
    signed = made(("assess", 0), ("sign_off", 4))
    assert standing(signed, MARCH).review_due == (MARCH + dt.timedelta(weeks=10)).date()
    monkeypatch.setattr(packs, "packs", lambda: {packs.CONTEXTS: replace(ours, context_review=None)})
    with pytest.raises(PathwayDataError, match="context_review"):
        standing(signed, MARCH)


def test_every_decision_leads_somewhere_and_every_state_can_be_reached() -> None:
    reached = {"referred"}
    for word in DECISIONS:
        found = standing(made(("assess", 0), (word, 1)), MARCH + dt.timedelta(weeks=2))
        reached.add(found.state)
        late = standing(made(("assess", 0), ("sign_off", 1), (word, 2)), MARCH + dt.timedelta(weeks=40))
        reached.add(late.state)
    assert reached == set(STATES)
    assert set(DECISIONS) == {word for words in MAY_FOLLOW.values() for word in words}


RING = [[-1.1, 50.79], [-1.09, 50.79], [-1.09, 50.8], [-1.1, 50.79]]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "dragon"), ("label", ""), ("label", "x" * 201), ("label", 7), ("summary", "a\x00b"), ("places", "not a list"),
        ("places", [{"label": "no uid"}]), ("people", ["x"] * 201), ("area", {"type": "Point", "coordinates": [0, 0]}),
        ("area", {"type": "Polygon", "coordinates": [RING[:3]]}), ("area", {"type": "Polygon", "coordinates": [[c[::-1] for c in RING]]}),
        ("area", {"type": "Polygon", "coordinates": [[*RING[:3], [float("nan"), 50.0]]]}), ("area", {"type": "Polygon", "coordinates": []}),
        ("harms", [""]), ("affected", [{"who": "x"}]), ("state", "closed"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_definition_is_refused_by_the_name_of_its_field(field: str, value: Any) -> None:
    with pytest.raises(ParameterError) as refused:
        given.definition({field: value})
    assert field in refused.value.name or refused.value.name == "fields"
    assert "dragon" not in str(refused.value)


def test_what_is_given_is_read_once_each_and_trimmed() -> None:
    found = given.definition(
        {"label": "  The stop ", "places": ["a", {"uid": "b"}, "a"], "area": {"type": "Polygon", "coordinates": [RING]}}
    )
    assert found == {"label": "The stop", "places": ["a", "b"], "area": {"type": "Polygon", "coordinates": [RING]}}


@pytest.mark.parametrize(
    ("name", "content", "field"),
    [
        ("team", {"lead": "", "members": []}, "team.lead"),
        ("team", {"lead": "a", "members": [{"account": "a", "agency": "x", "role_in_team": "y"}] * 2}, "team.members"),
        ("assessment", {"needs": 3}, "assessment.needs"),
        ("assessment", {"score": 3}, "assessment"),
        ("weighting", [{"what": "x", "rank": 0, "reason": "y"}], "rank"),
        ("weighting", [{"what": "x", "rank": 1, "reason": ""}], "reason"),
        ("weighting", [{"what": "x", "rank": 1, "reason": "y", "weight": 0.7}], "weighting"),
        ("plan", {"goals": [{"what": "x", "measure": "made_up"}]}, "measure"),
        ("plan", {"goals": [{"what": "x", "measure": "people_present", "effort": True}]}, "measure"),
        ("plan", {"actions": [{"what": "x", "by": "31/12"}]}, "by"),
        ("review", {"outcome": "victory"}, "outcome"),
    ],
)
def test_a_part_names_the_field_that_is_wrong(name: str, content: Any, field: str) -> None:
    with pytest.raises(ParameterError) as refused:
        given.part(name, content, tuple(MEASURES))
    assert field in refused.value.name


def test_two_may_share_a_rank_and_what_is_sent_of_a_baseline_is_not_looked_at() -> None:
    ranked = given.part(
        "weighting", [{"what": name, "rank": rank, "reason": "y"} for name, rank in (("b", 2), ("a", 1), ("c", 1))], ()
    )
    assert [row["what"] for row in ranked] == ["a", "c", "b"]
    plan = given.part(
        "plan", {"goals": [{"what": "x", "measure": "people_present", "baseline": {"count": 99}}]}, tuple(MEASURES)
    )
    assert plan["goals"][0]["baseline"] is None


def test_pairs_missing_at_the_same_time_count_once_in_the_window_where_the_later_began() -> None:
    names = [f"e{n}" for n in range(4)]
    subjects = [
        subject("ana", "child"),
        subject("ben", "child"),
        subject("cara", "child"),
        *(subject(e, "incident") for e in names),
    ]
    away = [("ana", "e0", 0, 10), ("ben", "e1", 4, 8), ("ben", "e2", 9, 12), ("cara", "e3", 11, 20)]
    claims = [
        claim(f"c{n}", who, "INVOLVED_IN", e, "r", role="missing", **during(*hours))
        for n, (who, e, *hours) in enumerate(away)
    ]
    graph = visible_graph(projection_of(World(subjects, [report("r")], [], claims)), (), START + 10_000 * HALF_HOUR)
    people = frozenset(at for at, found in enumerate(graph.subjects) if found.kind == "child")
    count = MEASURES["co_missing_pairs"].count
    assert count(graph, Scope(people=people), START, START + 10 * HALF_HOUR).count == 1  # Ana and Ben, though twice
    later = count(graph, Scope(people=people), START + 10 * HALF_HOUR, START + 30 * HALF_HOUR)
    assert (later.count, later.evidence) == (1, ("c2", "c3"))  # Ben and Cara; Ana was back by then
    assert count(graph, Scope(), START, START + 30 * HALF_HOUR).count == 0


def test_a_grown_up_who_was_found_is_not_counted_as_a_child() -> None:
    claims = [
        row
        for who, incident in (("ana", "e1"), ("ada", "e2"))
        for row in (
            claim(f"m/{who}", who, "INVOLVED_IN", incident, "r1", role="missing", **during(0, 1)),
            claim(f"f/{who}", incident, "AT", "stop", "r1", role="found_at", **during(2, 2)),
        )
    ]
    kinds = {"ana": "child", "ada": "adult", "e1": "incident", "e2": "incident", "stop": "location"}
    world = World([subject(key, kind) for key, kind in kinds.items()], [report("r1")], [], claims)
    graph = visible_graph(projection_of(world), (), START + 100 * HALF_HOUR)
    at = {s.key.removeprefix("bundle:t/"): position for position, s in enumerate(graph.subjects)}
    scope = Scope(frozenset({at["stop"]}), frozenset(), frozenset())
    found = MEASURES["children_found_at_places"].count(graph, scope, START, START + 10 * HALF_HOUR)
    assert (found.count, found.evidence) == (1, ("f/ana", "m/ana"))
