"""The density surface against the sum over every event at every node, written out; and the mass that a coast may not take."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.analysis import density as module
from queries.analysis.density import Bandwidth, bandwidth_of, density
from queries.analysis.metre_grid import MetreGrid, grid_around, land_of
from queries.errors import ParameterError
from queries.projection import Bools, Floats


def summed(points: Floats, grid: MetreGrid, sigma: float, land: Bools | None = None) -> Floats:
    """Events per square kilometre, one event after another; each divided by its own mass on land."""
    total = np.zeros(grid.shape)
    for x, y in points:
        for row in range(grid.high):
            north = grid.northing + (row + 0.5) * grid.metres
            east = grid.easting + (np.arange(grid.wide) + 0.5) * grid.metres
            total[row] += np.exp(-((east - x) ** 2 + (north - y) ** 2) / (2 * sigma**2)) / (2 * np.pi * sigma**2)
    if land is None:
        return total * 1e6
    divided = np.zeros(grid.shape)
    for point in points:
        alone = summed(point[None], grid, sigma) / 1e6
        divided += alone / (alone[land].sum() * grid.metres**2)
    return np.where(land, divided, 0) * 1e6


@settings(deadline=None, max_examples=60)
@given(
    sigma=st.floats(20, 900),
    cell=st.floats(25, 160),
    spots=st.lists(st.tuples(st.floats(-0.2, 1.2), st.floats(-0.2, 1.2)), min_size=1, max_size=6),
)
def test_the_surface_is_the_sum_over_every_event(sigma: float, cell: float, spots: list[tuple[float, float]]) -> None:
    grid = MetreGrid(460_000, 99_000, cell, 24, 17)
    points = np.array(spots) * [24 * cell, 17 * cell] + [460_000, 99_000]
    found = density(points, grid, bandwidth=Bandwidth(sigma, "")).values
    assert np.abs(found - summed(points, grid, sigma)).max() <= 1e-7 * len(points) * 1e6 / (2 * np.pi * sigma**2)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6), sigma=st.floats(60, 600))
def test_every_event_weighs_one_on_land_and_nothing_at_sea(seed: int, sigma: float) -> None:
    rng = np.random.default_rng(seed)
    grid = MetreGrid(0, 0, 50, 30, 20)
    land = np.zeros(grid.shape, bool)
    land[:, 4:18] = rng.random((20, 14)) < 0.8
    land[3, 3] = True
    points = rng.uniform([0, 0], [1_500, 1_000], (12, 2))
    found = density(points, grid, bandwidth=Bandwidth(sigma, ""), land=land)
    assert found.events + found.in_the_sea == len(points)
    assert found.values[land].sum() * grid.cell_square_kilometres == pytest.approx(found.events, rel=1e-6)
    assert not found.values[~land].any()
    if not found.in_the_sea:
        expected = summed(points, grid, sigma, land)
        assert np.abs(found.values - expected).max() <= 1e-6 * expected.max()


def test_the_compiled_spreading_gives_what_the_plain_one_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    grid, points = MetreGrid(0, 0, 50, 60, 40), rng.uniform([0, 0], [3_000, 2_000], (5_000, 2))
    land = rng.random(grid.shape) < 0.7
    plain = density(points, grid, bandwidth=Bandwidth(200, ""), land=land)
    monkeypatch.setattr(module, "COMPILED_FROM", 1)
    compiled = density(points, grid, bandwidth=Bandwidth(200, ""), land=land)
    assert compiled.events == plain.events
    np.testing.assert_allclose(compiled.values, plain.values, rtol=1e-9, atol=1e-9 * plain.values.max())


def test_an_event_far_out_at_sea_is_told_and_not_pushed_ashore() -> None:
    grid = MetreGrid(0, 0, 50, 60, 10)
    land = np.zeros(grid.shape, bool)
    land[:, :20] = True
    found = density(np.array([[500.0, 250], [2_900, 250]]), grid, bandwidth=Bandwidth(200, ""), land=land)
    assert (found.events, found.in_the_sea) == (1, 1)


def test_the_bandwidth_says_why() -> None:
    rng = np.random.default_rng(2)
    points = rng.normal(0, 1_000, (20_000, 2))
    assert bandwidth_of(points, 250).why == "250 m, as asked"
    by_rule = bandwidth_of(points)
    assert by_rule.metres == pytest.approx(1_000 * 20_000 ** (-1 / 6), rel=0.03)
    assert "Scott and Silverman" in by_rule.why
    assert "too few" in bandwidth_of(points[:3]).why
    assert "too few" in bandwidth_of(np.ones((50, 2))).why
    with pytest.raises(ParameterError, match="bandwidth_metres"):
        bandwidth_of(points, 0)


def test_no_events_make_an_empty_surface() -> None:
    grid = MetreGrid(0, 0, 100, 5, 4)
    assert not density(np.empty((0, 2)), grid, bandwidth=Bandwidth(100, "")).values.any()


def test_a_grid_lines_up_and_knows_its_land() -> None:
    import shapely

    grid = grid_around((1_010, 2_020, 1_390, 2_180), 100)
    assert (grid.easting, grid.northing, grid.wide, grid.high) == (1_000, 2_000, 4, 2)
    assert grid.counts(np.array([[1_000.0, 2_000], [1_100, 2_199], [1_400, 2_000]])).tolist() == [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
    ]
    assert land_of(grid, [shapely.box(1_040, 1_900, 1_200, 2_060)]).tolist() == [
        [True, True, False, False],
        [False] * 4,
    ]
    with pytest.raises(ParameterError, match="cell_metres"):
        grid_around((0, 0, 10**6, 10**6), 1)


def test_a_bandwidth_or_a_land_that_does_not_fit_the_grid_is_refused() -> None:
    grid, points = MetreGrid(0, 0, 1_000, 40, 40), np.zeros((3, 2))
    with pytest.raises(ParameterError, match="bandwidth_metres"):
        density(points, grid, bandwidth=Bandwidth(1, ""))
    with pytest.raises(ParameterError, match="land"):
        density(points, grid, bandwidth=Bandwidth(1_000, ""), land=np.ones((2, 2), bool))
