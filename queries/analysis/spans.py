"""
For how long things were said of places, as columns, and how the number of distinct things there goes up and down with it.

Instants are milliseconds UTC; spans are half-open.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from queries.analysis.editions import Histories
from queries.analysis.equal_rows import begins
from queries.analysis.quarters import NO_QUARTER
from queries.columns import FAR_FUTURE_MS, Bools, Ints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from queries.open_history import Linked


@dataclass(frozen=True, slots=True)
class Spans:
    """
    That something was so of whom or what (`key`), at a place (a number), from `start` until `end`, in which `part`.

    Of several that say so of one key, the part is that of the first in `order`, which no two of one key and place share.
    """

    place: Ints
    start: Ints
    end: Ints
    key: Ints
    part: Ints
    order: Ints

    def chosen(self, rows: Ints) -> "Spans":
        """Give some of them."""
        return Spans(*(column[rows] for column in (self.place, self.start, self.end, self.key, self.part, self.order)))

    def whole(self, key: Ints) -> "Spans":
        """Give the same of other keys, in no part by itself."""
        return replace(self, key=key, part=np.full(len(key), NO_QUARTER, np.int64))


def parts_of(spans: Spans, places: int) -> tuple[Ints, Ints]:
    """Give each place with each of its parts, in order: what has no date first, which every place has."""
    given = np.arange(places), np.full(places, NO_QUARTER)
    pairs = np.stack([np.concatenate([spans.place, given[0]]), np.concatenate([spans.part, given[1]])], axis=1)
    place, part = np.unique(pairs, axis=0).T
    return place, part


def histories_of(spans: Spans, parts: tuple[Ints, Ints], linked: "Linked", *, only: Bools | None = None) -> Histories:
    """
    Give how the number of distinct keys in each part of each place changes over time. Keys that are the same at a moment are one then.

    A key is in the part of its first standing span. `only` says which keys count: those joined to one of them do too. `parts` are of every
    place, as `parts_of` gives them.
    """
    place, moment, part, change = _changes(spans, linked, only)
    order = np.lexsort((moment, place))
    place, moment, part, change = (column[order] for column in (place, moment, part, change))
    places = int(parts[0][-1]) + 1 if len(parts[0]) else 0
    is_new = begins(place, moment)
    first_part = np.searchsorted(parts[0], np.arange(places + 1))
    width = int(parts[1].max(initial=0)) + 2
    at = np.searchsorted(parts[0] * width + parts[1] + 1, place * width + part + 1) - first_part[place]
    return Histories(
        moment[is_new],
        np.searchsorted(place[is_new], np.arange(places + 1)),
        np.diff(first_part),
        np.cumsum(is_new) - 1,
        at,
        change,
    )


def _changes(spans: Spans, linked: "Linked", only: Bools | None) -> tuple[Ints, Ints, Ints, Ints]:
    """Give place, moment, part and change."""
    group = linked.group[spans.key] if linked.subjects else np.full(len(spans.key), -1, np.int64)
    joined = group >= 0
    counted = joined | (only[spans.key] if only is not None else True)
    order = np.lexsort((spans.start, spans.key, spans.place, joined))
    spans, group, joined = (
        spans.chosen(order[counted[order]]),
        group[order][counted[order]],
        joined[order][counted[order]],
    )
    is_first = begins(spans.place, spans.key)
    held = np.cumsum(is_first) - 1
    first = np.flatnonzero(is_first)
    several = np.zeros(len(first), np.bool_)
    if len(first):
        several = np.minimum.reduceat(spans.part, first) != np.maximum.reduceat(spans.part, first)
    plain = ~joined & ~several[held]
    found = [_while_any(spans.chosen(np.flatnonzero(plain)), held[plain])]
    together: dict[tuple[int, bool, int], list[int]] = defaultdict(list)
    for row in np.flatnonzero(~plain).tolist():
        is_joined = bool(joined[row])
        together[int(spans.place[row]), is_joined, int(group[row] if is_joined else spans.key[row])].append(row)
    for (place, is_joined, key), rows in together.items():
        told = list(_of_several(spans, rows, linked, key if is_joined else -1, only))
        found.append(np.array([(place, *one) for one in told], np.int64).reshape(-1, 4).T)
    place, moment, part, change = np.concatenate(found, axis=1)
    return place, moment, part, change


def _while_any(spans: Spans, held: Ints) -> Ints:
    """Give when the first of the spans of a key (`held` numbers them) begins and the last ends, again and again: 1 and -1."""
    if not len(held):
        return np.zeros((4, 0), np.int64)
    # The latest end so far of the same key: ends are put in order, and every key's above those of the keys before it.
    ends, rank = np.unique(spans.end, return_inverse=True)
    until = np.maximum.accumulate(held * len(ends) + rank)
    is_first = begins(held)
    is_first[1:] |= spans.start[1:] > ends[until[:-1] % len(ends)]
    first = np.flatnonzero(is_first)
    last = np.append(first[1:], len(held)) - 1
    up = np.stack([spans.place[first], spans.start[first], spans.part[first], np.ones_like(first)])
    down = np.stack([spans.place[first], ends[until[last] % len(ends)], spans.part[first], np.full_like(first, -1)])
    found = np.concatenate([up, down], axis=1)
    return found[:, found[1] < FAR_FUTURE_MS]


def _of_several(
    spans: Spans, rows: list[int], linked: "Linked", group: int, only: Bools | None
) -> "Iterator[tuple[int, int, int]]":
    """Give moment, part and change of keys that were the same now and then (a `group`), or of one key in several parts."""
    held = [
        (int(spans.start[row]), int(spans.end[row]), int(spans.key[row]), int(spans.part[row]), int(spans.order[row]))
        for row in rows
    ]
    moments = {moment for start, end, *_ in held for moment in (start, end)}
    before: dict[int, int] = {}
    for moment in sorted(moments | (linked.changes(group) if group >= 0 else set())):
        if moment >= FAR_FUTURE_MS:
            break
        now = _parts_at(held, linked.leaders(group, moment) if group >= 0 else {}, moment, only)
        for part in {*before, *now}:
            if change := now.get(part, 0) - before.get(part, 0):
                yield moment, part, change
        before = now


def _parts_at(
    held: list[tuple[int, int, int, int, int]], leaders: dict[int, int], moment: int, only: Bools | None
) -> dict[int, int]:
    """Count the keys of one group that stand at a moment, by part."""
    first: dict[int, tuple[int, int]] = {}
    for start, end, key, part, order in held:
        if start <= moment < end:
            leader = leaders.get(key, key)
            if leader not in first or order < first[leader][0]:
                first[leader] = order, part
    if only is not None:
        counted = {leaders.get(key, key) for key in {*leaders, *(key for _, _, key, _, _ in held)} if only[key]}
        first = {leader: told for leader, told in first.items() if leader in counted}
    parts: dict[int, int] = defaultdict(int)
    for _, part in first.values():
        parts[part] += 1
    return parts
