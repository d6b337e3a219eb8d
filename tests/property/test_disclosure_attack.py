"""A reader who has only what is shown, and adds and subtracts: what can they still work out of a small count?"""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.disclosure import SMALLEST_SHOWN, suppress_list, suppress_table

COUNTS = st.one_of(st.integers(0, 6), st.integers(0, 40))


def fits(hidden: list[int], shown: int | None, known: int) -> bool:
    """Say whether counts add up to what is shown of their total."""
    return shown is None or sum(hidden) + known == shown


@settings(deadline=None, max_examples=150)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=4))
def test_trying_every_list_leaves_each_small_count_open(counts: list[int]) -> None:
    shown, total = suppress_list(counts)
    assert all(value is None or value == count for value, count in zip(shown, counts, strict=True))
    hidden = [at for at, value in enumerate(shown) if value is None]
    known = sum(value for value in shown if value is not None)
    highest = 12 * len(counts) + SMALLEST_SHOWN
    believable = [
        guess
        for guess in itertools.product(range(min(highest, 25)), repeat=len(hidden))
        if fits(list(guess), total, known)
    ]
    for place, at in enumerate(hidden):
        if counts[at] < SMALLEST_SHOWN:
            values = {guess[place] for guess in believable}
            assert max(values) - min(values) >= SMALLEST_SHOWN - 1


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=2, max_size=2))
def test_trying_every_table_leaves_each_small_cell_open(counts: list[list[int]]) -> None:
    shown = suppress_table(counts)
    cells = [shown.cells[row][column] for row in (0, 1) for column in (0, 1)]
    ranges = [range(25) if value is None else (value,) for value in cells]
    believable = [
        (a, b, c, d)
        for a, b, c, d in itertools.product(*ranges)
        if fits([a, b], shown.row_totals[0], 0)
        and fits([c, d], shown.row_totals[1], 0)
        and fits([a, c], shown.column_totals[0], 0)
        and fits([b, d], shown.column_totals[1], 0)
        and fits([a, b, c, d], shown.total, 0)
    ]
    truth = [counts[row][column] for row in (0, 1) for column in (0, 1)]
    for place, value in enumerate(truth):
        if value < SMALLEST_SHOWN:
            values = {guess[place] for guess in believable}
            assert max(values) - min(values) >= SMALLEST_SHOWN - 1


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 5).flatmap(lambda n: st.lists(st.lists(COUNTS, min_size=n, max_size=n), min_size=2, max_size=5)))
def test_no_small_count_is_shown_and_nothing_shown_is_wrong(counts: list[list[int]]) -> None:
    shown = suppress_table(counts)
    columns = list(zip(*counts, strict=True))
    pairs = [
        *(
            (shown.cells[row][column], counts[row][column])
            for row in range(len(counts))
            for column in range(len(columns))
        ),
        *zip(shown.row_totals, map(sum, counts), strict=True),
        *zip(shown.column_totals, map(sum, columns), strict=True),
        (shown.total, sum(map(sum, counts))),
    ]
    assert all(value is None or (value == truth and value >= SMALLEST_SHOWN) for value, truth in pairs)


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 5).flatmap(lambda n: st.lists(st.lists(COUNTS, min_size=n, max_size=n), min_size=2, max_size=5)))
def test_taking_the_shown_from_a_total_never_leaves_a_small_count(counts: list[list[int]]) -> None:
    shown = suppress_table(counts)
    lines = [
        *zip(shown.cells, shown.row_totals, strict=True),
        (shown.row_totals, shown.total),
        (shown.column_totals, shown.total),
    ]
    lines += zip(zip(*shown.cells, strict=True), shown.column_totals, strict=True)
    for parts, total in lines:
        if total is not None and None in parts:
            assert parts.count(None) > 1
            assert total - sum(part for part in parts if part is not None) >= SMALLEST_SHOWN
