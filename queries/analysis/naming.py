"""How findings name subjects, roles and counts in sentences."""

from collections.abc import Iterable
from typing import Final

from queries.projection import Subject

_UNNAMED: Final = {"adult": "an adult", "account": "an account", "incident": "an incident"}
_PLURALS: Final = {"agency": "agencies", "child": "children"}


def name_of(subject: Subject) -> str:
    """Give the label of a subject, or say what kind of thing it is when no visible mention names it."""
    return subject.label or f"{_UNNAMED.get(subject.kind, 'a ' + subject.kind)} not named"


def role_words(roles: Iterable[str]) -> str:
    """Put distinct roles into words, in alphabetical order; empty when there is none."""
    return ", ".join(sorted({role.replace("_", " ") for role in roles if role}))


def counted(count: int, word: str) -> str:
    """Put a count and its noun together: `1 report`, `3 agencies`, `2 children`."""
    if count == 1:
        return f"{count} {word}"
    return f"{count} {_PLURALS.get(word, word + 's')}"
