"""The small parts of the pages: times in words, marked text, the peer picture, vendored files."""

import datetime as dt
import hashlib
import json
import re

import pytest
from fake_service import ANA, CAR, REPORT_TEXT, network

from graph_service.web import times, words
from graph_service.web.marked_text import marked
from graph_service.web.pages import STATIC
from graph_service.web.peer_picture import PeerFilter, peer_picture
from graph_service.web.timeline_picture import timeline_picture


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-07-01T08:05:00Z", "1 Jul 2026, 9:05am"),
        ("2026-11-18T00:00:00Z", "18 Nov 2026"),
        ("2026-10-25T00:30:00Z", "25 Oct 2026, 1:30am"),  # the first of two half past ones
        ("2026-11-18T12:00:00Z", "18 Nov 2026, midday"),
        (None, "not known"),
        ("2999-01-01T00:00:00Z", "not known"),
    ],
)
def test_moments_are_said_in_london(moment: str | None, said: str) -> None:
    assert times.short(moment) == said


@pytest.mark.parametrize(
    ("now", "wednesday"),
    [
        ("2026-11-18T08:59:00Z", "2026-11-11T09:00:00+00:00"),
        ("2026-11-18T09:00:00Z", "2026-11-18T09:00:00+00:00"),
        ("2026-07-03T10:00:00Z", "2026-07-01T08:00:00+00:00"),
        ("2026-10-27T10:00:00Z", "2026-10-21T08:00:00+00:00"),  # across the change of the clocks
    ],
)
def test_last_wednesday_is_the_meeting_that_is_over(now: str, wednesday: str) -> None:
    assert times.last_wednesday(dt.datetime.fromisoformat(now)).isoformat() == wednesday


def test_marked_text_is_the_text_again() -> None:
    mentions = [
        {"label": "Ana Exampleby", "subject": ANA},
        {"label": "Ana", "subject": ANA},
        {"label": "a white Kia", "subject": CAR},
    ]
    pieces = marked(REPORT_TEXT, mentions)
    assert "".join(piece.text for piece in pieces) == REPORT_TEXT
    assert [piece.text for piece in pieces if piece.subject] == ["Ana Exampleby", "a white Kia"]
    assert marked("Diana met Anabel.", mentions)[0].subject is None  # part of another word is no mention


def test_the_peer_picture_is_the_same_each_time_and_in_any_order() -> None:
    rows = network()
    pictures = [peer_picture(given, ANA, PeerFilter()).elements for given in (rows, list(reversed(rows)))]
    assert pictures[0] == pictures[1]


def test_no_two_marks_of_the_peer_picture_overlap() -> None:
    nodes = [e for e in peer_picture(network(), ANA, PeerFilter()).elements if e["group"] == "nodes"]
    for at, one in enumerate(nodes):
        for other in nodes[at + 1 :]:
            across = abs(one["position"]["x"] - other["position"]["x"])
            down = abs(one["position"]["y"] - other["position"]["y"])
            assert across > 46 or down > 46 + 21


def test_tones_differ_and_one_report_is_thin() -> None:
    edges = [e for e in peer_picture(network(), ANA, PeerFilter()).elements if e["group"] == "edges"]
    classes = [set(e["classes"].split()) for e in edges]
    assert {"concern"} in classes
    assert {"strength"} in classes
    assert {"neutral", "thin"} in classes
    assert all(e["data"]["width"] == 3 for e in edges if "thin" in e["classes"])
    assert all(e["data"]["width"] > 3 for e in edges if "thin" not in e["classes"])


def test_a_crowd_is_drawn_in_part_and_listed_whole() -> None:
    crowd = [{**network()[4], "b": {"uid": f"p{n}", "kind": "child", "label": f"Child {n}"}} for n in range(200)]
    picture = peer_picture(crowd, ANA, PeerFilter())
    assert (len(picture.links), picture.not_drawn) == (200, 140)


def test_crowds_are_left_out_aloud_and_a_concern_never_is() -> None:
    def link(n: int, kind: str, weight: float) -> dict[str, object]:
        counts = {kind: {"events": 1, "reports": 1, "weight": weight}}
        return {
            "a": ANA,
            "b": {"uid": f"p{n}", "kind": "child", "label": f"Child {n}"},
            "kinds": counts,
            "evidence": ["c"],
        }

    rows = [link(1, "place", 1 / 30), link(2, "incident", 1.0), link(3, "suspected_of_exploiting", 0.01)]
    picture = peer_picture(rows, ANA, PeerFilter())
    assert (len(picture.links), picture.crowds, picture.links[0]["tone"]) == (2, 1, "concern")
    assert len(peer_picture(rows, ANA, PeerFilter(crowds=True)).links) == 3


def test_two_clocks_need_two_times() -> None:
    row = {
        "happened_from": "2026-01-01T00:00:00Z",
        "happened_to": None,
        "recorded_at": "2026-02-01T00:00:00Z",
        "what": "x",
    }
    assert timeline_picture([row]) is None
    drawn = timeline_picture([row, row])
    assert drawn is not None
    assert drawn.lines[0].recorded is not None
    assert drawn.lines[0].recorded > drawn.lines[0].end


def test_every_type_of_claim_has_words_that_blame_nobody() -> None:
    from queries.vocabulary import CLAIM_TYPES

    assert CLAIM_TYPES.keys() == words.CLAIMS.keys()
    assert "suspected of" not in words.link("SUSPECTED_OF_EXPLOITING")


def test_vendored_files_are_the_ones_of_the_manifest_and_ask_for_nothing() -> None:
    folder = STATIC / "vendor"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    files = {path.name for path in folder.iterdir() if path.suffix in (".js", ".css")}
    assert files == manifest.keys()
    for name, row in manifest.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == row["sha256"], (
            f"{name}: run scripts/vendor_web.py"
        )
        assert (folder / f"{row['package']}.LICENCE.txt").is_file()


def test_no_style_reaches_outside_or_brings_a_typeface() -> None:
    for path in STATIC.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"url\(\s*['\"]?(?:https?:)?//|@import|GDS Transport|crown", text), path.name
