"""Whether children are linked to each other by other reports than those in hand: in how many circles they fall."""

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from typing import Final

from queries.projection import VisibleGraph

# What two may share that links them. A school or a stop does not: hundreds have it.
_SHARED: Final = frozenset({"incident", "group"})


def circles(graph: VisibleGraph, children: Collection[int], but_for: AbstractSet[int]) -> int:
    """
    Count the circles of some children: two are in one if a claim ties them, or both to one incident, group or home, directly or through others.

    Parameters
    ----------
    graph
        What the viewer may see.
    children
        Positions.
    but_for
        Independent reports (roots) whose own claims do not count: those in hand.

    Returns
    -------
    circles
        As many as there are children where no other report links any two of them.

    Notes
    -----
    `O(claims of the children)`.
    """
    from networkx.utils import UnionFind

    start, other, row = graph.neighbours
    wanted, linked = set(children), UnionFind(children)
    for child in children:
        part = slice(int(start[child]), int(start[child + 1]))
        roots = graph.reports.root[graph.claims.report[row[part]]].tolist()
        for near, root in zip(other[part].tolist(), roots, strict=True):
            if root not in but_for and (near in wanted or graph.homes[near] or graph.kinds[near] in _SHARED):
                linked.union(child, near)
    return len({linked[child] for child in children})
