"""Ranked places and Gi*: order, homes, periods, and equality with esda."""

import warnings
from typing import Any

import numpy as np
import pytest
from esda.getisord import G_Local
from graphs import EVER, HALF_HOUR, START, Period, World, claim, during, mention, projection_of, report, subject
from libpysal.weights import lat2W

from queries.analysis.homes import HomeList
from queries.analysis.hotspots import gi_star, gi_star_of, neighbours_in_grid, ranked_places
from queries.errors import ParameterError
from queries.projection import FAR_FUTURE_MS, VisibleGraph, visible_graph


def seen(claims: list[dict[str, object]], mentions: list[dict[str, object]], **kinds: str) -> VisibleGraph:
    subjects = [subject(key, kind) for key, kind in kinds.items()]
    reports = [report("r1"), report("r2", "health")]
    return visible_graph(projection_of(World(subjects, reports, mentions, claims)), (), FAR_FUTURE_MS - 1)


def test_events_come_before_children_and_children_before_reports() -> None:
    claims = [
        claim("t/1", "i1", "AT", "east", "r1", role="found_at"),
        claim("t/2", "i2", "AT", "west", "r1", role="found_at"),
        claim("t/3", "i2", "AT", "west", "r2", role="found_at"),
        claim("t/4", "ana", "INVOLVED_IN", "i1", "r1", role="missing"),
        claim("t/5", "i3", "AT", "pier", "r1", role="found_at"),
        claim("t/6", "i4", "AT", "pier", "r1", role="found_at"),
    ]
    places = {"east": "location", "west": "location", "pier": "location"}
    incidents = dict.fromkeys(("i1", "i2", "i3", "i4"), "incident")
    graph = seen(claims, [mention(key, label=key) for key in places], ana="child", **places, **incidents)
    found = ranked_places(graph, "found_at", **EVER)
    rows = [(graph.subjects[p.place].label, p.events, p.children, p.reports, p.agencies) for p in found]
    assert rows == [("pier", 2, 0, 1, 1), ("east", 1, 1, 1, 1), ("west", 1, 0, 2, 2)]
    assert found[1].evidence == ("t/1", "t/4")


def test_a_home_is_never_listed_whoever_says_so() -> None:
    claims = [
        claim("t/1", "i1", "AT", "home", "r1", role="found_at"),
        claim("t/2", "i2", "AT", "placement", "r1", role="found_at"),
        claim("t/3", "ana", "LIVES_AT", "home", "r1"),
    ]
    where: dict[str, Any] = {"latitude": 50.8, "longitude": -1.08}
    kinds = {"home": "location", "placement": "location", "i1": "incident", "i2": "incident", "ana": "child"}
    graph = seen(claims, [mention("home", **where), mention("placement", **where)], **kinds)
    assert len(ranked_places(graph, "found_at", **EVER)) == 1
    for name in ("bundle:t/placement", "t/placement", "uid-placement"):
        listed = HomeList(frozenset({name})).marked(graph)
        assert ranked_places(listed, "found_at", **EVER) == []
        assert gi_star(listed, "found_at", **EVER) == []


@pytest.mark.parametrize(
    ("start", "end", "counted"),
    [(0, 2, True), (2, 4, False), (1, 2, True), (-2, 0, False), (-2, 1, True)],
    ids=["whole", "ended-as-it-begins", "part", "begins-as-it-ends", "first-part"],
)
def test_a_period_takes_its_start_and_not_its_end(start: int, end: int, counted: bool) -> None:
    graph = seen(
        [claim("t/1", "i1", "AT", "pier", "r1", role="last_seen", **during(0, 2))],
        [mention("pier")],
        pier="location",
        i1="incident",
    )
    period: Period = {"happened_from": START + start * HALF_HOUR, "happened_to": START + end * HALF_HOUR}
    assert bool(ranked_places(graph, "last_seen", **period)) is counted


def test_a_layer_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ParameterError, match="layer"):
        ranked_places(seen([], []), "rumours", **EVER)


def test_cells_with_many_around_them_come_first() -> None:
    spots = {f"p{at}": (50.80 + 0.0001 * at, -1.08) for at in range(6)} | {"far": (50.86, -1.02)}
    claims = [claim(f"t/{p}", f"i{p}", "AT", p, "r1", role="missing_from") for p in spots]
    mentions = [mention(p, latitude=at[0], longitude=at[1]) for p, at in spots.items()]
    kinds = dict.fromkeys(spots, "location") | {f"i{p}": "incident" for p in spots}
    graph = seen(claims, mentions, **kinds)
    cells = gi_star(graph, "missing_from", **EVER, against="area")
    assert sum(cell.events for cell in cells) == 7
    assert (cells[0].easting % 500, cells[0].northing % 500, cells[-1].events) == (0, 0, 1)
    assert cells[0].events >= 3
    assert cells[0].q_value < 0.01 < cells[-1].q_value
    # Seven places, one event at each: they are the events themselves, and no background.
    assert gi_star(graph, "missing_from", **EVER) == cells
    # Two at each: the places are a background, and explain what is there.
    again = [claim(f"u/{p}", f"j{p}", "AT", p, "r1", role="missing_from") for p in spots]
    graph = seen([*claims, *again], mentions, **kinds, **{f"j{p}": "incident" for p in spots})
    assert all(cell.q_value > 0.5 for cell in gi_star(graph, "missing_from", **EVER))


@pytest.mark.parametrize(("wide", "high"), [(7, 5), (2, 9), (1, 4)])
def test_gi_star_equals_esda(wide: int, high: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        counts = np.random.default_rng(7).poisson(2, wide * high).astype(float)
        near = lat2W(high, wide, rook=False)
        theirs = G_Local(counts, near, transform="B", star=True, permutations=0).Zs
    assert gi_star_of(counts, neighbours_in_grid(wide, high)) == pytest.approx(theirs, abs=1e-12)


def test_equal_counts_everywhere_are_no_hotspot() -> None:
    assert (gi_star_of(np.ones(9), neighbours_in_grid(3, 3)) == 0).all()
