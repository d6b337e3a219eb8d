"""
Children missing at the same time, observed beside what their own patterns would give by chance.

Being missing at the same time is a reason to ask, not proof that the children were together.

Source: Portsmouth MET Integrated Pathway 9.10 (c).
"""

import datetime as dt
import zoneinfo
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from queries.analysis.chance import q_values
from queries.analysis.episodes import Episode, episodes
from queries.analysis.naming import counted, name_of
from queries.analysis.national_grid import eastings_northings
from queries.analysis.week_shift import expected_overlaps, overlaps_by_shift, weeks_within
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
    over the pairs that overlap at least once. One sweep over starts, `O(n log n + k)` for `k` pairs of episodes open together.
    """
    if min_overlap_minutes < 0:
        raise ParameterError("min_overlap_minutes", "give a number of minutes, 0 or more")
    if within_metres is not None and not within_metres >= 0:
        raise ParameterError("within_metres", "give a distance in metres, 0 or more")
    least = int(min_overlap_minutes * MINUTE_MS)
    used = _Episodes.of(graph, happened_from, happened_to)
    first, second = _overlapping(used, least)
    if within_metres is not None:
        close = used.near(first, second, within_metres)
        first, second = first[close], second[close]
    together: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for i, j in zip(first.tolist(), second.tolist(), strict=True):
        one, other = (i, j) if used.child[i] < used.child[j] else (j, i)
        together[int(used.child[one]), int(used.child[other])].append((one, other))
    pairs = sorted(together)
    expected = _expected(used, pairs, least, within_metres)
    q: list[float | None] = [None] * len(pairs)
    if expected is not None:
        observed = np.array([len(together[pair]) for pair in pairs])
        q = q_values(np.asarray(stats.poisson.sf(observed - 1, expected), np.float64)).tolist()
    chance = [None] * len(pairs) if expected is None else expected.tolist()
    found = [used.pair(pair, together[pair], mu, value) for pair, mu, value in zip(pairs, chance, q, strict=True)]
    return sorted(found, key=lambda p: (1.0 if p.q_value is None else p.q_value, -p.observed, p.a, p.b))


def tell_pair(graph: VisibleGraph, pair: Pair, name: Callable[[Subject], str] = name_of) -> str:
    """
    Put a pair into words: how often together, on which part of the week most, and where found together. A home is not named.

    `name` gives the name that the reader may see of a subject. Days and hours are those of London.
    """
    words = [f"{counted(pair.observed, 'episode')} together"]
    when = Counter(_part_of_week(moment) for moment in pair.since)
    (most, times), *_ = sorted(when.items(), key=lambda item: (-item[1], item[0]))
    if pair.observed > 1 and times > 1:
        words[0] += f", {'all' if times == pair.observed else times} on a {most}"
    elif pair.observed == 1:
        words[0] += f", on a {most}"
    for place, times in sorted(Counter(pair.found_together).items(), key=lambda item: (-item[1], item[0])):
        often = {1: "once", 2: "twice"}.get(times, f"{times} times")
        where = "a home" if graph.homes[place] else name(graph.subjects[place])
        words.append(f"{often} found together at {where}")
    return "; ".join(words)


def _part_of_week(milliseconds: int) -> str:
    moment: dt.datetime = to_instant(milliseconds).astimezone(zoneinfo.ZoneInfo("Europe/London"))
    return f"{moment:%A} {next(part for before, part in _PARTS if moment.hour < before)}"


@dataclass(frozen=True, slots=True)
class _Episodes:
    """Episodes with known times, earliest first, as columns; `metres` has the points of each, empty where no report gives one."""

    rows: list[Episode]
    child: Ints
    started: Ints
    ended: Ints
    metres: list[Floats]

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
        return np.array(
            [_distance(self.metres[i], self.metres[j]) <= within_metres for i, j in zip(first, second, strict=True)],
            bool,
        )

    def pair(
        self, children: tuple[int, int], overlaps: list[tuple[int, int]], expected: float | None, q_value: float | None
    ) -> Pair:
        def since(overlap: tuple[int, int]) -> int:
            return int(max(self.started[list(overlap)]))

        ordered = sorted(overlaps, key=lambda overlap: (since(overlap), overlap))
        both = [(self.rows[i], self.rows[j]) for i, j in ordered]
        return Pair(
            *children,
            len(ordered),
            expected,
            q_value,
            tuple((one.incident, other.incident) for one, other in both),
            tuple(since(overlap) for overlap in ordered),
            tuple(place for one, other in both for place in sorted(set(one.found_at) & set(other.found_at))[:1]),
            tuple(sorted({claim for pair in both for episode in pair for claim in episode.evidence})),
        )


def _points(graph: VisibleGraph, rows: list[Episode]) -> list[Floats]:
    placed = [[graph.subjects[at] for at in e.places if graph.subjects[at].has_position] for e in rows]
    spots = [spot for some in placed for spot in some]
    metres = eastings_northings([s.latitude for s in spots], [s.longitude for s in spots])
    return np.split(metres, np.cumsum([len(some) for some in placed])[:-1]) if rows else []


def _distance(one: Floats, other: Floats) -> float:
    if not len(one) or not len(other):
        return float("inf")
    return float(np.hypot(*(one[:, None] - other[None, :]).transpose(2, 0, 1)).min())


def _overlapping(used: _Episodes, least: int) -> tuple[Ints, Ints]:
    """Give the pairs of episodes (indices, the earlier first) of different children that overlap long enough."""
    at = np.arange(len(used.rows))
    # Whatever starts up to the last moment at which an overlap could still be long enough.
    last = np.maximum(np.searchsorted(used.started, used.ended - least, "right"), at + 1)
    many = last - (at + 1)
    if int(many.sum()) > MOST_OVERLAPS:
        raise ParameterError(
            "from", "too many children were missing at the same time to list; ask about a shorter period"
        )
    first = np.repeat(at, many)
    second = np.arange(len(first)) - np.repeat(np.cumsum(many) - many, many) + first + 1
    overlap = np.minimum(used.ended[first], used.ended[second]) - used.started[second]
    kept = (overlap >= least) & (used.child[first] != used.child[second])
    return first[kept], second[kept]


def _expected(used: _Episodes, pairs: list[tuple[int, int]], least: int, within_metres: float | None) -> Floats | None:
    """Give what chance would give each pair of children, or nothing where the data span less than two weeks."""
    if not pairs:
        return None
    span = int(used.ended.max() - used.started.min())
    weeks = weeks_within(span)
    if not weeks:
        return None
    of: dict[int, list[int]] = defaultdict(list)
    for at, child in enumerate(used.child.tolist()):
        of[child].append(at)
    found = []
    for a, b in pairs:
        mine, theirs = np.array(of[a]), np.array(of[b])
        near = np.ones((len(mine), len(theirs)), bool)
        if within_metres is not None:
            one, other = np.repeat(mine, len(theirs)), np.tile(theirs, len(mine))
            near = used.near(one, other, within_metres).reshape(near.shape)
        counts = overlaps_by_shift(
            (used.started[mine], used.started[theirs]),
            (used.ended[mine], used.ended[theirs]),
            near,
            least=least,
            weeks=weeks,
        )
        found.append(expected_overlaps(counts, span))
    return np.array(found)
