"""
What is published of each place of a layer, for readers who may not open records: its events, as a whole and by calendar quarter.

Everything is counted from claims that are open to everyone, so that it is the same for all such readers, and goes forward in editions
(`queries.analysis.editions`), so that no two answers can be subtracted to a small count: neither of two windows nor of two moments as known at.

An event is in the quarter (London) that holds the middle of when its earliest standing claim says that it may have happened. Homes are left out
as they are known now. Places that are one are added up from what is published of each.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from queries.analysis.editions import LEAST, Edition, Histories, editions_of
from queries.analysis.equal_rows import each_with
from queries.analysis.layers import LAYERS, middle_of
from queries.analysis.quarters import NO_QUARTER, quarter_of, quarters_of, span_of
from queries.analysis.spans import Spans, histories_of, parts_of
from queries.errors import ParameterError
from queries.open_history import OpenHistory, nothing_linked
from queries.projection import FAR_PAST_MS, Ints, VisibleGraph

_BESIDE: Final = ("children", "reports", "agencies")
_BOTH: Final[tuple[Literal["left"], Literal["right"]]] = ("left", "right")


@dataclass(frozen=True)
class PlaceHistory:
    """All that is ever published of a place: its quarters in the order of `Edition.parts`, and each figure's editions."""

    quarters: tuple[int, ...]
    events: list[Edition]
    beside: dict[str, list[Edition]]


@dataclass(frozen=True)
class Published:
    """What is published of a place at a moment. A figure that is None, and a quarter that is not there, is withheld."""

    place: int
    events: int | None
    children: int | None
    reports: int | None
    agencies: int | None
    quarters: dict[int, int]


def published_places(graph: VisibleGraph, layer: str) -> list[Published]:
    """
    Give what is published of the places of a layer as known at the graph's moment, in order of source key.

    A place is listed once its whole is published; one with fewer, withheld, if it was already known when the present quarter began: that a
    place has come onto the list must not tell on which day something was first said of it.

    Raises
    ------
    ParameterError
        If there is no such layer.
    """
    if layer not in LAYERS:
        raise ParameterError("layer", f"use one of {', '.join(LAYERS)}")
    if graph.history is None or graph.of_history is None:
        return []
    history, found = graph.history(), defaultdict(list)
    for place, told in _table(history, layer).items():
        edition = _at(told.events, graph.known_at)
        if edition is not None and edition.whole:
            found[int(graph.of_history[place])].append((told, edition))
    for place in _known_by(history, layer, span_of(quarter_of(graph.known_at))[0]):
        found.setdefault(int(graph.of_history[place]), [])
    return [_sum_of(at, found[at], graph.known_at) for at in sorted(found) if at >= 0 and not graph.homes[at]]


def _sum_of(place: int, parts: list[tuple[PlaceHistory, Edition]], moment: int) -> Published:
    """Add up what is published of the records of one place. Children, reports and agencies of two records may be the same: only one's are told."""
    quarters: dict[int, int] = defaultdict(int)
    for told, edition in parts:
        for quarter, count in zip(told.quarters, edition.parts, strict=True):
            if count:
                quarters[quarter] += count
    beside: dict[str, int | None] = dict.fromkeys(_BESIDE)
    if len(parts) == 1:
        for name in _BESIDE:
            told_of = _at(parts[0][0].beside[name], moment)
            beside[name] = (told_of.whole or None) if told_of else None
    return Published(place, sum(edition.whole for _, edition in parts) or None, **beside, quarters=dict(quarters))


def _at(told: list[Edition], moment: int) -> Edition | None:
    found = bisect_right(told, moment, key=lambda edition: edition.moment)
    return told[found - 1] if found else None


def _table(history: OpenHistory, layer: str) -> dict[int, PlaceHistory]:
    """Give the places, by position in the history, of which anything was ever published; made once of each history."""
    name = f"published {layer}"
    found: dict[int, PlaceHistory] | None = history.kept.get(name)
    if found is None:
        found = history.kept[name] = dict(_histories(history, layer))
    return found


def _rows(history: OpenHistory, layer: str) -> tuple[Ints, Ints]:
    """Give the claims of a layer, and from when each counts."""
    is_crime = layer == "crime"
    start = np.maximum(history.known_from, history.crime_from[history.incident]) if is_crime else history.known_from
    rows = np.flatnonzero((history.role == ("occurred" if is_crime else layer)) & (start < history.live_to))
    return rows, start


def _known_by(history: OpenHistory, layer: str, moment: int) -> list[int]:
    rows, start = _rows(history, layer)
    known = rows[(start[rows] <= moment) & (history.live_to[rows] > moment)]
    places: list[int] = np.unique(history.place[known]).tolist()
    return places


def _histories(history: OpenHistory, layer: str) -> Iterator[tuple[int, PlaceHistory]]:
    rows, start = _rows(history, layer)
    places, at, counts = np.unique(history.place[rows], return_inverse=True, return_counts=True)
    rows, places = rows[counts[at] >= LEAST], places[counts >= LEAST]
    if not len(rows):
        return
    middles = [
        FAR_PAST_MS if (middle := middle_of(since, until)) is None else middle
        for since, until in zip(history.happened_from[rows].tolist(), history.happened_to[rows].tolist(), strict=True)
    ]
    # The earliest claim of an event says its quarter; of two as early, the one that comes first.
    order = np.empty(len(rows), np.int64)
    order[np.lexsort((rows, history.happened_from[rows]))] = np.arange(len(rows))
    place, quarters = np.searchsorted(places, history.place[rows]), quarters_of(np.array(middles, np.int64))
    said = Spans(place, start[rows], history.live_to[rows], history.incident[rows], quarters, order)
    parts = parts_of(said, len(places))
    beside = {name: editions_of(each) for name, each in _beside(history, rows, said, len(places), layer).items()}
    told = editions_of(histories_of(said, parts, history.linked))
    of_each = np.split(parts[1], np.searchsorted(parts[0], np.arange(1, len(places))))
    for at_place, events, known, *others in zip(places.tolist(), told, of_each, *beside.values(), strict=True):
        if events:
            yield at_place, PlaceHistory(tuple(known.tolist()), events, dict(zip(beside, others, strict=True)))


def _beside(history: OpenHistory, rows: Ints, said: Spans, places: int, layer: str) -> dict[str, Histories]:
    """Give how many children, reports and agencies were at each place, as a whole."""
    _, agency = np.unique(history.agency[rows].astype(str), return_inverse=True)
    by_key = {"reports": said.whole(history.root[rows]), "agencies": said.whole(agency.astype(np.int64))}
    whole = np.arange(places), np.full(places, NO_QUARTER)
    found = {name: histories_of(spans, whole, nothing_linked()) for name, spans in by_key.items()}
    people = _people(history, said) if layer != "crime" else said.chosen(np.zeros(0, np.int64))
    return found | {"children": histories_of(people, whole, history.linked, only=history.is_child)}


def _people(history: OpenHistory, said: Spans) -> Spans:
    """Give who was involved in the incidents of some spans, while both were said; also through another record of the same incident."""
    order = np.argsort(history.involved_in, kind="stable")
    involved, linked = history.involved_in[order], history.linked
    first, last = (np.searchsorted(involved, said.key, side=side) for side in _BOTH)
    joined = linked.group[said.key] >= 0
    row, at = each_with(first, np.where(joined, 0, last - first))
    at = order[at]
    found = [np.stack([row, at, said.start[row], said.end[row]])]
    # Of an incident that was ever the same as another, those involved in either, while it was.
    for span in np.flatnonzero(joined).tolist():
        key = int(said.key[span])
        for incident in sorted({at for a, b, _, _ in linked.claims[int(linked.group[key])] for at in (a, b)}):
            of = order[slice(*(int(np.searchsorted(involved, incident, side=side)) for side in _BOTH))]
            for since, until in linked.together(key, incident) if len(of) else ():
                both = max(since, int(said.start[span])), min(until, int(said.end[span]))
                found.append(np.stack([np.full_like(of, span), of, *(np.full_like(of, end) for end in both)]))
    row, at, since, until = np.concatenate(found, axis=1)
    since, until = np.maximum(since, history.involved_from[at]), np.minimum(until, history.involved_to[at])
    nothing = np.zeros(len(row), np.int64)
    people = Spans(said.place[row], since, until, history.person[at], nothing + NO_QUARTER, nothing)
    return people.chosen(np.flatnonzero(since < until))
