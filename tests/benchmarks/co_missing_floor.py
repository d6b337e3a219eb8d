# ruff: noqa: ANN001, ANN201, ANN202
"""The floor that the join with place is measured against: cells and a sweep compiled for one place an episode, and nothing else."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _floor(cells, first, cell, child, started, ended, x, y, square, wide):
    one, other = np.empty(1024, np.int32), np.empty(1024, np.int32)
    found = 0
    for at in range(len(cells)):
        for line in (-wide, 0, wide):
            low = np.searchsorted(cells, cells[at] + line - 1)
            high = np.searchsorted(cells, cells[at] + line + 1, "right")
            for near in range(low, high):
                begin = first[near]
                for i in range(first[at], first[at + 1]):
                    while begin < first[near + 1] and started[begin] < started[i]:
                        begin += 1
                    for j in range(begin, first[near + 1]):
                        if started[j] > ended[i]:
                            break
                        if child[i] == child[j] or (started[j] == started[i] and j <= i):
                            continue
                        dx, dy = x[i] - x[j], y[i] - y[j]
                        if dx * dx + dy * dy <= square:
                            if found == len(one):
                                one, other = np.concatenate((one, one)), np.concatenate((other, other))
                            one[found], other[found] = i, j
                            found += 1
    return one[:found], other[:found]


def floor_pairs(child, started, ended, x, y, within):
    east, north = ((x - x.min()) // within).astype(np.int64), ((y - y.min()) // within).astype(np.int64)
    wide = int(east.max()) + 3
    cell = north * wide + east + 1
    spread = int(np.ptp(started)) + 1
    order = np.argsort(cell * spread + (started - started.min()))
    cell = cell[order]
    cells, first = np.unique(cell, return_index=True)
    one, other = _floor(
        cells, np.append(first, len(cell)), cell, child[order], started[order], ended[order], x[order], y[order],
        within * within, wide,
    )  # fmt: skip
    return order[one], order[other]
