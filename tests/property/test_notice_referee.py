"""Who comes to future notice, and what a goal is measured by, equal a slow look at every visible row."""

import itertools
from typing import Any

from graphs import HALF_HOUR, START, Case, cases, projection_of
from hypothesis import given, settings
from hypothesis import strategies as st
from referee import PEOPLE, Slow, slow_graph

from queries.analysis.context_measures import MEASURES, Scope
from queries.analysis.notice import Told, last_told, notices
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, VisibleGraph, visible_graph

Told_ = tuple[str, tuple[str, ...], int, int]


def slow_notices(
    graph: Slow, watched: set[str], since: int, began: set[str], mentions: list[tuple[str, str, int]]
) -> list[Told_]:
    gathered: dict[tuple[Any, ...], list[tuple[str, int, int]]] = {}

    def tell(row: dict[str, Any], here: str, *thing: Any) -> None:
        if row["known_from"] > since and row["claim_id"] not in began:
            gathered.setdefault((here, *thing), []).append((row["claim_id"], row["known_from"], row["happened_from"]))

    for rows, denied in ((graph.claims, False), (graph.apart, True)):
        for row in rows:
            for here, there in ((row["a"], row["b"]), (row["b"], row["a"])):
                if here in watched:
                    tell(
                        row, here, *(("event", row["event_id"], denied) if row["event_id"] else ("with", there, denied))
                    )
    involved = [row for row in graph.claims if row["type"] == "INVOLVED_IN"]
    for at, row in itertools.product(graph.claims, involved):
        if at["type"] == "AT" and at["b"] in watched and row["b"] == at["a"]:
            tell(row, at["b"], "with", at["a"], False)
    for here, claim, known in mentions:
        if (
            here in watched
            and known > since
            and claim not in began
            and not any(key[0] == here and key[1] != "mention" for key in gathered)
        ):
            gathered.setdefault((here, "mention"), []).append((claim, known, FAR_FUTURE_MS))
    found = [
        (key[0], tuple(sorted({c for c, _, _ in some})), max(k for _, k, _ in some), min(h for _, _, h in some))
        for key, some in gathered.items()
    ]
    return sorted(found)


def by_key(graph: VisibleGraph) -> dict[str, int]:
    return {subject.key: at for at, subject in enumerate(graph.subjects)}


@given(cases(50), st.integers(0, 12), st.data())
@settings(max_examples=100, deadline=None)
def test_notices_are_what_a_slow_look_at_every_row_finds(case: Case, since: int, data: st.DataObject) -> None:
    graph = visible_graph(projection_of(case.world), case.open_sights, case.known_at)
    slow = slow_graph(case.world, case.open_sights, case.known_at)
    at = by_key(graph)
    assert at.keys() == slow.subjects.keys()
    watched = data.draw(st.sets(st.sampled_from(sorted(at)), max_size=5)) if at else set()
    began = set(data.draw(st.sets(st.sampled_from([f"t/{n:02d}" for n in range(20)]), max_size=4)))
    moment = START + since * HALF_HOUR
    mentions = [(key, f"m/{key}", START + data.draw(st.integers(0, 14)) * HALF_HOUR) for key in sorted(watched)]
    found = notices(
        graph,
        {at[key] for key in watched},
        moment,
        mentions=[Told(at[key], claim, known) for key, claim, known in mentions],
        began_with=began,
    )
    told = [(graph.subjects[n.touches].key, n.claims, n.known_from, n.happened_from) for n in found]
    assert sorted(told) == slow_notices(slow, watched, moment, began, mentions)
    # Nothing is told of a subject that is later than what was last told of it: then there is nothing to look for.
    latest, said = last_told(graph, ()), {at[key]: known for key, _, known in mentions}
    assert all(n.known_from <= max(latest[n.touches], said[n.touches]) for n in found)
    assert [n.known_from for n in found] == sorted((n.known_from for n in found), reverse=True)
    for notice in found:
        rows = {str(graph.claims.claim_id[row]) for row in notice.rows} | {
            str(graph.apart.claim_id[row]) for row in notice.denials
        }
        assert rows <= set(notice.claims)


def slow_measures(graph: Slow, places: set[str], others: set[str], start: int, end: int) -> dict[str, int]:
    def timed(row: dict[str, Any]) -> bool:
        return bool(row["happened_from"] > FAR_PAST_MS and start <= row["happened_from"] < end)

    at = [row for row in graph.claims if row["type"] == "AT" and row["b"] in places and timed(row)]
    involved = [row for row in graph.claims if row["type"] == "INVOLVED_IN"]
    found_at = {row["a"] for row in at if row["role"] == "found_at"}
    direct = [
        row["a"]
        for row in graph.claims
        if row["type"] in {"SEEN_AT", "FREQUENTS", "ATTENDS", "MEMBER_OF", "USES"}
        and row["b"] in places | others
        and timed(row)
    ]
    present = {*direct, *(row["a"] for row in involved if row["b"] in {found["a"] for found in at})}
    return {
        "incidents_at_places": len({row["a"] for row in at}),
        "children_found_at_places": len(
            {row["a"] for row in involved if row["b"] in found_at and row["role"] == "missing" and graph.kind(row["a"]) == "child"}
        ),
        "people_present": len({key for key in present if graph.kind(key) in PEOPLE}),
    }  # fmt: skip


@given(cases(60), st.integers(-2, 20), st.integers(0, 40))
@settings(max_examples=80, deadline=None)
def test_measures_are_plain_counts_of_visible_rows(case: Case, start: int, length: int) -> None:
    graph = visible_graph(projection_of(case.world), case.open_sights, case.known_at)
    slow = slow_graph(case.world, case.open_sights, case.known_at)
    at = by_key(graph)
    places = {key for key in at if slow.kind(key) == "location"}
    others = {key for key in at if slow.kind(key) in {"group", "vehicle", "account"}}
    scope = Scope(frozenset(at[key] for key in places), frozenset(at[key] for key in others))
    window = (START + start * HALF_HOUR, START + (start + length) * HALF_HOUR)
    visible = set(graph.claims.claim_id.tolist())
    for name, count in slow_measures(slow, places, others, *window).items():
        counted = MEASURES[name].count(graph, scope, *window)
        assert counted.count == count, name
        assert set(counted.evidence) <= visible
        assert bool(counted.evidence) or count == 0
