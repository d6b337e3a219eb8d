"""What rows are under some claim ids, however many are asked for: as going through all of them one by one finds them."""

import random

import pytest
from graphs import START, World, claim, mention, projection_of, report, subject

from graph_service.services.needs import all_open, rows_under, sights_of_claims, with_claims
from queries.projection import to_instant

PEOPLE = [f"p{number}" for number in range(30)]
WORLD = World(
    [subject(name, "child") for name in PEOPLE],
    [report("r1")],
    [mention(name) for name in PEOPLE],
    [claim(f"c{number}", PEOPLE[number % 30], "KNOWS", PEOPLE[(number + 1) % 30], "r1") for number in range(400)],
)


@pytest.mark.parametrize("share", [0.0, 0.002, 0.3, 1.0])
def test_rows_are_found_by_their_ids(share: float) -> None:
    everything, rng = projection_of(WORLD), random.Random(5)
    columns = everything.claims, everything.mentions
    known = [str(name) for one in columns for name in one.claim_id]
    wanted = {*rng.sample(known, round(len(known) * share)), "nobody's"}
    expected = [[row for row, name in enumerate(one.claim_id.tolist()) if name in wanted] for one in columns]
    assert [rows.tolist() for rows in rows_under(everything, wanted)] == expected
    near = with_claims(everything, wanted)
    assert [one.claim_id.tolist() for one in (near.claims, near.mentions)] == [
        [str(one.claim_id[row]) for row in rows] for one, rows in zip(columns, expected, strict=True)
    ]
    opened = frozenset(int(sight) for one in columns for sight in one.sight.tolist())
    there = wanted - {"nobody's"}
    assert sights_of_claims(near, opened, wanted).keys() == there
    assert all_open(everything, opened, there, to_instant(START))
    assert not all_open(everything, opened, wanted, to_instant(START))
    assert all_open(everything, frozenset(), (), to_instant(START))
    assert not there or not all_open(everything, frozenset(), there, to_instant(START))
