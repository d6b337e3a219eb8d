"""Problems found in files: where each one is and which rule it breaks, never the value found there."""

import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning"]


@cache
def rules() -> dict[str, str]:
    """Give every rule by its name: the sentence that tells a user what is wrong and what to do."""
    return tomllib.loads(Path(__file__).with_name("rules.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """
    One problem. `row` is the row as a spreadsheet numbers it (the header is 1); 0 when it is the file that is wrong.

    `rule` is the rule's name and its sentence; `severity` is `error` (the row cannot be used) or `warning`.
    """

    file: str
    sheet: str
    row: int
    column: str
    rule: str
    severity: Severity

    def as_json(self) -> dict[str, str | int]:
        """Give the shape that `pmet ingest --json` prints."""
        return asdict(self)


@dataclass(slots=True)
class Problems:
    """The problems of one file (or one sheet of it), in the order found."""

    file: str
    sheet: str = ""
    found: list[Problem] = field(default_factory=list)
    bad_rows: set[int] = field(default_factory=set)

    def error(self, row: int, column: str, rule: str) -> None:
        """Note that a row cannot be used. `rule` is a name of `rules.toml`."""
        self.bad_rows.add(row)
        self.found.append(Problem(self.file, self.sheet, row, column, f"{rule}: {rules()[rule]}", "error"))

    def warn(self, row: int, column: str, rule: str) -> None:
        """Note something that a person should look at; the row is used."""
        self.found.append(Problem(self.file, self.sheet, row, column, f"{rule}: {rules()[rule]}", "warning"))

    @property
    def has_errors(self) -> bool:
        """Whether any row (or the file itself) cannot be used."""
        return bool(self.bad_rows)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.found)
