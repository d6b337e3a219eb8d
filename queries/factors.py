"""
Push and pull factors of a missing episode as coded words: what a child said, in a Return Home Conversation, of why.

The words are in `vocabulary.toml`. On the claim that a child was away they stand as `push_factors` and `pull_factors` (lists of coded words),
beside `conversation_held`, when it was; the projection keeps them as one number a claim, a bit a word, so that nothing that somebody typed can
come with them.

Source: Portsmouth MET Integrated Pathway 9.10.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from queries.records import Json
from queries.vocabulary import FACTOR_LABELS


@dataclass(frozen=True, slots=True)
class Factor:
    """A coded word, whether it pushed or pulled (`push`, `pull`), and how it is read out."""

    code: str
    direction: str
    label: str


FACTORS: Final = tuple(
    Factor(code, direction, label) for direction, labels in FACTOR_LABELS.items() for code, label in labels.items()
)
# A conversation was held with this person: one that was only offered, or in which they were only named, says nothing of why they were away.
HELD: Final = 1 << 62
_BITS: Final = {(factor.direction, factor.code): 1 << at for at, factor in enumerate(FACTORS)}


def factor_bits(attributes: Mapping[str, Json]) -> int:
    """Give the coded words among a claim's attributes as one number; whatever is no coded word is not in it."""
    bits = 0
    for direction in FACTOR_LABELS:
        said = attributes.get(f"{direction}_factors")
        for word in said if isinstance(said, list) else ():
            bits |= _BITS.get((direction, word), 0) if isinstance(word, str) else 0
    return bits | HELD if bits or attributes.get("conversation_held") else 0


def bits_of_text(text: str) -> int:
    """Give the same from attributes as the store keeps them: JSON, or nothing."""
    attributes = json.loads(text) if text else {}
    return factor_bits(attributes) if isinstance(attributes, dict) else 0


def factors_of(bits: int) -> tuple[Factor, ...]:
    """Give the words that stand in a number, pushes first."""
    return tuple(factor for at, factor in enumerate(FACTORS) if bits >> at & 1)


def listed(bits: int) -> str:
    """Read out the words of a number: "push: conflict at home; pull: food"; nothing where there are none."""
    said = factors_of(bits)
    parts = ((way, [factor.label for factor in said if factor.direction == way]) for way in FACTOR_LABELS)
    return "; ".join(f"{way}: {', '.join(labels)}" for way, labels in parts if labels)
