"""What was planted in the demonstration city is found, and where nothing was planted nothing is: precision, recall and false findings."""

from itertools import combinations

import pytest
from city_graph import CityGraph, city_graph

from ingest.synthetic.figures import Size
from queries.analysis.chance import LEVEL
from queries.analysis.co_missing import co_missing
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, VisibleGraph

WHOLE = {"happened_from": FAR_PAST_MS, "happened_to": FAR_FUTURE_MS}


def findings(graph: VisibleGraph, within: float | None) -> set[tuple[int, int]]:
    pairs = co_missing(graph, **WHOLE, within_metres=within)
    return {(pair.a, pair.b) for pair in pairs if pair.q_value is not None and pair.q_value < LEVEL}


def planted(city: CityGraph, graph: VisibleGraph) -> set[tuple[int, int]]:
    groups = city.city.truth["co_missing"]
    both = [sorted(graph.position[key] for key in pair) for row in groups for pair in combinations(row["members"], 2)]  # type: ignore[index,call-overload,union-attr]
    return {(a, b) for a, b in both}


@pytest.mark.parametrize("size", ["city", pytest.param("force", marks=pytest.mark.nightly)])
def test_those_who_go_together_eight_times_are_found_and_nobody_else(size: Size) -> None:
    city = city_graph(size)
    graph = city.seen_by("coordinator")
    true = planted(city, graph)
    for within in (None, 500.0):
        found = findings(graph, within)
        assert len(found - true) <= 0.05 * len(found)
        assert len(found & true) >= 0.9 * len(true)


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(n, marks=pytest.mark.nightly) for n in range(3, 33))])
def test_where_nothing_was_planted_nothing_is_found(seed: int) -> None:
    """Of many cities about one in twenty may have a finding; of these seeds none had."""
    graph = city_graph(seed=seed, planted=False).seen_by("coordinator")
    assert findings(graph, None) == findings(graph, 500.0) == set()
