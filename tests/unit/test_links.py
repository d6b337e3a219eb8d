"""What a reader of `links.between` sees: routes, what is left out, and the sentence."""

import pytest
from graphs import World, claim, during, mention, projection_of, report, subject

from queries.analysis.links import LinksFound, links_between, tell_route
from queries.errors import ParameterError
from queries.projection import FAR_FUTURE_MS, HUB_DEGREE, VisibleGraph, visible_graph

SECRET = 16


def seen(world: World, *sights: int) -> VisibleGraph:
    return visible_graph(projection_of(world), sights, FAR_FUTURE_MS - 1)


def world_of(claims: list[dict[str, object]], reports: list[dict[str, object]], **kinds: str) -> World:
    subjects = [subject(key, kind) for key, kind in kinds.items()]
    mentions = [mention(key, label=f"{key.capitalize()} Exampleby") for key in kinds]
    return World(subjects, reports, mentions, claims)


def between(graph: VisibleGraph, a: str, b: str, **options: bool) -> LinksFound:
    return links_between(graph, graph.by_ref[f"t/{a}"], graph.by_ref[f"t/{b}"], **options)


def routes(graph: VisibleGraph, a: str, b: str, **options: bool) -> list[list[str]]:
    found = between(graph, a, b, **options).paths
    return [[graph.subjects[at].key.removeprefix("bundle:t/") for at in path.subjects] for path in found]


@pytest.fixture
def world() -> World:
    return world_of(
        [
            claim("t/1", "ana", "INVOLVED_IN", "party", "r1", role="witness", **during(0, 2)),
            claim("t/2", "ana", "INVOLVED_IN", "party", "copy", role="witness", **during(0, 2)),
            claim("t/3", "ben", "INVOLVED_IN", "party", "r2", role="present"),
            claim("t/4", "ana", "KNOWS", "cat", "secret", sight=SECRET),
            claim("t/5", "ben", "KNOWS", "cat", "false"),
            claim("t/6", "ana", "DENIED", "party", "r2"),
        ],
        [
            report("r1", grade="1-B"),
            report("copy", "education", grade="1-B", copied_from="r1"),
            report("r2", grade="3-D"),
            report("secret", grade="1-A"),
            report("false", grade="2-E"),
        ],
        ana="child",
        ben="adult",
        cat="adult",
        party="incident",
    )


def test_claims_side_by_side_are_one_hop_and_a_forwarded_report_is_one(world: World) -> None:
    graph = seen(world)
    (path,) = between(graph, "ana", "ben").paths
    assert [hop.claims for hop in path.hops] == [("t/1", "t/2"), ("t/3",)]
    assert path.weakest_grade == "3-D-P"
    assert tell_route(graph, path) == (
        "Ana Exampleby was involved in Party Exampleby (witness; 1 report, 1-B-P), which 1 claim denies; "
        "Ben Exampleby was involved in Party Exampleby (present; 1 report, 3-D-P)."
    )


def test_a_sentence_uses_the_names_that_its_reader_may_see(world: World) -> None:
    graph = seen(world)
    (path,) = between(graph, "ana", "ben").paths
    told = tell_route(graph, path, lambda subject: f"[{subject.kind}]")
    assert "Exampleby" not in told
    assert told.startswith("[child] was involved in [incident]")


def test_hidden_claims_make_no_route_and_no_remark(world: World) -> None:
    assert routes(seen(world), "ana", "cat") == []
    assert routes(seen(world, SECRET), "ana", "cat") == [["ana", "cat"]]


def test_what_is_suspected_false_is_left_out_and_listed(world: World) -> None:
    graph = seen(world)
    found = between(graph, "ben", "cat")
    assert (found.paths, found.left_out_suspected_false) == ((), ("t/5",))
    found = between(graph, "ben", "cat", include_suspected_false=True)
    assert [path.evidence for path in found.paths] == [("t/5",)]
    assert found.left_out_suspected_false == ()


@pytest.mark.parametrize(("neighbours", "joins"), [(HUB_DEGREE, True), (HUB_DEGREE + 1, False)], ids=["not-yet", "hub"])
def test_a_hub_is_an_end_but_no_middle(neighbours: int, joins: bool) -> None:
    people = [f"p{at:03d}" for at in range(neighbours)]
    claims = [claim(f"t/{p}", p, "FREQUENTS", "stop", "r") for p in people]
    graph = seen(world_of(claims, [report("r")], stop="location", **dict.fromkeys(people, "person")))
    assert routes(graph, "p000", "p001") == ([["p000", "stop", "p001"]] if joins else [])
    assert routes(graph, "p000", "p001", through_hubs=True) == [["p000", "stop", "p001"]]
    assert routes(graph, "stop", "p001") == [["stop", "p001"]]


def test_hidden_claims_do_not_make_a_hub() -> None:
    people = [f"p{at:03d}" for at in range(HUB_DEGREE + 50)]
    claims = [claim(f"t/{p}", p, "FREQUENTS", "stop", "r", sight=SECRET if p > "p099" else 1) for p in people]
    world = world_of(claims, [report("r")], stop="location", **dict.fromkeys(people, "person"))
    # Neither for those who may not see them, nor for those who may: the mark would tell the one from the other.
    assert routes(seen(world), "p000", "p001") == routes(seen(world, SECRET), "p000", "p001") != []


def test_two_people_at_one_place_within_two_hours_are_drawn_only_when_asked() -> None:
    claims = [
        claim("t/1", "ana", "SEEN_AT", "station", "r", **during(0, 1)),
        claim("t/2", "ben", "SEEN_AT", "station", "r", **during(5, 6)),
        claim("t/3", "cat", "SEEN_AT", "station", "r", **during(6, 6)),
    ]
    world = world_of(claims, [report("r")], ana="child", ben="adult", cat="adult", station="location")
    world.mentions = [mention("station", label="Town Station", subkind="transport")]
    graph = seen(world)
    assert routes(graph, "ana", "ben") == []
    assert routes(graph, "ana", "ben", inferred=True) == [["ana", "ben"]]
    assert routes(graph, "ana", "cat", inferred=True) == [["ana", "ben", "cat"]]
    (path,) = between(graph, "ana", "ben", inferred=True).paths
    assert path.hops[0].inferred
    assert path.hops[0].claims == ("t/1", "t/2")
    assert "Town Station" in tell_route(graph, path)
    assert "inferred" in tell_route(graph, path)


@pytest.mark.parametrize("wrong", [{"max_hops": 0}, {"max_hops": 7}, {"limit": 0}])
def test_a_length_or_number_out_of_range_is_refused(world: World, wrong: dict[str, int]) -> None:
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        links_between(seen(world), 0, 1, **wrong)  # type: ignore[arg-type]


def test_the_latest_route_comes_first_among_equals() -> None:
    claims = [
        claim("t/1", "ana", "KNOWS", "cat", "r", **during(0, 1)),
        claim("t/2", "cat", "KNOWS", "ben", "r"),
        claim("t/3", "ana", "KNOWS", "dan", "r", **during(9, 10)),
        claim("t/4", "dan", "KNOWS", "ben", "r"),
    ]
    graph = seen(world_of(claims, [report("r")], ana="child", ben="child", cat="child", dan="child"))
    assert routes(graph, "ana", "ben") == [["ana", "dan", "ben"], ["ana", "cat", "ben"]]
