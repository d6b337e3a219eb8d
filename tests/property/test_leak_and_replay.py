"""
Every question that is answered by an analysis, on random worlds: hidden claims never were, and a past moment is what was known then.

`CASES` is the registry: a question of the catalogue that names an analysis needs a line in it, and `test_every_analysis_is_here` fails without.
Answers are those of the service, rows and caveats, made from a visible graph without a store.
"""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
import pytest
from graphs import HALF_HOUR, KINDS, START, TYPES, Case, Row, World, cases, projection_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from referee import visible_world

from graph_service.access import Viewer, personas
from graph_service.services.answers import ANSWERS, Asked
from graph_service.services.parameters import read_parameters
from queries.catalogue import question, questions
from queries.errors import PmetError
from queries.projection import FAR_FUTURE_MS, VisibleGraph, to_instant, visible_graph
from queries.sight import OPEN
from queries.vocabulary import PERSON_KINDS

Given: TypeAlias = Mapping[str, str]
Asks: TypeAlias = Callable[[list[str], list[str]], Iterator[Given]]
LAYERS = ("missing_from", "last_seen", "found_at", "crime")
WEEK_MS = 7 * 24 * 60 * 60 * 1000


def once(*given: Given) -> Asks:
    """What names no subject."""
    return lambda _, __: iter(given)


def of_people(**more: str) -> Asks:
    """Each of the first few people (uids)."""
    return lambda people, _: ({"subject": uid, **more} for uid in people[:3])


def pairs(**more: str) -> Asks:
    """Some two subjects of any kind."""
    return lambda _, every: ({"a": every[0], "b": other, **more} for other in every[1:5]) if every else iter(())


def moment(half_hours: int) -> str:
    return to_instant(START + half_hours * HALF_HOUR).isoformat()


def each_choice(name: str, parameter: str, **more: str) -> Asks:
    """Every choice of a parameter that the catalogue knows, for every layer: a new method is asked as soon as it is there."""
    choices = next((p.choices for p in question(name).parameters if p.name == parameter), ())
    return once(*({"layer": layer, parameter: choice, **more} for layer in LAYERS[:3] for choice in choices))


CASES: dict[str, Asks] = {
    "peers.network": lambda people, every: (
        *of_people(hops="2")(people, every),
        *of_people(**{"from": moment(4), "to": moment(12)})(people, every),
    ),
    "peers.groups": once({"also_by_chance": "true"}),
    "peers.measures": once({}),
    "peers.change": once({"from": moment(6), "days": "1"}),
    "episodes.co_missing": once({"min_overlap_minutes": "0", "within_hours": "24"}),
    "places.hotspots": each_choice("places.hotspots", "method"),
    "places.hours": once(*({"layer": layer} for layer in LAYERS)),
    "places.compared": once(*({"layer": layer, "from": moment(0), "to": moment(9)} for layer in LAYERS[:3])),
    "links.between": pairs(inferred="true", max_hops="3"),
    "contexts.converging": once(
        {"least_reports": "2", "window_weeks": "1"}, {"least_reports": "2", "window_weeks": "12"}
    ),
}


def viewer(who: str) -> Viewer:
    persona = next(p for p in personas() if p.account == who)
    return Viewer(persona.account, persona.name, persona.agency, persona.role, persona.held, persona.purpose)


def answers(graph: VisibleGraph, names: list[str], who: str, refs: tuple[list[str], list[str]]) -> dict[str, Any]:
    """Ask and give the answers, or the words of the error, as text that can be compared."""
    found = {}
    for name in names:
        for given_values in CASES[name](*refs):
            asked = question(name)
            values = read_parameters(asked, given_values)
            # Nothing of a store is asked for: what is answered here comes from the graph alone.
            request = Asked(viewer(who), values, graph, to_instant(graph.known_at), [], None, None)  # type: ignore[arg-type]
            try:
                told = ANSWERS[name](request)
            except PmetError as error:
                told = str(error)  # type: ignore[assignment]
            found[f"{name} {sorted(given_values.items())}"] = json.dumps(told, default=str, sort_keys=True)
    return found


def richer(world: World, seed: int) -> World:
    """Reports of several kinds, recorded over weeks: what convergence looks at."""
    dice = random.Random(seed)
    reports: list[Row] = [
        {**row, "kind": dice.choice(("cpi", "observation", "ppn1", "other", *["return_conversation"] * 4))}
        for row in world.reports
    ]
    claims: list[Row] = [
        {**row, "recorded_at": START - dice.choice((0, 1, 2, 30, 40)) * WEEK_MS} for row in world.claims
    ]
    return World(world.subjects, reports, world.mentions, claims)


def who_is_there(world: World) -> tuple[list[str], list[str]]:
    """The uids of people and of all subjects, hidden or not: hidden and absent ones must be answered alike."""
    every = sorted(world.subjects, key=lambda row: str(row["key"]))
    return [row["uid"] for row in every if row["kind"] in PERSON_KINDS], [row["uid"] for row in every]


def shuffled(world: World, seed: int) -> World:
    dice = random.Random(seed)
    return World(
        *(dice.sample(rows, len(rows)) for rows in (world.subjects, world.reports, world.mentions, world.claims))
    )


def without_what_is_hidden(world: World, open_sights: tuple[int, ...], known_at: int, who: str) -> World:
    """The world in which hidden and later rows never were. Published figures go by what everyone could ever see, so a school's has what ended too."""
    seen = visible_world(world, open_sights, known_at)
    if who != "school":
        return seen
    ended = [row for row in world.claims if row["sight"] == OPEN.sid and row["live_to"] <= known_at]
    kept = {row["key"] for row in seen.subjects} | {row[end] for row in ended for end in ("a", "b")}
    subjects = [row for row in world.subjects if row["key"] in kept]
    return World(subjects, seen.reports, seen.mentions, [*seen.claims, *ended])


def known_by(world: World, moment: int) -> World:
    """The rows that were known by a moment, none of them ended by anything later."""

    def then(rows: list[Row]) -> list[Row]:
        known = [row for row in rows if row["known_from"] <= moment]
        return [{**row, "live_to": FAR_FUTURE_MS} if row["live_to"] > moment else row for row in known]

    claims, mentions = then(world.claims), then(world.mentions)
    # A subject that only later rows name exists by then through nothing, and one that no claim ever names exists without.
    later = {row[end] for row in world.claims for end in ("a", "b")} - {
        row[end] for row in claims for end in ("a", "b")
    }
    said = {row["subject"] for row in mentions if row["report"] is not None}
    subjects = [row for row in world.subjects if row["key"] not in later - said]
    kept = {row["key"] for row in subjects}
    return World(subjects, world.reports, [row for row in mentions if row["subject"] in kept], claims)


_ANALYSES = sorted(CASES)
_MISSING = (*["child"] * 4, *["incident"] * 9, *["location"] * 4)
_MISSING_TYPES = (*["INVOLVED_IN"] * 24, *["AT"] * 15, "SAME_AS")
WORLDS = cases(60, KINDS, TYPES) | cases(60, _MISSING, _MISSING_TYPES)
_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def test_every_analysis_is_here() -> None:
    analyses = {name for name, asked in questions().items() if asked.analysis}
    assert set(CASES) == analyses, (
        "a question that is answered by an analysis has no line in CASES, or a line no question"
    )


@pytest.mark.parametrize("name", _ANALYSES)
@given(case=WORLDS, who=st.sampled_from(("coordinator", "analyst", "school")))
@settings(max_examples=8, deadline=None, suppress_health_check=_SLOW)
def test_what_is_hidden_never_was(name: str, case: Case, who: str) -> None:
    world = richer(case.world, case.made_by[0])
    refs = who_is_there(world)
    never = shuffled(without_what_is_hidden(world, case.open_sights, case.known_at, who), case.made_by[0])
    whole = visible_graph(projection_of(world), case.open_sights, case.known_at)
    without = visible_graph(projection_of(never), case.open_sights, case.known_at)
    assert answers(whole, [name], who, refs) == answers(without, [name], who, refs)


@pytest.mark.parametrize("name", _ANALYSES)
@given(case=WORLDS, half_hours=st.sampled_from((0, 5, 7, 10)), who=st.sampled_from(("coordinator", "school")))
@settings(max_examples=8, deadline=None, suppress_health_check=_SLOW)
def test_a_past_moment_is_what_was_known_then(name: str, case: Case, half_hours: int, who: str) -> None:
    world = richer(case.world, case.made_by[0])
    refs, moment_then = who_is_there(world), START + half_hours * HALF_HOUR
    now = visible_graph(projection_of(world), case.open_sights, moment_then)
    replayed = visible_graph(projection_of(known_by(world, moment_then)), case.open_sights, moment_then)
    assert answers(now, [name], who, refs) == answers(replayed, [name], who, refs)


def test_the_worlds_are_rich_enough_to_tell() -> None:
    """Of fixed worlds, each analysis answers some with rows, and some answers are changed by what is hidden."""
    from graphs import random_world

    told = dict.fromkeys(CASES, 0)
    why = 0
    changed = dict.fromkeys(CASES, 0)
    for seed in range(12):
        kinds, types = ((KINDS, TYPES), (_MISSING, _MISSING_TYPES))[seed % 2]
        world = richer(random_world(seed, 60, kinds, types), seed)
        refs, known_at = who_is_there(world), START + 100 * HALF_HOUR
        some, every = (visible_graph(projection_of(world), sights, known_at) for sights in ((), (16, 24, 32)))
        for name in CASES:
            less, more = answers(some, [name], "coordinator", refs), answers(every, [name], "coordinator", refs)
            told[name] += any(not text.startswith("[[]") for text in more.values())
            changed[name] += less != more
            why += any('"direction": "push"' in text for text in more.values())
    # Groups and co-missing pairs beyond chance are rare in worlds this small; the rest are told and changed.
    quiet = {name for name, count in told.items() if not count}
    assert quiet <= {"peers.groups"}
    assert {name for name, count in changed.items() if not count} <= {"peers.groups", "peers.change"}
    assert why, "no world has conversations about the episodes of a pair"
    assert np.mean(list(told.values())) > 4
