"""
Which windows the figures for readers without record access are published for, and how a request for other dates is answered.

There are two kinds: all that is recorded, and calendar quarters (London). Other dates are never an error: they are answered for the quarters
that they touch, and the answer says which.
"""

from collections.abc import Mapping
from typing import Any, Final

from queries.analysis.quarters import Window, quarter_of, span_of
from queries.projection import to_instant, to_milliseconds

STEPS: Final = (
    "Published figures move in steps of five or more, so the whole may be up to four behind what is known, and a quarter more where it would "
    "give a small count away. Counts below 5 are withheld."
)
_BY_QUARTER: Final = "Figures for your role are published by calendar quarter: this answer is for"
_WHOLE: Final = "Figures for your role are published for all that is recorded and by calendar quarter: this answer is for all that is recorded."


def told_of(window: Window) -> str:
    """Give what an answer says of the window that it is for."""
    return _WHOLE if window.is_whole else f"{_BY_QUARTER} {window.days}."


def window_of(values: Mapping[str, Any], start: str = "from", end: str = "to") -> Window:
    """Give the published window of the dates that were asked for."""
    since, until = values.get(start), values.get(end)
    first = None if since is None else quarter_of(to_milliseconds(since))
    last = None if until is None else quarter_of(to_milliseconds(until) - 1)
    if first is not None and last is not None:
        last = max(first, last)
    return Window(first, last)


def snapped(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the values of a question with its dates moved out to the published windows that they touch; what is not asked for stays open."""
    found = dict(values)
    for start, end in (("from", "to"), ("previous_from", "previous_to")):
        if start in values and end in values:
            window = window_of(values, start, end)
            found[start] = None if window.first is None else to_instant(span_of(window.first)[0])
            found[end] = None if window.last is None else to_instant(span_of(window.last)[1])
    return found
