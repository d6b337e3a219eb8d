"""Counts, names and places as they are shown to those who may not see the records behind them."""

import pytest
from pyproj import Geod

from graph_service.access import Role
from graph_service.disclosure import (
    Precision,
    initials,
    precision_for,
    pseudonym,
    rounded_down,
    shown_point,
)

KEY = b"a key of the tests"
GUILDHALL = (50.79899, -1.09125)  # a public building


@pytest.mark.parametrize(
    ("count", "expected"), [(0, None), (1, None), (4, None), (5, 5), (9, 5), (10, 10), (1003, 1000)]
)
def test_a_count_is_rounded_down_and_a_small_one_is_none_and_never_zero(count: int, expected: int | None) -> None:
    assert rounded_down(count) == expected


def test_a_pseudonym_is_the_same_for_the_same_subject_and_key_alone() -> None:
    name = pseudonym(KEY, "demo:child-1", "child")
    assert name == pseudonym(KEY, "demo:child-1", "child")
    assert name != pseudonym(b"another key", "demo:child-1", "child")
    assert name != pseudonym(KEY, "demo:child-2", "child")
    assert name.startswith("Child ")


def test_pseudonyms_of_a_city_are_all_different_and_hold_no_mistakable_letter() -> None:
    names = {pseudonym(KEY, f"demo:child-{n}", "child").removeprefix("Child ") for n in range(20_000)}
    assert len(names) == 20_000
    assert not set("".join(names)) & set("AEIOUBSZLG01258")


@pytest.mark.parametrize(
    ("label", "expected"),
    [("Ana Example", "A.E."), ("Ana-Maria  van Example", "A.M.V.E."), ("élodie", "É."), ("4 (unknown)", ""), ("", "")],
)
def test_initials(label: str, expected: str) -> None:
    assert initials(label) == expected


def test_each_role_has_its_precision_and_strangers_the_coarsest() -> None:
    assert {role: precision_for(role) for role in Role} == {
        Role.COORDINATOR: Precision.EXACT,
        Role.SATELLITE: Precision.EXACT,
        Role.INTELLIGENCE: Precision.EXACT,
        Role.ANALYST: Precision.SNAPPED,
        Role.SCHOOL: Precision.AREA,
        Role.OPERATOR: Precision.AREA,
    }
    assert precision_for("stranger") is Precision.AREA


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    return float(Geod(ellps="WGS84").inv(one[1], one[0], other[1], other[0])[2])


@pytest.mark.parametrize("precision", list(Precision))
def test_a_point_moves_at_most_half_the_diagonal_of_its_cell(precision: Precision) -> None:
    shown = shown_point(*GUILDHALL, precision)
    assert shown is not None
    assert metres_between(GUILDHALL, shown) <= precision.metres * 0.71 + 0.1


def test_points_of_one_cell_are_shown_as_one_so_that_repeats_tell_nothing() -> None:
    near = (GUILDHALL[0] + 0.00005, GUILDHALL[1])
    for precision in (Precision.SNAPPED, Precision.AREA):
        shown = shown_point(*GUILDHALL, precision)
        assert shown == shown_point(*near, precision)
        assert shown is not None
        assert shown == shown_point(*shown, precision)
    assert shown_point(*GUILDHALL, Precision.EXACT) == GUILDHALL


@pytest.mark.parametrize("point", [(0.0, 0.0), (50.8, 30.0), (-50.0, -1.0)])
def test_a_point_outside_the_grid_is_not_shown_coarsely(point: tuple[float, float]) -> None:
    assert shown_point(*point, Precision.SNAPPED) is None
