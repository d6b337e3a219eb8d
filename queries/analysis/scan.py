"""
Is something happening here, now, that is not happening everywhere? The space-time permutation scan.

Caveat in plain English: a cluster is a place and a period with more records than that place's and that period's own totals explain; it may
come from recording as well as from events, and its circle is only as fine as the places given.
"""

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
from scipy.spatial import cKDTree

from queries.errors import ParameterError
from queries.projection import Bools, Floats, Ints

Mode: TypeAlias = Literal["prospective", "retrospective"]
REPLICATES: Final = 999
MOST_NEIGHBOURS: Final = 50
FEWEST_EVENTS: Final = 3
MOST_SUMS: Final = 20_000_000
#: Cylinders over all replicates, most of which a bound spares: a minute or two.
MOST_CYLINDERS: Final = 200_000_000_000
#: A ratio below this is nothing but rounding.
LEAST_RATIO: Final = 1e-9
EULER: Final = 0.5772156649015329


@dataclass(frozen=True, slots=True)
class Burst:
    """
    A circle of places and a window of days with more events than expected.

    `places` are those inside with any event in the whole period, nearest to the centre first; `radius` is metres to the furthest of them.
    The window is days `[first_day, end_day)` from the start of the period. `p_value` is by rank among the replicates' highest ratios;
    `p_gumbel` is from a Gumbel distribution fitted to them, and can be smaller than one in the number of replicates.
    """

    centre: int
    places: tuple[int, ...]
    radius: float
    first_day: int
    end_day: int
    events: int
    expected: float
    log_likelihood_ratio: float
    p_value: float
    p_gumbel: float


@dataclass(frozen=True, slots=True)
class Scan:
    """
    Bursts that share no place, highest ratio first, and the highest ratio of each replicate.

    The first is the most likely cluster. Those after it are compared with the replicates' highest too, which is on the safe side.
    """

    bursts: tuple[Burst, ...]
    highest: Floats
    events: int


def log_likelihood_ratio(events: float, expected: float, total: float) -> float:
    """
    Give `c ln(c / m) + (C - c) ln((C - c) / (C - m))` for `c` events where `m` of `C` were expected; 0 unless there are more than expected.

    Source: Kulldorff, Heffernan, Hartman, Assuncao and Mostashari (2005), PLoS Medicine 2(3), e59.
    """
    if events <= expected:
        return 0.0
    outside = total - events
    return events * math.log(events / expected) + (outside * math.log(outside / (total - expected)) if outside else 0.0)


def permutation_scan(
    places: Floats,
    place: Ints,
    day: Ints,
    *,
    days: int,
    longest_days: int,
    mode: Mode = "prospective",
    most_share: float = 0.5,
    most_neighbours: int = MOST_NEIGHBOURS,
    most_metres: float = math.inf,
    fewest_events: int = FEWEST_EVENTS,
    replicates: int = REPLICATES,
    seed: int = 1,
    compiled: bool = True,
) -> Scan:
    """
    Scan circles of places by windows of days for more events than the totals of each explain.

    Parameters
    ----------
    places
        Easting and northing (metres) of each place or cell. Each is also a centre.
    place, day
        The place of each event, and its day (0 to `days - 1`). A "day" may be any equal unit, a week say.
    days
        Length of the period.
    longest_days
        The longest window. At most half of `days` makes sense.
    mode
        `prospective`: windows that end with the period, what is alive now. `retrospective`: any window.
    most_share
        A circle holds at most this share of all events.
    most_neighbours, most_metres
        A circle holds at most so many places with events, and reaches so far.
    fewest_events
        A burst has at least so many events.
    replicates
        How often the days are dealt out anew among the events, each with a seed of its own. The smallest p-value is `1 / (replicates + 1)`.
    seed
        Of the replicates; the same seed and order of events give the same p-values.
    compiled
        False: the same in numpy, which tests hold the compiled way against.

    Raises
    ------
    ParameterError
        If a value is out of its range, or there is more to try than a person would wait for.

    Notes
    -----
    Expected in a cylinder: events of its places times events of its days over all events, so that neither a busy place nor a busy week is a
    finding by itself, and no population figures are needed. Significance by permuting the days among the events, which keeps both
    totals. Places as far from a centre as each other enter a circle together. Source: Kulldorff et al. (2005), PLoS Medicine 2(3), e59;
    Gumbel: Abrams, Kulldorff and Kleinman (2010), Emerging Infectious Diseases 16, and its moments. The bursts after the first follow
    Kulldorff's "no geographical overlap": each centre's best cylinder, in turn, unless it shares a place with one before.
    `O(replicates * centres * neighbours * windows)`.
    """
    _check(places, place, day, days, longest_days, most_share, replicates, mode)
    total = len(place)
    held, at = np.unique(place, return_inverse=True)  # places without events change nothing
    if total == 0:
        return Scan((), np.empty(0), 0)
    spots, at = places[held], at.astype(np.int64)
    starts, ends = _windows(days, longest_days, mode)
    if len(held) * len(starts) > MOST_SUMS:
        raise ParameterError(
            "longest_days", "too many places times windows; use weeks for days, fewer places or a shorter window"
        )
    order, closes = _circles(spots, most_neighbours, most_metres)
    if order.size * len(starts) * (replicates + 1) > MOST_CYLINDERS:
        raise ParameterError(
            "longest_days", "this would take many minutes; use weeks for days, a shorter window or fewer replicates"
        )
    by_place = np.bincount(at, minlength=len(held))
    in_circle = np.cumsum(np.where(order >= 0, by_place[order], 0), axis=1)
    closes &= in_circle <= most_share * total
    up_to = np.concatenate([[0], np.cumsum(np.bincount(day, minlength=days))])
    with np.errstate(divide="ignore"):
        window_logs = np.log(up_to[ends] - up_to[starts])
        zone_logs = np.log(in_circle) - math.log(total)
    search = _Search(
        order, closes, zone_logs, window_logs, starts, ends, len(held), days, total, fewest_events, compiled
    )
    best, where = search.run(at, day.astype(np.int64))
    highest = search.replicates(at, day, replicates, seed)
    bursts: list[Burst] = []
    taken: set[int] = set()
    for centre in np.lexsort((np.arange(len(best)), -np.round(best, 9))).tolist():
        if best[centre] < LEAST_RATIO:
            break
        last, window = where[centre].tolist()
        inside = order[centre, : last + 1]
        if taken.isdisjoint(inside.tolist()):
            taken.update(inside.tolist())
            expected = math.exp(zone_logs[centre, last] + window_logs[window])
            first_day, end_day = int(starts[window]), int(ends[window])
            events = int((np.isin(at, inside) & (day >= first_day) & (day < end_day)).sum())
            furthest = float(np.hypot(*(spots[inside] - spots[centre]).T).max())
            names = tuple(held[inside].tolist())
            p_value, p_gumbel = _chance(float(best[centre]), highest)
            bursts.append(
                Burst(
                    int(held[centre]),
                    names,
                    furthest,
                    first_day,
                    end_day,
                    events,
                    expected,
                    float(best[centre]),
                    p_value,
                    p_gumbel,
                )
            )
    return Scan(tuple(bursts), highest, total)


def _check(
    places: Floats, place: Ints, day: Ints, days: int, longest_days: int, most_share: float, replicates: int, mode: str
) -> None:
    if mode not in ("prospective", "retrospective"):
        raise ParameterError("mode", "use prospective or retrospective")
    if not 1 <= longest_days <= days:
        raise ParameterError("longest_days", "give 1 up to the length of the period")
    if not 0 < most_share <= 1:
        raise ParameterError("most_share", "give a share above 0 and at most 1")
    if replicates < 0:
        raise ParameterError("replicates", "give 0 or more; 999 is usual")
    if len(place) and not (place.min() >= 0 and place.max() < len(places)):
        raise ParameterError("place", "each event needs one of the places")
    if len(day) and not (day.min() >= 0 and day.max() < days):
        raise ParameterError("day", "each event needs a day of the period")


def _windows(days: int, longest: int, mode: Mode) -> tuple[Ints, Ints]:
    """Give the starts and ends of the windows, shortest first, then earliest."""
    if mode == "prospective":
        return days - np.arange(1, longest + 1), np.full(longest, days)
    starts = np.concatenate([np.arange(days - length + 1) for length in range(1, longest + 1)])
    lengths = np.repeat(np.arange(1, longest + 1), days - np.arange(1, longest + 1) + 1)
    return starts, starts + lengths


def _circles(spots: Floats, most_neighbours: int, most_metres: float) -> tuple[Ints, Bools]:
    """
    Give the places by distance from each place (-1 past the last), and where a circle may close: not between places equally far.

    Equally far is to the millimetre; between them, the order given.
    """
    count = len(spots)
    asked = min(most_neighbours + 1, count)
    metres, order = cKDTree(spots).query(spots, k=np.arange(1, asked + 1))
    metres = np.round(metres, 3)
    sort = np.lexsort((order, metres), axis=1)
    metres, order = np.take_along_axis(metres, sort, 1), np.take_along_axis(order, sort, 1)
    closes = np.ones((count, asked), bool)
    closes[:, :-1] = metres[:, 1:] > metres[:, :-1]
    closes &= metres <= most_metres
    order = np.where(metres <= most_metres, order, -1)
    if asked > most_neighbours:  # one more was asked for, to see whether the last circle closes
        order, closes = order[:, :-1], closes[:, :-1]
    return np.ascontiguousarray(order, np.int64), np.ascontiguousarray(closes)


def _first_of_each(order: Ints, closes: Bools) -> Bools:
    """Mark where circles close, and of those that hold the same places round several centres only the first."""
    numbers = np.random.default_rng(0).integers(2**62, size=int(order.max()) + 1).astype(np.uint64)
    # Sums of random numbers are equal for the same places, and for others once in 2^62.
    held = np.cumsum(np.where(order >= 0, numbers[order], np.uint64(0)), axis=1, dtype=np.uint64)
    closing = np.flatnonzero(closes)
    first = np.zeros(held.size, np.bool_)
    first[closing[np.unique(held.ravel()[closing], return_index=True)[1]]] = True
    return first.reshape(held.shape)


@dataclass(frozen=True, slots=True)
class _Search:
    """Everything that stays as it is when the days are dealt out anew."""

    order: Ints
    closes: Bools
    zone_logs: Floats
    window_logs: Floats
    starts: Ints
    ends: Ints
    places: int
    days: int
    total: int
    fewest: int
    compiled: bool

    def replicates(self, at: Ints, day: Ints, count: int, seed: int) -> Floats:
        """Give the highest ratio of each time that the days are dealt out anew, several at once."""
        once = _first_of_each(self.order, self.closes)
        up_to = np.concatenate([[0], np.cumsum(np.bincount(day, minlength=self.days))])
        longest, prospective = int((self.ends - self.starts).max()), bool((self.ends == self.days).all())

        def highest(turn: int) -> float:
            dealt = np.random.default_rng([seed, turn]).permutation(day).astype(np.int64)
            if not self.compiled:
                return float(self._in_numpy(at, dealt)[0].max())
            from queries.analysis import compiled_scan

            return compiled_scan.highest_of_all(
                at, dealt, self.order, once, self.zone_logs, up_to, longest, prospective, self.fewest
            )

        with ThreadPoolExecutor(min(count, os.cpu_count() or 1) or 1) as pool:
            return np.fromiter(pool.map(highest, range(count)), np.float64, count)

    def run(self, at: Ints, day: Ints) -> tuple[Floats, Ints]:
        """Give each centre's highest ratio, and its circle and window."""
        if not self.compiled:
            return self._in_numpy(at, day)
        from queries.analysis import compiled_scan

        best, where = np.zeros(len(self.order)), np.full((len(self.order), 2), -1, np.int64)
        sums = compiled_scan.window_sums(at, day, self.places, self.days, self.starts, self.ends)
        compiled_scan.best_by_centre(
            sums,
            self.order,
            self.closes,
            self.zone_logs,
            self.window_logs,
            self.total,
            self.fewest,
            best,
            where,
        )
        return best, where

    def _in_numpy(self, at: Ints, day: Ints) -> tuple[Floats, Ints]:
        counts = np.zeros((self.places, self.days + 1), np.int64)
        np.add.at(counts, (at, day + 1), 1)
        up_to = counts.cumsum(axis=1)
        sums = up_to[:, self.ends] - up_to[:, self.starts]
        best, where = np.zeros(len(self.order)), np.full((len(self.order), 2), -1, np.int64)
        for centre, cells in enumerate(self.order):
            near = cells[cells >= 0]
            events = sums[near].cumsum(axis=0)[self.closes[centre, : len(near)]]
            if not len(events):
                continue
            expected_log = (
                self.zone_logs[centre, : len(near)][self.closes[centre, : len(near)], None] + self.window_logs
            )
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = events * (np.log(events) - expected_log)
                outside = self.total - events
                ratio += np.where(outside > 0, outside * np.log(outside / (self.total - np.exp(expected_log))), 0)
                ratio[(events < self.fewest) | (np.log(events) <= expected_log)] = 0
            top = int(ratio.argmax())
            k, w = divmod(top, ratio.shape[1])
            if ratio[k, w] > 0:
                best[centre] = ratio[k, w]
                where[centre] = np.flatnonzero(self.closes[centre, : len(near)])[k], w
        return best, where


def _chance(ratio: float, highest: Floats) -> tuple[float, float]:
    """Give the p-value by rank and by a Gumbel distribution with the replicates' mean and deviation; 1 without replicates."""
    if not len(highest):
        return 1.0, 1.0
    by_rank = (1 + int((highest >= ratio - 1e-9).sum())) / (len(highest) + 1)
    scale = float(highest.std()) * math.sqrt(6) / math.pi
    if scale < 1e-9:  # all alike but for rounding
        return by_rank, by_rank
    below = (float(highest.mean()) - EULER * scale - ratio) / scale
    return by_rank, -math.expm1(-math.exp(min(below, 700)))
