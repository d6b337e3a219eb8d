"""
Two people at one place within two hours: what no report states, drawn apart from what reports state.

A person is at a place by a `SEEN_AT` claim, or by being *present* at an incident that happened there. Only times that are `exact` or `about`
count. A crowd says nothing: where more than `CROWD` people were there within two hours of one of them, that one meets nobody.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, Bools, VisibleGraph
from queries.vocabulary import PERSON_KINDS, SUSPECTED_FALSE

WINDOW_MS: Final = 2 * 60 * 60 * 1000
CROWD: Final = 50


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two people (positions, `a` before `b`) at a place within two hours; `rows` are the claims that put them there."""

    a: int
    b: int
    place: int
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True, order=True)
class _Presence:
    started_at: int
    ended_at: int
    person: int
    rows: tuple[int, ...]


def meetings(graph: VisibleGraph, *, with_suspected_false: bool = False, usable: Bools | None = None) -> list[Meeting]:
    """
    Find who was at the same place within two hours, in order of people and place.

    `usable` says of each claim whether a meeting may rest on it; a crowd is a crowd by all of them, so that no choice of claims makes it small.

    Notes
    -----
    A sweep by start at each place, `O(n log n + k)` for `k` meetings.
    """
    found: dict[tuple[int, int, int], set[int]] = defaultdict(set)
    for place, presences in _presences(graph, with_suspected_false).items():
        ordered = sorted(presences)
        near: list[list[_Presence]] = [[] for _ in ordered]
        still: list[int] = []
        for at, later in enumerate(ordered):
            still = [i for i in still if ordered[i].ended_at + WINDOW_MS >= later.started_at]
            for i in still:
                if ordered[i].person != later.person:
                    near[i].append(later)
                    near[at].append(ordered[i])
            still.append(at)
        crowded = [len({other.person for other in others}) >= CROWD for others in near]
        index = {presence: at for at, presence in enumerate(ordered)}
        rests_on = [usable is None or bool(usable[list(presence.rows)].all()) for presence in ordered]
        for at, presence in enumerate(ordered):
            for other in near[at]:
                then = index[other]
                may_tell = rests_on[at] and rests_on[then] and not crowded[at] and not crowded[then]
                if presence.person < other.person and may_tell:
                    found[presence.person, other.person, place].update(presence.rows, other.rows)
    return [Meeting(a, b, place, tuple(sorted(rows))) for (a, b, place), rows in sorted(found.items())]


def _presences(graph: VisibleGraph, with_suspected_false: bool) -> dict[int, set[_Presence]]:
    claims = graph.claims
    timed = np.isin(claims.time_known.astype(str), ("exact", "about")) if len(claims) else np.zeros(0, bool)
    bounded = timed & (claims.happened_from > FAR_PAST_MS) & (claims.happened_to < FAR_FUTURE_MS)
    believed = np.ones(len(claims), bool) if with_suspected_false else claims.information_rank != SUSPECTED_FALSE
    at_place: dict[int, set[_Presence]] = defaultdict(set)

    def put(person: int, place: int, timed_by: int, rows: Iterable[int]) -> None:
        if graph.subjects[person].kind in PERSON_KINDS:
            started_at, ended_at = int(claims.happened_from[timed_by]), int(claims.happened_to[timed_by])
            at_place[place].add(_Presence(started_at, ended_at, person, tuple(rows)))

    seen = graph.of_type("SEEN_AT")
    for row in seen[(bounded & believed)[seen]].tolist():
        put(int(claims.a[row]), int(claims.b[row]), row, [row])
    happened = graph.of_type("AT")
    places: dict[int, list[int]] = defaultdict(list)
    for row in happened[believed[happened]].tolist():
        places[int(claims.a[row])].append(row)
    involved = graph.of_type("INVOLVED_IN")
    for row in involved[(bounded & believed)[involved]].tolist():
        if claims.role[row] == "present":
            for at in places[int(claims.b[row])]:
                put(int(claims.a[row]), int(claims.b[at]), row, [row, at])
    return at_place
