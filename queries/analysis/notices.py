"""
Independent reports that touch a thing, put together: each by its root, of places that are probably one, in order of time.

A report is counted by its root along `copied_from`, so that what was forwarded touches once; it touches when its first visible copy was recorded
by its source.
"""

from dataclasses import dataclass

import numpy as np

from queries.analysis.equal_rows import begins
from queries.analysis.touches import Touching
from queries.projection import Ints, VisibleGraph


@dataclass(frozen=True, slots=True)
class Notices:
    """
    One row for each thing and each independent report that touches it, in order of thing, then of time.

    `thing` is the first position of what is one place; `when` its first visible copy was recorded (milliseconds UTC), `report` which that is.
    The children whom it is about are `child[start[i]:start[i + 1]]`, in order. `touches` are what it was made of, and `of_touch` the row of each.
    """

    thing: Ints
    when: Ints
    report: Ints
    start: Ints
    child: Ints
    touches: Touching
    of_touch: Ints

    def __len__(self) -> int:
        return len(self.thing)


def noticed(graph: VisibleGraph, touches: Touching, first_of: Ints) -> Notices:
    """
    Put together which independent reports touch each thing. `first_of` gives for each position that of the first of its place.

    `O(n log n)` with numpy.
    """
    report = graph.claims.report[touches.row]
    when, root, thing = graph.claims.recorded_at[touches.row], graph.reports.root[report], first_of[touches.thing]
    # Of copies that were recorded at one moment the first is that with the smallest key.
    used, number = np.unique(report, return_inverse=True)
    _, rank = np.unique(graph.reports.key[used].astype(str), return_inverse=True)
    rank = rank[number]
    order = np.lexsort((rank, when, root, thing))
    is_new = begins(thing[order], root[order])
    first = order[is_new]
    of_touch = np.empty(len(order), np.int64)
    of_touch[order] = np.cumsum(is_new) - 1
    # In order of thing, then of time, then of key.
    by_time = np.lexsort((rank[first], when[first], thing[first]))
    place = np.empty(len(first), np.int64)
    place[by_time] = np.arange(len(first))
    of_touch, first = place[of_touch], first[by_time]
    pairs = np.unique(np.stack([of_touch, touches.child], axis=1), axis=0)
    start = np.searchsorted(pairs[:, 0], np.arange(len(first) + 1))
    return Notices(thing[first], when[first], report[first], start, pairs[:, 1], touches, of_touch)


def first_reported(graph: VisibleGraph, notices: Notices) -> Ints:
    """Give when each independent report that touches anything was first recorded, sorted."""
    root = graph.reports.root[notices.report]
    order = np.lexsort((notices.when, root))
    return np.sort(notices.when[order[begins(root[order])]])
