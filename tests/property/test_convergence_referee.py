"""Where reports meet equals what comparing every window of every thing finds, and is the same when what is hidden never was."""

import itertools
import math
import random
from dataclasses import replace
from typing import Any

import networkx as nx
import numpy as np
import pytest
from graphs import START, Case, Row, World, cases, projection_of
from hypothesis import given, settings
from hypothesis import strategies as st
from referee import Slow, slow_graph, visible_world
from scipy import stats

from queries.analysis.convergence import NEW, STANDINGS, WEEK_MS, Convergence, converging
from queries.analysis.convergence_words import tell_chance, tell_eyes, tell_meeting, tell_standing
from queries.analysis.gazetteer import Located, probably_one_place
from queries.analysis.meeting_chance import ScanChance
from queries.analysis.place_names import NameReader
from queries.analysis.sliding_pairs import SlidingPairs, paired
from queries.projection import VisibleGraph, visible_graph
from queries.vocabulary import HUB_SUBKINDS

READER = NameReader()
MEETING_KINDS = (*["child"] * 5, "adult", "person", *["location"] * 3, *["incident"] * 2, "vehicle", "account", "group")
MEETING = (
    *["SEEN_AT"] * 8, *["FREQUENTS"] * 2, *["INVOLVED_IN"] * 6, *["AT"] * 4, *["SEEN_WITH"] * 3, "FAMILY_OF", "MEMBER_OF", "MEMBER_OF",
    *["USES"] * 4, *["KNOWS"] * 3, "SUSPECTED_OF_EXPLOITING", "SUSPECTED_OF_EXPLOITING", "LIVES_AT", "SAME_AS", "ATTENDS",
)  # fmt: skip
TELLING = {"ppn1", "cpi", "return_conversation", "assessment", "sighting", "observation"}
GROWN = ("adult", "person")


def with_kinds_and_weeks(case: Case) -> Case:
    """Reports of several kinds, and claims that their sources recorded over a year and more."""
    dice = random.Random(case.made_by[0])
    kinds = ("cpi", "observation", "ppn1", "other", "sighting")
    roles: Row = {"INVOLVED_IN": ("missing", "victim", "suspect", "present"), "KNOWS": ("concern", "concern", "")}
    reports = [{**row, "kind": dice.choice(kinds)} for row in case.world.reports]
    reports += [{**row, "key": f"{row['key']}{more}", "copied_from": None} for row in reports for more in "abc"]
    claims = [
        {
            **row,
            "recorded_at": START - dice.choice((0, 1, 2, 3, 5, 8, 13, 30, 31, 33, 58)) * WEEK_MS,
            "report": dice.choice(reports)["key"],
            "role": dice.choice(roles.get(row["type"], (row["role"],))),
        }
        for row in case.world.claims
    ]
    return replace(case, world=World(case.world.subjects, reports, case.world.mentions, claims))


MEETINGS = cases(90, MEETING_KINDS, MEETING)
ASKED = st.fixed_dictionaries(
    {
        "window_weeks": st.sampled_from((1, 4, 12)),
        "least_reports": st.integers(2, 3),
        "recorded_from": st.sampled_from((0, START - 32 * WEEK_MS)),
        "recorded_to": st.sampled_from((START + WEEK_MS, START - 2 * WEEK_MS)),
    }
)


def seen_by(case: Case) -> VisibleGraph:
    return visible_graph(projection_of(case.world), case.open_sights, case.known_at)


def slow_touches(  # noqa: C901, PLR0912  the rules one after another
    graph: Slow, kind_of: dict[str, str]
) -> list[tuple[str, str, Row, tuple[str, ...]]]:
    """Thing, child, the claim whose report touches, and all the claims: every rule by itself, every two claims compared."""
    rows = [row for row in graph.claims if row["grade"][0] != 5]
    said = [row for row in rows if kind_of[row["report"]] in TELLING]
    found = []

    def put(thing: str, child: str, row: Row, *more: Row) -> None:
        if graph.kind(child) == "child":
            found.append((thing, child, row, tuple(r["claim_id"] for r in (row, *more))))

    def family(a: str, b: str) -> bool:
        return any(row["type"] == "FAMILY_OF" and {row["a"], row["b"]} == {a, b} for row in graph.claims)

    def with_grown(row: Row) -> list[tuple[str, str]]:
        """(adult, child) of a claim that puts the two together."""
        pairs = [(row["b"], row["a"]), (row["a"], row["b"])]
        if row["type"] == "SUSPECTED_OF_EXPLOITING":
            pairs = [(row["a"], row["b"])]
        if row["type"] == "KNOWS" and row["role"] != "concern":
            pairs = []
        if row["type"] not in {"SEEN_WITH", "KNOWS", "SUSPECTED_OF_EXPLOITING"}:
            pairs = []
        return [(a, c) for a, c in pairs if graph.kind(a) in GROWN and graph.kind(c) == "child"]

    for row in said:
        if row["type"] in {"SEEN_AT", "FREQUENTS", "ATTENDS", "MEMBER_OF"}:
            put(row["b"], row["a"], row)
        if row["type"] == "USES":
            put(row["b"], row["a"], row)
            for other in said:
                if graph.roots[other["report"]] == graph.roots[row["report"]]:
                    for adult, child in with_grown(other):
                        if adult == row["a"]:
                            put(row["b"], child, row, other)
        for adult, child in with_grown(row):
            if not (row["type"] == "SEEN_WITH" and family(adult, child)):
                put(adult, child, row)
        for part in rows:
            if part["type"] != "INVOLVED_IN":
                continue
            if row["type"] == "AT" and part["b"] == row["a"]:
                put(row["b"], part["a"], row, part)
            if row["type"] == "INVOLVED_IN" and part["b"] == row["b"]:
                kind, role = graph.kind(row["a"]), row["role"]
                if kind in {"vehicle", "account"} or (kind in GROWN and role in {"suspect", "present"}):
                    put(row["a"], part["a"], row, part)
    return found


def slow_matching(children: list[set[Any]]) -> int:
    table = nx.Graph()
    reports = [("report", at) for at in range(len(children))]
    table.add_nodes_from(reports)
    table.add_edges_from((("report", at), ("child", child)) for at, some in enumerate(children) for child in some)
    return len(nx.bipartite.maximum_matching(table, top_nodes=reports)) // 2


def slow_converging(
    graph: Slow,
    known_at: int,
    *,
    worries: bool,
    window_weeks: int,
    least_reports: int,
    recorded_from: int,
    recorded_to: int,
) -> dict[str, Any]:
    """By the first key of each thing at which reports meet: how many, in which window, what chance gives."""
    kind_of = {key: row["kind"] for key, row in graph_reports.items()}
    lived_at = {row["b"] for row in graph.claims if row["type"] == "LIVES_AT"}
    places = [key for key in graph.subjects if graph.kind(key) == "location" and key not in lived_at]
    labelled = [key for key in places if graph.subjects[key]["label"]]
    where = [graph.subjects[key]["position"] or (math.nan, math.nan) for key in labelled]
    located = [Located(key, graph.subjects[key]["label"], *at) for key, at in zip(labelled, where, strict=True)]
    first = {key: key for key in graph.subjects}
    for place in probably_one_place(located, READER):
        members = sorted(labelled[at] for at in place.members)
        first.update(dict.fromkeys(members, members[0]))

    def is_worry(row: Row) -> bool:
        is_episode = row["type"] == "AT" and graph.subjects[row["a"]]["subkind"] == "missing_episode"
        return not (is_episode and kind_of[row["report"]] == "ppn1")

    touches = [touch for touch in slow_touches(graph, kind_of) if touch[0] not in lived_at]
    touches = [touch for touch in touches if is_worry(touch[2]) or not worries]
    by_thing: dict[str, dict[str, list[Any]]] = {}
    for thing, child, row, _ in touches:
        by_thing.setdefault(first[thing], {}).setdefault(graph.roots[row["report"]], []).append((child, row))
    city: dict[str, int] = {}
    for _, _, row, _ in touches:
        root = graph.roots[row["report"]]
        city[root] = min(city.get(root, row["recorded_at"]), row["recorded_at"])
    if not city:
        return {}
    history, width = sorted(city.values()), window_weeks * WEEK_MS
    known_weeks = (known_at - history[0]) // WEEK_MS
    told = known_weeks >= 2 * window_weeks

    def share(start: int, end: int) -> float:
        return sum(start <= t < end for t in history) / len(history)

    met = {}
    for thing, said in by_thing.items():
        reports = []
        for some in said.values():
            when, source = min((row["recorded_at"], row["report"]) for _, row in some)
            reports.append((when, {c for c, _ in some}, graph_reports[source]["agency"]))
        windows = {}
        for start in {t for t, _, _ in reports if recorded_from <= t < recorded_to}:
            end = min(start + width, recorded_to)
            inside = [(children, agency) for t, children, agency in reports if start <= t < end]
            # Most pairs; then most reports; then when fewest come; then the latest.
            windows[slow_matching([c for c, _ in inside]), len(inside), -share(start, end), start] = inside
        best = max(windows, default=(0, 0, 0, 0))
        if best[0] >= least_reports:
            total, inside = len(reports), windows[best]
            separate = slow_matching([{(agency, c) for c in children} for children, agency in inside])
            tails = [
                stats.binom.sf(separate - 2, total - 1, share(t, min(t + width, recorded_to)))
                if recorded_from <= t < recorded_to and share(t, min(t + width, recorded_to)) > 0
                else 0
                for t in history
            ]
            whole = [share(t, min(t + width, recorded_to)) for t in history if t + width <= history[-1]]
            usual = float(np.mean(whole)) if whole else 0.5
            by_agency = {agency: [c for c, a in inside if a == agency] for _, agency in inside}
            met[thing] = {
                "observed": best[0],
                "separate": separate,
                "p": min(1.0, total * float(np.mean(tails))) if told else None,
                "reports": best[1],
                "elsewhen": total - best[1],
                "first": best[3],
                "expected": -total * best[2],
                "usual": (total - best[1]) * usual / (1 - usual),
                "known_to_one": max(slow_matching(some) for some in by_agency.values()),
            }
    things = {
        first[key]
        for key in graph.subjects
        if graph.kind(key) in {"group", "vehicle", "account", *GROWN} or (key in places)
    }
    ordered = sorted(met, key=lambda thing: met[thing]["p"] or 0)
    for finding in met.values():
        later = [
            met[other]["p"] * len(things) / rank
            for rank, other in enumerate(ordered, 1)
            if told and met[other]["p"] >= finding["p"]
        ]
        finding["q"] = min([1.0, *later]) if told else None
    return met


graph_reports: dict[str, Row] = {}


def keyed(graph: VisibleGraph, found: list[Convergence]) -> list[Any]:
    """Findings with source keys in place of positions."""
    key = [subject.key for subject in graph.subjects]
    return [
        (
            key[c.subject], key[c.named], c.kind, c.observed, c.expected, c.p_value, c.q_value, c.first, c.last, c.agencies,
            tuple(key[at] for at in c.children), tuple((key[a.subject], a.because) for a in c.also), c.named_elsewhen, c.known_weeks,
            tuple(
                (str(graph.reports.key[r.report]), r.recorded_at, r.kind, r.agency, r.claims, tuple(key[at] for at in r.things))
                for r in c.citations
            ),
            tell_meeting(graph, c), tell_chance(c), tell_eyes(c), tell_standing(c), c.circles, c.missing_reports, c.standing in NEW,
        )
        for c in found
    ]  # fmt: skip


@given(MEETINGS, ASKED)
@settings(max_examples=60, deadline=None)
def test_meetings_are_those_of_every_window_of_every_thing(case: Case, asked: dict[str, int]) -> None:
    case = with_kinds_and_weeks(case)
    graph, slow = seen_by(case), slow_graph(case.world, case.open_sights, case.known_at)
    graph_reports.clear()
    graph_reports.update({row["key"]: row for row in case.world.reports})
    met = {with_all: slow_converging(slow, case.known_at, worries=not with_all, **asked) for with_all in (False, True)}
    found = {graph.subjects[c.subject].key: c for c in converging(graph, reader=READER, **asked)}  # type: ignore[arg-type]
    # A school among its names makes a hub of a place, of which too short a history says nothing.
    hubs = any(row["subkind"] in HUB_SUBKINDS for row in slow.subjects.values())
    listed = {
        standing: {key for key, one in some.items() if one["p"] is None or one["usual"] < 1 or one["p"] <= 0.05}
        for standing, some in met.items()
    }
    for key, c in found.items():
        expected = met[c.standing == "missing_reports"][key]
        assert key in listed[c.standing == "missing_reports"]
        assert key not in listed[False] or c.standing != "missing_reports"
        seen = (c.observed, c.separate, len(c.citations), c.named_elsewhen, c.first, c.known_to_one)
        assert seen == tuple(
            expected[name] for name in ("observed", "separate", "reports", "elsewhen", "first", "known_to_one")
        )
        for value, name in ((c.expected, "expected"), (c.p_value, "p"), (c.q_value, "q")):
            assert value == (None if expected["p"] is None else pytest.approx(expected[name]))
        if c.standing not in {"missing_reports", "too_short"}:
            is_believed = (c.q_value or 0) <= 0.05
            assert (c.standing == "beyond_chance") == is_believed
            assert (c.standing == "these_weeks_only") == (not is_believed and not c.named_elsewhen)
    # Whatever may be listed is listed: what is named at other times too, where missing reports do not make it busy.
    for key in (listed[False] | listed[True]) - found.keys():
        short = any(met[which].get(key, {"p": 0})["p"] is None for which in met)
        busy = key not in listed[True] and met[False][key]["elsewhen"] and (met[False][key]["p"] or 0) > 0.05
        assert busy or (short and hubs)
    assert [STANDINGS.index(c.standing) for c in found.values()] == sorted(
        STANDINGS.index(c.standing) for c in found.values()
    )


@given(MEETINGS, ASKED)
@settings(max_examples=60, deadline=None)
def test_meetings_are_the_same_when_what_is_hidden_never_was(case: Case, asked: dict[str, int]) -> None:
    case = with_kinds_and_weeks(case)
    never = visible_world(case.world, case.open_sights, case.known_at)
    dice = random.Random(case.made_by[0])
    shuffled = World(
        *(dice.sample(rows, len(rows)) for rows in (never.subjects, never.reports, never.mentions, never.claims))
    )
    whole, without = seen_by(case), visible_graph(projection_of(shuffled), case.open_sights, case.known_at)
    assert keyed(whole, converging(whole, reader=READER, **asked)) == keyed(  # type: ignore[arg-type]
        without,
        converging(without, reader=READER, **asked),  # type: ignore[arg-type]
    )


def matched(children: list[set[int]]) -> int:
    """Count the pairs of a maximum matching as NetworkX finds it."""
    network = nx.Graph((("report", at), ("child", child)) for at, some in enumerate(children) for child in some)
    reports = {node for node in network if node[0] == "report"}
    return len(nx.bipartite.hopcroft_karp_matching(network, reports)) // 2


@given(st.lists(st.sets(st.integers(0, 5), max_size=4), max_size=7))
@settings(max_examples=60, deadline=None)
def test_pairs_are_those_of_trying_every_choice(children: list[set[int]]) -> None:
    choices = itertools.product(*[[None, *sorted(some)] for some in children])
    best = 0
    for choice in choices:
        taken = [child for child in choice if child is not None]
        if len(taken) == len(set(taken)):
            best = max(best, len(taken))
    assert paired(children) == best
    pairs = SlidingPairs(children)
    for at in range(len(children)):
        pairs.add(at)
        assert len(pairs) == paired(children[: at + 1]) == matched(children[: at + 1])
    for at in range(len(children)):
        pairs.remove(at)
        assert len(pairs) == paired(children[at + 1 :]) == matched(children[at + 1 :])


@pytest.mark.parametrize(("total", "city"), [(4, 60), (8, 60), (20, 200), (40, 200)])
def test_the_p_value_is_no_less_than_that_of_moving_the_reports_about(total: int, city: int) -> None:
    """Reports of one thing are moved to times drawn from the city's own, many times: how often do as many meet?"""
    rng = np.random.default_rng(total)
    history = np.sort((rng.beta(2, 3, city) * 52 * WEEK_MS).astype(np.int64))
    width = 12 * WEEK_MS
    chance = ScanChance(history, width, 0, 60 * WEEK_MS)
    most = []
    for _ in range(2000):
        times = np.sort(rng.choice(history, total))
        most.append(int((np.searchsorted(times, times + width) - np.searchsorted(times, times)).max()))
    for observed in range(2, total + 1):
        moved = float(np.mean(np.array(most) >= observed))
        bound = chance.p_value(total, observed)
        assert bound >= moved - 3 * math.sqrt(moved * (1 - moved) / len(most) + 1e-6)
        if 0.01 <= moved <= 0.05:
            assert bound <= 12 * moved  # an upper bound that is of use
