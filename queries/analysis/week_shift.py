"""
How often two children would be missing together by chance: the exact week-shift null.

One child's whole schedule is moved by every whole number of weeks up to `MOST_WEEKS` either way, which keeps the hours of the week, the
bursts and the lengths of both. Each pair of episodes overlaps for a run of shifts, so that the whole distribution is counted without
sampling: each such run adds one to every shift in it.
"""

from typing import Final

import numpy as np

from queries.projection import Floats, Ints

WEEK_MS: Final = 7 * 24 * 60 * 60 * 1000
MOST_WEEKS: Final = 26


def overlaps_by_shift(
    started: tuple[Ints, Ints],
    ended: tuple[Ints, Ints],
    near: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
    *,
    least: int,
    weeks: int,
) -> Ints:
    """
    Count the pairs of episodes that overlap by at least `least` milliseconds when the second child's are moved by each number of weeks.

    Parameters
    ----------
    started
        Starts of the episodes of the first and of the second child, milliseconds UTC.
    ended
        Their ends.
    near
        Which episode of the first may be together with which of the second by place.
    least
        Shortest overlap that counts.
    weeks
        Most weeks either way.

    Returns
    -------
    counts
        For `-weeks` to `weeks`; the middle one is what was observed.

    Notes
    -----
    `min(e1, e2 + kw) - max(s1, s2 + kw) >= least` holds for k from `(s1 + least - e2) / w` to `(e1 - least - s2) / w` if both last that long.
    `O(pairs of episodes + weeks)`.
    """
    (s1, s2), (e1, e2) = started, ended
    lasting = near & ((e1 - s1 >= least)[:, None] & (e2 - s2 >= least)[None, :])
    first = -((e2[None, :] - least - s1[:, None]) // WEEK_MS)
    last = (e1[:, None] - least - s2[None, :]) // WEEK_MS
    first, last = np.clip(first, -weeks, weeks + 1), np.clip(last, -weeks - 1, weeks)
    counted = lasting & (first <= last)
    steps = np.zeros(2 * weeks + 2, np.int64)
    np.add.at(steps, first[counted] + weeks, 1)
    np.add.at(steps, last[counted] + weeks + 1, -1)
    return np.cumsum(steps)[:-1]


def expected_overlaps(counts: Ints, span: int) -> float:
    """
    Give the mean over the shifts, what was observed among them, as its null has it.

    Near the edges of the data a moved schedule meets less of the other: each shift is scaled up by the share of `span` (milliseconds) that
    it leaves. Counting the observed one keeps the mean above nothing, so that a single meeting is never a finding by itself.
    """
    weeks = len(counts) // 2
    left = span - np.abs(np.arange(-weeks, weeks + 1)) * WEEK_MS
    scaled: Floats = counts * (span / left)
    return float(scaled.mean())


def weeks_within(span: int) -> int:
    """Give how many weeks either way a span of data (milliseconds) bears: at most half of it."""
    return int(min(MOST_WEEKS, span // (2 * WEEK_MS)))
