"""Pairs of children missing together: in words, and against chance."""

import random
from typing import Any

import numpy as np
import pytest
from graphs import EVER, START, World, claim, mention, projection_of, report, subject

from queries.analysis.chance import q_values
from queries.analysis.co_missing import co_missing, tell_pair
from queries.errors import ParameterError
from queries.projection import VisibleGraph, visible_graph

HOUR = 60 * 60 * 1000
WEEK = 7 * 24 * HOUR


def city(times: dict[str, list[tuple[int, int]]], found_at: str = "") -> VisibleGraph:
    """Give each child episodes from and to, milliseconds after noon UTC on Friday 1 May 2026 (13:00 in London)."""
    claims, kinds = [], {**dict.fromkeys(times, "child"), "arcade": "location"}
    for child, spans in times.items():
        for at, (start, end) in enumerate(spans):
            incident = f"{child}-{at}"
            kinds[incident] = "incident"
            when = {"happened_from": START + start, "happened_to": START + end, "time_known": "exact"}
            claims.append(claim(f"t/{incident}", child, "INVOLVED_IN", incident, "r", role="missing", **when))
            if found_at:
                claims.append(claim(f"t/{incident}-f", incident, "AT", found_at, "r", role="found_at"))
    mentions = [mention(key, label=f"{key.capitalize()} Sampleton") for key in times]
    mentions.append(mention("arcade", label="Arcade Sampleton", latitude=50.8, longitude=-1.08))
    world = World([subject(key, kind) for key, kind in kinds.items()], [report("r")], mentions, claims)
    return visible_graph(projection_of(world), (), START + 200 * WEEK)


def test_a_pair_is_told_in_words_with_its_episodes() -> None:
    weekly = [(week * WEEK, week * WEEK + 5 * HOUR) for week in (0, 3, 7)]
    graph = city({"ana": weekly, "ben": [(s + 2 * HOUR, e + 2 * HOUR) for s, e in weekly]}, found_at="arcade")
    (pair,) = co_missing(graph, **EVER)
    assert pair.observed == len(pair.episodes) == 3
    assert tell_pair(graph, pair) == (
        "3 episodes together, all on a Friday afternoon; 3 times found together at Arcade Sampleton"
    )
    assert len(pair.evidence) == 12


def test_children_often_missing_at_the_same_hours_are_not_a_finding_for_that() -> None:
    """Both every Friday evening for a year: whatever the shift, they overlap."""
    weekly = [(week * WEEK, week * WEEK + 5 * HOUR) for week in range(52)]
    (pair,) = co_missing(city({"ana": weekly, "ben": weekly}), **EVER)
    assert pair.observed == 52
    assert pair.expected == pytest.approx(52, rel=0.1)
    assert pair.q_value is not None
    assert pair.q_value > 0.3


def test_one_meeting_by_itself_is_never_a_finding() -> None:
    far = [(150 * WEEK, 150 * WEEK + HOUR)]
    graph = city({"ana": [(0, 5 * HOUR)], "ben": [(0, 5 * HOUR)], "cat": far})
    (pair,) = co_missing(graph, **EVER)
    assert pair.q_value is not None
    assert pair.q_value > 0.01


def test_places_at_the_very_distance_asked_for_are_together_and_unknown_places_are_not() -> None:
    same_time = {"ana": [(0, 5 * HOUR)], "ben": [(0, 5 * HOUR)]}
    assert len(co_missing(city(same_time, found_at="arcade"), **EVER, within_metres=0)) == 1
    assert co_missing(city(same_time), **EVER, within_metres=10_000) == []


def test_with_too_little_data_chance_is_not_told() -> None:
    (pair,) = co_missing(city({"ana": [(0, 5 * HOUR)], "ben": [(0, 5 * HOUR)]}), **EVER)
    assert (pair.observed, pair.expected, pair.q_value) == (1, None, None)


def test_planted_pairs_are_found_and_little_else() -> None:
    dice = random.Random(5)
    times = {}
    for child in range(60):
        starts = [dice.randrange(104 * WEEK) for _ in range(dice.randint(2, 14))]
        times[f"c{child:02d}"] = [(start, start + dice.randint(3, 20) * HOUR) for start in starts]
    for pair in range(4):
        shared = [dice.randrange(104 * WEEK) for _ in range(5)]
        for child in (2 * pair, 2 * pair + 1):
            times[f"c{child:02d}"] += [(start, start + 8 * HOUR) for start in shared]
    graph = city(times)
    found = {(p.a, p.b) for p in co_missing(graph, **EVER) if p.q_value is not None and p.q_value < 0.05}
    named = {(graph.subjects[a].label[:3], graph.subjects[b].label[:3]) for a, b in found}
    planted = {(f"C{2 * pair:02d}", f"C{2 * pair + 1:02d}") for pair in range(4)}
    assert planted <= named
    assert len(named - planted) <= 1


def test_q_values_are_those_of_benjamini_and_hochberg() -> None:
    p = np.array([0.039, 0.001, 0.008, 0.041, 0.9])
    assert q_values(p) == pytest.approx([0.05125, 0.005, 0.02, 0.05125, 0.9])


@pytest.mark.parametrize(
    "wrong", [{"within_metres": -1.0}, {"min_overlap_minutes": -1.0}, {"within_metres": float("nan")}]
)
def test_a_parameter_out_of_range_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        co_missing(city({}), **EVER, **wrong)
