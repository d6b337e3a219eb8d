"""The year of the demonstration: days since its first midnight in London, and the instants that they stand for."""

import datetime as dt
import math
import random
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final
from zoneinfo import ZoneInfo

from ingest.synthetic.figures import DAYS, QUARTER_DAYS, QUARTERS

_LONDON: Final = "Europe/London"
# How much each weekday (Monday first) and each hour (London) has of the episodes: Friday and Saturday evenings most.
_WEEKDAYS: Final = (0.90, 0.90, 0.95, 1.05, 1.35, 1.30, 0.90)
_HOURS: Final = (2, 1.2, 0.8, 0.5, 0.4, 0.4, 0.7, 1.4, 2, 2, 2, 2, 2.2, 2.4, 3, 4.5, 5.5, 6.5, 7.5, 8.5, 9, 9, 7.5, 4.5)
_SESSIONS: Final = (9.0, 20.5)
_OPENS: Final = 9.0
_CLOSES: Final = 17.5
_HOUR_SUMS: Final = tuple(accumulate(_HOURS))


@dataclass(frozen=True)
class Year:
    """
    Four quarters of 13 weeks, the last of which ends with the day `end` (a date in London).

    A time is a number of days since the first midnight, as clocks in London show it.
    """

    end: dt.date

    @property
    def first(self) -> dt.date:
        """The first day."""
        return self.end - dt.timedelta(days=DAYS - 1)

    @property
    def quarters(self) -> list[tuple[dt.date, dt.date]]:
        """The quarters: first day, and the day after the last."""
        starts = [self.first + dt.timedelta(days=QUARTER_DAYS * at) for at in range(len(QUARTERS) + 1)]
        return list(pairwise(starts))

    @property
    def close(self) -> dt.datetime:
        """The instant (UTC) up to which everything is known."""
        return self.instant(DAYS)

    def before_close(self, minutes: int) -> dt.datetime:
        """Give the instant (UTC) some minutes before the close."""
        return self.close - dt.timedelta(minutes=minutes)

    def instant(self, days: float) -> dt.datetime:
        """Give the instant (UTC, whole minutes) of a time in days."""
        midnight = dt.datetime.combine(self.first, dt.time(), ZoneInfo(_LONDON))
        return (midnight + dt.timedelta(minutes=round(days * 1440))).astimezone(dt.UTC)

    def date(self, days: float) -> dt.date:
        """Give the date in London of a time in days."""
        return self.first + dt.timedelta(days=int(days))

    def at_likely_hour(self, days: float, rng: random.Random) -> float:
        """Move a time to a likely weekday nearby and to a likely hour, on a multiple of five minutes."""
        day = int(days)
        near = [d for d in (day - 1, day, day + 1) if 0 <= d < DAYS]
        weights = [_WEEKDAYS[(self.first.weekday() + d) % 7] * (2 if d == day else 1) for d in near]
        hour = rng.choices(range(24), cum_weights=_HOUR_SUMS)[0]
        return rng.choices(near, weights)[0] + (hour + rng.randrange(12) / 12) / 24

    def at_session_hour(self, days: float, rng: random.Random) -> float:
        """Move a time to an hour of its day at which schools, clubs and clinics see children."""
        return int(days) + rng.uniform(*_SESSIONS) / 24

    def in_working_hours(self, days: float, rng: random.Random) -> float:
        """Move a time that is not within working hours on to the next that is."""
        day, hour = math.floor(days), days % 1 * 24
        if self._works(day) and _OPENS <= hour < _CLOSES:
            return days
        if hour >= _OPENS:
            day += 1
        while not self._works(day):
            day += 1
        return day + rng.uniform(_OPENS, _CLOSES - 0.5) / 24

    def _works(self, day: int) -> bool:
        return (self.first.weekday() + day) % 7 < 5
