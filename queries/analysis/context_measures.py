"""
What a goal of a context's plan may be measured by: named counts on the visible graph, in a window of time.

Each counts what has its beginning in the window, `from` inclusive and `to` exclusive (milliseconds UTC), so that nothing is counted both
before and after; what happened at an unknown time is not counted. `O(claims)`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from queries.analysis.episodes import episodes
from queries.projection import FAR_PAST_MS, Bools, ClaimColumns, VisibleGraph
from queries.vocabulary import PERSON_KINDS, TYPE_CODES


@dataclass(frozen=True, slots=True)
class Scope:
    """What a context is, as positions in the visible graph: where it is (places, groups, vehicles, accounts), and the people known to it."""

    places: frozenset[int] = frozenset()
    others: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Counted:
    """A count and the claims that it rests on, in order."""

    count: int
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """A named measure: its meaning in plain English, what it counts (plural), and whether fewer or more is hoped for."""

    name: str
    meaning: str
    unit: str
    good: str
    caveat: str
    count: Callable[[VisibleGraph, Scope, int, int], Counted] = field(compare=False)


def _within(columns: ClaimColumns, start: int, end: int) -> Bools:
    timed = columns.happened_from > FAR_PAST_MS
    return np.asarray(timed & (columns.happened_from >= start) & (columns.happened_from < end), np.bool_)


def _at(graph: VisibleGraph, scope: Scope, start: int, end: int, *roles: str) -> list[int]:
    """Give the rows that say an incident was at one of the places in the window; of any part of it unless roles are named."""
    claims = graph.claims
    there = (claims.type == TYPE_CODES["AT"]) & np.isin(claims.b, sorted(scope.places)) & _within(claims, start, end)
    if roles:
        there &= np.isin(claims.role.astype(str), roles)
    return list(np.flatnonzero(there).tolist())


def _involved(graph: VisibleGraph, incidents: set[int]) -> list[int]:
    claims = graph.claims
    return list(
        np.flatnonzero((claims.type == TYPE_CODES["INVOLVED_IN"]) & np.isin(claims.b, sorted(incidents))).tolist()
    )


def _cited(graph: VisibleGraph, rows: set[int]) -> tuple[str, ...]:
    return tuple(sorted(str(graph.claims.claim_id[row]) for row in rows))


def incidents_at_places(graph: VisibleGraph, scope: Scope, start: int, end: int) -> Counted:
    """Count the distinct incidents recorded at the context's places."""
    rows = _at(graph, scope, start, end)
    return Counted(len({int(graph.claims.a[row]) for row in rows}), _cited(graph, set(rows)))


def children_found_at_places(graph: VisibleGraph, scope: Scope, start: int, end: int) -> Counted:
    """Count the distinct children who were missing and were found at the context's places."""
    rows = _at(graph, scope, start, end, "found_at")
    incidents = {int(graph.claims.a[row]) for row in rows}
    missing = [
        row
        for row in _involved(graph, incidents)
        if graph.claims.role[row] == "missing" and graph.subjects[graph.claims.a[row]].kind == "child"
    ]
    theirs = {int(graph.claims.b[row]) for row in missing}
    found = [row for row in rows if int(graph.claims.a[row]) in theirs]
    return Counted(len({int(graph.claims.a[row]) for row in missing}), _cited(graph, {*found, *missing}))


def people_present(graph: VisibleGraph, scope: Scope, start: int, end: int) -> Counted:
    """Count the distinct people recorded at the places, in the groups, with the vehicles or by the accounts of the context."""
    claims = graph.claims
    here = sorted(scope.places | scope.others)
    kinds = [TYPE_CODES[name] for name in ("SEEN_AT", "FREQUENTS", "ATTENDS", "MEMBER_OF", "USES")]
    direct = np.flatnonzero(
        np.isin(claims.type, kinds) & np.isin(claims.b, here) & _within(claims, start, end)
    ).tolist()
    at = _at(graph, scope, start, end)
    rows = [*direct, *_involved(graph, {int(claims.a[row]) for row in at})]
    found = [row for row in rows if graph.subjects[claims.a[row]].kind in PERSON_KINDS]
    return Counted(len({int(claims.a[row]) for row in found}), _cited(graph, {*found, *at}))


def co_missing_pairs(graph: VisibleGraph, scope: Scope, start: int, end: int) -> Counted:
    """Count the pairs of people known to the context who were missing at the same time, once a pair; the later of the two begins in the window."""
    theirs = sorted(
        (e for e in episodes(graph) if e.child in scope.people and e.timed), key=lambda e: (e.started_at, e.incident)
    )
    pairs: set[frozenset[int]] = set()
    claims: set[str] = set()
    for number, later in enumerate(theirs):
        if not start <= later.started_at < end:
            continue
        for earlier in theirs[:number]:
            still_missing = earlier.ended_at is None or earlier.ended_at > later.started_at
            if earlier.child != later.child and still_missing:
                pairs.add(frozenset((earlier.child, later.child)))
                claims.update((*earlier.evidence, *later.evidence))
    return Counted(len(pairs), tuple(sorted(claims)))


_SOME_COUNT: Final = "Counts what was reported; a change in reporting changes it."
MEASURES: Final[Mapping[str, Measure]] = {
    measure.name: measure
    for measure in (
        Measure("incidents_at_places", "Incidents recorded at the context's places", "incidents", "fewer", _SOME_COUNT, incidents_at_places),
        Measure(
            "children_found_at_places", "Children who were missing and were found at the context's places", "children", "fewer",
            "A child found is also a child safe again; read it beside where else children are found.", children_found_at_places,
        ),
        Measure(
            "co_missing_pairs", "Pairs of people known to the context who were missing at the same time", "pairs", "fewer",
            "Missing at the same time is not proof of being together.", co_missing_pairs,
        ),
        Measure(
            "people_present", "People recorded at the context's places, or by its groups, vehicles and accounts", "people", "fewer",
            "Being recorded at a place is not involvement in what happens there.", people_present,
        ),
    )
}  # fmt: skip
