"""Peer groups on a map and as a drawing."""

import random
import re
from typing import Any

import geopandas as gpd
import numpy as np
import pytest

import maps
from maps.layers import area_of_each
from maps.peer_drawing import wrapped
from maps.peer_layout import Box, positions
from maps.peer_picture import link_width

WORDS: dict[str, Any] = {"title": "Peers of Alder Exampleby", "period": "June 2026", "handling": "P"}
ROWS = [
    {
        "a": {"uid": "u1", "kind": "child", "label": "Alder Exampleby"},
        "b": {"uid": "u2", "kind": "child", "label": "Briar Madeupson"},
        "kinds": {
            "seen_with": {"events": 3, "reports": 2, "weight": 2.5},
            "knows_strength": {"events": 1, "reports": 1, "weight": 1},
        },
        "evidence": ["b/1"],
    },
    {
        "a": {"uid": "u3", "kind": "Adult", "label": "Adult Unknown in a white car"},
        "b": {"uid": "u1", "kind": "child", "label": "Alder Exampleby"},
        "kinds": {"suspected_of_exploiting": {"events": 1, "reports": 1, "weight": 1}},
        "evidence": ["b/2"],
    },
]


def test_rows_of_the_question_become_nodes_and_a_link_a_tone() -> None:
    nodes, links = maps.network_of(ROWS, focus="u1")
    assert [(node["id"], node["kind"], node["focus"]) for node in nodes] == [
        ("u1", "child", True),
        ("u2", "child", False),
        ("u3", "adult", False),
    ]
    assert [(link["a"], link["b"], link["tone"]) for link in links] == [
        ("u1", "u2", "neutral"),
        ("u1", "u2", "strength"),
        ("u3", "u1", "concern"),
    ]


def test_a_drawing_has_each_person_each_link_and_the_same_figures_in_its_tables() -> None:
    document = maps.peer_drawing(*maps.network_of(ROWS, focus="u1"), **WORDS).html()
    assert (
        document.count("<line ")
        - document.split('<svg class="drawing"')[0].count("<line ")
        - document.split("</main>")[0].split('class="legend"')[-1].count("<line ")
        == 3
    )
    assert (
        "Alder Exampleby and Briar Madeupson: strength; knows strength; 1 events, 1 independent reports at least"
        in document
    )
    assert "it is not membership" in document
    for row in (
        ["Alder Exampleby", "Briar Madeupson", "Neutral, or not said", "seen with", "3", "2", "2.5"],
        ["1", "Alder Exampleby", "Child"],
    ):
        assert all(f">{cell}</t" in document for cell in row)


def test_tones_differ_without_colour_and_unknown_people_are_dashed() -> None:
    nodes, links = maps.network_of(ROWS)
    assert [node["unknown"] for node in nodes] == [False, False, True]
    document = maps.peer_drawing(nodes, links, **WORDS).html()
    dashes = re.findall(
        r'<line x1="[-\d.]+" y1="[-\d.]+" x2="[-\d.]+" y2="[-\d.]+" stroke="#\w+" stroke-width="[\d.]+" stroke-dasharray="([^"]+)"><title>',
        document,
    )
    assert len(dashes) == len(set(dashes)) == 3
    assert "Adult Unknown in a white car, adult, not identified" in document
    assert 'stroke-dasharray="7 6"' in document


def test_one_report_is_thin_whatever_its_weight() -> None:
    assert link_width(50, 1, 50) < link_width(1, 2, 50) < link_width(50, 2, 50)


def test_no_two_names_overlap_and_the_layout_is_the_same_each_time() -> None:
    chance = random.Random(7)
    for number in (1, 2, 14, 60):
        links = [(chance.randrange(place), place, chance.random() + 0.1) for place in range(1, number)]
        boxes = [Box(chance.uniform(30, 130), 34, chance.uniform(40, 130)) for _ in range(number)]
        found = positions(number, links, boxes, centre=0)
        assert np.array_equal(found, positions(number, links, boxes, centre=0))
        for a in range(number):
            for b in range(a):
                apart_x = abs(found[a, 0] - found[b, 0]) - boxes[a].half_width - boxes[b].half_width
                apart_y = max(
                    found[a, 1] - boxes[a].up - found[b, 1] - boxes[b].down,
                    found[b, 1] - boxes[b].up - found[a, 1] - boxes[a].down,
                )
                assert max(apart_x, apart_y) > -0.01


def test_groups_that_are_not_linked_stand_side_by_side() -> None:
    boxes = [Box(40, 30, 60)] * 6
    found = positions(6, [(0, 1, 1.0), (2, 3, 1.0)], boxes)
    assert len({tuple(point) for point in found.round(1).tolist()}) == 6


def test_ids_do_not_move_anyone() -> None:
    nodes, links = maps.network_of(ROWS)
    renamed = {node["id"]: f"other-{node['id']}" for node in nodes}
    other = maps.peer_drawing(
        [{**node, "id": renamed[node["id"]]} for node in nodes],
        [{**link, "a": renamed[link["a"]], "b": renamed[link["b"]]} for link in links],
        **WORDS,
    )
    assert other.html() == maps.peer_drawing(nodes, links, **WORDS).html()


def test_many_people_are_numbered_and_the_table_has_every_name_and_link() -> None:
    chance = random.Random(3)
    nodes = [{"id": str(place), "label": f"Person Exampleby{place}", "kind": "child"} for place in range(120)]
    links = [
        {
            "a": str(chance.randrange(place)),
            "b": str(place),
            "kinds": {"knows": {"events": 1, "reports": 1, "weight": 1}},
        }
        for place in range(1, 120)
    ] * 6
    document = maps.peer_drawing(nodes, links, **WORDS).html()
    assert f"Drawn: the 600 strongest of {len(links)} links; the table has all." in document
    assert "Numbers inside signs are those of the table" in document
    assert all(f">Person Exampleby{place}</td>" in document for place in range(120))


def test_no_links_is_said() -> None:
    assert "No links to show in this period." in maps.peer_drawing([], [], **WORDS).html()


@pytest.mark.parametrize(
    ("nodes", "links", "rule"),
    [
        ([{"label": "A", "kind": "child"}], [], "id of its own"),
        ([{"id": "a", "label": "A", "kind": "child"}] * 2, [], "id of its own"),
        ([{"id": "a", "label": "A", "kind": "child"}], [{"a": "a", "b": "z"}], "two of the nodes"),
        ([{"id": "a", "label": "A", "kind": "child"}], [{"a": "a", "b": "a", "tone": "bad"}], "tone is one of"),
    ],
    ids=["no-id", "same-id", "unknown-end", "unknown-tone"],
)
def test_what_cannot_be_drawn_is_refused(nodes: list[dict[str, str]], links: list[dict[str, str]], rule: str) -> None:
    with pytest.raises(maps.MapDataError, match=rule):
        maps.peer_drawing(nodes, links, **WORDS)


@pytest.mark.parametrize(
    ("label", "lines"),
    [
        ("Alder Exampleby", ("Alder Exampleby",)),
        ("Adult Unknown in a white car", ("Adult Unknown", "in a white car")),
        ("", ("no name",)),
        (
            "one two three four five six seven eight nine ten eleven twelve thirteen",
            ("one two three", "four five six", "seven eight…"),
        ),
    ],
)
def test_names_break_over_lines(label: str, lines: tuple[str, ...]) -> None:
    assert wrapped(label) == lines


def people() -> gpd.GeoDataFrame:
    columns = {
        "id": ["u1", "u2", "u3"],
        "label": ["Alder Exampleby", "Briar Madeupson", "Adult Unknown"],
        "kind": ["child", "child", "adult"],
    }
    return gpd.GeoDataFrame(
        columns,
        geometry=gpd.points_from_xy([464700.3, 464750.8, 465900.2], [100600.1, 100650.7, 102200.9]),
        crs="EPSG:27700",
    )


def test_a_map_shows_areas_and_holds_no_door() -> None:
    _, links = maps.network_of(ROWS)
    document = maps.peer_map(area_of_each(people()), links, **WORDS).html()
    assert ">Charles Dickens</td>" in document
    assert "Where in an area a sign stands says nothing" in document
    pairs = np.array(re.findall(r"\[(-?\d+\.\d+),(-?\d+\.\d+)\]", document), dtype=float)
    pairs = np.vstack([pairs, pairs[:, ::-1]])  # marks are latitude first, outlines longitude first
    doors = people().to_crs("EPSG:4326").geometry
    for point in zip(doors.x, doors.y, strict=True):
        assert np.abs(pairs - point).max(axis=1).min() > 1e-4


def test_doors_are_refused_unless_points_may_be_shown() -> None:
    with pytest.raises(maps.MapDataError, match="only areas"):
        maps.peer_map(people(), [], **WORDS)
    assert "Exact points, as recorded" in maps.peer_map(people(), [], precision="exact", **WORDS).html()


def test_people_of_one_area_stand_apart_and_links_off_the_map_stay_in_the_table() -> None:
    nodes, links = area_of_each(people()), maps.network_of(ROWS)[1]
    document = maps.peer_map(nodes[nodes["id"] != "u3"], links, **WORDS).html()
    assert len(set(re.findall(r'"shift":\[[-\d.]+,[-\d.]+\]', document))) == 2
    assert ">not on the map</t" in document
