"""The sweep behind `meetings`: presences at places that lie within a window of each other, crowds left out."""

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from queries.columns import Bools, Ints

#: Below so many presences plain Python is done before a compiler has started.
_SMALL: Final = 1_000


class Near(NamedTuple):
    """Presences in order of place, then start, then end: times in milliseconds UTC, and whether a meeting may rest on each."""

    place: "Ints"
    person: "Ints"
    started: "Ints"
    ended: "Ints"
    may_tell: "Bools"


def near_pairs(there: Near, wanted: "Bools", window: int, crowd: int) -> "tuple[Ints, Ints]":
    """
    Give each pair of presences of different people at one place, the first of them wanted, that begin within `window` of the other's end.

    Neither is of a crowd: one near which there are `crowd` different people or more. Positions in `there`.

    Notes
    -----
    From each wanted presence outward as far as one can be near; of one in a crowd no further than the crowd. Compiled where there are many.
    """
    count = len(there.place)
    if not count:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing
    quickest = _plain if count <= _SMALL else _compiled
    _, person = np.unique(there.person, return_inverse=True)
    place, _, started, ended, may_tell = there
    first = quickest(_first_near)(place, started, ended, window)
    scan = (place, person, started, ended, first, window)
    asked, alone = wanted & may_tell, np.zeros(count, np.int8)
    quickest(_outside_crowds)(*scan, crowd, asked, alone)
    # Whom these met is asked next, if they may tell it.
    chosen = wanted & (alone == 1)
    quickest(_near_these)(*scan, chosen, asked)
    quickest(_outside_crowds)(*scan, crowd, asked & may_tell, alone)
    found = quickest(_pairs)(*scan, chosen, alone)
    return found[0], found[1]


def _plain(loop: "Callable[..., Any]") -> "Callable[..., Any]":
    return loop


@cache
def _compiled(loop: "Callable[..., Any]") -> "Callable[..., Any]":
    from queries.analysis.compiling import compiled

    return compiled(loop)


def _first_near(place: "Ints", started: "Ints", ended: "Ints", window: int) -> "Ints":
    """Give of each presence where what may be near it begins: before that, the latest end so far at the place is too early."""
    first, until, low = np.empty_like(place), ended.copy(), 0
    for one in range(len(place)):
        if one == 0 or place[one] != place[one - 1]:
            low = one
        else:
            until[one] = max(until[one], until[one - 1])
        while low < one and until[low] + window < started[one]:
            low += 1
        first[one] = low
    return first


def _outside_crowds(
    place: "Ints",
    person: "Ints",
    started: "Ints",
    ended: "Ints",
    first: "Ints",
    window: int,
    crowd: int,
    asked: "Bools",
    alone: "NDArray[np.int8]",
) -> None:
    """Write of each presence that is asked about, and not known yet, 1 when it is outside a crowd and 2 when it is in one."""
    met = np.full(person.max() + 1, -1, np.int64)  # of each person, the presence near which they were last counted
    for one in range(len(place)):
        if not asked[one] or alone[one] != 0:
            continue
        alone[one], people, at = 1, 0, first[one]
        while at < len(place) and place[at] == place[one] and (at <= one or started[at] <= ended[one] + window):
            is_near = at > one or ended[at] + window >= started[one]
            if is_near and person[at] != person[one] and met[person[at]] != one:
                met[person[at]] = one
                people += 1
                if people == crowd:
                    alone[one] = 2
                    break
            at += 1


def _near_these(
    place: "Ints",
    person: "Ints",
    started: "Ints",
    ended: "Ints",
    first: "Ints",
    window: int,
    chosen: "Bools",
    asked: "Bools",
) -> None:
    """Mark whatever is near a chosen presence."""
    for one in range(len(place)):
        if not chosen[one]:
            continue
        at = first[one]
        while at < len(place) and place[at] == place[one] and (at <= one or started[at] <= ended[one] + window):
            if person[at] != person[one] and (at > one or ended[at] + window >= started[one]):
                asked[at] = True
            at += 1


def _pairs(
    place: "Ints",
    person: "Ints",
    started: "Ints",
    ended: "Ints",
    first: "Ints",
    window: int,
    chosen: "Bools",
    alone: "NDArray[np.int8]",
) -> "Ints":
    """Give each chosen presence with each that is near it and outside a crowd."""
    found, pairs = np.empty((2, 256), np.int64), 0
    for one in range(len(place)):
        if not chosen[one]:
            continue
        at = first[one]
        while at < len(place) and place[at] == place[one] and (at <= one or started[at] <= ended[one] + window):
            is_near = at > one or ended[at] + window >= started[one]
            if is_near and alone[at] == 1 and person[at] != person[one]:
                if pairs == found.shape[1]:
                    found = np.concatenate((found, np.empty_like(found)), axis=1)
                found[0, pairs], found[1, pairs] = one, at
                pairs += 1
            at += 1
    return found[:, :pairs]
