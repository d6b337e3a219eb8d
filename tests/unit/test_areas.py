"""Areas beside each other: Portsmouth's real LSOAs, the trap of outlines generalised one by one, and Gi* against esda."""

import warnings
from pathlib import Path

import esda
import geopandas as gpd
import numpy as np
import pytest
import shapely
from libpysal.weights import Queen, W, fuzzy_contiguity
from shapely import affinity

from queries.analysis.areas import area_scores, areas_of, contiguity_of
from queries.errors import ParameterError
from queries.projection import Floats

LSOAS = Path(__file__).resolve().parents[2] / "maps" / "layers" / "lsoa.geojson"


@pytest.fixture(scope="module")
def lsoas() -> gpd.GeoDataFrame:
    return gpd.read_file(LSOAS).to_crs(27700)


def parted(areas: gpd.GeoDataFrame) -> list[shapely.Geometry]:
    """The outlines as if each had been generalised by itself: no corner is shared, each a hand's breadth smaller."""
    sizes = [1 - 1.5 / max(area.bounds[2] - area.bounds[0], area.bounds[3] - area.bounds[1]) for area in areas.geometry]
    return [affinity.scale(area, size, size) for area, size in zip(areas.geometry, sizes, strict=True)]


def test_125_lsoas_make_one_city(lsoas: gpd.GeoDataFrame) -> None:
    for tolerance in (0.5, 1, 2, 5):
        found = contiguity_of(list(lsoas.geometry), tolerance_metres=tolerance)
        assert (found.components, found.islands) == (1, ())
        assert 5.4 <= found.mean_neighbours <= 5.6


@pytest.mark.parametrize("tolerance", [0.5, 2.0])
def test_neighbours_equal_those_of_libpysal(lsoas: gpd.GeoDataFrame, tolerance: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = fuzzy_contiguity(lsoas, buffering=True, buffer=tolerance / 2, predicate="intersects")
    near = contiguity_of(list(lsoas.geometry), tolerance_metres=tolerance).near
    for area, beside in theirs.neighbors.items():
        ours = set(near.indices[near.indptr[area] : near.indptr[area + 1]].tolist()) - {area}
        assert ours == set(beside)


def test_outlines_that_share_no_corner_are_islands_to_queen_and_neighbours_here(lsoas: gpd.GeoDataFrame) -> None:
    apart = gpd.GeoDataFrame(geometry=parted(lsoas), crs=27700)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert len(Queen.from_dataframe(apart, use_index=False).islands) == 125
    mended = contiguity_of(list(apart.geometry), tolerance_metres=5)
    assert (mended.components, mended.islands) == (1, ())
    assert 5 <= mended.mean_neighbours <= 5.6


def test_an_island_is_named() -> None:
    squares = [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10), shapely.box(500, 0, 510, 10)]
    found = contiguity_of(squares)
    assert (found.islands, found.components) == ((2,), 2)
    assert found.near.toarray().tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
    with pytest.raises(ParameterError, match="tolerance_metres"):
        contiguity_of(squares, tolerance_metres=-1)


def test_gi_star_of_areas_equals_esda(lsoas: gpd.GeoDataFrame) -> None:
    near = contiguity_of(list(lsoas.geometry)).near
    counts: Floats = np.random.default_rng(6).poisson(8, 125).astype(float)
    counts[:6] += 30
    weights = W(
        {i: near.indices[near.indptr[i] : near.indptr[i + 1]].tolist() for i in range(125)}, silence_warnings=True
    )
    theirs = esda.G_Local(counts, weights, transform="B", star=True, permutations=0)
    found = area_scores(counts, near)
    assert np.abs(found.z - theirs.Zs).max() <= 1e-12
    assert found.q_value[0] < 0.05


def test_even_events_are_no_finding_and_residents_can_be_what_chance_goes_by(lsoas: gpd.GeoDataFrame) -> None:
    near = contiguity_of(list(lsoas.geometry)).near
    rng = np.random.default_rng(11)
    alarms = sum(
        (area_scores(rng.multinomial(600, np.full(125, 1 / 125)).astype(float), near).q_value < 0.05).any()
        for _ in range(60)
    )
    assert alarms <= 8
    residents = np.ones(125)
    residents[0] = 400
    crowded = rng.multinomial(600, residents / residents.sum()).astype(float)
    assert (area_scores(crowded, near).q_value < 0.05).any()
    assert not (area_scores(crowded, near, at_risk=residents).q_value < 0.05).any()


def test_a_point_is_in_its_area_or_beside_it_or_in_none() -> None:
    squares = [shapely.box(0, 0, 10, 10), shapely.box(11, 0, 20, 10)]
    points = np.array([[5.0, 5], [15, 5], [10.2, 5], [10.5, 5], [40, 5]])
    assert areas_of(points, squares).tolist() == [0, 1, 0, 0, -1]
    assert areas_of(points, squares, tolerance_metres=0).tolist() == [0, 1, -1, -1, -1]
