"""For a meeting: the absences of pairs of children as bars on one time axis, with what chance would give beside them, and a table."""

import datetime as dt
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from maps.errors import MapDataError
from maps.page import DrawnPage, Facts, Handling, LegendBlock, LegendEntry, OfflinePage, Table, assemble, environment
from maps.signs import sign

MOST_PAIRS: Final = 6
FIRST: Final = "#1a65a6"
SECOND: Final = "#5b2a86"
_WIDTH: Final = 1000.0
_LEFT: Final = 20.0
_RIGHT: Final = 980.0
_PAIR: Final = 118.0
_TOP: Final = 10.0
_THINNEST: Final = 5.0
_DAY: Final = 86_400.0
_LONDON: Final = zoneinfo.ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class _Bar:
    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One pair: its words, and its bars."""

    y: float
    names: str
    figures: str
    bars: list[_Bar]


def absence_bars(
    rows: Sequence[Mapping[str, Any]],
    *,
    title: str,
    period: str,
    handling: Handling,
    note: str = "",
    made_from: str = "",
) -> OfflinePage:
    """
    Draw the first `MOST_PAIRS` rows of `episodes.co_missing`; all of them are in the table.

    Parameters
    ----------
    rows
        Rows of the question, as they came.
    title, period, handling, note, made_from
        As in `peer_drawing`.

    Raises
    ------
    MapDataError
        If a row is not one of that question.
    """
    try:
        pairs = [_pair(row) for row in rows]
    except (KeyError, TypeError, ValueError):
        raise MapDataError("rows", "give rows of episodes.co_missing") from None
    timed = [pair for pair in pairs[:MOST_PAIRS] if pair.meetings]
    moments = [moment for pair in timed for meeting in pair.meetings for span in meeting for moment in span]
    first, last = (min(moments), max(moments)) if moments else (dt.datetime.now(dt.UTC), dt.datetime.now(dt.UTC))
    seconds = max((last - first).total_seconds(), _DAY)

    def across(moment: dt.datetime) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * (moment - first).total_seconds() / seconds, 1)

    drawn = [_drawn(pair, _TOP + _PAIR * place, across) for place, pair in enumerate(timed)]
    marks = [
        (across(when), f"{when.astimezone(_LONDON):%-d %b %Y}")
        for when in (first + (last - first) * n / 4 for n in range(5))
    ]
    height = _TOP + _PAIR * len(drawn) + 26
    picture = (
        environment()
        .get_template("absence_bars.html")
        .render(title=title, drawn=drawn, marks=marks, height=height, width=_WIDTH, left=_LEFT, right=_RIGHT)
    )
    left_out = (
        f"Drawn: the first {len(drawn)} of {len(pairs)} pairs; the table has all." if len(drawn) < len(pairs) else ""
    )
    return DrawnPage(
        assemble(
            Facts(title, period, None, handling, note, made_from),
            Markup(picture) if drawn else Markup("<p>No two children were missing together in this period.</p>"),  # noqa: S704  our template
            legend=[
                LegendBlock(
                    "Absences",
                    [
                        LegendEntry(sign("bar", FIRST), "Of the child named first"),
                        LegendEntry(sign("bar", SECOND), "Of the child named second"),
                        LegendEntry(sign("bar", "#b1b4b6"), "Both missing"),
                    ],
                    note=left_out,
                )
            ]
            if drawn
            else (),
            tables=[
                Table(
                    "Missing together",
                    ("Children", "At the same time", "By chance", "q", "In words"),
                    [(pair.names, pair.observed, pair.expected, pair.q_value, pair.sentence) for pair in pairs],
                )
            ],
        )
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    names: str
    observed: int
    expected: str
    q_value: str
    sentence: str
    meetings: list[tuple[tuple[dt.datetime, dt.datetime], tuple[dt.datetime, dt.datetime]]]


def _pair(row: Mapping[str, Any]) -> _Pair:
    expected, q = row["expected"], row["q_value"]
    return _Pair(
        f"{row['a']['label']} and {row['b']['label']}",
        int(row["observed"]),
        "not known" if expected is None else "under 0.1" if expected < 0.1 else f"{expected:.1f}",
        "not known" if q is None else "under 0.001" if q < 0.001 else f"{q:.3f}",
        str(row["sentence"]),
        [_meeting(meeting) for meeting in row["meetings"]],
    )


def _meeting(meeting: Mapping[str, Any]) -> tuple[tuple[dt.datetime, dt.datetime], tuple[dt.datetime, dt.datetime]]:
    """Give from and to of both; one still missing is drawn to the last moment known of either."""
    begun = [dt.datetime.fromisoformat(meeting[who]["from"]) for who in ("a", "b")]
    over = [dt.datetime.fromisoformat(meeting[who]["to"]) if meeting[who]["to"] else None for who in ("a", "b")]
    latest = max(*begun, *(moment for moment in over if moment))
    return (begun[0], over[0] or latest), (begun[1], over[1] or latest)


def _drawn(pair: _Pair, y: float, across: Any) -> _Drawn:  # noqa: ANN401
    bars = []
    for meeting in pair.meetings:
        both = across(max(start for start, _ in meeting)), across(min(end for _, end in meeting))
        bars.append(_Bar(both[0], y + 48, max(both[1] - both[0], _THINNEST), 62, "both"))
    for meeting in pair.meetings:
        for lane, (start, end) in enumerate(meeting):
            width = max(across(end) - across(start), _THINNEST)
            bars.append(_Bar(across(start), y + 54 + 28 * lane, width, 20, ("first", "second")[lane]))
    figures = f"{pair.observed} at the same time; by chance {pair.expected}; q {pair.q_value}"
    return _Drawn(y, pair.names, figures, bars)
