"""
Who is linked to whom: by claims between two people, and by what they share, kept apart by kind.

`knows`, `family_of`, `seen_with` and `suspected_of_exploiting` are what reports say of two people; with the tone that a report gives,
`knows_strength` (a safe or supportive tie), `knows_concern`, `seen_with_strength` and `seen_with_concern`. `incident`, `place`, `household`,
`vehicle`, `account` and `group` are things that reports tie each of them to. A thing shared by n people weighs 1/(n - 1) between any two of
them, so that a party does not make everyone everyone's peer; one shared by more than `crowd` makes no link at all. A claim between two people
weighs 1, `SEEN_WITH` its seconds where it has them. A forwarded report adds nothing.

A link says that reports place people together. It does not say why, and it is never membership of a group.

Source: Newman (2001), Physical Review E 64, 016132; Portsmouth MET Integrated Pathway, Appendix A agenda 4c.
"""

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from queries.analysis.periods import in_period
from queries.errors import ParameterError
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, VisibleGraph
from queries.vocabulary import PERSON_KINDS, TYPE_NAMES

#: A thing shared by more people than this makes no link, unless another `crowd` is asked for.
CROWD: Final = 50
#: The largest that may be asked for: one such thing links 20,000 pairs.
LARGEST_CROWD: Final = 200
BETWEEN: Final = {
    "KNOWS": "knows",
    "FAMILY_OF": "family_of",
    "SEEN_WITH": "seen_with",
    "SUSPECTED_OF_EXPLOITING": "suspected_of_exploiting",
}
SHARED: Final = {
    "INVOLVED_IN": "incident",
    "SEEN_AT": "place",
    "FREQUENTS": "place",
    "ATTENDS": "place",
    "LIVES_AT": "household",
    "MEMBER_OF": "group",
}
# What reports say of the tone of a tie is kept: a strength is never drawn as a concern, nor the other way round.
TONED: Final = ("KNOWS", "SEEN_WITH")
_TONES: Final = tuple(f"{BETWEEN[name]}_{tone}" for name in TONED for tone in ("strength", "concern"))
KINDS: Final = (
    *BETWEEN.values(),
    *_TONES,
    *dict.fromkeys(SHARED.values()),
    "vehicle",
    "account",
)


@dataclass(frozen=True, slots=True)
class KindCount:
    """
    One kind of link: distinct events (claims that came together are one; a shared thing is one), independent reports, weight.

    `things` are the positions of what is shared; `together` the ids of the events of claims that came together; `seconds` how much of the
    weight is seconds, which `SEEN_WITH` may say.
    """

    events: int
    reports: int
    weight: float
    things: tuple[int, ...] = ()
    together: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class PeerLink:
    """A link between two people (positions; the one who was asked about first, else in order), by kind, with its claim ids."""

    a: int
    b: int
    kinds: dict[str, KindCount]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeersFound:
    """The links, and the things left out because more than `crowd` people share them (positions)."""

    links: tuple[PeerLink, ...]
    crowds: tuple[int, ...] = ()


def peer_links(
    graph: VisibleGraph,
    subject: int,
    *,
    hops: int = 1,
    crowd: int = CROWD,
    happened_from: int = FAR_PAST_MS,
    happened_to: int = FAR_FUTURE_MS,
) -> PeersFound:
    """
    Find the links of a person, and with `hops=2` also those of the people they are linked to.

    Links of the person come first, then the others, each in order of source key. A thing shared by more than `crowd` people makes none. Only
    claims that may have happened in the period (half-open, milliseconds UTC; see `queries.analysis.periods`) make links, and crowds.

    Raises
    ------
    ParameterError
        If `crowd` is below 2 or above `LARGEST_CROWD`.

    Notes
    -----
    `O(claims of the people and of what they share)`.
    """
    whole = happened_from <= FAR_PAST_MS and happened_to >= FAR_FUTURE_MS
    rows = None if whole else np.flatnonzero(in_period(graph.claims, happened_from, happened_to)).tolist()
    network = _Network(graph, rows, crowd=crowd)
    around = {subject}
    for _ in range(hops - 1):
        around |= {person for pair in network.links(around) for person in pair}
    links = network.links(around)
    made = [
        network.link((subject, *(set(pair) - {subject})) if subject in pair else pair, links[pair]) for pair in links
    ]
    ordered = sorted(made, key=lambda link: (link.a != subject, link.a, link.b))
    return PeersFound(tuple(ordered), tuple(sorted(network.crowds)))


def every_link(
    graph: VisibleGraph,
    rows: Iterable[int] | None = None,
    kinds: AbstractSet[str] = frozenset(KINDS),
    *,
    crowd: int = CROWD,
) -> PeersFound:
    """Find every link that these claims (rows; default all) make, of these kinds, in order of source key. `crowd` as in `peer_links`."""
    network = _Network(graph, rows, kinds, crowd=crowd)
    links = network.links(None)
    return PeersFound(tuple(network.link(pair, links[pair]) for pair in sorted(links)), tuple(sorted(network.crowds)))


# What makes one link: for a kind, the claims between the two, or a thing shared with how many share it and the claims that say so.
_Made = dict[str, list[tuple[int | None, int, tuple[int, ...]]]]


class _Network:
    """The claims of a graph read as ties between people and as ties of people to things."""

    def __init__(
        self,
        graph: VisibleGraph,
        rows: Iterable[int] | None = None,
        kinds: AbstractSet[str] = frozenset(KINDS),
        *,
        crowd: int,
    ) -> None:
        if not 2 <= crowd <= LARGEST_CROWD:
            raise ParameterError("crowd", f"use a number from 2 to {LARGEST_CROWD}")
        self._graph, self._kinds, self._crowd = graph, kinds, crowd
        self._used = None if rows is None else set(rows)
        self.crowds: set[int] = set()

    def links(self, around: AbstractSet[int] | None) -> dict[tuple[int, int], _Made]:
        """Give what makes each link that has one of these people (None: anyone) at an end."""
        graph = self._graph
        found: dict[tuple[int, int], _Made] = defaultdict(lambda: defaultdict(list))
        things: set[tuple[str, int]] = set()
        for person in range(len(graph.subjects)) if around is None else sorted(around):
            if graph.subjects[person].kind not in PERSON_KINDS:
                continue
            for row in self._rows(person):
                tie = self._tie(row)
                if tie is None:
                    continue
                kind, a, thing = tie
                if kind in CLAIMS_OF_TWO:
                    # Met from either end; `_count` takes each claim once.
                    found[min(a, thing), max(a, thing)][kind].append((None, 2, (row,)))
                elif a == person:
                    things.add((kind, thing))
        for kind, thing in sorted(things):
            self._share(found, around, kind, thing)
        return found

    def _share(
        self, found: dict[tuple[int, int], _Made], around: AbstractSet[int] | None, kind: str, thing: int
    ) -> None:
        by_person: dict[int, list[int]] = defaultdict(list)
        for row in self._rows(thing):
            tie = self._tie(row)
            if tie and tie[0] == kind and tie[2] == thing:
                by_person[tie[1]].append(row)
        if len(by_person) > self._crowd:
            self.crowds.add(thing)
            return
        for a, b in combinations(sorted(by_person), 2):
            if around is None or a in around or b in around:
                found[a, b][kind].append((thing, len(by_person), (*by_person[a], *by_person[b])))

    def _rows(self, subject: int) -> list[int]:
        start, _, row = self._graph.neighbours
        rows: list[int] = row[start[subject] : start[subject + 1]].tolist()
        return rows if self._used is None else [at for at in rows if at in self._used]

    def _tie(self, row: int) -> tuple[str, int, int] | None:
        """Give the kind of tie that a claim is, the person who has it, and the thing or the other person."""
        claims, subjects = self._graph.claims, self._graph.subjects
        name, a, b = TYPE_NAMES[claims.type[row]], int(claims.a[row]), int(claims.b[row])
        kind = BETWEEN.get(name) or SHARED.get(name, "")
        if name == "USES":
            kind = subjects[b].kind
        if name in TONED and claims.role[row] in {"concern", "strength"}:
            kind = f"{kind}_{claims.role[row]}"
        return (kind, a, b) if kind in self._kinds and subjects[a].kind in PERSON_KINDS else None

    def link(self, pair: tuple[int, ...], made: _Made) -> PeerLink:
        """Count what makes a link, kind by kind."""
        graph = self._graph
        kinds = {kind: self._count(kind, made[kind]) for kind in KINDS if kind in made}
        rows = sorted({row for some in made.values() for _, _, claims in some for row in claims})
        return PeerLink(pair[0], pair[1], kinds, tuple(str(graph.claims.claim_id[row]) for row in rows))

    def _count(self, kind: str, made: list[tuple[int | None, int, tuple[int, ...]]]) -> KindCount:
        rows = sorted({row for _, _, claims in made for row in claims})
        reports = len(self._graph.roots(rows))
        if kind in CLAIMS_OF_TWO:
            return between_two(self._graph, rows)
        things = tuple(sorted(thing for thing, _, _ in made if thing is not None))
        return KindCount(len(things), reports, sum(1 / (size - 1) for _, size, _ in made), things)


def between_two(graph: VisibleGraph, rows: Iterable[int]) -> KindCount:
    """
    Count the events of claims (rows) between two people, and their weight.

    Claims of one `event_id` are one event, as heavy as the heaviest. Of the others, the reports of one root say the same things
    again, so that the one that says most stands for all.
    """
    listed = list(rows)
    reports = len(graph.roots(listed))
    claims, root = graph.claims, graph.reports.root
    together: dict[str, tuple[float, float]] = {}
    apart: dict[int, dict[int, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for row in listed:
        seconds = float(claims.seconds[row])
        timed = TYPE_NAMES[claims.type[row]] == "SEEN_WITH" and not np.isnan(seconds)
        weighs = (seconds, seconds) if timed else (1.0, 0.0)  # the weight, and how much of it is seconds
        if event := str(claims.event_id[row]):
            together[event] = max(together.get(event, (0.0, 0.0)), weighs)
        else:
            report = int(claims.report[row])
            apart[int(root[report])][report].append(weighs)
    most = [
        max((_added_up(said) for said in by_report.values()), key=lambda total: total[0])
        for by_report in apart.values()
    ]
    weight, timed_weight = _added_up([*together.values(), *most])
    events = len(together) + sum(max(len(said) for said in by_report.values()) for by_report in apart.values())
    return KindCount(events, reports, weight, (), tuple(sorted(together)), timed_weight)


def _added_up(weights: Iterable[tuple[float, float]]) -> tuple[float, float]:
    listed = list(weights)
    return sum(weight for weight, _ in listed), sum(seconds for _, seconds in listed)


CLAIMS_OF_TWO: Final = frozenset({*BETWEEN.values(), *_TONES})
