"""
Publishing a count that changes, in steps so large that no two editions can be subtracted to a small one.

What is published of a count and its parts follows from how they went, moment by moment, and from nothing else: not from who asked, nor when
or in which order. So nothing need be stored, and a past moment is answered as it was then. Source: the 5-and-over rule of the partnership's
own figures; Cox (1980) on complementary suppression, here also across editions.

Caveat in plain English: a published figure may lag behind, the whole by up to four, and the moment at which it moves tells that a fifth became
known.
"""

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from queries.projection import Bools, Ints

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
        self.editions: list[tuple[int, Ints]] = [(0, np.zeros(parts, np.int64))]
        self._room(1, parts)
        self._known[0] = 1
        self._last: Ints = np.zeros(parts, np.int64)
        self._values: list[list[int]] = [[0] for _ in range(parts)]  # told of each part, ascending

    def _room(self, size: int, parts: int) -> None:
        self._whole: Ints = np.zeros(size, np.int64)
        # Of each edition: which parts were told in it or later, and the sum of what each of those was told to be first.
        self._known: Ints = np.zeros((size, parts), np.int64)
        self._first: Ints = np.zeros(size, np.int64)

    def far_from_all(self, part: int, value: int) -> bool:
        """Say whether a part's new value is a step away from every other that was told of it."""
        return _far(self._values[part], value)

    def may_follow(self, counts: Ints, total: int, steps: Bools) -> bool:
        """
        Say whether an edition of the whole, with these parts brought up to date, leaves nothing small to be subtracted.

        Between this edition and each before it, the whole changed by nought or a step; and so did what is left of that change when every part
        that was told in both is taken away.
        """
        size = len(self.editions)
        change = total - self._whole[:size]
        told = self._known[:size] @ np.where(steps, counts, self._last) - self._first[:size]
        return not (_small(change).any() or _small(change - told).any())

    def add(self, counts: Ints, total: int, steps: Bools, shown: Ints) -> None:
        """Keep an edition."""
        size = len(self.editions)
        if size == len(self._whole):
            before = self._whole, self._known, self._first
            self._room(2 * size, len(counts))
            self._whole[:size], self._known[:size], self._first[:size] = before
        self.editions.append((total, shown))
        self._whole[size] = total
        self._last = np.where(steps, counts, self._last)
        for part in np.flatnonzero(steps).tolist():
            value = int(counts[part])
            new = self._known[: size + 1, part] == 0
            self._first[: size + 1][new] += value
            self._known[: size + 1, part] = 1
            insort(self._values[part], value)


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
    totals: list[int] = counts.sum(axis=1).tolist()
    if counts.shape[1] == 1:
        return _alone(moments, totals)
    told = _Told(counts.shape[1])
    found: list[Edition] = []
    whole, shown = told.editions[0]
    for moment, row, total in zip(moments, counts, totals, strict=True):
        if abs(total - whole) < LEAST and total != whole:
            continue
        fallen = shown - row >= LEAST
        if total == whole and not fallen.any():
            continue
        before = whole, shown
        whole, shown = _next(told, row, total, whole, np.where(fallen, 0, shown), shown)
        if whole != before[0] or (shown != before[1]).any():
            found.append(Edition(int(moment), whole, tuple(shown.tolist())))
    return found


def _alone(moments: Sequence[int], totals: Sequence[int]) -> list[Edition]:
    """Publish a count that has no parts: the same rule, of which only the steps of the whole are left."""
    told, whole = [0], 0
    found: list[Edition] = []
    latest = {0: 0}  # when each value was told last, by number
    for moment, total in zip(moments, totals, strict=True):
        if abs(total - whole) < LEAST:
            continue
        now = total
        if total < LEAST:
            now = 0
        elif not _far(told, total):
            at = bisect_left(told, total)
            now = min(told[max(at - 1, 0) : at + 1], key=lambda value: (abs(value - total), -latest[value]))
            now = now if abs(now - total) < abs(whole - total) else whole
        elif total not in latest:
            insort(told, total)
            latest[total] = len(latest)
        else:
            latest[total] = max(latest.values()) + 1
        if now != whole:
            whole = now
            found.append(Edition(int(moment), whole, (0,)))
    return found


def _next(told: _Told, row: Ints, total: int, whole: int, kept: Ints, shown: Ints) -> tuple[int, Ints]:
    """Choose what is published when the true counts have become `row`, and keep it if it is new."""
    if total < LEAST:
        return told.editions[0]
    steps = (row >= LEAST) & (row != shown)
    steps[0] = False
    for part in np.flatnonzero(steps).tolist():
        steps[part] = told.far_from_all(part, int(row[part]))
    while not told.may_follow(row, total, steps):
        if not steps.any():
            return _back(told, row, total, whole, kept)
        # The least change goes first: what is told is then as near to the truth as it may be.
        steps[min(np.flatnonzero(steps).tolist(), key=lambda part: (abs(row[part] - shown[part]), part))] = False
    if total == whole and not steps.any():
        return whole, kept
    now = np.where(steps, row, kept)
    told.add(row, total, steps, now)
    return total, now


def _back(told: _Told, row: Ints, total: int, whole: int, kept: Ints) -> tuple[int, Ints]:
    """Return to the earlier edition that is nearest to the truth, without what has fallen since; stay, where none is nearer."""
    nearest, shown = min(reversed(told.editions), key=lambda edition: abs(edition[0] - total))
    if abs(nearest - total) >= abs(whole - total):
        return whole, kept
    return nearest, np.where(shown - row >= LEAST, 0, shown)


def _far(values: list[int], value: int) -> bool:
    """Say whether a value is one of some ascending values, or a step away from each."""
    at = bisect_left(values, value)
    if at < len(values) and values[at] == value:
        return True
    return all(abs(near - value) >= LEAST for near in values[max(at - 1, 0) : at + 1])


def _small(values: Ints) -> Bools:
    return np.asarray((values != 0) & (np.abs(values) < LEAST), np.bool_)
