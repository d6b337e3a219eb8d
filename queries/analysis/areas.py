"""
Statistical areas (LSOAs, wards): which lie beside which, which a point is in, and where more happens than chance would put there.

Caveat in plain English: an area with a high score has more recorded events in it and around it than an even spread would give; it says
nothing of who lives there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse, stats
from scipy.sparse import csgraph

from queries.analysis.chance import q_values
from queries.analysis.hotspots import gi_star_of
from queries.errors import ParameterError
from queries.projection import Floats, Ints

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

#: Outlines that were simplified each by itself part by some metres; streets and rivers between areas are wider than this.
TOLERANCE_METRES: Final = 2.0


@dataclass(frozen=True, slots=True)
class Contiguity:
    """
    Which areas lie beside which.

    `near` has a one for each area beside another and for each with itself. `islands` are the areas with no neighbour: their Gi* looks
    at themselves alone, and a page should say so. `components` is how many pieces the map falls into.
    """

    near: sparse.csr_array
    islands: tuple[int, ...]
    components: int
    mean_neighbours: float


@dataclass(frozen=True, slots=True)
class AreaScores:
    """For each area: Gi* (`z`, describes) and the false discovery rate of "more than chance here and beside here" (`q_value`, decides)."""

    z: Floats
    q_value: Floats


def contiguity_of(areas: "Sequence[BaseGeometry]", *, tolerance_metres: float = TOLERANCE_METRES) -> Contiguity:
    """
    Say which areas lie beside which: those no further apart than the tolerance, by side or corner.

    Parameters
    ----------
    areas
        Polygons in EPSG:27700.
    tolerance_metres
        Outlines that were generalised one by one share no corners, and contiguity by shared corners (Queen) then makes each area an
        island. 0.5 to 5 m mends that and joins nothing that does not touch; 0 asks for true touching.

    Raises
    ------
    ParameterError
        If the tolerance is below nothing.

    Notes
    -----
    `O(n log n)` with a tree over the bounds; the distance between two candidates is exact.
    """
    import shapely

    if not tolerance_metres >= 0:
        raise ParameterError("tolerance_metres", "give a distance of 0 or more; 2 suits generalised outlines")
    count = len(areas)
    polygons = np.asarray(areas, dtype=object)
    here, there = shapely.STRtree(polygons).query(polygons, predicate="dwithin", distance=tolerance_metres)
    ones = np.ones(len(here))
    near = sparse.csr_array((ones, (here, there)), shape=(count, count))
    near = near.maximum(near.T).maximum(sparse.eye_array(count, format="csr")).tocsr()
    neighbours = np.diff(near.indptr) - 1
    components = int(csgraph.connected_components(near, directed=False)[0]) if count else 0
    islands = tuple(np.flatnonzero(neighbours == 0).tolist())
    return Contiguity(near, islands, components, float(neighbours.mean()) if count else 0.0)


def areas_of(points: Floats, areas: "Sequence[BaseGeometry]", *, tolerance_metres: float = TOLERANCE_METRES) -> Ints:
    """
    Give the area of each point; -1 for none.

    Parameters
    ----------
    points
        A row a point: easting and northing, metres.
    areas
        Polygons in EPSG:27700.
    tolerance_metres
        A point in a sliver between generalised outlines belongs to the nearest area within this. Between equals, the first area.
    """
    import shapely

    polygons = np.asarray(areas, dtype=object)
    where = np.asarray(shapely.points(points), dtype=object)
    found, area = shapely.STRtree(polygons).query(where, predicate="dwithin", distance=tolerance_metres)
    apart = shapely.distance(where[found], polygons[area])
    order = np.lexsort((area, apart, found))
    first = order[np.unique(found[order], return_index=True)[1]]
    of_point = np.full(len(points), -1, np.int64)
    of_point[found[first]] = area[first]
    return of_point


def area_scores(counts: Floats, near: sparse.csr_array, *, at_risk: Floats | None = None) -> AreaScores:
    """
    Test each area: is there more in it and beside it than chance would put there?

    Parameters
    ----------
    counts
        Events in each area.
    near
        See `Contiguity.near`.
    at_risk
        What chance goes by: residents or square kilometres of each area. Default: each area alike (LSOAs are drawn to be of like
        population, so that this is near to residents).

    Notes
    -----
    `z` is Gi* of Ord and Getis (1995), Geographical Analysis 27, 286-306, binary weights with the area itself; it equals esda's `G_Local`.
    `q_value` (Benjamini and Hochberg) is of the exact binomial tail of the events near each area. `O(areas + borders)`.
    """
    share = np.ones(len(counts)) if at_risk is None else at_risk
    chance = np.minimum((near @ share) / share.sum(), 1)
    p = np.asarray(stats.binom.sf(near @ counts - 1, counts.sum(), chance), np.float64)
    return AreaScores(gi_star_of(counts, near), q_values(p))
