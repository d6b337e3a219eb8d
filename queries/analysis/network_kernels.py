"""Compiled kernels on compressed sparse rows: core numbers and breadth-first steps. Compiled once, on the first question that needs them."""

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from queries.projection import Ints

#: Below so many nodes plain Python is done before a compiler has started.
_SMALL: Final = 5_000


def core_numbers(start: "Ints", other: "Ints") -> "Ints":
    """
    Give the k-core number of every node of an undirected graph without loops.

    Notes
    -----
    Batagelj and Zaversnik (2003), arXiv cs/0310049: nodes in buckets by degree, `O(n + m)`.
    """
    found: Ints = (_cores if len(start) <= _SMALL else _compiled()[0])(start, other)
    return found


def steps_from(start: "Ints", other: "Ints", source: int) -> "Ints":
    """Give the least number of edges from `source` to every node; -1 where there is no way. Breadth first, `O(n + m)`."""
    found: Ints = (_steps if len(start) <= _SMALL else _compiled()[1])(start, other, source)
    return found


@cache
def _compiled() -> "tuple[Callable[..., Any], Callable[..., Any]]":
    from queries.analysis.compiling import compiled

    return compiled(_cores), compiled(_steps)


def _cores(start: "Ints", other: "Ints") -> "Ints":
    nodes = len(start) - 1
    degree = start[1:] - start[:-1]
    most = 0
    for node in range(nodes):
        most = max(most, degree[node])
    # `order` holds the nodes by degree, `bucket[d]` where those of degree d begin, `place` where each node stands.
    bucket = np.zeros(most + 2, np.int64)
    for node in range(nodes):
        bucket[degree[node] + 1] += 1
    for at in range(1, most + 2):
        bucket[at] += bucket[at - 1]
    order, place = np.zeros(nodes, np.int64), np.zeros(nodes, np.int64)
    free = bucket.copy()
    for node in range(nodes):
        place[node] = free[degree[node]]
        order[place[node]] = node
        free[degree[node]] += 1
    core = degree.copy()
    for at in range(nodes):
        node = order[at]
        for edge in range(start[node], start[node + 1]):
            near = other[edge]
            if core[near] > core[node]:
                # It moves to the front of its bucket, which then begins one further on: it has one neighbour fewer.
                front = bucket[core[near]]
                first = order[front]
                if first != near:
                    order[front], order[place[near]] = near, first
                    place[first], place[near] = place[near], front
                bucket[core[near]] += 1
                core[near] -= 1
    return core


def _steps(start: "Ints", other: "Ints", source: int) -> "Ints":
    nodes = len(start) - 1
    steps = np.full(nodes, -1, np.int64)
    queue = np.zeros(nodes, np.int64)
    queue[0], steps[source], tail, head = source, 0, 1, 0
    while head < tail:
        node = queue[head]
        head += 1
        for edge in range(start[node], start[node + 1]):
            near = other[edge]
            if steps[near] < 0:
                steps[near] = steps[node] + 1
                queue[tail] = near
                tail += 1
    return steps
