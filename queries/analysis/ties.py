"""
How strong a tie between two peers is, on one scale for every kind of link.

Kinds have different units, so each is first put in *occasions*: an event of the two alone is 1, a thing shared by n people 1/(n - 1), a
contact of so many seconds `seconds / CONTACT_SECONDS`. A kind adds log2(1 + occasions): 1 for the first occasion, 2 for three, 3 for seven. The
thirtieth sighting of the same two says less than the second, and without this two people who are often seen draw everyone else to them.

A tie between a child and an adult is not a tie between peers. It is told beside a group, as care or concern, and never makes one.

Source: Newman (2001), Physical Review E 64, 016132 for shared events.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from math import log2
from typing import Final

from queries.analysis.peers import KindCount, PeerLink
from queries.projection import VisibleGraph

#: One reading of a proximity sensor, the shortest contact that one tells (SocioPatterns): it counts as one occasion.
CONTACT_SECONDS: Final = 20.0
#: A tie of at least so much is firm: two people alone once, three people once, or five people twice.
FIRM: Final = 0.5


@dataclass(frozen=True, slots=True)
class Tie:
    """
    A tie between two peers (positions, `a` before `b`) with its strength.

    `only` names the single event that it rests on, where there is no other: several ties that rest on one event are one piece of evidence.
    """

    a: int
    b: int
    strength: float
    only: Hashable | None

    @property
    def is_firm(self) -> bool:
        """Whether it is more than a passing one."""
        return self.strength >= FIRM


def peer_ties(graph: VisibleGraph, links: Iterable[PeerLink]) -> list[Tie]:
    """Give the ties between peers that links make, in their order: those between a child and an adult are left out."""
    found = []
    for link in links:
        if {graph.subjects[link.a].kind, graph.subjects[link.b].kind} != {"child", "adult"}:
            strength = sum(log2(1 + occasions(count)) for count in link.kinds.values())
            if strength > 0:
                found.append(Tie(min(link.a, link.b), max(link.a, link.b), strength, _only(link)))
    return found


def occasions(count: KindCount) -> float:
    """Give how many occasions of two people alone one kind of link stands for."""
    return count.weight - count.seconds + count.seconds / CONTACT_SECONDS


def _only(link: PeerLink) -> Hashable | None:
    """Give the one event that a link rests on; None where it rests on several, or on what was said of the two alone."""
    events: set[Hashable] = set()
    for kind, count in link.kinds.items():
        if not count.things and count.events > len(count.together):
            return None
        events.update((kind, thing) for thing in count.things)
        events.update(count.together)
    return next(iter(events)) if len(events) == 1 else None
