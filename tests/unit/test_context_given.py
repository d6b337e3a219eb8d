"""What people send of a context, as it is read before anything of it is kept."""

import pytest

from graph_service.services.contexts import given
from queries.errors import ParameterError


def polygon(*corners: tuple[float, float]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in corners]]}


def test_an_area_is_kept_as_it_was_drawn() -> None:
    drawn = polygon((-1.09, 50.79), (-1.07, 50.79), (-1.07, 50.8), (-1.09, 50.79))
    assert given.polygon("area", drawn) == drawn
    assert given.polygon("area", None) is None


@pytest.mark.parametrize(
    ("drawn", "rule"),
    [
        (polygon((10**400, 50.8), (-1, 50.8), (-1, 50.9), (10**400, 50.8)), "corner"),
        (polygon((float("nan"), 50.8), (-1, 50.8), (-1, 50.9), (float("nan"), 50.8)), "corner"),
        (polygon((50.8, -1), (50.8, -1.1), (50.9, -1.1), (50.8, -1)), "longitude first"),
        (polygon((-1.1, 50.7), (-1.0, 50.8), (-1.0, 50.7), (-1.1, 50.8), (-1.1, 50.7)), "crosses"),
        (polygon((-1.1, 50.7), (-1.1, 50.7), (-1.1, 50.7), (-1.1, 50.7)), "crosses"),
        (polygon(*[(-1.1, 50.7)] * 501), "at most 500"),
        ({"type": "Polygon", "coordinates": [[[[[[]]]]]]}, "corner|four corners"),
    ],
)
def test_an_area_that_encloses_nothing_that_can_be_told_is_refused(drawn: object, rule: str) -> None:
    with pytest.raises(ParameterError, match=rule):
        given.polygon("area", drawn)


def test_text_as_word_processors_leave_it_is_kept() -> None:
    assert given.text("why", "Seen at\u00a09\u202fpm \u2013 twice.\u200b") == "Seen at 9 pm \u2013 twice."
    assert given.text("why", "\U0001f469\u200d\U0001f467") == "\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize("written", ["\u202egnp.exe", "a\x00b", "\x1b[31m", "\ud800"])
def test_text_that_would_show_as_something_else_is_refused(written: str) -> None:
    with pytest.raises(ParameterError, match="cannot be shown"):
        given.text("why", written)


def test_an_instant_needs_its_offset() -> None:
    assert given.moment("up_to", "") is None
    assert given.moment("up_to", "2026-11-17T10:00:00Z") is not None
    for wrong in ("2026-11-17T10:00:00", "yesterday"):
        with pytest.raises(ParameterError, match="instant"):
            given.moment("up_to", wrong)
