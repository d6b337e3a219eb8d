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

from queries.analysis.convergence import WEEK_MS, Convergence, converging, tell_chance, tell_meeting
from queries.analysis.gazetteer import Located, probably_one_place
from queries.analysis.meeting_chance import ScanChance, paired
from queries.analysis.place_names import NameReader
from queries.projection import VisibleGraph, visible_graph

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


def slow_matching(children: list[set[str]]) -> int:
    table = nx.Graph()
    reports = [("report", at) for at in range(len(children))]
    table.add_nodes_from(reports)
    table.add_edges_from((("report", at), ("child", child)) for at, some in enumerate(children) for child in some)
    return len(nx.bipartite.maximum_matching(table, top_nodes=reports)) // 2


def slow_converging(
    graph: Slow, known_at: int, *, window_weeks: int, least_reports: int, recorded_from: int, recorded_to: int
) -> dict[str, Any]:
    """By the first key of each thing that is listed: how many meet, which windows hold as many, what chance gives."""
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

    touches = [touch for touch in slow_touches(graph, kind_of) if touch[0] not in lived_at]
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
        reports = sorted((min(row["recorded_at"] for _, row in some), {c for c, _ in some}) for some in said.values())
        windows = {}
        for start in sorted({t for t, _ in reports if recorded_from <= t < recorded_to}):
            end = min(start + width, recorded_to)
            inside = [children for t, children in reports if start <= t < end]
            windows[start] = (slow_matching(inside), len(inside), share(start, end))
        best = max((observed for observed, _, _ in windows.values()), default=0)
        if best >= least_reports:
            total = len(reports)
            tails = [
                stats.binom.sf(best - 2, total - 1, share(t, min(t + width, recorded_to)))
                if recorded_from <= t < recorded_to and share(t, min(t + width, recorded_to)) > 0
                else 0
                for t in history
            ]
            whole = [share(t, min(t + width, recorded_to)) for t in history if t + width <= history[-1]]
            usual = float(np.mean(whole)) if whole else 0.5
            met[thing] = {
                "observed": best,
                "p": min(1.0, total * float(np.mean(tails))) if told else None,
                "total": total,
                "windows": {
                    start: (inside, total * part, (total - inside) * usual / (1 - usual))
                    for start, (observed, inside, part) in windows.items()
                    if observed == best
                },
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
            tell_meeting(graph, c), tell_chance(c),
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
    met = slow_converging(slow, case.known_at, **asked)
    found = {graph.subjects[c.subject].key: c for c in converging(graph, reader=READER, **asked)}  # type: ignore[arg-type]
    for key, c in found.items():
        expected = met[key]
        assert c.observed == expected["observed"]
        assert c.p_value == (None if expected["p"] is None else pytest.approx(expected["p"]))
        assert c.q_value == (None if expected["q"] is None else pytest.approx(expected["q"]))
        # The window begins with one of its reports, is one of those that hold most, and the one in which fewest come.
        inside, chance, elsewhen = expected["windows"][c.first]
        assert len(c.citations) == inside
        assert c.named_elsewhen == expected["total"] - inside
        if c.expected is not None:
            assert c.expected == pytest.approx(chance)
            assert chance == pytest.approx(min(window[1] for window in expected["windows"].values()))
            assert elsewhen < 1 or (c.p_value or 0) <= 0.05
    for key in met.keys() - found.keys():
        if met[key]["p"] is None:
            # Left out as a hub: it, or another name of the place, is a school.
            assert any(row["subkind"] == "school" for row in slow.subjects.values())
        else:
            assert met[key]["p"] > 0.05
            assert max(window[2] for window in met[key]["windows"].values()) >= 1


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
