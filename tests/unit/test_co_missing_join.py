"""The expression of the join on DuckDB: what counts, that no order of its conditions leads to another join, and that the kernel agrees."""

import itertools

import numpy as np
import pandas as pd
import pytest
from absences_made import made_absences

from queries.analysis.co_missing_join import DAY_MS, count_pairs, on_duckdb, overlaps
from queries.errors import ParameterError

HOUR = 3_600_000
# Ibis 12 uses names that DuckDB 2 and pandas 3 call old.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(autouse=True)
def no_global_randomness() -> None:
    """Let Ibis name its temporary tables by random numbers of the process's own."""


def frame(*rows: tuple[int, int, float, float, float, float]) -> pd.DataFrame:
    """Episode, child, start and end in hours (from a day before 1970, so that days are negative too), easting, northing."""
    made = pd.DataFrame(rows, columns=["episode", "child", "started", "ended", "x", "y"])
    for name in ("started", "ended"):
        made[name] = (made[name] * HOUR).astype(np.int64) - DAY_MS
    return made.astype({"x": float, "y": float})


def joined(episodes: pd.DataFrame, within: float | None, least: int = HOUR) -> list[tuple[int, int]]:
    found = overlaps(on_duckdb(episodes), least_ms=least, within_metres=within).to_pandas()
    return sorted(zip(found["one"].tolist(), found["other"].tolist(), strict=True))


@pytest.mark.parametrize(
    ("second", "within", "pairs"),
    [
        ((2, 8, 4, 9, 0, 0), None, [(1, 2)]),
        ((2, 8, 4.01, 9, 0, 0), None, []),
        ((2, 7, 1, 9, 0, 0), None, []),
        ((2, 8, -3, 2, 0, 0), None, [(2, 1)]),
        ((2, 8, 0, 5, 0, 0), None, [(1, 2)]),
        ((0, 8, 0, 5, 0, 0), None, [(0, 1)]),
        ((2, 8, -80, 90, 0, 0), None, [(2, 1)]),
        ((2, 8, 1, 9, 300, 400), 500, [(1, 2)]),
        ((2, 8, 1, 9, -300, -400.001), 500, []),
        ((2, 8, 1, 9, 0, 0), 0, [(1, 2)]),
        ((2, 8, 1, 9, np.nan, np.nan), 500, []),
    ],
    ids=[
        "an-hour", "less", "the-same-child", "the-other-first", "together", "together-smaller-number", "days-around",
        "as-far-as-asked", "further", "the-very-place", "no-place",
    ],
)  # fmt: skip
def test_what_counts(
    second: tuple[int, int, float, float, float, float], within: float | None, pairs: list[tuple[int, int]]
) -> None:
    episodes = frame((1, 7, 0, 5, 0, 0), second)
    assert joined(episodes, within) == pairs
    if within is not None:
        assert count_pairs(episodes, within_metres=within)["observed"].sum() == len(pairs)


def test_two_near_one_another_at_several_places_meet_once() -> None:
    episodes = frame((1, 7, 0, 5, 0, 0), (1, 7, 0, 5, 10, 0), (2, 8, 1, 6, 0, 5), (2, 8, 1, 6, 9, 0))
    assert joined(episodes, 50) == [(1, 2)]
    for engine in ("duckdb", "kernel"):
        found = count_pairs(episodes, within_metres=50, engine=engine)
        assert found.to_numpy().tolist() == [[7, 8, 1, HOUR - DAY_MS, HOUR - DAY_MS]]


@pytest.mark.parametrize("within", [None, 400.0])
def test_every_two_compared_give_the_same(within: float | None) -> None:
    episodes = made_absences(400, seed=3, years=1).episodes
    rows = list(episodes.itertuples(index=False))
    slow = set()
    for one, other in itertools.combinations(rows, 2):
        overlap = min(one.ended, other.ended) - max(one.started, other.started)
        near = within is None or (one.x - other.x) ** 2 + (one.y - other.y) ** 2 <= within**2
        if one.child != other.child and overlap >= HOUR and near:
            slow.add(tuple(sorted((one.episode, other.episode))))
    assert {tuple(sorted(pair)) for pair in joined(episodes, within)} == slow
    assert slow


@pytest.mark.parametrize("within", [None, 500.0])
def test_whatever_the_order_of_its_conditions_it_joins_by_equality(within: float | None) -> None:
    """Joined by its inequalities the textbook order is a thousand times slower: the plan, not the clock, is looked at."""
    table = on_duckdb(made_absences(10_000, years=1).episodes)
    counts = set()
    for order in itertools.permutations(range(3 if within is None else 4)):
        pairs = overlaps(table, within_metres=within, order=order)
        con = pairs.get_backend().con
        plan = con.execute(f"EXPLAIN {pairs.compile()}").fetchall()[0][1]
        joins = [
            line.split("─ ")[1].split(" ─")[0] for line in plan.splitlines() if " Join ─" in line or "Product ─" in line
        ]
        assert joins == ["Hash Join"]
        assert "day = day" in plan
        counts.add(int(pairs.count().execute()))
    assert len(counts) == 1
    assert counts.pop() > 0


def test_counts_are_those_of_the_kernel() -> None:
    episodes = made_absences(10_000, seed=9, years=2).episodes
    pd.testing.assert_frame_equal(
        count_pairs(episodes, within_metres=500, engine="kernel"),
        count_pairs(episodes, within_metres=500, engine="duckdb"),
    )


def test_the_kernel_is_for_places() -> None:
    with pytest.raises(ParameterError, match="give a distance"):
        count_pairs(frame((1, 7, 0, 5, 0, 0)), engine="kernel")
