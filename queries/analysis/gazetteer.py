"""
Which locations are probably one place under several names, and why it is thought so: a suggestion, never a merge.

Two locations are joined when their names, as read (`place_names`), can be of one place, and their positions, where both have one, are
near. A position alone joins nothing, and neither does a name that says no more than a neighbourhood. Precision comes first: a wrong
joining puts a child where they never were.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from queries.analysis.national_grid import eastings_northings
from queries.analysis.place_names import (
    LEAST_FOR_A_SLIP,
    NameReader,
    PlaceName,
    one_slip,
    shortened,
    sorts_agree,
)

NEAR_METRES: Final = 150.0  # one name: a stop and its twin across the road, the two ends of a shopping parade
CLOSE_METRES: Final = 100.0  # where one name says more than the other, or one has a slip
SITE_METRES: Final = 400.0  # a school or a station is as large as its grounds


@dataclass(frozen=True, slots=True)
class Located:
    """A location to compare: its source key, its name as the viewer sees it, and its position (WGS 84; NaN where not known)."""

    key: str
    name: str
    latitude: float = math.nan
    longitude: float = math.nan


@dataclass(frozen=True, slots=True)
class Joining:
    """Two locations (positions in what was given, `a` before `b`) that are probably one place; `likeness` of their names, 0 to 1."""

    a: int
    b: int
    likeness: float
    metres: float | None
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnePlace:
    """Locations that are probably one place: positions in what was given, in order of source key, and the joinings that say so."""

    members: tuple[int, ...]
    joinings: tuple[Joining, ...]


def probably_one_place(places: Sequence[Located], reader: NameReader) -> list[OnePlace]:
    """
    Group locations that are probably one place, in order of source key; those that stand alone are left out.

    Groups grow by the likest joinings first, and only while no two of a group speak against each other: other numbers, other words for a
    street, other sorts of place, or farther apart than `SITE_METRES`. A name without a position that fits places far apart joins none.

    Notes
    -----
    `O(n)` names read, and as many comparisons as there are pairs with a word in common (or one slip apart) within `NEAR_METRES`, or with
    one and the same name; never every two. Nothing but what is given matters, and its order does not.
    """
    order = sorted(range(len(places)), key=lambda at: places[at].key)
    ordered = [places[at] for at in order]
    names = [reader.read(place.name) for place in ordered]
    grid = _metres(ordered)
    found = _without_ambiguous(_joinings(names, grid, reader), grid)
    groups = _grown(found, names, grid)
    return [
        OnePlace(
            tuple(order[at] for at in members),
            tuple(Joining(order[j.a], order[j.b], j.likeness, j.metres, j.because) for j in joinings),
        )
        for members, joinings in groups
    ]


def joinings(places: Sequence[Located], reader: NameReader) -> list[Joining]:
    """Give every two that are alike enough to be one place, whatever speaks against it: from this, `probably_one_place` grows groups."""
    return _joinings([reader.read(place.name) for place in places], _metres(places), reader)


def _joinings(
    names: Sequence[PlaceName], grid: Sequence[tuple[float, float] | None], reader: NameReader
) -> list[Joining]:
    pairs = sorted(_to_compare(names, grid, reader))
    return [joining for a, b in pairs if (joining := _joining(a, b, names, grid, reader))]


def _metres(places: Sequence[Located]) -> list[tuple[float, float] | None]:
    found: list[tuple[float, float] | None] = [None] * len(places)
    known = [at for at, place in enumerate(places) if place.latitude == place.latitude]
    if known:
        points = eastings_northings([places[at].latitude for at in known], [places[at].longitude for at in known])
        for at, (east, north) in zip(known, points.tolist(), strict=True):
            if math.isfinite(east) and math.isfinite(north):
                found[at] = (east, north)
    return found


def _apart(a: int, b: int, grid: Sequence[tuple[float, float] | None]) -> float | None:
    one, other = grid[a], grid[b]
    return None if one is None or other is None else math.dist(one, other)


def _to_compare(
    names: Sequence[PlaceName], grid: Sequence[tuple[float, float] | None], reader: NameReader
) -> set[tuple[int, int]]:
    """Give the pairs worth comparing: a word in common or one slip apart, near each other; or the same whole name; or one official place."""
    pairs: set[tuple[int, int]] = set()
    whole: dict[object, list[int]] = defaultdict(list)
    cells: dict[tuple[str, int, int], list[int]] = defaultdict(list)
    points: dict[str, list[int]] = defaultdict(list)
    for at, name in enumerate(names):
        if not name.own:
            continue
        whole[_signature(name)].append(at)
        if official := reader.point(name):
            points[official.name].append(at)
        if (spot := grid[at]) is not None:
            east, north = (int(metres // NEAR_METRES) for metres in spot)
            for word in name.own:
                parts = shortened(word) if len(word) >= LEAST_FOR_A_SLIP and word.isalpha() else [word]
                for part in parts:
                    cells[part, east, north].append(at)
    for (part, east, north), here in cells.items():
        pairs.update(combinations(here, 2))
        for step_east, step_north in ((1, -1), (1, 0), (1, 1), (0, 1)):
            for other in cells.get((part, east + step_east, north + step_north), ()):
                pairs.update((min(at, other), max(at, other)) for at in here if at != other)
    for together in points.values():
        pairs.update(combinations(together, 2))
    for together in whole.values():
        # Those with positions have met in their cells; here those without one meet the rest.
        loose = [at for at in together if grid[at] is None]
        pairs.update((min(a, b), max(a, b)) for a in loose for b in together if a != b)
    return {pair for pair in pairs if pair[0] != pair[1]}


def _signature(name: PlaceName) -> tuple[frozenset[str], ...]:
    return name.own, name.sorts, name.heads, name.which, name.numbers


def _conflict(one: PlaceName, other: PlaceName) -> bool:
    """Say whether two names cannot be of one place, wherever they are."""
    heads_differ = bool(one.heads) and bool(other.heads) and not (one.heads <= other.heads or other.heads <= one.heads)
    # Victoria Park is not Victoria Road: each says what it is, and neither says it as the other does.
    unlike = any(a.sorts and not a.heads and b.heads and not b.sorts for a, b in ((one, other), (other, one)))
    return (
        one.numbers != other.numbers
        or one.which != other.which
        or heads_differ
        or unlike
        or not sorts_agree(one.sorts, other.sorts)
    )


def _joining(
    a: int, b: int, names: Sequence[PlaceName], grid: Sequence[tuple[float, float] | None], reader: NameReader
) -> Joining | None:
    """Compare two; None where they are not probably one place."""
    one, other = names[a], names[b]
    if _conflict(one, other):
        return None
    metres, shared = _apart(a, b, grid), _official(one, other, reader)
    slips = bool(one.slips or other.slips)
    limit: float
    if shared:
        limit = SITE_METRES
    elif _signature(one) == _signature(other):
        only_an_area = _only_an_area(one)
        if metres is None and (slips or only_an_area):
            return None
        limit = NEAR_METRES if not (only_an_area and not one.sorts) else 0.0
    elif metres is None or not _own_words_fit(one, other):
        return None
    else:
        limit = CLOSE_METRES
    if metres is not None and metres > limit:
        return None
    return Joining(a, b, *_because(one, other, metres, shared))


def _official(one: PlaceName, other: PlaceName, reader: NameReader) -> str:
    """Give the name of the one place of the gazetteer that both can mean, or nothing."""
    points = reader.point(one), reader.point(other)
    return points[0].name if points[0] is not None and points[0] == points[1] else ""


def _only_an_area(name: PlaceName) -> bool:
    """Say whether a name tells no more than a neighbourhood, and perhaps a sort of place in it."""
    return not name.heads and not name.numbers and len(name.own) == len(name.areas) > 0


def _own_words_fit(one: PlaceName, other: PlaceName) -> bool:
    """Say whether two names that are not the same may be of one place: the words of one are in the other, or one is a slip."""
    if not one.own or not other.own:
        return False
    left, right = one.own - other.own, other.own - one.own
    if left and right:
        # A slip in one word; two official names that are one letter apart are two names.
        return len(left) == len(right) == 1 and one.heads == other.heads and one_slip(*left, *right)
    # One says more than the other, but a bare neighbourhood is not a place in it.
    return not any(_only_an_area(name) and not name.sorts for name in (one, other))


def _because(
    one: PlaceName, other: PlaceName, metres: float | None, official: str
) -> tuple[float, float | None, tuple[str, ...]]:
    from rapidfuzz.fuzz import token_sort_ratio

    likeness = round(token_sort_ratio(one.plain, other.plain) / 100, 2)
    reasons = [f"name alike {likeness:.2f}"]
    reasons += [f"{round(metres)} m apart" if metres is not None else "no position to compare"]
    if official:
        reasons.append(f"both are “{official}” in the gazetteer")
    elif areas := sorted(one.areas & other.areas):
        reasons.append(f"both name {', '.join(areas)}, which is in the gazetteer")
    if slips := sorted(one.slips | other.slips):
        reasons.append(f"one slip from {', '.join(slip.title() for slip in slips)}, which is in the gazetteer")
    return likeness, metres, tuple(reasons)


def _without_ambiguous(found: list[Joining], grid: Sequence[tuple[float, float] | None]) -> list[Joining]:
    """Leave out what joins a name without a position to places that are far apart: it cannot be all of them."""
    placed: dict[int, set[int]] = defaultdict(set)
    for joining in found:
        for loose, other in ((joining.a, joining.b), (joining.b, joining.a)):
            if grid[loose] is None and grid[other] is not None:
                placed[loose].add(other)
    ambiguous = set()
    for loose, others in placed.items():
        points = np.array([grid[at] for at in sorted(others)], float)
        # The diagonal of their bounding box is at least the greatest distance between two of them.
        if len(points) > 1 and math.dist(points.min(axis=0), points.max(axis=0)) > SITE_METRES:
            ambiguous.add(loose)
    return [joining for joining in found if joining.a not in ambiguous and joining.b not in ambiguous]


def _grown(
    found: Iterable[Joining], names: Sequence[PlaceName], grid: Sequence[tuple[float, float] | None]
) -> list[tuple[list[int], list[Joining]]]:
    """Grow groups, the likest joinings first, while no two of a group conflict."""
    of: dict[int, int] = {}
    members: dict[int, list[int]] = {}
    used: dict[int, list[Joining]] = defaultdict(list)

    def fits(a: int, b: int) -> bool:
        apart = _apart(a, b, grid)
        return not _conflict(names[a], names[b]) and (apart is None or apart <= SITE_METRES)

    def strength(joining: Joining) -> tuple[float, float, int, int]:
        return -joining.likeness, math.inf if joining.metres is None else joining.metres, joining.a, joining.b

    for joining in sorted(found, key=strength):
        a, b = of.setdefault(joining.a, joining.a), of.setdefault(joining.b, joining.b)
        ones, others = members.setdefault(a, [joining.a]), members.setdefault(b, [joining.b])
        if a == b:
            used[a].append(joining)
        elif all(fits(one, other) for one in ones for other in others):
            for at in others:
                of[at] = a
            ones += others
            used[a] += [*used.pop(b, []), joining]
            del members[b]
    groups = [(sorted(some), sorted(used[root], key=strength)) for root, some in members.items() if len(some) > 1]
    return sorted(groups, key=lambda group: group[0])
