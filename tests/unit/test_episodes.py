"""When a child was missing, as far as visible claims say."""

from typing import Any

import pytest
from graphs import HALF_HOUR, SECRET, START, Row, World, claim, during, mention, projection_of, report, subject

from queries.analysis.episodes import Episode, episodes
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, VisibleGraph, visible_graph

HIDDEN: Row = {"sight": SECRET[0]}
MISSING = {"role": "missing"}


def missing(claim_id: str = "gone", child: str = "ana", **more: Any) -> Row:
    """The claim that Ana Exampleby is missing in the episode."""
    return claim(claim_id, child, "INVOLVED_IN", "episode", "r", **{**MISSING, **more})


def located(claim_id: str = "back", child: str = "ana", **more: Any) -> Row:
    return claim(claim_id, child, "INVOLVED_IN", "episode", "r", role="located", **more)


def at(claim_id: str, place: str, role: str, **more: Any) -> Row:
    return claim(claim_id, "episode", "AT", place, "r", role=role, **more)


def moment(half_hours: int, time_known: str = "exact") -> Row:
    return during(half_hours, half_hours, time_known)


def told(*claims: Row, subkind: str = "missing_episode", known_at: int = START) -> VisibleGraph:
    """What a viewer without any need to know sees of these claims."""
    subjects = [
        subject("ana", "child"),
        subject("ben", "child"),
        subject("episode", "incident"),
        subject("car", "vehicle"),
    ]
    subjects += [subject(place, "location") for place in ("park", "pier", "station")]
    mentions = [mention("episode", report="r", subkind=subkind)]
    world = World(subjects, [report("r")], mentions, list(claims))
    return visible_graph(projection_of(world), (), known_at)


def lasted(found: list[Episode]) -> list[tuple[float, float | None]]:
    """Start and end in half hours."""
    return [((e.started_at - START) / HALF_HOUR, e.ended_at and (e.ended_at - START) / HALF_HOUR) for e in found]


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ([missing(**during(0, 6))], [(0, 6)]),
        ([missing(**moment(0))], [(0, None)]),
        ([missing(**{**moment(0), "happened_to": FAR_FUTURE_MS})], [(0, None)]),
        ([missing(**moment(0)), located(**moment(5))], [(0, 5)]),
        ([missing(**moment(0)), at("found", "pier", "found_at", **moment(7))], [(0, 7)]),
        ([missing(**during(0, 6)), located(**moment(5)), at("found", "pier", "found_at", **moment(4))], [(0, 4)]),
        ([missing(**moment(3)), missing("earlier", **moment(1))], [(1, None)]),
        ([missing(), at("from", "park", "missing_from", **moment(2))], [(2, None)]),
        ([missing(**moment(3)), at("from", "park", "missing_from", **moment(2))], [(3, None)]),
        ([missing(**moment(3)), located(**moment(1))], [(3, None)]),
        ([missing(**moment(3)), located(**moment(1)), located("later", **moment(6))], [(3, 6)]),
        ([missing(**moment(3)), located(**moment(3))], [(3, 3)]),
        ([missing(**moment(3)), located(child="ben", **moment(4))], [(3, None)]),
        ([missing(**moment(3)), located()], [(3, None)]),
        ([missing()], []),
        ([located(**moment(4))], []),
        ([], []),
    ],
    ids=[
        "as-long-as-it-is-said-to-last",
        "open-when-only-its-start-is-told",
        "open-when-no-end-is-known",
        "ends-when-located",
        "ends-when-found",
        "earliest-end-counts",
        "earliest-start-counts",
        "start-from-where-missing-from",
        "a-start-of-its-own-goes-before-missing-from",
        "an-end-before-the-start-is-not-believed",
        "a-later-end-is-believed-instead",
        "found-at-once",
        "another-child-located-ends-nothing",
        "located-at-a-time-not-known-ends-nothing",
        "nothing-without-a-start",
        "nothing-without-missing",
        "nothing-at-all",
    ],
)
def test_when_an_episode_starts_and_ends(claims: list[Row], expected: list[tuple[float, float | None]]) -> None:
    assert lasted(episodes(told(*claims))) == expected


def test_what_the_viewer_may_not_see_neither_starts_nor_ends_an_episode() -> None:
    hidden = [missing("a", **moment(0), **HIDDEN), located("b", **moment(4), **HIDDEN)]
    found = episodes(told(*hidden, missing(**moment(2)), located(**moment(8))))
    assert lasted(found) == [(2, 8)]
    assert found[0].evidence == ("back", "gone")
    assert episodes(told(*hidden)) == []


def test_what_was_told_later_does_not_end_it_as_known_before() -> None:
    claims = [missing(**moment(0)), located(**moment(2), known_from=START + 9 * HALF_HOUR)]
    assert lasted(episodes(told(*claims, known_at=START + 8 * HALF_HOUR))) == [(0, None)]
    assert lasted(episodes(told(*claims, known_at=START + 9 * HALF_HOUR))) == [(0, 2)]


@pytest.mark.parametrize(
    ("start", "end", "timed"),
    [
        ("exact", "exact", True),
        ("about", "exact", True),
        ("exact", "about", True),
        ("within", "exact", False),
        ("exact", "within", False),
    ],
)
def test_some_time_that_weekend_is_not_a_known_time(start: str, end: str, timed: bool) -> None:
    (episode,) = episodes(told(missing(**moment(0, start)), located(**moment(4, end))))
    assert episode.timed is timed


def test_an_open_episode_is_timed_by_its_start_and_the_better_known_of_two_equal_starts_counts() -> None:
    vague, exact = missing("a", **moment(0, "within")), missing("b", **moment(0))
    assert [e.timed for e in episodes(told(vague))] == [False]
    assert [e.timed for e in episodes(told(vague, exact))] == [True]


def test_places_are_where_found_else_last_seen_else_missing_from() -> None:
    from_park = at("from", "park", "missing_from", **moment(0))
    seen_at_station = at("seen", "station", "last_seen", **moment(1))
    found_at_pier = at("found", "pier", "found_at", **moment(5))
    started = missing(**moment(0))
    for claims, expected in (
        ([], []),
        ([from_park], ["park"]),
        ([from_park, seen_at_station], ["station"]),
        ([from_park, seen_at_station, found_at_pier], ["pier"]),
    ):
        graph = told(started, *claims)
        (episode,) = episodes(graph)
        assert [graph.subjects[place].key for place in episode.places] == [f"bundle:t/{name}" for name in expected]
        assert set(episode.evidence) == {"gone", *(row["claim_id"] for row in claims)}


def test_two_children_of_one_incident_have_an_episode_each() -> None:
    graph = told(missing(**moment(1)), missing("ben gone", child="ben", **moment(0)), located(**moment(3)))
    found = episodes(graph)
    assert [graph.subjects[e.child].key for e in found] == ["bundle:t/ben", "bundle:t/ana"]
    assert lasted(found) == [(0, None), (1, 3)]


@pytest.mark.parametrize(("subkind", "count"), [("missing_episode", 1), ("", 1), ("crime", 0)])
def test_only_an_incident_that_may_be_a_missing_episode_is_one(subkind: str, count: int) -> None:
    assert len(episodes(told(missing(**moment(0)), subkind=subkind))) == count


def test_a_car_is_not_a_missing_child() -> None:
    assert episodes(told(missing(child="car", **moment(0)))) == []


def test_a_start_in_no_known_time_is_no_start() -> None:
    assert episodes(told(missing(happened_from=FAR_PAST_MS, happened_to=START, time_known="within"))) == []
