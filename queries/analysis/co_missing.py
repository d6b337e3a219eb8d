"""
Children missing at the same time, observed beside what their own patterns would give by chance.

Being missing at the same time is a reason to ask, not proof that the children were together. Nothing here is a score of a child.

Source: Portsmouth MET Integrated Pathway 9.10 (c).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from queries.analysis.absences import Absences
from queries.analysis.chance import q_values, worth_testing
from queries.analysis.episodes import Episode
from queries.analysis.together import at_once, near_misses, overlapping
from queries.analysis.week_shift import chance_meetings, tail_of_occasions
from queries.errors import ParameterError
from queries.projection import Ints, VisibleGraph

MINUTE_MS: Final = 60_000
MOST_HOURS: Final = 168
CROWD: Final = 50
#: Met on so many nights or fewer, a pair is seldom told from chance by a year of week shifts, together or not.
FEW_NIGHTS: Final = 3
_UNUSUAL: Final = 3
_OTHERS: Final = 3
_ROLES: Final = ("found_at", "last_seen", "missing_from")


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Two episodes (incidents, the first child's first) that do not overlap, and the gap between them; `together` as in `Pair`."""

    episodes: tuple[int, int]
    gap_ms: int
    together: tuple[tuple[str, int], ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """
    Two children (positions, in order) missing together.

    `observed` counts pairs of overlapping episodes, given as their incidents in `episodes`, earliest first; `since` has the moment from which
    both were missing, milliseconds UTC, and `at_once` how many children were missing then (near by, where a distance is asked).
    `occasions` counts what is tested: distinct episodes, of the child with fewer, outside crowds. `weight` is the sum of 1/(n - 1) over the
    meetings, n children being missing at once. `expected` is what chance gives, `smooth` its closed form, `tail` the share of the shifts
    with at least as many, `q_value` the false discovery rate: all None where the data are too short to tell. `together` are the places
    that both episodes of a meeting have in common: (role, place, number of the meeting). `others` are the children missing too on two
    meetings or more, with the numbers of these meetings. `near_misses` are apart and count in nothing. `spans` has of each meeting from when
    to when each was missing, None while open.
    """

    a: int
    b: int
    observed: int
    expected: float | None
    q_value: float | None
    episodes: tuple[tuple[int, int], ...]
    since: tuple[int, ...]
    evidence: tuple[str, ...]
    occasions: int = 0
    weight: float = 0.0
    smooth: float | None = None
    tail: float | None = None
    at_once: tuple[int, ...] = ()
    crowded: tuple[bool, ...] = ()
    together: tuple[tuple[str, int, int], ...] = ()
    others: tuple[tuple[int, tuple[int, ...]], ...] = ()
    near_misses: tuple[NearMiss, ...] = ()
    spans: tuple[tuple[int, int | None, int, int | None], ...] = ()

    @property
    def found_together(self) -> tuple[int, ...]:
        """The places where both were found in one meeting, one entry a meeting."""
        first = {meeting: place for role, place, meeting in reversed(self.together) if role == "found_at"}
        return tuple(first[meeting] for meeting in sorted(first))


@dataclass(frozen=True, slots=True)
class CoMissing:
    """
    The pairs, and what was left out: `crowds` are the pairs of children who met only in crowds. `tried` pairs could have been findings.

    `places` has the number of different children found at each place (a position) in the period: where it is large, it says little of two.
    """

    pairs: list[Pair]
    crowds: int
    crowd: int
    tried: int
    places: dict[int, int]


def co_missing(
    graph: VisibleGraph,
    *,
    happened_from: int,
    happened_to: int,
    within_metres: float | None = None,
    min_overlap_minutes: float = 60,
    within_hours: float = 0,
) -> list[Pair]:
    """Give the pairs of `find_co_missing`."""
    return find_co_missing(
        graph,
        happened_from=happened_from,
        happened_to=happened_to,
        within_metres=within_metres,
        min_overlap_minutes=min_overlap_minutes,
        within_hours=within_hours,
    ).pairs


def find_co_missing(
    graph: VisibleGraph,
    *,
    happened_from: int,
    happened_to: int,
    within_metres: float | None = None,
    min_overlap_minutes: float = 60,
    within_hours: float = 0,
) -> CoMissing:
    """
    Find children whose missing episodes overlap, and with `within_hours` also those whose episodes nearly do.

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
    within_hours
        Add, apart, the pairs of episodes that do not overlap so long, but of which one begins at most so many hours after the other ends.

    Returns
    -------
    found
        Pairs by lowest q-value, then most observed, then by source key.

    Raises
    ------
    ParameterError
        If a parameter is out of range, or there are too many overlaps to list by time alone.

    Notes
    -----
    `expected` is the mean of the exact week-shift null (see `week_shift`). p is the conditional tail of the occasions (see
    `tail_of_occasions`); q is by Benjamini and Hochberg over all pairs of children with an episode that could count, less those with too
    few episodes ever to be a finding whatever was observed (see `worth_testing`). Pairs never together were tried too (p = 1): to leave
    them out because of what was observed would make chance meetings look like findings.

    A night on which more than `CROWD` children were missing at once, and more than three times as many as when the usual absence
    begins, makes no pair by itself: such a meeting is counted and weighed, not tested, and a pair that has no other is left out.
    """
    if min_overlap_minutes < 0:
        raise ParameterError("min_overlap_minutes", "give a number of minutes, 0 or more")
    if within_metres is not None and not within_metres >= 0:
        raise ParameterError("within_metres", "give a distance in metres, 0 or more")
    if not 0 <= within_hours <= MOST_HOURS:
        raise ParameterError("within_hours", f"give a number of hours from 0 (none) to {MOST_HOURS}")
    least = int(min_overlap_minutes * MINUTE_MS)
    used = Absences.of(graph, happened_from, happened_to)
    met = _Meetings.of(used, least, within_metres)
    chance = _Chance.of(used, met, least, within_metres)
    misses = _near_misses(used, least, within_hours, within_metres) if within_hours else {}
    listed = np.flatnonzero(met.quiet > 0).tolist()
    pairs = [met.pair(at, chance, misses.pop(met.who(at), ())) for at in listed]
    left_out = {met.who(at) for at in np.flatnonzero(met.quiet == 0).tolist()}
    pairs += [_only_near(who, some) for who, some in misses.items() if who not in left_out]
    pairs.sort(key=lambda p: (1.0 if p.q_value is None else p.q_value, -p.observed, p.a, p.b))
    return CoMissing(pairs, len(left_out), met.crowd, chance.tried, _children_found(used))


@dataclass(frozen=True, slots=True)
class _Meetings:
    """
    Pairs of overlapping episodes (rows `one` and `other`, the first child's first) in order of children and moment.

    Those of the pair of children `children[n]` are `starts[n]` to `starts[n + 1]`; `pair_of` says which each belongs to. `quiet` counts
    those of each pair that were not in a crowd, `occasions` the distinct episodes of the child with fewer in them.
    """

    used: Absences
    one: Ints
    other: Ints
    since: Ints
    at_once: Ints
    crowd: int
    children: Ints
    starts: Ints
    pair_of: Ints
    quiet: Ints
    occasions: Ints
    met_by: dict[int, set[int]]

    @classmethod
    def of(cls, used: Absences, least: int, within_metres: float | None) -> "_Meetings":
        first, second = overlapping(used, least, within_metres)
        together = at_once(used, first, second)
        swapped = used.child[first] > used.child[second]
        one, other = np.where(swapped, second, first), np.where(swapped, first, second)
        since = np.maximum(used.started[one], used.started[other])
        order = np.lexsort((other, one, since, used.child[other], used.child[one]))
        one, other, since, together = one[order], other[order], since[order], together[order]
        both = np.column_stack([used.child[one], used.child[other]])
        begins = np.flatnonzero(np.append(np.ones(min(len(both), 1), bool), (both[1:] != both[:-1]).any(axis=1)))
        starts = np.append(begins, len(both))
        pair_of = np.repeat(np.arange(len(begins)), np.diff(starts))
        crowd = max(CROWD, _UNUSUAL * _usual(together))
        outside = np.flatnonzero(together <= crowd)
        count = len(begins)
        quiet = np.bincount(pair_of[outside], minlength=count)
        occasions = np.minimum(
            *(_distinct(pair_of[outside], some[outside], len(used.rows), count) for some in (one, other))
        )
        return cls(
            used, one, other, since, together, crowd, both[begins], starts, pair_of, quiet, occasions,
            _met_by(one, other),
        )  # fmt: skip

    def who(self, at: int) -> tuple[int, int]:
        """Give the two children at this place of `children`."""
        return int(self.children[at, 0]), int(self.children[at, 1])

    def pair(self, at: int, chance: "_Chance", near: tuple[NearMiss, ...]) -> Pair:
        """Put together what was found of the pair at this place of `children`."""
        begin, end = int(self.starts[at]), int(self.starts[at + 1])
        rows = list(zip(self.one[begin:end].tolist(), self.other[begin:end].tolist(), strict=True))
        both = [(self.used.rows[one], self.used.rows[other]) for one, other in rows]
        crowds = self.at_once[begin:end].tolist()
        a, b = self.who(at)
        return Pair(
            a,
            b,
            len(both),
            chance.expected[at],
            chance.q_value[at],
            tuple((one.incident, other.incident) for one, other in both),
            tuple(self.since[begin:end].tolist()),
            _evidence(both, near),
            occasions=int(self.occasions[at]),
            weight=sum(1 / (many - 1) for many in crowds),
            smooth=chance.smooth[at],
            tail=chance.tail[at],
            at_once=tuple(crowds),
            crowded=tuple(many > self.crowd for many in crowds),
            together=tuple(
                (*same, number) for number, (one, other) in enumerate(both) for same in _in_common(one, other)
            ),
            others=self._others(rows) if len(rows) > 1 else (),
            near_misses=near,
            spans=tuple((one.started_at, one.ended_at, other.started_at, other.ended_at) for one, other in both),
        )

    def _others(self, rows: list[tuple[int, int]]) -> tuple[tuple[int, tuple[int, ...]], ...]:
        meetings: dict[int, list[int]] = defaultdict(list)
        for number, (one, other) in enumerate(rows):
            too = self.met_by[one] & self.met_by[other]
            for child in {self.used.rows[row].child for row in too}:
                meetings[child].append(number)
        often = sorted((child for child in meetings if len(meetings[child]) > 1), key=lambda c: (-len(meetings[c]), c))
        return tuple((child, tuple(meetings[child])) for child in often[:_OTHERS])


@dataclass(frozen=True, slots=True)
class _Chance:
    """What chance gives each pair; lists of None where the data are too short to tell."""

    expected: Sequence[float | None]
    smooth: Sequence[float | None]
    tail: Sequence[float | None]
    q_value: Sequence[float | None]
    tried: int

    @classmethod
    def of(cls, used: Absences, met: _Meetings, least: int, within_metres: float | None) -> "_Chance":
        placed = within_metres is not None
        chance = chance_meetings(used, met.children, least, within_metres)
        if chance is None:
            unknown: list[float | None] = [None] * len(met.children)
            return cls(unknown, unknown, unknown, unknown, 0)
        child, each = used.episodes_of_each(placed=placed)
        fewest, tried = worth_testing(each, chance.least_tail)
        number = np.zeros(int(child[-1]) + 1, np.int64)
        number[child] = each
        tested = number[met.children].min(axis=1) >= fewest
        q = np.ones(len(met.children))
        q[tested] = q_values(tail_of_occasions(chance, met.occasions)[tested], tried)
        return cls(chance.expected.tolist(), chance.smooth.tolist(), chance.tail.tolist(), q.tolist(), tried)


def _usual(at_once: Ints) -> int:
    """Give how many are missing at once when the usual absence begins: a weighted median, since n at once make n - 1 meetings of a newcomer."""
    if not len(at_once):
        return 0
    ordered = np.sort(at_once)
    weight = np.cumsum(1 / (ordered - 1))
    return int(ordered[np.searchsorted(weight, weight[-1] / 2)])


def _distinct(pair_of: Ints, episodes: Ints, rows: int, pairs: int) -> Ints:
    """Count the distinct episodes in the meetings of each pair."""
    return np.bincount(np.unique(pair_of * rows + episodes) // max(rows, 1), minlength=pairs)


def _met_by(one: Ints, other: Ints) -> dict[int, set[int]]:
    met: dict[int, set[int]] = defaultdict(set)
    for i, j in zip(one.tolist(), other.tolist(), strict=True):
        met[i].add(j)
        met[j].add(i)
    return met


def _in_common(one: Episode, other: Episode) -> list[tuple[str, int]]:
    """Give the first place that two episodes share of each part that places play in them."""
    shared = ((role, {*getattr(one, role)} & {*getattr(other, role)}) for role in _ROLES)
    return [(role, min(places)) for role, places in shared if places]


def _evidence(pairs: Iterable[tuple[Episode, Episode]], near: Iterable[NearMiss] = ()) -> tuple[str, ...]:
    claims = {claim for pair in pairs for episode in pair for claim in episode.evidence}
    return tuple(sorted(claims.union(*(miss.evidence for miss in near))))


def _near_misses(
    used: Absences, least: int, within_hours: float, within_metres: float | None
) -> dict[tuple[int, int], tuple[NearMiss, ...]]:
    """Give the near misses of each two children, earliest first, by pair."""
    found: dict[tuple[int, int], list[NearMiss]] = defaultdict(list)
    first, second, gaps = near_misses(used, least, within_hours, within_metres)
    order = np.lexsort((second, first))
    for i, j, gap in zip(first[order].tolist(), second[order].tolist(), gaps[order].tolist(), strict=True):
        one, other = sorted((used.rows[i], used.rows[j]), key=lambda episode: episode.child)
        miss = NearMiss((one.incident, other.incident), gap, tuple(_in_common(one, other)), _evidence([(one, other)]))
        found[one.child, other.child].append(miss)
    return {who: tuple(found[who]) for who in sorted(found)}


def _only_near(who: tuple[int, int], near: tuple[NearMiss, ...]) -> Pair:
    """Two children who were never missing at the same time, but nearly."""
    return Pair(*who, 0, None, None, (), (), _evidence((), near), near_misses=near)


def _children_found(used: Absences) -> dict[int, int]:
    found: dict[int, set[int]] = defaultdict(set)
    for episode in used.rows:
        for place in episode.found_at:
            found[place].add(episode.child)
    return {place: len(children) for place, children in sorted(found.items())}
