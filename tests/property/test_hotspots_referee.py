"""Cells equal a plain count of each square and its neighbours, on what the viewer sees alone."""

import itertools
import math
from typing import Any

import pyproj
import pytest
from graphs import HALF_HOUR, START, Case, cases, projection_of
from hypothesis import given, settings
from hypothesis import strategies as st
from referee import Slow, in_time, slow_graph

from queries.analysis.hotspots import LAYERS, gi_star
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, visible_graph

GRID = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)
KINDS = (*["child"] * 2, *["incident"] * 8, *["location"] * 6)
TYPES = (*["AT"] * 12, *["INVOLVED_IN"] * 3, "LIVES_AT", "SAME_AS")
PERIODS = st.tuples(st.integers(-2, 26), st.integers(-2, 40)).map(
    lambda ends: (START + ends[0] * HALF_HOUR, START + ends[1] * HALF_HOUR)
) | st.just((FAR_PAST_MS, FAR_FUTURE_MS))
Square = tuple[int, int]


def slow_cells(graph: Slow, layer: str, start: int, end: int, metres: int) -> dict[Square, tuple[int, float, float]]:
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
    mean = total / n
    spread = math.sqrt(sum((count - mean) ** 2 for count in counts.values()) / n)
    z, p = {}, {}
    for square in squares:
        near = [other for other in squares if max(abs(other[0] - square[0]), abs(other[1] - square[1])) <= 1]
        w, here = len(near), sum(counts[other] for other in near)
        below = spread * math.sqrt((n * w - w * w) / (n - 1)) if n > 1 else 0
        z[square] = (here - w * mean) / below if below else 0.0
        chance = w / n
        p[square] = sum(math.comb(total, k) * chance**k * (1 - chance) ** (total - k) for k in range(here, total + 1))

    # Benjamini and Hochberg as they put it: the smallest rate at which the cell would be among those declared.
    def q(square: Square) -> float:
        at_least = [other for other in squares if p[other] >= p[square] - 1e-12]
        return min([1.0, *(p[other] * n / sum(p[o] <= p[other] + 1e-12 for o in squares) for other in at_least)])

    return {square: (counts[square], z[square], q(square)) for square in inside}


@given(cases(60, KINDS, TYPES), st.sampled_from(LAYERS), PERIODS, st.sampled_from((500, 150, 1000)))
@settings(max_examples=200, deadline=None)
def test_cells_are_those_of_a_plain_count(case: Case, layer: str, period: tuple[int, int], metres: int) -> None:
    graph = visible_graph(projection_of(case.world), case.open_sights, case.known_at)
    found = gi_star(graph, layer, happened_from=period[0], happened_to=period[1], cell_metres=metres)
    slow = slow_cells(slow_graph(case.world, case.open_sights, case.known_at), layer, *period, metres)
    rows = {(c.easting // metres, c.northing // metres): (c.events, c.z, c.q_value) for c in found}
    assert rows.keys() == slow.keys()
    assert all(rows[square] == pytest.approx(slow[square], abs=1e-9) for square in rows)
    assert [cell.q_value for cell in found] == sorted(cell.q_value for cell in found)
    claims = set(graph.claims.claim_id.tolist())
    assert all(cell.evidence and set(cell.evidence) <= claims for cell in found)
