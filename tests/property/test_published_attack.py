"""
Published figures, against a slow way to make them and against readers who subtract: other dates, other moments, other ways to add up.

Nothing here needs a store: what a school is answered follows from the rows alone.
"""

import itertools
import random
from collections.abc import Mapping
from typing import Any

import numpy as np
from graphs import SECRET, START, Case, Row, World, cases, claim, mention, projection_of, report, subject
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from graph_service.access import Viewer, personas
from graph_service.services.answers import ANSWERS, Asked
from graph_service.services.parameters import read_parameters
from queries.analysis.editions import LEAST, Edition, editions
from queries.analysis.editions import _quick as quick_editions
from queries.analysis.hotspots import ranked_places
from queries.analysis.layers import layer_rows, middle_of
from queries.analysis.published import published_places
from queries.analysis.quarters import NO_QUARTER, quarter_of
from queries.catalogue import question
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, VisibleGraph, to_instant, visible_graph

DAY = 86_400_000
Counts = list[list[int]]

numbers = st.one_of(st.integers(0, 3), st.integers(0, 14))


@st.composite
def histories(draw: st.DrawFn, *, falling: bool = True) -> Counts:
    """Draw how a count went: a row a moment, a number in each part."""
    parts = draw(st.integers(1, 4))
    steps = draw(st.lists(st.lists(numbers, min_size=parts, max_size=parts), min_size=1, max_size=9))
    signs = draw(st.lists(st.booleans(), min_size=len(steps), max_size=len(steps)))
    at, found = [0] * parts, []
    for step, is_fall in zip(steps, signs, strict=True):
        at = [max(0, n - change) if is_fall and falling else n + change for n, change in zip(at, step, strict=True)]
        found.append(at)
    return found


def slow_editions(counts: Counts) -> list[tuple[int, int, list[int]]]:  # noqa: C901  one rule, told in one place
    """The rule in plain words: publish the true counts once the whole is five off, with as many parts as leave nothing small to subtract."""

    def small(number: int) -> bool:
        return 0 < abs(number) < LEAST

    parts = len(counts[0]) if counts else 0
    told: list[tuple[int, dict[int, int], list[int]]] = [(0, dict.fromkeys(range(parts), 0), [0] * parts)]
    published, found = (0, [0] * parts), []

    def leaves_something_small(total: int, new: dict[int, int]) -> bool:
        for first in range(len(told)):
            values = {part: [t[1][part] for t in told[first:] if part in t[1]] for part in range(parts)}
            for part, value in new.items():
                values[part].append(value)
            change = total - told[first][0]
            if small(change) or small(change - sum(seen[-1] - seen[0] for seen in values.values() if seen)):
                return True
        return False

    for moment, now in enumerate(counts):
        total, (whole, shown) = sum(now), published
        kept = [0 if was - true >= LEAST else was for was, true in zip(shown, now, strict=True)]
        if abs(total - whole) < LEAST and not (total == whole and kept != shown):
            continue
        new = {
            part: now[part]
            for part in range(1, parts)
            if now[part] >= LEAST and now[part] != shown[part]
            and not any(small(now[part] - t[1][part]) for t in told if part in t[1])
        }  # fmt: skip
        while new and leaves_something_small(total, new):
            del new[min(new, key=lambda part: (abs(now[part] - shown[part]), part))]
        if total < LEAST:
            published = (0, [0] * parts)
        elif leaves_something_small(total, new):
            back = min(reversed(told), key=lambda t: abs(t[0] - total))
            if abs(back[0] - total) < abs(whole - total):
                kept = [0 if was - true >= LEAST else was for was, true in zip(back[2], now, strict=True)]
                published = (back[0], kept)
            else:
                published = (whole, kept)
        elif total == whole and not new:
            published = (whole, kept)
        else:
            published = (total, [new.get(part, kept[part]) for part in range(parts)])
            told.append((total, new, published[1]))
        if published != (whole, shown):
            found.append((moment, *published))
    return found


def told_of(counts: Counts) -> list[Edition]:
    return editions(range(len(counts)), np.array(counts, np.int64))


@settings(deadline=None, max_examples=200)
@given(histories())
def test_editions_are_those_of_the_rule_in_plain_words(counts: Counts) -> None:
    assert [(e.moment, e.whole, list(e.parts)) for e in told_of(counts)] == slow_editions(counts)


@settings(deadline=None, max_examples=100)
@given(histories())
def test_compiled_editions_are_those_of_the_rule_in_plain_words(counts: Counts) -> None:
    moments, table = np.arange(len(counts)), np.array(counts, np.int64).reshape(len(counts), -1)
    assert [(e.moment, e.whole, list(e.parts)) for e in quick_editions(moments, table)] == slow_editions(counts)


@settings(deadline=None, max_examples=200)
@given(histories())
def test_no_two_editions_are_apart_by_a_small_count(counts: Counts) -> None:
    found = told_of(counts)
    for figures in ([e.whole for e in found], *zip(*(e.parts for e in found), strict=True)):
        assert all(figure == 0 or figure >= LEAST for figure in figures)
        assert all(one == other or abs(one - other) >= LEAST for one, other in itertools.combinations(figures, 2))
    assert all(not 0 < abs(e.whole - sum(e.parts)) < LEAST for e in found if e.moment == found[0].moment)


@settings(deadline=None, max_examples=100)
@given(histories(falling=False))
def test_what_comes_at_once_is_exact_and_what_only_grows_lags_by_four_at_most(counts: Counts) -> None:
    found = {e.moment: e for e in told_of(counts)}
    whole, at_first = 0, sum(counts[0])
    assert (found[0].whole if 0 in found else 0) == (at_first if at_first >= LEAST else 0)
    for moment, now in enumerate(counts):
        whole = found[moment].whole if moment in found else whole
        assert 0 <= sum(now) - whole < LEAST
        told = found[moment].parts if moment in found else ()
        assert all(part <= true for part, true in zip(told, now, strict=False))


@settings(deadline=None, max_examples=12)
@given(histories(falling=False))
def test_whoever_solves_for_what_was_told_cannot_pin_down_a_small_count(counts: Counts) -> None:
    """Linear programming over all that the editions tell: a true 1 to 4 in any part, or its rest, over any run of editions has room for four more."""
    found = told_of(counts)
    at = [e.moment for e in found]
    true = np.diff(np.vstack([np.zeros(len(counts[0]), int), np.array(counts)[at]]), axis=0)
    known, values = [], []

    def tell(rows: slice, columns: slice | int, value: int) -> None:
        line = np.zeros(true.shape)
        line[rows, columns] = 1
        known.append(line.ravel())
        values.append(value)

    last: dict[int, tuple[int, int]] = {}
    for number, edition in enumerate(found):
        tell(slice(number, number + 1), slice(None), edition.whole - (found[number - 1].whole if number else 0))
        for part, value in enumerate(edition.parts):
            begin, before = last.get(part, (0, 0))
            if value != before and value == counts[edition.moment][part]:
                tell(slice(begin, number + 1), part, value - before)
                last[part] = (number + 1, value)
    for begin, end in itertools.combinations(range(len(found) + 1), 2):
        for part, inside in itertools.product(range(true.shape[1]), (True, False)):
            wanted = np.zeros(true.shape)
            wanted[begin:end] = not inside
            wanted[begin:end, part] = inside
            if 1 <= (wanted * true).sum() < LEAST:
                ends = [
                    sign * linprog(sign * wanted.ravel(), A_eq=known, b_eq=values, bounds=(0, None), method="highs").fun
                    for sign in (1, -1)
                ]
                assert ends[1] - ends[0] >= LEAST - 1 - 1e-6


PLACED = (*["child"] * 9, *["incident"] * 16, *["location"] * 2)
PLACED_TYPES = (*["INVOLVED_IN"] * 22, *["AT"] * 24, "SAME_AS", "SAME_AS")


def spread(case: Case) -> World:
    """The same world with what happened spread over some quarters, no home, and no two places that are one (those are added up)."""
    dice, kinds = random.Random(case.made_by[0]), {row["key"]: row["kind"] for row in case.world.subjects}
    moved: dict[tuple[str, int], int] = {}
    claims = []
    for row in case.world.claims:
        if row["type"] == "SAME_AS" and kinds[row["a"]] == "location":
            continue
        days = moved.setdefault((row["a"], row["happened_from"]), dice.choice((0, 0, 80, 200))) * DAY
        times = {
            "happened_from": row["happened_from"] + days,
            "happened_to": min(FAR_FUTURE_MS, row["happened_to"] + days),
        }
        role = "found_at" if row["type"] == "AT" and dice.random() < 0.8 else row["role"]
        claims.append({**row, "role": role, **(times if row["happened_from"] > FAR_PAST_MS else {})})
    return World(case.world.subjects, case.world.reports, case.world.mentions, claims)


def counted_slowly(graph: VisibleGraph, layer: str) -> dict[str, dict[str, Any]]:
    """Of each place by its source key, what an analysis of this one moment counts there; events by quarter, the earliest claim deciding."""
    every = ranked_places(graph, layer, happened_from=FAR_PAST_MS, happened_to=FAR_FUTURE_MS)
    found: dict[str, dict[str, Any]] = {
        graph.subjects[p.place].key: {
            "children": p.children,
            "reports": p.reports,
            "agencies": p.agencies,
            "events": {},
        }
        for p in every
    }
    claims, first = graph.claims, {}
    for row in layer_rows(graph, layer, FAR_PAST_MS, FAR_FUTURE_MS):
        at = graph.subjects[claims.b[row]].key, int(claims.a[row])
        first[at] = min(first.get(at, (FAR_FUTURE_MS, 0)), (int(claims.happened_from[row]), row))
    for (place, _), (_, row) in first.items():
        middle = middle_of(int(claims.happened_from[row]), int(claims.happened_to[row]))
        quarter = NO_QUARTER if middle is None else quarter_of(middle)
        found[place]["events"][quarter] = found[place]["events"].get(quarter, 0) + 1
    return found


@settings(deadline=None, max_examples=40)
@given(cases(130, PLACED, PLACED_TYPES))
def test_the_published_table_follows_from_the_counts_of_each_moment(case: Case) -> None:
    """A small world looked at, as everyone may see it, at each moment at which anything changed; then the rule of editions."""
    world = spread(case)
    everything = projection_of(world)
    moments = sorted(
        {
            m
            for row in (*world.claims, *world.mentions)
            for m in (row["known_from"], row["live_to"])
            if m < FAR_FUTURE_MS
        }
    )
    past = [m for m in moments if m <= case.known_at]
    seen = [counted_slowly(visible_graph(everything, (), moment), "found_at") for moment in past]
    expected = {}
    for place in {place for one in seen for place in one}:
        here = [one.get(place, {"events": {}, "children": 0, "reports": 0, "agencies": 0}) for one in seen]
        quarters = sorted({q for one in here for q in one["events"]} - {NO_QUARTER})
        told = slow_editions([[one["events"].get(q, 0) for q in (NO_QUARTER, *quarters)] for one in here])
        if told and told[-1][1]:
            beside = [slow_editions([[one[name]] for one in here]) for name in ("children", "reports", "agencies")]
            expected[place] = (
                told[-1][1],
                *((editions_told[-1][1] or None) if editions_told else None for editions_told in beside),
                {q: n for q, n in zip(quarters, told[-1][2][1:], strict=True) if n},
            )
    graph = visible_graph(everything, SECRET, case.known_at)
    found = {
        graph.subjects[p.place].key: (p.events, p.children, p.reports, p.agencies, p.quarters)
        for p in published_places(graph, "found_at")
        if p.events
    }
    assert found == expected


def city(seed: int, *, ended: float) -> World:
    """Some ninety events at four places in two squares over four quarters, becoming known over sixty days; a share of them withdrawn again."""
    dice = random.Random(seed)
    places = [(f"p{n}", 50.80 + 0.0005 * (n % 2) + 0.02 * (n // 2)) for n in range(4)]
    subjects, claims = [subject(key, "location") for key, _ in places], []
    mentions = [mention(key, latitude=at, longitude=-1.08, label=f"Place {key}", subkind="place") for key, at in places]
    subjects += [subject(f"c{n}", "child") for n in range(14)]
    weights = [dice.random() for _ in places]
    for number in range(90):
        subjects.append(subject(f"i{number}", "incident"))
        known = START + dice.choice((0, 0, *range(60))) * DAY
        ends = known + dice.randrange(1, 30) * DAY if dice.random() < ended else FAR_FUTURE_MS
        happened = START - dice.choice((1, 5, 20, 40, 130, 220)) * DAY
        times: Row = {
            "known_from": known,
            "live_to": ends,
            "happened_from": happened,
            "happened_to": happened,
            "time_known": "exact",
        }
        where = dice.choices([key for key, _ in places], weights)[0]
        said = f"r{number % 7}"
        claims += [
            claim(f"t/a{number}", f"i{number}", "AT", where, said, role="found_at", **times),
            claim(f"t/b{number}", f"c{dice.randrange(14)}", "INVOLVED_IN", f"i{number}", said, role="missing", **times),
        ]
    return World(subjects, [report(f"r{n}", f"agency{n}") for n in range(7)], mentions, claims)


def school() -> Viewer:
    persona = next(p for p in personas() if p.account == "school")
    return Viewer(persona.account, persona.name, persona.agency, persona.role, persona.held, persona.purpose)


def answered(graph: VisibleGraph, given_values: Mapping[str, str]) -> dict[str, int]:
    asked = question("places.hotspots")
    values = read_parameters(asked, {"layer": "found_at", **given_values})
    request = Asked(school(), values, graph, to_instant(graph.known_at), [], None, None)  # type: ignore[arg-type]
    rows, _ = ANSWERS["places.hotspots"](request)
    return {
        f"{row['cell'] if 'cell' in row else row['place']['uid']} {column}": row[column]
        for row in rows
        for column in ("events", "children", "reports", "agencies")
        if row[column] is not None
    }


def test_ten_thousand_pairs_of_answers_cannot_be_subtracted_to_a_small_count() -> None:
    """
    Dates and moments drawn at random, each way of counting; every pair of answers that one set of events holds the other of.

    Where nothing is withdrawn, that is a wider window at the same or a later moment; where something is, the same window at any two moments.
    """
    tried = steps = 0
    for seed in range(8):
        dice, ended = random.Random(seed), 0.25 * (seed % 2)
        everything = projection_of(city(seed, ended=ended))
        for way in ({}, {"count": "children"}, {"method": "gi"}, {"method": "gi", "by": "lsoa"}, {"method": "density"}):
            answers = []
            for _ in range(30):
                dates = sorted(START + dice.randrange(-280, 30) * DAY for _ in range(2))
                window = [dates, [FAR_PAST_MS, FAR_FUTURE_MS], [FAR_PAST_MS, dates[1]], [dates[0], FAR_FUTURE_MS]][
                    dice.randrange(4)
                ]
                asked = dict(
                    zip(
                        ("from", "to"),
                        (to_instant(d).isoformat() if FAR_PAST_MS < d < FAR_FUTURE_MS else "" for d in window),
                        strict=True,
                    )
                )
                known_at = START + dice.randrange(0, 95) * DAY
                told = answered(visible_graph(everything, (), known_at), {**asked, **way})
                quarters = [quarter_of(window[0]), quarter_of(max(window[0], window[1] - 1))]
                answers.append((quarters, known_at, told))
            for (inner, then, less), (outer, now, more) in itertools.permutations(answers, 2):
                nested = outer[0] <= inner[0] and inner[1] <= outer[1] and now >= then
                if not (inner == outer or (nested and not ended)):
                    continue
                if ended and way.get("method"):
                    continue  # a square of two places where one lost and another gained tells a difference that is no count of anything
                for figure in less.keys() & more.keys():
                    if figure.endswith("events") or inner == outer:
                        tried += 1
                        steps += less[figure] != more[figure]
                        assert less[figure] == more[figure] or abs(more[figure] - less[figure]) >= LEAST, (
                            seed,
                            way,
                            figure,
                        )
    assert tried > 10_000
    assert steps > 2_000
