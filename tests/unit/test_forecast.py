"""Forecasts judged: worked by hand, by dealing ties out, and on data with a planted place."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from queries.analysis.forecast import by_count, by_density, by_near_repeat, by_nothing, judged
from queries.analysis.metre_grid import MetreGrid
from queries.errors import ParameterError
from queries.projection import Floats

GRID = MetreGrid(0, 0, 100, 5, 4)
LAND = np.ones(GRID.shape, bool)


def middles(cells: list[int]) -> Floats:
    return np.array([[cell % 5 * 100 + 50, cell // 5 * 100 + 50] for cell in cells], float).reshape(-1, 2)


def test_a_case_worked_by_hand() -> None:
    # 20 cells. Trained on 3 events in cell 0 and 1 in cell 7; tested on 10: 5 in cell 0, 4 in cell 9, 1 in cell 7.
    score = by_count(middles([0, 0, 0, 7]), GRID)
    one, two = judged(score, LAND, middles([0] * 5 + [9] * 4 + [7]), GRID, shares=[0.05, 0.10])
    assert (one.cells, one.hits, one.hit_rate, one.pai, one.pei) == (1, 5, 0.5, 10, 1)
    assert (two.cells, two.hits, two.hit_rate) == (2, 6, 0.6)
    assert two.pai == pytest.approx(6)
    assert two.pei == pytest.approx(6 / 9)


def test_the_sea_is_no_area_and_what_lies_in_it_is_missed() -> None:
    land = LAND.copy()
    land[:, 1:] = False
    score = np.arange(20.0).reshape(GRID.shape)
    (half,) = judged(score, land, middles([15, 19]), GRID, shares=[0.25])
    assert (half.area_share, half.hits, half.events, half.hit_rate) == (0.25, 1, 2, 0.5)
    with pytest.raises(ParameterError, match="land"):
        judged(score, ~LAND, middles([1]), GRID)
    with pytest.raises(ParameterError, match="shares"):
        judged(score, LAND, middles([1]), GRID, shares=[0])


@settings(deadline=None, max_examples=60)
@given(
    score=st.lists(st.integers(0, 3), min_size=20, max_size=20),
    tested=st.lists(st.integers(0, 19), min_size=1, max_size=30),
    share=st.sampled_from([0.05, 0.1, 0.2, 0.35, 1.0]),
)
def test_ties_are_worth_the_mean_of_dealing_them_out(score: list[int], tested: list[int], share: float) -> None:
    rng, counts, taken = np.random.default_rng(1), np.bincount(tested, minlength=20), max(1, round(share * 20))
    drawn = [counts[np.lexsort((rng.random(20), -np.array(score)))[:taken]].sum() for _ in range(400)]
    (found,) = judged(np.array(score, float).reshape(GRID.shape), LAND, middles(tested), GRID, shares=[share])
    assert found.hits == pytest.approx(np.mean(drawn), abs=6 * np.std(drawn) / 20 + 1e-9)
    assert found.hits <= np.sort(counts)[::-1][:taken].sum() + 1e-9


def test_the_density_of_a_cell_is_its_mean_and_not_that_of_its_middle() -> None:
    grid = MetreGrid(0, 0, 250, 9, 9)
    found = by_density(np.array([[1_010.0, 1_020]]), grid, np.ones(grid.shape, bool), bandwidth_metres=100)
    within = [np.diff(stats.norm.cdf(np.arange(10) * 250, at, 100)) for at in (1_010, 1_020)]
    expected = within[1][:, None] * within[0] / grid.cell_square_kilometres
    assert np.abs(found - expected).max() <= 0.03 * expected.max()


def test_no_forecast_is_as_good_as_chance() -> None:
    found = judged(by_nothing(GRID), LAND, middles([3, 3, 3, 18]), GRID, shares=[0.05, 0.5, 1])
    assert [hit.pai for hit in found] == pytest.approx([1, 1, 1])


def test_a_lasting_place_is_found_by_density_and_a_late_one_by_near_repeats() -> None:
    grid = MetreGrid(0, 0, 250, 40, 40)
    land = np.ones(grid.shape, bool)
    rng = np.random.default_rng(5)
    old, late = rng.normal([2_000, 2_000], 300, (60, 2)), rng.normal([8_000, 8_000], 300, (40, 2))
    trained, ages = np.concatenate([old, late]), np.array([3.0] * 60 + [1.0] * 40)
    tested = rng.normal([8_000, 8_000], 300, (50, 2))
    lasting = judged(by_density(trained, grid, land, bandwidth_metres=400), land, tested, grid, shares=[0.01])[0]
    lately = judged(
        by_near_repeat(trained, ages, grid, land, bandwidth_metres=400, half_life=0.5),
        land,
        tested,
        grid,
        shares=[0.01],
    )[0]
    assert lately.pai > lasting.pai > 1
    assert lately.hit_rate > 0.6
    with pytest.raises(ParameterError, match="half_life"):
        by_near_repeat(trained, ages, grid, land, bandwidth_metres=400, half_life=0)
