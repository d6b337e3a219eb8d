"""The context weighting as a picture: a bar for each context in the practitioner's own order, the first the longest. Nothing is computed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_WIDTH: Final = 640
_LEAST: Final = 150
_STEP: Final = 58


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in pixels, with its rank and its words."""

    y: int
    width: int
    rank: int
    what: str


@dataclass(frozen=True, slots=True)
class WeightingPicture:
    """The bars, top first, and the height of the whole."""

    bars: tuple[Bar, ...]
    height: int
    width: int = _WIDTH


def weighting_picture(rows: Sequence[Mapping[str, Any]]) -> WeightingPicture:
    """Lay the rows out by rank; those of equal rank have equal bars, in the order in which they were written."""
    ranked = sorted((row for row in rows if isinstance(row.get("rank"), int)), key=lambda row: row["rank"])
    ranks = sorted({row["rank"] for row in ranked})
    step = (_WIDTH - _LEAST) / max(len(ranks), 1)
    bars = tuple(
        Bar(at * _STEP, round(_WIDTH - ranks.index(row["rank"]) * step), row["rank"], str(row.get("what", "")))
        for at, row in enumerate(ranked)
    )
    return WeightingPicture(bars, max(len(bars) * _STEP, _STEP))
