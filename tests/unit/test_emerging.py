"""Trends against scipy and a published example; each class by a place made for it."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from queries.analysis.emerging import Emerging, emerging_classes, hot_windows, mann_kendall
from queries.errors import ParameterError

ROWS = st.integers(4, 14).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 6), min_size=n, max_size=n), min_size=1, max_size=6)
)


@settings(deadline=None, max_examples=150)
@given(rows=ROWS)
def test_tau_and_s_are_those_of_scipy_and_of_counting_pairs(rows: list[list[int]]) -> None:
    found = mann_kendall(np.array(rows, float))
    for place, row in enumerate(rows):
        pairs = list(itertools.combinations(range(len(row)), 2))
        assert found.s[place] == sum((row[j] > row[i]) - (row[j] < row[i]) for i, j in pairs)
        assert found.slope[place] == pytest.approx(np.median([(row[j] - row[i]) / (j - i) for i, j in pairs]))
        if len(set(row)) > 1:
            theirs = stats.kendalltau(range(len(row)), row)
            assert found.tau[place] == pytest.approx(theirs.statistic)
        else:
            assert (found.tau[place], found.p_value[place]) == (0, 1)


@settings(deadline=None, max_examples=80)
@given(order=st.integers(4, 30).flatmap(lambda n: st.permutations(range(n))))
def test_p_without_ties_is_scipys_exact_up_to_ten_windows_and_near_it_after(order: list[int]) -> None:
    ours = mann_kendall(np.array([order], float)).p_value[0]
    theirs = stats.kendalltau(range(len(order)), order, method="exact").pvalue
    assert ours == pytest.approx(theirs, abs=1e-12 if len(order) <= 10 else 0.01)


@settings(deadline=None, max_examples=80)
@given(row=st.integers(11, 30).flatmap(lambda n: st.lists(st.integers(0, 5), min_size=n, max_size=n)))
def test_the_variance_with_ties_is_scipys(row: list[int]) -> None:
    found = mann_kendall(np.array([row], float))
    if len(set(row)) > 1:
        # scipy's z has no continuity correction: S / sqrt V.
        theirs = stats.kendalltau(range(len(row)), row, method="asymptotic").pvalue
        plain = abs(found.z[0]) * abs(found.s[0]) / max(abs(found.s[0]) - 1, 1)
        if abs(found.s[0]) > 1:
            assert 2 * stats.norm.sf(plain) == pytest.approx(theirs)


def test_variance_of_ties_worked_by_hand() -> None:
    # The ties of the example in Gilbert (1987), Statistical Methods for Environmental Pollution Monitoring, chapter 16: 2, 3 and 3 of 9 values.
    row = np.array([[23.0, 24, 29, 6, 29, 24, 24, 29, 23]])
    found = mann_kendall(row)
    by_pairs = sum(np.sign(b - a) for a, b in itertools.combinations(row[0], 2))
    assert found.s[0] == by_pairs
    assert found.z[0] == pytest.approx(
        (by_pairs - np.sign(by_pairs)) / np.sqrt((9 * 8 * 23 - 2 * 1 * 9 - 2 * 3 * 2 * 11) / 18)
    )


HOT_EARLY = [True] * 5 + [False] * 7
RISE, FALL, FLAT = np.arange(12.0), np.arange(12.0)[::-1], np.tile([4.0, 5.0], 6)


@pytest.mark.parametrize(
    ("counts", "hot", "kind"),
    [
        (FLAT, [False] * 11 + [True], Emerging.NEW),
        (RISE, [False] * 11 + [True], Emerging.NEW),
        (RISE, [False] * 8 + [True] * 4, Emerging.GROWING),
        (RISE, [True] * 12, Emerging.GROWING),
        (FLAT, [True] * 12, Emerging.PERSISTENT),
        (FLAT, [True] * 5 + [False] + [True] * 6, Emerging.PERSISTENT),
        (FALL, [True] * 12, Emerging.FADING),
        (FALL, HOT_EARLY, Emerging.FADING),
        (FLAT, [True] * 11 + [False], Emerging.FADING),
        (FLAT, HOT_EARLY, Emerging.SPORADIC),
        (FLAT, [False] * 9 + [True] * 3, Emerging.SPORADIC),
        (RISE, HOT_EARLY, Emerging.SPORADIC),
        (RISE, [False] * 12, Emerging.NONE),
    ],
)
def test_each_class(counts: list[float], hot: list[bool], kind: Emerging) -> None:
    (change,) = emerging_classes(np.array([counts]), np.array([hot]))
    assert change.kind is kind
    assert change.windows_hot == sum(hot)
    assert change.hot_now == hot[-1]


def test_false_trends_are_few_among_many_places() -> None:
    rng = np.random.default_rng(3)
    still = rng.poisson(5, (2_000, 12)).astype(float)
    assert (mann_kendall(still).p_value < 0.05).mean() < 0.06
    assert (mann_kendall(still).q_value < 0.05).sum() <= 2
    assert hot_windows(rng.uniform(size=(400, 12))).sum() <= 3
    assert hot_windows(np.array([[1e-9, 0.8], [0.5, 0.9]])).tolist() == [[True, False], [False, False]]


def test_too_few_windows_and_unlike_shapes_are_refused() -> None:
    with pytest.raises(ParameterError, match="windows"):
        mann_kendall(np.ones((2, 3)))
    with pytest.raises(ParameterError, match="hot"):
        emerging_classes(np.ones((2, 5)), np.ones((2, 4), bool))
