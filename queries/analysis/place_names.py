"""
The name of a place, read: what sort of place, which street or structure, which of several, and the words that are its own.

`Bus stop opp. St. Mary's Rd` and `stop at St Marys Road` are read alike; `Park Road` and `Park Lane` are not. The words are data, in
`place_words.toml`. A word that is one slip away from a name in the gazetteer is read as that name, and the reading says that it was.
"""

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_DATA: Final[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("place_words.toml").read_text(encoding="utf-8"))
_SHORT: Final[dict[str, str]] = _DATA["short"]
_SORTS: Final[dict[tuple[str, ...], str]] = {tuple(phrase.split()): sort for phrase, sort in _DATA["sorts"].items()}
_LONGEST_SORT: Final = max(map(len, _SORTS))
_HEADS: Final = frozenset(_DATA["words"]["heads"])
_WHICH: Final = frozenset(_DATA["words"]["which"])
_PASSED_OVER: Final = frozenset(_DATA["words"]["passed_over"])
_KNOWN: Final = _HEADS | _WHICH | _PASSED_OVER | {word for phrase in _SORTS for word in phrase} | {"saint"}
_APOSTROPHES: Final = re.compile(r"['’‘`´]")
_PARTS: Final = re.compile(r"[,;:()/|\n–—-]+|\s+-\s+")
_WORDS: Final = re.compile(r"[a-z0-9]+")
LEAST_FOR_A_SLIP: Final = 6  # letters: in a shorter word, one letter makes another word too easily


@dataclass(frozen=True, slots=True)
class Official:
    """A name in the gazetteer, with its position (WGS 84). `is_area`: a neighbourhood, in which many places lie, not one place."""

    name: str
    latitude: float
    longitude: float
    is_area: bool


@dataclass(frozen=True, slots=True)
class PlaceName:
    """
    A name as it was read.

    `own` are the words that are its own, those of an official name together as one; `sorts`, `heads`, `which` and `numbers` what
    `place_words.toml` says of the others; `areas` the official neighbourhoods in it; `slips` the words that were read as an official one.
    """

    plain: str
    own: frozenset[str]
    sorts: frozenset[str]
    heads: frozenset[str]
    which: frozenset[str]
    numbers: frozenset[str]
    areas: frozenset[str]
    slips: frozenset[str]


def words_of(text: str) -> list[list[str]]:
    """Give the words of a name, part by part as commas and dashes divide it: no accents, apostrophes or short forms."""
    flat = unicodedata.normalize("NFKD", text.casefold())
    flat = _APOSTROPHES.sub("", "".join(letter for letter in flat if not unicodedata.combining(letter)))
    return [_written_out(_WORDS.findall(part.replace("&", " and "))) for part in _PARTS.split(flat)]


def _written_out(words: list[str]) -> list[str]:
    found: list[str] = []
    for at, word in enumerate(words):
        if word == "st":
            # After a name of its own it is a street; before one, a saint.
            after_a_name = bool(found) and found[-1] not in _KNOWN and not found[-1].isdigit()
            found.append("street" if after_a_name or at == len(words) - 1 else "saint")
        else:
            found.append(_SHORT.get(word, word))
    return found


class NameReader:
    """Reads names against a gazetteer, which does not change. Safe to share between threads."""

    def __init__(self, officials: Iterable[Official] = ()) -> None:
        ordered = sorted(officials, key=lambda o: (o.name, o.latitude, o.longitude))
        areas = {_phrase(official.name): official.name for official in ordered if official.is_area}
        self._areas: dict[tuple[str, ...], str] = {}
        self._words: set[str] = set()
        self._one_away: dict[str, set[str]] = defaultdict(set)
        self._points: dict[frozenset[str], list[tuple[PlaceName, Official]]] = defaultdict(list)
        self._longest = max(map(len, areas), default=0)
        self._areas = areas
        for official in ordered:
            if not official.is_area:
                name = self.read(official.name)
                self._points[name.own].append((name, official))
        self._words = {
            word
            for official in ordered
            for word in _phrase(official.name)
            if len(word) >= LEAST_FOR_A_SLIP and word.isalpha() and word not in _KNOWN
        }
        for word in self._words:
            for part in shortened(word):
                self._one_away[part].add(word)

    def read(self, text: str) -> PlaceName:
        """Read a name. `O(words)`; the first letter of a word is never a slip, and a word near two official ones is left as it is."""
        parts = words_of(text)
        slips: set[str] = set()
        for part in parts:
            for at, word in enumerate(part):
                if (meant := self._meant(word)) != word:
                    part[at] = meant
                    slips.add(meant)
        read = _Reading()
        for part in parts:
            self._read_part(part, read)
        return PlaceName(
            " ".join(word for part in parts for word in part),
            frozenset(read.own),
            frozenset(read.sorts),
            frozenset(read.heads),
            frozenset(read.which),
            frozenset(read.numbers),
            frozenset(read.areas),
            frozenset(slips),
        )

    def point(self, name: PlaceName) -> Official | None:
        """Give the one place of the gazetteer that a name can mean; None where it is none or may be several."""
        fitting = [
            (other, official)
            for other, official in self._points.get(name.own, ())
            if (name.heads, name.which, name.numbers) == (other.heads, other.which, other.numbers)
            and name.sorts
            and sorts_agree(name.sorts, other.sorts)
        ]
        exact = [pair for pair in fitting if pair[0].sorts == name.sorts]
        chosen = exact or fitting
        return chosen[0][1] if len(chosen) == 1 else None

    def _read_part(self, part: list[str], read: "_Reading") -> None:
        at = 0
        while at < len(part):
            for size in range(min(self._longest, len(part) - at), 0, -1):
                phrase = tuple(part[at : at + size])
                if phrase in self._areas:
                    read.areas.add(self._areas[phrase])
                    read.own.add(" ".join(phrase))
                    at += size
                    break
            else:
                at += _read_word(part, at, read)

    def _meant(self, word: str) -> str:
        if len(word) < LEAST_FOR_A_SLIP or word in self._words or word in _KNOWN or not word.isalpha():
            return word
        near = {other for part in shortened(word) for other in self._one_away.get(part, ())}
        near = {other for other in near if one_slip(word, other)}
        return near.pop() if len(near) == 1 else word


@dataclass(slots=True)
class _Reading:
    own: set[str] = field(default_factory=set)
    sorts: set[str] = field(default_factory=set)
    heads: set[str] = field(default_factory=set)
    which: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    areas: set[str] = field(default_factory=set)


def _phrase(name: str) -> tuple[str, ...]:
    return tuple(word for part in words_of(name) for word in part)


def _read_word(part: list[str], at: int, read: _Reading) -> int:
    """Read what begins at a word that no neighbourhood's name begins at, and say how many words it took."""

    def before_a_head(end: int) -> bool:
        # A word straight before the word for a street is that street's own name: Station Road, Park Lane, Bridge Street.
        return end < len(part) and part[end] in _HEADS and part[end] not in _PASSED_OVER

    for size in range(min(_LONGEST_SORT, len(part) - at), 0, -1):
        sort = _SORTS.get(tuple(part[at : at + size]))
        if sort and not before_a_head(at + size):
            read.sorts.add(sort)
            return size
    word = part[at]
    if any(letter.isdigit() for letter in word) or (len(word) == 1 and word not in _PASSED_OVER):
        read.numbers.add(word)
    elif word in _WHICH and not before_a_head(at + 1):
        read.which.add(word)
    elif word in _HEADS and not before_a_head(at + 1):
        read.heads.add(word)
    elif word not in _PASSED_OVER:
        read.own.add(word)
    return 1


def sorts_agree(one: Iterable[str], other: Iterable[str]) -> bool:
    """Say whether two sets of sorts can be of one place: either says nothing, or they share one, of which one may say more."""
    ones, others = list(one), list(other)
    if not ones or not others:
        return True
    return any(a == b or a.startswith(f"{b}/") or b.startswith(f"{a}/") for a in ones for b in others)


def shortened(word: str) -> list[str]:
    """Give a word and every way to leave one letter out: two words one slip apart share one of them."""
    return [word, *(word[:at] + word[at + 1 :] for at in range(len(word)))]


def one_slip(a: str, b: str) -> bool:
    """Say whether two words begin alike and differ by one letter more, less, other or changed places (optimal string alignment)."""
    from rapidfuzz.distance import OSA

    return a[:1] == b[:1] and min(len(a), len(b)) >= LEAST_FOR_A_SLIP and OSA.distance(a, b, score_cutoff=1) == 1
