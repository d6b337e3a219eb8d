"""Peer groups as a picture: overlap drawn as overlap, nothing on top of anything else, the same each time."""

import re
from itertools import combinations
from typing import Any

import pytest
from fake_service import KIA, PEERS, UNKNOWN_AGE

from maps.group_picture import group_picture

GROUPS: list[dict[str, Any]] = [
    {"group": 1, "members": PEERS[:6]},
    {"group": 2, "members": [*PEERS[5:9], UNKNOWN_AGE]},
    {"group": 3, "members": [*PEERS[12:15], KIA]},
]


def outlines(drawn: str) -> list[Any]:
    from shapely import Polygon

    paths = re.findall(r'<path d="M([^"]+) Z" fill="#', drawn)
    return [Polygon([tuple(map(float, pair.split())) for pair in path.split(" L")]) for path in paths]


def places(drawn: str) -> dict[str, tuple[float, float]]:
    found = re.findall(r'translate\(([-\d.]+) ([-\d.]+)\)"><title>([^<,]+),', drawn)
    return {name: (float(x), float(y)) for x, y, name in found}


def test_each_outline_holds_its_people_and_nobody_else() -> None:
    from shapely import Point

    drawn = str(group_picture("Peer groups", GROUPS))
    areas, where = outlines(drawn), places(drawn)
    assert len(areas) == 3
    assert len(where) == 14
    for group, area in zip(GROUPS, areas, strict=True):
        inside = {name for name, at in where.items() if area.contains(Point(at))}
        assert inside == {member["label"] for member in group["members"]}
    both = areas[0].intersection(areas[1])
    assert both.contains(Point(where[PEERS[5]["label"]]))
    assert areas[2].intersection(areas[0]).area == 0


def test_signs_and_names_keep_their_distance() -> None:
    where = places(str(group_picture("Peer groups", GROUPS)))
    for one, other in combinations(where.values(), 2):
        assert abs(one[0] - other[0]) > 60 or abs(one[1] - other[1]) > 60


def test_the_same_groups_give_the_same_picture_and_differ_by_more_than_colour() -> None:
    drawn = str(group_picture("Peer groups", GROUPS))
    assert drawn == str(group_picture("Peer groups", GROUPS))
    assert len(set(re.findall(r'stroke-width="5" stroke-dasharray="([^"]+)" stroke-linejoin="round"/>', drawn))) == 3
    assert all(f">Group {number}<" in drawn for number in (1, 2, 3))
    assert drawn.count('stroke-dasharray="7 6"') == 1  # nobody knows who the adult is
    assert "#d4351c" not in drawn
    assert "14 people, 1 of them in more than one group" in drawn


def test_values_are_escaped_and_nothing_gives_nothing() -> None:
    bad = {"uid": "x", "kind": "child", "label": "<script>alert(1)</script>"}
    drawn = str(group_picture("<b>", [{"group": 1, "members": [bad, *PEERS[:2]]}]))
    assert "<script" not in drawn
    assert "<b>" not in drawn
    assert group_picture("None", []) == ""


@pytest.mark.parametrize("count", [1, 8])
def test_many_groups_have_room(count: int) -> None:
    people = [{"uid": f"u{n}", "kind": "child", "label": f"Child Longname-{n} Invented"} for n in range(8 * count)]
    groups = [{"group": n + 1, "members": people[8 * n : 8 * n + 8]} for n in range(count)]
    areas = outlines(str(group_picture("Groups", groups)))
    assert all(one.intersection(other).area == 0 for one, other in combinations(areas, 2))
