"""
A peer network as one self-contained page: a drawing laid out on the server, without any script, and the same figures as tables.

It is made to be read across a room: few signs, large names that never overlap, a legend of every sign used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from markupsafe import Markup

from maps.errors import MapDataError
from maps.kinds import LINK_CAVEAT, THIN, TONE_LOOKS, look_of
from maps.network import links_of
from maps.page import DrawnPage, Facts, Handling, LegendBlock, LegendEntry, OfflinePage, Table, assemble
from maps.peer_picture import MOST_BADGES, DrawnLink, Node, picture
from maps.signs import line_sign, sign

#: Up to here every node has its name beside it; beyond, the most linked have, and the rest a number of the table.
_MOST_NAMES: Final = 60
_MOST_LINKS: Final = 600
_LETTERS_A_LINE: Final = 15


def peer_drawing(
    nodes: Sequence[Mapping[str, Any]],
    links: Sequence[Mapping[str, Any]],
    *,
    title: str,
    period: str,
    handling: Handling,
    note: str = "",
    made_from: str = "",
    dated: str = "",
    numbered: bool = False,
) -> OfflinePage:
    """
    Draw who is linked to whom, and how.

    Parameters
    ----------
    nodes
        `id` (or `uid`), `label`, `kind` (a key of `maps.kinds.KIND_LOOKS`); and if wanted `unknown` (true: nobody knows who this is;
        drawn dashed) and `focus` (true: the one asked about). Their order decides ties of the layout, so give them by source key and
        the same network looks the same everywhere.
    links
        `a`, `b` (ids), `tone` (`concern`, `strength`, `neutral`) and `kinds`: by kind of link, `events`, `reports` and `weight`. Two
        tones between the same two are two links. `network_of` makes both lists from rows of `peers.network`.
    title, period
        What is shown, and the time covered, in words.
    handling
        The marking, as it should be read.
    note, made_from
        A caveat, and the question, version and parameters that the rows came from.
    dated
        The date that stands with the handling on every printed sheet.
    numbered
        Give every sign a number and leave its name to the table.

    Returns
    -------
    page
        The same input gives the same text. Width of a link is its weight; a link of one report is thin.

    Raises
    ------
    MapDataError
        If a node lacks an id or has another's, or a link names a node that is not there.
    """
    every_link = _placed(links, _places(nodes))
    drawn = _nodes(nodes, every_link, 0 if numbered else _MOST_NAMES)
    # A name told when a sign is pointed at is a name in the picture.
    signs = [replace(node, label=f"number {node.number}") for node in drawn] if numbered else drawn
    strongest = sorted(range(len(every_link)), key=lambda place: (-every_link[place].link.weight, place))[:_MOST_LINKS]
    shown = [every_link[place] for place in sorted(strongest)]
    notes = []
    if len(shown) < len(every_link):
        notes.append(f"Drawn: the {len(shown)} strongest of {len(every_link)} links; the table has all.")
    if any(not node.lines for node in drawn):
        notes.append("Numbers inside signs are those of the table of people and things.")
    return DrawnPage(
        assemble(
            Facts(title, period, None, handling, note, made_from, dated=dated),
            picture(title, signs, shown) if drawn else Markup("<p>No links to show in this period.</p>"),
            legend=_legend(drawn, shown, " ".join(notes)) if drawn else (),
            tables=[_link_table(drawn, every_link), _node_table(drawn)],
        )
    )


def wrapped(label: str, letters: int = _LETTERS_A_LINE) -> tuple[str, ...]:
    """Break a name over at most three lines of about `letters` letters; the table has whole what is cut here."""
    lines: list[str] = []
    for word in label.split():
        if lines and len(lines[-1]) + 1 + len(word) <= letters:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    cut = [line if len(line) <= letters + 3 else line[: letters + 2] + "…" for line in lines[:3]]
    if len(lines) > 3:
        cut[-1] = cut[-1].rstrip("…") + "…"
    return tuple(cut) or ("no name",)


def _places(nodes: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    ids = [node.get("id", node.get("uid")) for node in nodes]
    if None in ids or len(set(ids)) < len(ids):
        raise MapDataError("nodes", "each needs an id of its own")
    return {str(each): place for place, each in enumerate(ids)}


def _placed(links: Sequence[Mapping[str, Any]], places: Mapping[str, int]) -> list[DrawnLink]:
    ready = links_of(links)
    if any(link.a not in places or link.b not in places for link in ready):
        raise MapDataError("links", "each joins two of the nodes given")
    return [DrawnLink(places[link.a], places[link.b], link) for link in ready]


def _nodes(nodes: Sequence[Mapping[str, Any]], links: Sequence[DrawnLink], most_names: int) -> list[Node]:
    strength = np.zeros(len(nodes))
    for each in links:
        strength[[each.a, each.b]] += each.link.weight
    with_names = most_names if len(nodes) <= most_names else most_names // 2
    named = set(np.argsort(-strength, kind="stable")[:with_names].tolist())
    drawn = []
    for place, node in enumerate(nodes):
        label, focus = str(node["label"]), bool(node.get("focus", False))
        lines = wrapped(label) if place in named or (focus and most_names) else ()
        drawn.append(Node(label, look_of(str(node["kind"])), bool(node.get("unknown", False)), focus, place + 1, lines))
    return drawn


def _legend(nodes: Sequence[Node], links: Sequence[DrawnLink], note: str) -> list[LegendBlock]:
    looks = {node.look.meaning: node.look for node in nodes}
    signs = [LegendEntry(sign(look.shape, look.colour, hollow=True), meaning) for meaning, look in looks.items()]
    if any(node.unknown for node in nodes):
        dashed = sign("circle", "#39506b", "?", dashed=True, hollow=True)
        signs.append(LegendEntry(dashed, "Dashed: nobody knows who this is"))
    blocks = [LegendBlock("Who and what", signs)]
    if links:
        shown = {each.link.tone for each in links}
        tones = [
            LegendEntry(line_sign(look.colour, look.dash, 5), look.meaning)
            for tone, look in TONE_LOOKS.items()
            if tone in shown
        ]
        if any(each.link.reports <= 1 for each in links):
            tones.append(LegendEntry(line_sign("#0b0c0c", "", THIN), "Thin: one report only"))
        if any(each.link.reports > 1 for each in links):
            tones.append(LegendEntry(line_sign("#0b0c0c", "", 9), "Wider: more or stronger links"))
        badge = " The number on a link is the least number of independent reports."
        blocks.append(LegendBlock("Links", tones, LINK_CAVEAT + (badge if len(links) <= MOST_BADGES else "")))
    return [*blocks, *([LegendBlock("How much is drawn", note=note)] if note else [])]


def _link_table(nodes: Sequence[Node], links: Sequence[DrawnLink]) -> Table:
    rows = [
        (
            nodes[each.a].label,
            nodes[each.b].label,
            TONE_LOOKS[each.link.tone].meaning,
            each.link.kinds,
            each.link.events,
            each.link.reports,
            round(each.link.weight, 2),
        )
        for each in sorted(links, key=lambda each: -each.link.weight)
    ]
    columns = ("One", "The other", "Tone", "Kinds", "Events", "Independent reports, at least", "Weight")
    return Table("Links", columns, rows)


def _node_table(nodes: Sequence[Node]) -> Table:
    rows = [
        (node.number, node.label, node.look.meaning + (", not identified" if node.unknown else "")) for node in nodes
    ]
    return Table("People and things", ("Number", "Name", "Kind"), rows)
