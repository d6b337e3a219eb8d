"""Compiled kernels on compressed sparse rows: cores, steps, connected parts, betweenness. Compiled once, on the first question that needs them."""

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from queries.projection import Floats, Ints

#: Below so many nodes plain Python is done before a compiler has started.
_SMALL: Final = 5_000


def core_numbers(start: "Ints", other: "Ints") -> "Ints":
    """
    Give the k-core number of every node of an undirected graph without loops.

    Notes
    -----
    Batagelj and Zaversnik (2003), arXiv cs/0310049: nodes in buckets by degree, `O(n + m)`.
    """
    found: Ints = _quickest(_cores, start)(start, other)
    return found


def steps_from(start: "Ints", other: "Ints", source: int) -> "Ints":
    """Give the least number of edges from `source` to every node; -1 where there is no way. Breadth first, `O(n + m)`."""
    found: Ints = _quickest(_steps, start)(start, other, source)
    return found


def connected_parts(start: "Ints", other: "Ints") -> "Ints":
    """Number the connected parts of an undirected graph, 0 first, in order of their first nodes. Breadth first, `O(n + m)`."""
    found: Ints = _quickest(_parts, start)(start, other)
    return found


def shortest_ways_through(start: "Ints", other: "Ints") -> "Floats":
    """
    Give for every node, over all ordered pairs of others, the sum of the shares of their shortest ways that go through it.

    Notes
    -----
    Brandes (2001), Journal of Mathematical Sociology 25, 163, `O(n m)`. An edge that a shortest way takes is kept as it is met, so that the
    way back reads a list and not every neighbour. One thread: sums of floats in another order differ in their last digit. Always compiled:
    where that does not pay, `queries.analysis.measures.betweenness` asks rustworkx.
    """
    found: Floats = _compiled(_through)(start, other)
    return found


def _quickest(loop: "Callable[..., Any]", start: "Ints") -> "Callable[..., Any]":
    return loop if len(start) <= _SMALL else _compiled(loop)


@cache
def _compiled(loop: "Callable[..., Any]") -> "Callable[..., Any]":
    from queries.analysis.compiling import compiled

    return compiled(loop)


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


def _parts(start: "Ints", other: "Ints") -> "Ints":
    nodes = len(start) - 1
    part = np.full(nodes, -1, np.int64)
    queue = np.zeros(nodes, np.int64)
    number = 0
    for first in range(nodes):
        if part[first] < 0:
            queue[0], part[first], tail, head = first, number, 1, 0
            while head < tail:
                node = queue[head]
                head += 1
                for edge in range(start[node], start[node + 1]):
                    near = other[edge]
                    if part[near] < 0:
                        part[near] = number
                        queue[tail] = near
                        tail += 1
            number += 1
    return part


def _through(start: "Ints", other: "Ints") -> "Floats":
    nodes = len(start) - 1
    total = np.zeros(nodes)
    steps = np.full(nodes, -1, np.int32)
    # `ways` is how many shortest ways lead to a node, `share` what each of them carries on from it.
    ways, share = np.zeros(nodes), np.zeros(nodes)
    queue = np.zeros(nodes, np.int32)
    nearer, further = np.zeros(len(other), np.int32), np.zeros(len(other), np.int32)
    for source in range(nodes):
        queue[0], steps[source], ways[source], tail, head, taken = source, 0, 1.0, 1, 0, 0
        while head < tail:
            node = queue[head]
            head += 1
            step, to_here = steps[node] + 1, ways[node]
            for edge in range(start[node], start[node + 1]):
                near = other[edge]
                if steps[near] < 0:
                    steps[near], ways[near] = step, to_here
                    queue[tail] = near
                    tail += 1
                elif steps[near] == step:
                    ways[near] += to_here
                else:
                    continue
                nearer[taken], further[taken] = node, near
                taken += 1
        # Edges of further nodes were met later, so that what a node carries on is known before it is handed back.
        for edge in range(taken - 1, -1, -1):
            far = further[edge]
            share[nearer[edge]] += 1.0 / ways[far] + share[far]
        for at in range(tail):
            node = queue[at]
            if at > 0:
                total[node] += share[node] * ways[node]
            steps[node], share[node] = -1, 0.0
    return total
