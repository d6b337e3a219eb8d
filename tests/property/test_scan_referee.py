"""The space-time permutation scan against every cylinder written out, its numpy form, a planted burst, and chance alone."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.analysis.scan import log_likelihood_ratio, permutation_scan
from queries.errors import ParameterError
from queries.projection import Floats, Ints

CASES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 7)), min_size=1, max_size=40)


def every_cylinder(
    places: Floats, place: Ints, day: Ints, days: int, longest: int, mode: str, share: float, fewest: int
) -> dict[tuple[frozenset[int], int, int], float]:
    """Each circle (closed at a distance) by each window, by counting events; only those with more events than expected."""
    found = {}
    with_events = sorted(set(place.tolist()))
    for centre in with_events:
        apart = {other: round(math.dist(places[centre], places[other]), 3) for other in with_events}
        for radius in sorted(set(apart.values())):
            circle = frozenset(other for other in with_events if apart[other] <= radius)
            inside = [int(p) in circle for p in place]
            if sum(inside) > share * len(place):
                continue
            for start, end in itertools.combinations(range(days + 1), 2):
                if end - start > longest or (mode == "prospective" and end != days):
                    continue
                during = [start <= int(d) < end for d in day]
                both = sum(a and b for a, b in zip(inside, during, strict=True))
                expected = sum(inside) * sum(during) / len(place)
                if both >= fewest and both > expected:
                    rest = len(place) - both
                    chance = both * math.log(both / expected)
                    if rest:
                        chance += rest * math.log(rest / (len(place) - expected))
                    found[circle, start, end] = chance
    return found


@settings(deadline=None, max_examples=60)
@given(
    cases=CASES,
    mode=st.sampled_from(["prospective", "retrospective"]),
    share=st.sampled_from([0.3, 0.5, 1.0]),
    longest=st.integers(1, 8),
)
def test_the_highest_cylinder_is_that_of_trying_every_one(
    cases: list[tuple[int, int]], mode: Any, share: float, longest: int
) -> None:
    places = np.array([[0.0, 0], [100, 0], [0, 100], [100, 100], [350, 0], [900, 900]])
    place, day = np.array(cases, np.int64).T
    asked: dict[str, Any] = {
        "days": 8,
        "longest_days": longest,
        "mode": mode,
        "most_share": share,
        "fewest_events": 2,
        "replicates": 3,
    }
    expected = every_cylinder(places, place, day, 8, longest, mode, share, 2)
    found = permutation_scan(places, place, day, **asked)
    plain = permutation_scan(places, place, day, **asked, compiled=False)
    np.testing.assert_allclose(found.highest, plain.highest, atol=1e-9)
    assert [b.log_likelihood_ratio for b in found.bursts] == pytest.approx(
        [b.log_likelihood_ratio for b in plain.bursts]
    )
    if not expected or max(expected.values()) < 1e-9:
        assert not found.bursts or found.bursts[0].log_likelihood_ratio < 1e-9
        return
    first = found.bursts[0]
    assert first.log_likelihood_ratio == pytest.approx(max(expected.values()))
    cylinder = frozenset(first.places), first.first_day, first.end_day
    assert expected[cylinder] == pytest.approx(first.log_likelihood_ratio)
    assert first.log_likelihood_ratio == pytest.approx(log_likelihood_ratio(first.events, first.expected, len(place)))
    seen: set[int] = set()
    for burst in found.bursts:
        assert seen.isdisjoint(burst.places)
        seen.update(burst.places)


def city(rng: np.random.Generator, events: int = 1_500, cells: int = 60, days: int = 60) -> tuple[Floats, Ints, Ints]:
    """Busy and quiet places, busy and quiet days, and nothing between the two."""
    places = rng.uniform(0, 6_000, (cells, 2))
    busy, season = rng.gamma(1, 1, cells), 1 + np.sin(np.arange(days) / 5) * 0.8
    place = rng.choice(cells, events, p=busy / busy.sum())
    return places, place.astype(np.int64), rng.choice(days, events, p=season / season.sum()).astype(np.int64)


def test_a_planted_burst_is_found_first_and_told_from_chance() -> None:
    places, place, day = city(np.random.default_rng(8))
    near = np.argsort(np.hypot(*(places - places[7]).T))[:3]
    rng = np.random.default_rng(9)
    place = np.concatenate([place, rng.choice(near, 30)])
    day = np.concatenate([day, rng.integers(54, 60, 30)])
    found = permutation_scan(places, place, day, days=60, longest_days=14, replicates=199)
    first = found.bursts[0]
    assert set(near.tolist()) & set(first.places)
    assert first.end_day == 60
    assert first.first_day in range(52, 57)
    assert first.p_value == 1 / 200
    assert first.p_gumbel < 0.001
    again = permutation_scan(places, place, day, days=60, longest_days=14, replicates=199)
    assert again.bursts == found.bursts


def false_alarms(runs: int, mode: Any) -> int:
    alarms = 0
    for run in range(runs):
        places, place, day = city(np.random.default_rng([5, run]), events=400, cells=30, days=30)
        found = permutation_scan(places, place, day, days=30, longest_days=7, mode=mode, replicates=99, seed=run)
        alarms += bool(found.bursts) and found.bursts[0].p_value <= 0.05
    return alarms


def test_chance_alone_seldom_makes_a_finding() -> None:
    # Binomial with 100 and 0.05: more than 12 has a chance of 0.0015.
    assert false_alarms(100, "prospective") <= 12


@pytest.mark.nightly
@pytest.mark.parametrize("mode", ["prospective", "retrospective"])
def test_one_in_twenty_maps_of_chance_alone_is_a_finding(mode: str) -> None:
    # Binomial with 1,000 and 0.05: 50, deviation 6.9.
    assert 29 <= false_alarms(1_000, mode) <= 71


def test_gumbel_agrees_with_rank_in_the_middle() -> None:
    places, place, day = city(np.random.default_rng(12), events=500)
    found = permutation_scan(places, place, day, days=60, longest_days=14, replicates=499)
    assert found.bursts[0].p_gumbel == pytest.approx(found.bursts[0].p_value, abs=0.06)


def test_too_few_events_or_none_make_no_burst() -> None:
    places = np.array([[0.0, 0], [5, 5]])
    nothing = np.empty(0, np.int64)
    assert permutation_scan(places, nothing, nothing, days=5, longest_days=2).bursts == ()
    place, day = np.array([0, 1]), np.array([0, 4])
    assert permutation_scan(places, place, day, days=5, longest_days=2, replicates=9).bursts == ()
    assert log_likelihood_ratio(3, 3, 10) == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("mode", "sideways"), ("longest_days", 9), ("most_share", 0), ("replicates", -1), ("days", 4), ("place", [2, 0])],
)
def test_what_cannot_be_scanned_is_refused(name: str, value: Any) -> None:
    asked: dict[str, Any] = {"place": [0, 1], "day": [0, 4], "days": 5, "longest_days": 2, name: value}
    place, day = np.array(asked.pop("place")), np.array(asked.pop("day"))
    with pytest.raises(ParameterError, match="day" if name == "days" else name):
        permutation_scan(np.zeros((2, 2)), place, day, **asked)


def test_a_scan_that_nobody_would_wait_for_is_refused() -> None:
    place, day = np.zeros(4, np.int64), np.arange(4)
    with pytest.raises(ParameterError, match="use weeks for days"):
        permutation_scan(
            np.zeros((1, 2)), place, day, days=365, longest_days=365, mode="retrospective", replicates=10**9
        )
