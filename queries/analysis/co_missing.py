"""
Children missing at the same time, observed beside what their own patterns would give by chance.

Being missing at the same time is a reason to ask, not proof that the children were together.

Source: Portsmouth MET Integrated Pathway 9.10 (c).
"""

import datetime as dt
import itertools
import math
import zoneinfo
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from queries.analysis.chance import q_values
from queries.analysis.episodes import Episode, episodes
from queries.analysis.naming import counted, name_of
from queries.analysis.national_grid import eastings_northings
from queries.analysis.week_shift import WEEK_MS, weights_of_shifts
from queries.errors import ParameterError
from queries.projection import Bools, Floats, Ints, Subject, VisibleGraph, to_instant

MINUTE_MS: Final = 60_000
MOST_OVERLAPS: Final = 5_000_000
_PARTS: Final = ((6, "night"), (12, "morning"), (18, "afternoon"), (24, "evening"))


@dataclass(frozen=True, slots=True)
class Pair:
    """
    Two children (positions, in order) missing together.

    `observed` counts pairs of overlapping episodes, given as their incidents in `episodes`, earliest first; `since` has the moment from which
    both were missing, milliseconds UTC. `expected` is what chance gives, None where the data are too short to tell; `q_value` likewise.
    `found_together` are the places where both were found in one such pair, one entry a pair.
    """

    a: int
    b: int
    observed: int
    expected: float | None
    q_value: float | None
    episodes: tuple[tuple[int, int], ...]
    since: tuple[int, ...]
    found_together: tuple[int, ...]
    evidence: tuple[str, ...]


def co_missing(
    graph: VisibleGraph,
    *,
    happened_from: int,
    happened_to: int,
    within_metres: float | None = None,
    min_overlap_minutes: float = 60,
) -> list[Pair]:
    """
    Find children whose missing episodes overlap.

    Parameters
    ----------
    graph
        What the viewer may see. An episode that is still open is taken to last to the moment as known at.
    happened_from
        Start of the period, inclusive, milliseconds UTC: episodes that touch it are used whole.
    happened_to
        Its end, exclusive.
    within_metres
        Use only pairs of episodes whose places (found at, else last seen, else missing from) are at most this far apart on the National Grid.
    min_overlap_minutes
        Shortest overlap that counts, inclusive.

    Returns
    -------
    pairs
        Lowest q-value first, then most observed, then by source key.

    Raises
    ------
    ParameterError
        If a parameter is out of range, or there are too many overlaps to list by time alone.

    Notes
    -----
    `expected` is the mean of the exact week-shift null (see `week_shift`); p is the upper Poisson tail at it; q is by Benjamini and Hochberg
    over all pairs of children with an episode that could count: those never together were tried too (p = 1), and to leave them out because
    of what was observed would make chance meetings look like findings. One sweep over starts a shift, `O(n log n + k)` for `k` pairs of
    episodes open together.
    """
    if min_overlap_minutes < 0:
        raise ParameterError("min_overlap_minutes", "give a number of minutes, 0 or more")
    if within_metres is not None and not within_metres >= 0:
        raise ParameterError("within_metres", "give a distance in metres, 0 or more")
    least = int(min_overlap_minutes * MINUTE_MS)
    used = _Episodes.of(graph, happened_from, happened_to)
    first, second = _overlapping(used, least, within_metres)
    swapped = used.child[first] > used.child[second]
    one, other = np.where(swapped, second, first), np.where(swapped, first, second)
    since = np.maximum(used.started[one], used.started[other])
    order = np.lexsort((other, one, since, used.child[other], used.child[one]))
    one, other, since = one[order], other[order], since[order]
    children, starts, observed = np.unique(
        np.column_stack([used.child[one], used.child[other]]), axis=0, return_index=True, return_counts=True
    )
    expected = _expected(used, children, least, within_metres)
    chance: list[float | None] = [None] * len(children)
    q: list[float | None] = [None] * len(children)
    if expected is not None:
        p = np.asarray(stats.poisson.sf(observed - 1, expected), np.float64)
        q = q_values(p, used.pairs_of_children(placed=within_metres is not None)).tolist()
        chance = expected.tolist()
    overlaps = list(zip(one.tolist(), other.tolist(), since.tolist(), strict=True))
    runs = [overlaps[at : at + many] for at, many in zip(starts.tolist(), observed.tolist(), strict=True)]
    found = [used.pair(run, mu, value) for run, mu, value in zip(runs, chance, q, strict=True)]
    return sorted(found, key=lambda p: (1.0 if p.q_value is None else p.q_value, -p.observed, p.a, p.b))


def tell_pair(graph: VisibleGraph, pair: Pair, name: Callable[[Subject], str] = name_of) -> str:
    """
    Put a pair into words: how often at the same time, on which part of the week most, where both were found, and what chance would give.

    `name` gives the name that the reader may see of a subject; a home is not named. Days and hours are those of London.
    """
    words = [f"{counted(pair.observed, 'episode')} at the same time"]
    when = Counter(_part_of_week(moment) for moment in pair.since)
    (most, times), *_ = sorted(when.items(), key=lambda item: (-item[1], item[0]))
    if pair.observed > 1 and times > 1:
        words[0] += f", {'all' if times == pair.observed else times} on a {most}"
    elif pair.observed == 1:
        words[0] += f", on a {most}"
    for place, times in sorted(Counter(pair.found_together).items(), key=lambda item: (-item[1], item[0])):
        often = {1: "once", 2: "twice"}.get(times, f"{times} times")
        where = "a home" if graph.homes[place] else name(graph.subjects[place])
        words.append(f"{often} both found at {where}")
    if pair.expected is not None:
        chance = "fewer than 0.1" if pair.expected < 0.1 else f"about {pair.expected:.1f}"
        words.append(f"by chance {chance} would be expected")
    return "; ".join(words)


def _part_of_week(milliseconds: int) -> str:
    moment: dt.datetime = to_instant(milliseconds).astimezone(zoneinfo.ZoneInfo("Europe/London"))
    return f"{moment:%A} {next(part for before, part in _PARTS if moment.hour < before)}"


@dataclass(frozen=True, slots=True)
class _Episodes:
    """Episodes with known times, earliest first, as columns; `metres` has the points of each (episode, point, axis), NaN where none is left."""

    rows: list[Episode]
    child: Ints
    started: Ints
    ended: Ints
    metres: Floats

    @classmethod
    def of(cls, graph: VisibleGraph, happened_from: int, happened_to: int) -> "_Episodes":
        rows, ends = [], []
        for episode in episodes(graph):
            ended = max(graph.known_at, episode.started_at) if episode.ended_at is None else episode.ended_at
            touches = ended > happened_from or episode.started_at >= happened_from
            if episode.timed and touches and episode.started_at < happened_to:
                rows.append(episode)
                ends.append(ended)
        return cls(
            rows,
            np.array([e.child for e in rows], np.int64),
            np.array([e.started_at for e in rows], np.int64),
            np.array(ends, np.int64),
            _points(graph, rows),
        )

    def near(self, first: Ints, second: Ints, within_metres: float) -> Bools:
        """Say which of these pairs of episodes have places within this distance."""
        close = np.zeros(len(first), bool)
        for one, other in itertools.product(range(self.metres.shape[1]), repeat=2):
            apart = self.metres[first, one] - self.metres[second, other]
            close |= np.hypot(apart[:, 0], apart[:, 1]) <= within_metres
        return close

    def pairs_of_children(self, *, placed: bool) -> int:
        """Count the pairs of children with an episode, or with one that has a position."""
        some = ~np.isnan(self.metres).all(axis=(1, 2)) if placed else np.ones(len(self.rows), bool)
        return math.comb(len(np.unique(self.child[some])), 2)

    def pair(self, overlaps: list[tuple[int, int, int]], expected: float | None, q_value: float | None) -> Pair:
        """Put together what was found of two children: the rows of their episodes and since when both were missing, in order."""
        both = [(self.rows[i], self.rows[j]) for i, j, _ in overlaps]
        return Pair(
            both[0][0].child,
            both[0][1].child,
            len(overlaps),
            expected,
            q_value,
            tuple((one.incident, other.incident) for one, other in both),
            tuple(since for _, _, since in overlaps),
            tuple(min(places) for one, other in both if (places := {*one.found_at} & {*other.found_at})),
            tuple(sorted({claim for pair in both for episode in pair for claim in episode.evidence})),
        )


def _points(graph: VisibleGraph, rows: list[Episode]) -> Floats:
    placed = [[graph.subjects[at] for at in e.places if graph.subjects[at].has_position] for e in rows]
    spots = [spot for some in placed for spot in some]
    each = [len(some) for some in placed]
    found = np.full((len(rows), max(each, default=0), 2), np.nan)
    nth = [n for many in each for n in range(many)]
    metres = eastings_northings([s.latitude for s in spots], [s.longitude for s in spots])
    found[np.repeat(np.arange(len(rows)), each), nth] = metres
    return found


def _overlapping(used: _Episodes, least: int, within_metres: float | None, shift: int = 0) -> tuple[Ints, Ints]:
    """
    Give the pairs of episodes (indices) of different children that overlap long enough when the second is moved by `shift` milliseconds.

    The second starts with the first or after it; of two that start together the one of the first child comes first, so that none is given twice.
    """
    started = used.started + shift
    # Whatever starts up to the last moment at which an overlap could still be long enough.
    after = np.searchsorted(started, used.started, "left")
    many = np.maximum(np.searchsorted(started, used.ended - least, "right") - after, 0)
    if int(many.sum()) > MOST_OVERLAPS:
        raise ParameterError(
            "from", "too many children were missing at the same time to list; ask about a shorter period"
        )
    first = np.repeat(np.arange(len(many)), many)
    second = np.arange(len(first)) - np.repeat(np.cumsum(many) - many - after, many)
    begun, until = started[second], np.minimum(used.ended[first], used.ended[second] + shift)
    one, other = used.child[first], used.child[second]
    kept = np.flatnonzero((until - begun >= least) & ((one < other) | ((one > other) & (begun > used.started[first]))))
    first, second = first[kept], second[kept]
    if within_metres is not None:
        close = used.near(first, second, within_metres)
        first, second = first[close], second[close]
    return first, second


def _expected(used: _Episodes, pairs: Ints, least: int, within_metres: float | None) -> Floats | None:
    """
    Give what chance would give each pair of children (in order), or nothing where the data span less than two weeks.

    Every pair of episodes that some shift brings together is met once, in the sweep in which the later to start is the one moved; a shift
    and its opposite weigh the same, so that it does not matter which child that is.
    """
    weights = weights_of_shifts(int(used.ended.max() - used.started.min())) if len(pairs) else {}
    if not weights:
        return None
    children = int(used.child.max()) + 1
    keys = pairs[:, 0] * children + pairs[:, 1]
    found = np.zeros(len(keys))
    for weeks, weight in weights.items():
        first, second = _overlapping(used, least, within_metres, weeks * WEEK_MS)
        one, other = used.child[first], used.child[second]
        met = np.minimum(one, other) * children + np.maximum(one, other)
        at = np.minimum(np.searchsorted(keys, met), len(keys) - 1)
        found += weight * np.bincount(at[keys[at] == met], minlength=len(keys))
    return found
