"""Calendar quarters by the clock of London, by number: four a year, so that the next is one more. Instants are milliseconds UTC."""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, Ints, to_milliseconds

_LONDON: Final = ZoneInfo("Europe/London")
#: What has no date, or one outside the years that quarters are told of.
NO_QUARTER: Final = -1
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
FIRST_QUARTER: Final = 4 * _FIRST_YEAR


@cache
def _starts() -> Ints:
    """Give when each quarter begins, from that of `_FIRST_YEAR` on; and the end of the last."""
    years = range(_FIRST_YEAR, _LAST_YEAR)
    starts = [dt.datetime(year, month, 1, tzinfo=_LONDON) for year in years for month in (1, 4, 7, 10)]
    moments = [
        to_milliseconds(start.astimezone(dt.UTC)) for start in (*starts, dt.datetime(_LAST_YEAR, 1, 1, tzinfo=_LONDON))
    ]
    return np.array(moments, np.int64)


def quarters_of(moments: Ints) -> Ints:
    """Give the number of the quarter of each moment; `NO_QUARTER` where it is not known."""
    starts = _starts()
    found = np.searchsorted(starts, moments, side="right") - 1
    known = (moments > FAR_PAST_MS) & (moments < FAR_FUTURE_MS) & (found >= 0) & (found < len(starts) - 1)
    return np.where(known, found + FIRST_QUARTER, NO_QUARTER)


def quarter_of(moment: int) -> int:
    """Give the number of the quarter of a moment, that of the first or last year that is told of where it lies beyond."""
    starts = _starts()
    return int(quarters_of(np.array([min(max(moment, int(starts[0])), int(starts[-1]) - 1)]))[0])


def span_of(quarter: int) -> tuple[int, int]:
    """Give when a quarter begins, and when the next does."""
    starts, at = _starts(), quarter - FIRST_QUARTER
    return int(starts[at]), int(starts[at + 1])


def days_of(first: int, last: int) -> str:
    """Say which days some quarters are, such as `1 July to 30 September 2026`."""
    (year, at), (end_year, end_at) = divmod(first, 4), divmod(last, 4)
    start = dt.date(year, 3 * at + 1, 1)
    end = dt.date(end_year + (end_at == 3), (3 * end_at + 3) % 12 + 1, 1) - dt.timedelta(days=1)
    first_year = f" {start.year}" if start.year != end.year else ""
    return f"{start.day} {start:%B}{first_year} to {end.day} {end:%B} {end.year}"


@dataclass(frozen=True)
class Window:
    """Some quarters on end, by number, both included; None is open. With neither, it is all that is recorded, whether it has a date or not."""

    first: int | None
    last: int | None

    @property
    def is_whole(self) -> bool:
        """Whether this is all that is recorded."""
        return self.first is None and self.last is None

    def __contains__(self, quarter: int) -> bool:
        return (self.first is None or quarter >= self.first) and (self.last is None or quarter <= self.last)

    @property
    def days(self) -> str:
        """The days of this window, in words."""
        if self.first is not None and self.last is not None:
            return days_of(self.first, self.last)
        if self.first is not None:
            return f"{days_of(self.first, self.first).partition(' to ')[0]} {self.first // 4} onwards"
        return (
            f"all up to {days_of(self.last, self.last).partition(' to ')[2]}"
            if self.last is not None
            else "all that is recorded"
        )
