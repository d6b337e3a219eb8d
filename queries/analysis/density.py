"""
A true density surface: events per square kilometre, in metres, with none over the sea and none lost to it.

Caveat in plain English: the surface shows where records gather, smoothed over a stated distance; it is no risk for any person or door,
and its peaks move with the distance chosen.
"""

import math
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from queries.analysis.metre_grid import MOST_CELLS, MetreGrid
from queries.errors import ParameterError
from queries.projection import Bools, Floats, Ints

Waves: TypeAlias = NDArray[np.complex128]

DEFAULT_METRES: Final = 400.0
FEWEST_FOR_A_RULE: Final = 10
#: Beyond so many bandwidths the kernel is below 1e-9 of its peak and is left out.
REACH: Final = 6.5
#: Finest steps a bandwidth must span for the error to stay below 1e-7 of the peak.
STEPS_A_BANDWIDTH: Final = 5
#: Nodes that an event is spread over along each axis: a spline of the fifth degree.
TAPS: Final = 6
#: An event with less than this share of its kernel on land stands in the sea: it cannot be put back on land honestly.
LEAST_ON_LAND: Final = 0.01
#: From so many events the compiled spreading repays its start.
COMPILED_FROM: Final = 50_000


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """Standard deviation of the kernel in metres, and in words why that one."""

    metres: float
    why: str


@dataclass(frozen=True, slots=True)
class Density:
    """
    Events per square kilometre at each node of `grid`; 0 where there is no land.

    `events` were counted; `in_the_sea` were not, as hardly any of their kernel falls on land.
    """

    grid: MetreGrid
    values: Floats
    bandwidth: Bandwidth
    events: int
    in_the_sea: int


def bandwidth_of(points: Floats, given: float | None = None) -> Bandwidth:
    """
    Say which bandwidth to use, and why.

    Parameters
    ----------
    points
        A row an event: easting and northing, metres.
    given
        A bandwidth chosen by the user, metres.

    Notes
    -----
    The normal reference rule in two dimensions, `spread * n^(-1/6)`, where the rules of Scott (1992, Multivariate Density Estimation)
    and Silverman (1986, Density Estimation, 4.14) are the same. `spread` pools the two axes and takes for each the smaller of the standard
    deviation and the interquartile range over 1.349, so that a few far events do not widen it. It smooths too much where events have
    several centres, so it is a start, not an answer.

    Raises
    ------
    ParameterError
        If the one given is not above nothing.
    """
    if given is not None:
        if not (given > 0 and math.isfinite(given)):
            raise ParameterError("bandwidth_metres", "give a distance above 0")
        return Bandwidth(float(given), f"{given:,.0f} m, as asked")
    n = len(points)
    if n >= FEWEST_FOR_A_RULE:
        quarters = np.quantile(points, [0.25, 0.75], axis=0)
        between = (quarters[1] - quarters[0]) / 1.349
        deviation = points.std(axis=0, ddof=1)
        each = np.where(between > 0, np.minimum(deviation, between), deviation)
        spread = float(np.sqrt((each**2).mean()))
        if spread > 0:
            metres = spread * n ** (-1 / 6)
            return Bandwidth(metres, f"{metres:,.0f} m, by the rule of Scott and Silverman for {n:,} events")
    return Bandwidth(DEFAULT_METRES, f"{DEFAULT_METRES:,.0f} m, as there are too few different places for a rule")


def density(points: Floats, grid: MetreGrid, *, bandwidth: Bandwidth, land: Bools | None = None) -> Density:
    """
    Give the density of events at each node of a grid.

    Parameters
    ----------
    points
        A row an event: easting and northing in metres (EPSG:27700). Those more than `REACH` bandwidths outside the grid add nothing.
    grid
        Where to give it.
    bandwidth
        See `bandwidth_of`.
    land
        True where a node is land, in the grid's shape. None: all is land, and what falls outside the grid is lost.

    Notes
    -----
    Gaussian kernel, `exp(-d^2 / 2 s^2) / 2 pi s^2`. Events are spread over the nodes with a B-spline of the fifth degree, the kernel is
    applied in the Fourier domain, and the spline's own transform (`sinc^6`) is divided out. What is left is the aliasing, at most
    `60 (step / 2 pi s)^6` of one event's peak: a grid coarser than a fifth of the bandwidth is refined within and thinned again, so that
    it is below 1e-7 even for a single event (a cubic spline would need steps of a seventeenth). Source of the gridding: Jackson et al.
    (1991), IEEE Transactions on Medical Imaging 10, 473-478; Hockney and Eastwood (1988), Computer Simulation Using Particles, chapter 5.
    `O(n + m log m)` for `m` (finer) nodes.

    The coast: each event's kernel is divided by the mass of it that falls on land (Diggle 1985, Applied Statistics 34, 138-147, in the form
    of Jones 1993, Statistics and Computing 3, 135-146: by event, not by node). By event, since then every event counts as exactly one on
    land: the sum over land is the number of events, and two layers can be compared. By node it would be unbiased for an even
    density, but an event near a shore would weigh more or less than one. The mass is worked out with the transpose of the same
    operator, so that the sum holds to rounding.

    Raises
    ------
    ParameterError
        If the land is not of the grid's shape, or the bandwidth is far too small or too large for the grid.
    """
    if land is not None and land.shape != grid.shape:
        raise ParameterError("land", "give one value for each cell of the grid")
    eastings, northings = grid.nodes
    lattice, x, y = _Lattice.around(grid, bandwidth.metres, points[:, 0] - eastings[0], points[:, 1] - northings[0])
    weights, in_the_sea = None, 0
    if land is not None:
        share = lattice.gather(x, y, lattice.smoothed_onto(land.astype(np.float64))) * grid.metres**2
        ashore = share >= LEAST_ON_LAND
        in_the_sea = len(x) - int(ashore.sum())
        x, y, weights = x[ashore], y[ashore], 1 / share[ashore]
    values = lattice.smooth(lattice.spread(x, y, weights))
    np.maximum(values, 0, out=values)
    if land is not None:
        values[~land] = 0
    return Density(grid, values, bandwidth, len(x), in_the_sea)


@dataclass(frozen=True, slots=True)
class _Lattice:
    """
    The nodes that events are spread over, `step` metres apart: `fine` to a cell's side or, where the kernel is wide, one to `coarse` cells.

    Node (0, 0) of the grid is at `(edge, edge)` here. Both sides are long enough that what wraps round is out of the kernel's reach.
    """

    grid: MetreGrid
    sigma: float
    fine: int
    coarse: int
    step: float
    edge: int
    shape: tuple[int, int]

    @classmethod
    def around(cls, grid: MetreGrid, sigma: float, east: Floats, north: Floats) -> "tuple[_Lattice, Floats, Floats]":
        """Make one for events by their metres from the first node, and give the column and row, in steps, of those within reach."""
        fine = max(1, math.ceil(grid.metres * STEPS_A_BANDWIDTH / sigma))
        coarse = max(1, math.floor(sigma / (grid.metres * STEPS_A_BANDWIDTH)))
        while fft.next_fast_len(coarse, real=True) != coarse:
            coarse -= 1
        step = grid.metres * coarse / fine
        reach = math.ceil(REACH * sigma / step)
        first = [along.min(initial=0) / step for along in (north, east)]
        last = [along.max(initial=0) / step for along in (north, east)]
        half = fine / (2 * coarse)
        beyond = any(
            low < -half or top > (n - 1) * fine / coarse + half
            for low, top, n in zip(first, last, grid.shape, strict=True)
        )
        # Without events outside, the kernel needs room on one side only, and the spline three nodes past the half cell.
        edge = (reach if beyond else math.ceil(half)) + 3
        high, wide = (math.ceil((n - 1) * fine / coarse) + 1 for n in grid.shape)
        if (high + edge + reach) * (wide + edge + reach) * coarse**2 > 4 * MOST_CELLS:
            raise ParameterError(
                "bandwidth_metres",
                "this takes too many nodes; give a distance between the side of a cell and the width of the area",
            )
        shape = (
            fft.next_fast_len(high + edge + max(reach, edge), real=True),
            fft.next_fast_len(wide + edge + max(reach, edge), real=True),
        )
        lattice = cls(grid, sigma, fine, coarse, step, edge, shape)
        x, y = east / step, north / step
        x += edge
        y += edge
        ends = (high + 2 * edge - 3, wide + 2 * edge - 3)
        if all(low + edge >= 2 and top + edge < end for low, top, end in zip(first, last, ends, strict=True)):
            return lattice, x, y
        near = (x >= 2) & (y >= 2) & (x < ends[1]) & (y < ends[0])
        return lattice, x[near], y[near]

    def spread(self, x: Floats, y: Floats, weights: Floats | None) -> Floats:
        """Spread events over the thirty-six nodes around each."""
        weights = np.ones(len(x)) if weights is None else weights
        if len(x) < COMPILED_FROM:
            at, share = self._taps(x, y)
            flat = np.bincount(at.ravel(), (share * weights).ravel(), self.shape[0] * self.shape[1])
            return np.asarray(flat, np.float64).reshape(self.shape)
        from queries.analysis import compiled_density

        onto = np.zeros(self.shape)
        compiled_density.spread(onto, x, y, weights)
        return onto

    def gather(self, x: Floats, y: Floats, field: Floats) -> Floats:
        """Give the field at each event with the same weights: the transpose of `spread`."""
        if len(x) < COMPILED_FROM:
            at, share = self._taps(x, y)
            return np.asarray((share * field.ravel()[at]).sum(axis=0), np.float64)
        from queries.analysis import compiled_density

        found = np.zeros(len(x))
        compiled_density.gather(field, x, y, found)
        return found

    def _taps(self, x: Floats, y: Floats) -> tuple[Ints, Floats]:
        """Give the nodes around each event and their weights, a column an event."""
        columns, rows = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
        across, up = _spline(x - columns), _spline(y - rows)
        taps = np.arange(TAPS)[:, None] - TAPS // 2 + 1
        at = (rows + taps)[:, None] * self.shape[1] + (columns + taps)[None]
        return at.reshape(TAPS**2, len(x)), (up[:, None] * across[None]).reshape(TAPS**2, len(x))

    def smooth(self, spread: Floats) -> Floats:
        """
        Apply the kernel, take the spline out, and give the values at the grid's own nodes, per square kilometre.

        Only the low frequencies are kept: past them the kernel's transform is below 1e-12. Nothing is lost between the nodes of a
        coarse lattice either, which the sum of these few waves gives exactly.
        """
        high, wide = self._refined
        waves = fft.rfft(spread, axis=1)[:, : len(self._transfer(self.shape[1]))]
        waves = self._lowest(fft.fft(waves, axis=0), high)
        waves = fft.ifft(waves, axis=0, overwrite_x=True)[self._of_grid(0)]
        waves *= self.coarse**2 * 1e6
        return np.asarray(fft.irfft(waves, n=wide, axis=1)[:, self._of_grid(1)], np.float64)

    def smoothed_onto(self, values: Floats) -> Floats:
        """Spread one value at each of the grid's own nodes over the lattice by the kernel: the transpose of `smooth`, per square metre."""
        high, wide = self._refined
        placed = np.zeros((self.grid.high, wide))
        placed[:, self._of_grid(1)] = values
        waves = np.zeros((high, len(self._transfer(self.shape[1]))), np.complex128)
        waves[self._of_grid(0)] = fft.rfft(placed, axis=1)[:, : waves.shape[1]]
        waves = self._lowest(fft.fft(waves, axis=0, overwrite_x=True), self.shape[0])
        waves = fft.ifft(waves, axis=0, overwrite_x=True)
        return np.asarray(fft.irfft(waves, n=self.shape[1], axis=1), np.float64)

    def _lowest(self, waves: Waves, length: int) -> Waves:
        """Take of all waves along the first axis the low ones, as they would be of another length, through the kernel along both axes."""
        down, along = (self._transfer(n) for n in self.shape)
        few = len(down)
        lowest = np.zeros((length, len(along)), np.complex128)
        np.multiply(waves[:few], down[:, None], out=lowest[:few])
        np.multiply(waves[1 - few :], down[:0:-1, None], out=lowest[1 - few :])
        lowest *= along
        return lowest

    def _transfer(self, length: int) -> Floats:
        """Give what the kernel, with the spline taken out, does to each wave of a side so long, up to the last that it lets through."""
        frequency = np.arange(length // 2) / (length * self.step)
        kernel = np.exp(-2 * (math.pi * self.sigma * frequency) ** 2)
        few = int(np.count_nonzero(kernel > 1e-12))
        return np.asarray(kernel[:few] / np.sinc(frequency[:few] * self.step) ** TAPS / self.step, np.float64)

    @property
    def _refined(self) -> tuple[int, int]:
        """The sides of the lattice in its own steps or, where they are longer, in cells."""
        return self.shape[0] * self.coarse, self.shape[1] * self.coarse

    def _of_grid(self, axis: int) -> slice:
        """Say where the grid's own nodes are along an axis of the refined lattice."""
        first = self.edge * self.coarse
        return slice(first, first + (self.grid.shape[axis] - 1) * self.fine + 1, self.fine)


def _spline(t: Floats) -> Floats:
    """Give the weights of the six nodes around points `t` (0 to 1) past the third, by the recursion of de Boor (1972)."""
    weights = np.ones((TAPS, len(t)))
    for degree in range(1, TAPS):
        saved = np.zeros(len(t))
        for r in range(degree):
            part = weights[r] / degree
            weights[r] = saved + (r + 1 - t) * part
            saved = (t + degree - 1 - r) * part
        weights[degree] = saved
    return weights
