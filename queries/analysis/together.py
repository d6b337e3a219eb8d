"""Which episodes of different children overlap, and which nearly do, in time and, where asked, in place."""

from typing import Final

import numpy as np

from queries.analysis.absences import Absences
from queries.analysis.equal_rows import each_with
from queries.errors import TooManyError
from queries.projection import Ints

MOST_OVERLAPS: Final = 5_000_000
# Above so many to compare, place goes first: the compiled kernel is worth loading (0.3 s).
_MANY: Final = 2_000_000


def overlapping(absences: Absences, least: int, within_metres: float | None = None) -> tuple[Ints, Ints]:
    """
    Give the pairs of episodes (rows) of different children that overlap long enough, each once.

    The second starts with the first or after it; of two that start together the one of the first child comes first.

    Parameters
    ----------
    absences
        The episodes, in order of start.
    least
        Shortest overlap that counts, milliseconds, inclusive.
    within_metres
        Furthest apart of their nearest places, inclusive.

    Raises
    ------
    TooManyError
        If there are more than `MOST_OVERLAPS`: what is not within a distance then grows with the square of the episodes, and no list of it
        could be read.

    Notes
    -----
    One sweep over starts, `O(n log n + k)` for `k` pairs open together; with a distance and many of them, by cells (see `co_missing_kernel`).
    """
    started, ended = absences.started, absences.ended
    # Whatever starts up to the last moment at which an overlap could still be long enough.
    after = np.arange(len(started))
    many = np.maximum(np.searchsorted(started, ended - least, "right") - after - 1, 0)
    if within_metres is not None and int(many.sum()) > _MANY:
        first, second = _by_cells(absences, least, within_metres)
    elif within_metres is None and int(many.sum()) > MOST_OVERLAPS:
        raise TooManyError(
            "from",
            "too many children were missing at the same time to list by time alone; ask about a shorter period, or say within_metres",
        )
    else:
        first, second = each_with(after + 1, many)
        kept = ended[first] - started[second] >= least
        kept &= (ended[second] - started[second] >= least) & (absences.child[first] != absences.child[second])
        first, second = first[kept], second[kept]
        if within_metres is not None:
            close = absences.near(first, second, within_metres)
            first, second = first[close], second[close]
    if len(first) > MOST_OVERLAPS:
        raise TooManyError(
            "within_metres",
            "too many children were missing near one another to list; ask about a shorter period or distance",
        )
    return first, second


def near_misses(
    absences: Absences, least: int, within_hours: float, within_metres: float | None = None
) -> tuple[Ints, Ints, Ints]:
    """
    Give the pairs of episodes (rows) of different children that do not overlap long enough, but of which the second starts at most so many
    hours after the first ends; and the gap between them in milliseconds, 0 where they touch or overlap too briefly.

    Near the same place (`within_metres`) both times where it is asked. `O(n log n + k)`.

    Raises
    ------
    TooManyError
        If there are more than `MOST_OVERLAPS` to compare.
    """
    started, ended = absences.started, absences.ended
    gap = round(within_hours * 3_600_000)
    after = np.arange(len(started))
    many = np.maximum(np.searchsorted(started, ended + gap, "right") - after - 1, 0)
    if within_metres is not None and int(many.sum()) > _MANY:
        first, second = _by_cells(absences, 0, within_metres, more=gap)
    elif int(many.sum()) > MOST_OVERLAPS:
        raise TooManyError(
            "within_hours",
            "too many episodes were near one another in time to list; ask about a shorter period or fewer hours",
        )
    else:
        first, second = each_with(after + 1, many)
    overlap = np.minimum(ended[first], ended[second]) - started[second]
    kept = (overlap < least) & (absences.child[first] != absences.child[second])
    first, second = first[kept], second[kept]
    if within_metres is not None:
        close = absences.near(first, second, within_metres)
        first, second = first[close], second[close]
    return first, second, np.maximum(started[second] - ended[first], 0)


def at_once(absences: Absences, first: Ints, second: Ints) -> Ints:
    """
    Count the children who were missing at the moment from which both of each pair of episodes were, as the pairs given tell it.

    Each episode has met others: the count is of those it had met by then and who were still missing, itself among them; of the two
    episodes of a pair the larger. Where pairs are within a distance it is a crowd at a place, otherwise one in a night.

    Notes
    -----
    `O(k log k)` for `k` pairs.
    """
    if not len(first):
        return np.zeros(0, np.int64)
    since = np.maximum(absences.started[first], absences.started[second])
    # For each episode the moments at which those it meets begin and end; one key holds the episode and the moment.
    who, whom = np.concatenate([first, second]), np.concatenate([second, first])
    zero = int(absences.started.min())
    base = int(absences.ended.max()) - zero + 2
    begun = np.sort(who * base + (np.maximum(absences.started[whom], absences.started[who]) - zero))
    over = np.sort(who * base + (absences.ended[whom] - zero))

    def there(episode: Ints) -> Ints:
        moment = episode * base + (since - zero)
        here = np.searchsorted(begun, moment, "right") - np.searchsorted(begun, episode * base, "left")
        gone = np.searchsorted(over, moment, "right") - np.searchsorted(over, episode * base, "left")
        return np.asarray(here - gone + 1, np.int64)

    return np.maximum(np.maximum(there(first), there(second)), 2)


def _by_cells(absences: Absences, least: int, within_metres: float, more: int = 0) -> tuple[Ints, Ints]:
    """Join by place first; each absence lasts `more` milliseconds longer. The second of each two starts with the first or after it."""
    from queries.analysis.co_missing_kernel import meet_in_place

    one, other = meet_in_place(
        absences.child,
        absences.started,
        absences.ended + more,
        absences.metres,
        least=least,
        within_metres=within_metres,
    )
    return np.minimum(one, other), np.maximum(one, other)
