"""The inner loops of `density`, compiled. Import this only inside the function that needs it (see `compiling`)."""

import numpy as np

from queries.analysis.compiling import compiled
from queries.projection import Floats

TAPS = 6
# Of each of the six weights that `density._spline` gives a point, the polynomial: a row a power of `t`, a column a weight. All six are worked
# out side by side, which takes a third of the recursion's time.
SPLINE = (
    np.array(
        [
            [1, 26, 66, 26, 1, 0],
            [-5, -50, 0, 50, 5, 0],
            [10, 20, -60, 20, 10, 0],
            [-10, 20, 0, -20, 10, 0],
            [5, -20, 30, -20, 5, 0],
            [-1, 5, -10, 10, -5, 1],
        ],
        np.float64,
    )
    / 120
)


@compiled
def _spline(t: float, weights: Floats) -> None:
    for j in range(TAPS):
        weights[j] = (
            (((SPLINE[5, j] * t + SPLINE[4, j]) * t + SPLINE[3, j]) * t + SPLINE[2, j]) * t + SPLINE[1, j]
        ) * t + SPLINE[0, j]


@compiled
def spread(onto: Floats, x: Floats, y: Floats, weights: Floats) -> None:
    """Add each event to the thirty-six nodes around it. `x` and `y` are columns and rows of `onto`."""
    # Positions without a sign: else each is asked whether it counts from the end.
    flat, wide = onto.reshape(-1), np.uint64(onto.shape[1])
    across, up = np.empty(TAPS), np.empty(TAPS)
    for n in range(len(x)):
        column, row = int(x[n]), int(y[n])
        _spline(x[n] - column, across)
        _spline(y[n] - row, up)
        at = np.uint64(row - 2) * wide + np.uint64(column - 2)
        for i in range(TAPS):
            scaled = up[i] * weights[n]
            for j in range(TAPS):
                flat[at + np.uint64(j)] += scaled * across[j]
            at += wide


@compiled
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
