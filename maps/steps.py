"""Counts in a few steps of colour with whole-number limits, and the legend of them. A hidden count is hatched: it is not a zero."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd
from markupsafe import Markup

from maps.drawn import PathStyle
from maps.errors import MapDataError
from maps.page import LegendBlock, LegendEntry

#: Light to dark, told apart by lightness alone and safe for colour-blind readers (ColorBrewer YlOrBr, Apache-2.0).
COLOURS: Final = ("#fee391", "#fec44f", "#fe9929", "#d95f0e", "#993404")
HIDDEN: Final = "hidden"


@dataclass(frozen=True, slots=True)
class Step:
    """Counts from `low` to `high`, both inclusive."""

    low: int
    high: int
    colour: str

    @property
    def name(self) -> str:
        """The name of its style."""
        return f"step-{self.low}"

    @property
    def meaning(self) -> str:
        """How the legend says it."""
        return str(self.low) if self.low == self.high else f"{self.low} to {self.high}"


def counts_of(values: Iterable[object], table: str) -> list[int | None]:
    """
    Give counts as whole numbers, and None where one is hidden (None, NaN, NA).

    Raises
    ------
    MapDataError
        If one is negative or not a whole number.
    """
    counts: list[int | None] = []
    for value in values:
        if pd.isna(value):  # type: ignore[call-overload]
            counts.append(None)
        elif isinstance(value, (str, bytes, bool)) or float(value) != int(value) or int(value) < 0:  # type: ignore[arg-type,call-overload]
            raise MapDataError(table, "events are whole numbers from 0, or None where a count is hidden")
        else:
            counts.append(int(value))  # type: ignore[call-overload]
    return counts


def steps_for(counts: Iterable[int | None], most: int = len(COLOURS)) -> list[Step]:
    """
    Give up to `most` steps that hold about equally many of the distinct counts above 0.

    Distinct counts, not cells, so that a few very high cells have a step of their own and do not wash out the rest.
    """
    distinct = sorted({count for count in counts if count})
    if not distinct:
        return []
    number = min(most, len(distinct))
    starts = [distinct[round(i * len(distinct) / number)] for i in range(number)]
    ends = [start - 1 for start in starts[1:]] + [distinct[-1]]
    shades = (
        [COLOURS[round(i * (len(COLOURS) - 1) / max(1, number - 1))] for i in range(number)]
        if number > 1
        else [COLOURS[2]]
    )
    return [Step(low, high, shade) for low, high, shade in zip(starts, ends, shades, strict=True)]


def step_of(count: int | None, steps: Sequence[Step]) -> str | None:
    """Give the style of a count: of its step, `hidden`, or None for zero, which is not drawn."""
    if count is None:
        return HIDDEN
    return next((step.name for step in steps if step.low <= count <= step.high), None)


def styles_of(steps: Sequence[Step]) -> dict[str, PathStyle]:
    """Give the path styles of the steps and of hidden counts."""
    styles: dict[str, PathStyle] = {
        step.name: {"color": "#5c3a12", "weight": 0.7, "fillColor": step.colour, "fillOpacity": 0.78} for step in steps
    }
    styles[HIDDEN] = {"color": "#505a5f", "weight": 1, "dashArray": "3 3", "fillColor": "hatch", "fillOpacity": 0.9}
    return styles


def legend_of(heading: str, steps: Sequence[Step], *, hidden: bool, note: str = "") -> LegendBlock:
    """Give the legend of the steps; with a line for hidden counts if there are any."""
    entries = [LegendEntry(_swatch(step.colour), step.meaning) for step in steps]
    if hidden:
        entries.append(LegendEntry(_HATCHED, "Some, too few to show"))
    return LegendBlock(heading, entries, note)


def _swatch(colour: str) -> Markup:
    return Markup(
        '<svg width="28" height="20" viewBox="0 0 28 20" aria-hidden="true" focusable="false">'
        '<rect x="1" y="1" width="26" height="18" fill="{}" stroke="#5c3a12"/></svg>'
    ).format(colour)


_HATCHED: Final = Markup(
    '<svg width="28" height="20" viewBox="0 0 28 20" aria-hidden="true" focusable="false">'
    '<rect x="1" y="1" width="26" height="18" fill="#ffffff" stroke="#505a5f" stroke-dasharray="3 3"/>'
    '<path d="M2 12 L12 2 M2 18 L18 2 M8 18 L24 2 M14 18 L26 6 M20 18 L26 12" stroke="#505a5f" stroke-width="2"/></svg>'
)
