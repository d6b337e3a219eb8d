"""The published windows that a reader of figures alone may choose: all that is recorded, and calendar quarters (London)."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from graph_service.web import times
from queries.analysis.quarters import Window, days_of, quarter_of
from queries.projection import to_milliseconds

#: Quarters that are offered: three years. Others are answered too.
_OFFERED: Final = 12


def windows(known_at: dt.datetime | None) -> dict[str, str]:
    """Give the windows that are offered, by name, in words: the whole, then the latest quarters first."""
    now = quarter_of(to_milliseconds(known_at or dt.datetime.now(dt.UTC)))
    return {"": "All that is recorded"} | {
        _name(now - back): days_of(now - back, now - back) for back in range(_OFFERED)
    }


def dates_of(name: str) -> tuple[str, str]:
    """Give the first day of a quarter by its name, such as `2026-Q3`, and that of the next; two empty texts for no name."""
    if not name:
        return "", ""
    year, part = name.split("-Q")
    number = 4 * int(year) + int(part) - 1
    first, after = (dt.date(at // 4, 3 * (at % 4) + 1, 1).isoformat() for at in (number, number + 1))
    return first, after


def window_of(parameters: Mapping[str, Any]) -> Window:
    """Give the window of an answer, from the dates that it says it is for."""
    since, until = (_moment(parameters.get(end)) for end in ("from", "to"))
    return Window(
        None if since is None else quarter_of(since),
        None if until is None else quarter_of(until - 1),
    )


def _moment(text: str | None) -> int | None:
    if not text:
        return None
    found = dt.datetime.fromisoformat(text)
    return to_milliseconds(found.replace(tzinfo=times.LONDON) if found.tzinfo is None else found)


def name_of(window: Window) -> str:
    """Give the name of a window that is one quarter; empty otherwise."""
    return _name(window.first) if window.first is not None and window.first == window.last else ""


def _name(quarter: int) -> str:
    return f"{quarter // 4}-Q{quarter % 4 + 1}"
