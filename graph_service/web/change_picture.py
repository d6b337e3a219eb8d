"""Before and after as a picture: two bars with their intervals on one scale, for one goal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_WIDTH: Final = 520
_ROW: Final = 46


@dataclass(frozen=True, slots=True)
class ChangeBar:
    """A bar in pixels from the left: how long, where its interval lies, and the count in words."""

    name: str
    y: int
    length: int
    low: int
    high: int
    said: str


@dataclass(frozen=True, slots=True)
class ChangePicture:
    """Both bars of a goal; none where the goal has no measure or its counts are withheld."""

    bars: tuple[ChangeBar, ...]
    width: int = _WIDTH
    height: int = 2 * _ROW


def change_picture(goal: Mapping[str, Any]) -> ChangePicture:
    """Draw the counts of a goal before and after, each with the interval of its expected count, on one scale from 0."""
    sides = [(name, goal.get(key)) for name, key in (("Before", "before"), ("After", "after"))]
    counted = [(name, side) for name, side in sides if side and side.get("count") is not None]
    if len(counted) < 2:
        return ChangePicture(())
    most = max(float(side["high"] or side["count"]) for _, side in counted) or 1.0

    def along(value: float) -> int:
        return round(value / most * _WIDTH)

    bars = tuple(
        ChangeBar(
            name,
            at * _ROW,
            along(side["count"]),
            along(side["low"]),
            along(side["high"]),
            f"{side['count']} in {side['weeks']:.2g} weeks",
        )
        for at, (name, side) in enumerate(counted)
    )
    return ChangePicture(bars)
