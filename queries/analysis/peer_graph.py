"""
The peer network as a NetworkX graph, which is what analysts see, and as compressed sparse rows, which is what is computed on.

Nodes are uids in order of source key, with `label` and `kind`; an edge has `strength` (see `queries.analysis.ties`), `events`, `reports` (the
least number of independent ones), `kinds` and `evidence` (claim ids).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from queries.analysis.peers import CROWD, KINDS, PeerLink, every_link
from queries.analysis.periods import in_period
from queries.analysis.ties import occasions
from queries.errors import ParameterError
from queries.projection import Bools, Ints, VisibleGraph
from queries.vocabulary import SUSPECTED_FALSE

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, slots=True)
class Rows:
    """
    An undirected graph without loops as compressed sparse rows: the neighbours of node `i` are `other[start[i]:start[i + 1]]`.

    Each edge stands in the rows of both its ends.
    """

    start: Ints
    other: Ints

    def __len__(self) -> int:
        return len(self.start) - 1

    def as_matrix(self) -> csr_array:
        """Give the same as a sparse matrix of ones, for `scipy.sparse.csgraph`."""
        return csr_array((np.ones(len(self.other), np.int8), self.other, self.start), shape=(len(self), len(self)))


def sparse_rows(nodes: int, edges: Iterable[tuple[int, int]]) -> Rows:
    """Give edges between nodes `0 … nodes - 1` as rows; loops and repeats are left out. `O(m log m)`."""
    pairs = np.array([edge for edge in edges if edge[0] != edge[1]], np.int64).reshape(-1, 2)
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    ends, far = np.concatenate([pairs[:, 0], pairs[:, 1]]), np.concatenate([pairs[:, 1], pairs[:, 0]])
    order = np.lexsort((far, ends))
    start = np.zeros(nodes + 1, np.int64)
    np.cumsum(np.bincount(ends, minlength=nodes), out=start[1:])
    return Rows(start, far[order])


def links_in(
    graph: VisibleGraph,
    *,
    happened_from: int,
    happened_to: int,
    kinds: Iterable[str] | None = None,
    crowd: int = CROWD,
) -> tuple[PeerLink, ...]:
    """
    Give the links that claims of a period make, of these kinds (default: all), in order of source key.

    Claims graded as suspected false make none, as they make no route (3x5x2): a figure or a group would not say that it rests on one.
    A thing shared by more than `crowd` people makes no link.

    Raises
    ------
    ParameterError
        If there is no such kind of link, or `crowd` is out of its range.
    """
    wanted = frozenset(KINDS if kinds is None else kinds)
    if not wanted <= set(KINDS):
        raise ParameterError("kinds", f"use any of {', '.join(KINDS)}")
    rows = np.flatnonzero(believed(graph, happened_from, happened_to)).tolist()
    return every_link(graph, rows, wanted, crowd=crowd).links


def believed(graph: VisibleGraph, happened_from: int, happened_to: int) -> Bools:
    """Say which claims may have happened in a period (half-open, milliseconds UTC) and are not graded as suspected false."""
    inside = in_period(graph.claims, happened_from, happened_to)
    return np.asarray(inside & (graph.claims.information_rank != SUSPECTED_FALSE), np.bool_)


def peer_graph(
    graph: VisibleGraph, *, happened_from: int, happened_to: int, kinds: Iterable[str] | None = None
) -> "nx.Graph[str]":
    """
    Give the peer network of a period as a NetworkX graph with the evidence on every edge.

    Parameters
    ----------
    graph
        What the viewer may see.
    happened_from, happened_to
        The period, half-open, milliseconds UTC.
    kinds
        Kinds of link, of `queries.analysis.peers.KINDS`. Default: all.

    Raises
    ------
    ParameterError
        If there is no such kind of link.
    """
    import networkx as nx

    links = links_in(graph, happened_from=happened_from, happened_to=happened_to, kinds=kinds)
    made: nx.Graph[str] = nx.Graph()
    for at in people_of(links):
        subject = graph.subjects[at]
        made.add_node(subject.uid, label=subject.label, kind=subject.kind)
    for link in links:
        made.add_edge(
            graph.subjects[link.a].uid,
            graph.subjects[link.b].uid,
            strength=strength_of(link),
            events=sum(count.events for count in link.kinds.values()),
            reports=max(count.reports for count in link.kinds.values()),
            kinds=list(link.kinds),
            evidence=list(link.evidence),
        )
    return made


def people_of(links: Sequence[PeerLink]) -> list[int]:
    """Give the positions of those who have a link, in order of source key."""
    return sorted({at for link in links for at in (link.a, link.b)})


def strength_of(link: PeerLink) -> float:
    """Give the strength of a link over all its kinds, as ties have it."""
    return float(sum(np.log2(1 + occasions(count)) for count in link.kinds.values()))
