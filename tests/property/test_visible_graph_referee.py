"""The part of a projection that a viewer sees is the projection in which the rest never was, and is what the model says in slow Python."""

import math
from typing import Any

from graphs import SECRET, Case, cases, projection_of
from hypothesis import given
from referee import slow_graph, visible_world

from queries.projection import ClaimColumns, VisibleGraph, visible_graph
from queries.vocabulary import TYPE_NAMES


def claims_by_key(graph: VisibleGraph, claims: ClaimColumns) -> list[tuple[Any, ...]]:
    keys = [subject.key for subject in graph.subjects]
    return [
        (
            claims.claim_id[row],
            TYPE_NAMES[claims.type[row]],
            keys[claims.a[row]],
            keys[claims.b[row]],
            claims.role[row],
            claims.happened_from[row],
            claims.happened_to[row],
            graph.reports.key[claims.report[row]],
        )
        for row in range(len(claims))
    ]


def subjects_by_key(graph: VisibleGraph) -> list[tuple[Any, ...]]:
    return [
        (s.key, s.uid, s.members, s.kind, s.label, s.subkind, (s.latitude, s.longitude) if s.has_position else None)
        for s in graph.subjects
    ]


@given(cases())
def test_a_viewer_sees_the_graph_in_which_what_is_hidden_never_was(case: Case) -> None:
    seen = visible_graph(projection_of(case.world), case.open_sights, case.known_at)
    rebuilt = projection_of(visible_world(case.world, case.open_sights, case.known_at))
    everything = visible_graph(rebuilt, SECRET, case.known_at)
    assert subjects_by_key(seen) == subjects_by_key(everything)
    assert claims_by_key(seen, seen.claims) == claims_by_key(everything, everything.claims)
    assert claims_by_key(seen, seen.apart) == claims_by_key(everything, everything.apart)
    assert (seen.homes == everything.homes).all()
    assert seen.by_ref == everything.by_ref
    assert seen.position == everything.position


@given(cases())
def test_the_visible_graph_is_what_the_model_says(case: Case) -> None:
    seen = visible_graph(projection_of(case.world), case.open_sights, case.known_at)
    slow = slow_graph(case.world, case.open_sights, case.known_at)
    assert subjects_by_key(seen) == [
        (key, row["uid"], row["members"], row["kind"], row["label"], row["subkind"], row["position"])
        for key, row in slow.subjects.items()
    ]
    for fast, rows in ((seen.claims, slow.claims), (seen.apart, slow.apart)):
        names = ("claim_id", "type", "a", "b", "role", "happened_from", "happened_to", "report")
        assert claims_by_key(seen, fast) == [tuple(row[name] for name in names) for row in rows]
    lived_at = {row["b"] for row in slow.claims if row["type"] == "LIVES_AT"}
    assert {seen.subjects[at].key for at in seen.homes.nonzero()[0]} == lived_at


@given(cases())
def test_each_subject_is_found_by_every_uid_that_its_viewer_may_see(case: Case) -> None:
    seen = visible_graph(projection_of(case.world), case.open_sights, case.known_at)
    for at, subject in enumerate(seen.subjects):
        assert all(seen.position[uid] == at for uid in subject.members)
        assert not math.isnan(subject.latitude) or not subject.has_position
