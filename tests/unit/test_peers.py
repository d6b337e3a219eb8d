"""Peer links, on graphs small enough to count by eye."""

import networkx as nx
import pytest
from graphs import World, claim, mention, projection_of, report, subject

from queries.analysis.peers import CROWD, LARGEST_CROWD, every_link, peer_links
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


def test_how_many_make_a_crowd_may_be_asked_for() -> None:
    people = ("ana", "ben", "cat")
    claims = [claim(f"t/{p}", p, "INVOLVED_IN", "party", "r1") for p in people]
    graph = seen(claims, party="incident", **dict.fromkeys(people, "child"))
    ana, party = graph.by_ref["t/ana"], graph.by_ref["t/party"]
    assert len(peer_links(graph, ana, crowd=3).links) == 2
    found = peer_links(graph, ana, crowd=2)
    assert (found.links, found.crowds) == ((), (party,))
    assert (len(every_link(graph, crowd=3).links), every_link(graph, crowd=2).links) == (3, ())
    for crowd in (1, LARGEST_CROWD + 1):
        with pytest.raises(ParameterError, match="crowd"):
            peer_links(graph, ana, crowd=crowd)


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


def test_weights_of_shared_events_are_those_of_a_collaboration_network() -> None:
    """The example of networkx's own documentation (Newman 2001), and the Davis Southern women, by an implementation that is not ours."""
    for bipartite, people in (
        (nx.path_graph(5), [0, 2, 4]),
        (nx.davis_southern_women_graph(), nx.davis_southern_women_graph().graph["top"]),
    ):
        ids = {node: f"n{at:02d}" for at, node in enumerate(sorted(bipartite, key=str))}
        ties = [(person, event) for person in people for event in bipartite[person]]
        claims = [claim(f"t/{a}/{b}", ids[a], "INVOLVED_IN", ids[b], "r1") for a, b in ties]
        graph = seen(claims, **{ids[node]: "person" if node in people else "incident" for node in bipartite})
        expected = nx.bipartite.collaboration_weighted_projected_graph(bipartite, people)
        found = {
            frozenset((graph.subjects[link.a].label, graph.subjects[link.b].label)): link.kinds["incident"].weight
            for link in every_link(graph).links
        }
        assert found == {
            frozenset((ids[a], ids[b])): pytest.approx(weight) for a, b, weight in expected.edges(data="weight")
        }
