"""Children missing at the same time: what counts, what is told, and how far chance explains it."""

import datetime as dt
import math
from typing import Any

import pytest
from graphs import EVER, SECRET, START, Row, World, claim, mention, projection_of, report, subject

from queries.analysis.co_missing import CROWD, Pair, co_missing, find_co_missing
from queries.analysis.co_missing_words import patterns_of, tell_pair, told_of
from queries.analysis.conversations import Conversations
from queries.analysis.naming import listed
from queries.errors import ParameterError, TooManyError
from queries.factors import HELD, factor_bits
from queries.projection import FAR_FUTURE_MS, VisibleGraph, to_milliseconds, visible_graph

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
CHILDREN = ("ana", "ben", "cara", "dan")
# About 370 metres from park to bench, and 4 kilometres to the pier.
PLACES = {
    "park": (50.8, -1.08),
    "bench": (50.8 + 1 / 300, -1.08),
    "pier": (50.84, -1.08),
    "nowhere": (math.nan, math.nan),
}


def gone(number: int, child: str, started: float, ended: float | None, **more: Any) -> Row:
    """A child is missing in episode `number`, in hours since `START`; with no end, still missing."""
    times = {"happened_from": START + int(started * HOUR), "happened_to": FAR_FUTURE_MS, "time_known": "exact"}
    if ended is not None:
        times["happened_to"] = START + int(ended * HOUR)
    return claim(
        f"gone {number} {child}", child, "INVOLVED_IN", f"e{number:02d}", "r", **{"role": "missing", **times, **more}
    )


def found(number: int, place: str, role: str = "found_at", **more: Any) -> Row:
    return claim(f"{role} {number} {place}", f"e{number:02d}", "AT", place, "r", role=role, **more)


def told(*claims: Row, known_at: int = START + 1000 * DAY, sights: tuple[int, ...] = ()) -> VisibleGraph:
    subjects = [subject(child, "child") for child in CHILDREN]
    subjects += [subject(f"e{number:02d}", "incident") for number in range(30)]
    subjects += [subject(place, "location") for place in PLACES]
    mentions = [mention(child, report="r", label=f"Child {child[0].upper()}", claim_id=child) for child in CHILDREN]
    mentions += [
        mention(place, report="r", label=f"The {place}", latitude=at[0], longitude=at[1], claim_id=place)
        for place, at in PLACES.items()
    ]
    return visible_graph(projection_of(World(subjects, [report("r")], mentions, list(claims))), sights, known_at)


def keyed(graph: VisibleGraph, pairs: list[Pair]) -> list[tuple[str, str, int]]:
    name = [row.key.removeprefix("bundle:t/") for row in graph.subjects]
    return [(name[pair.a], name[pair.b], pair.observed) for pair in pairs]


def asked(*claims: Row, **how: Any) -> list[tuple[str, str, int]]:
    graph = told(*claims)
    return keyed(graph, co_missing(graph, **{**EVER, **how}))


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ([gone(1, "ana", 0, 5), gone(2, "ben", 4, 9)], 1),
        ([gone(1, "ana", 0, 5), gone(2, "ben", 4.01, 9)], 0),
        ([gone(1, "ana", 0, 5), gone(2, "ben", 5, 9)], 0),
        ([gone(1, "ana", 0, 9), gone(2, "ben", 3, 4)], 1),
        ([gone(1, "ana", 0, 9), gone(2, "ben", 3, 3.9)], 0),
        ([gone(1, "ben", 2, 5), gone(2, "ana", 2, 9)], 1),
        ([gone(1, "ana", 0, 5), gone(1, "ben", 0, 5)], 1),
        ([gone(1, "ana", 0, 5), gone(2, "ana", 1, 6)], 0),
        ([gone(1, "ana", 0, 5), gone(2, "ben", 1, 6, time_known="about")], 1),
        ([gone(1, "ana", 0, 50), gone(2, "ben", 1, 49, time_known="within")], 0),
        ([gone(1, "ana", 0, None), gone(2, "ben", 5000, 5002)], 1),
        ([gone(1, "ana", 0, None), gone(2, "ben", 5000, None)], 1),
        ([gone(1, "ana", 0, 100), gone(2, "ben", 1, 3), gone(3, "ben", 50, 60)], 2),
    ],
    ids=[
        "an-hour-counts",
        "less-does-not",
        "one-after-the-other",
        "one-within-the-other",
        "one-short-within-the-other",
        "starting-together",
        "both-in-one-incident",
        "a-child-with-itself",
        "about-is-known-well-enough",
        "some-time-that-weekend-is-not",
        "one-still-missing",
        "both-still-missing",
        "twice-within-one-long-episode",
    ],
)
def test_what_counts_as_missing_at_the_same_time(claims: list[Row], expected: int) -> None:
    assert asked(*claims) == ([("ana", "ben", expected)] if expected else [])


def test_an_open_episode_lasts_to_the_moment_as_known_at() -> None:
    claims = gone(1, "ana", 0, None), gone(2, "ben", 3, None)
    for hours, count in ((3.5, 0), (4, 1)):
        graph = told(*claims, known_at=START + int(hours * HOUR))
        assert len(co_missing(graph, **EVER)) == count


@pytest.mark.parametrize(("minutes", "count"), [(0, 1), (30, 1), (31, 0)])
def test_the_shortest_overlap_can_be_chosen(minutes: float, count: int) -> None:
    assert len(asked(gone(1, "ana", 0, 5), gone(2, "ben", 4.5, 9), min_overlap_minutes=minutes)) == count


@pytest.mark.parametrize(
    ("places", "within", "count"),
    [
        (("park", "park"), 0, 1),
        (("park", "bench"), 400, 1),
        (("park", "bench"), 300, 0),
        (("park", "pier"), 400, 0),
        (("park", "nowhere"), 400, 0),
        (("park", None), 400, 0),
        (("park", "pier"), None, 1),
        (("park", "nowhere"), None, 1),
    ],
)
def test_within_a_distance_on_the_ground(places: tuple[str, str | None], within: float | None, count: int) -> None:
    claims = [gone(1, "ana", 0, 5), gone(2, "ben", 1, 6)]
    claims += [found(number, place) for number, place in enumerate(places, 1) if place]
    assert len(asked(*claims, within_metres=within)) == count


def test_where_found_goes_before_where_last_seen() -> None:
    claims = [gone(1, "ana", 0, 5), gone(2, "ben", 1, 6), found(1, "park"), found(2, "pier", "last_seen")]
    assert not asked(*claims, within_metres=400)
    assert asked(*claims, found(2, "bench"), within_metres=400)


def test_a_hidden_episode_is_with_nobody() -> None:
    claims = gone(1, "ana", 0, 5), gone(2, "ben", 1, 6, sight=SECRET[0])
    assert asked(*claims) == []
    graph = told(*claims, sights=SECRET)
    assert keyed(graph, co_missing(graph, **EVER)) == [("ana", "ben", 1)]


def test_two_who_are_the_same_child_are_not_missing_together() -> None:
    assert asked(gone(1, "ana", 0, 5), gone(2, "ben", 1, 6), claim("same", "ana", "SAME_AS", "ben", "r")) == []


def test_only_episodes_that_touch_the_period_are_used() -> None:
    claims = gone(1, "ana", 0, 5), gone(2, "ben", 1, 6)
    assert asked(*claims, happened_from=START + 5 * HOUR) == []
    assert asked(*claims, happened_from=START + 4 * HOUR) == [("ana", "ben", 1)]
    assert asked(*claims, happened_to=START + HOUR) == []
    assert asked(*claims, happened_to=START + HOUR + 1) == [("ana", "ben", 1)]


def test_a_pair_has_its_episodes_earliest_first_and_every_claim_behind_them() -> None:
    late = [gone(3, "ana", 100, 109), gone(4, "ben", 101, 108), found(4, "pier", happened_from=START + 108 * HOUR)]
    early = [gone(5, "ben", 0, 5), gone(6, "ana", 1, 6), gone(7, "cara", 300, 302)]
    graph = told(*late, *early)
    (pair,) = co_missing(graph, **EVER)
    name = [row.key.removeprefix("bundle:t/") for row in graph.subjects]
    assert [(name[one], name[other]) for one, other in pair.episodes] == [("e06", "e05"), ("e03", "e04")]
    assert pair.since == (START + HOUR, START + 101 * HOUR)
    assert pair.evidence == ("found_at 4 pier", "gone 3 ana", "gone 4 ben", "gone 5 ben", "gone 6 ana")


def test_most_often_together_first_where_chance_cannot_be_told_then_by_key() -> None:
    """All within two weeks: a schedule cannot be moved about by weeks, and nothing is claimed of chance."""
    claims = [gone(1, "cara", 0, 5), gone(2, "dan", 0, 5), gone(3, "cara", 50, 55), gone(4, "dan", 50, 55)]
    claims += [gone(5, "ana", 100, 105), gone(6, "ben", 100, 105), gone(7, "ana", 150, 155), gone(8, "dan", 150, 155)]
    graph = told(*claims)
    pairs = co_missing(graph, **EVER)
    assert keyed(graph, pairs) == [("cara", "dan", 2), ("ana", "ben", 1), ("ana", "dan", 1)]
    assert {(pair.expected, pair.q_value) for pair in pairs} == {(None, None)}


def test_chance_is_the_mean_over_the_shifts_by_weeks() -> None:
    """Both are missing for three Tuesdays of ten weeks: moved by a week they meet twice, by two weeks once, else never."""
    week = 7 * 24
    claims = [gone(n, "ana", n * week, n * week + 5) for n in range(3)]
    claims += [gone(10 + n, "ben", n * week, n * week + 5) for n in range(3)]
    end = 10 * week
    claims.append(gone(20, "cara", end - 1, end))
    (pair,) = co_missing(told(*claims), **EVER)
    left = [1 - n * week / end for n in range(6)]
    assert pair.observed == 3
    assert pair.expected == pytest.approx((3 + 2 * (2 / left[1] + 1 / left[2])) / 11)


@pytest.mark.parametrize("wrong", [{"min_overlap_minutes": -1}, {"within_metres": -1.0}, {"within_metres": math.nan}])
def test_what_cannot_be_asked_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match="0 or more"):
        co_missing(told(), **EVER, **wrong)


def test_nobody_missing_is_no_pair() -> None:
    assert asked() == []
    assert asked(within_metres=500) == []
    assert asked(gone(1, "ana", 0, 5), within_metres=500) == []


def tuesday(week: int, hour: int = 18) -> float:
    """Hours from `START` to an hour of a Tuesday in summer, London time."""
    moment = dt.datetime(2026, 5, 5, hour - 1, tzinfo=dt.UTC) + dt.timedelta(weeks=week)
    return (to_milliseconds(moment) - START) / HOUR


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], ""),
        (["The pier"], "The pier"),
        (["Milldam, Burnaby Road"], "Milldam, Burnaby Road"),
        (["The pier", "The park"], "The pier and The park"),
        (["The pier", "The park", "The bench"], "The pier, The park and The bench"),
        (["Milldam, Burnaby Road", "The pier"], "Milldam, Burnaby Road; and The pier"),
        (["The park", "Milldam, Burnaby Road", "The pier"], "The park; Milldam, Burnaby Road; and The pier"),
    ],
)
def test_a_name_with_a_comma_of_its_own_reads_as_one_name(names: list[str], words: str) -> None:
    assert listed(names) == words


def test_a_pair_is_told_in_words_with_its_numbers() -> None:
    claims = []
    for week in range(4):
        claims += [
            gone(week, "ana", tuesday(week), tuesday(week) + 4),
            gone(10 + week, "ben", tuesday(week), tuesday(week) + 3),
        ]
    claims += [gone(8, "ana", tuesday(5) + 24, tuesday(5) + 30), gone(18, "ben", tuesday(5) + 24, tuesday(5) + 30)]
    claims += [found(number, "pier") for number in (1, 11, 2, 12)] + [found(3, "park"), found(13, "bench")]
    graph = told(*claims)
    (pair,) = co_missing(graph, **EVER)
    sentence = tell_pair(graph, pair)
    chance = f"{pair.expected:.1f}"
    assert sentence == (
        "5 episodes at the same time, 4 on a Tuesday evening. Twice both found at The pier."
        f" By chance about {chance} would be expected."
    )
    hidden = tell_pair(graph, pair, lambda _: "a place not named")
    assert "The pier" not in hidden


def test_what_children_said_of_why_is_counted_by_conversations_about_these_episodes() -> None:
    """Copies are one, a hidden one never was, and neither another's conversation nor another episode's is about this child in this one."""
    push, car = (
        factor_bits({"push_factors": ["conflict_at_home"]}),
        factor_bits({"pull_factors": ["older_persons_car"]}),
    )
    reports = [report("r"), *({**report(f"c{n}", "social_care"), "kind": "return_conversation"} for n in range(7))]
    reports[3]["copied_from"] = "c0"

    def said(at: int, child: str, episode: int, bits: int, **more: Any) -> Row:
        return claim(
            f"said {at} {child}",
            child,
            "INVOLVED_IN",
            f"e{episode:02d}",
            f"c{at}",
            role="present",
            factors=bits,
            **more,
        )

    claims = [gone(n, child, 48 * (n // 2), 48 * (n // 2) + 5) for n, child in enumerate(["ana", "ben"] * 3)]
    claims += [
        said(0, "ana", 0, push | car),
        said(1, "ben", 1, push),
        said(2, "ana", 0, push | car),
        said(3, "ana", 2, HELD),
    ]
    claims += [said(4, "ben", 3, push, sight=SECRET[0]), said(5, "ana", 5, push), said(6, "cara", 0, car)]
    claims += [claim("police", "ana", "INVOLVED_IN", "e04", "r", role="present", factors=push), said(0, "dan", 0, 0)]
    subjects = [*(subject(child, "child") for child in CHILDREN), *(subject(f"e{n:02d}", "incident") for n in range(6))]
    world = World(subjects, reports, [], claims)
    graph = visible_graph(projection_of(world), (), START + 1000 * DAY)
    (pair,) = co_missing(graph, **EVER)
    total, found = told_of(pair, Conversations.of(graph))
    assert total == 3  # c0 with its copy c2, c1 and c3
    assert [(one.factor.code, one.conversations, len(one.episodes), one.evidence) for one in found] == [
        ("conflict_at_home", 2, 2, ("said 0 ana", "said 1 ben", "said 2 ana")),
        ("older_persons_car", 1, 1, ("said 0 ana", "said 2 ana")),
    ]
    sentence = tell_pair(graph, pair, conversations=Conversations.of(graph))
    assert (
        " In 2 of 3 conversations: conflict at home (push). In 1 of 3 conversations: an older person's car (pull)"
        in sentence
    )
    everyone = visible_graph(projection_of(world), (SECRET[0],), START + 1000 * DAY)
    assert "In 3 of 4 conversations: conflict at home (push)" in tell_pair(
        everyone, pair, conversations=Conversations.of(everyone)
    )
    assert "conversation" not in tell_pair(graph, pair)


def test_a_home_is_not_named_in_the_sentence() -> None:
    claims = [gone(1, "ana", 0, 5), gone(2, "ben", 1, 6), found(1, "pier"), found(2, "pier")]
    graph = told(*claims, claim("lives", "cara", "LIVES_AT", "pier", "r"))
    sentence = tell_pair(graph, co_missing(graph, **EVER)[0])
    assert "a home" in sentence
    assert "The pier" not in sentence


@pytest.mark.parametrize(
    ("second", "hours", "gaps"),
    [
        ((6, 9), 0, []),
        ((6, 9), 1, [1]),
        ((6.01, 9), 1, []),
        ((5, 9), 1, [0]),
        ((4.5, 9), 1, [0]),
        ((4, 9), 1, []),
        ((-3, -1), 1, [1]),
    ],
    ids=["off", "an-hour-after", "longer", "touching", "too-brief-an-overlap", "an-overlap", "before"],
)
def test_near_misses_are_apart_and_count_in_nothing(
    second: tuple[float, float], hours: float, gaps: list[float]
) -> None:
    graph = told(gone(1, "ana", 0, 5), gone(2, "ben", *second))
    pairs = co_missing(graph, **EVER, within_hours=hours)
    assert [miss.gap_ms / HOUR for pair in pairs for miss in pair.near_misses] == gaps
    for pair in pairs:
        if gaps:
            assert (pair.observed, pair.expected, pair.q_value) == (0, None, None)
            assert pair.evidence == ("gone 1 ana", "gone 2 ben")
            assert [graph.subjects[at].key[-3:] for at in pair.near_misses[0].episodes] == ["e01", "e02"]


def test_near_misses_keep_to_the_distance() -> None:
    claims = [gone(1, "ana", 0, 5), gone(2, "ben", 6, 9), found(1, "park"), found(2, "bench")]
    graph = told(*claims)
    for metres, count in ((400, 1), (300, 0)):
        assert len(co_missing(graph, **EVER, within_hours=2, within_metres=metres)) == count


def test_a_near_miss_is_told_with_its_hours_and_its_place() -> None:
    claims = [gone(1, "ana", 0, 5), gone(2, "ben", 6.5, 9), found(1, "pier"), found(2, "pier")]
    graph = told(*claims)
    (pair,) = co_missing(graph, **EVER, within_hours=3)
    assert tell_pair(graph, pair) == (
        "Never missing at the same time. Once within 2 hours of one another, not at the same time."
        " Once then both found at The pier."
    )


@pytest.mark.parametrize("hours", [-1, 169, math.nan])
def test_hours_out_of_range_are_refused(hours: float) -> None:
    with pytest.raises(ParameterError, match="within_hours"):
        co_missing(told(), **EVER, within_hours=hours)


def test_every_figure_has_its_episodes_and_who_else_was_missing_is_said() -> None:
    claims = []
    for week in range(3):
        for number, child in ((week, "ana"), (10 + week, "ben"), (20 + week, "cara")):
            if child != "cara" or week < 2:
                claims.append(gone(number, child, tuesday(week), tuesday(week) + 4))
    claims += [found(number, place) for number, place in ((0, "park"), (10, "park"), (1, "pier"), (11, "pier"))]
    graph = told(
        *claims,
        claim("lives", "cara", "LIVES_AT", "bench", "r"),
        found(2, "bench", "missing_from"),
        found(12, "bench", "missing_from"),
    )
    pair = next(pair for pair in co_missing(graph, **EVER) if pair.observed == 3)
    name = [row.key.removeprefix("bundle:t/") for row in graph.subjects]
    assert [(p.text, p.count, " ".join(name[at] for at in p.episodes)) for p in patterns_of(graph, pair)] == [
        ("3 episodes at the same time", 3, "e00 e10 e01 e11 e02 e12"),
        ("all on a Tuesday evening", 3, "e00 e10 e01 e11 e02 e12"),
        ("both found once at each of The park and The pier", 2, "e00 e10 e01 e11"),
        ("once both missing from a home", 1, "e02 e12"),
        ("twice with Child C missing too", 2, "e00 e10 e01 e11"),
    ]


def crowded(many: int) -> World:
    """A night when `many` children are missing at once, and thirty weeks in each of which two of them are, with nobody else."""
    children = [f"kid{number:02d}" for number in range(many)]
    subjects = [subject(child, "child") for child in children]
    subjects += [subject(f"n{at:03d}", "incident") for at in range(many + 60)]
    nights = [(at, child, 0) for at, child in enumerate(children)]
    nights += [(many + 2 * week + at, child, week + 1) for week in range(30) for at, child in enumerate(children[:2])]
    rows = []
    for at, child, week in nights:
        start = START + week * 7 * DAY
        times = {"happened_from": start, "happened_to": start + 6 * HOUR, "time_known": "exact"}
        rows.append(claim(f"night {at}", child, "INVOLVED_IN", f"n{at:03d}", "r", role="missing", **times))
    return World(subjects, [report("r")], [], rows)


@pytest.mark.parametrize(("many", "left_out"), [(CROWD, False), (CROWD + 1, True)])
def test_a_night_on_which_very_many_are_missing_makes_no_pair_by_itself(many: int, left_out: bool) -> None:
    graph = visible_graph(projection_of(crowded(many)), (), START + 1000 * DAY)
    found = find_co_missing(graph, **EVER)
    every = many * (many - 1) // 2
    assert found.crowd == CROWD
    assert (len(found.pairs), found.crowds) == ((1, every - 1) if left_out else (every, 0))
    pair = next(pair for pair in found.pairs if pair.observed == 31)
    assert pair.at_once == (many, *[2] * 30)
    assert pair.weight == pytest.approx(30 + 1 / (many - 1))
    assert pair.occasions == (30 if left_out else 31)
    said = f"Once when up to {many} children were missing at once, which says little of two"
    assert (said in tell_pair(graph, pair)) == left_out


def test_more_than_can_be_listed_is_refused_with_a_way_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("queries.analysis.together.MOST_OVERLAPS", 2)
    claims = [gone(number, child, 0, 5) for number, child in enumerate(CHILDREN)]
    claims += [found(number, "park") for number in range(4)]
    with pytest.raises(TooManyError, match="by time alone; ask about a shorter period, or say within_metres"):
        asked(*claims)
    with pytest.raises(TooManyError, match="ask about a shorter period or distance"):
        asked(*claims, within_metres=400)
    monkeypatch.setattr("queries.analysis.together.MOST_OVERLAPS", 0)
    with pytest.raises(TooManyError, match="fewer hours"):
        asked(gone(1, "ana", 0, 5), gone(2, "ben", 6, 9), within_hours=2)
