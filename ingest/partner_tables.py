"""Partners' tables to checked rows: columns by any of their names, cells by the model of the kind, problems where they stand."""

import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from ingest.grading import check_grade, check_handling
from ingest.hashing import content_key, content_keys
from ingest.problems import Problems, rules
from ingest.rows import Notes, PartnerRow
from ingest.tables import Row, Table, read_tables

Model = TypeVar("Model", bound=PartnerRow)


@cache
def words(section: str) -> dict[str, list[str]]:
    """Give one section of `headers.toml`: what partners write, by what it is here."""
    found: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("headers.toml").read_text(encoding="utf-8"))[
        section
    ]
    return found


@dataclass(frozen=True, slots=True)
class CheckedRow(Generic[Model]):
    """A row that can be used: where it stood, its identity by content, its cells as they were given and what they mean."""

    number: int
    values: Model
    content: str
    problems: Problems
    cells: dict[str, str]

    def as_submitted(self, columns: Iterable[str]) -> list[str]:
        """Write these cells as they were given, a line each, blank ones left out."""
        return [f"{name.replace('_', ' ').capitalize()}: {self.cells[name]}" for name in columns if self.cells[name]]

    def text(self, column: str) -> str:
        """Give a cell of the report's columns, as `ingest.grading` asks for it."""
        value = getattr(self.values, column)
        return value if isinstance(value, str) else ""

    def warn(self, column: str, rule: str) -> None:
        """Note something to look at."""
        self.problems.warn(self.number, column, rule)

    def error(self, column: str, rule: str) -> None:
        """Note that the row cannot be used."""
        self.problems.error(self.number, column, rule)


@dataclass(slots=True)
class PartnerFile(Generic[Model]):
    """What one file holds."""

    read: int = 0
    rows: list[CheckedRow[Model]] = field(default_factory=list)
    problems: list[Problems] = field(default_factory=list)
    contents: list[str] = field(default_factory=list)


def read_partner_file(path: Path, model: type[Model], today: dt.date) -> PartnerFile[Model]:
    """
    Read a CSV file or a workbook of one kind of partner row.

    A workbook may hold several sheets of the same columns; a sheet with other columns is left out with a warning, unless it is the first.

    Raises
    ------
    FileRefusedError
        If the file cannot be read at all.
    """
    found: PartnerFile[Model] = PartnerFile()
    tables = read_tables(path) or [Table(path.name, "", (), ())]
    for at, table in enumerate(tables):
        problems = Problems(table.file, table.sheet)
        found.problems.append(problems)
        columns = _columns(table, model)
        if at and not _needed(model) <= set(columns):
            problems.warn(1, "", "sheet_not_read")
            continue
        _check_header(table, columns, model, problems)
        found.read += len(table.rows)
        found.contents.extend(content_key(row.cells) for row in table.rows)
        if not problems.has_errors:
            found.rows.extend(_rows(table, columns, model, problems, today))
    found.contents.sort()
    return found


def _columns(table: Table, model: type[PartnerRow]) -> list[str]:
    """Give the field of each column, or an empty text where no field has that name."""
    fields = {**{other: name for name, others in words(model.kind).items() for other in others}}
    fields |= {name: name for name in model.model_fields}
    return [fields.get(re.sub(r"[^a-z0-9]+", "_", header.lower()).strip("_"), "") for header in table.header]


def _needed(model: type[PartnerRow]) -> set[str]:
    return {name for name, info in model.model_fields.items() if info.is_required()}


def _check_header(table: Table, columns: list[str], model: type[PartnerRow], problems: Problems) -> None:
    if not table.header:
        problems.error(0, "", "empty_file")
        return
    for at, column in enumerate(columns, start=1):
        if not column:
            problems.error(1, f"column {at}", "unknown_column")
        elif columns.index(column) < at - 1:
            problems.error(1, column, "repeated_column")
    for column in sorted(_needed(model) - set(columns)):
        problems.error(1, column, "missing_column")


def _rows(
    table: Table, columns: list[str], model: type[Model], problems: Problems, today: dt.date
) -> Iterator[CheckedRow[Model]]:
    blank = dict.fromkeys(model.model_fields, "")
    cells = [{**blank, **dict(zip(columns, row.cells, strict=False))} for row in table.rows]
    # By field and not by column, so that the same rows under other headings are the same rows.
    contents = content_keys([list(values.values()) for values in cells])
    for row, values, content in zip(table.rows, cells, contents, strict=True):
        checked = _check(row, values, content, len(columns), model, problems, today)
        if checked is not None:
            yield checked


def _check(
    row: Row,
    values: dict[str, str],
    content: str,
    width: int,
    model: type[Model],
    problems: Problems,
    today: dt.date,
) -> CheckedRow[Model] | None:
    if any(row.cells[width:]):
        problems.error(row.number, "", "too_many_cells")
    notes = Notes(today)
    try:
        made = model.model_validate(values, context=notes)
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_url=False):
            rule = str(fault.get("ctx", {}).get("rule", ""))
            problems.error(row.number, str(fault["loc"][0]), rule if rule in rules() else "unknown_kind")
        return None
    for column, rule in notes.found:
        problems.warn(row.number, column, rule)
    checked = CheckedRow(row.number, made, content, problems, values)
    check_grade(checked)
    check_handling(checked, made.handling, made.conditions)
    return None if row.number in problems.bad_rows else checked
