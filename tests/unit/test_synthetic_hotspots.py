"""What each way of finding hotspots makes of the demonstration city: the planted ones found, and little where nothing was planted."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pytest
from city_graph import CityGraph, city_graph

from queries.analysis.bursts import SIGNIFICANT, cluster_hotspots, scan_hotspots
from queries.analysis.hotspots import gi_star, ranked_places
from queries.analysis.national_grid import eastings_northings
from queries.analysis.place_trends import emerging_places
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, VisibleGraph, to_milliseconds

WHOLE: Final[dict[str, Any]] = {"happened_from": FAR_PAST_MS, "happened_to": FAR_FUTURE_MS}
LAYERS: Final = ("found_at", "last_seen")
FORTNIGHT_MS: Final = 14 * 86_400_000
#: Clusters of fewer events than this are what chance makes of any busy place.
LEAST_IN_A_CLUSTER: Final = 15


@dataclass(frozen=True)
class Spot:
    """A planted hotspot: its layer and place, and its first and last day (milliseconds UTC); `bounded` if it is not there all year."""

    layer: str
    place: int
    first: int
    end: int
    bounded: bool


def spots_of(city: CityGraph, graph: VisibleGraph) -> list[Spot]:
    truth: Any = city.city.truth

    def day(text: str) -> int:
        return to_milliseconds(dt.datetime.fromisoformat(f"{text}T00:00+00:00"))

    year = day(truth["to"]) - day(truth["from"])
    return [
        Spot(row["layer"], graph.position[row["place"]], day(row["from"]), day(row["to"]), day(row["to"]) - day(row["from"]) < year * 0.9)
        for row in truth["hotspots"]
    ]  # fmt: skip


Found = list[tuple[str, set[int]]]  # layer, and the places of each finding


def ranked(graph: VisibleGraph) -> Found:
    """The first three places of each layer."""
    return [(layer, {place.place}) for layer in LAYERS for place in ranked_places(graph, layer, **WHOLE)[:3]]


def gi(graph: VisibleGraph) -> Found:
    """Squares below a false discovery rate of 0.01."""
    return [
        (layer, places_in(graph, cell.easting, cell.northing))
        for layer in LAYERS
        for cell in gi_star(graph, layer, **WHOLE)
        if cell.q_value < 0.01 and cell.events >= 10
    ]


def places_in(graph: VisibleGraph, easting: int, northing: int) -> set[int]:
    placed = [at for at, subject in enumerate(graph.subjects) if subject.has_position and not graph.homes[at]]
    metres = eastings_northings(
        [graph.subjects[at].latitude for at in placed], [graph.subjects[at].longitude for at in placed]
    )
    inside = ((metres >= [easting, northing]) & (metres < [easting + 500, northing + 500])).all(axis=1)
    return set(np.array(placed)[inside].tolist())


def clusters(graph: VisibleGraph) -> Found:
    """Clusters of fifteen events or more."""
    return [
        (layer, set(one.places))
        for layer in LAYERS
        for one in cluster_hotspots(graph, layer, **WHOLE)[0]
        if one.events >= LEAST_IN_A_CLUSTER
    ]


def scan(graph: VisibleGraph) -> Found:
    """Bursts that fewer than 1 in 20 maps of chance have."""
    return [
        (layer, set(one.places)) for layer in LAYERS for one in scan_hotspots(graph, layer, **WHOLE, replicates=199)[0]
    ]


def emerging(graph: VisibleGraph) -> Found:
    """Places that stand out now or did."""
    return [(layer, {one.place}) for layer in LAYERS for one in emerging_places(graph, layer, **WHOLE).places]


METHODS: Final[dict[str, Callable[[VisibleGraph], Found]]] = {
    "ranked": ranked, "gi": gi, "clusters": clusters, "scan": scan, "emerging": emerging,
}  # fmt: skip


def standing(spots: list[Spot], found: Found) -> tuple[float, float]:
    """Recall of the planted places, and precision: the share of findings that hold one of their layer."""
    hit = [any(spot.layer == layer and spot.place in places for layer, places in found) for spot in spots]
    true = [any(spot.layer == layer and spot.place in places for spot in spots) for layer, places in found]
    return sum(hit) / len(hit), sum(true) / len(true) if true else 1.0


@pytest.fixture(scope="module")
def city() -> CityGraph:
    return city_graph()


@pytest.fixture(scope="module")
def plain() -> VisibleGraph:
    return city_graph(planted=False).seen_by("intelligence")


@pytest.mark.parametrize(
    ("method", "recall", "precision", "false_alarms"),
    [("ranked", 1.0, 0.6, 6), ("gi", 0.75, 0.6, 3), ("clusters", 1.0, 0.8, 1), ("scan", 0.75, 1.0, 0), ("emerging", 1.0, 0.75, 0)],
)  # fmt: skip
def test_planted_hotspots_are_found_and_chance_makes_few(
    city: CityGraph, plain: VisibleGraph, method: str, recall: float, precision: float, false_alarms: int
) -> None:
    graph = city.seen_by("intelligence")
    found = standing(spots_of(city, graph), METHODS[method](graph))
    assert found[0] >= recall
    assert found[1] >= precision
    assert len(METHODS[method](plain)) <= false_alarms


def test_clusters_beyond_what_is_usual_come_first_and_chance_makes_none(city: CityGraph, plain: VisibleGraph) -> None:
    graph = city.seen_by("intelligence")
    for layer in LAYERS:
        found, _ = cluster_hotspots(graph, layer, **WHOLE)
        beyond = [one for one in found if one.by_chance < SIGNIFICANT]
        assert found[: len(beyond)] == beyond
        first = max(beyond, key=lambda one: one.events)
        assert any(spot.place in first.places for spot in spots_of(city, graph) if spot.layer == layer)
        assert first.events > 2 * first.usual
        assert all(one.by_chance >= SIGNIFICANT for one in cluster_hotspots(plain, layer, **WHOLE)[0])


def test_a_burst_is_found_with_its_weeks(city: CityGraph) -> None:
    graph = city.seen_by("intelligence")
    bounded = [spot for spot in spots_of(city, graph) if spot.bounded]
    assert len(bounded) == 3
    for spot in bounded:
        bursts, _ = scan_hotspots(graph, spot.layer, **WHOLE, replicates=99)
        (burst,) = [burst for burst in bursts if burst.centre == spot.place]
        # Its last weeks may have had few by chance.
        assert abs(burst.end - spot.end) <= 1.5 * FORTNIGHT_MS
        # What began before the longest burst that is looked for is found from there on.
        assert (
            spot.first - FORTNIGHT_MS
            <= burst.first
            <= max(spot.first, spot.end - 16 * 7 * 86_400_000) + 3 * FORTNIGHT_MS
        )
