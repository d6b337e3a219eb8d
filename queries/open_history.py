"""
What everyone may see, live or ended: the rows that published figures are counted from, whoever reads them.

A figure for readers who may not open records must not move by one when one report is withdrawn, so it cannot be made from what is live at one
moment alone: it follows from how its count went, moment by moment. Only claims that are open to everyone are here, so that the figures are the
same for all such readers. Subjects are positions in the projection, before any are joined. Instants are milliseconds UTC.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from queries.columns import FAR_FUTURE_MS, Bools, Ints, Objects, Projection
from queries.sight import OPEN, WITH_SUBJECT
from queries.vocabulary import TYPE_CODES

_KEPT: Final = "open history"


@dataclass(frozen=True)
class Linked:
    """Which subjects claims ever said are the same, and when."""

    a: Ints
    b: Ints
    known_from: Ints
    live_to: Ints
    subjects: int

    @cached_property
    def group(self) -> Ints:
        """Of every subject the group of those that it was ever joined to, directly or not; -1 where it never was to any."""
        found = np.full(self.subjects, -1, np.int64)
        if len(self.a):
            links = coo_array((np.ones(len(self.a), np.int8), (self.a, self.b)), shape=(self.subjects, self.subjects))
            _, part = connected_components(links, directed=False)
            touched = np.union1d(self.a, self.b)
            found[touched] = part[touched]
        return found

    @cached_property
    def claims(self) -> dict[int, list[tuple[int, int, int, int]]]:
        """The claims of each group: both ends, and from when to when they stood."""
        found: dict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
        columns = (self.a, self.b, self.known_from, self.live_to)
        for a, b, start, end in zip(*(column.tolist() for column in columns), strict=True):
            found[int(self.group[a])].append((a, b, start, end))
        return found

    def changes(self, group: int) -> set[int]:
        """Give the moments at which a claim of a group began or ended."""
        return {moment for _, _, start, end in self.claims.get(group, ()) for moment in (start, end)}

    def leaders(self, group: int, moment: int) -> dict[int, int]:
        """Give, of those of a group that were joined to another at a moment, one subject that stands for all they were joined to."""
        leader: dict[int, int] = {}

        def lead(at: int) -> int:
            while leader.setdefault(at, at) != at:
                at = leader[at]
            return at

        for a, b, start, end in self.claims.get(group, ()):
            if start <= moment < end:
                first, second = sorted((lead(a), lead(b)))
                leader[second] = first
        return {at: lead(at) for at in leader}

    def together(self, one: int, other: int) -> list[tuple[int, int]]:
        """Give the spans of time for which two subjects were the same; always, of one and itself."""
        if one == other:
            return [(-FAR_FUTURE_MS, FAR_FUTURE_MS)]
        group = int(self.group[one])
        if group < 0 or group != self.group[other]:
            return []
        moments = sorted({*self.changes(group), FAR_FUTURE_MS})
        spans = []
        for start, end in pairwise(moments):
            leaders = self.leaders(group, start)
            if one in leaders and leaders[one] == leaders.get(other):
                spans.append((start, end))
        return spans


def nothing_linked() -> Linked:
    """Give the claims of a world in which nothing is the same as anything else."""
    none = np.zeros(0, np.int64)
    return Linked(none, none, none, none, 0)


@dataclass(frozen=True)
class OpenHistory:
    """
    Claims open to everyone, with when each was known: of incidents at places, of people in incidents, and of who is who.

    Attributes
    ----------
    place, incident, role, known_from, live_to, happened_from, happened_to, root, agency
        Of each claim that an incident was at a place, in order of claim id. A claim ended before it was known is left out.
    person, involved_in, involved_from, involved_to
        Of each claim that somebody was involved in an incident.
    linked
        Of subjects that are the same.
    is_child
        Whether a subject, by position, is a child by its own kind.
    crime_from
        From when anything that everyone may see says that an incident is a crime; far in the future where nothing does.
    kept
        What has been worked out of these rows, by name.
    """

    place: Ints
    incident: Ints
    role: Objects
    known_from: Ints
    live_to: Ints
    happened_from: Ints
    happened_to: Ints
    root: Ints
    agency: Objects
    person: Ints
    involved_in: Ints
    involved_from: Ints
    involved_to: Ints
    linked: Linked
    is_child: Bools
    crime_from: Ints
    kept: dict[str, Any] = field(default_factory=dict)


def open_history(everything: Projection) -> OpenHistory:
    """Give what everyone may see of a projection, live or ended; made once of each."""
    found: OpenHistory | None = everything.kept.get(_KEPT)
    if found is None:
        found = everything.kept[_KEPT] = _made(everything)
    return found


def _made(everything: Projection) -> OpenHistory:
    claims, mentions, reports = everything.claims, everything.mentions, everything.reports
    rows = everything.claim_order
    rows = rows[(claims.sight[rows] == OPEN.sid) & (claims.live_to[rows] > claims.known_from[rows])]
    placed, involved, same = (rows[claims.type[rows] == TYPE_CODES[name]] for name in ("AT", "INVOLVED_IN", "SAME_AS"))
    crime_from = np.full(len(everything.subjects.uid), FAR_FUTURE_MS, np.int64)
    says = (mentions.subkind == "crime") & np.isin(mentions.sight, (OPEN.sid, WITH_SUBJECT.sid))
    np.minimum.at(crime_from, mentions.subject[says], mentions.known_from[says])
    return OpenHistory(
        claims.b[placed],
        claims.a[placed],
        claims.role[placed],
        claims.known_from[placed],
        claims.live_to[placed],
        claims.happened_from[placed],
        claims.happened_to[placed],
        reports.root[claims.report[placed]],
        reports.agency[claims.report[placed]],
        claims.a[involved],
        claims.b[involved],
        claims.known_from[involved],
        claims.live_to[involved],
        Linked(
            claims.a[same], claims.b[same], claims.known_from[same], claims.live_to[same], len(everything.subjects.uid)
        ),
        np.asarray(everything.subjects.kind == "child", np.bool_),
        crime_from,
    )
