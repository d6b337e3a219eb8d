"""
The two loops of co-missing compiled: the join in time and place, and the counts of every shift.

Imported only where the work is large, since Numba takes 0.3 s to load; what is compiled is kept beside this file or, where that cannot be
written, in the user's cache. Both give the very same numbers as numpy and the engines do: whole milliseconds, and squared distances.
"""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np
from numba import njit

from queries.projection import Floats, Ints

SmallInts: TypeAlias = np.ndarray[Any, np.dtype[np.int32]]
Loop = TypeVar("Loop", bound=Callable[..., object])


def _compiled(loop: Loop) -> Loop:
    """
    Compile at the first call, and keep it on disk where something can be written.

    Not `compiling.compiled`: its sums may be fused, and a distance must fall on the same side of its limit as in numpy and in the engines.
    """
    try:
        return cast("Loop", njit(cache=True, nogil=True)(loop))
    except RuntimeError:  # Numba finds no folder for its cache: a container that may write nowhere
        return cast("Loop", njit(nogil=True)(loop))


@_compiled
def _near(x: Floats, y: Floats, i: int, j: int, square: float) -> bool:
    for p in range(x.shape[1]):
        for q in range(x.shape[1]):
            dx, dy = x[i, p] - x[j, q], y[i, p] - y[j, q]
            if dx * dx + dy * dy <= square:
                return True
    return False


@_compiled
def count_shifts(
    first: Ints, second: Ints, first_row: Ints, started: Ints, ended: Ints, x: Floats, y: Floats, square: float,
    least: int, week: int, most: int, longest: int, steps: Ints, reach: Floats,
) -> None:  # fmt: skip
    """
    Add, for each pair of children, a step up and a step down to `steps` for each two episodes that some shift brings together.

    Rows of `started`, `ended`, `x` and `y` are in order of child and start; those of child `c` are `first_row[c]` to `first_row[c + 1]`.
    `square` is the squared distance, negative where any place will do. `reach` gets the clipped lengths (see `week_shift`).
    """
    edge = most * week + week // 2
    for pair in range(len(first)):
        a, b = first[pair], second[pair]
        begin, stop = first_row[b], first_row[b + 1]
        total = 0
        for i in range(first_row[a], first_row[a + 1]):
            if ended[i] - started[i] < least:
                continue
            while begin < stop and started[begin] < started[i] - longest - edge:
                begin += 1
            for j in range(begin, stop):
                if started[j] > ended[i] + edge:
                    break
                if ended[j] - started[j] < least or (square >= 0 and not _near(x, y, i, j, square)):
                    continue
                low, high = started[i] + least - ended[j], ended[i] - least - started[j]
                total += max(min(high, edge) - max(low, -edge), 0)
                lowest, highest = max(-((-low) // week), -most), min(high // week, most)
                if lowest <= highest:
                    steps[pair, lowest + most] += 1
                    if highest < most:
                        steps[pair, highest + most + 1] -= 1
        reach[pair] = total


@_compiled
def _grown(values: SmallInts, size: int) -> SmallInts:
    more = np.empty(size, np.int32)
    more[: len(values)] = values
    return more


@_compiled
def _around(cells: Ints, first_row: Ints, here: int, wide: int, pointer: Ints, until: Ints) -> int:
    """Put the rows of a cell and its neighbours (from, to) into `pointer` and `until`; gives how many of the nine have any."""
    near = 0
    for line in (-wide, 0, wide):
        position = np.searchsorted(cells, here + line - 1)
        while position < len(cells) and cells[position] <= here + line + 1:
            pointer[near], until[near] = first_row[position], first_row[position + 1]
            near += 1
            position += 1
    return near


@_compiled
def _sweep(
    cells: Ints, first_row: Ints, rows: Ints, child: Ints, started: Ints, ended: Ints,
    x: Floats, y: Floats, least: int, square: float, wide: int,
) -> tuple[SmallInts, SmallInts]:  # fmt: skip
    """Rows are in order of cell and start. Gives the rows that meet; of two that start together the one with the smaller number is first."""
    one, other = np.empty(1024, np.int32), np.empty(1024, np.int32)
    found = 0
    pointer = np.empty(9, np.int64)
    until = np.empty(9, np.int64)
    for at in range(len(cells)):
        near = _around(cells, first_row, cells[at], wide, pointer, until)
        for i in range(first_row[at], first_row[at + 1]):
            begun, last = started[i], ended[i] - least
            if last < begun:
                continue
            for n in range(near):
                begin, stop = pointer[n], until[n]
                while begin < stop and started[begin] < begun:
                    begin += 1
                pointer[n] = begin
                for j in range(begin, stop):
                    if started[j] > last:
                        break
                    if started[j] == begun and rows[j] <= rows[i]:
                        continue
                    dx, dy = x[i] - x[j], y[i] - y[j]
                    if ended[j] - started[j] >= least and child[i] != child[j] and dx * dx + dy * dy <= square:
                        if found == len(one):
                            one, other = _grown(one, 2 * found), _grown(other, 2 * found)
                        one[found], other[found] = rows[i], rows[j]
                        found += 1
    return one[:found], other[:found]


def meet_in_place(
    child: Ints, started: Ints, ended: Ints, metres: Floats, *, least: int, within_metres: float
) -> tuple[Ints, Ints]:
    """
    Give the rows of episodes of different children that overlap by `least` within a distance, in no order, each two once.

    Parameters
    ----------
    child, started, ended
        A row an episode; milliseconds UTC.
    metres
        Easting and northing (EPSG:27700) of each place of each episode: an array (episode, place, 2), NaN where there is none.
    least
        Shortest overlap that counts, milliseconds, inclusive.
    within_metres
        Furthest apart, inclusive.

    Notes
    -----
    Episodes are put into square cells with sides of `within_metres` (at least a metre); within a cell and its eight neighbours each is
    compared with those that start while it lasts. `O(n log n)` besides those comparisons.
    """
    episode, place = np.nonzero(~np.isnan(metres[:, :, 0]))
    if not len(episode):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    x, y = metres[episode, place, 0], metres[episode, place, 1]
    side = max(within_metres, 1.0, (max(np.ptp(x), np.ptp(y)) + 1) / 2**30)
    east, north = np.floor((x - x.min()) / side).astype(np.int64), np.floor((y - y.min()) / side).astype(np.int64)
    wide = int(east.max()) + 3
    cell = north * wide + east + 1
    begun = started[episode]
    spread = int(np.ptp(begun)) + 1
    fits = int(cell.max()) < 2**62 // spread  # one sort of one key is three times faster
    order = np.argsort(cell * spread + (begun - begun.min()), kind="stable") if fits else np.lexsort((begun, cell))
    cell, episode = cell[order], episode[order]
    cells, first_row = np.unique(cell, return_index=True)
    one, other = _sweep(
        cells, np.append(first_row, len(cell)), episode, child[episode], begun[order], ended[episode],
        x[order], y[order], least, within_metres * within_metres, wide,
    )  # fmt: skip
    if metres.shape[1] > 1:
        return _once(one, other, len(child))
    return one.astype(np.int64), other.astype(np.int64)


def _once(one: SmallInts, other: SmallInts, count: int) -> tuple[Ints, Ints]:
    """Two episodes with several places near one another meet once."""
    key = np.unique(one.astype(np.int64) * count + other)
    return key // count, key % count
