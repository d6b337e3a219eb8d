"""Routes equal those found by walking every route, on what the viewer sees alone."""

from graphs import SECRET, Case, cases, projection_of
from hypothesis import given, settings
from hypothesis import strategies as st
from referee import slow_graph, slow_links, visible_world

from queries.analysis.links import links_between
from queries.projection import VisibleGraph, visible_graph

OPTIONS = st.fixed_dictionaries(
    {
        "max_hops": st.sampled_from((4, 6, 5, 3, 2, 1)),
        "limit": st.sampled_from((5, 40, 3, 1)),
        "through_hubs": st.booleans(),
        "include_suspected_false": st.booleans(),
        "inferred": st.booleans(),
    }
)


def ends(graph: VisibleGraph) -> st.SearchStrategy[tuple[int, int]]:
    """Two subjects, of those that claims touch where there are any."""
    touched = sorted({*graph.claims.a.tolist(), *graph.claims.b.tolist()}) or range(len(graph.subjects))
    return st.tuples(st.sampled_from(touched), st.sampled_from(touched))


@settings(max_examples=250)
@given(cases(), OPTIONS, st.data())
def test_routes_are_those_found_by_walking_every_route(
    case: Case, options: dict[str, int], data: st.DataObject
) -> None:
    graph = visible_graph(projection_of(case.world), case.open_sights, case.known_at)
    slow = slow_graph(case.world, case.open_sights, case.known_at)
    if not graph.subjects:
        return
    keys = [subject.key for subject in graph.subjects]
    a, b = data.draw(ends(graph))
    found = links_between(graph, a, b, **options)  # type: ignore[arg-type]
    routes = [tuple(keys[at] for at in path.subjects) for path in found.paths]
    assert routes == slow_links(slow, keys[a], keys[b], **options)  # type: ignore[arg-type]
    claims = {row["claim_id"] for row in slow.claims}
    assert all(set(path.evidence) <= claims for path in found.paths)


@settings(max_examples=250)
@given(cases(), OPTIONS, st.data())
def test_what_is_hidden_changes_no_route(case: Case, options: dict[str, int], data: st.DataObject) -> None:
    graph = visible_graph(projection_of(case.world), case.open_sights, case.known_at)
    rebuilt = projection_of(visible_world(case.world, case.open_sights, case.known_at))
    without = visible_graph(rebuilt, SECRET, case.known_at)
    if not graph.subjects:
        return
    a, b = data.draw(ends(graph))
    answers = [links_between(seen, a, b, **options) for seen in (graph, without)]  # type: ignore[arg-type]
    told = [
        (
            [
                [(h.a, h.b, h.types, h.claims, h.weakest_grade, h.inferred, h.denials, h.places) for h in p.hops]
                for p in found.paths
            ],
            [(p.weakest_grade, p.latest) for p in found.paths],
            found.left_out_suspected_false,
        )
        for found in answers
    ]
    assert told[0] == told[1]
