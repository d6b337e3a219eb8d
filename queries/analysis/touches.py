"""
Which claims say that a report about a child touches a thing: a place, an online space, a group, a vehicle, an account or an adult.

`TOUCHES` says it as data. A report is counted by its root along `copied_from`, so that what was forwarded touches once; it touches when its
first visible copy was recorded by its source. Claims graded as suspected false touch nothing, and neither do homes.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

import numpy as np

from queries.analysis.equal_rows import joined
from queries.projection import Bools, Ints, VisibleGraph
from queries.vocabulary import SUSPECTED_FALSE, TYPE_CODES

# Reports that tell of a child; a crime report or a list of pupils is neither a referral nor a conversation nor a submission.
KINDS: Final = ("ppn1", "cpi", "return_conversation", "assessment", "sighting", "observation")
GROWN: Final = frozenset({"adult", "person"})  # a person of unknown age may be an adult


@dataclass(frozen=True, slots=True)
class Touch:
    """
    A type of claim from a child (or, with `child_first` false, to one) that touches what is at its other end.

    `kinds` are the kinds of the thing, `roles` the roles or tones that count (none named: all).
    """

    type: str
    kinds: frozenset[str]
    meaning: str
    child_first: bool = True
    roles: frozenset[str] = frozenset()


TOUCHES: Final = (
    Touch("SEEN_AT", frozenset({"location"}), "the child was seen there"),
    Touch("FREQUENTS", frozenset({"location"}), "the child spends time there"),
    Touch("ATTENDS", frozenset({"location"}), "the child attends it"),
    Touch("MEMBER_OF", frozenset({"group"}), "the report says that the child is part of it"),
    Touch("USES", frozenset({"vehicle", "account"}), "the child uses it"),
    Touch("SEEN_WITH", GROWN, "the child was seen with them, who are not known as family"),
    Touch("SEEN_WITH", GROWN, "the child was seen with them, who are not known as family", child_first=False),
    Touch("KNOWS", GROWN, "the child knows them, and it is a concern", roles=frozenset({"concern"})),
    Touch("KNOWS", GROWN, "they know the child, and it is a concern", child_first=False, roles=frozenset({"concern"})),
    Touch("SUSPECTED_OF_EXPLOITING", GROWN, "they are suspected of exploiting the child", child_first=False),
)
# Through an incident that involves a child: where it was (any part of it), and what or who else was in it, in these roles.
INCIDENT_PLACE: Final = Touch("AT", frozenset({"location"}), "an incident that involves the child was there")
INCIDENT_THINGS: Final = (
    Touch("INVOLVED_IN", frozenset({"vehicle", "account"}), "it was part of an incident that involves the child"),
    Touch(
        "INVOLVED_IN", GROWN, "they were suspected or present in an incident that involves the child",
        roles=frozenset({"suspect", "present"}),
    ),
)  # fmt: skip
# A vehicle or an account that a report says is used by somebody whom the same report puts with the child.
BY_THE_SAME_REPORT: Final = Touch("USES", frozenset({"vehicle", "account"}), "somebody with the child uses it")


# A police missing report tells where a child was last seen or found. That is a record of the police, not a worry about the place: thousands a year,
# and what hotspots are made of. What such a report says otherwise (with whom, in whose car) is told as by any other.
MISSING_REPORT: Final = "ppn1"


@dataclass(frozen=True, slots=True)
class Touching:
    """
    That a report touches a thing, with a child, once for each way to say so.

    `thing` and `child` are positions, `row` is the claim whose report touches, `more` the other claim that it takes (-1: none). `worry` says
    whether it is more than a police record of where a missing child was last seen or found.
    """

    thing: Ints
    child: Ints
    row: Ints
    more: Ints
    worry: Bools

    def __len__(self) -> int:
        return len(self.thing)

    def chosen(self, rows: Ints | Bools) -> "Touching":
        """Give some of them."""
        return Touching(self.thing[rows], self.child[rows], self.row[rows], self.more[rows], self.worry[rows])


def touching(graph: VisibleGraph, kinds: AbstractSet[str]) -> Touching:
    """
    Give how reports of these kinds touch things that are not homes.

    Notes
    -----
    `O(claims log claims)` with numpy, and as much again as incidents have children times places.
    """
    counts = np.isin(graph.reports.kind[graph.claims.report].astype(str), sorted(kinds))
    counts &= graph.claims.information_rank != SUSPECTED_FALSE
    found = _Found(graph, counts)
    found.directly()
    found.through_incidents()
    found.by_the_same_report()
    thing, child, row, more, worry = (np.concatenate(column) for column in zip(*found.parts, strict=True))
    made = Touching(thing, child, row, more, np.asarray(worry, np.bool_))
    return made.chosen(~graph.homes[made.thing])


class _Found:
    """What was found so far: thing, child, row, the other row, and whether it is a worry."""

    def __init__(self, graph: VisibleGraph, counts: Bools) -> None:
        self._graph, self._claims, self._counts = graph, graph.claims, counts
        self._kind = graph.kinds
        self._is_child = graph.kinds == "child"
        self._root = graph.reports.root[graph.claims.report]
        nothing = np.zeros(0, np.int64)
        self.parts: list[tuple[Ints, Ints, Ints, Ints, Bools]] = [
            (nothing, nothing, nothing, nothing, np.zeros(0, np.bool_))
        ]
        # Who was with a child by which report: (adult, root), child, row. It also goes for their car, whoever they are.
        self._with_child: list[Ints] = [np.zeros((4, 0), np.int64)]

    def _add(self, thing: Ints, child: Ints, row: Ints, more: Ints | None = None, worry: Bools | None = None) -> None:
        other = np.full(len(row), -1, np.int64) if more is None else more
        self.parts.append((thing, child, row, other, np.ones(len(row), np.bool_) if worry is None else worry))

    def _of_type(self, name: str) -> Ints:
        return np.flatnonzero(self._counts & (self._claims.type == TYPE_CODES[name]))

    def _is(self, at: Ints, kinds: AbstractSet[str]) -> Bools:
        return np.isin(self._kind[at].astype(str), sorted(kinds))

    def directly(self) -> None:
        """What a claim says of a child and a thing."""
        claims, size = self._claims, len(self._graph.subjects)
        family = np.flatnonzero(claims.type == TYPE_CODES["FAMILY_OF"])
        of_family = _pair(claims.a[family], claims.b[family], size)
        for touch in TOUCHES:
            row = self._of_type(touch.type)
            child, thing = (claims.a[row], claims.b[row]) if touch.child_first else (claims.b[row], claims.a[row])
            fits = self._is_child[child] & self._is(thing, touch.kinds)
            if touch.roles:
                fits &= np.isin(claims.role[row].astype(str), sorted(touch.roles))
            child, thing, row = child[fits], thing[fits], row[fits]
            if touch.kinds == GROWN:
                self._with_child.append(np.stack([thing, self._root[row], child, row]))
                if touch.type == "SEEN_WITH":
                    others = ~np.isin(_pair(child, thing, size), of_family)
                    child, thing, row = child[others], thing[others], row[others]
            self._add(thing, child, row)

    def through_incidents(self) -> None:
        """What was where, or in, an incident that involves a child."""
        claims = self._claims
        involved = np.flatnonzero(
            (claims.type == TYPE_CODES["INVOLVED_IN"])
            & (claims.information_rank != SUSPECTED_FALSE)
            & self._is_child[claims.a]
        )
        row = self._of_type(INCIDENT_PLACE.type)
        at, of = joined(claims.a[row], claims.b[involved])
        row, by = row[at], involved[of]
        is_record = (self._graph.reports.kind[claims.report[row]] == MISSING_REPORT) & (
            self._graph.subkinds[claims.a[row]] == "missing_episode"
        )
        self._add(claims.b[row], claims.a[by], row, by, ~is_record.astype(np.bool_))
        row = self._of_type("INVOLVED_IN")
        fits = np.zeros(len(row), np.bool_)
        for touch in INCIDENT_THINGS:
            in_it = self._is(claims.a[row], touch.kinds)
            fits |= in_it & np.isin(claims.role[row].astype(str), sorted(touch.roles)) if touch.roles else in_it
        row = row[fits]
        at, of = joined(claims.b[row], claims.b[involved])
        self._add(claims.a[row[at]], claims.a[involved[of]], row[at], involved[of])

    def by_the_same_report(self) -> None:
        """What somebody uses whom the same report puts with a child."""
        claims = self._claims
        row = self._of_type(BY_THE_SAME_REPORT.type)
        row = row[self._is(claims.b[row], BY_THE_SAME_REPORT.kinds) & self._is(claims.a[row], GROWN)]
        adult, root, child, other = np.concatenate(self._with_child, axis=1)
        size = len(self._graph.reports.key) + 1
        at, of = joined(claims.a[row] * size + self._root[row], adult * size + root)
        self._add(claims.b[row[at]], child[of], row[at], other[of])


def _pair(a: Ints, b: Ints, size: int) -> Ints:
    return np.minimum(a, b) * size + np.maximum(a, b)
