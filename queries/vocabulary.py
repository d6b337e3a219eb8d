"""Every word that the graph may use, read once from `vocabulary.toml` and checked on write."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from queries.errors import VocabularyError

_DATA: Final[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text(encoding="utf-8"))
PERSON_KINDS: Final = frozenset({"child", "adult", "person"})


@dataclass(frozen=True, slots=True)
class ClaimType:
    """A relationship type: what its ends may be, and whether it is an event or a state."""

    name: str
    from_kinds: frozenset[str]
    to_kinds: frozenset[str]
    is_event: bool
    traversed: bool
    label: str


CLAIM_TYPES: Final[dict[str, ClaimType]] = {
    name: ClaimType(
        name,
        frozenset(row["from"]),
        frozenset(row["to"]),
        row["time"] == "event",
        row["traversed"],
        row["label"],
    )
    for name, row in _DATA["claims"].items()
}
# The position of a type in this tuple is its code in the projection.
TYPE_NAMES: Final[tuple[str, ...]] = tuple(CLAIM_TYPES)
TYPE_CODES: Final[dict[str, int]] = {name: code for code, name in enumerate(TYPE_NAMES)}
KINDS: Final[dict[str, tuple[str, ...]]] = {k: tuple(v) for k, v in _DATA["kinds"].items()}
INCIDENT_LABELS: Final[dict[str, str]] = _DATA["subkinds"]["incident"]
HUB_SUBKINDS: Final[dict[str, str]] = _DATA["hub_subkinds"]
REPORT_KINDS: Final[tuple[str, ...]] = tuple(_DATA["reports"]["kinds"])
ASSESSMENT_REPORTS: Final = frozenset(_DATA["reports"]["assessments"])
AGENCIES: Final[tuple[str, ...]] = tuple(_DATA["reports"]["agencies"])
# Push and pull factors: of each direction its coded words, and how each is read out.
FACTOR_LABELS: Final[dict[str, dict[str, str]]] = _DATA["factors"]
TONES: Final = frozenset(_DATA["roles"]["tones"])
SCHEMES: Final[tuple[str, ...]] = tuple(_DATA["grades"]["schemes"])
SOURCE_GRADES: Final[dict[str, list[str]]] = _DATA["grades"]["source"]
INFORMATION_GRADES: Final[dict[str, list[str]]] = _DATA["grades"]["information"]
HANDLING_CODES: Final = frozenset(_DATA["handling"]["codes"])
KNOWN_CONDITIONS: Final = frozenset(_DATA["handling"]["conditions"])
TIME_KNOWN: Final[tuple[str, ...]] = tuple(_DATA["time_known"]["words"])

# Ranks of grade: the information letter first, then the source; ungraded is weaker than all but "suspected false".
UNGRADED: Final = 4
SUSPECTED_FALSE: Final = 5


def labels_of(kind: str, subkind: str = "") -> tuple[str, ...]:
    """
    Give the labels of a subject of this kind, most general first, without `Entity`.

    Raises
    ------
    VocabularyError
        If there is no such kind.
    """
    if kind not in KINDS:
        raise VocabularyError(f"there is no such kind of subject; use one of {', '.join(KINDS)}")
    special = INCIDENT_LABELS.get(subkind) if kind == "incident" else None
    return (*KINDS[kind], special) if special else KINDS[kind]


def kind_of(labels: list[str]) -> str:
    """Give the kind that these labels (in any order) stand for."""
    for kind in ("child", "adult", "person", "group", "location", "vehicle", "account", "incident", "context"):
        if KINDS[kind][-1] in labels:
            return kind
    raise VocabularyError("a subject in the store has no known kind; run `pmet store check`")


def ends_fit(claim_type: str, from_kind: str, to_kind: str) -> bool:
    """Say whether a claim of this type may join these kinds of subject."""
    rule = CLAIM_TYPES[claim_type]

    def fits(kind: str, allowed: frozenset[str]) -> bool:
        return "any" in allowed or kind in allowed or (kind in PERSON_KINDS and "person" in allowed)

    if "same" in rule.to_kinds:
        both_people = from_kind in PERSON_KINDS and to_kind in PERSON_KINDS
        return from_kind == to_kind or both_people
    return fits(from_kind, rule.from_kinds) and fits(to_kind, rule.to_kinds)


def information_rank(info_eval: str, scheme: str) -> int:
    """Rank an information grade: 0 the strongest, `UNGRADED`, and `SUSPECTED_FALSE` the weakest."""
    scale = INFORMATION_GRADES.get(scheme or "3x5x2", [])
    if info_eval not in scale:
        return UNGRADED
    rank = scale.index(info_eval)
    return SUSPECTED_FALSE if rank == len(scale) - 1 else rank


def source_rank(source_eval: str, scheme: str) -> int:
    """Rank a source grade: 0 the most reliable; ungraded after all."""
    scale = SOURCE_GRADES.get(scheme or "3x5x2", [])
    return scale.index(source_eval) if source_eval in scale else len(scale) + 1
