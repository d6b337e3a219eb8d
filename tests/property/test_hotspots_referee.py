"""Cells, areas, hours and changes equal a plain count of each square and its neighbours, on what the viewer sees alone."""

import datetime as dt
import itertools
import math
from typing import Any
from zoneinfo import ZoneInfo

import pyproj
import pytest
import shapely
from graphs import HALF_HOUR, START, Case, cases, projection_of
from hypothesis import given, settings
from hypothesis import strategies as st
from referee import Slow, in_time, slow_graph

from queries.analysis.area_hotspots import gi_areas
from queries.analysis.change import compared
from queries.analysis.hotspots import LAYERS, gi_star
from queries.analysis.hours import hours_of_the_week
from queries.analysis.layers import children_of_incidents, layer_rows, once_a_child
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, visible_graph

GRID = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)
KINDS = (*["child"] * 2, *["incident"] * 8, *["location"] * 6)
TYPES = (*["AT"] * 12, *["INVOLVED_IN"] * 3, "LIVES_AT", "SAME_AS")
PERIODS = st.tuples(st.integers(-2, 26), st.integers(-2, 40)).map(
    lambda ends: (START + ends[0] * HALF_HOUR, START + ends[1] * HALF_HOUR)
) | st.just((FAR_PAST_MS, FAR_FUTURE_MS))
Square = tuple[int, int]


def slow_cells(
    graph: Slow, layer: str, start: int, end: int, metres: int, places: bool
) -> dict[Square, tuple[int, float, float]]:
    """Square with an event by its south-west corner in squares: events, z and q-value."""
    role = "occurred" if layer == "crime" else layer
    homes = {row["b"] for row in graph.claims if row["type"] == "LIVES_AT"}
    inside: dict[Square, set[str]] = {}
    for row in graph.claims:
        place: Any = graph.subjects[row["b"]].get("position")
        wanted = row["type"] == "AT" and row["role"] == role and in_time(row, start, end) and row["b"] not in homes
        if wanted and place and (layer != "crime" or graph.subjects[row["a"]]["subkind"] == "crime"):
            east, north = GRID.transform(place[1], place[0])
            inside.setdefault((math.floor(east / metres), math.floor(north / metres)), set()).add(row["a"])
    if not inside:
        return {}
    easts, norths = [sorted(square[axis] for square in inside) for axis in (0, 1)]
    squares = list(itertools.product(range(easts[0], easts[-1] + 1), range(norths[0], norths[-1] + 1)))
    counts = {square: len(inside.get(square, ())) for square in squares}
    n, total = len(squares), sum(counts.values())
    ever = ("crime",) if layer == "crime" else ("missing_from", "last_seen", "found_at")
    known = {row["b"] for name in ever for row in slow_rows(graph, name, FAR_PAST_MS, FAR_FUTURE_MS)}
    held = dict.fromkeys(squares, 0 if places else 1)
    for key in known if places else ():
        spot: Any = graph.subjects[key].get("position")
        if spot:
            east, north = GRID.transform(spot[1], spot[0])
            square = (math.floor(east / metres), math.floor(north / metres))
            if square in held:
                held[square] += 1
    mean = total / n
    spread = math.sqrt(sum((count - mean) ** 2 for count in counts.values()) / n)
    z, p = {}, {}
    for square in squares:
        near = [other for other in squares if max(abs(other[0] - square[0]), abs(other[1] - square[1])) <= 1]
        w, here = len(near), sum(counts[other] for other in near)
        below = spread * math.sqrt((n * w - w * w) / (n - 1)) if n > 1 else 0
        z[square] = (here - w * mean) / below if below else 0.0
        chance = min(1.0, sum(held[other] for other in near) / sum(held.values()))
        p[square] = sum(math.comb(total, k) * chance**k * (1 - chance) ** (total - k) for k in range(here, total + 1))

    tried = [square for square in squares if held[square]]

    # Benjamini and Hochberg as they put it: the smallest rate at which the cell would be among those declared.
    def q(square: Square) -> float:
        at_least = [other for other in tried if p[other] >= p[square] - 1e-12]
        return min([1.0, *(p[other] * len(tried) / sum(p[o] <= p[other] + 1e-12 for o in tried) for other in at_least)])

    return {square: (counts[square], z[square], q(square)) for square in inside}


@given(cases(60, KINDS, TYPES), st.sampled_from(LAYERS), PERIODS, st.sampled_from((500, 150, 1000)), st.booleans())
@settings(max_examples=150, deadline=None)
def test_cells_are_those_of_a_plain_count(
    case: Case, layer: str, period: tuple[int, int], metres: int, places: bool
) -> None:
    graph = visible_graph(projection_of(case.world), case.open_sights, case.known_at)
    found = gi_star(
        graph,
        layer,
        happened_from=period[0],
        happened_to=period[1],
        cell_metres=metres,
        against="places" if places else "area",
    )
    slow = slow_cells(slow_graph(case.world, case.open_sights, case.known_at), layer, *period, metres, places)
    rows = {(c.easting // metres, c.northing // metres): (c.events, c.z, c.q_value) for c in found}
    assert rows.keys() == slow.keys()
    assert all(rows[square] == pytest.approx(slow[square], abs=1e-9) for square in rows)
    assert [cell.q_value for cell in found] == sorted(cell.q_value for cell in found)
    claims = set(graph.claims.claim_id.tolist())
    assert all(cell.evidence and set(cell.evidence) <= claims for cell in found)


def slow_rows(graph: Slow, layer: str, start: int, end: int) -> list[dict[str, Any]]:
    """The claims of a layer, in order of their id."""
    role = "occurred" if layer == "crime" else layer
    homes = {row["b"] for row in graph.claims if row["type"] == "LIVES_AT"}
    rows = [row for row in graph.claims if row["type"] == "AT" and row["role"] == role and row["b"] not in homes]
    rows = [row for row in rows if in_time(row, start, end)]
    return [row for row in rows if layer != "crime" or graph.subjects[row["a"]]["subkind"] == "crime"]


def children_at(graph: Slow, incident: str) -> set[str]:
    rows = [row for row in graph.claims if row["type"] == "INVOLVED_IN" and row["b"] == incident]
    return {row["a"] for row in rows if graph.kind(row["a"]) == "child"}


@given(cases(60, KINDS, TYPES), st.sampled_from(LAYERS), PERIODS)
@settings(max_examples=100, deadline=None)
def test_hours_are_those_of_a_plain_count(case: Case, layer: str, period: tuple[int, int]) -> None:
    graph = visible_graph(projection_of(case.world), case.open_sights, case.known_at)
    slow = slow_graph(case.world, case.open_sights, case.known_at)
    rows = slow_rows(slow, layer, *period)
    first: dict[str, int] = {}
    for row in rows:
        if row["time_known"] in {"exact", "about"} and row["happened_from"] > FAR_PAST_MS:
            first[row["a"]] = min(first.get(row["a"], FAR_FUTURE_MS), row["happened_from"])
    expected: dict[tuple[int, int], set[str]] = {}
    for incident, started in first.items():
        local = dt.datetime.fromtimestamp(started / 1000, ZoneInfo("Europe/London"))
        expected.setdefault((local.weekday(), local.hour), set()).add(incident)
    week = hours_of_the_week(graph, layer_rows(graph, layer, *period))
    assert {(h.weekday, h.hour): (h.events, h.children) for h in week.hours} == {
        hour: (len(some), len(set().union(*(children_at(slow, one) for one in some))))
        for hour, some in expected.items()
    }
    assert week.without_an_hour == len({row["a"] for row in rows}) - len(first)


@given(cases(60, KINDS, TYPES), st.sampled_from(LAYERS), st.integers(1, 30))
@settings(max_examples=100, deadline=None)
def test_changes_are_those_of_a_plain_count(case: Case, layer: str, cut: int) -> None:
    graph = visible_graph(projection_of(case.world), case.open_sights, case.known_at)
    slow = slow_graph(case.world, case.open_sights, case.known_at)
    ends = (START, START + cut * HALF_HOUR, START + 40 * HALF_HOUR)
    found = compared(graph, layer, before=(ends[0], ends[1]), after=(ends[1], ends[2]))
    expected: dict[str, tuple[set[str], set[str]]] = {}
    for row in slow_rows(slow, layer, FAR_PAST_MS, FAR_FUTURE_MS):
        if row["happened_from"] > FAR_PAST_MS:
            end = row["happened_to"] if row["happened_to"] < FAR_FUTURE_MS else row["happened_from"]
            middle = (row["happened_from"] + end) / 2
            for part in (0, 1):
                if ends[part] <= middle < ends[part + 1]:
                    expected.setdefault(row["b"], (set(), set()))[part].add(row["a"])
    rows = {graph.subjects[p.place or 0].key: (p.change.before, p.change.after) for p in found.places}
    assert rows == {place: (len(old), len(new)) for place, (old, new) in expected.items()}
    both = [set().union(*(sets[part] for sets in expected.values())) for part in (0, 1)]
    assert (found.whole.change.before, found.whole.change.after) == (len(both[0]), len(both[1]))
    children = [set().union(*(children_at(slow, one) for one in some)) for some in both]
    assert (found.whole.children_before, found.whole.children_after) == (len(children[0]), len(children[1]))


@given(cases(60, KINDS, TYPES), st.sampled_from(LAYERS[1:]), PERIODS)
@settings(max_examples=100, deadline=None)
def test_a_child_is_kept_once_a_place_as_in_a_plain_walk(case: Case, layer: str, period: tuple[int, int]) -> None:
    graph = visible_graph(projection_of(case.world), case.open_sights, case.known_at)
    slow = slow_graph(case.world, case.open_sights, case.known_at)
    rows = slow_rows(slow, layer, *period)
    kept = {
        min(
            (row for row in rows if row["b"] == place and child in children_at(slow, row["a"])),
            key=lambda row: row["happened_from"],
        )["claim_id"]
        for place, child in {(row["b"], child) for row in rows for child in children_at(slow, row["a"])}
    }
    found = once_a_child(graph, layer_rows(graph, layer, *period), children_of_incidents(graph))
    assert {str(graph.claims.claim_id[row]) for row in found} == kept


# Strips side by side over most places of the random worlds, and one far off, in metres (EPSG:27700).
STRIPS = [shapely.box(464_000, 100_000 + 200 * n, 466_000, 100_200 + 200 * n) for n in range(7)]
STRIPS += [shapely.box(480_000, 98_000, 480_400, 98_400)]


@given(cases(60, KINDS, TYPES), st.sampled_from(LAYERS), PERIODS)
@settings(max_examples=60, deadline=None)
def test_areas_are_those_of_a_plain_count(case: Case, layer: str, period: tuple[int, int]) -> None:
    graph = visible_graph(projection_of(case.world), case.open_sights, case.known_at)
    slow = slow_graph(case.world, case.open_sights, case.known_at)
    inside: dict[int, set[str]] = {}
    outside: set[str] = set()
    for row in slow_rows(slow, layer, *period):
        place: Any = slow.subjects[row["b"]].get("position")
        if place:
            spot = shapely.Point(GRID.transform(place[1], place[0]))
            area = next((n for n, strip in enumerate(STRIPS) if strip.contains(spot)), None)
            (outside if area is None else inside.setdefault(area, set())).add(row["a"])
    found = gi_areas(graph, layer, STRIPS, happened_from=period[0], happened_to=period[1], against="area")
    assert {area.area: area.events for area in found.areas} == {n: len(some) for n, some in inside.items()}
    assert found.outside == len(outside)
    for area in found.areas:
        near = [n for n in range(len(STRIPS)) if abs(n - area.area) <= 1 and (n < 7) == (area.area < 7)]
        here, total = sum(len(inside.get(n, ())) for n in near), sum(map(len, inside.values()))
        share = len(near) / len(STRIPS)
        tail = sum(math.comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(here, total + 1))
        assert area.q_value >= tail - 1e-12
        assert area.is_island is (area.area == 7)
