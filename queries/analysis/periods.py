"""Which claims fall in a period: `from` inclusive, `to` exclusive, milliseconds UTC; and where a period without an end ends."""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from queries.projection import Bools, ClaimColumns, to_instant, to_milliseconds

_LONDON: Final = ZoneInfo("Europe/London")


def in_period(claims: ClaimColumns, happened_from: int, happened_to: int) -> Bools:
    """
    Say which claims may have happened in the period: what they say touches it anywhere.

    A claim that ends as the period begins is outside, unless it is a moment. A claim without times may have happened in any period.
    """
    touches = (claims.happened_to > happened_from) | (claims.happened_from >= happened_from)
    return np.asarray(touches & (claims.happened_from < happened_to), np.bool_)


def end_of_day(moment: int) -> int:
    """Give the midnight in London that ends the day of a moment (milliseconds UTC): until then, what counts back from today is one answer."""
    day = to_instant(moment).astimezone(_LONDON).date() + dt.timedelta(days=1)
    return to_milliseconds(dt.datetime.combine(day, dt.time(), _LONDON).astimezone(dt.UTC))
