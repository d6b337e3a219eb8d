"""
Where each person stands in the drawing of a peer network: the same every time, and with no label over another.

The page draws what is computed here and moves nothing, so that two people who open the same network speak of the same picture.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import networkx as nx
import numpy as np

WIDTH_OF_LETTER: Final = 9.6  # of the bold label font, in drawing units, which are pixels at zoom 1
HEIGHT_OF_LINE: Final = 22.0
SIZE_OF_MARK: Final = 44.0
_GAP: Final = 16.0
_STEPS: Final = 400


@dataclass(frozen=True, slots=True)
class Mark:
    """Someone to place: a key that stays the same in another folder (a reference, else the uid), and the label below the mark."""

    key: str
    label: str

    @property
    def width(self) -> float:
        """Width of the mark with its label, in drawing units."""
        return max(SIZE_OF_MARK, min(len(self.label), 18) * WIDTH_OF_LETTER) + _GAP

    @property
    def height(self) -> float:
        """Height of the mark with its label (long ones are drawn in two or three lines), in drawing units."""
        lines = 1 + (len(self.label) > 18) + (len(self.label) > 36)
        return SIZE_OF_MARK + lines * HEIGHT_OF_LINE + _GAP


def peer_layout(marks: Sequence[Mark], links: Sequence[tuple[int, int, float]], centre: int | None) -> list[tuple[float, float]]:
    """
    Place marks so that the linked stand near each other and no two overlap.

    Parameters
    ----------
    marks
        In any order; the answer is in the same order and depends on the keys alone.
    links
        Positions of two marks, and a weight above 0.
    centre
        The position of the person whom the network is about, put in the middle.

    Returns
    -------
    positions
        x and y of each mark in drawing units, x to the right and y downwards.

    Notes
    -----
    Fruchterman and Reingold's springs with a seed made from the keys, then boxes pushed apart; `O(n^2)` a step, meant for up to 150 marks.
    """
    if not marks:
        return []
    order = sorted(range(len(marks)), key=lambda at: marks[at].key)
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(order)
    named = sorted((*sorted((a, b), key=lambda at: marks[at].key), weight) for a, b, weight in links if a != b)
    for a, b, weight in sorted(named, key=lambda link: (marks[int(link[0])].key, marks[int(link[1])].key)):
        graph.add_edge(int(a), int(b), weight=0.5 + min(float(weight), 4.0))
    digest = hashlib.sha256("\n".join(marks[at].key for at in order).encode()).digest()
    found = nx.spring_layout(graph, seed=int.from_bytes(digest[:4], "big"), iterations=120)
    points = np.array([found[at] for at in range(len(marks))], float)
    if centre is not None:
        points -= points[centre]
    boxes = np.array([(mark.width, mark.height) for mark in marks], float)
    points *= float(np.sqrt((boxes[:, 0] * boxes[:, 1]).sum())) * 0.75
    apart = _push_apart(points, boxes, centre)
    return [(round(float(x), 1), round(float(y), 1)) for x, y in apart]


def _push_apart(
    points: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
    boxes: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
    fixed: int | None,
) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """Push overlapping boxes apart along the shorter way until none overlap."""
    moved = points.copy()
    need = (boxes[:, None, :] + boxes[None, :, :]) / 2
    for _ in range(_STEPS):
        away = moved[:, None, :] - moved[None, :, :]
        over = need - np.abs(away)
        np.fill_diagonal(over[:, :, 0], -1.0)
        clash = (over > 0).all(axis=2)
        if not clash.any():
            break
        sideways = over[:, :, 0] <= over[:, :, 1]
        # Two marks on one spot have no direction of their own: the earlier goes left and up.
        order = np.sign(np.arange(len(moved))[:, None] - np.arange(len(moved))[None, :])
        direction = np.where(away == 0, order[:, :, None], np.sign(away))
        push = np.zeros_like(away)
        push[:, :, 0] = np.where(clash & sideways, direction[:, :, 0] * (over[:, :, 0] / 2 + 0.5), 0.0)
        push[:, :, 1] = np.where(clash & ~sideways, direction[:, :, 1] * (over[:, :, 1] / 2 + 0.5), 0.0)
        moved += push.sum(axis=1) / np.maximum(clash.sum(axis=1), 1)[:, None]
        if fixed is not None:
            moved -= moved[fixed]
    return moved
