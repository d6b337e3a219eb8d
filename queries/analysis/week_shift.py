"""
How often two children would be missing together by chance: the exact week-shift null.

One child's whole schedule is moved by every whole number of weeks up to `MOST_WEEKS` either way, which keeps the hours of the week, the
bursts and the lengths of both. Every shift is counted, so that nothing is sampled; what chance gives is the mean over them.

Two episodes meet over a *range* of shifts, so a pair's whole distribution is a difference array with one step up and one down for each
two of their episodes: no shift is ever carried out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from queries.analysis.absences import Absences
from queries.analysis.equal_rows import each_with
from queries.projection import Floats, Ints

WEEK_MS: Final = 7 * 24 * 60 * 60 * 1000
MOST_WEEKS: Final = 26
# Above so many pairs of episodes the compiled kernel is worth loading (0.3 s).
_MANY: Final = 2_000_000
_AT_ONCE: Final = 1 << 21


@dataclass(frozen=True, slots=True)
class ChanceMeetings:
    """
    What chance gives each of some pairs of children, a row a pair.

    `counts` are the meetings (pairs of episodes that overlap) at each shift from `-most` to `most` weeks, the true one in the middle.
    `weights` turn them into a mean: `expected = counts @ weights`. `smooth` is the closed form without the lattice of weeks.
    """

    counts: Ints
    weights: Floats
    smooth: Floats

    @property
    def expected(self) -> Floats:
        """The mean over the shifts, each scaled up by the share of the data that it leaves."""
        return np.asarray((self.counts * self.weights).sum(axis=1), np.float64)

    @property
    def observed(self) -> Ints:
        """The meetings that happened: those of no shift."""
        return np.asarray(self.counts[:, self.counts.shape[1] // 2], np.int64)

    @property
    def tail(self) -> Floats:
        """The exact tail: the share of the shifts, the true one among them, with at least as many meetings. No finer than one shift."""
        return np.asarray((self.counts >= self.observed[:, None]).mean(axis=1), np.float64)

    @property
    def share(self) -> float:
        """
        The share of all meetings that the true shift would have by chance: 1 over the shifts, each counted as much as it leaves of the data.

        A schedule moved by half a year meets half of a year's data alone: 53 shifts of a year come to 39.5 whole ones.
        """
        return float(1 / np.sum(1 / (len(self.weights) * self.weights)))

    def least_tail(self, occasions: int) -> float:
        """Give the smallest value of `tail_of_occasions` that so many occasions can have."""
        return self.share**occasions


def weights_of_shifts(span: int) -> dict[int, float]:
    """
    Give the weight in that mean of each number of weeks, none where the data are too short to move a schedule about in.

    Parameters
    ----------
    span
        From the first start to the last end in the data, milliseconds. Schedules are moved by at most half of it.

    Notes
    -----
    Near the edges of the data a moved schedule meets less of the other: each shift is scaled up by the share of `span` that it leaves.
    What was observed (no shift) is among them: that keeps the mean above nothing, so that a single meeting is never a finding by itself.
    """
    most = int(min(MOST_WEEKS, span // (2 * WEEK_MS)))
    shifts = range(-most, most + 1)
    return {weeks: span / (span - abs(weeks) * WEEK_MS) / len(shifts) for weeks in shifts} if most else {}


def chance_meetings(
    absences: Absences,
    pairs: Ints,
    least: int,
    within_metres: float | None = None,
    *,
    compiled: bool | None = None,
) -> ChanceMeetings | None:
    """
    Count the meetings of each pair of children at every shift, or give nothing where the data span less than two weeks.

    Parameters
    ----------
    absences
        Every episode.
    pairs
        A row a pair of children (positions, two columns, the smaller first).
    least
        Shortest overlap that counts, milliseconds, inclusive.
    within_metres
        Count only episodes whose places are at most so far apart: a moved schedule keeps its places.
    compiled
        Use the compiled kernel; by default where there is enough to count. The numbers are the same.

    Notes
    -----
    Episodes `i` and `j` overlap by `least` when `j` is moved by any whole number of weeks from `(s_i + least - e_j) / week` up to
    `(e_i - least - s_j) / week`, if both last that long. `smooth` is the sum, over the episodes that may meet, of that range clipped to
    the furthest shift either way, over the length of that window: it knows nothing of hours of the week. `O(pairs of episodes near
    enough in time to meet + 53 pairs)`; the counts equal those of moving every schedule by hand.
    """
    weights = weights_of_shifts(absences.span)
    if not weights or not len(pairs):
        return None
    most = len(weights) // 2
    counts = np.zeros((len(pairs), len(weights)), np.int64)
    reach = np.zeros(len(pairs))
    schedule = _Schedules.of(absences, pairs, most)
    if schedule.combinations > _MANY if compiled is None else compiled:
        from queries.analysis.co_missing_kernel import count_shifts

        x, y = _xy(absences, schedule.order)
        count_shifts(
            pairs[:, 0], pairs[:, 1], schedule.first_row, absences.started[schedule.order], absences.ended[schedule.order],
            x, y, -1.0 if within_metres is None else within_metres * within_metres, least, WEEK_MS, most,
            int(schedule.longest), counts, reach,
        )  # fmt: skip
    else:
        for pair, i, j in schedule.chunks():
            _count(absences, pair, i, j, least, within_metres, most, counts, reach)
    np.cumsum(counts, axis=1, out=counts)
    # A window of `most` weeks and a half either way holds all the shifts of the lattice, each in the middle of a week.
    return ChanceMeetings(counts, np.array(list(weights.values())), reach / (len(weights) * WEEK_MS))


def tail_of_occasions(chance: ChanceMeetings, occasions: Ints) -> Floats:
    """
    Give the p-value of each pair: how seldom so many of all its meetings would fall to the true shift.

    Parameters
    ----------
    chance
        The meetings at every shift.
    occasions
        The distinct occasions on which each pair met, at most its meetings.

    Notes
    -----
    With `c` occasions and `m` meetings over the other shifts, `P(Binomial(c + m, share) >= c)`: the conditional test that compares
    two Poisson counts (Przyborowski and Wilenski 1940, Biometrika 31, 313-323). It takes in that the mean is itself only counted, which a
    Poisson tail at the mean does not, and needs no meeting at other shifts. Considered beside it on the demonstration city:

    - the exact tail can be no smaller than 1/53, too coarse for thousands of pairs: shown, not used;
    - the Poisson tail at a mean that holds the true shift loses pairs seen three or four times;
    - a negative binomial with the variance of the other shifts is the most cautious, and lost a quarter of the planted pairs at the size
      of a police force, where the others had no false finding either.

    Shifted counts vary somewhat more than a Poisson count does (about one pair in five): mostly since one long absence meets several short
    ones at once. That is why occasions are counted, not meetings. `O(pairs)`.
    """
    others = chance.counts.sum(axis=1) - chance.observed
    return np.asarray(stats.binom.sf(occasions - 1, occasions + others, chance.share), np.float64)


def _count(
    absences: Absences, pair: Ints, i: Ints, j: Ints, least: int, within: float | None, most: int,
    steps: Ints, reach: Floats,
) -> None:  # fmt: skip
    started, ended = absences.started, absences.ended
    enough = (ended[i] - started[i] >= least) & (ended[j] - started[j] >= least)
    if within is not None:
        enough &= absences.near(i, j, within)
    pair, i, j = pair[enough], i[enough], j[enough]
    low, high = started[i] + least - ended[j], ended[i] - least - started[j]
    first, last = np.maximum(-(-low // WEEK_MS), -most), np.minimum(high // WEEK_MS, most)
    some = first <= last
    wide = steps.shape[1]
    np.add.at(steps.reshape(-1), pair[some] * wide + first[some] + most, 1)
    ends = some & (last < most)
    np.add.at(steps.reshape(-1), pair[ends] * wide + last[ends] + most + 1, -1)
    edge = most * WEEK_MS + WEEK_MS // 2
    clipped = np.maximum(np.minimum(high, edge) - np.maximum(low, -edge), 0)
    np.add.at(reach, pair, clipped)


@dataclass(frozen=True, slots=True)
class _Schedules:
    """The episodes of each child in a row (`order`, by child and start), and which of the second child's each of the first's may meet."""

    order: Ints
    first_row: Ints
    pair: Ints
    row: Ints
    begin: Ints
    many: Ints
    longest: int

    @classmethod
    def of(cls, absences: Absences, pairs: Ints, most: int) -> "_Schedules":
        order = np.lexsort((absences.started, absences.child))
        child, started = absences.child[order], absences.started[order]
        first_row = np.searchsorted(child, np.arange(int(child[-1]) + 2))
        longest = int((absences.ended - absences.started).max())
        each = (first_row[1:] - first_row[:-1])[pairs[:, 0]]
        pair, row = each_with(first_row[pairs[:, 0]], each)
        # One key holds child and start: what may meet an episode within the furthest shift is a slice of the other child's.
        edge = most * WEEK_MS + WEEK_MS // 2
        zero = int(started[0] if len(started) == 1 else started.min()) - longest - edge
        base = int(started.max()) - zero + longest + edge + 2
        key = child * base + (started - zero)
        other = pairs[pair, 1] * base - zero
        begin = np.searchsorted(key, other + np.maximum(started[row] - longest - edge, zero), "left")
        ended = absences.ended[order][row]
        end = np.searchsorted(key, other + np.minimum(ended + edge, zero + base - 1), "right")
        return cls(order, first_row, pair, row, begin, np.maximum(end - begin, 0), longest)

    @property
    def combinations(self) -> int:
        """How many pairs of episodes there are to look at."""
        return int(self.many.sum())

    def chunks(self) -> Iterator[tuple[Ints, Ints, Ints]]:
        """Give the pairs of episodes (pair, first, second) a few million at a time."""
        until = np.cumsum(self.many)
        at = 0
        while at < len(self.many):
            done = int(until[at - 1]) if at else 0
            stop = max(int(np.searchsorted(until, done + _AT_ONCE, "right")), at + 1)
            one, other = each_with(self.begin[at:stop], self.many[at:stop])
            one += at
            yield self.pair[one], self.order[self.row[one]], self.order[other]
            at = stop


def _xy(absences: Absences, order: Ints) -> tuple[Floats, Floats]:
    metres = absences.metres[order]
    return np.ascontiguousarray(metres[:, :, 0]), np.ascontiguousarray(metres[:, :, 1])
