"""
How a place changes: the Mann-Kendall trend over equal windows, and in words whether it is new, growing, persistent, fading or sporadic.

Caveat in plain English: these are records, so a class can change because more is reported; a class describes the past and predicts nothing.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from scipy import stats

from queries.analysis.chance import q_values
from queries.errors import ParameterError
from queries.projection import Bools, Floats

FEWEST_WINDOWS: Final = 4
EXACT_UP_TO: Final = 10
FALSE_DISCOVERY: Final = 0.05
MOST_WINDOWS_HOT: Final = 0.9


class Emerging(StrEnum):
    """
    What a place is, by its windows that stand out ("hot") and its trend. The first that fits, in this order.

    - `new`: hot in the last window and in none before.
    - `growing`: hot in the last window and before, with a rising trend.
    - `persistent`: hot in the last window and in nine of ten windows or more, and no rising trend (a falling one is `fading`).
    - `fading`: hot before and a falling trend, hot now or not; or hot in nine of ten windows or more, and not in the last.
    - `sporadic`: hot now or before in fewer windows, and no trend.
    - `none`: never hot.

    They are near the categories of ArcGIS's emerging hot spot analysis, fewer and in other words: growing holds its intensifying and
    part of consecutive; fading its diminishing and historical; sporadic its sporadic, oscillating and part of consecutive.
    """

    NEW = "new"
    GROWING = "growing"
    PERSISTENT = "persistent"
    FADING = "fading"
    SPORADIC = "sporadic"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Trend:
    """
    The trend of each place, an entry a place.

    `s` is rises less falls over all pairs of windows; `tau` is Kendall's tau-b with time (0 where a place never changes); `z` and `p_value`
    (two-sided) test for any trend; `q_value` controls false discovery over the places; `slope` is Sen's, events a window.
    """

    s: Floats
    tau: Floats
    z: Floats
    p_value: Floats
    q_value: Floats
    slope: Floats


@dataclass(frozen=True, slots=True)
class Change:
    """What a place is, in how many windows it was hot, and whether it was in the last."""

    kind: Emerging
    windows_hot: int
    hot_now: bool
    rising: bool
    falling: bool


def mann_kendall(counts: Floats) -> Trend:
    """
    Test each place for a trend over equal windows.

    Parameters
    ----------
    counts
        A row a place, a column a window, oldest first. Windows must be of one length: counts of a month and a week are no trend.

    Raises
    ------
    ParameterError
        With fewer than `FEWEST_WINDOWS` windows; with so few, even a rise at every step has a p-value of 0.08: ten or more are of use.

    Notes
    -----
    `S = sum over i < j of sign(x_j - x_i)`; without ties and with up to `EXACT_UP_TO` windows the p-value is exact, from the number of orders
    with each S (Kendall's recurrence), otherwise `z = (S - sign S) / sqrt V`, `V = (n(n-1)(2n+5) - sum t(t-1)(2t+5)) / 18` with `t`
    windows in each tie. Source: Mann (1945), Econometrica 13, 245-259; Kendall (1975), Rank Correlation Methods; Sen (1968), JASA 63,
    1379-1389 for the slope. It supposes windows independent of each other: a season shows as a trend unless windows are of whole years or
    the same weeks. `O(places * windows^2)`.
    """
    windows = counts.shape[1]
    if windows < FEWEST_WINDOWS:
        raise ParameterError("windows", f"give {FEWEST_WINDOWS} or more; fewer show no trend")
    places = len(counts)
    earlier, later = np.triu_indices(windows, 1)
    s, tied_pairs, slope = np.zeros(places), np.zeros(places), np.zeros(places)
    for first in range(0, places, 2_000):  # so that the pairs of a whole city do not stand in memory at once
        some = slice(first, first + 2_000)
        steps = counts[some][:, later] - counts[some][:, earlier]
        s[some] = np.sign(steps).sum(axis=1)
        tied_pairs[some] = (steps == 0).sum(axis=1)
        slope[some] = np.median(steps / (later - earlier), axis=1)
    spare = _tie_terms(counts)
    variance = (windows * (windows - 1) * (2 * windows + 5) - spare) / 18
    z = np.divide(s - np.sign(s), np.sqrt(variance), out=np.zeros(places), where=variance > 0)
    p = np.asarray(2 * stats.norm.sf(np.abs(z)), np.float64)
    if windows <= EXACT_UP_TO:
        free = tied_pairs == 0
        p[free] = _exact_tail(windows)[np.abs(s[free]).astype(np.int64)]
    p = np.minimum(p, 1)
    pairs = windows * (windows - 1) / 2
    tau = np.divide(s, np.sqrt(pairs * (pairs - tied_pairs)), out=np.zeros(places), where=tied_pairs < pairs)
    return Trend(s, tau, z, p, q_values(p), slope)


def emerging_classes(
    counts: Floats, hot: Bools, *, trend: Trend | None = None, false_discovery: float = FALSE_DISCOVERY
) -> list[Change]:
    """
    Say what each place is.

    Parameters
    ----------
    counts
        A row a place, a column a window, oldest first.
    hot
        In the same shape: whether the place stood out in that window. Use Gi* with its false discovery rate (see `hot_windows`).
    trend
        Of `mann_kendall`; worked out if not given.
    false_discovery
        A trend counts up to this q-value.

    Raises
    ------
    ParameterError
        If the shapes differ.
    """
    if counts.shape != hot.shape:
        raise ParameterError("hot", "give one value for each place and window")
    found = trend or mann_kendall(counts)
    real = found.q_value <= false_discovery
    return [
        _change(
            hot[place],
            rising=bool(real[place] and found.s[place] > 0),
            falling=bool(real[place] and found.s[place] < 0),
        )
        for place in range(len(counts))
    ]


def hot_windows(p_values: Floats, *, false_discovery: float = FALSE_DISCOVERY) -> Bools:
    """
    Say where a place stands out in a window, false discovery controlled over all places and windows at once.

    Parameters
    ----------
    p_values
        A row a place, a column a window: the one-sided p-value of "more than chance" (`queries.analysis.hotspots.more_than_chance`).
    false_discovery
        Share of false findings to expect among those named.
    """
    return (q_values(p_values.ravel()) <= false_discovery).reshape(p_values.shape)


def _change(hot: Bools, *, rising: bool, falling: bool) -> Change:
    now, before, many = bool(hot[-1]), bool(hot[:-1].any()), int(hot.sum())
    mostly = many >= MOST_WINDOWS_HOT * len(hot)
    if not now and not before:
        kind = Emerging.NONE
    elif not before:
        kind = Emerging.NEW
    elif falling or (mostly and not now):
        kind = Emerging.FADING
    elif now and rising:
        kind = Emerging.GROWING
    elif now and mostly:
        kind = Emerging.PERSISTENT
    else:
        kind = Emerging.SPORADIC
    return Change(kind, many, now, rising, falling)


def _tie_terms(counts: Floats) -> Floats:
    """Give the sum of `t (t - 1) (2 t + 5)` over the ties of each row."""
    ordered = np.sort(counts, axis=1)
    total = np.zeros(len(counts))
    run = np.ones(len(counts))
    for column in range(1, counts.shape[1] + 1):
        same = ordered[:, column] == ordered[:, column - 1] if column < counts.shape[1] else np.zeros(len(counts), bool)
        total += np.where(same, 0, run * (run - 1) * (2 * run + 5))
        run = np.where(same, run + 1, 1)
    return total


def _exact_tail(windows: int) -> Floats:
    """Give the chance of `|S|` at least so large, for each value from 0, when every order of the windows is as likely."""
    orders = np.ones(1)
    for n in range(2, windows + 1):
        orders = np.convolve(orders, np.ones(n))  # the nth value makes 0 to n - 1 inversions
    pairs = windows * (windows - 1) // 2
    s = np.abs(pairs - 2 * np.arange(pairs + 1))
    return np.array([orders[s >= least].sum() for least in range(pairs + 1)]) / math.factorial(windows)
