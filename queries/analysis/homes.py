"""
The partnership's own list of homes and placements, and which places of a graph are on it.

A place where a visible claim says that somebody lives is a home already (`VisibleGraph.homes`). The list adds what no claim says: a
children's home, a refuge, a foster placement, a hotel that houses families. Whatever asks `homes` then treats the two alike.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from queries.analysis.national_grid import eastings_northings
from queries.projection import VisibleGraph


@dataclass(frozen=True, slots=True)
class Circle:
    """A home given by its position: latitude and longitude (WGS 84 degrees), and the radius in metres within which a place is taken for it."""

    latitude: float
    longitude: float
    radius_metres: float


@dataclass(frozen=True, slots=True)
class HomeList:
    """The list: `names` are source keys, uids or `BUNDLE/REF`s of places; `circles` are homes given by position."""

    names: frozenset[str] = frozenset()
    circles: tuple[Circle, ...] = ()

    def marked(self, graph: VisibleGraph) -> VisibleGraph:
        """
        Give the graph with the places of this list among its homes.

        A place is on the list when it, or another record that visible claims say is the same place, goes by one of the names, or when its
        visible position lies within a circle. `O(places x circles)`, distances on the National Grid (EPSG:27700).
        """
        if not self.names and not self.circles:
            return graph
        homes = graph.homes.copy()
        for name in self.names:
            at = graph.position.get(name, graph.by_ref.get(name))
            if at is not None:
                homes[at] = True
        places = np.flatnonzero(graph.kinds == "location").tolist()
        homes[[at for at in places if graph.subjects[at].key in self.names]] = True
        placed = [at for at in places if graph.subjects[at].has_position]
        if placed and self.circles:
            spots = [graph.subjects[at] for at in placed]
            metres = eastings_northings([s.latitude for s in spots], [s.longitude for s in spots])
            for circle in self.circles:
                middle = eastings_northings([circle.latitude], [circle.longitude])[0]
                near = np.hypot(*(metres - middle).T) <= circle.radius_metres
                homes[np.array(placed)[near]] = True
        return replace(graph, homes=homes)


NO_LIST: Final = HomeList()
