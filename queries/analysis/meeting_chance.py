"""
How many independent reports chance would put at one thing in one window, given how often it is named and when reports come in the city.

The null: each of the `N` reports that name a thing falls in a window with probability `E`, the share of all the city's independent reports
that were recorded in it. So `expected = N E`: the thing's own share of all reports, times the reports of the window.

The p-value is corrected for every window that could have been chosen: `p = min(1, N mean_t P(Binomial(N - 1, E_t) >= observed - 1))`, the
mean over the windows that begin with one of the city's reports. It is the expected number of windows, each begun by a report that names the
thing, that hold as many; by Boole's inequality it is never less than the chance of one or more. Sources: Boole's inequality for scan
statistics in Naus (1982), Journal of the American Statistical Association 77, 177-183, and Glaz, Naus and Wallenstein (2001), Scan
Statistics, chapter 8.
"""

from typing import Final

import numpy as np
from scipy import stats

from queries.projection import Ints

_MOST_WINDOWS: Final = 400  # city windows over which the mean is taken, evenly from first to last


class ScanChance:
    """
    When reports come in the city, and what that gives a thing that is named so often.

    Parameters
    ----------
    history
        When each independent report of the city was recorded, sorted, milliseconds UTC; at least one.
    width
        Length of a window, milliseconds.
    recorded_from
        Windows begin no earlier.
    recorded_to
        They end no later, exclusive.
    """

    def __init__(self, history: Ints, width: int, recorded_from: int, recorded_to: int) -> None:
        self._history, self._width = history, width
        at = np.unique(np.linspace(0, len(history) - 1, min(len(history), _MOST_WINDOWS)).round().astype(np.int64))
        starts = history[at]
        ends = np.minimum(starts + width, recorded_to)
        self._shares = (np.searchsorted(history, ends) - np.searchsorted(history, starts)) / len(history)
        outside = (starts < recorded_from) | (starts >= recorded_to)
        # A window that the end of the history cuts short holds less than a usual one.
        whole = starts + width <= history[-1]
        self.usual = float(self._shares[whole].mean()) if whole.any() else 0.5
        self._shares[outside] = 0.0
        self._tails: dict[tuple[int, int], float] = {}

    def share(self, start: int, end: int) -> float:
        """Give the share of the city's reports that were recorded in `start <= t < end`."""
        low, high = np.searchsorted(self._history, [start, end])
        return float(high - low) / len(self._history)

    def p_value(self, total: int, observed: int) -> float:
        """Bound the chance that some window holds at least `observed` of a thing's `total` reports. `O(windows)`."""
        if (total, observed) not in self._tails:
            tails = np.where(self._shares > 0, stats.binom.sf(observed - 2, total - 1, self._shares), 0.0)
            self._tails[total, observed] = min(1.0, float(total * tails.mean()))
        return self._tails[total, observed]
