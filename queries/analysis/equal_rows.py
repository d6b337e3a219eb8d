"""Rows of columns that are equal: where each run of them begins, and which of two columns go together."""

from typing import Final, Literal

import numpy as np

from queries.columns import Bools, Ints

_BOTH: Final[tuple[Literal["left"], Literal["right"]]] = ("left", "right")


def begins(*columns: Ints) -> Bools:
    """Say of each row of these columns (as many of them as one likes, as long as each other) whether it differs from the row before."""
    found = np.ones(len(columns[0]), np.bool_)
    if len(found):
        found[1:] = np.logical_or.reduce([np.diff(column) != 0 for column in columns])
    return found


def each_with(begin: Ints, many: Ints) -> tuple[Ints, Ints]:
    """Give each row with each of the `many` rows from its `begin` on: the number of the one, and of the other."""
    one = np.repeat(np.arange(len(many)), many)
    other = np.arange(len(one)) - np.repeat(np.cumsum(many) - many - begin, many)
    return one, other


def joined(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Give the positions of every two that are equal, one of each, in order of `left`, then of `right`. `O(n log n)`."""
    order = np.argsort(right, kind="stable")
    first, last = (np.searchsorted(right[order], left, side=side) for side in _BOTH)
    one, other = each_with(first, last - first)
    return one, order[other]
