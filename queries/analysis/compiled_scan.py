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
    overall: bool,
) -> None:
    """
    Fill the highest log likelihood ratio of each centre in `best` (0 where none) and its circle and window in `where`.

    With `overall`, only the highest of all is sought, and other centres' are left at 0 or too low: that is all a replicate needs.

    The second term of the ratio is never above 0 where there are more events than expected, so that most cylinders need one table, one product
    and one comparison, and no logarithm.
    """
    windows = sums.shape[1]
    table = _count_times_log(total)
    around = np.empty(windows, np.int32)
    highest = 0.0
    for centre in range(order.shape[0]):
        around[:] = 0
        if not overall:
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
def _count_times_log(total: int) -> Floats:
    """Give `c ln c` for every count up to `total`."""
    table = np.zeros(total + 1)
    for c in range(1, total + 1):
        table[c] = c * math.log(c)
    return table
