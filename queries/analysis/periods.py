"""Which claims fall in a period: `from` inclusive, `to` exclusive, milliseconds UTC."""

import numpy as np

from queries.projection import Bools, ClaimColumns


def in_period(claims: ClaimColumns, happened_from: int, happened_to: int) -> Bools:
    """
    Say which claims may have happened in the period: what they say touches it anywhere.

    A claim that ends as the period begins is outside, unless it is a moment. A claim without times may have happened in any period.
    """
    touches = (claims.happened_to > happened_from) | (claims.happened_from >= happened_from)
    return np.asarray(touches & (claims.happened_from < happened_to), np.bool_)
