"""Peer links and groups, on graphs small enough to count by eye."""

from itertools import combinations

import pytest
from graphs import EVER, World, claim, mention, projection_of, report, subject

from queries.analysis.groups import peer_groups
from queries.analysis.peers import CROWD, peer_links
from queries.errors import ParameterError
from queries.projection import FAR_FUTURE_MS, VisibleGraph, visible_graph

REPORTS = [report("r1"), report("copy", "education", copied_from="r1"), report("r2")]


def seen(claims: list[dict[str, object]], **kinds: str) -> VisibleGraph:
    subjects = [subject(key, kind) for key, kind in kinds.items()]
    world = World(subjects, REPORTS, [mention(key, label=key) for key in kinds], claims)
    return visible_graph(projection_of(world), (), FAR_FUTURE_MS - 1)


def test_a_shared_event_weighs_less_the_more_share_it() -> None:
    people = ("ana", "ben", "cat", "dan")
    claims = [claim(f"t/{p}", p, "INVOLVED_IN", "party", "r1") for p in people]
    graph = seen(claims, party="incident", **dict.fromkeys(people, "child"))
    found = peer_links(graph, graph.by_ref["t/ana"])
    assert [graph.subjects[link.b].label for link in found.links] == ["ben", "cat", "dan"]
    assert [link.kinds["incident"].weight for link in found.links] == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize(("people", "links", "crowds"), [(CROWD, CROWD - 1, 0), (CROWD + 1, 0, 1)])
def test_a_crowd_makes_nobody_a_peer_and_is_told(people: int, links: int, crowds: int) -> None:
    names = [f"p{at:03d}" for at in range(people)]
    graph = seen(
        [claim(f"t/{p}", p, "SEEN_AT", "park", "r1") for p in names], park="location", **dict.fromkeys(names, "person")
    )
    found = peer_links(graph, graph.by_ref["t/p000"])
    assert (len(found.links), len(found.crowds)) == (links, crowds)


def test_a_forwarded_report_adds_no_event_report_or_weight() -> None:
    graph = seen(
        [claim("t/1", "ana", "KNOWS", "ben", "r1"), claim("t/2", "ana", "KNOWS", "ben", "copy")],
        ana="child",
        ben="child",
    )
    (link,) = peer_links(graph, graph.by_ref["t/ana"]).links
    assert (link.kinds["knows"].events, link.kinds["knows"].reports, link.kinds["knows"].weight) == (1, 1, 1.0)
    assert link.evidence == ("t/1", "t/2")


def test_claims_that_came_together_are_one_event_and_seconds_weigh() -> None:
    claims = [
        claim("t/1", "ana", "SEEN_WITH", "ben", "r1", event_id="e", seconds=20.0),
        claim("t/2", "ben", "SEEN_WITH", "ana", "r2", event_id="e", seconds=40.0),
        claim("t/3", "ana", "SEEN_WITH", "ben", "r2"),
    ]
    graph = seen(claims, ana="child", ben="child")
    (link,) = peer_links(graph, graph.by_ref["t/ben"]).links
    assert graph.subjects[link.a].label == "ben"
    assert (link.kinds["seen_with"].events, link.kinds["seen_with"].reports, link.kinds["seen_with"].weight) == (
        2,
        2,
        41,
    )


def test_a_strength_is_kept_apart_from_what_else_they_know_of_each_other() -> None:
    claims = [
        claim("t/1", "ana", "KNOWS", "ben", "r1", role="strength"),
        claim("t/2", "ana", "KNOWS", "ben", "r2", role="concern"),
    ]
    graph = seen(claims, ana="child", ben="adult")
    (link,) = peer_links(graph, graph.by_ref["t/ana"]).links
    assert list(link.kinds) == ["knows_strength", "knows_concern"]


def cliques() -> VisibleGraph:
    """Two groups of five who all know each other, and Mo, who knows two of each."""
    groups = [f"a{at}" for at in range(5)], [f"b{at}" for at in range(5)]
    pairs = [pair for group in groups for pair in combinations(group, 2)]
    pairs += [("mo", "a0"), ("mo", "a1"), ("mo", "b0"), ("mo", "b1")]
    claims = [claim(f"t/{a}{b}", a, "KNOWS", b, "r1") for a, b in pairs]
    return seen(claims, mo="child", **dict.fromkeys(groups[0] + groups[1], "child"))


def test_groups_are_found_and_a_person_between_them_is_listed_in_both() -> None:
    graph = cliques()
    groups = [[graph.subjects[at].label for at in group.members] for group in peer_groups(graph, **EVER)]
    assert groups == [["a0", "a1", "a2", "a3", "a4", "mo"], ["b0", "b1", "b2", "b3", "b4", "mo"]]
    assert all(group.stability > 0.8 and group.evidence for group in peer_groups(graph, **EVER))


def test_a_kind_of_link_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ParameterError, match="kinds"):
        peer_groups(cliques(), **EVER, kinds=["friendship"])
