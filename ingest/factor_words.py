"""
What partners write of push and pull factors, as coded words.

The words are in `vocabulary.toml`, what else stands for one in `headers.toml`. A text is coded when it says one, or is a list of such and nothing
else; nothing is guessed from a part of it, so that what was denied, was said of somebody else, or was only asked is never told as a reason. Case,
marks and a few words before it ("because of", "wanted to") change nothing. Source: Portsmouth MET Integrated Pathway 9.10; MET Strategy 2016-19,
push and pull factors.
"""

import re
from functools import cache
from typing import Final

from ingest.partner_tables import words
from queries.vocabulary import FACTOR_LABELS

_PARTS: Final = re.compile(r",|/|\+|&|\band\b|\n")
_LEADING: Final = re.compile(
    r"^(?:(?:because of|because|due to|owing to|after|following|wanted to|wanting to|wants to|in order to|to|the|a|an|some) )+"
)


def codes_of(direction: str, text: str) -> tuple[str, ...]:
    """
    Give the coded words that a text says, in the order of the vocabulary; none where any part of it has none.

    `direction` is `push` (what the child left) or `pull` (what drew the child).
    """
    coded = _coded(direction)
    parts = [text] if _plain(text) in coded else _PARTS.split(text.casefold())
    found = [coded.get(_plain(part)) for part in parts if _plain(part)]
    return tuple(code for code in FACTOR_LABELS[direction] if code in found) if all(found) else ()


@cache
def _coded(direction: str) -> dict[str, str]:
    labels = FACTOR_LABELS[direction]
    found = {_plain(text): code for code, texts in words(f"{direction}_words").items() for text in texts}
    return found | {_plain(text): code for code, label in labels.items() for text in (code, label)}


def _plain(text: str) -> str:
    """Write a text without case, marks and the words before it that change nothing."""
    flat = " ".join(re.sub(r"[^a-z0-9]+", " ", text.casefold().replace("’", "").replace("'", "")).split())
    return _LEADING.sub("", flat)
