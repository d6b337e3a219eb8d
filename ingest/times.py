"""
Times as files write them, to instants in UTC.

Europe/London is used to read a clock and never handed on: what leaves here is always in `datetime.UTC`. A time on the night when the clock goes back
stands for two instants and a time in the hour that is skipped for none: both come out as bounds an hour apart.
"""

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from queries.records import FAR_FUTURE, FAR_PAST

LONDON: Final = ZoneInfo("Europe/London")
Note: TypeAlias = Literal["", "no_offset", "clock_change", "missing_hour"]
_ISO: Final = re.compile(
    r"\d{4}-?\d\d-?\d\d([Tt ]\d\d(:?\d\d(:?\d\d([.,]\d{1,9})?)?)?([Zz]|[+-]\d\d(:?\d\d)?)?)?", re.ASCII
)
_OLD: Final = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """
    One time as written: the earliest and the latest instant (UTC) that it can stand for, equal but for a clock change.

    `note` is a rule of `rules.toml` that a reader should know of, or empty; `has_offset` is false for a time on a clock.
    """

    earliest: dt.datetime
    latest: dt.datetime
    note: Note = ""
    is_date: bool = False

    @property
    def is_old(self) -> bool:
        """Whether it lies before 1900, which is mostly a slip of the year."""
        return self.earliest < _OLD


def on_the_clock(local: dt.datetime) -> Moment:
    """Read a time on the clock in London (no offset) as the instants that it can stand for."""
    first = local.replace(tzinfo=LONDON, fold=0).astimezone(dt.UTC)
    second = local.replace(tzinfo=LONDON, fold=1).astimezone(dt.UTC)
    if first == second:
        return Moment(_within(first), _within(first))
    shown_twice = first.astimezone(LONDON).replace(tzinfo=None) == local
    note: Note = "clock_change" if shown_twice else "missing_hour"
    return Moment(_within(min(first, second)), _within(max(first, second)), note)


@lru_cache(maxsize=1 << 16)
def parse_iso(text: str) -> Moment:
    """
    Read an ISO 8601 time or date. A bare date is midnight in London; a time without an offset is one on the clock there.

    Raises
    ------
    ValueError
        If it is neither. Do not show its text: it quotes the value.
    """
    # Python also reads week dates and odd separators; a partner's slip must not become a date by accident.
    if not _ISO.fullmatch(text):
        raise ValueError("not a time")
    read = dt.datetime.fromisoformat(text.upper())
    if read.tzinfo is not None:
        try:
            moment = _within(read.astimezone(dt.UTC))
        except OverflowError:
            raise ValueError("not a time") from None
        return Moment(moment, moment)
    found = on_the_clock(read)
    if len(text) in {8, 10}:
        return Moment(found.earliest, found.latest, found.note, is_date=True)
    return Moment(found.earliest, found.latest, found.note or "no_offset")


def month_bounds(month: str) -> tuple[dt.datetime, dt.datetime]:
    """
    Give the instants (UTC) at which a month, written `2018-10`, and the next one begin in London.

    Raises
    ------
    ValueError
        If it is not a month.
    """
    first = dt.datetime.strptime(month, "%Y-%m").replace(tzinfo=LONDON)
    if not 1900 <= first.year <= 9000:
        raise ValueError("not a month")
    later = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return first.astimezone(dt.UTC), later.astimezone(dt.UTC)


def _within(moment: dt.datetime) -> dt.datetime:
    return min(max(moment, FAR_PAST), FAR_FUTURE)
