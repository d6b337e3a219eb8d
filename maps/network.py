"""Rows of `peers.network` as the nodes and links that a drawing takes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from maps.errors import MapDataError
from maps.kinds import KIND_LOOKS, TONE_LOOKS

#: Words in a kind of link that set its tone; a kind with none of them is neutral.
_TONES: Final = {"strength": "strength", "concern": "concern", "suspected_of_exploiting": "concern"}
#: Words by which reports name somebody whom nobody knows.
_UNKNOWN: Final = frozenset({"unknown", "unnamed", "unidentified"})


@dataclass(frozen=True, slots=True)
class Link:
    """A pair in one tone: `a` and `b` are ids, `kinds` the kinds of link in words, `reports` the least number of independent ones."""

    a: str
    b: str
    tone: str
    kinds: str
    weight: float
    events: int
    reports: int


def links_of(links: Iterable[Mapping[str, Any]]) -> list[Link]:
    """
    Check links and sum their kinds.

    Reports of two kinds may be the same ones, so the most that any kind has is the least number of independent reports.

    Raises
    ------
    MapDataError
        If a link lacks an end or has a tone that is not one.
    """
    ready = []
    for link in links:
        if "a" not in link or "b" not in link:
            raise MapDataError("links", "each has the ids a and b")
        tone = str(link.get("tone", "neutral"))
        if tone not in TONE_LOOKS:
            raise MapDataError("links", f"tone is one of {', '.join(TONE_LOOKS)}")
        kinds: Mapping[str, Mapping[str, Any]] = link.get("kinds", {})
        weight = sum(float(each.get("weight", 1)) for each in kinds.values()) or 1.0
        events = sum(int(each.get("events", 0)) for each in kinds.values())
        reports = max((int(each.get("reports", 0)) for each in kinds.values()), default=0)
        said = ", ".join(kind.replace("_", " ").lower() for kind in kinds)
        ready.append(Link(str(link["a"]), str(link["b"]), tone, said, weight, events, reports))
    return ready


def network_of(
    rows: Iterable[Mapping[str, Any]], *, focus: str | None = None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """
    Give the nodes and links of rows of `peers.network`.

    Parameters
    ----------
    rows
        Each with `a` and `b` (`uid`, `kind`, `label`) and `kinds` (by kind of link: `events`, `reports`, `weight`).
    focus
        The uid of the person asked about.

    Returns
    -------
    nodes, links
        Nodes in order of first appearance, the focus first. A link is one pair in one tone: `a`, `b`, `tone`, `kinds`.
    """
    nodes: dict[str, dict[str, Any]] = {}
    links: list[dict[str, Any]] = []
    for row in rows:
        for end in (row["a"], row["b"]):
            node = {"id": end["uid"], "label": end["label"], "kind": kind_of(end["kind"])}
            nodes.setdefault(
                end["uid"], {**node, "unknown": is_unknown(end["kind"], end["label"]), "focus": end["uid"] == focus}
            )
        by_tone: dict[str, dict[str, Any]] = {}
        for kind, counted in row["kinds"].items():
            by_tone.setdefault(tone_of(kind), {})[kind] = counted
        links.extend(
            {"a": row["a"]["uid"], "b": row["b"]["uid"], "tone": tone, "kinds": kinds}
            for tone, kinds in sorted(by_tone.items())
        )
    return sorted(nodes.values(), key=lambda node: not node["focus"]), links


def tone_of(kind: str) -> str:
    """Give `concern`, `strength` or `neutral` for a kind of link."""
    return next((tone for word, tone in _TONES.items() if word in kind.lower()), "neutral")


def is_unknown(kind: str, label: str) -> bool:
    """Tell whether a label says that nobody knows who the person is, as in "Adult Unknown in a white car"."""
    words = {word.strip(".,;:()").lower() for word in label.split()}
    return kind.lower() in {"child", "adult", "person"} and not words.isdisjoint(_UNKNOWN)


def kind_of(kind: str) -> str:
    """Give the kind as a drawing knows it, `other` if it does not."""
    lowered = kind.lower()
    return lowered if lowered in KIND_LOOKS else "other"
