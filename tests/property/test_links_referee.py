"""Routes equal those found by walking every route, on what the viewer sees alone."""

import itertools
from typing import Any
from unittest.mock import patch

import numpy as np
from graphs import HALF_HOUR, SECRET, START, Case, World, cases, projection_of, random_world
from hypothesis import given, settings
from hypothesis import strategies as st
from referee import SUSPECTED_FALSE, in_time, slow_graph, slow_links, slow_meetings, visible_world

from queries.analysis import compiled_meetings, meetings
from queries.analysis.claim_filter import RELATIONS, ClaimFilter
from queries.analysis.links import LinksFound, links_between
from queries.analysis.meetings import Meetings
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, VisibleGraph, visible_graph

OPTIONS = st.fixed_dictionaries(
    {
        "max_hops": st.sampled_from((4, 6, 5, 3, 2, 1)),
        "limit": st.sampled_from((5, 40, 3, 1)),
        "through_hubs": st.booleans(),
        "include_suspected_false": st.booleans(),
        "inferred": st.booleans(),
    }
)


MOMENTS = st.integers(-2, 26).map(lambda at: START + at * HALF_HOUR)
# Often none, so that routes are often found.
CHOICES = st.fixed_dictionaries(
    {
        "relations": st.one_of(
            st.just(()), st.sets(st.sampled_from(RELATIONS), min_size=3).map(lambda s: tuple(sorted(s)))
        ),
        "period": st.one_of(
            st.just((FAR_PAST_MS, FAR_FUTURE_MS)), st.tuples(MOMENTS, MOMENTS).map(lambda p: (min(p), max(p) + 1))
        ),
        "weakest": st.sampled_from(("E", "E", "ungraded", "D", "C", "B", "A")),
        "handling": st.sampled_from(("any", "any", "P")),
    }
)


def chosen(choice: dict[str, Any]) -> ClaimFilter:
    start, end = choice["period"]
    return ClaimFilter(choice["relations"], start, end, choice["weakest"], choice["handling"])


def told(graph: VisibleGraph, found: LinksFound) -> Any:
    """Everything that an answer says, by source key."""
    keys = [subject.key for subject in graph.subjects]
    hops = [
        [
            (
                keys[h.a],
                keys[h.b],
                h.types,
                h.claims,
                h.weakest_grade,
                h.inferred,
                h.denials,
                [keys[at] for at in h.places],
            )
            for h in p.hops
        ]
        for p in found.paths
    ]
    return (
        hops,
        [(p.weakest_grade, p.latest) for p in found.paths],
        found.left_out_suspected_false,
        found.left_out_by_choice,
        found.routes_without_choice,
        found.reached,
        [keys[at] for at in found.hubs_met],
    )


def ends(graph: VisibleGraph) -> st.SearchStrategy[tuple[int, int]]:
    """Two subjects, of those that claims touch where there are any."""
    touched = sorted({*graph.claims.a.tolist(), *graph.claims.b.tolist()}) or range(len(graph.subjects))
    return st.tuples(st.sampled_from(touched), st.sampled_from(touched))


@settings(max_examples=200, deadline=None)
@given(cases(), OPTIONS, st.data())
def test_routes_are_those_found_by_walking_every_route(
    case: Case, options: dict[str, int], data: st.DataObject
) -> None:
    graph = visible_graph(projection_of(case.world), case.open_sights, case.known_at)
    slow = slow_graph(case.world, case.open_sights, case.known_at)
    if not graph.subjects:
        return
    keys = [subject.key for subject in graph.subjects]
    a, b = data.draw(ends(graph))
    found = links_between(graph, a, b, **options)  # type: ignore[arg-type]
    routes = [tuple(keys[at] for at in path.subjects) for path in found.paths]
    assert routes == slow_links(slow, keys[a], keys[b], **options)  # type: ignore[arg-type]
    claims = {row["claim_id"] for row in slow.claims}
    assert all(set(path.evidence) <= claims for path in found.paths)


@settings(max_examples=200, deadline=None)
@given(cases(), OPTIONS, CHOICES, st.data())
def test_routes_on_chosen_claims_are_those_found_by_walking_every_route_on_them(
    case: Case, options: dict[str, Any], choice: dict[str, Any], data: st.DataObject
) -> None:
    graph = visible_graph(projection_of(case.world), case.open_sights, case.known_at)
    slow = slow_graph(case.world, case.open_sights, case.known_at)
    if not graph.subjects:
        return
    keys = [subject.key for subject in graph.subjects]
    a, b = data.draw(ends(graph))
    found = links_between(graph, a, b, chosen=chosen(choice), **options)
    assert [tuple(keys[at] for at in path.subjects) for path in found.paths] == slow_links(
        slow, keys[a], keys[b], **options, **choice
    )
    by_claim = {row["claim_id"]: row for row in slow.claims}
    start, end = choice["period"]
    for claim in (by_claim[claim] for path in found.paths for claim in path.evidence):
        assert in_time(claim, start, end)
        assert not choice["relations"] or claim["type"] in choice["relations"]
    if found.routes_without_choice is not None:
        without = slow_links(slow, keys[a], keys[b], **{**options, "inferred": False})
        assert found.routes_without_choice == (len(without), len(without[0]) - 1 if without else 0)
        on_them = {frozenset(pair) for route in without for pair in itertools.pairwise(route)}
        for row in (by_claim[claim] for claims in found.left_out_by_choice.values() for claim in claims):
            assert frozenset((row["a"], row["b"])) in on_them


# Few places and incidents, so that people often meet.
BUSY = ("child",) * 8 + ("adult",) * 4 + ("location",) * 3 + ("incident",) * 4
THERE = ("SEEN_AT", "SEEN_AT", "AT", "INVOLVED_IN", "INVOLVED_IN", "INVOLVED_IN", "SAME_AS")


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 1 << 20), st.sampled_from((120, 60)), st.booleans(), CHOICES, st.data())
def test_whom_some_people_met_is_what_comparing_everyone_at_a_place_finds(
    seed: int, claims: int, with_false: bool, choice: dict[str, Any], data: st.DataObject
) -> None:
    world, now = random_world(seed, claims, BUSY, THERE), FAR_FUTURE_MS - 1
    graph, slow = visible_graph(projection_of(world), SECRET, now), slow_graph(world, SECRET, now)
    some = sorted(data.draw(st.sets(st.sampled_from(range(len(graph.subjects))), min_size=1)))
    crowd, most_in_python = data.draw(st.sampled_from((3, 50, 2, 1))), data.draw(st.sampled_from((0, 1000)))
    claim_filter, keys = chosen(choice), [subject.key for subject in graph.subjects]
    with patch.object(meetings, "CROWD", crowd), patch.object(compiled_meetings, "_SMALL", most_in_python):
        asked = Meetings(
            graph, with_suspected_false=with_false, usable=lambda rows: claim_filter.passes(graph.claims, rows)
        )
        met = asked.of(np.array(some))
        pairs = sorted(set(zip(met.a.tolist(), met.b.tolist(), strict=True)))
        rests_on = {(keys[a], keys[b]): set(graph.claims.claim_id[list(asked.between(a, b)[1])]) for a, b in pairs}
    believed = [row for row in slow.claims if with_false or row["grade"][0] != SUSPECTED_FALSE]
    by_id = dict(
        zip(
            graph.claims.claim_id.tolist(), claim_filter.passes(graph.claims, np.arange(len(graph.claims))), strict=True
        )
    )
    expected = slow_meetings(slow, [row for row in believed if by_id[row["claim_id"]]], believed, crowd)
    who = {keys[at] for at in some}
    assert rests_on == {
        (one, other): {row["claim_id"] for row in rows}
        for pair, rows in expected.items()
        for one, other in itertools.permutations(pair)
        if one in who
    }


@settings(max_examples=200, deadline=None)
@given(cases(), OPTIONS, CHOICES, st.data())
def test_what_is_hidden_changes_no_route_and_no_remark(
    case: Case, options: dict[str, Any], choice: dict[str, Any], data: st.DataObject
) -> None:
    graph = visible_graph(projection_of(case.world), case.open_sights, case.known_at)
    rebuilt = projection_of(visible_world(case.world, case.open_sights, case.known_at))
    without = visible_graph(rebuilt, SECRET, case.known_at)
    if not graph.subjects:
        return
    a, b = data.draw(ends(graph))
    one, other = (told(seen, links_between(seen, a, b, chosen=chosen(choice), **options)) for seen in (graph, without))
    assert one == other


def replayed(world: World, known_at: int) -> World:
    """The world as it was held at a moment: nothing later had come, and nothing that is withdrawn later had been."""

    def then(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        held = [row for row in rows if row["known_from"] <= known_at]
        return [{**row, "live_to": row["live_to"] if row["live_to"] <= known_at else FAR_FUTURE_MS} for row in held]

    return World(world.subjects, world.reports, then(world.mentions), then(world.claims))


@settings(max_examples=150, deadline=None)
@given(cases(), OPTIONS, CHOICES, st.data())
def test_as_known_at_a_moment_is_a_replay_up_to_it(
    case: Case, options: dict[str, Any], choice: dict[str, Any], data: st.DataObject
) -> None:
    graph = visible_graph(projection_of(case.world), case.open_sights, case.known_at)
    then = visible_graph(projection_of(replayed(case.world, case.known_at)), case.open_sights, FAR_FUTURE_MS - 1)
    if not len(graph.claims):
        return
    a, b = data.draw(ends(graph))
    keys = [subject.key for subject in graph.subjects]
    at = {subject.key: position for position, subject in enumerate(then.subjects)}
    now = told(graph, links_between(graph, a, b, chosen=chosen(choice), **options))
    assert told(then, links_between(then, at[keys[a]], at[keys[b]], chosen=chosen(choice), **options)) == now
