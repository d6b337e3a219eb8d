"""False discovery: how far a list of findings can be believed when many were tried."""

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from queries.projection import Floats, Ints

LEVEL: Final = 0.05


def q_values(p_values: Floats, tried: int | None = None) -> Floats:
    """
    Give the Benjamini-Hochberg q-value of each p-value: the share of false findings to expect in the list up to it.

    Parameters
    ----------
    p_values
        Each between 0 and 1.
    tried
        How many were tried, where those not given have a p-value of 1. Default: those given.

    Notes
    -----
    Source: Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57, 289-300. `O(n log n)`.
    """
    count = len(p_values)
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * (tried or count) / np.arange(1, count + 1)
    found = np.empty(count)
    found[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return found


def worth_testing(episodes: Ints, least_tail: Callable[[int], float], level: float = LEVEL) -> tuple[int, int]:
    """
    Say how many episodes both of a pair need for it ever to be a finding, and how many pairs have them.

    Parameters
    ----------
    episodes
        How many each child has.
    least_tail
        Gives the smallest p-value that a pair can reach in which the child with fewer has so many episodes.
    level
        The share of false findings that is accepted.

    Returns
    -------
    fewest, pairs
        Both children of the pairs to be tested have at least `fewest` episodes. Of all pairs, every one that is left out has q = 1: it could
        not be found whatever was observed, so it cannot be a false finding, and the share of those is controlled over all the pairs.

    Notes
    -----
    With `R(k)` the pairs that can reach `level / k`, the smallest `k` with `|R(k)| <= k` is taken, and `R(k)` is tested. It depends on how
    often each child was missing, never on whether they met. Source: Tarone (1990), Biometrics 46, 515-522; Gilbert (2005), Journal of the
    Royal Statistical Society C 54, 143-158. `O(children log children)`.
    """
    ordered = np.sort(episodes)
    for fewest in range(1, int(ordered[-1]) + 1 if len(ordered) else 1):
        pairs = math.comb(len(ordered) - int(np.searchsorted(ordered, fewest)), 2)
        if least_tail(fewest) * max(pairs, 1) < level:
            return fewest, pairs
    return (int(ordered[-1]) + 1 if len(ordered) else 1), 0
