"""Peer groups: what makes one, what makes none, who is in two, and how much each can be believed."""

from itertools import combinations

import pytest
from graphs import EVER, World, claim, mention, projection_of, report, subject

from queries.analysis.groups import Group, peer_groups
from queries.analysis.peer_graph import links_in
from queries.analysis.peers import every_link
from queries.analysis.resolution_scan import DENSITIES, lasting_sets
from queries.analysis.ties import FIRM, peer_ties
from queries.errors import ParameterError
from queries.projection import FAR_FUTURE_MS, VisibleGraph, visible_graph

REPORTS = [report("r1"), report("r2", "education")]
Claims = list[dict[str, object]]


def seen(claims: Claims, **kinds: str) -> VisibleGraph:
    world = World(
        [subject(k, kind) for k, kind in kinds.items()], REPORTS, [mention(k, label=k) for k in kinds], claims
    )
    return visible_graph(projection_of(world), (), FAR_FUTURE_MS - 1)


def know_each_other(people: list[str]) -> Claims:
    return [claim(f"t/{a}{b}", a, "KNOWS", b, "r1") for a, b in combinations(people, 2)]


def named(graph: VisibleGraph, groups: list[Group]) -> list[list[str]]:
    return [[graph.subjects[at].label for at in group.members] for group in groups]


ONE, TWO = [f"a{at}" for at in range(5)], [f"b{at}" for at in range(5)]


def cliques(*more: dict[str, object], mo: str = "child") -> VisibleGraph:
    """Two groups of five who all know each other, and Mo, who knows two of each."""
    pairs = [("mo", "a0"), ("mo", "a1"), ("mo", "b0"), ("mo", "b1")]
    ties = [claim(f"t/{a}{b}", a, "KNOWS", b, "r1") for a, b in pairs]
    return seen(
        [*know_each_other(ONE), *know_each_other(TWO), *ties, *more], mo=mo, **dict.fromkeys(ONE + TWO, "child")
    )


def test_groups_are_found_and_a_person_between_them_is_listed_in_both() -> None:
    graph = cliques()
    groups = peer_groups(graph, **EVER)
    assert named(graph, groups) == [[*ONE, "mo"], [*TWO, "mo"]]
    assert [[graph.subjects[at].label for at in group.overlap] for group in groups] == [["mo"], ["mo"]]
    for group in groups:
        assert group.stability > 0.6
        assert group.resolutions[0] in DENSITIES
        assert group.resolutions[0] < group.resolution < group.resolutions[1]
        assert group.chance < 1
        assert dict(group.kinds) == {"knows": 12}
        assert (group.reports, len(group.evidence)) == (1, 12)


def test_an_adult_is_beside_a_group_of_children_and_never_in_it() -> None:
    acts = [claim(f"t/x{n}", "x", "SUSPECTED_OF_EXPLOITING", who, "r2") for n, who in enumerate(ONE[:3])]
    claims = [*know_each_other(ONE), *know_each_other(TWO), *acts, claim("t/y", "x", "KNOWS", "b0", "r2")]
    graph = seen(claims, x="adult", **dict.fromkeys(ONE + TWO, "child"))
    one, two = peer_groups(graph, **EVER)
    assert named(graph, [one, two]) == [ONE, TWO]
    ((adult,), ()) = one.beside, two.beside
    assert (graph.subjects[adult.person].label, adult.members, adult.kinds) == ("x", 3, ("suspected_of_exploiting",))
    assert adult.evidence == ("t/x0", "t/x1", "t/x2")


def test_adults_among_themselves_can_be_a_group() -> None:
    graph = seen([*know_each_other(ONE), *know_each_other(TWO)], **dict.fromkeys(ONE + TWO, "adult"))
    assert named(graph, peer_groups(graph, **EVER)) == [ONE, TWO]


def test_one_event_makes_no_group_however_many_were_there() -> None:
    people = ONE[:4]
    party: Claims = [claim(f"t/{a}{b}", a, "SEEN_WITH", b, "r1", event_id="party") for a, b in combinations(people, 2)]
    others = [claim(f"t/{a}{b}", a, "KNOWS", b, "r1") for a, b in (("c0", "c1"), ("c2", "c3"), ("c4", "c5"))]
    kinds = dict.fromkeys([*people, *(f"c{at}" for at in range(6))], "child")
    assert peer_groups(seen(party + others, **kinds), **EVER) == []
    again: Claims = [
        claim(f"t/2{a}{b}", a, "SEEN_WITH", b, "r2", event_id="market") for a, b in combinations(people, 2)
    ]
    graph = seen(party + again + others, **kinds)
    assert named(graph, peer_groups(graph, **EVER)) == [people]


def test_what_chance_would_give_is_told_only_when_asked_for() -> None:
    """Three who know each other, among forty children of whom each knows a few: such threes are to be expected."""
    ring = [f"c{at:02d}" for at in range(40)]
    pairs = [(ring[at], ring[(at + step) % 40]) for at in range(40) for step in (1, 7, 16)]
    claims = [claim(f"t/{a}{b}", a, "KNOWS", b, "r1") for a, b in [*pairs, ("c00", "c02")]]
    graph = seen(claims, **dict.fromkeys(ring, "child"))
    assert peer_groups(graph, **EVER) == []
    found = peer_groups(graph, **EVER, also_by_chance=True)
    assert found
    assert all(group.chance >= 1 for group in found)


def test_somebody_on_one_tie_alone_is_not_in_a_group() -> None:
    claims = [*know_each_other(ONE), *know_each_other(TWO), claim("t/z", "zed", "KNOWS", "a0", "r2")]
    graph = seen(claims, zed="child", **dict.fromkeys(ONE + TWO, "child"))
    assert named(graph, peer_groups(graph, **EVER)) == [ONE, TWO]


def test_a_school_makes_no_group_of_its_pupils() -> None:
    pupils = [f"p{at:02d}" for at in range(30)]
    enrolled = [claim(f"t/{p}", p, "ATTENDS", "school", "r1") for p in pupils]
    friends = [claim(f"t/{a}{b}", a, "KNOWS", b, "r2") for a, b in combinations(pupils[:5], 2)]
    graph = seen(enrolled + friends, school="location", **dict.fromkeys(pupils, "child"))
    assert named(graph, peer_groups(graph, **EVER)) == [pupils[:5]]


def test_ties_are_on_one_scale_whatever_their_unit() -> None:
    claims = [
        claim("t/1", "ana", "KNOWS", "ben", "r1"),
        claim("t/2", "ana", "SEEN_WITH", "cat", "r1", seconds=20.0),
        claim("t/3", "ana", "SEEN_WITH", "dan", "r1", seconds=140.0),
        claim("t/4", "ben", "INVOLVED_IN", "fair", "r1"),
        claim("t/5", "cat", "INVOLVED_IN", "fair", "r1"),
        claim("t/6", "dan", "INVOLVED_IN", "fair", "r1"),
    ]
    graph = seen(claims, fair="incident", **dict.fromkeys(("ana", "ben", "cat", "dan"), "child"))
    ties = {
        (graph.subjects[tie.a].label, graph.subjects[tie.b].label): tie
        for tie in peer_ties(graph, every_link(graph).links)
    }
    assert ties["ana", "ben"].strength == ties["ana", "cat"].strength == 1
    assert ties["ana", "dan"].strength == 3  # seven occasions
    assert ties["ben", "cat"].strength == pytest.approx(0.585, abs=1e-3)
    assert ties["ben", "cat"].is_firm
    assert FIRM == 0.5
    assert ties["ben", "cat"].only == ties["cat", "dan"].only is not None
    assert ties["ana", "ben"].only is None


def test_groups_of_different_densities_are_found_in_one_scan() -> None:
    strong = [(a, b, 3.0) for a, b in combinations("abcd", 2)]
    loose = [(a, b, 0.3) for a, b in combinations("uvwxyz", 2)]
    found = lasting_sets([*strong, *loose, ("a", "u", 0.2)])
    assert [sorted(one.members) for one in found] == [list("abcd"), list("uvwxyz")]
    assert found[0].density > found[1].density
    assert found[0].found_again == 1
    assert lasting_sets([]) == []


def test_a_kind_of_link_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ParameterError, match="kinds"):
        peer_groups(cliques(), **EVER, kinds=["friendship"])


def test_what_is_suspected_to_be_false_makes_no_group_and_no_figure() -> None:
    people = dict.fromkeys(ONE, "child")
    believed, doubted = report("r1"), report("r2", grade="1-E")
    for said, count in (("r1", 1), ("r2", 0)):
        ties = [claim(f"t/{a}{b}", a, "KNOWS", b, said) for a, b in combinations(ONE, 2)]
        world = World(
            [subject(key, kind) for key, kind in people.items()],
            [believed, doubted],
            [mention(k) for k in people],
            ties,
        )
        graph = visible_graph(projection_of(world), (), FAR_FUTURE_MS - 1)
        assert len(peer_groups(graph, **EVER, also_by_chance=True)) == count
        assert len(links_in(graph, **EVER)) == 10 * count
