"""
Who is tied to whom in a whole graph, as columns: what `every_link` and `peer_ties` give, without a link made for every pair.

Nine in ten pairs share no more than a school or a stop, and only their strength is asked for. So pairs are put together with numpy, and of few is
told what makes them. The strengths are those of `peer_ties` to the last digit: sums are made in the same order.
"""

from collections.abc import Collection, Hashable, Iterator
from collections.abc import Set as AbstractSet
from math import log2
from typing import Final, NamedTuple

import numpy as np

from queries.analysis.equal_rows import begins
from queries.analysis.peers import BETWEEN, CLAIMS_OF_TWO, KINDS, LARGEST_CROWD, SHARED, TONED, between_two
from queries.analysis.ties import Tie, occasions
from queries.errors import ParameterError
from queries.projection import Bools, Floats, Ints, VisibleGraph
from queries.vocabulary import PERSON_KINDS, TYPE_CODES

_OF_TWO: Final = np.array([kind in CLAIMS_OF_TWO for kind in KINDS])


class Made(NamedTuple):
    """A pair (positions, `a` before `b`), the kinds of link between the two, and the claims (rows) that make them."""

    a: int
    b: int
    kinds: tuple[str, ...]
    rows: tuple[int, ...]


class PeerPairs:
    """
    The pairs that claims (rows) make, of some kinds of link.

    Raises
    ------
    ParameterError
        If `crowd`, which is as of `queries.analysis.peers`, is out of its range.

    Notes
    -----
    `O(claims + what each pair shares)` with numpy, about 50 bytes for each thing that each pair shares.
    """

    def __init__(self, graph: VisibleGraph, rows: Ints, kinds: AbstractSet[str], *, crowd: int) -> None:
        if not 2 <= crowd <= LARGEST_CROWD:
            raise ParameterError("crowd", f"use a number from 2 to {LARGEST_CROWD}")
        self._graph, self._size = graph, max(len(graph.subjects), 1)
        people = np.isin(graph.kinds.astype(str), sorted(PERSON_KINDS))
        rows = rows[(graph.claims.a[rows] != graph.claims.b[rows]) & people[graph.claims.a[rows]]]
        kind = self._kinds(rows, kinds)
        rows, kind = rows[kind >= 0], kind[kind >= 0]
        is_of_two = _OF_TWO[kind]
        self._share(rows[~is_of_two], kind[~is_of_two], crowd)
        a, b = graph.claims.a[rows[is_of_two]], graph.claims.b[rows[is_of_two]]
        pair = np.minimum(a, b) * self._size + np.maximum(a, b)
        order = np.lexsort((rows[is_of_two], kind[is_of_two], pair))
        self._two = pair[order], kind[is_of_two][order], rows[is_of_two][order]

    def _kinds(self, rows: Ints, kinds: AbstractSet[str]) -> Ints:
        """Give the kind of link that each claim makes, by its number in `KINDS`; -1 where it makes none that is asked for."""
        claims, found = self._graph.claims, np.full(len(rows), -1, np.int64)
        type_of, tone = claims.type[rows], claims.role[rows].astype(str)
        number = {kind: at for at, kind in enumerate(KINDS) if kind in kinds}
        for name, kind in (BETWEEN | SHARED).items():
            of_type = type_of == TYPE_CODES[name]
            found[of_type] = number.get(kind, -1)
            for said in ("concern", "strength") if name in TONED else ():
                found[of_type & (tone == said)] = number.get(f"{kind}_{said}", -1)
        used = np.flatnonzero(type_of == TYPE_CODES["USES"])
        kind_of_used = self._graph.kinds[claims.b[rows[used]]].astype(str)
        for kind in ("vehicle", "account"):
            found[used[kind_of_used == kind]] = number.get(kind, -1)
        return found

    def _share(self, rows: Ints, kind: Ints, crowd: int) -> None:
        """Put together who shares what: each person of each thing, and each two of them."""
        claims = self._graph.claims
        person, thing = claims.a[rows], claims.b[rows]
        order = np.lexsort((rows, person, thing, kind))
        kind, thing, person, self._shared_rows = kind[order], thing[order], person[order], rows[order]
        is_thing = begins(kind, thing)
        is_one = is_thing | begins(person)
        self._first = np.append(np.flatnonzero(is_one), len(rows))  # of each person of each thing, their first claim
        kind, thing, person = kind[is_one], thing[is_one], person[is_one]
        starts = np.flatnonzero(is_thing[is_one])
        size = np.diff(np.append(starts, len(person)))
        starts, size = starts[(size > 1) & (size <= crowd)], size[(size > 1) & (size <= crowd)]
        ones, others = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for many in np.unique(size).tolist():
            one, other = np.triu_indices(many, 1)
            begin = starts[size == many][:, None]
            ones.append((begin + one).ravel())
            others.append((begin + other).ravel())
        one, other = np.concatenate(ones), np.concatenate(others)
        of_thing = np.searchsorted(starts, one, side="right") - 1
        pair = person[one] * self._size + person[other]
        order = np.lexsort((thing[one], kind[one], pair))
        one, other = one[order], other[order]
        self._shared = pair[order], kind[one], thing[one], size[of_thing[order]]
        self._by = one, other

    def ties(self, least: float) -> list[Tie]:
        """Give the ties of at least a strength between peers, in order: those between a child and an adult are none (see `ties`)."""
        peers = self._are_peers(self._shared[0])
        pair, kind, thing, size = (column[peers] for column in self._shared)
        is_pair = begins(pair)
        is_kind = is_pair | begins(kind)
        weight: Floats = np.asarray(np.bincount(np.cumsum(is_kind) - 1, 1 / (size - 1)), np.float64)
        at_pair = np.cumsum(is_pair) - 1
        strength, events = np.bincount(at_pair[is_kind], _logs(weight)), np.bincount(at_pair)
        of_two = np.unique(self._two[0][self._are_peers(self._two[0])])
        first = np.flatnonzero(is_pair)
        found: dict[int, tuple[float, Hashable | None]] = {
            int(pair[first[at]]): (
                float(strength[at]), (KINDS[kind[first[at]]], int(thing[first[at]])) if events[at] == 1 else None
            )
            for at in np.flatnonzero((strength >= least) & ~np.isin(pair[first], of_two)).tolist()
        }  # fmt: skip
        # Those of whom claims say something by themselves, with what they share besides.
        parts: dict[int, dict[int, tuple[float, set[Hashable] | None]]] = {one: {} for one in of_two.tolist()}
        firsts, ends = np.flatnonzero(is_kind), np.append(np.flatnonzero(is_kind)[1:], len(pair))
        for at in np.flatnonzero(np.isin(pair[firsts], of_two)).tolist():
            begin, name = int(firsts[at]), KINDS[kind[firsts[at]]]
            things: set[Hashable] = {(name, one) for one in thing[begin : ends[at]].tolist()}
            parts[int(pair[begin])][int(kind[begin])] = float(weight[at]), things
        for one, number, rows in self._of_two():
            if one in parts:
                parts[one][number] = self._said(rows)
        for one, kinds in parts.items():
            value = sum(log2(1 + kinds[number][0]) for number in sorted(kinds))
            if value >= least and value > 0:
                every = [events for _, events in kinds.values()]
                alone = None if None in every else set().union(*(events for events in every if events))
                found[one] = value, next(iter(alone)) if alone and len(alone) == 1 else None
        return [Tie(*divmod(one, self._size), *found[one]) for one in sorted(found)]

    def _said(self, rows: list[int]) -> tuple[float, set[Hashable] | None]:
        """Give the occasions that claims of two people stand for, and their events: None where they were said of the two alone."""
        count = between_two(self._graph, rows)
        return occasions(count), None if count.events > len(count.together) else set(count.together)

    def _of_two(self) -> Iterator[tuple[int, int, list[int]]]:
        """Give each pair and kind of what claims say of the two, with their rows."""
        pair, kind, rows = self._two
        firsts = np.flatnonzero(begins(pair, kind))
        ends = np.append(firsts, len(rows))[1:]
        for begin, end in zip(firsts.tolist(), ends.tolist(), strict=True):
            yield int(pair[begin]), int(kind[begin]), rows[begin:end].tolist()

    def _are_peers(self, pair: Ints) -> Bools:
        is_child, is_adult = (self._graph.kinds == kind for kind in ("child", "adult"))
        a, b = pair // self._size, pair % self._size
        return np.asarray(~((is_child[a] & is_adult[b]) | (is_adult[a] & is_child[b])), np.bool_)

    def of(self, people: Collection[int]) -> dict[int, list[Made]]:
        """
        Give what makes the links between these people, and to adults: of each of them, every pair that they are in.
        """
        chosen = np.zeros(self._size, np.bool_)
        chosen[list(people)] = True
        is_adult = np.asarray(self._graph.kinds == "adult", np.bool_)

        def wanted(pair: Ints) -> Ints:
            a, b = pair // self._size, pair % self._size
            return np.flatnonzero((chosen[a] & chosen[b]) | (chosen[a] & is_adult[b]) | (chosen[b] & is_adult[a]))

        made: dict[int, tuple[set[int], set[int]]] = {}
        pair, kind = self._shared[:2]
        for at in wanted(pair).tolist():
            kinds, rows = made.setdefault(int(pair[at]), (set(), set()))
            kinds.add(int(kind[at]))
            for one in (int(self._by[0][at]), int(self._by[1][at])):
                rows.update(self._shared_rows[self._first[one] : self._first[one + 1]].tolist())
        pair, kind, claims = self._two
        for at in wanted(pair).tolist():
            kinds, rows = made.setdefault(int(pair[at]), (set(), set()))
            kinds.add(int(kind[at]))
            rows.add(int(claims[at]))
        found: dict[int, list[Made]] = {person: [] for person in people}
        for one in sorted(made):
            kinds, rows = made[one]
            a, b = divmod(one, self._size)
            told = Made(a, b, tuple(KINDS[number] for number in sorted(kinds)), tuple(sorted(rows)))
            for person in {a, b} & found.keys():
                found[person].append(told)
        return found


def _logs(weights: Floats) -> Floats:
    """Give log2(1 + weight) of each, as plain Python has it: there are few different ones."""
    values, at = np.unique(weights, return_inverse=True)
    return np.array([log2(1 + value) for value in values.tolist()], float)[at]
