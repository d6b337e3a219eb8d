"""
The layers of the map: which events of a visible graph belong to each, and what is counted of them.

A layer is what an `AT` claim says of an incident: `crime` (a crime *occurred* there), `missing_from`, `last_seen` or `found_at`. What happened
at a home (a place where a visible claim says that somebody lives, or one on the partnership's own list) is in no layer.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from queries.analysis.national_grid import eastings_northings
from queries.analysis.periods import in_period
from queries.errors import ParameterError
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, Floats, Ints, VisibleGraph
from queries.vocabulary import PERSON_KINDS

LAYERS: Final = ("crime", "missing_from", "last_seen", "found_at")
#: What one place, square or area is measured by: its distinct incidents, or the distinct children involved in them.
Count: TypeAlias = Literal["events", "children"]
COUNTS: Final[tuple[Count, ...]] = ("events", "children")
#: Events a place, over all time, from which the places are a background and not the events themselves.
LEAST_A_PLACE: Final = 2
#: What an even spread of events is even over: the places where they are ever recorded, or the squares or areas themselves.
Against: TypeAlias = Literal["places", "area"]
#: How well a time must be known before an hour or a day can be read from it. "Some time in October" is a month, not a day.
TIMED: Final = frozenset({"exact", "about"})

Involved: TypeAlias = dict[int, list[int]]


@dataclass(frozen=True, slots=True)
class Counted:
    """Distinct incidents, children involved in them, independent reports and agencies that put them there, and the claims that say so."""

    events: int
    children: int
    reports: int
    agencies: int
    evidence: tuple[str, ...]

    @property
    def figures(self) -> tuple[int, int, int, int, tuple[str, ...]]:
        """All five, in order: what any finding that is counted so begins with."""
        return self.events, self.children, self.reports, self.agencies, self.evidence


def layer_rows(graph: VisibleGraph, layer: str, happened_from: int, happened_to: int) -> list[int]:
    """
    Give the `AT` claims of a layer that may have happened in a period (milliseconds UTC, half-open), in order of `claim_id`, but those at homes.

    Raises
    ------
    ParameterError
        If there is no such layer.
    """
    if layer not in LAYERS:
        raise ParameterError("layer", f"use one of {', '.join(LAYERS)}")
    role = "occurred" if layer == "crime" else layer
    claims, inside = graph.claims, in_period(graph.claims, happened_from, happened_to)
    rows = graph.of_type("AT")
    if len(rows):
        rows = rows[inside[rows] & (claims.role[rows] == role) & ~graph.homes[claims.b[rows]]]
    found: list[int] = rows.tolist()
    if layer == "crime":
        found = [row for row in found if graph.subjects[claims.a[row]].subkind == "crime"]
    return found


def require_children(layer: str, count: Count) -> None:
    """Refuse to count children where no report names any."""
    if layer == "crime" and count == "children":
        raise ParameterError("count", "published street crimes name nobody; use events for the layer crime")


def known_places(graph: VisibleGraph, layer: str) -> Floats | None:
    """
    Give where the places are at which events of such a layer are ever recorded: a row each, easting and northing in metres (EPSG:27700).

    Of street crimes, the points at which they are published; of the other layers, the places of all three. What an even spread goes by:
    nothing is ever recorded at sea or in a field that nobody names. None where most places have but one event: such places are the events
    themselves, and say nothing of where else an event could be.
    """
    layers = ("crime",) if layer == "crime" else tuple(name for name in LAYERS if name != "crime")
    rows = [row for name in layers for row in layer_rows(graph, name, FAR_PAST_MS, FAR_FUTURE_MS)]
    first = {int(graph.claims.b[row]): row for row in rows}
    events = {(int(graph.claims.a[row]), int(graph.claims.b[row])) for row in rows}
    if len(events) < LEAST_A_PLACE * len(first):
        return None
    return with_position(graph, [first[place] for place in sorted(first)])[1]


def with_position(graph: VisibleGraph, rows: Iterable[int]) -> tuple[list[int], Floats]:
    """Give the claims whose place has a visible position, and a row each: easting and northing in metres (EPSG:27700)."""
    kept = [row for row in rows if graph.subjects[graph.claims.b[row]].has_position]
    spots = [graph.subjects[at] for at in graph.claims.b[kept].tolist()] if kept else []
    return kept, eastings_northings([s.latitude for s in spots], [s.longitude for s in spots]).reshape(-1, 2)


def timed(graph: VisibleGraph, rows: Iterable[int]) -> list[int]:
    """Give the claims whose time is known to the hour or nearly so: `exact` or `about`, with a start."""
    claims = graph.claims
    return [
        row
        for row in rows
        if claims.time_known[row] in TIMED and FAR_PAST_MS < claims.happened_from[row] < FAR_FUTURE_MS
    ]


def middle_of(start: int, end: int) -> int | None:
    """Give the middle of when something may have happened (milliseconds UTC); its start where no end is known, None without a start."""
    if start <= FAR_PAST_MS:
        return None
    return start if end >= FAR_FUTURE_MS else (start + end) // 2


def one_each(graph: VisibleGraph, rows: Iterable[int]) -> dict[int, list[int]]:
    """
    Give, for each incident at each place, its first claim (by time, then `claim_id`) and all claims that put it there.

    However many reports tell of it, an incident is one point on a map. In order of time, then `claim_id`.
    """
    claims = graph.claims
    told: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (int(claims.happened_from[row]), row)):
        told[int(claims.a[row]), int(claims.b[row])].append(row)
    return {found[0]: found for found in told.values()}


def once_a_child(graph: VisibleGraph, rows: Iterable[int], involved: Involved) -> list[int]:
    """
    Give, of claims, the first at each place of each child: a child counts once per place, however often they were there.

    An event of two children stands once if it is the first there of either; events that involve no child are left out. First is by
    time, then by `claim_id`.
    """
    claims = graph.claims
    kept: set[int] = set()
    met: set[tuple[int, int]] = set()
    for row in sorted(rows, key=lambda row: (int(claims.happened_from[row]), row)):
        here = {(int(claims.b[row]), int(claims.a[way])) for way in involved.get(int(claims.a[row]), ())}
        if here - met:
            kept.add(row)
            met |= here
    return sorted(kept)


def children_of_incidents(graph: VisibleGraph) -> Involved:
    """Give the claims that involve a child in each incident."""
    involved: Involved = defaultdict(list)
    for row in graph.of_type("INVOLVED_IN").tolist():
        if graph.subjects[graph.claims.a[row]].kind == "child":
            involved[int(graph.claims.b[row])].append(row)
    return involved


def counted(graph: VisibleGraph, rows: Iterable[int], involved: Involved) -> Counted:
    """Count incidents, children, reports and agencies of `AT` claims; reports and agencies are those that put them there."""
    placed = list(rows)
    incidents = {int(graph.claims.a[row]) for row in placed}
    involving = [row for incident in incidents for row in involved.get(incident, ())]
    return Counted(
        len(incidents),
        len({int(graph.claims.a[row]) for row in involving}),
        len(graph.roots(placed)),
        len(graph.agencies(placed)),
        tuple(str(graph.claims.claim_id[row]) for row in sorted({*placed, *involving})),
    )


def rows_of_subject(graph: VisibleGraph, at: int) -> list[int]:
    """Give the claims that place a person: the `AT` claims of incidents that involve them, at places that are nobody's home."""
    claims = graph.claims
    involving = graph.of_type("INVOLVED_IN")
    incidents: Ints = claims.b[involving[claims.a[involving] == at]] if len(involving) else involving
    rows = graph.of_type("AT")
    if graph.subjects[at].kind not in PERSON_KINDS or not len(rows):
        return []
    return [int(row) for row in rows[np.isin(claims.a[rows], incidents) & ~graph.homes[claims.b[rows]]]]
