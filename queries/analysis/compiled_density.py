"""
The inner loops of `density`, compiled by Numba. Import it only inside the function that needs it: Numba takes a second to start.

The compiled code is kept beside this file, or in the user's cache where that may not be written.
"""

import numba
import numpy as np

from queries.projection import Floats

TAPS = 6


@numba.njit(cache=True)
def spread(onto: Floats, x: Floats, y: Floats, weights: Floats) -> None:
    """Add each event to the thirty-six nodes around it. `x` and `y` are columns and rows of `onto`."""
    across, up = np.empty(TAPS), np.empty(TAPS)
    for n in range(len(x)):
        column, row = int(x[n]), int(y[n])
        _spline(x[n] - column, across)
        _spline(y[n] - row, up)
        for i in range(TAPS):
            scaled = up[i] * weights[n]
            for j in range(TAPS):
                onto[row + i - 2, column + j - 2] += scaled * across[j]


@numba.njit(cache=True)
def gather(field: Floats, x: Floats, y: Floats, found: Floats) -> None:
    """Add to `found` the field at each event, with the same weights."""
    across, up = np.empty(TAPS), np.empty(TAPS)
    for n in range(len(x)):
        column, row = int(x[n]), int(y[n])
        _spline(x[n] - column, across)
        _spline(y[n] - row, up)
        for i in range(TAPS):
            for j in range(TAPS):
                found[n] += up[i] * across[j] * field[row + i - 2, column + j - 2]


@numba.njit(cache=True)
def _spline(t: float, weights: Floats) -> None:
    """Do what `density._spline` does, for one point."""
    weights[0] = 1.0
    for degree in range(1, TAPS):
        saved = 0.0
        for r in range(degree):
            part = weights[r] / degree
            weights[r] = saved + (r + 1 - t) * part
            saved = (t + degree - 1 - r) * part
        weights[degree] = saved
