"""
The rules of the graph in slow, plain Python: who sees what, who is who, and what each analysis answers.

Written from the model, not from the code: rows in, a filtered world out, then a `Slow` graph in which subjects go by source key.
Nothing here is fast, and nothing is shared with what it checks but the words of the vocabulary.
"""

import itertools
import math
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
    told = [row for row in mentions if not (row["report"] or "").startswith("hub:")]
    present |= {row["subject"] for row in told if row["report"] is not None or row["subject"] not in ever_named}
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
            "hub": any((row["report"] or "").startswith("hub:") for row in said),
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
    relations: tuple[str, ...] = (),
    period: tuple[int, int] = (FAR_PAST_MS, FAR_FUTURE_MS),
    weakest: str = "E",
    handling: str = "any",
) -> list[tuple[str, ...]]:
    """Walk every route on the claims that are chosen, then sort and cut."""
    if a == b:
        return []
    strongest_first = ["A", "B", "C", "D", "ungraded", "E"]
    believed = [row for row in graph.claims if include_suspected_false or row["grade"][0] != SUSPECTED_FALSE]
    rows = [
        row
        for row in believed
        if (not relations or row["type"] in relations)
        and in_time(row, *period)
        and row["grade"][0] <= strongest_first.index(weakest)
        and (handling == "any" or row["sight"] == OPEN_TO_ALL)
    ]
    hops: dict[frozenset[str], list[Row]] = {}
    for row in rows:
        if row["a"] != row["b"]:
            hops.setdefault(frozenset((row["a"], row["b"])), []).append(row)
    if inferred:
        for pair, together in slow_meetings(graph, rows, believed).items():
            hops.setdefault(pair, together)
    walks: list[tuple[str, ...]] = [(a,)]
    routes: list[tuple[str, ...]] = []
    for _ in range(max_hops):
        walks = [(*walk, on) for walk in walks for on in graph.subjects if on not in walk]
        walks = [walk for walk in walks if frozenset(walk[-2:]) in hops]
        routes.extend(walk for walk in walks if walk[-1] == b)
        walks = [walk for walk in walks if walk[-1] != b]
        if not through_hubs:
            walks = [walk for walk in walks if graph.subjects[walk[-1]]["subkind"] not in HUB_SUBKINDS]
            walks = [walk for walk in walks if not graph.subjects[walk[-1]]["hub"]]

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


def slow_meetings(
    graph: Slow, rows: list[Row], believed: list[Row], crowd: int = 50
) -> dict[frozenset[str], list[Row]]:
    """Compare everyone at a place with everyone else there, by all claims that are believed; those that meet rest on `rows`."""
    there = []
    for row in believed:
        timed = row["time_known"] in {"exact", "about"} and row["happened_from"] > FAR_PAST_MS
        if not timed or row["happened_to"] == FAR_FUTURE_MS or graph.kind(row["a"]) not in PEOPLE:
            continue
        if row["type"] == "SEEN_AT":
            there.append((row["a"], row["b"], row, [row]))
        if row["type"] == "INVOLVED_IN" and row["role"] == "present":
            there.extend(
                (row["a"], at["b"], row, [row, at]) for at in believed if at["type"] == "AT" and at["a"] == row["b"]
            )

    def near(one: Any, other: Any) -> bool:
        first, second = one[2], other[2]
        gap = max(first["happened_from"], second["happened_from"]) - min(first["happened_to"], second["happened_to"])
        return bool(one[0] != other[0] and one[1] == other[1] and gap <= 2 * 60 * 60 * 1000)

    chosen = {id(row) for row in rows}
    telling = [
        one
        for one in there
        if chosen >= set(map(id, one[3])) and len({other[0] for other in there if near(one, other)}) < crowd
    ]
    found: dict[frozenset[str], list[Row]] = {}
    for one, other in itertools.combinations(telling, 2):
        if near(one, other):
            found.setdefault(frozenset((one[0], other[0])), []).extend(one[3] + other[3])
    return found


def in_time(row: Row, start: int, end: int) -> bool:
    return bool(row["happened_from"] < end and (row["happened_to"] > start or row["happened_from"] >= start))


def _kind_of_tie(graph: Slow, row: Row) -> str:
    if row["type"] in {"KNOWS", "SEEN_WITH"}:
        return row["type"].lower() + (f"_{row['role']}" if row["role"] in {"strength", "concern"} else "")
    if row["type"] in {"FAMILY_OF", "SEEN_WITH", "SUSPECTED_OF_EXPLOITING"}:
        return str(row["type"]).lower()
    if row["type"] == "USES":
        return graph.kind(row["b"])
    return {
        "INVOLVED_IN": "incident",
        "SEEN_AT": "place",
        "FREQUENTS": "place",
        "ATTENDS": "place",
        "LIVES_AT": "household",
        "MEMBER_OF": "group",
    }.get(row["type"], "")


def slow_peers(graph: Slow) -> dict[tuple[str, str], dict[str, tuple[int, int, float]]]:
    """Compare every two people: events, independent reports and weight of each kind of link."""
    found = {}
    people = graph.people()
    ties = [(row, _kind_of_tie(graph, row)) for row in graph.claims if row["a"] != row["b"] and row["a"] in people]
    for a, b in itertools.combinations(people, 2):
        kinds: dict[str, tuple[int, int, float]] = {}
        for kind in {kind for _, kind in ties if kind}:
            rows = [row for row, its in ties if its == kind]
            between = [row for row in rows if {row["a"], row["b"]} == {a, b}]
            if between:
                kinds[kind] = (*_slow_pairwise(graph, between),)
                continue
            shared = []
            for thing in {row["b"] for row in rows if row["b"] not in people}:
                here = [row for row in rows if row["b"] == thing]
                if {a, b} <= {row["a"] for row in here}:
                    shared.append((len({row["a"] for row in here}), [row for row in here if row["a"] in {a, b}]))
            if shared:
                reports = graph.reports([row for _, some in shared for row in some])
                kinds[kind] = (len(shared), reports, sum(1 / (n - 1) for n, _ in shared))
        if kinds:
            found[a, b] = kinds
    return found


def _slow_pairwise(graph: Slow, rows: list[Row]) -> tuple[int, int, float]:
    def weight(row: Row) -> float:
        return row["seconds"] if row["type"] == "SEEN_WITH" and not math.isnan(row["seconds"]) else 1.0

    events, total = 0, 0.0
    for event in {row["event_id"] for row in rows if row["event_id"]}:
        events += 1
        total += max(weight(row) for row in rows if row["event_id"] == event)
    alone = [row for row in rows if not row["event_id"]]
    for root in {graph.roots[row["report"]] for row in alone}:
        said = {
            report: [row for row in alone if row["report"] == report]
            for report in graph.roots
            if graph.roots[report] == root
        }
        events += max(len(some) for some in said.values())
        total += max(sum(weight(row) for row in some) for some in said.values())
    return events, graph.reports(rows), total


def slow_episodes(graph: Slow) -> list[tuple[str, str, int, int | None, bool, tuple[str, ...]]]:
    """Incident, child, start, end, whether its times are known well, and where the child was found (else last seen, else missing from)."""
    found = []
    rows = [row for row in graph.claims if row["type"] == "INVOLVED_IN"]
    for incident, child in itertools.product(graph.subjects, graph.people()):
        mine = [row for row in rows if row["a"] == child and row["b"] == incident]
        missing = [row for row in mine if row["role"] == "missing"]
        if not missing or graph.subjects[incident]["subkind"] not in {"missing_episode", ""}:
            continue
        at = [row for row in graph.claims if row["type"] == "AT" and row["a"] == incident]

        def when(some: list[Row], name: str) -> list[tuple[int, bool]]:
            known = [(row[name], row["time_known"] not in {"exact", "about"}) for row in some]
            return sorted(pair for pair in known if FAR_PAST_MS < pair[0] < FAR_FUTURE_MS)

        starts = when(missing, "happened_from") or when([r for r in at if r["role"] == "missing_from"], "happened_from")
        if not starts:
            continue
        started, vague = starts[0]
        ends = when([row for row in missing if row["happened_to"] > row["happened_from"]], "happened_to")
        ends += when([row for row in mine if row["role"] == "located"], "happened_from")
        ends += when([row for row in at if row["role"] == "found_at"], "happened_from")
        ended, vague_end = min((pair for pair in ends if pair[0] >= started), default=(None, False))
        places: list[str] = []
        for role in ("found_at", "last_seen", "missing_from"):
            places = places or sorted({row["b"] for row in at if row["role"] == role})
        found.append((incident, child, started, ended, not (vague or vague_end), tuple(places)))
    return sorted(found, key=lambda e: (e[2], e[0], e[1]))


def slow_absences(graph: Slow) -> list[tuple[str, int, int | None, tuple[str, ...]]]:
    """Child, start, end and places of each absence whose times are known: any two records of a child that overlap are one, until none do."""
    at = [row for row in graph.claims if row["type"] == "AT"]
    found = [({e[0]}, e[1], e[2], e[3]) for e in slow_episodes(graph) if e[4]]
    while True:
        for one, other in itertools.permutations(found, 2):
            # The one that begins first, or of two that begin together the one that lasts longer, and has an end.
            lasts = -1 if other[3] is None else other[3]
            if (
                one[1] == other[1]
                and one[3] is not None
                and (one[2], -one[3]) <= (other[2], -lasts)
                and other[2] < one[3]
            ):
                found = [some for some in found if some is not one and some is not other]
                found.append((one[0] | other[0], one[1], one[2], max(one[3], lasts)))
                break
        else:
            break
    told = []
    for incidents, child, started, ended in found:
        places: list[str] = []
        for role in ("found_at", "last_seen", "missing_from"):
            places = places or sorted({row["b"] for row in at if row["role"] == role and row["a"] in incidents})
        told.append((child, started, ended, tuple(places)))
    return told


def slow_overlaps(
    graph: Slow, known_at: int, start: int, end: int, least: int, near: Any = None, shift: int = 0
) -> dict[tuple[str, str], int]:
    """Compare every two episodes; `shift` is added to the times of the child with the larger key."""
    used = []
    for child, started, ended, places in slow_absences(graph):
        until = max(known_at, started) if ended is None else ended
        if started < end and (until > start or started >= start):
            used.append((child, started, until, places))
    found: dict[tuple[str, str], int] = {}
    for one, other in itertools.permutations(used, 2):
        if one[0] < other[0] and (near is None or near(one[3], other[3])):
            overlap = min(one[2], other[2] + shift) - max(one[1], other[1] + shift)
            if overlap >= least:
                found[one[0], other[0]] = found.get((one[0], other[0]), 0) + 1
    return found


def slow_near_misses(
    graph: Slow, known_at: int, start: int, end: int, least: int, most: int, near: Any = None
) -> dict[tuple[str, str], list[int]]:
    """Compare every two episodes: the gaps, in order, of those that do not overlap enough but lie at most `most` apart."""
    used = []
    for child, started, ended, places in slow_absences(graph):
        until = max(known_at, started) if ended is None else ended
        if started < end and (until > start or started >= start):
            used.append((child, started, until, places))
    found: dict[tuple[str, str], list[int]] = {}
    for one, other in itertools.permutations(used, 2):
        if one[0] < other[0] and (near is None or near(one[3], other[3])):
            gap = max(one[1], other[1]) - min(one[2], other[2])
            if -least < gap <= most:
                found.setdefault((one[0], other[0]), []).append(max(gap, 0))
    return {pair: sorted(gaps) for pair, gaps in found.items()}


def slow_places(graph: Slow, layer: str, start: int, end: int, homes: set[str]) -> list[tuple[str, int, int, int, int]]:
    """Place, events, children, reports and agencies, in order."""
    role = "occurred" if layer == "crime" else layer
    lived_at = {row["b"] for row in graph.claims if row["type"] == "LIVES_AT"}
    found = []
    for place in graph.subjects:
        rows = [
            row
            for row in graph.claims
            if row["type"] == "AT" and row["b"] == place and row["role"] == role and in_time(row, start, end)
        ]
        if layer == "crime":
            rows = [row for row in rows if graph.subjects[row["a"]]["subkind"] == "crime"]
        if rows and place not in lived_at | homes:
            incidents = {row["a"] for row in rows}
            involved = [row for row in graph.claims if row["type"] == "INVOLVED_IN" and row["b"] in incidents]
            children = {row["a"] for row in involved if graph.kind(row["a"]) == "child"}
            found.append((place, len(incidents), len(children), graph.reports(rows), graph.agencies(rows)))
    return sorted(found, key=lambda p: (-p[1], -p[2], -p[3], p[0]))
