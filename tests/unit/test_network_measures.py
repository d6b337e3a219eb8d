"""Measures of a network equal NetworkX and igraph; the graph that analysts get has its evidence; changes are told and nothing else."""

import random
from itertools import combinations

import igraph
import networkx as nx
import numpy as np
import pytest
from graphs import EVER, World, claim, during, mention, projection_of, report, subject
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.analysis import measures, network_kernels
from queries.analysis.measures import CAVEATS, betweenness, bridges, components, standings
from queries.analysis.network_kernels import core_numbers, steps_from
from queries.analysis.peer_change import DAY_MS, peer_changes
from queries.analysis.peer_graph import Rows, peer_graph, sparse_rows
from queries.errors import ParameterError
from queries.projection import FAR_FUTURE_MS, VisibleGraph, visible_graph


def random_graph(seed: int, nodes: int, edges: int) -> tuple["nx.Graph[int]", Rows]:
    dice = random.Random(seed)
    pairs = [(dice.randrange(nodes), dice.randrange(nodes)) for _ in range(edges)] if nodes else []
    made: nx.Graph[int] = nx.Graph()
    made.add_nodes_from(range(nodes))
    made.add_edges_from(pair for pair in pairs if pair[0] != pair[1])
    return made, sparse_rows(nodes, pairs)


def agree(made: "nx.Graph[int]", rows: Rows) -> None:
    nodes = len(rows)
    other = igraph.Graph(n=nodes, edges=list(made.edges))
    scale = (nodes - 1) * (nodes - 2) / 2
    ours = betweenness(rows)
    theirs = nx.betweenness_centrality(made)
    assert ours == pytest.approx([theirs[node] for node in range(nodes)], abs=1e-12)
    assert ours == pytest.approx([each / scale if scale > 0 else 0 for each in other.betweenness()], abs=1e-12)
    cores = nx.core_number(made)
    assert core_numbers(rows.start, rows.other).tolist() == [cores[node] for node in range(nodes)] == other.coreness()
    assert bridges(rows) == sorted((min(a, b), max(a, b)) for a, b in nx.bridges(made))
    assert bridges(rows) == sorted(tuple(sorted(other.es[edge].tuple)) for edge in other.bridges())
    parts = components(rows)
    assert {frozenset(np.flatnonzero(parts == part).tolist()) for part in set(parts.tolist())} == {
        frozenset(part) for part in nx.connected_components(made)
    }
    sizes = np.bincount(parts)[1:].tolist()
    assert sizes == sorted(sizes, reverse=True)
    for source in range(min(nodes, 3)):
        ways = nx.single_source_shortest_path_length(made, source)
        assert steps_from(rows.start, rows.other, source).tolist() == [ways.get(node, -1) for node in range(nodes)]


@given(st.integers(0, 2**32), st.integers(0, 14), st.integers(0, 30))
@settings(max_examples=80, deadline=None)
def test_measures_of_small_random_graphs_are_those_of_networkx_and_igraph(seed: int, nodes: int, edges: int) -> None:
    agree(*random_graph(seed, nodes, edges))


@pytest.fixture
def compiled_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network is so small that a plain loop is taken."""
    monkeypatch.setattr(network_kernels, "_SMALL", -1)
    monkeypatch.setattr(measures, "_SOON", -1)


def test_measures_of_a_thousand_people_are_those_of_networkx_and_igraph() -> None:
    agree(*random_graph(7, 1000, 1400))


@pytest.mark.usefixtures("compiled_only")
def test_compiled_measures_of_a_thousand_people_are_those_of_networkx_and_igraph() -> None:
    agree(*random_graph(8, 1000, 1400))


@pytest.mark.usefixtures("compiled_only")
def test_compiled_measures_of_small_random_graphs_are_those_of_networkx_and_igraph() -> None:
    for seed in range(60):
        agree(*random_graph(seed, seed % 15, seed % 31))


def seen(claims: list[dict[str, object]], **kinds: str) -> VisibleGraph:
    world = World(
        [subject(k, kind) for k, kind in kinds.items()],
        [report("r1"), report("r2")],
        [mention(k, label=k) for k in kinds],
        claims,
    )
    return visible_graph(projection_of(world), (), FAR_FUTURE_MS - 1)


KIDS = dict.fromkeys("abcdefg", "child")


def two_triangles() -> VisibleGraph:
    """`abc` and `efg` all know each other, and `d` joins c to e."""
    pairs = [*combinations("abc", 2), *combinations("efg", 2), ("c", "d"), ("d", "e")]
    return seen([claim(f"t/{a}{b}", a, "KNOWS", b, "r1") for a, b in pairs], **KIDS)


def test_who_joins_two_groups_is_first_among_brokers_and_parts_them() -> None:
    graph = two_triangles()
    found = standings(graph, **EVER, subject=0)
    names = "".join(graph.subjects[one.person].label for one in found)
    assert names == "dceabfg"
    broker = found[0]
    assert (broker.links, broker.core, broker.component, broker.component_size) == (2, 2, 1, 7)
    assert broker.broker == pytest.approx(9 / 15)
    assert [graph.subjects[at].label for at in broker.bridges] == ["c", "e"]
    assert broker.evidence == ("t/cd", "t/de")
    assert {graph.subjects[one.person].label: one.steps for one in found} == dict(
        zip("abcdefg", (0, 1, 1, 2, 3, 4, 4), strict=True)
    )
    assert {one.core for one in found} == {2}
    assert set(CAVEATS) == {"links", "broker", "core", "bridges", "component", "steps"}


def test_the_graph_of_analysts_has_evidence_on_every_edge() -> None:
    graph = seen(
        [claim("t/1", "a", "KNOWS", "b", "r1"), claim("t/2", "b", "KNOWS", "a", "r2", role="strength")], **KIDS
    )
    made = peer_graph(graph, **EVER)
    a, b = (graph.subjects[at].uid for at in (0, 1))
    assert dict(made.nodes(data="label")) == {a: "a", b: "b"}
    assert made.edges[a, b] == {
        "strength": 2.0, "events": 2, "reports": 1, "kinds": ["knows", "knows_strength"], "evidence": ["t/1", "t/2"],
    }  # fmt: skip
    assert not peer_graph(graph, **EVER, kinds=["family_of"])


def day(number: int) -> dict[str, object]:
    return during(number * 48, number * 48)


def start() -> int:
    return int(during(0, 0)["happened_from"])


def met(claim_id: str, a: str, b: str, number: int) -> dict[str, object]:
    return claim(claim_id, a, "SEEN_WITH", b, "r1", **day(number))


def test_links_are_new_quiet_or_stronger_between_two_dates() -> None:
    claims = [
        met("t/1", "a", "b", 1),
        met("t/2", "a", "c", 12),
        met("t/3", "a", "d", 2),
        *(met(f"t/4{n}", "a", "d", 12) for n in range(3)),
        met("t/5", "a", "e", 3),
        met("t/6", "a", "e", 13),
        met("t/7", "a", "f", 40),
    ]
    graph = seen(claims, **KIDS)
    ends = {"earlier": start() + 10 * DAY_MS, "later": start() + 20 * DAY_MS, "days": 10}
    found = peer_changes(graph, **ends)
    told = {(link.what, graph.subjects[link.b].label): link for link in found.links}
    assert set(told) == {("quiet", "b"), ("new", "c"), ("stronger", "d")}
    assert (told["new", "c"].before, told["new", "c"].after, told["new", "c"].evidence) == (0, 1, ("t/2",))
    assert (told["stronger", "d"].before, told["stronger", "d"].after) == (1, 2)
    assert peer_changes(graph, **ends, subject=6).links == ()
    assert found.groups == ()


def test_how_many_make_a_crowd_may_be_asked_of_what_changed() -> None:
    """A party of three links three; where two are a crowd it links nobody, at either date, and finds no group."""
    claims = [claim(f"t/{who}", who, "INVOLVED_IN", "party", "r1", role="present", **day(12)) for who in "abc"]
    graph = seen(claims, **KIDS, party="incident")
    ends = {"earlier": start() + 10 * DAY_MS, "later": start() + 20 * DAY_MS, "days": 10}
    links = {crowd: peer_changes(graph, **ends, crowd=crowd).links for crowd in (2, 3)}
    assert links[2] == ()
    assert {(link.what, link.kinds) for link in links[3]} == {("new", ("incident",))}
    with pytest.raises(ParameterError, match="crowd"):
        peer_changes(graph, **ends, crowd=1)


def test_who_joined_and_who_left_a_group_is_told() -> None:
    one, two = [f"a{at}" for at in range(6)], [f"b{at}" for at in range(6)]

    def meetings(people: list[str], number: int) -> list[dict[str, object]]:
        return [met(f"t/{number}{a}{b}", a, b, number) for a, b in combinations(people, 2)]

    claims = [
        *meetings(one[:5], 1),
        *meetings(two, 1),
        *meetings([*one[1:]], 11),
        *meetings(["c0", "c1", "c2", "c3", "c4"], 11),
    ]
    kinds = dict.fromkeys([*one, *two, *(f"c{at}" for at in range(5))], "child")
    graph = seen(claims, **kinds)
    found = peer_changes(graph, earlier=start() + 10 * DAY_MS, later=start() + 20 * DAY_MS, days=10).groups

    def names(positions: tuple[int, ...]) -> list[str]:
        return [graph.subjects[at].label for at in positions]

    told = {group.what: group for group in found}
    assert set(told) == {"gone", "new", "changed"}
    assert names(told["gone"].members) == names(told["gone"].left) == two
    assert names(told["new"].joined) == [f"c{at}" for at in range(5)]
    assert (names(told["changed"].joined), names(told["changed"].left)) == (["a5"], ["a0"])
    assert told["changed"].likeness == pytest.approx(4 / 6)
