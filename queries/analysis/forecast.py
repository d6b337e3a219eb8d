"""
How well would last season's map have told where next month's records fall? Forecasts that rank cells, and how they are judged.

Caveat in plain English: what is forecast is where records will be made, which follows where people look and report; it says nothing of any
person, and a cell that ranks high has earned a question, not a patrol.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from queries.analysis.density import Bandwidth, density
from queries.analysis.metre_grid import MetreGrid
from queries.errors import ParameterError
from queries.projection import Bools, Floats

SHARES: Final = (0.01, 0.05, 0.10, 0.20)
PARTS: Final = 4


@dataclass(frozen=True, slots=True)
class Hit:
    """
    How a ranking did at one share of the land.

    `area_share` is the share really taken (whole cells); `hits` the events of the test period in those cells, a mean where cells tie;
    `pai` is hit rate over area share (1: no better than chance); `pei` is hits over the most that any choice of as many cells could have
    had (1: perfect).
    """

    area_share: float
    cells: int
    hits: float
    events: int
    hit_rate: float
    pai: float
    pei: float


def by_count(points: Floats, grid: MetreGrid) -> Floats:
    """Score cells by the events in them: a thematic map of the training period, or of its last window."""
    return grid.counts(points).astype(np.float64)


def by_density(points: Floats, grid: MetreGrid, land: Bools, *, bandwidth_metres: float) -> Floats:
    """
    Score cells by the kernel density within them, the coast respected (see `density`).

    The mean over `PARTS` by `PARTS` points of each cell and not the value at its middle, which would miss an event at its corner when the
    bandwidth is narrower than the cell.
    """
    fine = MetreGrid(grid.easting, grid.northing, grid.metres / PARTS, grid.wide * PARTS, grid.high * PARTS)
    ashore = land.repeat(PARTS, axis=0).repeat(PARTS, axis=1)
    values = density(points, fine, bandwidth=Bandwidth(bandwidth_metres, "as asked"), land=ashore).values
    return np.asarray(values.reshape(grid.high, PARTS, grid.wide, PARTS).mean(axis=(1, 3)), np.float64)


def by_near_repeat(
    points: Floats, ages: Floats, grid: MetreGrid, land: Bools, *, bandwidth_metres: float, half_life: float
) -> Floats:
    """
    Score cells by events near in space and lately: each event's kernel fades with its age.

    Parameters
    ----------
    points
        A row an event: easting and northing, metres.
    ages
        How long before the test period each event was, in the unit of `half_life` (months for street crime).
    grid, land
        The cells, and which are land.
    bandwidth_metres
        Standard deviation of the Gaussian in space.
    half_life
        Age at which an event counts half.

    Notes
    -----
    `sum of 2^(-age / half life) exp(-d^2 / 2 s^2)`: the shape of ProMap (Bowers and others 2004, British Journal of Criminology 44,
    641-658) with an exponential in time, as the background-free part of a self-exciting model (Mohler et al. 2011, JASA 106, 100-108).

    Raises
    ------
    ParameterError
        If the half life is not above nothing.
    """
    if not half_life > 0:
        raise ParameterError("half_life", "give a time above 0")
    score = np.zeros(grid.shape)
    for age in np.unique(ages):
        score += 2.0 ** (-age / half_life) * by_density(
            points[ages == age], grid, land, bandwidth_metres=bandwidth_metres
        )
    return score


def by_nothing(grid: MetreGrid) -> Floats:
    """Score every cell alike: what a forecast must beat. Its hit rate is the share of land taken, its PAI is 1."""
    return np.zeros(grid.shape)


def judged(
    score: Floats, land: Bools, points: Floats, grid: MetreGrid, *, shares: Sequence[float] = SHARES
) -> list[Hit]:
    """
    Judge a ranking of cells by the events of the test period.

    Parameters
    ----------
    score
        Of each cell, in the grid's shape; the highest are taken first. Cells off land are not taken and are no area.
    land
        Which cells are land.
    points
        The test period's events: easting and northing, metres. Those in cells off land cannot be hit, and count as missed.
    grid
        The cells.
    shares
        Of the land, above 0 and up to 1; at least one cell is taken.

    Notes
    -----
    PAI, the prediction accuracy index: hit rate over area share (Chainey, Tompson and Uhlig 2008, Security Journal 21, 4-28). PEI, the
    prediction efficiency index: PAI over the PAI of the best choice of as many cells (Hunt 2016, as used in the Real-Time Crime Forecasting
    Challenge of the National Institute of Justice, 2017). Where cells tie at the edge, each of them is as likely to be taken: hits are the
    mean, so that no order of cells is an advantage. `O(cells log cells)`.

    Raises
    ------
    ParameterError
        If no cell is land, or a share is out of range.
    """
    if not land.any():
        raise ParameterError("land", "no cell is land; check the area and the size of cells")
    if not all(0 < share <= 1 for share in shares):
        raise ParameterError("shares", "give shares above 0 and at most 1")
    events = grid.counts(points)[land].astype(np.float64)
    rank = score[land]
    best = np.concatenate([[0], np.cumsum(np.sort(events)[::-1])])
    order = np.argsort(-rank, kind="stable")
    ranked, met = rank[order], np.concatenate([[0], np.cumsum(events[order])])
    found = []
    for share in shares:
        taken = max(1, round(share * len(rank)))
        edge = ranked[taken - 1]
        before, past = (int(np.searchsorted(-ranked, -edge, side=side)) for side in ("left", "right"))
        hits = float(met[before] + (met[past] - met[before]) * (taken - before) / (past - before))
        hit_rate, area = hits / len(points) if len(points) else 0.0, taken / len(rank)
        found.append(
            Hit(area, taken, hits, len(points), hit_rate, hit_rate / area, hits / best[taken] if best[taken] else 0.0)
        )
    return found
