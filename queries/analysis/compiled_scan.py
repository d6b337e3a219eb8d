"""The inner loops of `scan`, compiled. Import this only inside the function that needs it (see `compiling`)."""

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from queries.analysis.compiling import compiled
from queries.projection import Bools, Floats, Ints

Counts: TypeAlias = NDArray[np.int32]


@compiled
def window_sums(cell: Ints, day: Ints, cells: int, days: int, starts: Ints, ends: Ints) -> Counts:
    """Count the events of each cell (row) in each window of days `[start, end)` (column)."""
    up_to = np.zeros((cells, days + 1), np.int64)
    for n in range(len(cell)):
        up_to[cell[n], day[n] + 1] += 1
    sums = np.empty((cells, len(starts)), np.int32)
    for c in range(cells):
        for d in range(days):
            up_to[c, d + 1] += up_to[c, d]
        for w in range(len(starts)):
            sums[c, w] = up_to[c, ends[w]] - up_to[c, starts[w]]
    return sums


@compiled
def best_by_centre(
    sums: Counts,
    order: Ints,
    closes: Bools,
    zone_logs: Floats,
    window_logs: Floats,
    total: int,
    fewest: int,
    best: Floats,
    where: Ints,
) -> None:
    """
    Fill the highest log likelihood ratio of each centre in `best` (0 where none) and its circle and window in `where`.

    The second term of the ratio is never above 0 where there are more events than expected, so that most cylinders need one table, one product
    and one comparison, and no logarithm.
    """
    windows = sums.shape[1]
    table = _count_times_log(total)
    around = np.empty(windows, np.int32)
    for centre in range(order.shape[0]):
        around[:] = 0
        highest = 0.0
        for k in range(order.shape[1]):
            cell = order[centre, k]
            if cell < 0:
                break
            for w in range(windows):
                around[w] += sums[cell, w]
            if not closes[centre, k]:
                continue
            zone_log = zone_logs[centre, k]
            for w in range(windows):
                c = around[w]
                if c < fewest:
                    continue
                expected_log = zone_log + window_logs[w]
                first = table[c] - c * expected_log
                if first <= highest:
                    continue
                expected = math.exp(expected_log)
                ratio = first
                if c < total:
                    ratio += (total - c) * math.log((total - c) / (total - expected))
                if ratio > highest:
                    highest = ratio
                    best[centre] = ratio
                    where[centre, 0] = k
                    where[centre, 1] = w


@compiled
def highest_of_all(
    cell: Ints,
    day: Ints,
    order: Ints,
    closes: Bools,
    zone_logs: Floats,
    up_to: Ints,
    longest: int,
    prospective: bool,
    fewest: int,
) -> float:
    """
    Give the highest log likelihood ratio of all circles and windows (0 where none): what a replicate is asked for.

    Circles of one centre are nested, so that of several in a row none has more events in a window than the last, and none expects fewer than
    the first. The ratio grows with events and falls with what was expected: if even the last's events with the first's expectation stay below
    the highest so far, none of them need be looked at. As many in a row are tried as lately went well.

    `up_to` are the events of the whole before each day.
    """
    days = len(up_to) - 1
    total = up_to[days]
    before = _before_each_day(cell, day, order.shape[0], days)
    table = _count_times_log(total)
    inside, expected = np.zeros((order.shape[1], days + 1)), np.empty(days + 1)
    circles = np.empty(order.shape[1], np.int64)
    highest = 0.0
    for centre in range(order.shape[0]):
        number = 0
        for k in range(order.shape[1]):
            c = order[centre, k]
            if c < 0:
                break
            for d in range(days + 1):
                inside[k, d] = before[c, d] + (inside[k - 1, d] if k else 0)
            if closes[centre, k]:
                circles[number] = k
                number += 1
        first, tried = 0, 4
        while first < number:
            last = min(first + tried, number) - 1
            share = math.exp(zone_logs[centre, circles[first]])
            for d in range(days + 1):
                expected[d] = share * up_to[d]
            events = inside[circles[last]]
            if not _may_exceed(events, expected, total, longest, prospective, fewest, highest):
                first, tried = last + 1, tried * 2
            elif last > first:
                tried = (last - first + 1) // 2
            else:
                highest = _highest_here(events, expected, table, longest, prospective, fewest, highest)
                first += 1
    return highest


@compiled
def _before_each_day(cell: Ints, day: Ints, cells: int, days: int) -> Floats:
    """Count the events of each cell (row) before each day, and before the end (the last column)."""
    before = np.zeros((cells, days + 1))
    for n in range(len(cell)):
        before[cell[n], day[n] + 1] += 1
    for c in range(cells):
        for d in range(days):
            before[c, d + 1] += before[c, d]
    return before


@compiled
def _may_exceed(
    events: Floats, expected: Floats, total: int, longest: int, prospective: bool, fewest: int, highest: float
) -> bool:
    """
    Say whether any window may have a ratio above `highest`, by a bound without logarithms that a processor works out for several at once.

    `events` and `expected` are those before each day. With `c` events where `m` of `C` were expected, `d = c - m`, `x = d / m` and
    `u = d / (C - m)`, the ratio is `m ((1 + x) ln(1 + x) - x) + (C - m) ((1 - u) ln(1 - u) + u)`. The first is at most
    `m x^2 (3 + x) / (6 + 4 x)`, since `ln(1 + x) <= x (6 + x) / (6 + 4 x)` (a Pade approximant); the second at most `(C - m) u^2` (its series).
    """
    days, of_all, few, least = len(events) - 1, float(total), float(fewest), highest * (1 - 1e-9)
    for length in range(1, min(longest, days) + 1):
        low = days - length if prospective else 0
        # Slices and numbers of one type: with indices that might be negative the loop is not worked several at once.
        events_from, events_to = events[low : days - length + 1], events[low + length :]
        expected_from, expected_to = expected[low : days - length + 1], expected[low + length :]
        hits = 0
        for at in range(events_from.size):
            c, m = events_to[at] - events_from[at], expected_to[at] - expected_from[at]
            d, rest = c - m, of_all - m
            below = m * (6 * m + 4 * d)
            over = d * d * ((3 * m + d) * rest + below) - least * below * rest
            hits += (over > 0) & (d > 1e-9) & (c >= few)
        if hits:
            return True
    return False


@compiled
def _highest_here(
    events: Floats, expected: Floats, table: Floats, longest: int, prospective: bool, fewest: int, highest: float
) -> float:
    """Give the highest ratio of the windows of one circle, or `highest` where none is above it."""
    days, total = len(events) - 1, len(table) - 1
    for length in range(1, min(longest, days) + 1):
        for start in range(days - length if prospective else 0, days - length + 1):
            c = int(events[start + length] - events[start])
            m = expected[start + length] - expected[start]
            if c < fewest or c - m <= 1e-9:
                continue
            first = table[c] - c * math.log(m)
            if first <= highest:
                continue
            ratio = first
            if c < total:
                ratio += (total - c) * math.log((total - c) / (total - m))
            highest = max(highest, ratio)
    return highest


@compiled
def _count_times_log(total: int) -> Floats:
    """Give `c ln c` for every count up to `total`."""
    table = np.zeros(total + 1)
    for c in range(1, total + 1):
        table[c] = c * math.log(c)
    return table
