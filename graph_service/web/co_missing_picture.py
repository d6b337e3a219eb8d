"""Two children's absences as bars on one time axis, a small drawing of the server's own; the table beside it has the same numbers."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from graph_service.web import times
from graph_service.web.seam import Row

WIDTH: Final = 960.0
LANES: Final = (44.0, 74.0)
HEIGHT: Final = 124.0
_LEFT: Final = 14.0
_RIGHT: Final = 946.0
_THINNEST: Final = 5.0
_ROOM: Final = 20.0
_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One absence: from and to across the picture, which child's it is (0 or 1), and what it says when pointed at."""

    start: float
    width: float
    lane: int
    what: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """Both missing: from and to across the picture, and its number in the table where there is room for it."""

    start: float
    width: float
    number: str


@dataclass(frozen=True, slots=True)
class CoMissingPicture:
    """The drawing of one pair: bars of both, the times when both were missing, and the marks of the axis."""

    bars: list[Bar]
    meetings: list[Meeting]
    marks: list[tuple[float, str]]


def co_missing_picture(row: Row) -> CoMissingPicture | None:
    """Draw one row of `episodes.co_missing`; None when its meetings have no times."""
    meetings = [_Times.of(meeting) for meeting in row.get("meetings", [])]
    if not meetings:
        return None
    first = min(min(each.starts) for each in meetings)
    last = max(max(each.ends) for each in meetings)
    seconds = max((last - first).total_seconds(), _DAY)

    def across(moment: dt.datetime) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * (moment - first).total_seconds() / seconds, 1)

    bars, both, labelled = [], [], -_ROOM
    names = [row["a"]["label"], row["b"]["label"]]
    for number, each in enumerate(meetings, 1):
        for lane, (start, end) in enumerate(zip(each.starts, each.ends, strict=True)):
            width = max(across(end) - across(start), _THINNEST)
            bars.append(Bar(across(start), width, lane, f"{names[lane]}: {times.span(_iso(start), _iso(end))}"))
        start, end = max(each.starts), min(each.ends)
        at = across(start)
        room = at - labelled >= _ROOM
        labelled = at if room else labelled
        both.append(Meeting(at, max(across(end) - at, _THINNEST), str(number) if room else ""))
    marks = [(across(moment), f"{moment.day} {moment:%b %Y}") for moment in _spread(first, last)]
    return CoMissingPicture(list(dict.fromkeys(bars)), both, marks)


@dataclass(frozen=True, slots=True)
class _Times:
    starts: tuple[dt.datetime, dt.datetime]
    ends: tuple[dt.datetime, dt.datetime]

    @classmethod
    def of(cls, meeting: Row) -> "_Times":
        since = _moment(meeting["since"])
        starts = tuple(_moment(meeting[who]["from"]) for who in ("a", "b"))
        # One still missing is drawn to the later of what is known: the moment from which both were, or the other's end.
        known = [_moment(meeting[who]["to"]) if meeting[who]["to"] else None for who in ("a", "b")]
        until = max([since, *(moment for moment in known if moment is not None)])
        return cls((starts[0], starts[1]), (known[0] or until, known[1] or until))


def _moment(text: str) -> dt.datetime:
    moment = times.parse(text)
    if moment is None:
        raise ValueError(f"no moment: {text}")
    return moment


def _iso(moment: dt.datetime) -> str:
    return moment.isoformat()


def _spread(first: dt.datetime, last: dt.datetime) -> Sequence[dt.datetime]:
    """Give four moments from first to last."""
    return [first + (last - first) * part / 3 for part in range(4)]
