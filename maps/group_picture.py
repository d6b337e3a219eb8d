"""
Peer groups as one SVG picture: an outline round each group, and whoever is in two stands where two outlines overlap.

Groups differ by number, colour and dash of their outline; people by shape, as everywhere. The same groups give the same picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from maps.kinds import look_of
from maps.network import is_unknown, kind_of
from maps.page import environment
from maps.peer_drawing import wrapped
from maps.peer_layout import Box, positions
from maps.peer_picture import FONT, Node, sign_of, text_width, view_of

if TYPE_CHECKING:
    from shapely import Polygon

#: (colour, tint, dash) of outlines in turn; none is red.
_OUTLINES: Final = (
    ("#1d70b8", "#d6e6f4", "none"),
    ("#00605c", "#d3e9e7", "18 8"),
    ("#4c2c92", "#e2daf0", "4 8"),
    ("#7a4100", "#f3e3d0", "26 8 4 8"),
    ("#39506b", "#dce3ea", "10 6"),
    ("#5b5a1c", "#ecebcf", "2 6 14 6"),
)
_MARGIN: Final = 16.0
_BRIDGE: Final = 34.0
#: How far across a gap an outline closes, the widest tried first.
_SMOOTH: Final = (220.0, 120.0, 46.0)
_TITLE_FONT: Final = 34.0
#: Widest row of groups, in units of the drawing.
_ACROSS: Final = 1850.0
#: Pixels on the screen for a unit of the drawing, so that names stay as large however many groups there are.
_PIXELS: Final = 0.62


@dataclass(frozen=True, slots=True)
class _Outline:
    number: int
    name: str
    path: str
    colour: str
    tint: str
    dash: str
    title_x: float
    title_y: float


def group_picture(title: str, groups: Sequence[Mapping[str, Any]]) -> Markup:
    """
    Draw groups.

    Parameters
    ----------
    title
        What is shown, in words.
    groups
        Rows of `peers.groups`: `group` (its number) and `members` (`uid`, `kind`, `label`). Their order decides ties of the layout.

    Returns
    -------
    picture
        An SVG element in which every value is escaped; nothing where there is no group.
    """
    people: dict[str, Mapping[str, Any]] = {}
    for group in groups:
        for member in group["members"]:
            people.setdefault(str(member["uid"]), member)
    if not people:
        return Markup()
    at = {uid: place for place, uid in enumerate(people)}
    nodes = [_node(person, place) for place, person in enumerate(people.values())]
    names = [f"Group {group['group']}" for group in groups]
    boxes = [*(node.box for node in nodes), *(_title_box(name) for name in names)]
    inside = [[at[str(member["uid"])] for member in group["members"]] for group in groups]
    links = [(a, b, 6.0) for members in inside for a, b in combinations(members, 2)]
    links += [(len(nodes) + number, member, 1.0) for number, members in enumerate(inside) for member in members]
    # Room round each for the outlines, so that those of two groups who share nobody keep apart.
    roomy = [Box(of.half_width + _MARGIN, of.up + _MARGIN, of.down + _MARGIN) for of in boxes]
    points = _in_rows([[*members, len(nodes) + number] for number, members in enumerate(inside)], links, roomy)
    outlines = [
        _outline(names[number], number, [*members, len(nodes) + number], boxes, points, int(groups[number]["group"]))
        for number, members in enumerate(inside)
    ]
    twice = sum(sum(node in members for members in inside) > 1 for node in range(len(nodes)))
    view = _grown(view_of(points, boxes))
    return Markup(  # noqa: S704  from a template that escapes
        environment()
        .get_template("groups.html")
        .render(
            view=" ".join(f"{each:.0f}" for each in view),
            width=round(view[2] * _PIXELS),
            height=round(view[3] * _PIXELS),
            title=title,
            summary=f"{len(groups)} groups, {len(nodes)} people, {twice} of them in more than one group. The table has the same.",
            outlines=outlines,
            signs=[sign_of(node, x, y) for node, (x, y) in zip(nodes, points[: len(nodes)].tolist(), strict=True)],
            font=FONT,
            title_font=_TITLE_FONT,
        )
    )


def _in_rows(
    sets: Sequence[Sequence[int]], links: Sequence[tuple[int, int, float]], boxes: Sequence[Box]
) -> NDArray[np.float64]:
    """Lay out each lot of groups that share people, and set the lots in rows that are no wider than a page."""
    lots: list[set[int]] = []
    for members in sets:
        apart = [lot for lot in lots if lot.isdisjoint(members)]
        lots = [*apart, set(members).union(*(lot for lot in lots if not lot.isdisjoint(members)))]
    points = np.zeros((len(boxes), 2))
    x = y = tall = 0.0
    for lot in sorted((sorted(lot) for lot in lots), key=lambda lot: (-len(lot), lot)):
        at = {node: place for place, node in enumerate(lot)}
        within = [(at[a], at[b], weight) for a, b, weight in links if a in at]
        alone = sum(not set(members).isdisjoint(lot) for members in sets) == 1
        room = [boxes[node] for node in lot]
        laid = _grid(room) if alone else positions(len(lot), within, room)
        reach = np.array([[boxes[node].half_width, boxes[node].up, boxes[node].down] for node in lot])
        left, top = (laid[:, 0] - reach[:, 0]).min(), (laid[:, 1] - reach[:, 1]).min()
        wide = float((laid[:, 0] + reach[:, 0]).max() - left)
        if x and x + wide > _ACROSS:
            x, y, tall = 0.0, y + tall + _MARGIN, 0.0
        points[lot] = laid - (left - x, top - y)
        x += wide + _MARGIN
        tall = max(tall, float((laid[:, 1] + reach[:, 2]).max() - top))
    return points


def _grid(boxes: Sequence[Box]) -> NDArray[np.float64]:
    """Set the people of a group that shares nobody in rows of three or four below its name, which comes last."""
    across = 3 if len(boxes) <= 10 else 4
    wide = 2 * max(box.half_width for box in boxes)
    points = np.zeros((len(boxes), 2))
    points[-1] = (wide * (min(across, len(boxes) - 1) - 1) / 2, 0.0)
    y = boxes[-1].down
    for first in range(0, len(boxes) - 1, across):
        row = range(first, min(first + across, len(boxes) - 1))
        y += max(boxes[node].up for node in row)
        # Every other row stands half a place aside, as people do and tables do not.
        aside = wide / 4 * (1 if (first // across) % 2 else -1) if len(boxes) - 1 > across else 0.0
        for place, node in enumerate(row):
            points[node] = (wide * place + aside, y)
        y += max(boxes[node].down for node in row)
    return points


def _node(person: Mapping[str, Any], place: int) -> Node:
    kind, label = str(person["kind"]), str(person["label"])
    return Node(label, look_of(kind_of(kind)), is_unknown(kind, label), False, place + 1, wrapped(label))


def _title_box(name: str) -> Box:
    return Box(text_width(name) * _TITLE_FONT / FONT / 2 + 4, _TITLE_FONT, 10.0)


def _grown(view: str) -> tuple[float, float, float, float]:
    left, top, wide, high = (float(each) for each in view.split())
    edge = _MARGIN + 12
    return left - edge, top - edge, wide + 2 * edge, high + 2 * edge


def _outline(
    name: str, number: int, members: Sequence[int], boxes: Sequence[Box], points: NDArray[np.float64], called: int
) -> _Outline:
    colour, tint, dash = _OUTLINES[number % len(_OUTLINES)]
    region = _region(members, boxes, points)
    path = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in list(region.exterior.coords)[:-1]) + " Z"
    x, y = points[members[-1]].tolist()
    return _Outline(called, name, path, colour, tint, dash, round(x, 1), round(y, 1))


def _region(members: Sequence[int], boxes: Sequence[Box], points: NDArray[np.float64]) -> "Polygon":
    """Give one area that holds the signs and names of the members and as little else as can be."""
    from scipy.sparse.csgraph import minimum_spanning_tree
    from shapely import LineString, Polygon, unary_union

    def room(node: int, margin: float) -> Polygon:
        (x, y), of = points[node], boxes[node]
        return _rectangle(
            x - of.half_width - margin, y - of.up - margin, x + of.half_width + margin, y + of.down + margin
        )

    where = points[list(members)]
    apart = np.hypot(*(where[:, None] - where[None, :]).transpose(2, 0, 1))
    tree = minimum_spanning_tree(apart).tocoo()
    held = unary_union([room(node, 2) for node in members])
    ties = [LineString([where[a], where[b]]).buffer(_BRIDGE) for a, b in zip(tree.row, tree.col, strict=True)]
    others = unary_union([room(node, 3) for node in range(len(boxes)) if node not in members])
    # The roundest shape that takes nobody else in: the hull of all, else ever closer round its people.
    shapes = [held.convex_hull]
    shapes += [unary_union([held, *ties]).buffer(reach).buffer(-reach) for reach in _SMOOTH]
    free = next((shape for shape in shapes if not shape.intersects(others)), shapes[-1].difference(others))
    kept = free.buffer(_MARGIN - 2).difference(others)
    pieces = [piece for piece in getattr(kept, "geoms", [kept]) if isinstance(piece, Polygon)]
    largest = max(pieces, key=lambda piece: piece.area).simplify(0.6)
    return largest if isinstance(largest, Polygon) else pieces[0]


def _rectangle(left: float, top: float, right: float, bottom: float) -> "Polygon":
    from shapely import Polygon

    return Polygon([(left, top), (right, top), (right, bottom), (left, bottom)])
