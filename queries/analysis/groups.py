"""
Groups of peers who are more linked among themselves than chance would give.

A group is a finding of this calculation, never a membership: nobody is recorded as part of it.

Why it is done so: dividing each kind of link by its mean, and modularity at one resolution, made schools and stops (nine links in ten) outweigh
everything that reports say of two children, and found a dozen crowds of sixty. So ties are put on one scale of occasions
(`queries.analysis.ties`), densities are scanned (`queries.analysis.resolution_scan`), and a group is told only if fewer than one such set is
to be expected by chance.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, lgamma
from typing import Final

import numpy as np
from scipy.stats import binom

from queries.analysis.peer_graph import believed
from queries.analysis.peer_pairs import Made, PeerPairs
from queries.analysis.peers import CROWD, KINDS
from queries.analysis.resolution_scan import DENSITIES, SMALLEST, Lasting, lasting_sets
from queries.analysis.ties import Tie
from queries.errors import ParameterError
from queries.projection import VisibleGraph

#: Everyone in a group has firm ties to at least so many of it.
LEAST_TIES: Final = 2
#: Whom another group has too has them to at least such a share of it, on more than one event.
LEAST_SHARE: Final = 1 / 3
#: An adult is told beside a group when tied to at least so many of it.
LEAST_AROUND: Final = 2


@dataclass(frozen=True, slots=True)
class Beside:
    """An adult (position) who is tied to children of a group: how many, by which kinds of link, on which claims, and which (positions)."""

    person: int
    members: int
    kinds: tuple[str, ...]
    evidence: tuple[str, ...]
    near: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """
    People (positions, in order of source key) found together.

    `stability` is the share of all runs, over densities and seeds, in which the group is found again; `resolution` the middle of the `resolutions`
    (lowest, highest) at which it lives; `chance` how many such sets to expect if the same people had their ties at random. `overlap` are
    those of `members` whom another group has too. `kinds` counts its links by kind, `reports` the independent reports behind them.
    """

    members: tuple[int, ...]
    stability: float
    evidence: tuple[str, ...]
    resolution: float = 0.0
    resolutions: tuple[float, float] = (0.0, 0.0)
    chance: float = 0.0
    kinds: tuple[tuple[str, int], ...] = ()
    reports: int = 0
    overlap: tuple[int, ...] = ()
    beside: tuple[Beside, ...] = ()


def peer_groups(
    graph: VisibleGraph,
    *,
    happened_from: int,
    happened_to: int,
    kinds: Iterable[str] | None = None,
    also_by_chance: bool = False,
    crowd: int = CROWD,
) -> list[Group]:
    """
    Find groups of three or more peers by the links that claims of a period make.

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
    also_by_chance
        Also give the sets of which chance alone would give one or more.
    crowd
        A thing shared by more than so many people makes no link.

    Returns
    -------
    groups
        Largest first, then by members.

    Raises
    ------
    ParameterError
        If there is no such kind of link, or `crowd` is out of its range.

    Notes
    -----
    *Grades.* Claims graded as suspected false make no tie.

    *Overlap.* A person is listed in a second group if they would have joined it on their own ties: firm ties to at least `LEAST_TIES` of it and
    a third (`LEAST_SHARE`), not all on one event, and in all at least the group's density for each of its members, so that joining would raise
    the Potts score there.

    *Chance.* With `k` firm ties a person and `2m` in all, two people are tied by chance with probability `k_i k_j / 2m` (the configuration
    model). `chance` is the binomial tail of as many firm ties among so many people, times the number of sets of this size of people who have as
    many ties as the least tied of the group has in it. The one event that makes most of the ties is taken away first: it is one piece
    of evidence. Binomial tails bound those of unequal pairs (Hoeffding 1956).
    """
    wanted = frozenset(KINDS if kinds is None else kinds)
    if not wanted <= set(KINDS):
        raise ParameterError("kinds", f"use any of {', '.join(KINDS)}")
    pairs = PeerPairs(graph, np.flatnonzero(believed(graph, happened_from, happened_to)), wanted, crowd=crowd)
    # Fainter ties than the lowest density looked at (a school's, say) hold no group together, and are nine in ten.
    ties = pairs.ties(DENSITIES[0])
    network = _Ties(ties)
    found = []
    for lasting in lasting_sets((tie.a, tie.b, tie.strength) for tie in ties):
        core = network.core(lasting.members)
        chance = network.by_chance(core) if len(core) >= SMALLEST else float("inf")
        if len(core) >= SMALLEST and (chance < 1 or also_by_chance):
            found.append((lasting, core | network.also(core, lasting.density), chance))
    times = Counter(person for _, members, _ in found for person in members)
    told = _Told(graph, pairs.of(times))
    groups = [told.group(lasting, members, chance, times) for lasting, members, chance in found]
    return sorted(groups, key=lambda group: (-len(group.members), group.members))


class _Ties:
    """The ties between peers, by person."""

    def __init__(self, ties: Iterable[Tie]) -> None:
        self._of: dict[int, dict[int, Tie]] = defaultdict(dict)
        for tie in ties:
            self._of[tie.a][tie.b] = self._of[tie.b][tie.a] = tie
        firm = {person: sum(tie.is_firm for tie in near.values()) for person, near in self._of.items()}
        self._firm = {person: count for person, count in firm.items() if count}
        self._twice = sum(self._firm.values())

    def core(self, members: frozenset[int]) -> frozenset[int]:
        """Take away, one after another, those with firm ties to fewer than `LEAST_TIES` of a set."""
        while True:
            kept = frozenset(
                person
                for person in members
                if sum(tie.is_firm and other in members for other, tie in self._of[person].items()) >= LEAST_TIES
            )
            if kept == members:
                return kept
            members = kept

    def by_chance(self, members: frozenset[int]) -> float:
        """Give how many sets of so many people with so many firm ties to expect by chance."""
        inside = [
            tie
            for person in members
            for other, tie in self._of[person].items()
            if person < other and other in members and tie.is_firm
        ]
        on_one_event = Counter(tie.only for tie in inside if tie.only is not None)
        kept = len(inside) - max(on_one_event.values(), default=0)
        if not kept:
            return float("inf")
        degrees = np.array([self._firm.get(person, 0) for person in members], float)
        pairs = len(members) * (len(members) - 1) // 2
        expected = (degrees.sum() ** 2 - (degrees**2).sum()) / 2 / self._twice
        tail = float(binom.logsf(kept - 1, pairs, min(expected / pairs, 1.0)))
        within = Counter(person for tie in inside for person in (tie.a, tie.b))
        least = min(within[person] for person in members)
        able = max(sum(count >= least for count in self._firm.values()), len(members))
        return exp(min(_log_choose(able, len(members)) + tail, 700.0))

    def also(self, core: frozenset[int], density: float) -> frozenset[int]:
        """Give those outside a set who would have joined it, at this density, on their own ties."""
        found, near_of = set(), defaultdict[int, list[Tie]](list)
        for member in sorted(core):
            for person, tie in self._of[member].items():
                if person not in core:
                    near_of[person].append(tie)
        several = max(LEAST_TIES, LEAST_SHARE * len(core))
        for person, near in near_of.items():
            firm = [tie for tie in near if tie.is_firm] if len(near) >= several else []
            apart = {tie.only if tie.only is not None else (tie.a, tie.b) for tie in firm}
            enough = sum(tie.strength for tie in near) >= density * len(core)
            if enough and len(firm) >= several and len(apart) >= LEAST_TIES:
                found.add(person)
        return frozenset(found)


class _Told:
    """What is told of groups from the links that made them."""

    def __init__(self, graph: VisibleGraph, of: Mapping[int, list[Made]]) -> None:
        self._graph, self._of = graph, of

    def _claims(self, made: Iterable[Made]) -> tuple[str, ...]:
        rows = sorted({row for one in made for row in one.rows})
        return tuple(sorted(str(claim) for claim in self._graph.claims.claim_id[np.array(rows, np.int64)]))

    def group(self, lasting: Lasting[int], members: frozenset[int], chance: float, times: Mapping[int, int]) -> Group:
        ordered = tuple(sorted(members))
        inside = [link for person in ordered for link in self._of[person] if link.a == person and link.b in members]
        evidence = self._claims(inside)
        kinds = Counter(kind for link in inside for kind in link.kinds)
        lives = lasting.densities or (lasting.density,)
        return Group(
            members=ordered,
            stability=lasting.found_again,
            evidence=evidence,
            resolution=lasting.density,
            resolutions=(lives[0], lives[-1]),
            chance=chance,
            kinds=tuple((kind, kinds[kind]) for kind in KINDS if kinds[kind]),
            reports=len(self._graph.roots({row for link in inside for row in link.rows})),
            overlap=tuple(person for person in ordered if times[person] > 1),
            beside=self._beside(members),
        )

    def _beside(self, members: frozenset[int]) -> tuple[Beside, ...]:
        """Give the adults whom reports tie to children of the group themselves, those tied to most first."""
        near, kind = defaultdict[int, list[Made]](list), self._graph.kinds
        for person in members:
            for link in self._of[person]:
                other = link.b if link.a == person else link.a
                if (kind[person], kind[other]) == ("child", "adult") and other not in members:
                    near[other].append(link)
        found = [
            Beside(
                adult,
                len(links),
                tuple(kind for kind in KINDS if any(kind in link.kinds for link in links)),
                self._claims(links),
                tuple(sorted(link.b if link.a == adult else link.a for link in links)),
            )
            for adult, links in near.items()
            if len(links) >= LEAST_AROUND
        ]
        return tuple(sorted(found, key=lambda one: (-one.members, one.person)))


def _log_choose(number: int, chosen: int) -> float:
    return lgamma(number + 1) - lgamma(chosen + 1) - lgamma(number - chosen + 1)
