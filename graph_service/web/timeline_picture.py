"""Two clocks in one picture: when each thing happened, and when its source recorded it, as a small drawing of the server's own."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from graph_service.web import times
from graph_service.web.seam import Row

WIDTH: Final = 960.0
ROW: Final = 26.0
TOP: Final = 34.0
MOST_ROWS: Final = 40
_LEFT: Final = 34.0
_RIGHT: Final = 948.0


@dataclass(frozen=True, slots=True)
class Line:
    """One thing: its row in the table, where it begins and ends across the picture, where it was recorded, and what it is."""

    number: int
    y: float
    start: float
    end: float
    recorded: float | None
    what: str


@dataclass(frozen=True, slots=True)
class TimelinePicture:
    """The drawing: its lines from the latest down, and the marks of its time axis."""

    lines: list[Line]
    marks: list[tuple[float, str]]
    height: float
    left_out: int


def timeline_picture(rows: Sequence[Row]) -> TimelinePicture | None:
    """Draw the rows of `people.timeline` that have a time; None when fewer than two have."""
    timed = [
        (
            number,
            row,
            times.parse(row["happened_from"]),
            times.parse(row["happened_to"]),
            times.parse(row["recorded_at"]),
        )
        for number, row in enumerate(rows, 1)
    ]
    drawn = [(number, row, start, end or start, seen) for number, row, start, end, seen in timed if start is not None][
        :MOST_ROWS
    ]
    if len(drawn) < 2:
        return None
    moments = [moment for _, _, *several in drawn for moment in several if moment is not None]
    first, last = min(moments), max(moments)
    length = max((last - first).total_seconds(), 3600.0)

    def across(moment: dt.datetime | None) -> float:
        seconds = (moment - first).total_seconds() if moment is not None else 0.0
        return round(_LEFT + (_RIGHT - _LEFT) * seconds / length, 1)

    lines = [
        Line(
            number,
            TOP + ROW * at,
            across(start),
            max(across(end), across(start) + 6),
            across(seen) if seen else None,
            row["what"],
        )
        for at, (number, row, start, end, seen) in enumerate(drawn)
    ]
    marks = [(across(moment), f"{moment.day} {moment:%b %Y}") for moment in _spread(first, last)]
    return TimelinePicture(
        lines, marks, TOP + ROW * len(lines) + 8, sum(1 for _, _, start, *_ in timed if start) - len(drawn)
    )


def _spread(first: dt.datetime, last: dt.datetime) -> list[dt.datetime]:
    """Give five moments from first to last."""
    return [first + (last - first) * part / 4 for part in range(5)]
