"""
What must be held to see a row: an immutable formula, named by a number that follows from its text.

A sight is any of several sets of things to hold. A thing to hold is a word such as `agency:police`, `role:analyst`,
`handling:C`, `condition:originator`, `team:UID` or `grant:UID`. The empty set is held by everyone who is signed in;
a sight with no set is open to nobody.
"""

import hashlib
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, Self

from queries.vocabulary import KNOWN_CONDITIONS

_OPEN_TEXT: Final = "open"
_NOBODY_TEXT: Final = "nobody"
_WITH_SUBJECT_TEXT: Final = "with-subject"
_FIXED: Final = {_WITH_SUBJECT_TEXT: 0, _OPEN_TEXT: 1, _NOBODY_TEXT: 2}


@dataclass(frozen=True)
class Sight:
    """A policy formula: `ways`, any of which is enough, each a set of things that must all be held."""

    ways: frozenset[frozenset[str]]
    with_subject: bool = False

    @classmethod
    def any_of(cls, *ways: Iterable[str]) -> Self:
        """Make a sight that opens to whoever holds all of any one of `ways`; redundant ways are dropped."""
        sets = {frozenset(way) for way in ways}
        return cls(frozenset(s for s in sets if not any(other < s for other in sets)))

    @classmethod
    def parse(cls, text: str) -> "Sight":
        """Read a sight back from its `text`."""
        if text == _OPEN_TEXT:
            return OPEN
        if text == _NOBODY_TEXT:
            return NOBODY
        if text == _WITH_SUBJECT_TEXT:
            return WITH_SUBJECT
        return _parsed(text)

    @cached_property
    def text(self) -> str:
        """The formula in its one written form, from which its number follows."""
        if self.with_subject:
            return _WITH_SUBJECT_TEXT
        if not self.ways:
            return _NOBODY_TEXT
        if frozenset() in self.ways:
            return _OPEN_TEXT
        return "|".join(sorted("+".join(sorted(way)) for way in self.ways))

    @cached_property
    def sid(self) -> int:
        """The number of this sight: the same for the same formula everywhere, below 2**52."""
        fixed = _FIXED.get(self.text)
        if fixed is not None:
            return fixed
        return 16 + (int.from_bytes(hashlib.sha256(self.text.encode()).digest()[:6], "big") << 3)

    def opened_by(self, held: AbstractSet[str]) -> bool:
        """Say whether a viewer who holds these things may see a row of this sight."""
        return any(way <= held for way in self.ways)

    def needs_all_of(self, other: "Sight") -> bool:
        """Say whether whoever opens this sight opens the other too."""
        return all(any(theirs <= mine for theirs in other.ways) for mine in self.ways)

    def with_all_of(self, other: "Sight") -> "Sight":
        """Give the sight that needs all that both need, as anything made from two inputs does."""
        if self.with_subject or other.with_subject:
            return other if self.with_subject else self
        return Sight.any_of(*(mine | theirs for mine in self.ways for theirs in other.ways))


OPEN: Final = Sight(frozenset({frozenset()}))
NOBODY: Final = Sight(frozenset())
# A mention that no report made: open to whoever may see that its subject exists, and never a reason that it does.
WITH_SUBJECT: Final = Sight(frozenset({frozenset()}), with_subject=True)


# All sights in use are read again whenever anything is written; each formula is taken apart once.
@lru_cache(maxsize=65_536)
def _parsed(text: str) -> Sight:
    return Sight.any_of(*(way.split("+") for way in text.split("|")))


def sight_for(handling: str, conditions: Iterable[str], agency: str) -> Sight:
    """
    Give the sight of a row from its handling code, its conditions and the agency that submitted it.

    P is open to everyone signed in, whatever else is written (an import warns of conditions on it).
    C needs clearance for C and every condition. Blank and legacy handling are held by the
    submitting agency as well. A condition that the partnership does not know is held by the submitting agency alone.
    """
    named = frozenset(c for c in conditions if c)
    if handling == "P":
        return OPEN
    unknown = named - KNOWN_CONDITIONS
    cleared = {"handling:C", *(f"condition:{c}" for c in named & KNOWN_CONDITIONS)}
    if unknown:
        return Sight.any_of({f"agency:{agency}"} | (cleared if named & KNOWN_CONDITIONS else set()))
    if handling == "C":
        return Sight.any_of(cleared)
    return Sight.any_of(cleared, {f"agency:{agency}"})
