"""Where each person stands in a peer drawing: by who is linked to whom, the same every time, and no two names on top of each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import networkx as nx
import numpy as np
from numpy.typing import NDArray

_SEED: Final = 2026
#: How much larger than the boxes in it the drawing is, and its shape.
_ROOM: Final = 2.3
_ASPECT: Final = 1.6
_MARGIN: Final = 10.0
_ROUNDS: Final = 400


@dataclass(frozen=True, slots=True)
class Box:
    """What a node takes up round its point, in units of the drawing: half its width, and its reach up and down."""

    half_width: float
    up: float
    down: float


def positions(
    number: int, links: Sequence[tuple[int, int, float]], boxes: Sequence[Box], *, centre: int | None = None
) -> NDArray[np.float64]:
    """
    Place `number` nodes so that linked ones are near and no boxes overlap.

    Parameters
    ----------
    number
        How many nodes.
    links
        Pairs of nodes and the weight between them (above 0).
    boxes
        The room that each node takes.
    centre
        A node to stand in the middle of its own group.

    Returns
    -------
    points
        One row a node, x to the right and y down, in units of the drawing.

    Notes
    -----
    Groups that are not linked are laid out one by one (Fruchterman and Reingold, by NetworkX, seeded; order of nodes decides ties) and set side by
    side, largest first; then boxes that overlap are pushed apart along the shorter way until none do.
    """
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(number))
    for a, b, weight in links:
        graph.add_edge(a, b, weight=1.0 + np.log1p(weight))
    size = np.array([[2 * box.half_width + _MARGIN, box.up + box.down + _MARGIN] for box in boxes]).reshape(number, 2)
    placed = np.zeros((number, 2))
    groups = sorted(nx.connected_components(graph), key=lambda group: (-len(group), min(group)))
    laid = [_laid_out(graph, sorted(group), size, boxes, centre) for group in groups]
    for group, points, offset in zip(
        groups, laid, _shelves([_extent(sorted(g), p, boxes) for g, p in zip(groups, laid, strict=True)]), strict=True
    ):
        placed[sorted(group)] = points + offset
    return placed


def _laid_out(
    graph: "nx.Graph[int]", group: list[int], size: NDArray[np.float64], boxes: Sequence[Box], centre: int | None
) -> NDArray[np.float64]:
    if len(group) == 1:
        return np.zeros((1, 2))
    part: nx.Graph[int] = nx.Graph()
    part.add_nodes_from(group)
    part.add_edges_from((a, b, graph[a][b]) for a, b in sorted(graph.subgraph(group).edges))
    start = nx.circular_layout(part)
    fixed = []
    if centre is not None and centre in part:
        start[centre] = np.zeros(2)
        fixed = [centre]
    near = 2.2 / float(np.sqrt(len(group)))
    found = nx.spring_layout(part, pos=start, fixed=fixed or None, seed=_SEED, iterations=150, k=near, method="force")
    points = np.array([found[node] for node in group])
    spread = np.ptp(points, axis=0)
    area = float(size[group].prod(axis=1).sum()) * _ROOM
    points = (
        (points - points.mean(axis=0))
        / np.where(spread > 0, spread, 1)
        * np.array([np.sqrt(area * _ASPECT), np.sqrt(area / _ASPECT)])
    )
    return _pushed_apart(points, size[group], np.array([(boxes[node].down - boxes[node].up) / 2 for node in group]))


def _pushed_apart(
    points: NDArray[np.float64], size: NDArray[np.float64], drop: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Move boxes of these sizes, whose middles lie `drop` below their points, until no two overlap."""
    middles = points + np.column_stack([np.zeros(len(drop)), drop])
    first, second = np.triu_indices(len(middles), 1)
    need = (size[first] + size[second]) / 2
    for _ in range(_ROUNDS):
        apart = middles[second] - middles[first]
        short = need - np.abs(apart)
        clash = (short > 1e-6).all(axis=1)
        if not clash.any():
            break
        move = np.zeros_like(apart)
        sideways = short[:, 0] < short[:, 1]
        sign = np.where(apart >= 0, 1.0, -1.0)
        move[clash & sideways, 0] = (short * sign)[clash & sideways, 0] / 2
        move[clash & ~sideways, 1] = (short * sign)[clash & ~sideways, 1] / 2
        np.add.at(middles, second[clash], move[clash] * 0.55)
        np.add.at(middles, first[clash], -move[clash] * 0.55)
    else:
        middles = _stretched(middles, need, first, second)
    return middles - np.column_stack([np.zeros(len(drop)), drop])


def _stretched(
    middles: NDArray[np.float64], need: NDArray[np.float64], first: NDArray[np.intp], second: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Pushing did not settle in time: enlarge the drawing just enough that nothing overlaps."""
    apart = np.abs(middles[second] - middles[first])
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.min(np.where(apart > 0, need / apart, np.inf), axis=1)
    return middles * max(1.0, float(np.max(factor[np.isfinite(factor)], initial=1.0)) + 1e-6)


def _extent(group: list[int], points: NDArray[np.float64], boxes: Sequence[Box]) -> tuple[float, float, float, float]:
    reach = np.array([[box.half_width, box.up, box.down] for box in (boxes[node] for node in group)])
    return (
        float((points[:, 0] - reach[:, 0]).min()), float((points[:, 1] - reach[:, 1]).min()),
        float((points[:, 0] + reach[:, 0]).max()), float((points[:, 1] + reach[:, 2]).max()),
    )  # fmt: skip


def _shelves(extents: Sequence[tuple[float, float, float, float]]) -> list[NDArray[np.float64]]:
    """Give for each group the shift that sets the groups in rows, like books on shelves."""
    gap = 3 * _MARGIN
    total = sum((right - left + gap) * (low - high + gap) for left, high, right, low in extents)
    widest = max([np.sqrt(total * _ASPECT) * 1.1, *(right - left for left, _, right, _ in extents)])
    x = y = tall = 0.0
    shifts = []
    for left, high, right, low in extents:
        if x and x + right - left > widest:
            x, y, tall = 0.0, y + tall + gap, 0.0
        shifts.append(np.array([x - left, y - high]))
        x += right - left + gap
        tall = max(tall, low - high)
    return shifts
