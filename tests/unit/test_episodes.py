"""When an episode starts and ends, as far as each viewer may see."""

import pytest
from graphs import HALF_HOUR, START, World, claim, during, mention, projection_of, report, subject

from queries.analysis.episodes import Episode, episodes
from queries.projection import FAR_FUTURE_MS, visible_graph

OPENED = claim(
    "t/open", "ana", "INVOLVED_IN", "away", "r", role="missing", **{**during(2, 2), "happened_to": FAR_FUTURE_MS}
)
LOCATED = claim("t/located", "ana", "INVOLVED_IN", "away", "r", role="located", **during(9, 9))
FOUND = claim("t/found", "away", "AT", "pier", "r", role="found_at", sight=16, **during(7, 7))


def seen(*claims: dict[str, object], sights: tuple[int, ...] = ()) -> list[Episode]:
    subjects = [subject("ana", "child"), subject("away", "incident"), subject("pier", "location")]
    mentions = [mention("away", subkind="missing_episode")]
    graph = visible_graph(projection_of(World(subjects, [report("r")], mentions, list(claims))), sights, START + 10**12)
    return episodes(graph)


@pytest.mark.parametrize(
    ("claims", "sights", "ended"),
    [
        ([OPENED], (), None),
        ([OPENED, LOCATED], (), 9),
        ([OPENED, LOCATED, FOUND], (), 9),
        ([OPENED, LOCATED, FOUND], (16,), 7),
        ([OPENED, {**LOCATED, **during(1, 1)}], (), None),
        ([{**OPENED, **during(2, 5)}, LOCATED], (), 5),
        ([{**OPENED, **during(2, 2)}], (), None),
    ],
    ids=["open", "located", "found-unseen", "found-seen", "located-before", "lasts", "a-moment"],
)
def test_it_ends_at_the_earliest_visible_sign_of_the_child(
    claims: list[dict[str, object]], sights: tuple[int, ...], ended: int | None
) -> None:
    (episode,) = seen(*claims, sights=sights)
    assert episode.started_at == START + 2 * HALF_HOUR
    assert episode.ended_at == (None if ended is None else START + ended * HALF_HOUR)


def test_some_time_that_weekend_is_not_a_time_missing() -> None:
    (episode,) = seen({**OPENED, **during(2, 90, "within")})
    assert not episode.timed


def test_a_crime_is_not_an_episode() -> None:
    subjects = [subject("ana", "child"), subject("away", "incident")]
    world = World(subjects, [report("r")], [mention("away", subkind="crime")], [OPENED])
    assert episodes(visible_graph(projection_of(world), (), START + 10**12)) == []
