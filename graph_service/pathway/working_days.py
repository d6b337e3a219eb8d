"""
Working days in England: Monday to Friday but for bank holidays, which are data (`data/bank_holidays.toml`).

Days are calendar days in Europe/London. Every function refuses days of years whose bank holidays are not held: a clock never guesses.
"""

import datetime as dt
import tomllib
from functools import cache

from graph_service.pathway.errors import BeyondCalendarError
from graph_service.pathway.instruments import DATA

_DAY = dt.timedelta(days=1)
_SATURDAY = 5


@cache
def bank_holidays() -> dict[int, frozenset[dt.date]]:
    """Give the bank holidays of England by year."""
    data = tomllib.loads((DATA / "bank_holidays.toml").read_text(encoding="utf-8"))
    return {
        int(year): frozenset(dt.date.fromisoformat(f"{year}-{day}") for day in days)
        for year, days in data["years"].items()
    }


def is_working_day(day: dt.date) -> bool:
    """
    Say whether a day is a working day.

    Raises
    ------
    BeyondCalendarError
        If the bank holidays of its year are not held.
    """
    held = bank_holidays()
    if day.year not in held:
        raise BeyondCalendarError(day.year, min(held), max(held))
    return day.weekday() < _SATURDAY and day not in held[day.year]


def working_day_on_or_before(day: dt.date) -> dt.date:
    """
    Give the last working day not after a day: by when a thing "at least every so often" is done in working hours.

    Raises
    ------
    BeyondCalendarError
        If the bank holidays of a year that it meets are not held.
    """
    while not is_working_day(day):
        day -= _DAY
    return day


def working_day_on_or_after(day: dt.date) -> dt.date:
    """
    Give the first working day not before a day: the rule "on the next working day" (000 13.7).

    Raises
    ------
    BeyondCalendarError
        If the bank holidays of a year that it meets are not held.
    """
    while not is_working_day(day):
        day += _DAY
    return day


def add_working_days(day: dt.date, number: int) -> dt.date:
    """
    Give the day that many working days after a day; the day itself is not counted. 0: the first working day not before it.

    Raises
    ------
    ValueError
        If `number` is negative.
    BeyondCalendarError
        If the bank holidays of a year that it meets are not held.
    """
    if number < 0:
        raise ValueError("a number of working days is 0 or more")
    if number == 0:
        return working_day_on_or_after(day)
    while number:
        day += _DAY
        number -= is_working_day(day)
    return day
