"""Agency, grade and handling of a report as a row gives them: kept as they came, with a warning where the partnership does not know the word."""

from collections.abc import Sequence
from typing import Final, Protocol

from queries.vocabulary import AGENCIES, HANDLING_CODES, INFORMATION_GRADES, KNOWN_CONDITIONS, SCHEMES, SOURCE_GRADES

_AGENCIES: Final = frozenset(AGENCIES)
_LEGACY_HANDLING: Final = frozenset({"1", "2", "3", "4", "5"})


class GradedRow(Protocol):
    """A row that may carry an agency, a grade and a handling."""

    def text(self, column: str) -> str:
        """Give a cell."""

    def warn(self, column: str, rule: str) -> None:
        """Note something to look at."""


def known_agency(row: GradedRow, column: str) -> tuple[str, str]:
    """Give the agency as it is kept, and the one that it is treated as."""
    agency = row.text(column)
    if agency in _AGENCIES:
        return agency, agency
    row.warn(column, "unknown_agency")
    return agency or "other", "other"


def check_grade(row: GradedRow) -> str:
    """Check `source_eval`, `info_eval` and `scheme`; give the scheme, 3x5x2 where a grade stands without one."""
    source, information, scheme = row.text("source_eval"), row.text("info_eval"), row.text("scheme")
    if not scheme:
        scheme = "3x5x2" if source or information else ""
    elif scheme not in SCHEMES:
        row.warn("scheme", "unknown_scheme")
        return scheme
    if source and source not in SOURCE_GRADES[scheme]:
        row.warn("source_eval", "unknown_grade")
    if information and information not in INFORMATION_GRADES[scheme]:
        row.warn("info_eval", "unknown_grade")
    return scheme


def check_handling(row: GradedRow, handling: str, conditions: Sequence[str]) -> None:
    """Warn of a handling code or a condition that means less, or more, than its writer may think."""
    if handling and handling not in HANDLING_CODES and handling not in _LEGACY_HANDLING:
        row.warn("handling", "unknown_handling")
    if handling == "P":
        if conditions:
            row.warn("conditions", "conditions_on_p")
    elif not KNOWN_CONDITIONS.issuperset(conditions):
        row.warn("conditions", "unknown_condition")
