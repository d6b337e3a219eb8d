"""
The search behind `links`: the best routes between two subjects, without writing out those that are not asked for.

For each length the layers of subjects that lie on some walk of that length are found from both ends. Backward over the layers go the best
grade and the latest moment that can still be reached; with them as bounds, routes are taken best first from a heap.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from queries.analysis.claim_filter import EVERY_CLAIM, ClaimFilter
from queries.analysis.meetings import Meetings, Met
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, Bools, Ints, VisibleGraph
from queries.vocabulary import SUSPECTED_FALSE

_SOURCE_GRADES: Final = 16  # more than there are: an information rank weighs more than any source rank


def ranks(graph: VisibleGraph, rows: Ints) -> Ints:
    """Give a number for the grade of each claim: larger is weaker; information first, then source."""
    claims = graph.claims
    return np.asarray(claims.information_rank[rows] * _SOURCE_GRADES + claims.source_rank[rows], np.int64)


def moments(graph: VisibleGraph, rows: Ints) -> Ints:
    """Give the known start of what each of these claims says happened, else its known end, else `FAR_PAST_MS`; milliseconds UTC."""
    started, ended = graph.claims.happened_from[rows], graph.claims.happened_to[rows]
    ended_known = np.where(ended < FAR_FUTURE_MS, ended, FAR_PAST_MS)
    return np.asarray(np.where(started > FAR_PAST_MS, started, ended_known), np.int64)


def is_hub(graph: VisibleGraph, at: int) -> bool:
    """Say whether a subject is a hub: see `VisibleGraph.hubs`."""
    return bool(graph.hubs[at])


@dataclass(frozen=True, slots=True)
class _Steps:
    """Pairs of subjects one hop apart, in order of `a` then `b`, each with its weakest grade and latest moment."""

    a: Ints
    b: Ints
    rank: Ints
    latest: Ints


def _together(a: Ints, b: Ints, rank: Ints, latest: Ints) -> _Steps:
    """Join claims side by side into one step."""
    if not len(a):
        return _Steps(a, b, rank, latest)
    key = a * (int(b.max()) + 1) + b
    if (key[1:] < key[:-1]).any():
        order = np.argsort(key, kind="stable")
        a, b, rank, latest, key = a[order], b[order], rank[order], latest[order], key[order]
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    return _Steps(a[first], b[first], np.maximum.reduceat(rank, first), np.maximum.reduceat(latest, first))


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a search went from one end: the hops it grew by, and the subjects met that may stand in the middle of a route."""

    hops: int
    subjects: int


class Routes:
    """
    The routes between two different subjects of a graph.

    After the search, `met_suspected_false` and `met_filtered` tell whether claims graded so, or left out by `chosen`, were passed by;
    `hubs_met` which hubs were reached and not gone through; `reached` how far it went from each end.
    """

    def __init__(
        self,
        graph: VisibleGraph,
        a: int,
        b: int,
        *,
        through_hubs: bool,
        meetings: Meetings | None,
        with_suspected_false: bool,
        chosen: ClaimFilter = EVERY_CLAIM,
    ) -> None:
        self._graph, self._a, self._b, self._chosen = graph, a, b, chosen
        self._through_hubs, self._with_false = through_hubs, with_suspected_false
        self._meetings = meetings
        nobody = np.zeros(0, np.int64)
        # Hops that no report states: those of subjects that have been asked about.
        self._met, self._asked = _Steps(nobody, nobody, nobody, nobody), np.zeros(len(graph.subjects), np.bool_)
        self.met_suspected_false = self.met_filtered = False
        self.hubs_met: set[int] = set()
        self.reached = (Reach(0, 0), Reach(0, 0))

    def best(self, *, max_hops: int, limit: int) -> list[tuple[int, ...]]:
        """Give up to `limit` routes as sequences of positions: shortest, then weakest grade, then latest, then by position."""
        found: list[tuple[int, ...]] = []
        from_a, from_b = [np.array([self._a])], [np.array([self._b])]
        for length in range(1, max_hops + 1):
            if length == 2:
                from_a.append(self._middle(from_a[0]))
                from_b.append(self._middle(from_b[0]))
            elif length > 2:
                # The end with fewer subjects to go on from is grown, so that a hub as an end costs little.
                side = min(from_a, from_b, key=lambda reached: len(reached[-1]))
                side.append(self._middle(side[-1]))
            self.reached = (_reach(from_a), _reach(from_b))
            for route in self._in_order(self._layers(from_a, from_b, length)):
                found.append(route)
                if len(found) == limit:
                    return found
        return found

    def _middle(self, subjects: Ints) -> Ints:
        """Give the subjects one hop on that may stand in the middle of a route."""
        _, b, _ = self._claims(subjects)
        met = np.zeros(len(self._graph.subjects), np.bool_)
        met[b] = True
        met[self._met_by(subjects).b] = True
        met[[self._a, self._b]] = False
        if not self._through_hubs:
            self.hubs_met.update(np.flatnonzero(met & self._graph.hubs).tolist())
            met &= ~self._graph.hubs
        return np.flatnonzero(met)

    def _claims(self, subjects: Ints, towards: Ints | None = None) -> tuple[Ints, Ints, Ints]:
        """Give the claims that may be used from these subjects (sorted), or those to subjects among `towards`: near end, far end and row."""
        graph = self._graph
        start, other, row = graph.neighbours
        low, degree = start[subjects], start[subjects + 1] - start[subjects]
        at = np.repeat(low - (np.cumsum(degree) - degree), degree) + np.arange(int(degree.sum()))
        a, b = np.repeat(subjects, degree), other[at]
        if towards is not None:
            wanted = np.zeros(len(graph.subjects), np.bool_)
            wanted[towards] = True
            kept = np.flatnonzero(wanted[b])
            a, b, at = a[kept], b[kept], at[kept]
        rows = row[at]
        usable = np.ones(len(rows), np.bool_)
        if not self._with_false:
            usable = graph.claims.information_rank[rows] != SUSPECTED_FALSE
            self.met_suspected_false |= not usable.all()
        if self._chosen.leaves_out:
            passed = self._chosen.passes(graph.claims, rows)
            self.met_filtered |= not passed.all()
            usable &= passed
        return (a, b, rows) if usable.all() else (a[usable], b[usable], rows[usable])

    def _steps(self, subjects: Ints, towards: Ints | None = None) -> _Steps:
        """Give every hop from these subjects (sorted), or only those to subjects among `towards` (sorted)."""
        a, b, rows = self._claims(subjects, towards)
        stated = _together(a, b, ranks(self._graph, rows), moments(self._graph, rows))
        return self._with_meetings(stated, subjects, towards)

    def _with_meetings(self, stated: _Steps, subjects: Ints, towards: Ints | None) -> _Steps:
        met = self._met_by(subjects, towards)
        if not len(met.a):
            return stated
        count = len(self._graph.subjects)
        # Where a report states a hop, nothing is inferred.
        kept = ~np.isin(met.a * count + met.b, stated.a * count + stated.b)
        columns = ((stated.a, met.a), (stated.b, met.b), (stated.rank, met.rank), (stated.latest, met.latest))
        a, b, rank, latest = (np.concatenate([mine, theirs[kept]]) for mine, theirs in columns)
        return _together(a, b, rank, latest)

    def _met_by(self, subjects: Ints, towards: Ints | None = None) -> _Steps:
        """Give the hops that no report states from these subjects (sorted), or only those to subjects among `towards` (sorted)."""
        if self._meetings is None:
            return self._met
        if towards is not None and (~self._asked[towards]).sum() < (~self._asked[subjects]).sum():
            return _turned(self._met_by(towards, subjects))  # whoever met somebody was met by them
        new = subjects[~self._asked[subjects]]
        if len(new):
            self._asked[new] = True
            self._met = self._joined(self._met, self._meetings.of(new))
        kept = _among(self._met.a, subjects)
        if towards is not None:
            kept &= _among(self._met.b, towards)
        return _Steps(self._met.a[kept], self._met.b[kept], self._met.rank[kept], self._met.latest[kept])

    def _joined(self, held: _Steps, met: Met) -> _Steps:
        if not len(met.a):
            return held
        used = met.rows >= 0
        rank = np.where(used, ranks(self._graph, met.rows), -1).max(axis=1)
        latest = np.where(used, moments(self._graph, met.rows), FAR_PAST_MS).max(axis=1)
        columns = ((held.a, met.a), (held.b, met.b), (held.rank, rank), (held.latest, latest))
        return _together(*(np.concatenate([mine, theirs]) for mine, theirs in columns))

    def _layers(self, from_a: list[Ints], from_b: list[Ints], length: int) -> list[_Steps]:
        """Give, for each hop of a walk of this length, the steps that lie on one; nothing when there is none."""
        if length == 1:
            only = self._steps(from_a[0], towards=from_b[0])
            return [only] if len(only.a) else []
        at = len(from_a) - 1
        middle = np.intersect1d(from_a[at], from_b[length - at], assume_unique=True)
        if not len(middle):
            return []
        # Whoever is in the middle is joined to both ends, so what is found going out from there lies on a walk.
        left, subjects = [], middle
        for k in range(at - 1, -1, -1):
            left.append(_turned(self._steps(subjects, towards=from_a[k])))
            subjects = np.unique(left[-1].a)
        right, subjects = [], middle
        for k in range(length - at - 1, -1, -1):
            right.append(self._steps(subjects, towards=from_b[k]))
            subjects = np.unique(right[-1].b)
        return left[::-1] + right

    def _in_order(self, layers: list[_Steps]) -> Iterator[tuple[int, ...]]:
        """Take routes best first. A partial route is weighed by the best that can still become of it."""
        if not layers:
            return
        nexts: list[_Next] = []
        for steps in reversed(layers):
            nexts.insert(0, _Next(steps, nexts[0] if nexts else None))
        heap: list[tuple[int, int, tuple[int, ...], int, int]] = [(0, 0, (self._a,), -1, FAR_PAST_MS)]
        while heap:
            _, _, route, rank, latest = heapq.heappop(heap)
            if len(route) == len(layers) + 1:
                yield route
                continue
            for on, step_rank, step_latest, best_rank, best_latest in nexts[len(route) - 1].of(route[-1]):
                if on not in route:
                    bound = (max(rank, best_rank), -max(latest, best_latest))
                    heapq.heappush(heap, (*bound, (*route, on), max(rank, step_rank), max(latest, step_latest)))


class _Next:
    """The steps of one layer by the subject that they start from, each with the best that it can still lead to over the layers beyond."""

    def __init__(self, steps: _Steps, beyond: "_Next | None") -> None:
        self._steps = steps
        self.starts, self.first = np.unique(steps.a, return_index=True)
        if beyond is None:
            self.rank, self.latest = steps.rank, steps.latest
        else:
            at = np.searchsorted(beyond.starts, steps.b)
            self.rank = np.maximum(steps.rank, np.minimum.reduceat(beyond.rank, beyond.first)[at])
            self.latest = np.maximum(steps.latest, np.maximum.reduceat(beyond.latest, beyond.first)[at])

    def of(self, subject: int) -> Iterator[tuple[int, int, int, int, int]]:
        """Give the subjects one hop on: the grade and moment of the hop, then the strongest weakest grade and latest moment to the end by it."""
        at = int(np.searchsorted(self.starts, subject))
        last = int(self.first[at + 1]) if at + 1 < len(self.first) else len(self._steps.a)
        part = slice(int(self.first[at]), last)
        columns = (self._steps.b, self._steps.rank, self._steps.latest, self.rank, self.latest)
        return zip(*(column[part].tolist() for column in columns), strict=True)


def _reach(layers: list[Ints]) -> Reach:
    """Count the distinct subjects of the layers beyond the end itself."""
    met = np.unique(np.concatenate(layers[1:])) if len(layers) > 1 else layers[0][:0]
    return Reach(len(layers) - 1, len(met))


def _turned(steps: _Steps) -> _Steps:
    return _together(steps.b, steps.a, steps.rank, steps.latest)


def _among(values: Ints, ordered: Ints) -> Bools:
    """Say which values are in a sorted array."""
    if not len(ordered):
        return np.zeros(len(values), bool)
    at = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    return np.asarray(ordered[at] == values, np.bool_)
