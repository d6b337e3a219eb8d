"""The peer network of a person as the page shows it: what was filtered, a table of links, and the marks and lines of the picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graph_service.pathway.harms import in_age
from graph_service.web import words
from graph_service.web.seam import Row
from maps.peer_layout import Box, positions

MOST_DRAWN: Final = 60
MOST_LINES: Final = 150
CROWD_WEIGHT: Final = (
    0.1  # an event of n people weighs 1 / (n - 1) between any two, so this is one shared by more than ten others
)
LABELS: Final = {
    "names": "Names",
    "initials": "Initials",
    "pseudonyms": "Pseudonyms",
    "numbers": "Numbers, with the key in the table",
}
# Drawing units, which are pixels at zoom 1: a mark across, a letter of the label's bold font, and a line of it.
_MARK: Final = 46.0
_LETTER: Final = 10.5
_LINE: Final = 21.0
_UNKNOWN_NAMES: Final = ("unknown", "unnamed", "unidentified")


@dataclass(frozen=True)
class PeerFilter:
    """What the viewer asked to see of the network. Nothing here widens what they may see."""

    kinds: frozenset[str] = frozenset()
    least_reports: int = 1
    labels: str = "names"
    crowds: bool = False


@dataclass
class PeerPicture:
    """
    A picture and its table.

    `not_drawn` counts people, and `lines_not_drawn` links, that are in the table only; `crowds` counts neutral links that rest on
    crowds alone and were left out of both.
    """

    links: list[Row]
    people: list[Row]
    kinds: list[str]
    not_drawn: int = 0
    lines_not_drawn: int = 0
    crowds: int = 0
    elements: list[dict[str, Any]] = field(default_factory=list)

    @property
    def acts(self) -> list[Row]:
        """What adults of concern are reported to do, each with the child and the evidence: `adult`, `act`, `age`, `child`, `reports`, `evidence`."""
        found = []
        for link in self.links:
            ends = {end["kind"]: end for end in (link["a"], link["b"])}
            if link["tone"] == "concern" and "child" in ends and len(ends) == 2:
                adult = next(end for kind, end in ends.items() if kind != "child")
                kinds = [kind for kind in link["kinds"] if words.tone([kind]) == "concern"]
                years = link["b_older_by_years"]
                age = in_age(years if years is None or adult is link["b"] else -years, adult["kind"])
                row = {"adult": adult, "child": ends["child"], "act": words.acts(kinds), "age": age}
                found.append({**row, "reports": link["reports"], "evidence": link["evidence"]})
        return found

    @property
    def safe(self) -> list[Row]:
        """Who is reported as a strength to whom: links of that tone."""
        return [link for link in self.links if link["tone"] == "strength"]


def peer_picture(rows: Sequence[Row], subject: Mapping[str, Any], asked: PeerFilter) -> PeerPicture:
    """
    Make the picture of a network from the rows of `peers.network`.

    Parameters
    ----------
    rows
        Links, each between two subjects, with kinds and evidence.
    subject
        The person whom the network is about.
    asked
        Which links to show, and how to label people.
    """
    kinds = sorted({kind for row in rows for kind in row["kinds"]})
    links = [_link(row, asked) for row in rows]
    chosen = [link for link in links if link["kinds"] and link["reports"] >= asked.least_reports]
    shown = [link for link in chosen if asked.crowds or not _is_crowd(link)]
    shown.sort(
        key=lambda link: (
            *(not _touches(link, subject), link["tone"] == "neutral"),
            *(-link["reports"], -link["weight"], _key(link["a"]), _key(link["b"])),
        )
    )
    people = _people(shown, subject)
    for number, person in enumerate(people):
        person["number"] = number
        person["shown"] = _shown(person, asked.labels)
    found = PeerPicture(links=shown, people=people, kinds=kinds, crowds=len(chosen) - len(shown))
    drawn = people[: MOST_DRAWN + 1]
    found.not_drawn = len(people) - len(drawn)
    found.elements = _elements(drawn, shown[:MOST_LINES])
    found.lines_not_drawn = len(shown) - sum(1 for element in found.elements if element["group"] == "edges")
    by_uid = {person["uid"]: person for person in people}
    for link in shown:
        link["a"], link["b"] = by_uid[link["a"]["uid"]], by_uid[link["b"]["uid"]]
    return found


def _link(row: Row, asked: PeerFilter) -> Row:
    kinds = {kind: counts for kind, counts in row["kinds"].items() if not asked.kinds or kind in asked.kinds}
    return {
        "a": row["a"],
        "b": row["b"],
        "kinds": kinds,
        "tone": row.get("tone") or words.tone(kinds),
        "b_older_by_years": row.get("b_older_by_years"),
        # Kinds may rest on the same reports, so the most of any one kind is the least that stands behind the link.
        "reports": max((counts["reports"] or 0 for counts in kinds.values()), default=0),
        "events": max((counts["events"] or 0 for counts in kinds.values()), default=0),
        "weight": sum(float(counts.get("weight") or 0) for counts in kinds.values()),
        "evidence": row["evidence"],
    }


def _people(links: Sequence[Row], subject: Mapping[str, Any]) -> list[Row]:
    """List the people of these links: the subject first, then the strongest linked, in an order that is the same each time."""
    strength: dict[str, float] = {}
    known: dict[str, Row] = {subject["uid"]: dict(subject)}
    for link in links:
        near = _touches(link, subject)
        for end in (link["a"], link["b"]):
            known.setdefault(end["uid"], dict(end))
            strength[end["uid"]] = strength.get(end["uid"], 0) + link["reports"] + (1000 if near else 0)
    others = [person for uid, person in known.items() if uid != subject["uid"]]
    others.sort(key=lambda person: (-strength[person["uid"]], _key(person)))
    return [known[subject["uid"]], *others]


def _elements(people: Sequence[Row], links: Sequence[Row]) -> list[dict[str, Any]]:
    """Give what the page draws: marks with their places, and lines between them."""
    at = {person["uid"]: position for position, person in enumerate(people)}
    drawn = [link for link in links if link["a"]["uid"] in at and link["b"]["uid"] in at]
    places = positions(
        len(people),
        [(at[link["a"]["uid"]], at[link["b"]["uid"]], link["weight"]) for link in drawn],
        [_box(person["shown"]) for person in people],
        centre=0,
    ).round(1)
    found: list[dict[str, Any]] = [
        {
            "group": "nodes",
            "data": {
                "id": person["uid"],
                "label": person["shown"],
                "kind": person["kind"],
                "href": words.address(person),
            },
            "position": {"x": float(x), "y": float(y)},
            "classes": " ".join(
                [person["kind"], *(["centre"] if position == 0 else []), *(["unknown"] if is_unknown(person) else [])]
            ),
        }
        for position, (person, (x, y)) in enumerate(zip(people, places, strict=True))
    ]
    found += [
        {
            "group": "edges",
            "data": {
                "id": f"link-{number}",
                "source": link["a"]["uid"],
                "target": link["b"]["uid"],
                "row": number,
                "said": "suspected exploitation" if "suspected_of_exploiting" in link["kinds"] else "",
                "width": 3 if link["reports"] < 2 else min(4 + link["reports"], 12),
            },
            "classes": link["tone"] + (" thin" if link["reports"] < 2 else ""),
        }
        for number, link in enumerate(links)
        if link["a"]["uid"] in at and link["b"]["uid"] in at
    ]
    return found


def _box(label: str) -> Box:
    """Give the room that a mark takes with its label below it, which the page breaks into lines of about 16 letters."""
    lines = -(-len(label) // 14) if label else 0
    return Box(max(_MARK, min(len(label), 16) * _LETTER) / 2 + 6, _MARK / 2, _MARK / 2 + lines * _LINE + 8)


def is_unknown(person: Mapping[str, Any]) -> bool:
    """Say whether nobody knows yet who this is."""
    return any(word in person["label"].lower() for word in _UNKNOWN_NAMES)


def _shown(person: Mapping[str, Any], labels: str) -> str:
    if labels == "numbers":
        return str(person["number"])
    return str(person["label"])


def _is_crowd(link: Row) -> bool:
    """Say whether nothing but events of many people stands behind a link. What reports say of two people themselves weighs 1 or more."""
    return bool(link["tone"] == "neutral" and 0 < link["weight"] < CROWD_WEIGHT)


def _touches(link: Row, subject: Mapping[str, Any]) -> bool:
    return subject["uid"] in (link["a"]["uid"], link["b"]["uid"])


def _key(subject: Mapping[str, Any]) -> str:
    """Give what orders a subject: its source key where it has one, so that the picture is the same in another folder."""
    return str(subject.get("ref") or subject["uid"])
