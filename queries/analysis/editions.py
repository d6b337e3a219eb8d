"""
Publishing a count that changes, in steps so large that no two editions can be subtracted to a small one.

What is published of a count and its parts follows from how they went, moment by moment, and from nothing else: not from who asked, nor when
or in which order. So nothing need be stored, and a past moment is answered as it was then. Source: the 5-and-over rule of the partnership's
own figures; Cox (1980) on complementary suppression, here also across editions.

Caveat in plain English: a published figure may lag behind, the whole by up to four, and the moment at which it moves tells that a fifth became
known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from queries.projection import Bools, Floats, Ints

#: The smallest count that is published, and the smallest step.
LEAST: Final = 5


@dataclass(frozen=True, slots=True)
class Edition:
    """What is published from a moment (milliseconds UTC) on: the whole, and each part; 0 is not published."""

    moment: int
    whole: int
    parts: tuple[int, ...]


class _Told:
    """What readers have been told of one count for certain: the whole of each edition, and each part where it was brought up to date."""

    def __init__(self, parts: int) -> None:
        # Before anything was known, everything was nought.
        self.whole: Ints = np.zeros(1, np.int64)
        self.editions: list[tuple[int, Ints]] = [(0, np.zeros(parts, np.int64))]
        self._first: Floats = np.zeros(
            (1, parts)
        )  # of each part, the first value told in or after each edition; NaN where none was
        self._last: Floats = np.zeros(parts)
        self._values: list[set[int]] = [{0} for _ in range(parts)]

    def far_from_all(self, part: int, value: int) -> bool:
        """Say whether a part's new value is a step away from every other that was told of it."""
        return all(not 0 < abs(value - other) < LEAST for other in self._values[part])

    def may_follow(self, counts: Ints, steps: Bools) -> bool:
        """
        Say whether an edition of the whole, with these parts brought up to date, leaves nothing small to be subtracted.

        Between this edition and each before it, the whole changed by nought or a step; and so did what is left of that change when every part
        that was told in both is taken away.
        """
        change = int(counts.sum()) - self.whole
        last = np.where(steps, counts, self._last)
        told = np.where(np.isnan(self._first), np.where(steps, counts, np.nan), self._first)
        rest = change - np.nansum(np.where(np.isnan(told), 0.0, last - told), axis=1)
        return not (_small(change).any() or _small(rest).any())

    def add(self, counts: Ints, steps: Bools, shown: Ints) -> None:
        """Keep an edition."""
        self.whole = np.append(self.whole, counts.sum())
        self.editions.append((int(counts.sum()), shown))
        self._first = np.vstack([self._first, np.full(len(counts), np.nan)])
        untold = np.isnan(self._first) & steps
        self._first[untold] = np.broadcast_to(counts, self._first.shape)[untold]
        self._last = np.where(steps, counts, self._last)
        for part in np.flatnonzero(steps).tolist():
            self._values[part].add(int(counts[part]))


def editions(moments: Sequence[int], counts: Ints) -> list[Edition]:
    """
    Give what is published of a count over time, an edition whenever that changes.

    Parameters
    ----------
    moments
        When the count changed, ascending, milliseconds UTC.
    counts
        A row a moment: how many there were then in each part. Parts do not overlap, and make up the whole. The first part is never published by
        itself (what has no date), and guards the rest.

    Returns
    -------
    editions
        The first comes when the whole reaches `LEAST`. The whole then moves to the true count once it is off by `LEAST` or more, and the parts
        with it, as many as leave nothing small to be worked out: neither what is left of the whole, nor the change since any earlier edition. A
        part that cannot be told stays as it was told last, unless it has fallen by `LEAST`: then it is not published. A whole that fell to within
        a step of an earlier edition returns to that.

    Notes
    -----
    What readers know for certain is a table of parts by spans between editions, of which they see the sums over all parts and, for some parts,
    over runs of spans. Each such sum, and each remainder of nested ones, is nought or at least `LEAST`. `O(moments x parts + editions^2 x parts)`.
    """
    if not len(moments):
        return []
    told = _Told(counts.shape[1])
    found: list[Edition] = []
    whole, shown = told.editions[0]
    for moment, row, total in zip(moments, counts, counts.sum(axis=1).tolist(), strict=True):
        fallen = shown - row >= LEAST
        if abs(total - whole) < LEAST and not (total == whole and fallen.any()):
            continue
        before = whole, shown
        whole, shown = _next(told, row, whole, shown, fallen)
        if whole != before[0] or (shown != before[1]).any():
            found.append(Edition(int(moment), whole, tuple(shown.tolist())))
    return found


def _next(told: _Told, row: Ints, whole: int, shown: Ints, fallen: Bools) -> tuple[int, Ints]:
    """Choose what is published when the true counts have become `row`, and keep it if it is new."""
    total = int(row.sum())
    kept = np.where(fallen, 0, shown)
    if total < LEAST:
        return told.editions[0]
    jumps = np.abs(row - shown)
    steps = np.array(
        [
            at > 0 and row[at] >= LEAST and row[at] != shown[at] and told.far_from_all(at, int(row[at]))
            for at in range(len(row))
        ]
    )
    while not told.may_follow(row, steps):
        if not steps.any():
            return _back(told, row, whole, kept)
        # The least change goes first: what is told is then as near to the truth as it may be.
        steps[min(np.flatnonzero(steps), key=lambda at: (jumps[at], at))] = False
    if total == whole and not steps.any():
        return whole, kept
    now = np.where(steps, row, kept)
    told.add(row, steps, now)
    return total, now


def _back(told: _Told, row: Ints, whole: int, kept: Ints) -> tuple[int, Ints]:
    """Return to the earlier edition that is nearest to the truth, without what has fallen since; stay, where none is nearer."""
    total = int(row.sum())
    nearest, shown = min(reversed(told.editions), key=lambda edition: abs(edition[0] - total))
    if abs(nearest - total) >= abs(whole - total):
        return whole, kept
    return nearest, np.where(shown - row >= LEAST, 0, shown)


def _small(values: Ints | Floats) -> Bools:
    return np.asarray((values != 0) & (np.abs(values) < LEAST), np.bool_)
