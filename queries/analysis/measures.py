"""
Who stands where in the peer network: measures of each person, with what each does and does not say.

Each is about the network that was reported. Who is looked at more has more links; a link that nobody reported is not there.
Heavy parts run on rustworkx and compiled kernels; the values are those of NetworkX.

Sources: Freeman (1977), Sociometry 40, 35 and Brandes (2001), Journal of Mathematical Sociology 25, 163 (betweenness); Seidman (1983), Social
Networks 5, 269 and Batagelj and Zaversnik (2003), arXiv cs/0310049 (cores); Tarjan (1974), Information Processing Letters 2, 160 (bridges).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from queries.analysis.network_kernels import connected_parts, core_numbers, shortest_ways_through, steps_from
from queries.analysis.peer_graph import Rows, links_in, people_of, sparse_rows, strength_of
from queries.analysis.peers import CROWD
from queries.analysis.ties import FIRM
from queries.projection import Floats, Ints, VisibleGraph

if TYPE_CHECKING:
    import rustworkx

#: Up to so many steps (people times ends of links) rustworkx has the betweenness before a compiler has started: a second.
_SOON: Final = 20_000_000
#: What each measure says, and what it does not, in one line.
CAVEATS: Final = {
    "links": "How many people reports link them to; who is looked at more has more.",
    "broker": "How many of the shortest ways between others go through them; it does not say that anything was passed on.",
    "core": "Everyone of core k has links to k others of it; a crowd at one event can make a high one.",
    "bridges": "Links whose loss would part the network in two; there may be others that nobody reported.",
    "component": "Who can be reached from whom over any links; it does not say that they know of each other.",
    "steps": "The fewest links from the person asked about; each of them may be weak.",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """
    Where a person (position) stands: links and their summed strength; `broker`, betweenness from 0 to 1; `core`, the k-core number.

    `component` numbers the connected parts, largest first, and `component_size` counts its people. `bridges` are those at the other end of
    links whose loss would part the network. `steps` is the fewest links from the person asked about; None where there is no way, or
    nobody was.
    """

    person: int
    links: int
    strength: float
    broker: float
    core: int
    component: int
    component_size: int
    bridges: tuple[int, ...]
    steps: int | None
    evidence: tuple[str, ...]


def standings(
    graph: VisibleGraph,
    *,
    happened_from: int,
    happened_to: int,
    kinds: Iterable[str] | None = None,
    subject: int | None = None,
    crowd: int = CROWD,
) -> list[Standing]:
    """
    Measure everyone who has a firm link in a period.

    Parameters
    ----------
    graph
        What the viewer may see.
    happened_from, happened_to
        The period, half-open, milliseconds UTC.
    kinds
        Kinds of link, of `queries.analysis.peers.KINDS`. Default: all.
    subject
        A position from which steps are counted.
    crowd
        A thing shared by more than so many people makes no link.

    Returns
    -------
    standings
        The strongest brokers first, then those with most links, then in order of source key.

    Raises
    ------
    ParameterError
        If there is no such kind of link, or `crowd` is out of its range.

    Notes
    -----
    Only links of at least `queries.analysis.ties.FIRM` are used: with all who share a school, everyone is near to everyone.
    Betweenness counts links, not their strength: with lengths of 1/strength, who is reported most would be nearest to everyone.
    `O(n m)` for it; all else is linear or nearly so.
    """
    every = links_in(graph, happened_from=happened_from, happened_to=happened_to, kinds=kinds, crowd=crowd)
    links = [link for link in every if strength_of(link) >= FIRM]
    people = people_of(links)
    at = {person: node for node, person in enumerate(people)}
    edges = [(at[link.a], at[link.b]) for link in links]
    rows = sparse_rows(len(people), edges)
    brokers, cores = betweenness(rows), core_numbers(rows.start, rows.other)
    parts = components(rows)
    sizes = Counter(parts.tolist())
    parted: dict[int, list[int]] = defaultdict(list)
    for a, b in bridges(rows):
        parted[a].append(b)
        parted[b].append(a)
    steps = steps_from(rows.start, rows.other, at[subject]) if subject in at else np.full(len(people), -1)
    strength: dict[int, float] = defaultdict(float)
    evidence: dict[int, set[str]] = defaultdict(set)
    for link in links:
        for end in (link.a, link.b):
            strength[end] += strength_of(link)
            evidence[end].update(link.evidence)
    found = [
        Standing(
            person,
            int(rows.start[node + 1] - rows.start[node]),
            strength[person],
            float(brokers[node]),
            int(cores[node]),
            int(parts[node]),
            sizes[int(parts[node])],
            tuple(people[other] for other in sorted(parted[node])),
            None if steps[node] < 0 else int(steps[node]),
            tuple(sorted(evidence[person])),
        )
        for node, person in enumerate(people)
    ]
    return sorted(found, key=lambda one: (-round(one.broker, 9), -one.links, one.person))


def betweenness(rows: Rows) -> Floats:
    """Give the normalised betweenness of every node, unweighted, as `networkx.betweenness_centrality` does. `O(n m)`."""
    nodes = len(rows)
    if nodes * len(rows.other) > _SOON:
        return shortest_ways_through(rows.start, rows.other) / max((nodes - 1) * (nodes - 2), 1)
    import rustworkx

    made = _as_rustworkx(rows)
    # One thread: sums of floats in another order differ in their last digit, and the same input gives the same answer.
    found = rustworkx.graph_betweenness_centrality(made, normalized=True, endpoints=False, parallel_threshold=2**31)
    return np.array([found[node] for node in range(nodes)], float)


def bridges(rows: Rows) -> list[tuple[int, int]]:
    """Give the edges whose loss parts the network, the smaller end first, in order. `O(n + m)`."""
    import rustworkx

    return sorted((min(edge), max(edge)) for edge in rustworkx.bridges(_as_rustworkx(rows)))


def components(rows: Rows) -> Ints:
    """Give the number of the connected part of each node: 1 for the largest, equal ones in order of their first node. `O(n + m)`."""
    part = connected_parts(rows.start, rows.other)
    largest_first = np.argsort(-np.bincount(part), kind="stable")
    rank = np.empty(len(largest_first), np.int64)
    rank[largest_first] = np.arange(1, len(rank) + 1)
    return rank[part]


def _as_rustworkx(rows: Rows) -> "rustworkx.PyGraph[int, None]":
    import rustworkx

    made: rustworkx.PyGraph[int, None] = rustworkx.PyGraph(multigraph=False)
    made.add_nodes_from(range(len(rows)))
    ends = np.repeat(np.arange(len(rows)), np.diff(rows.start))
    once = ends < rows.other
    made.add_edges_from_no_data(list(zip(ends[once].tolist(), rows.other[once].tolist(), strict=True)))
    return made
