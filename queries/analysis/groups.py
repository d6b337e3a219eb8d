"""
Groups of people who are more linked among themselves than to others.

A group is a finding of this calculation, never a membership: nobody is recorded as part of it.

Source: Traag, Waltman and van Eck (2019), Scientific Reports 9, 5233 (Leiden).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import graspologic_native
import numpy as np

from queries.analysis.peers import KINDS, PeerLink, every_link
from queries.analysis.periods import in_period
from queries.errors import ParameterError
from queries.projection import VisibleGraph

SEEDS: Final = 10
SMALLEST: Final = 3
# A person with at least this share of their links in another group is listed in that group too.
SPLIT: Final = 1 / 3


@dataclass(frozen=True, slots=True)
class Group:
    """People (positions) found together. `stability` is how much of the group is found again with other seeds: 1, always the same."""

    members: tuple[int, ...]
    stability: float
    evidence: tuple[str, ...]


def peer_groups(
    graph: VisibleGraph, *, happened_from: int, happened_to: int, kinds: Iterable[str] | None = None
) -> list[Group]:
    """
    Find groups of three or more people by the links that claims of a period make.

    A person whose links to another group are at least a third (`SPLIT`) of the weight of all their links is listed in that one too.

    Parameters
    ----------
    graph
        What the viewer may see.
    happened_from
        Start of the period, inclusive, milliseconds UTC.
    happened_to
        Its end, exclusive.
    kinds
        Kinds of link to use, of `queries.analysis.peers.KINDS`. Default: all.

    Returns
    -------
    groups
        Largest first, then by members.

    Raises
    ------
    ParameterError
        If there is no such kind of link.

    Notes
    -----
    Kinds have different units, so each is divided by its mean over the links before they are added up. Leiden is run under `SEEDS`
    seeds; the groups are those of the first, and `stability` is the mean over the others of the Jaccard index with the group there that is
    most like it.
    """
    wanted = frozenset(KINDS if kinds is None else kinds)
    if not wanted <= set(KINDS):
        raise ParameterError("kinds", f"use any of {', '.join(KINDS)}")
    rows = np.flatnonzero(in_period(graph.claims, happened_from, happened_to)).tolist()
    links = every_link(graph, rows, wanted).links
    if not links:
        return []
    weights = _weights(links)
    runs = [_partition(graph, weights, seed) for seed in range(SEEDS)]
    groups = []
    for core in runs[0]:
        members = tuple(sorted(core | _also(core, runs[0], weights)))
        if len(members) >= SMALLEST:
            inside = {claim for link in links if link.a in members and link.b in members for claim in link.evidence}
            groups.append(Group(members, _stability(core, runs[1:]), tuple(sorted(inside))))
    return sorted(groups, key=lambda group: (-len(group.members), group.members))


def _weights(links: Iterable[PeerLink]) -> dict[tuple[int, int], float]:
    by_kind: dict[str, list[float]] = defaultdict(list)
    for link in links:
        for kind, count in link.kinds.items():
            by_kind[kind].append(count.weight)
    mean = {kind: float(np.mean(found)) or 1.0 for kind, found in by_kind.items()}
    return {(link.a, link.b): sum(count.weight / mean[kind] for kind, count in link.kinds.items()) for link in links}


def _partition(graph: VisibleGraph, weights: Mapping[tuple[int, int], float], seed: int) -> list[frozenset[int]]:
    """Give one division into groups. Edges go in order of source key and by key, so that it is the same in another folder."""
    keys = {graph.subjects[at].key: at for pair in weights for at in pair}
    edges = [(graph.subjects[a].key, graph.subjects[b].key, weight) for (a, b), weight in weights.items()]
    _, of = graspologic_native.leiden(edges, seed=seed)
    found: dict[int, set[int]] = defaultdict(set)
    for key, group in of.items():
        found[group].add(keys[key])
    return sorted((frozenset(group) for group in found.values()), key=sorted)


def _also(core: frozenset[int], groups: list[frozenset[int]], weights: Mapping[tuple[int, int], float]) -> set[int]:
    """Give those of other groups whose links are split with this one."""
    total: dict[int, float] = defaultdict(float)
    inside: dict[int, float] = defaultdict(float)
    for (a, b), weight in weights.items():
        for person, other in ((a, b), (b, a)):
            total[person] += weight
            inside[person] += weight if other in core else 0.0
    others = {person for group in groups if group != core for person in group}
    return {person for person in others if inside[person] >= SPLIT * total[person] > 0}


def _stability(core: frozenset[int], runs: list[list[frozenset[int]]]) -> float:
    best = [max(len(core & other) / len(core | other) for other in run) for run in runs]
    return float(np.mean(best))
