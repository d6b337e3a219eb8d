"""
What is published of each place of a layer, for readers who may not open records: its events, as a whole and by calendar quarter.

Everything is counted from claims that are open to everyone, so that it is the same for all such readers, and goes forward in editions
(`queries.analysis.editions`), so that no two answers can be subtracted to a small count: neither of two windows nor of two moments as known at.

An event is in the quarter (London) that holds the middle of when its earliest standing claim says that it may have happened. Homes are left out
as they are known now. Places that are one are added up from what is published of each.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from queries.analysis.editions import LEAST, Edition, editions
from queries.analysis.layers import LAYERS, middle_of
from queries.analysis.quarters import NO_QUARTER, quarter_of, quarters_of, span_of
from queries.errors import ParameterError
from queries.open_history import Linked, OpenHistory, nothing_linked
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, Bools, Ints, VisibleGraph

_BESIDE: Final = ("children", "reports", "agencies")
#: Of each moment, the change in the number of each part.
Changes: TypeAlias = dict[int, dict[int, int]]


@dataclass(frozen=True, slots=True)
class Span:
    """That something was so, from a moment until another: of whom or what (`key`), in which part, and which comes first where several say so."""

    start: int
    end: int
    key: int
    part: int = NO_QUARTER
    order: tuple[int, int] = (0, 0)


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
    rows = rows[np.argsort(history.place[rows], kind="stable")]
    places, first = np.unique(history.place[rows], return_index=True)
    middles = [
        FAR_PAST_MS if (middle := middle_of(since, until)) is None else middle
        for since, until in zip(history.happened_from[rows].tolist(), history.happened_to[rows].tolist(), strict=True)
    ]
    quarters = quarters_of(np.array(middles, np.int64))
    involving = _involving(history) if layer != "crime" else {}
    for number, (place, begin) in enumerate(zip(places.tolist(), first.tolist(), strict=True)):
        end = int(first[number + 1]) if number + 1 < len(first) else len(rows)
        if end - begin < LEAST:
            continue
        here = rows[begin:end].tolist()
        spans = [
            Span(
                int(start[row]),
                int(history.live_to[row]),
                int(history.incident[row]),
                quarter,
                (int(history.happened_from[row]), row),
            )
            for row, quarter in zip(here, quarters[begin:end].tolist(), strict=True)
        ]
        parts = (NO_QUARTER, *sorted({span.part for span in spans} - {NO_QUARTER}))
        told = editions(*_counts(_changes(spans, history.linked), parts))
        if told:
            yield place, PlaceHistory(parts, told, _beside(history, here, spans, involving))


def _beside(
    history: OpenHistory, rows: list[int], spans: list[Span], involving: dict[int, list[tuple[int, int, int]]]
) -> dict[str, list[Edition]]:
    """Publish the children, reports and agencies of a place, each by itself, as a whole."""
    numbers = {name: number for number, name in enumerate(sorted({str(history.agency[row]) for row in rows}))}
    told_by = {
        "reports": [Span(span.start, span.end, int(history.root[row])) for row, span in zip(rows, spans, strict=True)],
        "agencies": [
            Span(span.start, span.end, numbers[str(history.agency[row])]) for row, span in zip(rows, spans, strict=True)
        ],
    }
    found = {
        name: editions(*_counts(_changes(each, nothing_linked()), (NO_QUARTER,))) for name, each in told_by.items()
    }
    children = _changes(list(_people(history, spans, involving)), history.linked, only=history.is_child)
    return found | {"children": editions(*_counts(children, (NO_QUARTER,)))}


def _involving(history: OpenHistory) -> dict[int, list[tuple[int, int, int]]]:
    """Give, of each incident, who was involved, and from when to when that was said."""
    found: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    columns = (history.involved_in, history.person, history.involved_from, history.involved_to)
    for incident, person, start, end in zip(*(column.tolist() for column in columns), strict=True):
        found[incident].append((person, start, end))
    return found


def _people(
    history: OpenHistory, spans: Iterable[Span], involving: dict[int, list[tuple[int, int, int]]]
) -> Iterator[Span]:
    """Give who was involved in the incidents of some spans, while both were said; also through another record of the same incident."""
    linked = history.linked
    for span in spans:
        group = int(linked.group[span.key])
        ends = {at for a, b, _, _ in linked.claims[group] for at in (a, b)} if group >= 0 else {span.key}
        for incident in sorted(ends):
            for since, until in linked.together(span.key, incident) if incident in involving else ():
                for person, start, end in involving[incident]:
                    first, last = max(span.start, since, start), min(span.end, until, end)
                    if first < last:
                        yield Span(first, last, person)


def _changes(spans: list[Span], linked: Linked, *, only: Bools | None = None) -> Changes:
    """
    Give how the number of distinct keys in each part changes over time. Keys that are the same at a moment are one then.

    A key is in the part of its first standing span. `only` says which keys count: those joined to one of them do too.
    """
    groups: dict[tuple[bool, int], list[Span]] = defaultdict(list)
    for span in spans:
        group = int(linked.group[span.key]) if linked.subjects else NO_QUARTER
        groups[group >= 0, group if group >= 0 else span.key].append(span)
    found: Changes = defaultdict(lambda: defaultdict(int))
    for (is_joined, group), held in groups.items():
        if not is_joined and only is not None and not only[group]:
            continue
        if not is_joined and len({span.part for span in held}) == 1:
            for moment, change in _while_any(held):
                found[moment][held[0].part] += change
            continue
        moments = {moment for span in held for moment in (span.start, span.end)}
        before: dict[int, int] = {}
        for moment in sorted(moments | (linked.changes(group) if is_joined else set())):
            if moment >= FAR_FUTURE_MS:
                break
            now = _parts_at(held, linked.leaders(group, moment) if is_joined else {}, moment, only)
            for part in {*before, *now}:
                if change := now.get(part, 0) - before.get(part, 0):
                    found[moment][part] += change
            before = now
    return found


def _while_any(held: list[Span]) -> Iterator[tuple[int, int]]:
    """Give when the first of some spans begins and the last ends, again and again: 1 and -1."""
    ends: dict[int, int] = defaultdict(int)
    for span in held:
        ends[span.start] += 1
        ends[span.end] -= 1
    standing = 0
    for moment in sorted(moment for moment in ends if moment < FAR_FUTURE_MS):
        before, standing = standing, standing + ends[moment]
        if (before > 0) != (standing > 0):
            yield moment, 1 if standing else -1


def _parts_at(held: list[Span], leaders: dict[int, int], moment: int, only: Bools | None) -> dict[int, int]:
    """Count the keys of one group that stand at a moment, by part."""
    first: dict[int, Span] = {}
    for span in held:
        if span.start <= moment < span.end:
            leader = leaders.get(span.key, span.key)
            if leader not in first or span.order < first[leader].order:
                first[leader] = span
    if only is not None:
        counted = {leaders.get(key, key) for key in {*leaders, *(span.key for span in held)} if only[key]}
        first = {leader: span for leader, span in first.items() if leader in counted}
    parts: dict[int, int] = defaultdict(int)
    for span in first.values():
        parts[span.part] += 1
    return parts


def _counts(changes: Changes, parts: tuple[int, ...]) -> tuple[list[int], Ints]:
    """Give the moments of change, and the numbers in each part from then on."""
    moments, at = sorted(changes), {part: number for number, part in enumerate(parts)}
    table = np.zeros((len(moments), len(parts)), np.int64)
    for number, moment in enumerate(moments):
        for part, change in changes[moment].items():
            table[number, at[part]] = change
    return moments, table.cumsum(axis=0)
