"""Where events gather, against esda, and what a reader of the list would notice."""

import math

import numpy as np
import pytest
from esda.getisord import G_Local
from graphs import EVER, HALF_HOUR, SECRET, START, Row, World, claim, during, mention, projection_of, report, subject
from libpysal.weights import lat2W
from scipy import stats

from queries.analysis.homes import Circle, HomeList
from queries.analysis.hotspots import gi_star, gi_star_of, more_than_chance, neighbours_in_grid, ranked_places
from queries.analysis.layers import children_of_incidents, layer_rows, once_a_child
from queries.analysis.national_grid import eastings_northings
from queries.errors import ParameterError
from queries.projection import VisibleGraph, visible_graph

PLACES = {"park": (50.80, -1.08), "pier": (50.79, -1.10), "station": (50.81, -1.09), "nowhere": (math.nan, math.nan)}


def found(number: int, place: str, *, role: str = "found_at", said_by: str = "r", **more: object) -> Row:
    return claim(
        f"at {number} {place} {said_by}", f"e{number}", "AT", place, said_by, role=role, **during(0, 0), **more
    )


def told(
    *claims: Row, subkind: str = "missing_episode", positions: dict[str, tuple[float, float]] = PLACES
) -> VisibleGraph:
    """What a viewer without any need to know sees of these claims, on eighty episodes and two children."""
    subjects = [subject("ana", "child"), subject("ben", "child"), subject("cara", "adult")]
    subjects += [subject(f"e{number}", "incident") for number in range(80)]
    subjects += [subject(place, "location") for place in positions]
    mentions = [mention(f"e{number}", report="r", subkind=subkind) for number in range(80)]
    mentions += [
        mention(place, report="r", label=place, latitude=at[0], longitude=at[1]) for place, at in positions.items()
    ]
    reports = [report("r"), report("copy", copied_from="r"), report("other", "health")]
    return visible_graph(projection_of(World(subjects, reports, mentions, list(claims))), (), START)


def involved(number: int, child: str) -> Row:
    return claim(f"of {number} {child}", child, "INVOLVED_IN", f"e{number}", "r", role="missing", **during(0, 0))


def ranked(graph: VisibleGraph, layer: str = "found_at", **asked: object) -> list[tuple[str, int, int, int, int]]:
    rows = ranked_places(graph, layer, **{**EVER, **asked})  # type: ignore[arg-type]
    return [
        (graph.subjects[p.place].key.removeprefix("bundle:t/"), p.events, p.children, p.reports, p.agencies)
        for p in rows
    ]


@pytest.mark.parametrize(("wide", "high"), [(20, 20), (31, 7), (5, 4), (2, 3)])
@pytest.mark.parametrize("mean", [0.3, 2.0, 40.0])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # esda, where every cell is near
def test_gi_star_is_that_of_esda(wide: int, high: int, mean: float) -> None:
    counts = np.random.default_rng(wide * high).poisson(mean, wide * high).astype(float)
    counts[0] += 1  # never all the same
    weights = lat2W(high, wide, rook=False)
    theirs = G_Local(counts, weights, transform="B", star=True, permutations=0).Zs
    near_all = np.asarray(neighbours_in_grid(wide, high).sum(axis=1)).ravel() == wide * high
    ours = gi_star_of(counts, neighbours_in_grid(wide, high))
    np.testing.assert_allclose(ours[~near_all], theirs[~near_all], rtol=0, atol=1e-12)
    assert not ours[near_all].any()


def test_where_every_cell_is_alike_none_stands_out() -> None:
    near = neighbours_in_grid(4, 3)
    assert gi_star_of(np.full(12, 7.0), near).tolist() == [0] * 12
    assert gi_star_of(np.zeros(12), near).tolist() == [0] * 12


def test_a_corner_has_four_cells_near_it_an_edge_six_and_the_middle_nine() -> None:
    near = np.asarray(neighbours_in_grid(4, 3).sum(axis=1)).reshape(3, 4)
    assert near.tolist() == [[4, 6, 6, 4], [6, 9, 9, 6], [4, 6, 6, 4]]


def test_chance_of_events_near_a_cell_is_that_of_dice() -> None:
    """Two events on a line of four cells: near the first are the first two, so both are there once in four."""
    near = neighbours_in_grid(4, 1)
    assert more_than_chance(np.array([2.0, 0, 0, 0]), near) == pytest.approx([1 / 4, 9 / 16, 1, 1])


@pytest.mark.parametrize(("side", "events"), [(10, 30), (40, 200), (40, 2000)])
def test_events_strewn_evenly_are_seldom_a_hotspot(side: int, events: int) -> None:
    """At a false discovery rate of one in twenty, at most about one map in twenty has any; the normal tail of z has most."""
    dice, near = np.random.default_rng(7), neighbours_in_grid(side, side)
    fooled = normal = 0
    for _ in range(100):
        counts = np.bincount(dice.integers(0, side * side, events), minlength=side * side).astype(float)
        fooled += bool((stats.false_discovery_control(more_than_chance(counts, near))[counts > 0] < 0.05).any())
        normal += bool(
            (stats.false_discovery_control(stats.norm.sf(gi_star_of(counts, near)))[counts > 0] < 0.05).any()
        )
    assert fooled <= 9
    assert normal > fooled


def test_most_events_come_first_then_children_then_reports_then_key() -> None:
    claims = [found(1, "pier"), found(2, "pier"), found(3, "park"), found(4, "station"), found(5, "nowhere")]
    claims += [involved(4, "ana"), found(5, "nowhere", said_by="other")]
    assert ranked(told(*claims)) == [
        ("pier", 2, 0, 1, 1),
        ("station", 1, 1, 1, 1),
        ("nowhere", 1, 0, 2, 2),
        ("park", 1, 0, 1, 1),
    ]


def test_a_copied_report_is_not_another_and_one_child_twice_is_one_child() -> None:
    claims = [
        found(1, "park"),
        found(1, "park", said_by="copy"),
        found(2, "park"),
        involved(1, "ana"),
        involved(2, "ana"),
    ]
    assert ranked(told(*claims)) == [("park", 2, 1, 1, 1)]
    assert ranked(told(*claims, involved(2, "ben"), involved(2, "cara"))) == [("park", 2, 2, 1, 1)]


def test_every_claim_behind_a_count_is_given_as_evidence() -> None:
    graph = told(found(1, "park"), found(2, "park"), found(3, "pier"), involved(1, "ana"), involved(3, "ben"))
    place = ranked_places(graph, "found_at", **EVER)[0]
    assert place.evidence == ("at 1 park r", "at 2 park r", "of 1 ana")


@pytest.mark.parametrize(
    "listed",
    [
        HomeList(frozenset({"bundle:t/park"})),
        HomeList(frozenset({"uid-park"})),
        HomeList(frozenset({"t/park"})),
        HomeList(circles=(Circle(50.8002, -1.08, 30),)),
    ],
    ids=["source-key", "uid", "reference", "position"],
)
def test_a_home_on_the_partnerships_list_is_not_a_hotspot(listed: HomeList) -> None:
    graph = told(found(1, "park"), found(2, "pier"), positions={"park": (50.8, -1.08), "pier": (50.81, -1.08)})
    assert ranked(listed.marked(graph)) == [("pier", 1, 0, 1, 1)]
    assert sum(cell.events for cell in gi_star(listed.marked(graph), "found_at", **EVER)) == 1
    assert not graph.homes.any()


def test_a_position_on_the_list_hides_no_place_beyond_its_radius_and_a_name_nobody_has_hides_nothing() -> None:
    graph = told(found(1, "park"), positions={"park": (50.8, -1.08)})
    listed = HomeList(frozenset({"bundle:t/none"}), (Circle(50.8002, -1.08, 20),))
    assert ranked(listed.marked(graph)) == [("park", 1, 0, 1, 1)]


def test_children_are_counted_once_a_place_when_asked_and_put_it_first() -> None:
    claims = [*(found(n, "park") for n in range(4)), *(involved(n, "ana") for n in range(4))]
    claims += [found(9, "pier"), involved(9, "ben"), involved(9, "ana"), found(10, "station")]
    graph = told(*claims, positions={"park": (50.8, -1.08), "pier": (50.82, -1.05), "station": (50.8, -1.09)})
    by_children = ranked_places(graph, "found_at", **EVER, count="children")
    assert [(graph.subjects[p.place].key[-4:], p.children, p.events) for p in by_children] == [
        ("pier", 2, 1),
        ("park", 1, 4),
    ]
    assert ranked(graph)[0][0] == "park"
    cells = gi_star(graph, "found_at", **EVER, count="children")
    assert sorted(cell.children for cell in cells) == [1, 2]
    with pytest.raises(ParameterError, match="name nobody"):
        ranked_places(graph, "crime", **EVER, count="children")
    rows = layer_rows(graph, "found_at", EVER["happened_from"], EVER["happened_to"])
    kept = once_a_child(graph, rows, children_of_incidents(graph))
    assert [str(graph.claims.claim_id[row]) for row in kept] == ["at 0 park r", "at 9 pier r"]


def test_a_home_that_a_visible_claim_tells_of_is_not_a_hotspot_but_a_hidden_one_gives_nothing_away() -> None:
    lives = claim("lives", "ana", "LIVES_AT", "park", "r")
    assert ranked(told(found(1, "park"), lives)) == []
    assert gi_star(told(found(1, "park"), lives), "found_at", **EVER) == []
    assert ranked(told(found(1, "park"), {**lives, "sight": SECRET[0]})) == [("park", 1, 0, 1, 1)]


def test_layers_are_apart_and_a_crime_occurred_where_it_did() -> None:
    claims = [found(1, "park", role="occurred"), found(2, "pier", role="last_seen")]
    assert ranked(told(*claims), "crime") == []
    assert ranked(told(*claims, subkind="crime"), "crime") == [("park", 1, 0, 1, 1)]
    assert ranked(told(*claims), "last_seen") == [("pier", 1, 0, 1, 1)]
    assert ranked(told(*claims), "missing_from") == []
    with pytest.raises(ParameterError, match="found_at"):
        ranked_places(told(), "anything", **EVER)


def test_a_period_has_its_start_and_not_its_end() -> None:
    graph = told(found(1, "park"))
    assert ranked(graph, happened_from=START, happened_to=START + 1)
    assert not ranked(graph, happened_from=START - HALF_HOUR, happened_to=START)


def test_cells_lie_on_the_national_grid_and_hold_what_is_in_them() -> None:
    spots = {"park": (50.8000, -1.0800), "bench": (50.8001, -1.0801), "far": (50.8300, -1.0300)}
    claims = [found(n, "park") for n in range(6)] + [found(n, "bench") for n in range(4, 9)] + [found(70, "far")]
    claims += [involved(1, "ana"), involved(5, "ben")]
    spots |= {f"quiet{n}": (50.8300, -1.0300 + n / 10000) for n in range(1, 9)}
    claims += [found(70, f"quiet{n}", role="last_seen") for n in range(1, 9)]
    cells = gi_star(told(*claims, positions=spots), "found_at", **EVER)
    (crowded, lonely) = cells
    ((east, north),) = eastings_northings([50.80005], [-1.08005])
    assert (crowded.easting, crowded.northing) == (east // 500 * 500, north // 500 * 500)
    assert (crowded.events, crowded.children, lonely.events) == (9, 2, 1)
    assert crowded.q_value < 0.001
    assert lonely.q_value > 0.05
    assert crowded.z > 2 > lonely.z
    assert crowded.metres == 500
    assert len(crowded.evidence) == 13


def test_events_without_a_position_are_in_no_cell() -> None:
    assert gi_star(told(found(1, "nowhere")), "found_at", **EVER) == []


def test_events_in_one_cell_are_no_hotspot_of_it_alone() -> None:
    (cell,) = gi_star(told(*(found(n, "park") for n in range(50))), "found_at", **EVER)
    assert (cell.events, cell.z, cell.q_value) == (50, 0, 1)


def test_events_too_far_apart_for_cells_are_refused_with_what_to_do() -> None:
    graph = told(found(1, "park"), found(2, "north"), positions={"park": (50.8, -1.08), "north": (58.6, 6.0)})
    with pytest.raises(ParameterError, match="ranked"):
        gi_star(graph, "found_at", **EVER, cell_metres=50)


def test_a_cluster_of_places_that_each_have_one_event_is_found() -> None:
    spread = {f"far{n}": (50.75 + 0.012 * (n // 5), -1.20 + 0.03 * (n % 5)) for n in range(25)}
    close = {f"near{n}": (50.8000 + 0.0002 * n, -1.0800) for n in range(15)}
    at = {**spread, **close}
    graph = told(*(found(number, place) for number, place in enumerate(at)), positions=at)
    first, *others = gi_star(graph, "found_at", **EVER)
    assert first.events >= 10
    assert first.q_value < 0.01
    assert all(cell.q_value > 0.05 for cell in others if cell.events == 1 and abs(cell.z) < 1)
