"""The cells of a bundle's rows: references, times, positions and attributes, each checked where it stands."""

import datetime as dt
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from ingest.problems import Problems
from ingest.tables import Table
from ingest.times import Moment, parse_iso
from queries.records import Json

_MAX_DEPTH: Final = 20


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table whose header has been checked, and where its problems go."""

    table: Table
    problems: Problems

    def rows(self) -> Iterator["Cells"]:
        """Give the rows by column; a row with more cells than the header is bad but still has a reference."""
        header, width = self.table.header, len(self.table.header)
        for row in self.table.rows:
            if len(row.cells) > width and any(row.cells[width:]):
                self.problems.error(row.number, "", "too_many_cells")
            yield Cells(row.number, dict(zip(header, row.cells, strict=False)), self.problems)


@dataclass(frozen=True, slots=True)
class Cells:
    """One row. A method that reads a cell notes the problem there is and gives what can be used, or None."""

    number: int
    values: dict[str, str]
    problems: Problems

    @property
    def is_bad(self) -> bool:
        """Whether an error was noted for this row."""
        return self.number in self.problems.bad_rows

    def text(self, column: str) -> str:
        """Give a cell, empty where the row or the header ends before it."""
        return self.values.get(column, "")

    def needed(self, column: str) -> str:
        """Give a cell that must be filled in."""
        value = self.values.get(column, "")
        if not value:
            self.error(column, "required")
        return value

    def error(self, column: str, rule: str) -> None:
        """Note that this row cannot be used."""
        self.problems.error(self.number, column, rule)

    def warn(self, column: str, rule: str) -> None:
        """Note something to look at."""
        self.problems.warn(self.number, column, rule)

    def moment(self, column: str, *, needs_offset: bool = False) -> Moment | None:
        """Read a time. With `needs_offset` a time on a clock (not a bare date) is an error, else it is read as London's."""
        value = self.values.get(column, "")
        if not value:
            return None
        try:
            moment = parse_iso(value)
        except ValueError:
            self.error(column, "not_a_time")
            return None
        if moment.note:
            if needs_offset and not moment.is_date:
                self.error(column, "needs_offset")
                return None
            self.warn(column, moment.note)
        if moment.is_old:
            self.warn(column, "old_date")
        return moment

    def number_in(self, column: str, limit: float, rule: str) -> float | None:
        """Read degrees between -`limit` and `limit`."""
        value = self.values.get(column, "")
        if not value:
            return None
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or "_" in value:
            self.error(column, "not_a_number")
        elif abs(number) > limit:
            self.error(column, rule)
        else:
            return number
        return None

    def attributes(self) -> dict[str, Json]:
        """Read the attributes: an empty object where blank."""
        value = self.values.get("attributes", "")
        if not value:
            return {}
        try:
            return parse_object(value)
        except ValueError:
            self.error("attributes", "not_json")
            return {}


def date_of_birth(cells: Cells, today: dt.date) -> dt.date | None:
    """Read an ISO date of birth; one in the future, or more than 120 years ago, is kept with a warning."""
    value = cells.text("date_of_birth")
    if not value:
        return None
    try:
        born = dt.date.fromisoformat(value)
    except ValueError:
        cells.error("date_of_birth", "not_a_date")
        return None
    if born > today:
        cells.warn("date_of_birth", "date_of_birth_in_future")
    elif born.year < today.year - 120:
        cells.warn("date_of_birth", "date_of_birth_too_old")
    return born


def parse_object(text: str) -> dict[str, Json]:
    """
    Read one JSON object strictly: no NaN, no name twice, no lone half of a character, not deeper than 20.

    Raises
    ------
    ValueError
        If it is anything else. Do not show its text: it quotes the value.
    """
    try:
        value = _DECODER.decode(text)
        if not isinstance(value, dict) or _depth(value) > _MAX_DEPTH:
            raise ValueError("not a plain object")
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("not a plain object") from None
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name twice")
    return made


def _no_constant(_: str) -> NoReturn:
    raise ValueError("not a number of JSON")


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError("not a number of JSON")
    return number


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


# Made once: making one costs more than reading a small object.
_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_finite)
