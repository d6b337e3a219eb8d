"""False discovery: how far a list of findings can be believed when many were tried."""

import numpy as np

from queries.projection import Floats


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
