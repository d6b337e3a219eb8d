"""
Who comes to future notice: what was reported since a context was opened of its places, groups, vehicles and accounts, or of people known to it.

Source: Portsmouth MET Integrated Pathway, Appendix A, "For contexts": those "who come to future notice through association or presence in
an identified context".
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np

from queries.projection import FAR_FUTURE_MS, ClaimColumns, Ints, Objects, VisibleGraph
from queries.vocabulary import TYPE_CODES

# What touches a watched subject: the event it came with or the other end, and whether it is a denial.
_Thing: TypeAlias = tuple[str, str | int, bool]
_MENTION: Final[_Thing] = ("mention", "", False)
CAVEAT: Final = "Being told of a report is a reason to look, not a finding about anyone in it."


@dataclass(frozen=True, slots=True)
class Told:
    """One mention that a viewer may see: the position of its subject, its own id, and when it became known (ms UTC)."""

    subject: int
    claim_id: str
    known_from: int


@dataclass(frozen=True, slots=True)
class Notice:
    """
    Something that came to notice.

    `touches` is the watched subject that it touches; `subject` the other end that it is about: an incident, a person, or `touches` itself
    where a report only mentions it. `claims` are ids, in order; `known_from` the latest of their moments, `happened_from` the earliest (ms UTC).
    `rows` and `denials` are the rows of `claims` and of `apart` in the graph that say what was reported; none where it is but a mention.
    """

    touches: int
    subject: int
    claims: tuple[str, ...]
    known_from: int
    happened_from: int
    rows: tuple[int, ...] = ()
    denials: tuple[int, ...] = ()


def notices(
    graph: VisibleGraph,
    watched: Collection[int],
    since: int,
    *,
    mentions: Iterable[Told] = (),
    began_with: Collection[str] = (),
    made_here: Collection[int] = (),
) -> list[Notice]:
    """
    Give what became known after `since` that touches a watched subject, latest first.

    Parameters
    ----------
    graph
        What the viewer may see. Claims that no path may use (denials) count too.
    watched
        Positions of the context's places, groups, vehicles, accounts and of the people known to it.
    since
        When the context was opened, in milliseconds UTC; what became known at that very moment is not new.
    mentions
        The mentions by reports that the viewer may see.
    began_with
        Claim ids that the context began with: they are not told again.
    made_here
        Positions (in `graph.reports`) of what this service itself wrote of contexts: work is not a report.

    Returns
    -------
    found
        One notice for each watched subject and each thing that touches it. An incident reported at a watched place is one thing with all that
        became known of it since; other claims are one thing for each event that they came with, or for each pair of ends.

    Notes
    -----
    Linear in the claims that touch what is watched, and in what is found; `O(claims)` once for each graph, for its index of neighbours.
    """
    if not watched:
        return []
    wanted, own = np.array(sorted(watched), np.int64), np.array(sorted(made_here), np.int64)
    began = np.array(sorted(began_with), object)
    found: dict[tuple[int, _Thing], _Gathered] = {}
    touching = _touching(graph, wanted)
    for columns, denied in ((graph.claims, False), (graph.apart, True)):
        fresh = _fresh(columns, np.arange(len(columns)) if denied else touching, since, own, began)
        for near, far in ((columns.a, columns.b), (columns.b, columns.a)):
            for row in fresh[np.isin(near[fresh], wanted)].tolist():
                event = str(columns.event_id[row])
                thing: _Thing = ("event", event, denied) if event else ("with", int(far[row]), denied)
                _gather(columns, row, int(near[row]), int(far[row]), thing, found)
    _at_places(graph, wanted, touching, (since, own, began), found)
    for told in mentions:
        if told.known_from > since and told.subject in watched and told.claim_id not in began_with:
            # A mention says nothing that a claim of the same subject does not say better, unless there is none.
            found.setdefault((told.subject, _MENTION), _Gathered(told.subject)).add(
                told.claim_id, told.known_from, FAR_FUTURE_MS
            )
    for watched_at, thing in list(found):
        if thing == _MENTION and any(at == watched_at and other != _MENTION for at, other in found):
            del found[watched_at, thing]
    made = [
        Notice(
            watched_at, gathered.subject, tuple(sorted(gathered.claims)), max(gathered.claims.values()), gathered.happened_from,
            tuple(sorted(row for row, denied in gathered.rows if not denied)), tuple(sorted(row for row, denied in gathered.rows if denied)),
        )
        for (watched_at, _), gathered in found.items()
    ]  # fmt: skip
    return sorted(made, key=lambda n: (-n.known_from, n.touches, n.subject, n.claims))


def last_told(graph: VisibleGraph, made_here: Collection[int]) -> Ints:
    """
    Give of each subject when the latest claim became known that a notice of it could rest on (ms UTC; 0: none).

    A claim of it, or of what is at it: no notice of the subject is later. `made_here` is as of `notices`. `O(claims)` with numpy.
    """
    found = np.zeros(len(graph.subjects), np.int64)
    own = np.array(sorted(made_here), np.int64)
    for columns in (graph.claims, graph.apart):
        rows = np.flatnonzero(~np.isin(columns.report, own))
        for ends in (columns.a, columns.b):
            np.maximum.at(found, ends[rows], columns.known_from[rows])
    claims = graph.claims
    at = np.flatnonzero(claims.type == TYPE_CODES["AT"])
    np.maximum.at(found, claims.b[at], found[claims.a[at]])
    return found


@dataclass(slots=True)
class _Gathered:
    """What belongs to one notice: claim ids with their moments, and the rows (of the denials or not) that they are."""

    subject: int
    claims: dict[str, int] = field(default_factory=dict)
    happened_from: int = FAR_FUTURE_MS
    rows: set[tuple[int, bool]] = field(default_factory=set)

    def add(self, claim: str, known_from: int, happened_from: int) -> None:
        """Add a claim."""
        self.claims[claim] = max(known_from, self.claims.get(claim, known_from))
        self.happened_from = min(self.happened_from, happened_from)


_Found: TypeAlias = dict[tuple[int, _Thing], _Gathered]


def _gather(columns: ClaimColumns, row: int, here: int, there: int, thing: _Thing, found: _Found) -> None:
    gathered = found.setdefault((here, thing), _Gathered(there))
    gathered.add(str(columns.claim_id[row]), int(columns.known_from[row]), int(columns.happened_from[row]))
    gathered.rows.add((row, thing[2]))


def _touching(graph: VisibleGraph, wanted: Ints) -> Ints:
    """Give the rows of `claims` that touch these subjects, in order."""
    start, _, row = graph.neighbours
    claims = graph.claims
    # Of one person with themselves, where two records are the same: nobody's neighbour.
    own = np.flatnonzero(claims.a == claims.b)
    parts = [row[start[at] : start[at + 1]] for at in wanted.tolist()]
    return np.unique(np.concatenate([*parts, own[np.isin(claims.a[own], wanted)]])).astype(np.int64)


def _fresh(columns: ClaimColumns, among: Ints, since: int, own: Ints, began: Objects) -> Ints:
    """Give those of these rows that became known since, by reports, and that the context did not begin with."""
    rows = among[columns.known_from[among] > since].astype(np.int64)
    # Few are new, so that the slower looks are at those alone.
    rows = rows[~np.isin(columns.report[rows], own)]
    return rows[~np.isin(columns.claim_id[rows], began)] if len(began) else rows


def _at_places(
    graph: VisibleGraph, wanted: Ints, touching: Ints, asked: tuple[int, Ints, Objects], found: _Found
) -> None:
    """Gather who was involved in incidents at watched places: known since, though the incident itself may have been known before."""
    claims = graph.claims
    at = touching[(claims.type[touching] == TYPE_CODES["AT"]) & np.isin(claims.b[touching], wanted)]
    places: dict[int, set[int]] = {}
    for row in at.tolist():
        places.setdefault(int(claims.a[row]), set()).add(int(claims.b[row]))
    fresh = _fresh(claims, _touching(graph, np.array(sorted(places), np.int64)), *asked)
    involved = (claims.type[fresh] == TYPE_CODES["INVOLVED_IN"]) & np.isin(claims.b[fresh], sorted(places))
    for row in fresh[involved].tolist():
        incident = int(claims.b[row])
        for place in places[incident]:
            _gather(claims, row, place, incident, ("with", incident, False), found)
