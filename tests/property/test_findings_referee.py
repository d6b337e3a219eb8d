"""Peers, episodes, co-missing, hotspots and groups equal the slow referee, and are the same when what is hidden never was."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from graphs import EVER, HALF_HOUR, KINDS, SECRET, START, Case, Period, cases, projection_of
from hypothesis import given, settings
from hypothesis import strategies as st
from referee import (
    in_time,
    slow_absences,
    slow_episodes,
    slow_graph,
    slow_near_misses,
    slow_overlaps,
    slow_peers,
    slow_places,
    visible_world,
)

from queries.analysis.area_hotspots import gi_areas
from queries.analysis.bursts import cluster_hotspots, scan_hotspots
from queries.analysis.change import compared
from queries.analysis.co_missing import co_missing
from queries.analysis.co_missing_words import patterns_of, tell_pair
from queries.analysis.episodes import episodes
from queries.analysis.groups import peer_groups
from queries.analysis.homes import HomeList
from queries.analysis.hotspots import LAYERS, gi_star, ranked_places
from queries.analysis.hours import hours_of_the_week
from queries.analysis.layers import layer_rows
from queries.analysis.measures import standings
from queries.analysis.peaks import density_peaks
from queries.analysis.peer_change import peer_changes
from queries.analysis.peer_graph import peer_graph
from queries.analysis.peer_pairs import PeerPairs
from queries.analysis.peers import KINDS as PEER_KINDS
from queries.analysis.peers import PeersFound, every_link, peer_links
from queries.analysis.place_trends import emerging_places
from queries.analysis.ties import peer_ties
from queries.analysis.week_shift import WEEK_MS
from queries.errors import ParameterError
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, VisibleGraph, visible_graph

GRID = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)
MISSING = (*["INVOLVED_IN"] * 24, *["AT"] * 15, "SAME_AS")
MISSING_KINDS = (*["child"] * 4, *["incident"] * 9, *["location"] * 4)
TIES = ("KNOWS", "KNOWS", "SEEN_WITH", "USES", "SAME_AS")
TIED_KINDS = (*["child"] * 3, "adult", "vehicle")
PERIODS = st.just(EVER) | st.builds(
    lambda start, end: Period(happened_from=START + start * HALF_HOUR, happened_to=START + end * HALF_HOUR),
    st.integers(-2, 26),
    st.integers(-2, 40),
)

# Four strips of land, south to north, over the places of the random worlds (EPSG:27700).
STRIPS = [shapely.box(464_000, 100_000 + 400 * n, 466_000, 100_400 + 400 * n) for n in range(4)]
HALVES = ((START, START + 12 * HALF_HOUR), (START + 12 * HALF_HOUR, START + 36 * HALF_HOUR))


def seen_by(case: Case) -> VisibleGraph:
    return visible_graph(projection_of(case.world), case.open_sights, case.known_at)


def keyed(graph: VisibleGraph, found: PeersFound) -> dict[tuple[str, ...], Any]:
    return {
        tuple(sorted((graph.subjects[link.a].key, graph.subjects[link.b].key))): {
            kind: (count.events, count.reports, pytest.approx(count.weight)) for kind, count in link.kinds.items()
        }
        for link in found.links
    }


@given(cases() | cases(30, TIED_KINDS, TIES), st.data())
@settings(max_examples=300, deadline=None)
def test_links_are_those_found_by_comparing_every_two_people(case: Case, data: st.DataObject) -> None:
    graph, slow = seen_by(case), slow_peers(slow_graph(case.world, case.open_sights, case.known_at))
    assert keyed(graph, every_link(graph)) == slow
    if not graph.subjects:
        return
    subject = data.draw(st.sampled_from(range(len(graph.subjects))))
    me = graph.subjects[subject].key
    mine = {pair: kinds for pair, kinds in slow.items() if me in pair}
    assert keyed(graph, peer_links(graph, subject)) == mine
    around = {me, *(key for pair in mine for key in pair)}
    theirs = {pair: kinds for pair, kinds in slow.items() if around & set(pair)}
    assert keyed(graph, peer_links(graph, subject, hops=2)) == theirs


@given(cases() | cases(30, TIED_KINDS, TIES), st.integers(2, 4))
@settings(max_examples=60, deadline=None)
def test_pairs_as_columns_are_those_of_every_link(case: Case, crowd: int) -> None:
    graph = seen_by(case)
    rows = np.arange(len(graph.claims))
    pairs, links = PeerPairs(graph, rows, frozenset(PEER_KINDS), crowd=crowd), every_link(graph, crowd=crowd).links
    assert pairs.ties(0.0) == peer_ties(graph, links)
    told = pairs.of(range(len(graph.subjects)))
    row_of = {str(claim): row for row, claim in enumerate(graph.claims.claim_id)}
    for person, made in told.items():
        expected = [
            (link.a, link.b, tuple(link.kinds), tuple(sorted(row_of[claim] for claim in link.evidence)))
            for link in links
            if person in {link.a, link.b}
        ]
        assert [tuple(one) for one in made] == expected


@given(cases(90, MISSING_KINDS, MISSING))
@settings(max_examples=150, deadline=None)
def test_episodes_are_what_the_model_says(case: Case) -> None:
    graph = seen_by(case)
    keys = [subject.key for subject in graph.subjects]
    found = [
        (keys[e.incident], keys[e.child], e.started_at, e.ended_at, e.timed, tuple(keys[at] for at in e.places))
        for e in episodes(graph)
    ]
    assert found == slow_episodes(slow_graph(case.world, case.open_sights, case.known_at))


@given(
    cases(90, MISSING_KINDS, MISSING),
    PERIODS,
    st.sampled_from((0, 30, 60, 90)),
    st.sampled_from((0.0, 500.0, None)),
    st.sampled_from((0, 0.5, 3)),
)
@settings(max_examples=200, deadline=None)
def test_pairs_are_those_found_by_comparing_every_two_episodes(
    case: Case, period: Period, minutes: int, within: float | None, hours: float
) -> None:
    graph = seen_by(case)
    slow = slow_graph(case.world, case.open_sights, case.known_at)

    def near(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
        def points(places: tuple[str, ...]) -> list[tuple[float, float]]:
            where = [slow.subjects[place]["position"] for place in places]
            return [GRID.transform(at[1], at[0]) for at in where if at]

        pairs = [(p, q) for p in points(one) for q in points(other)]
        return any(np.hypot(p[0] - q[0], p[1] - q[1]) <= (within or 0) for p, q in pairs)

    found = co_missing(graph, **period, within_metres=within, min_overlap_minutes=minutes, within_hours=hours)
    asked = slow, case.known_at, period["happened_from"], period["happened_to"], minutes * 60_000
    where = None if within is None else near
    overlapping = slow_overlaps(*asked, where)
    missed = slow_near_misses(*asked, round(hours * 3_600_000), where) if hours else {}
    keys = [subject.key for subject in graph.subjects]
    assert {(keys[pair.a], keys[pair.b]): pair.observed for pair in found if pair.observed} == overlapping
    assert {
        (keys[pair.a], keys[pair.b]): sorted(miss.gap_ms for miss in pair.near_misses)
        for pair in found
        if pair.near_misses
    } == missed
    assert len(found) == len(overlapping.keys() | missed.keys())
    for pair in found:
        assert len(pair.episodes) == pair.observed
        mine = {incident for both in pair.episodes for incident in both}
        mine |= {incident for miss in pair.near_misses for incident in miss.episodes}
        told = tell_pair(graph, pair).casefold()  # a sentence begins with a capital
        for pattern in patterns_of(graph, pair):
            assert pattern.text.casefold() in told
            assert set(pattern.episodes) <= mine
            assert bool(pattern.episodes) == bool(pattern.count)


@given(cases(90, MISSING_KINDS, MISSING), st.integers(4, 60))
@settings(max_examples=60, deadline=None)
def test_chance_is_counted_over_every_shift(case: Case, weeks_of_data: int) -> None:
    """An episode far away makes the data long enough to move schedules about in."""
    slow = slow_graph(case.world, case.open_sights, case.known_at)
    graph = seen_by(case)
    known_at = START + weeks_of_data * WEEK_MS
    long = VisibleGraph(graph.subjects, graph.claims, graph.apart, graph.reports, known_at, graph.homes)
    found = co_missing(long, **EVER)
    used = [(e[1], max(known_at, e[1]) if e[2] is None else e[2]) for e in slow_absences(slow)]
    if not found:
        return
    span = max(end for _, end in used) - min(start for start, _ in used)
    most = min(26, span // (2 * WEEK_MS))
    keys = [subject.key for subject in graph.subjects]
    by_shift = {
        weeks: slow_overlaps(slow, known_at, FAR_PAST_MS, FAR_FUTURE_MS, 60 * 60_000, shift=weeks * WEEK_MS)
        for weeks in range(-most, most + 1)
    }
    for pair in found:
        who = keys[pair.a], keys[pair.b]
        scaled = [counts.get(who, 0) * span / (span - abs(weeks) * WEEK_MS) for weeks, counts in by_shift.items()]
        assert (pair.expected is None) == (most == 0)
        assert most == 0 or pair.expected == pytest.approx(sum(scaled) / len(scaled))


@given(
    cases(90, MISSING_KINDS, MISSING) | cases(),
    st.sampled_from(LAYERS),
    PERIODS,
    st.sets(st.integers(0, len(KINDS) - 1), max_size=3),
)
@settings(max_examples=200, deadline=None)
def test_places_are_in_the_order_of_a_plain_count(case: Case, layer: str, period: Period, listed: set[int]) -> None:
    homes = {f"bundle:t/{at:02d}" for at in listed}
    graph = HomeList(frozenset(homes)).marked(seen_by(case))
    found = ranked_places(graph, layer, **period)
    rows = [(graph.subjects[p.place].key, p.events, p.children, p.reports, p.agencies) for p in found]
    slow = slow_graph(case.world, case.open_sights, case.known_at)
    plain = slow_places(slow, layer, period["happened_from"], period["happened_to"], homes)
    assert rows == plain
    if layer != "crime":
        once = ranked_places(graph, layer, **period, count="children")
        assert [graph.subjects[p.place].key for p in once] == [
            place for place, _, children, _, _ in sorted(plain, key=lambda p: (-p[2], -p[1], -p[3], p[0])) if children
        ]
    cells = gi_star(graph, layer, **period)
    assert sum(cell.events for cell in cells) <= sum(place.events for place in found)


def _peaks(graph: VisibleGraph, layer: str, period: Period) -> Any:
    found = density_peaks(graph, layer, [], **period)
    return found.peaks, None if found.surface is None else found.surface.values.tolist()


def _bursts(graph: VisibleGraph, layer: str, period: Period) -> Any:
    found: list[Any] = []
    near: dict[str, Any] = {"eps_metres": 400.0, "eps_days": 1.0, "min_events": 2}
    for ask in (
        lambda: cluster_hotspots(graph, layer, **period, **near),
        lambda: scan_hotspots(graph, layer, **period, replicates=9, significant=1.0),
        lambda: emerging_places(graph, layer, **EVER, window_days=7),
    ):
        try:
            found.append(ask())
        except ParameterError as error:
            found.append(str(error))
    return found


def _answers(graph: VisibleGraph, period: Period) -> dict[str, Any]:
    analyses: dict[str, Callable[[], Any]] = {
        "peers": lambda: every_link(graph),
        "around": lambda: [peer_links(graph, at, hops=2) for at in range(len(graph.subjects))],
        "groups": lambda: peer_groups(graph, **period),
        "sets": lambda: peer_groups(graph, **period, also_by_chance=True),
        "standings": lambda: standings(graph, **period, subject=0),
        "changes": lambda: peer_changes(graph, earlier=START + 5 * HALF_HOUR, later=START + 20 * HALF_HOUR, days=1),
        "network": lambda: list(peer_graph(graph, **period).edges(data=True)),
        "episodes": lambda: episodes(graph),
        "co-missing": lambda: co_missing(graph, **period),
        "near": lambda: co_missing(graph, **period, within_metres=400, within_hours=2),
        "told": lambda: [
            (tell_pair(graph, pair), patterns_of(graph, pair)) for pair in co_missing(graph, **period, within_hours=2)
        ],
        "places": lambda: [ranked_places(graph, layer, **period) for layer in LAYERS],
        "cells": lambda: [gi_star(graph, layer, **period) for layer in LAYERS],
        "once": lambda: [gi_star(graph, layer, **period, count="children") for layer in LAYERS[1:]],
        "areas": lambda: [gi_areas(graph, layer, STRIPS, **period) for layer in LAYERS],
        "peaks": lambda: [_peaks(graph, layer, period) for layer in LAYERS],
        "hours": lambda: [hours_of_the_week(graph, layer_rows(graph, layer, *period.values())) for layer in LAYERS],
        "bursts": lambda: [_bursts(graph, layer, period) for layer in LAYERS],
        "periods": lambda: [compared(graph, layer, before=HALVES[0], after=HALVES[1]) for layer in LAYERS],
    }
    return {name: analysis() for name, analysis in analyses.items()}


@given(cases() | cases(90, MISSING_KINDS, MISSING), PERIODS)
@settings(max_examples=100, deadline=None)
def test_what_is_hidden_changes_no_finding(case: Case, period: Period) -> None:
    """Hidden, later and ended rows: the answer is that of a graph in which they never were. Positions are in order of key in both."""
    rebuilt = projection_of(visible_world(case.world, case.open_sights, case.known_at))
    graph, without = seen_by(case), visible_graph(rebuilt, SECRET, case.known_at)
    assert _answers(graph, period) == _answers(without, period)


@given(cases() | cases(90, MISSING_KINDS, MISSING), PERIODS)
@settings(max_examples=60, deadline=None)
def test_what_was_known_then_is_what_a_replay_up_to_then_gives(case: Case, period: Period) -> None:
    """Rows that began later are taken away, and ends that came later are undone."""
    past = case.known_at
    world = case.world

    def replayed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        held = [row for row in rows if row["known_from"] <= past]
        return [{**row, "live_to": row["live_to"] if row["live_to"] <= past else FAR_FUTURE_MS} for row in held]

    touched = {row[end] for row in replayed(world.claims) for end in ("a", "b")}
    named = {row[end] for row in world.claims for end in ("a", "b")}
    held = [row for row in world.mentions if row["subject"] in touched or row["subject"] not in named or row["report"]]
    then = projection_of(type(world)(world.subjects, world.reports, replayed(held), replayed(world.claims)))
    assert _answers(visible_graph(then, case.open_sights, past), period) == _answers(seen_by(case), period)


@given(cases() | cases(90, MISSING_KINDS, MISSING), PERIODS)
@settings(max_examples=60, deadline=None)
def test_order_of_arrival_changes_no_finding(case: Case, period: Period) -> None:
    world = case.world
    turned = type(world)(world.subjects[::-1], world.reports[::-1], world.mentions[::-1], world.claims[::-1])
    again = visible_graph(projection_of(turned), case.open_sights, case.known_at)
    assert _answers(again, period) == _answers(seen_by(case), period)


def test_the_period_of_the_referee_is_half_open() -> None:
    moment = {"happened_from": 5, "happened_to": 5}
    assert in_time(moment, 5, 6)
    assert not in_time(moment, 4, 5)
