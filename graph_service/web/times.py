"""Instants as people read them: Europe/London, in words, whatever the clock of the machine."""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_OPEN_YEARS: Final = (1900, 2900)  # a bound outside these stands for "not known", as the store keeps it


def parse(value: object) -> dt.datetime | None:
    """Read an ISO 8601 instant as London time; None when there is none or it stands for an open end."""
    if isinstance(value, str) and value:
        value = dt.datetime.fromisoformat(value)
    if not isinstance(value, dt.datetime) or not _OPEN_YEARS[0] < value.year < _OPEN_YEARS[1]:
        return None
    return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).astimezone(LONDON)


def in_words(value: object) -> str:
    """Say an instant: "Wednesday 18 November 2026, 9:05am"; "not known" when there is none."""
    found = parse(value)
    if found is None:
        return "not known"
    return f"{WEEKDAYS[found.weekday()]} {found.day} {found:%B %Y}, {_hour(found)}"


def short(value: object) -> str:
    """Say an instant in a table: "18 Nov 2026, 9:05am"; midnight alone is a whole day, since a bare date is kept so."""
    found = parse(value)
    if found is None:
        return "not known"
    day = f"{found.day} {found:%b %Y}"
    return day if (found.hour, found.minute, found.second) == (0, 0, 0) else f"{day}, {_hour(found)}"


def day(value: object) -> str:
    """Say the day of an instant: "18 November 2026"."""
    found = parse(value)
    return "not known" if found is None else f"{found.day} {found:%B %Y}"


def span(start: object, end: object) -> str:
    """Say when something happened that lies within two bounds."""
    first, last = parse(start), parse(end)
    if first is None and last is None:
        return "at a time that no report gives"
    if first is None or last is None:
        return f"until {short(last)}" if first is None else f"from {short(first)}"
    if first == last:
        return short(first)
    if first.date() == last.date():
        return f"{short(first)} to {_hour(last)}"
    return f"{short(first)} to {short(last)}"


def last_wednesday(now: dt.datetime) -> dt.datetime:
    """Give 9am of the last Wednesday that is over: the Wednesday meeting, as its panel saw it."""
    local = now.astimezone(LONDON)
    back = (local.weekday() - 2) % 7
    found = dt.datetime.combine(local.date() - dt.timedelta(days=back), dt.time(9), LONDON)
    return (found if found <= local else found - dt.timedelta(days=7)).astimezone(dt.UTC)


def _hour(found: dt.datetime) -> str:
    if (found.hour, found.minute) == (0, 0):
        return "midnight"
    if (found.hour, found.minute) == (12, 0):
        return "midday"
    clock = f"{found.hour % 12 or 12}" + (f":{found.minute:02d}" if found.minute else "")
    return clock + ("am" if found.hour < 12 else "pm")


def iso_day(value: object) -> str:
    """Give the day as a date field takes it."""
    found = parse(value)
    return "" if found is None else found.date().isoformat()
