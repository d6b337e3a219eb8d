"""The exact null against moving every schedule by hand, over months of random schedules."""

import itertools
import math
import random
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from graphs import EVER, START, World, claim, mention, projection_of, report, subject
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from queries.analysis.absences import Absences
from queries.analysis.co_missing import Pair, co_missing
from queries.analysis.co_missing_kernel import meet_in_place
from queries.analysis.together import near_misses, overlapping
from queries.analysis.week_shift import chance_meetings
from queries.projection import VisibleGraph, visible_graph

MINUTE, HOUR, WEEK = 60_000, 3_600_000, 7 * 24 * 3_600_000
PLACES = 12


@dataclass(frozen=True)
class Spell:
    """A child missing once: from, to (milliseconds since `START`), and the place where found."""

    child: int
    started: int
    ended: int
    place: int


def schedules(seed: int, *, children: int, spells: int, weeks: int) -> list[Spell]:
    """Nights out on a few habitual days of the week, to the minute, and sometimes on the hour so that times coincide."""
    dice = random.Random(seed)
    habits = [dice.sample(range(7), 2) for _ in range(children)]
    made = []
    for _ in range(spells):
        child = dice.randrange(children)
        day = 7 * dice.randrange(weeks) + dice.choice(habits[child])
        start = day * 24 * HOUR + dice.choice((dice.randrange(24 * 60) * MINUTE, dice.randrange(18, 22) * HOUR))
        lasted = dice.choice((dice.randrange(30, 60 * 30) * MINUTE, dice.randrange(1, 9) * HOUR, 200 * HOUR))
        spell = Spell(child, start, start + lasted, dice.randrange(PLACES))
        # Nobody is missing twice at once.
        if not any(o.child == child and o.started < spell.ended and start < o.ended for o in made):
            made.append(spell)
    return made


def nights(seed: int, *, children: int, spells: int, weeks: int) -> list[Spell]:
    """Of such schedules, those spells that lasted less than a day: in the longer ones everybody meets somebody."""
    made = schedules(seed, children=children, spells=spells, weeks=weeks)
    return [spell for spell in made if spell.ended - spell.started < 24 * HOUR]


def told(spells: list[Spell]) -> VisibleGraph:
    """Report every spell: the child missing, and found at its end. Places are about 370 metres apart, one in three without a position."""
    children = sorted({spell.child for spell in spells})
    subjects = [subject(f"c{child:03d}", "child") for child in children]
    subjects += [subject(f"e{at:04d}", "incident") for at in range(len(spells))]
    subjects += [subject(f"p{place:02d}", "location") for place in range(PLACES)]
    mentions = [
        mention(f"p{place:02d}", report="r", latitude=50.8 + place / 300, longitude=-1.08, claim_id=f"p{place}")
        for place in range(PLACES)
        if place % 3
    ]
    claims = []
    for at, spell in enumerate(spells):
        times = {"happened_from": START + spell.started, "happened_to": START + spell.ended, "time_known": "exact"}
        end = {**times, "happened_from": START + spell.ended}
        who, event = f"c{spell.child:03d}", f"e{at:04d}"
        claims.append(claim(f"gone {at}", who, "INVOLVED_IN", event, "r", role="missing", **times))
        claims.append(claim(f"found {at}", event, "AT", f"p{spell.place:02d}", "r", role="found_at", **end))
    world = World(subjects, [report("r")], mentions, claims)
    return visible_graph(projection_of(world), (), START + 5000 * WEEK)


def by_child(graph: VisibleGraph, found: list[Pair]) -> dict[tuple[int, int], Pair]:
    number = [int(row.key[-3:]) if row.kind == "child" else -1 for row in graph.subjects]
    return {(number[pair.a], number[pair.b]): pair for pair in found}


def meetings(spells: list[Spell], shift: int, least: int, apart: int | None) -> dict[tuple[int, int], int]:
    """Compare every two spells, those of the child with the larger number moved by `shift`."""
    found: dict[tuple[int, int], int] = {}
    for one in spells:
        for other in spells:
            if one.child < other.child:
                overlap = min(one.ended, other.ended + shift) - max(one.started, other.started + shift)
                placed = one.place % 3 and other.place % 3 and abs(one.place - other.place) <= (apart or 0)
                if overlap >= least and (apart is None or placed):
                    found[one.child, other.child] = found.get((one.child, other.child), 0) + 1
    return found


@given(
    st.integers(0, 2**32),
    st.integers(2, 6),
    st.integers(0, 40),
    st.sampled_from((1, 5, 20, 70)),
    st.sampled_from((0, 60, 240)),
    st.sampled_from((None, 0, 1)),
)
@settings(max_examples=40, deadline=None)
def test_what_chance_gives_is_counted_over_every_shift(
    seed: int, children: int, many: int, weeks: int, minutes: int, apart: int | None
) -> None:
    spells = schedules(seed, children=children, spells=many, weeks=weeks)
    graph = told(spells)
    within = None if apart is None else apart * 400.0
    found = by_child(graph, co_missing(graph, **EVER, within_metres=within, min_overlap_minutes=minutes))
    least = minutes * MINUTE
    assert {pair: finding.observed for pair, finding in found.items()} == meetings(spells, 0, least, apart)
    if not found:
        return
    span = max(spell.ended for spell in spells) - min(spell.started for spell in spells)
    most = min(26, span // (2 * WEEK))
    shifted = {shift: meetings(spells, shift * WEEK, least, apart) for shift in range(-most, most + 1)}
    for pair, finding in found.items():
        if not most:
            assert finding.expected is None
            continue
        scaled = [met.get(pair, 0) * span / (span - abs(shift) * WEEK) for shift, met in shifted.items()]
        assert finding.expected == pytest.approx(np.mean(scaled))
        assert finding.q_value is not None
        assert 0 <= finding.q_value <= 1


def test_who_goes_missing_together_week_after_week_stands_out() -> None:
    """Ten children with habits of their own for a year, two of whom also go together on eight random days."""
    spells = nights(3, children=10, spells=150, weeks=52)
    dice = random.Random(5)
    for _ in range(8):
        start = dice.randrange(52 * 7) * 24 * HOUR + 15 * HOUR
        spells += [Spell(child, start, start + 5 * HOUR, 4) for child in (2, 7)]
    graph = told(spells)
    for within in (None, 500.0):
        found = co_missing(graph, **EVER, within_metres=within)
        first = found[0]
        assert by_child(graph, [first]).keys() == {(2, 7)}
        assert first.q_value is not None
        assert first.q_value < 0.01
        assert first.observed >= 8
        assert first.expected is not None
        assert first.expected < 4


@pytest.mark.parametrize("within", [None, 500.0])
def test_chance_meetings_are_seldom_findings(within: float | None) -> None:
    """
    Children with habits of their own, none of whom goes with another: at most about one list in twenty may have a finding.

    Each pair that met once looks unlikely by itself: that most pairs never met is what tells chance apart.
    """
    fooled = seen = 0
    for seed in range(20):
        graph = told(nights(seed, children=60, spells=600, weeks=60))
        found = co_missing(graph, **EVER, within_metres=within)
        seen += len(found)
        fooled += any(pair.q_value is not None and pair.q_value < 0.05 for pair in found)
    assert seen > 150
    assert fooled <= 1


def test_the_tail_is_over_all_the_pairs_that_could_be_findings() -> None:
    """Worked out again from the graph of a year: of each pair the meetings at every shift, by hand, then scipy's own tests."""
    spells = nights(11, children=30, spells=300, weeks=52)
    dice = random.Random(7)
    for _ in range(6):
        start = dice.randrange(52 * 7) * 24 * HOUR + 15 * HOUR
        spells += [Spell(child, start, start + 5 * HOUR, 4) for child in (3, 9)]
    graph = told(spells)
    shifted = [meetings(spells, shift * WEEK, 60 * MINUTE, None) for shift in range(-25, 26)]
    span = max(spell.ended for spell in spells) - min(spell.started for spell in spells)
    assert min(26, span // (2 * WEEK)) == 25
    times = Counter(spell.child for spell in spells)
    # By chance each shift has its part of what it leaves of the data.
    share = 1 / sum((span - abs(shift) * WEEK) / span for shift in range(-25, 26))
    # With m episodes the least p-value is share^m; the pairs with fewer than `fewest` could not be findings.
    fewest, tried = next(
        (m, pairs)
        for m in range(1, 20)
        if share**m * (pairs := math.comb(sum(count >= m for count in times.values()), 2)) < 0.05
    )
    found = by_child(graph, co_missing(graph, **EVER))
    p = {}
    for pair, finding in found.items():
        assert finding.tail == pytest.approx(np.mean([met.get(pair, 0) >= finding.observed for met in shifted]))
        others = sum(met.get(pair, 0) for met in shifted) - finding.observed
        assert finding.occasions <= min(times[pair[0]], times[pair[1]], finding.observed)
        if min(times[pair[0]], times[pair[1]]) >= fewest:
            p[pair] = stats.binomtest(finding.occasions, finding.occasions + others, share, "greater").pvalue
        else:
            assert finding.q_value == 1
    q = stats.false_discovery_control([*p.values(), *[1.0] * (tried - len(p))])[: len(p)]
    assert [found[pair].q_value for pair in p] == pytest.approx(list(q))
    assert {pair for pair, finding in found.items() if finding.q_value is not None and finding.q_value < 0.05} == {
        (3, 9)
    }


@given(
    st.integers(0, 2**32),
    st.integers(2, 30),
    st.integers(2, 150),
    st.sampled_from((5, 30, 70)),
    st.sampled_from((0, 60, 240)),
    st.sampled_from((None, 0.0, 400.0, 1000.0)),
)
@settings(max_examples=30, deadline=None)
def test_the_compiled_loops_give_the_same_numbers(
    seed: int, children: int, many: int, weeks: int, minutes: int, within: float | None
) -> None:
    graph = told(schedules(seed, children=children, spells=many, weeks=weeks))
    absences = Absences.of(graph, EVER["happened_from"], EVER["happened_to"])
    first, second = overlapping(absences, minutes * MINUTE, within)
    if within is not None:
        compiled = meet_in_place(
            absences.child,
            absences.started,
            absences.ended,
            absences.metres,
            least=minutes * MINUTE,
            within_metres=within,
        )
        both = [{frozenset(pair) for pair in zip(*found, strict=True)} for found in ((first, second), compiled)]
        assert both[0] == both[1]
        assert len(compiled[0]) == len(first)
    plainly = near_misses(absences, minutes * MINUTE, 5, within)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("queries.analysis.together._MANY", -1)
        by_cells = near_misses(absences, minutes * MINUTE, 5, within)
    assert sorted(zip(*plainly, strict=True)) == sorted(zip(*by_cells, strict=True))
    who = np.sort(np.column_stack([absences.child[first], absences.child[second]]), axis=1)
    pairs = np.unique(who, axis=0)
    plain = chance_meetings(absences, pairs, minutes * MINUTE, within, compiled=False)
    fast = chance_meetings(absences, pairs, minutes * MINUTE, within, compiled=True)
    if plain is None or fast is None:
        assert plain is fast is None
        return
    assert (plain.counts == fast.counts).all()
    assert (plain.smooth == fast.smooth).all()
    assert (plain.observed == np.unique(who, axis=0, return_counts=True)[1]).all()


@given(st.integers(0, 2**32), st.sampled_from((30, 70)), st.sampled_from((0, 60)))
@settings(max_examples=25, deadline=None)
def test_the_whole_distribution_is_that_of_moving_every_schedule(seed: int, weeks: int, minutes: int) -> None:
    spells = schedules(seed, children=4, spells=40, weeks=weeks)
    graph = told(spells)
    absences = Absences.of(graph, EVER["happened_from"], EVER["happened_to"])
    children = [at for at, row in enumerate(graph.subjects) if row.kind == "child"]
    pairs = np.array(list(itertools.combinations(children, 2)))
    chance = chance_meetings(absences, pairs, minutes * MINUTE)
    assert chance is not None
    most = chance.counts.shape[1] // 2
    number = {at: int(graph.subjects[at].key[-3:]) for at in children}
    for shift in range(-most, most + 1):
        by_hand = meetings(spells, shift * WEEK, minutes * MINUTE, None)
        counted = chance.counts[:, shift + most].tolist()
        assert counted == [by_hand.get((number[a], number[b]), 0) for a, b in pairs.tolist()]


def test_a_night_that_two_agencies_record_is_one_night() -> None:
    """Two children on one night among many others: recorded once or by two agencies, in other words of their own, it is no more of a finding."""
    spells = [
        Spell(spell.child + 2, spell.started, spell.ended, spell.place)
        for spell in nights(1, children=9, spells=160, weeks=60)
    ]
    for child, hours in ((0, 0), (1, 72)):
        spells += [
            Spell(child, week * WEEK + hours * HOUR, week * WEEK + (hours + 6) * HOUR, 1) for week in (3, 11, 23, 41)
        ]
    spells += [Spell(child, 30 * WEEK + 20 * HOUR, 30 * WEEK + 26 * HOUR, 1) for child in (0, 1)]
    again = [Spell(s.child, s.started + 20 * MINUTE, s.ended + 10 * MINUTE, s.place) for s in spells if s.child < 2]
    for recorded in (spells, [*spells, *again]):
        graph = told(recorded)
        pair = by_child(graph, co_missing(graph, **EVER))[0, 1]
        assert (pair.observed, pair.occasions) == (1, 1)
        assert pair.q_value is not None
        assert pair.q_value > 0.2
    assert len(pair.evidence) == 8
