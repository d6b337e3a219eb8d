"""A peer network as one SVG picture: signs, names and lines, in units of the drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypedDict

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from maps.kinds import THIN, TONE_LOOKS, WIDE, KindLook
from maps.network import Link
from maps.page import environment
from maps.peer_layout import Box, positions

#: Up to here each link carries its number of independent reports.
MOST_BADGES: Final = 45
FONT: Final = 29.0
_SYMBOL: Final = 60.0
_FOCUS_SYMBOL: Final = 75.0
#: Height of a line of a name, as a share of the font.
_LINE: Final = 1.12
#: Widths of letters as a share of the font, of the widest common one (DejaVu Sans Bold), so that no reader's font outgrows a name's box.
_NARROW: Final = (0.5, frozenset("ijlftrI.,:;'!|()[]- "))
_WIDEST: Final = (1.11, frozenset("mwMW@%"))
_LOWER: Final = 0.72
_UPPER: Final = 0.86
_FOREIGN: Final = 1.05
_EDGE: Final = 14.0
_LEAST_SIZE: Final = (900.0, 420.0)
_BADGE_ROOM: Final = 17.0
#: The outlines below are about this wide.
_OUTLINE_WIDTH: Final = 56.0
_OUTLINES: Final = {
    "circle": Markup('<circle r="28"/>'),
    "square": Markup('<rect x="-26" y="-26" width="52" height="52"/>'),
    "hexagon": Markup('<polygon points="0,-30 27,-15 27,15 0,30 -27,15 -27,-15"/>'),
    "diamond": Markup('<polygon points="0,-30 30,0 0,30 -30,0"/>'),
    "bar": Markup('<rect x="-30" y="-19" width="60" height="38" rx="13"/>'),
    "triangle": Markup('<polygon points="0,-28 30,26 -30,26"/>'),
    "shield": Markup('<path d="M0 -29 L26 -21 V0 C26 16 12 24 0 30 C-12 24 -26 16 -26 0 V-21 Z"/>'),
}


@dataclass(frozen=True, slots=True)
class Node:
    """One sign: `lines` is its name as drawn; without, its `number` stands in the sign."""

    label: str
    look: KindLook
    unknown: bool
    focus: bool
    number: int
    lines: tuple[str, ...]

    @property
    def symbol(self) -> float:
        """The width of its sign."""
        return _FOCUS_SYMBOL if self.focus else _SYMBOL

    @property
    def reach(self) -> float:
        """From the middle of its sign to the edge of what is drawn of it."""
        return self.symbol / 2 + (9 if self.focus else 4)

    @property
    def box(self) -> Box:
        """What it takes up, its name below it included."""
        letters = max((text_width(line) for line in self.lines), default=0.0)
        names = len(self.lines) * FONT * _LINE + (6 if self.lines else 0)
        return Box(max(self.reach, letters / 2 + 3), self.reach, self.reach + names)


@dataclass(frozen=True, slots=True)
class DrawnLink:
    """A link by the places of its ends in the list of nodes."""

    a: int
    b: int
    link: Link


class _Line(TypedDict):
    x1: float
    y1: float
    x2: float
    y2: float
    colour: str
    width: float
    dash: str
    tip: str


class _Badge(TypedDict):
    x: float
    y: float
    colour: str
    text: int


def picture(title: str, nodes: Sequence[Node], links: Sequence[DrawnLink]) -> Markup:
    """Draw the network; names never overlap, and every value is escaped by the template."""
    boxes = [node.box for node in nodes]
    focus = next((place for place, node in enumerate(nodes) if node.focus), None)
    points = positions(len(nodes), [(each.a, each.b, each.link.weight) for each in links], boxes, centre=focus)
    lines, badges = _lines(nodes, links, points)
    drawn = (
        environment()
        .get_template("peers.html")
        .render(
            view=view_of(points, boxes),
            title=title,
            summary=f"{len(nodes)} people and things, {len(links)} links. The tables hold the same figures.",
            lines=lines,
            badges=badges if len(links) <= MOST_BADGES else [],
            signs=[sign_of(node, x, y) for node, (x, y) in zip(nodes, points.tolist(), strict=True)],
            font=FONT,
        )
    )
    return Markup(drawn)  # noqa: S704  from a template that escapes


def text_width(line: str) -> float:
    """Give the most room that a line of a name takes, in units of the drawing."""

    def share(letter: str) -> float:
        for width, letters in (_NARROW, _WIDEST):
            if letter in letters:
                return width
        if not letter.isascii():
            return _FOREIGN
        return _UPPER if letter.isupper() else _LOWER

    return FONT * sum(share(letter) for letter in line)


def link_width(weight: float, reports: int, heaviest: float) -> float:
    """Give the width of a link: by the square root of its weight, and thin when no more than one report is behind it."""
    if reports <= 1:
        return THIN
    return round(THIN + 1.5 + (WIDE - THIN - 1.5) * float(np.sqrt(weight / heaviest)), 1)


def view_of(points: NDArray[np.float64], boxes: Sequence[Box]) -> str:
    """Give the view box that holds every box round its point: left, top, width and height, in words."""
    reach = np.array([[box.half_width, box.up, box.down] for box in boxes])
    left, right = float((points[:, 0] - reach[:, 0]).min()) - _EDGE, float((points[:, 0] + reach[:, 0]).max()) + _EDGE
    top, bottom = float((points[:, 1] - reach[:, 1]).min()) - _EDGE, float((points[:, 1] + reach[:, 2]).max()) + _EDGE
    # A drawing of a few would otherwise be blown up to fill the page.
    wide, high = max(0.0, _LEAST_SIZE[0] - (right - left)) / 2, max(0.0, _LEAST_SIZE[1] - (bottom - top)) / 2
    return f"{left - wide:.0f} {top - high:.0f} {right - left + 2 * wide:.0f} {bottom - top + 2 * high:.0f}"


def _lines(
    nodes: Sequence[Node], links: Sequence[DrawnLink], points: NDArray[np.float64]
) -> tuple[list[_Line], list[_Badge]]:
    heaviest = max((each.link.weight for each in links), default=1.0)
    drawn_between: dict[tuple[int, int], int] = {}
    lines: list[_Line] = []
    badges: list[_Badge] = []
    for each in links:
        link, look = each.link, TONE_LOOKS[each.link.tone]
        pair = (min(each.a, each.b), max(each.a, each.b))
        order = drawn_between[pair] = drawn_between.get(pair, -1) + 1
        start, end = points[pair[0]], points[pair[1]]
        along = end - start
        length = float(np.hypot(*along)) or 1.0
        # Further tones between the same two run beside the first, and their numbers stand one after another.
        aside = np.array([-along[1], along[0]]) / length * ((order + 1) // 2 * (14 if order % 2 else -14))
        (x1, y1), (x2, y2) = (start + aside).round(1).tolist(), (end + aside).round(1).tolist()
        said = f"{link.events} events, {link.reports} independent reports at least"
        tip = f"{nodes[each.a].label} and {nodes[each.b].label}: {look.meaning.lower()}; {link.kinds}; {said}"
        width = link_width(link.weight, link.reports, heaviest)
        lines.append(
            _Line(x1=x1, y1=y1, x2=x2, y2=y2, colour=look.colour, width=width, dash=look.dash or "none", tip=tip)
        )
        middle = start + along * (0.5, 0.38, 0.62)[order % 3] + aside
        if link.reports and _is_free(middle, nodes, points):
            x, y = middle.round(1).tolist()
            badges.append(_Badge(x=x, y=y, colour=look.colour, text=link.reports))
    return lines, badges


def _is_free(at: NDArray[np.float64], nodes: Sequence[Node], points: NDArray[np.float64]) -> bool:
    return not any(
        abs(at[0] - x) < node.box.half_width + _BADGE_ROOM
        and y - node.box.up - _BADGE_ROOM < at[1] < y + node.box.down + _BADGE_ROOM
        for node, (x, y) in zip(nodes, points.tolist(), strict=True)
    )


def sign_of(node: Node, x: float, y: float) -> dict[str, object]:
    """Give what a template draws of a node at a point."""
    inside = "?" if node.unknown else ("" if node.lines else str(node.number))
    return {
        "x": round(x, 1),
        "y": round(y, 1),
        "said": f"{node.label}, {node.look.meaning.lower()}" + (", not identified" if node.unknown else ""),
        "outline": _OUTLINES[node.look.shape],
        "colour": node.look.colour,
        "tint": node.look.tint,
        "dashed": node.unknown,
        "focus": node.focus,
        "scale": round(node.symbol / _OUTLINE_WIDTH, 3),
        "ring": round(node.symbol / _OUTLINE_WIDTH * 1.22, 3),
        "inside": inside,
        "names": [
            {"y": round(node.reach + FONT * (0.85 + _LINE * row), 1), "text": line}
            for row, line in enumerate(node.lines)
        ],
    }
