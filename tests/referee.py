"""
The rules of the graph in slow, plain Python: who sees what, who is who, and what each analysis answers.

Written from the model, not from the code: rows in, a filtered world out, then a `Slow` graph in which subjects go by source key.
Nothing here is fast, and nothing is shared with what it checks but the words of the vocabulary.
"""

import itertools
from dataclasses import dataclass
from typing import Any

from graphs import Row, World, root_of

from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS
from queries.vocabulary import CLAIM_TYPES, HUB_SUBKINDS, information_rank, source_rank

OPEN_TO_ALL = 1
WITH_ITS_SUBJECT = 0
PEOPLE = ("child", "adult", "person")
ALWAYS = (WITH_ITS_SUBJECT, OPEN_TO_ALL)


def visible_world(world: World, open_sights: tuple[int, ...], known_at: int) -> World:
    """The world in which hidden, later and ended rows, and the subjects that only they touch, never were."""

    def seen(row: Row) -> bool:
        return row["known_from"] <= known_at < row["live_to"] and row["sight"] in {*open_sights, *ALWAYS}

    claims = [row for row in world.claims if seen(row)]
    mentions = [row for row in world.mentions if seen(row)]
    ever_named = {row[end] for row in world.claims for end in ("a", "b")}
    present = {row[end] for row in claims for end in ("a", "b")}
    present |= {row["subject"] for row in mentions if row["report"] is not None or row["subject"] not in ever_named}
    return World(
        [row for row in world.subjects if row["key"] in present],
        world.reports,
        [row for row in mentions if row["subject"] in present],
        claims,
    )


@dataclass
class Slow:
    """What is left for a viewer: subjects by source key, each of them one or several that are the same."""

    subjects: dict[str, Row]
    claims: list[Row]
    apart: list[Row]
    roots: dict[str, str]
    agency: dict[str, str]

    def kind(self, key: str) -> str:
        return str(self.subjects[key]["kind"])

    def people(self) -> list[str]:
        return [key for key in self.subjects if self.kind(key) in PEOPLE]

    def reports(self, rows: list[Row]) -> int:
        return len({self.roots[row["report"]] for row in rows})

    def agencies(self, rows: list[Row]) -> int:
        return len({self.agency[row["report"]] for row in rows})


def slow_graph(world: World, open_sights: tuple[int, ...], known_at: int) -> Slow:
    """Filter, join what is the same, and choose what is shown of each."""
    seen = visible_world(world, open_sights, known_at)
    together = {row["key"]: {row["key"]} for row in seen.subjects}
    for row in seen.claims:
        if row["type"] == "SAME_AS":
            joined = together[row["a"]] | together[row["b"]]
            for key in joined:
                together[key] = joined
    shown = {key: min(members) for key, members in together.items()}
    reports = {row["key"]: row for row in world.reports}
    subjects = {}
    for key in sorted(set(shown.values())):
        rows = [row for row in seen.subjects if row["key"] in together[key]]
        said = [row for row in seen.mentions if row["subject"] in together[key]]
        said.sort(key=lambda row: row["claim_id"])
        said.sort(key=lambda row: -row["recorded_at"])
        said.sort(key=lambda row: information_rank(reports[row["report"]]["info"] if row["report"] else "", ""))
        kinds = sorted({row["kind"] for row in rows})
        positions = [(row["latitude"], row["longitude"]) for row in said if row["latitude"] == row["latitude"]]
        subjects[key] = {
            "uid": min(row["uid"] for row in rows),
            "members": tuple(sorted(row["uid"] for row in rows)),
            "kind": next((kind for kind in kinds if kind != "person"), kinds[0]),
            "label": next((row["label"] for row in said if row["label"]), ""),
            "subkind": next((row["subkind"] for row in said if row["subkind"]), ""),
            "position": positions[0] if positions else None,
        }
    moved = []
    for row in sorted(seen.claims, key=lambda row: str(row["claim_id"])):
        said_by = reports[row["report"]]
        grade = (information_rank(said_by["info"], ""), source_rank(said_by["source"], ""))
        if row["type"] != "SAME_AS":
            moved.append({**row, "a": shown[row["a"]], "b": shown[row["b"]], "grade": grade})
    return Slow(
        subjects,
        [row for row in moved if CLAIM_TYPES[row["type"]].traversed],
        [row for row in moved if not CLAIM_TYPES[row["type"]].traversed],
        {key: root_of(reports, key) for key in reports},
        {key: row["agency"] for key, row in reports.items()},
    )


SUSPECTED_FALSE = information_rank("E", "")


def slow_links(
    graph: Slow,
    a: str,
    b: str,
    *,
    max_hops: int,
    limit: int,
    through_hubs: bool,
    include_suspected_false: bool,
    inferred: bool = False,
) -> list[tuple[str, ...]]:
    """Walk every route, then sort and cut."""
    if a == b:
        return []
    rows = [row for row in graph.claims if include_suspected_false or row["grade"][0] != SUSPECTED_FALSE]
    hops: dict[frozenset[str], list[Row]] = {}
    for row in rows:
        if row["a"] != row["b"]:
            hops.setdefault(frozenset((row["a"], row["b"])), []).append(row)
    if inferred:
        for pair, together in slow_meetings(graph, rows).items():
            hops.setdefault(pair, together)
    walks, routes = [(a,)], []
    for _ in range(max_hops):
        further = []
        for walk in walks:
            for on in graph.subjects:
                if on in walk or frozenset((walk[-1], on)) not in hops:
                    continue
                if on == b:
                    routes.append((*walk, on))
                elif through_hubs or graph.subjects[on]["subkind"] not in HUB_SUBKINDS:
                    further.append((*walk, on))
        walks = further

    def place(route: tuple[str, ...]) -> tuple[Any, ...]:
        on_it = [row for pair in itertools.pairwise(route) for row in hops[frozenset(pair)]]
        latest = max(
            row["happened_from"]
            if row["happened_from"] > FAR_PAST_MS
            else (row["happened_to"] if row["happened_to"] < FAR_FUTURE_MS else FAR_PAST_MS)
            for row in on_it
        )
        return len(route), max(row["grade"] for row in on_it), -latest, route

    return sorted(routes, key=place)[:limit]


def slow_meetings(graph: Slow, rows: list[Row]) -> dict[frozenset[str], list[Row]]:
    """Compare everyone at a place with everyone else there (no crowd is that large here)."""
    there = []
    for row in rows:
        timed = row["time_known"] in {"exact", "about"} and row["happened_from"] > FAR_PAST_MS
        if not timed or row["happened_to"] == FAR_FUTURE_MS or graph.kind(row["a"]) not in PEOPLE:
            continue
        if row["type"] == "SEEN_AT":
            there.append((row["a"], row["b"], row, [row]))
        if row["type"] == "INVOLVED_IN" and row["role"] == "present":
            there.extend(
                (row["a"], at["b"], row, [row, at]) for at in rows if at["type"] == "AT" and at["a"] == row["b"]
            )
    found: dict[frozenset[str], list[Row]] = {}
    for (one, at, first, claims), (other, place, second, more) in itertools.combinations(there, 2):
        gap = max(first["happened_from"], second["happened_from"]) - min(first["happened_to"], second["happened_to"])
        if one != other and at == place and gap <= 2 * 60 * 60 * 1000:
            found.setdefault(frozenset((one, other)), []).extend(claims + more)
    return found
