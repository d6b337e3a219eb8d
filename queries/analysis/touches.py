"""
Which claims say that a report about a child touches a thing: a place, an online space, a group, a vehicle, an account or an adult.

`TOUCHES` says it as data. A report is counted by its root along `copied_from`, so that what was forwarded touches once; it touches when its
first visible copy was recorded by its source. Claims graded as suspected false touch nothing, and neither do homes.
"""

from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from queries.projection import VisibleGraph
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


@dataclass(slots=True)
class Notice:
    """One independent report (its root) that touches a thing: when, by whom first, about which children, by which claims (rows)."""

    recorded_at: int
    report: int
    children: set[int] = field(default_factory=set)
    rows: set[int] = field(default_factory=set)
    agencies: set[str] = field(default_factory=set)


def notices(graph: VisibleGraph, kinds: AbstractSet[str]) -> dict[int, dict[int, Notice]]:
    """
    Give the independent reports that touch each thing, by the thing (a position) and the root of the report.

    Notes
    -----
    `O(claims)`, and as much again as incidents have children times places.
    """
    said_by = graph.claims.report
    counts = np.isin(graph.reports.kind[said_by].astype(str), sorted(kinds)) if len(graph.claims) else np.zeros(0, bool)
    counts &= graph.claims.information_rank != SUSPECTED_FALSE
    found: dict[int, dict[int, Notice]] = defaultdict(dict)
    for thing, child, row, rows in _touching(graph, counts):
        if graph.homes[thing]:
            continue
        report, when = int(said_by[row]), int(graph.claims.recorded_at[row])
        root = int(graph.reports.root[report])
        notice = found[thing].setdefault(root, Notice(when, report))
        if (when, str(graph.reports.key[report])) < (notice.recorded_at, str(graph.reports.key[notice.report])):
            notice.recorded_at, notice.report = when, report
        notice.children.add(child)
        notice.rows.update(rows)
        notice.agencies.add(str(graph.reports.agency[report]))
    return dict(found)


def _touching(graph: VisibleGraph, counts: np.ndarray) -> Iterator[tuple[int, int, int, tuple[int, ...]]]:
    """Give thing, child, the row whose report touches, and all the rows that say so."""
    claims, kind = graph.claims, [subject.kind for subject in graph.subjects]
    ends = claims.a.tolist(), claims.b.tolist()
    family = {
        frozenset((ends[0][row], ends[1][row]))
        for row in np.flatnonzero(claims.type == TYPE_CODES["FAMILY_OF"]).tolist()
    }
    with_child: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for touch in TOUCHES:
        for row in np.flatnonzero(counts & (claims.type == TYPE_CODES[touch.type])).tolist():
            one, other = ends[0][row], ends[1][row]
            child, thing = (one, other) if touch.child_first else (other, one)
            if kind[child] != "child" or kind[thing] not in touch.kinds:
                continue
            if touch.roles and claims.role[row] not in touch.roles:
                continue
            if kind[thing] in GROWN:
                # That somebody was with a child also goes for their car, whoever they are.
                with_child[thing, int(graph.reports.root[claims.report[row]])].append((child, row))
                if touch.type == "SEEN_WITH" and frozenset((child, thing)) in family:
                    continue
            yield thing, child, row, (row,)
    yield from _through_incidents(graph, counts, kind)
    for row in np.flatnonzero(counts & (claims.type == TYPE_CODES[BY_THE_SAME_REPORT.type])).tolist():
        user, thing = ends[0][row], ends[1][row]
        if kind[thing] in BY_THE_SAME_REPORT.kinds and kind[user] in GROWN:
            for child, other in with_child.get((user, int(graph.reports.root[claims.report[row]])), ()):
                yield thing, child, row, (row, other)


def _through_incidents(
    graph: VisibleGraph, counts: np.ndarray, kind: list[str]
) -> Iterator[tuple[int, int, int, tuple[int, ...]]]:
    claims = graph.claims
    involving: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in np.flatnonzero(claims.type == TYPE_CODES["INVOLVED_IN"]).tolist():
        if kind[claims.a[row]] == "child" and claims.information_rank[row] != SUSPECTED_FALSE:
            involving[int(claims.b[row])].append((int(claims.a[row]), row))
    for row in np.flatnonzero(counts & (claims.type == TYPE_CODES[INCIDENT_PLACE.type])).tolist():
        for child, involved in involving.get(int(claims.a[row]), ()):
            yield int(claims.b[row]), child, row, (row, involved)
    for row in np.flatnonzero(counts & (claims.type == TYPE_CODES["INVOLVED_IN"])).tolist():
        thing, role = int(claims.a[row]), str(claims.role[row])
        if any(kind[thing] in touch.kinds and (not touch.roles or role in touch.roles) for touch in INCIDENT_THINGS):
            for child, involved in involving.get(int(claims.b[row]), ()):
                yield thing, child, row, (row, involved)
