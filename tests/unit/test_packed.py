"""The packed copy of a row: what is unpacked is what was packed, and what does not fit is not packed."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.store.packed import CLAIM, MENTION, Layout

NUMBERS = {
    "i4": st.integers(-1, 2**31 - 1),
    "i8": st.integers(-(2**63), 2**63 - 1),
    "f8": st.floats(allow_nan=False),
}
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


def rows_of(layout: Layout) -> st.SearchStrategy[list[dict[str, Any]]]:
    numbers = {name: NUMBERS[kind] for name, kind in layout.numbers}
    return st.lists(st.fixed_dictionaries({**numbers, **dict.fromkeys(layout.texts, TEXT)}), max_size=5)


@pytest.mark.parametrize("layout", [CLAIM, MENTION], ids=["claim", "mention"])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_what_is_unpacked_is_what_was_packed(layout: Layout, data: st.DataObject) -> None:
    rows = data.draw(rows_of(layout))
    found = layout.unpacked([copy for row in rows if (copy := layout.packed(row)) is not None])
    for name in (*dict(layout.numbers), *layout.texts):
        assert list(found[name]) == [row[name] for row in rows]
        assert name in layout.texts or found[name].dtype in (np.int64, np.float64)


@pytest.mark.parametrize("given", [{"claim_id": "a\0b"}, {"nid": 2**31}], ids=["a-nul", "too-large"])
def test_what_does_not_fit_is_left_to_the_properties(given: dict[str, Any]) -> None:
    row = dict.fromkeys(dict(MENTION.numbers), 0) | dict.fromkeys(MENTION.texts, "") | given
    assert MENTION.packed(row) is None
