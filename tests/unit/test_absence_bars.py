"""The figure for a meeting: bars with their table, escaped, and honest about what it leaves out."""

from typing import Any

import pytest
from fake_service import co_missing

import maps

WORDS: dict[str, Any] = {"title": "Together", "period": "2026", "handling": "P"}


def test_each_pair_has_its_bars_its_figures_and_a_row_of_the_table() -> None:
    page = maps.absence_bars(co_missing({}), **WORDS).html()
    assert page.count('rx="3" fill="#1a65a6"') == 7  # six meetings of one pair and one of the other
    assert page.count('rx="3" fill="#ffffff" stroke="#5b2a86"') == 7
    assert "6 at the same time; by chance 1.2; q under 0.001" in page
    assert page.count("<tr") >= 3
    assert "http" not in page.replace("http://www.w3.org", "").replace("http-equiv", "")


def test_names_are_text() -> None:
    (row, *_) = co_missing({})
    page = maps.absence_bars([{**row, "a": {"label": "<script>alert(1)</script>"}}], **WORDS).html()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_more_than_can_be_drawn_are_in_the_table_and_it_says_so() -> None:
    (row, *_) = co_missing({})
    page = maps.absence_bars([row] * 8, **WORDS).html()
    assert "the first 6 of 8 pairs" in page


def test_nothing_is_said_in_words() -> None:
    assert "No two children were missing together" in maps.absence_bars([], **WORDS).html()


def test_rows_of_something_else_are_refused() -> None:
    with pytest.raises(maps.MapDataError, match=r"episodes\.co_missing"):
        maps.absence_bars([{"a": 1}], **WORDS)
