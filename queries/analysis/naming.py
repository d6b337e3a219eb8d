"""How findings name subjects, roles and counts in sentences."""

from collections.abc import Iterable, Sequence
from typing import Final

from queries.projection import Subject

_UNNAMED: Final = {"adult": "an adult", "account": "an account", "incident": "an incident"}
_PLURALS: Final = {"agency": "agencies", "child": "children"}


def name_of(subject: Subject) -> str:
    """Give the label of a subject, or say what kind of thing it is when no visible mention names it."""
    return subject.label or f"{_UNNAMED.get(subject.kind, 'a ' + subject.kind)} not named"


def separators(names: Sequence[str]) -> list[str]:
    """
    Give what stands after each name of a list: commas and an "and", or semicolons where a name has a comma or a semicolon of its own.

    "Milldam, Burnaby Road" is one place: with commas between them nobody could tell how many there are.
    """
    apart, last = ("; ", "; and ") if any("," in name or ";" in name for name in names) else (", ", " and ")
    return [apart] * (len(names) - 2) + [last] * (len(names) > 1) + [""] * (len(names) > 0)


def listed(names: Sequence[str]) -> str:
    """Write a list of names as people write it: `A, B and C`, or `A, b; C; and D`; see `separators`."""
    return "".join(name + after for name, after in zip(names, separators(names), strict=True))


def role_words(roles: Iterable[str]) -> str:
    """Put distinct roles into words, in alphabetical order; empty when there is none."""
    return ", ".join(sorted({role.replace("_", " ") for role in roles if role}))


def counted(count: int, word: str) -> str:
    """Put a count and its noun together: `1 report`, `3 agencies`, `2 children`."""
    if count == 1:
        return f"{count} {word}"
    return f"{count} {_PLURALS.get(word, word + 's')}"
