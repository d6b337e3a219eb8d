"""
Words that put on a child what was done to them, gently flagged in free text. Nothing is blocked, and no text is changed.

The list is data (`data/language.toml`). Whole words only; what the law calls so, and what stands between quotation marks because somebody
said it, is left alone. Source: seed document 000, 3 and 22; the Children's Society guide on victim-blaming language.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache

from graph_service.pathway.instruments import DATA

_ANY_WORDS = "[\\w~]"
_QUOTED = re.compile(r"“[^”]*”|\"[^\"\n]*\"")


@dataclass(frozen=True, slots=True)
class Flag:
    """A phrase to look at again: where it stands (`start` to `end`, in characters), why, and a direction for other words."""

    start: int
    end: int
    phrase: str
    why: str
    instead: str


def flags(text: str) -> list[Flag]:
    """Give the phrases of a text to look at again, in the order in which they stand. Linear in the text for the patterns of the list."""
    phrases, statutory = _patterns()
    left_alone = [match.span() for pattern in (_QUOTED, *statutory) for match in pattern.finditer(text)]
    found = [
        Flag(match.start(), match.end(), match.group(), why, instead)
        for pattern, why, instead in phrases
        for match in pattern.finditer(text)
        if not any(start <= match.start() and match.end() <= end for start, end in left_alone)
    ]
    return sorted(found, key=lambda flag: (flag.start, flag.end))


@cache
def _patterns() -> tuple[tuple[tuple[re.Pattern[str], str, str], ...], tuple[re.Pattern[str], ...]]:
    data = tomllib.loads((DATA / "language.toml").read_text(encoding="utf-8"))
    phrases = tuple((_compiled(row["phrase"]), row["why"], row["instead"]) for row in data["phrases"])
    return phrases, tuple(_compiled(row) for row in data["statutory"]["phrases"])


def _compiled(phrase: str) -> re.Pattern[str]:
    words = phrase.replace(_ANY_WORDS, r"[\w\s]").replace("~", r"[\s-]{1,3}")
    return re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
