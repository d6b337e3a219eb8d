"""
What may be shown of a figure, a name or a place to those who may not see the records behind it. Pure functions.

Counts are suppressed as None, never as 0; a table that shows totals hides further cells until no hidden one can be worked
out. Sources: Data Protection Act 2018 s.37; Cox (1980) Suppression methodology and statistical disclosure control.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final, TypeAlias

import numpy as np
from osbng.indexing import xy_to_bng
from pyproj import Transformer

_Values: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int64]]
_Lines: TypeAlias = np.ndarray[tuple[int, int], np.dtype[np.float64]]
_Flags: TypeAlias = np.ndarray[tuple[int], np.dtype[np.bool_]]

SMALLEST_SHOWN: Final = 5
# No vowels, so that no word appears; none of the characters that are mistaken for another when read out or written by hand.
_ALPHABET: Final = "CDFHJKMNPQRTVWXY34679"
_LENGTH: Final = 8


class Precision(StrEnum):
    """How closely a place is shown: the point itself, the middle of its 100 m National Grid cell, or of its 1 km cell."""

    EXACT = "exact"
    SNAPPED = "snapped"
    AREA = "area"

    @property
    def metres(self) -> int:
        """The side of the cell that a point stands for, in metres; 0 where it is the point itself."""
        return {Precision.EXACT: 0, Precision.SNAPPED: 100, Precision.AREA: 1000}[self]


def precision_for(role: str) -> Precision:
    """Give the precision at which a role is shown places; whoever is not named here sees areas."""
    if role in {"coordinator", "satellite", "intelligence"}:
        return Precision.EXACT
    return Precision.SNAPPED if role == "analyst" else Precision.AREA


def shown_point(latitude: float, longitude: float, precision: Precision) -> tuple[float, float] | None:
    """
    Give the point to show for a point: itself, or the middle of its National Grid cell.

    Parameters
    ----------
    latitude, longitude
        WGS 84 degrees.
    precision
        How closely the place may be shown.

    Returns
    -------
    point
        Latitude and longitude in WGS 84 degrees, rounded to 6 decimals; None outside the National Grid, where no cell is known.
        All points of a cell give the same one, so repeats cannot be averaged back to the truth.
    """
    if precision is Precision.EXACT:
        return latitude, longitude
    there, back = _transformers()
    easting, northing = there.transform(longitude, latitude)
    if not (0 <= easting < 700_000 and 0 <= northing < 1_300_000):
        return None
    middle_easting, middle_northing = xy_to_bng(easting, northing, precision.metres).bng_to_xy(position="centre")
    shown_longitude, shown_latitude = back.transform(middle_easting, middle_northing)
    return round(float(shown_latitude), 6), round(float(shown_longitude), 6)


@cache
def _transformers() -> tuple[Transformer, Transformer]:
    there = Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)
    return there, Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)


def pseudonym(key: bytes, subject_key: str, kind: str) -> str:
    """
    Give the name under which a subject is shown to those who may not see names, such as `Child 4F7K-XQ3M`.

    The same subject has the same one under the same key, and without the key it cannot be traced back, not even by
    trying every name. Among 100,000 subjects two share one in about one city in eight.
    """
    digest = int.from_bytes(hmac.digest(key, f"{kind}\x1f{subject_key}".encode(), hashlib.sha256), "big")
    letters = []
    for _ in range(_LENGTH):
        digest, place = divmod(digest, len(_ALPHABET))
        letters.append(_ALPHABET[place])
    word = "".join(letters)
    return f"{kind.replace('_', ' ').capitalize()} {word[:4]}-{word[4:]}"


def initials(label: str) -> str:
    """Give the initials of a name, such as `A.E.`; nothing where there is no letter."""
    return "".join(f"{word[0].upper()}." for word in label.replace("-", " ").split() if word[0].isalpha())


def suppress(count: int, below: int = SMALLEST_SHOWN, *, structural_zero: bool = False) -> int | None:
    """
    Give a count as it may be shown: None where it is below the smallest that is shown.

    A zero is hidden like any small count, since it says that nobody is there, unless it could not have been anything
    else (`structural_zero`: a month that has not come).
    """
    if count == 0 and structural_zero:
        return 0
    return None if count < below else count


def rounded_down(count: int, to: int = SMALLEST_SHOWN) -> int | None:
    """
    Give a count rounded down to a multiple of the smallest that is shown, or None below it.

    Two such counts are apart by nought or at least as much, whatever windows and moments they are of, so that nothing smaller can be had by
    subtracting them.
    """
    return count // to * to or None


@dataclass(frozen=True, slots=True)
class SuppressedTable:
    """A table with its totals, as it may be shown; None is hidden."""

    cells: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int | None, ...]
    column_totals: tuple[int | None, ...]
    total: int | None


def suppress_list(counts: Sequence[int], below: int = SMALLEST_SHOWN) -> tuple[list[int | None], int | None]:
    """
    Give counts and their total as they may be shown together: what is hidden cannot be worked out from the total.

    Raises
    ------
    ValueError
        If a count is negative.
    """
    if not counts:
        return [], suppress(0, below)
    values = np.array([*counts, sum(counts)], dtype=np.int64)
    line = np.array([[1.0] * len(counts) + [-1.0]])
    shown = _shown(values, line, below)
    return shown[:-1], shown[-1]


def suppress_table(counts: Sequence[Sequence[int]], below: int = SMALLEST_SHOWN) -> SuppressedTable:
    """
    Give a table of counts with its totals as it may be shown.

    Whatever is hidden because it is small cannot be worked out from the rest: for each such cell, counts that add up
    to everything shown reach from one to another at least `below - 1` apart; nor does a shown total tell a small sum of
    hidden cells. For tables of up to some hundred cells.

    Raises
    ------
    ValueError
        If rows differ in length, the table is empty, or a count is negative.
    """
    if not counts or not counts[0] or len({len(row) for row in counts}) != 1:
        raise ValueError("a table needs at least one cell, and rows of equal length")
    inner = np.array(counts, dtype=np.int64)
    full = np.vstack([inner, inner.sum(axis=0)])
    full = np.column_stack([full, full.sum(axis=1)])
    rows, columns = full.shape
    # Every row and every column adds up to its last entry, the totals' own row and column included.
    lines = np.zeros((rows + columns, rows, columns))
    for row in range(rows):
        lines[row, row, :-1], lines[row, row, -1] = 1, -1
    for column in range(columns):
        lines[rows + column, :-1, column], lines[rows + column, -1, column] = 1, -1
    flat = _shown(full.ravel(), lines.reshape(rows + columns, -1), below)
    grid = [tuple(flat[row * columns : (row + 1) * columns]) for row in range(rows)]
    return SuppressedTable(
        tuple(row[:-1] for row in grid[:-1]), tuple(row[-1] for row in grid[:-1]), grid[-1][:-1], grid[-1][-1]
    )


def _shown(values: _Values, lines: _Lines, below: int) -> list[int | None]:
    """Hide small values, then more, until none of them can be worked out. A line is entries that add up to its last: `lines @ values == 0`."""
    if (values < 0).any():
        raise ValueError("a count cannot be negative")
    small = [int(at) for at in np.flatnonzero(values < below)]
    hidden = values < below
    while True:
        line = _telling(values, lines, hidden, below)
        if line is None:
            pinned = next((at for at in small if _room(at, values, lines, hidden) < below - 1), None)
            if pinned is None:
                return [None if hide else int(value) for value, hide in zip(values, hidden, strict=True)]
            line = (lines[lines[:, pinned] != 0] != 0).any(axis=0)
        # Hide the least more: first what lies in other lines that hide something already, then the smallest.
        crossing = ((lines != 0) & hidden).any(axis=1).astype(int) @ (lines != 0).astype(int)
        candidates = np.flatnonzero(line & ~hidden)
        if not candidates.size:
            candidates = np.flatnonzero(~hidden)
        hidden[min(candidates, key=lambda at: (-crossing[at], values[at], at))] = True


def _telling(values: _Values, lines: _Lines, hidden: _Flags, below: int) -> _Flags | None:
    """Give the entries of a line whose total is shown and tells one hidden entry, or a small sum of several; None if no line does."""
    for line in lines:
        parts, total = (line > 0) & hidden, (line < 0) & hidden
        alone = parts.sum() + total.sum() == 1
        thin = parts.any() and not total.any() and values[parts].sum() < below
        if (alone or thin) and ((line != 0) & ~hidden).any():
            return np.asarray(line != 0)
    return None


def _room(
    at: int,
    values: _Values,
    lines: _Lines,
    hidden: _Flags,
) -> float:
    """Give how far apart the least and the greatest value are that a reader of what is shown could believe of one cell."""
    from scipy.optimize import linprog

    where = np.flatnonzero(hidden)
    known = -lines[:, ~hidden] @ values[~hidden]
    aim = (where == at).astype(float)
    ends = []
    for sign in (1.0, -1.0):
        found = linprog(sign * aim, A_eq=lines[:, where], b_eq=known, bounds=(0, None), method="highs")
        if found.status == 3:  # nothing holds it: it could be anything
            return float("inf")
        ends.append(sign * float(found.fun or 0.0))
    return round(ends[1] - ends[0], 6)
