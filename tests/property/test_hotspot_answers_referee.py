"""What `places.hotspots` answers by clusters, scan, emerging and density, row by row against a plain count of what the viewer sees."""

import datetime as dt
import itertools
import math
import random
from functools import cache
from typing import Any

import pyproj
import pytest
from graphs import HALF_HOUR, SECRET, START, Row, World, claim, mention, projection_of, report, subject
from osbng.bng_reference import BNGReference
from referee import Slow, slow_graph

from graph_service.access import Viewer, personas
from graph_service.services.answers import ANSWERS, Asked
from graph_service.services.parameters import read_parameters
from queries.analysis.bursts import WEEK_MS, scan_hotspots
from queries.catalogue import question
from queries.projection import VisibleGraph, to_instant, visible_graph

GRID = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)
DAY = 48 * HALF_HOUR
WEEKS = 12
END = START + WEEKS * WEEK_MS
SEEN = [(seed, sights) for seed in range(2) for sights in ((), SECRET)]


def weeks_of_events(seed: int) -> World:
    """Children found at eight places over twelve weeks, half of them at one in the last three; copies, vague times, hidden rows, and a home."""
    dice = random.Random(seed)
    children, places, incidents = (
        [f"{letter}{n:03d}" for n in range(count)] for letter, count in (("c", 12), ("p", 8), ("i", 110))
    )
    reports = [
        report(f"r{n}", dice.choice(("police", "health")), copied_from="r0" if n in (1, 2) else None) for n in range(30)
    ]
    mentions = [
        mention(place, report="r0", label=place, latitude=50.8 + n / 300, longitude=-1.08, claim_id=f"says {place}")
        for n, place in enumerate(places[:-1])  # where the last one lies is not known
    ]
    claims: list[Row] = []
    for n, incident in enumerate(incidents):
        in_burst = n % 2 == 0
        week, place = (dice.randrange(9, 12), "p003") if in_burst else (dice.randrange(WEEKS), dice.choice(places))
        moment = START + week * WEEK_MS + dice.randrange(7 * 48) * HALF_HOUR
        for told in range(dice.choice((1, 1, 2))):
            known = dice.choice(("exact", "exact", "exact", "about", "within", "unknown"))
            length = dice.choice((0, 0, 1, 2, 60)) * DAY if known == "within" else 0
            row = claim(f"at {incident} {told}", incident, "AT", place, dice.choice(reports)["key"], role="found_at")
            times = {"happened_from": moment, "happened_to": moment + length} if known != "unknown" else {}
            claims.append({**row, **times, "time_known": known, "sight": dice.choice((1, 1, 1, *SECRET))})
        for child in dice.sample(children, dice.choice((0, 1, 1, 2))):
            involved = claim(
                f"in {incident} {child}", child, "INVOLVED_IN", incident, dice.choice(reports)["key"], role="missing"
            )
            claims.append({**involved, "sight": dice.choice((1, 1, SECRET[0]))})
    claims.append(claim("home", "c000", "LIVES_AT", "p005", "r3", sight=SECRET[1]))
    dice.shuffle(claims)
    subjects = [*(subject(c, "child") for c in children), *(subject(p, "location") for p in places)]
    return World([*subjects, *(subject(i, "incident") for i in incidents)], reports, mentions, claims)


@cache
def both(seed: int, sights: tuple[int, ...]) -> tuple[VisibleGraph, Slow]:
    world = weeks_of_events(seed)
    return visible_graph(projection_of(world), sights, END), slow_graph(world, sights, END)


def answer(graph: VisibleGraph, **given: str) -> tuple[list[dict[str, Any]], list[str]]:
    persona = next(p for p in personas() if p.account == "coordinator")
    viewer = Viewer(persona.account, persona.name, persona.agency, persona.role, persona.held, persona.purpose)
    asked = {"layer": "found_at", "from": to_instant(START).isoformat(), "to": to_instant(END).isoformat(), **given}
    values = read_parameters(question("places.hotspots"), asked)
    request = Asked(viewer, values, graph, to_instant(END), [], None, None)  # type: ignore[arg-type]
    return ANSWERS["places.hotspots"](request)


def found_rows(slow: Slow) -> list[Row]:
    """The claims that a child was found at a place that is nobody's home, in order of their id."""
    homes = {row["b"] for row in slow.claims if row["type"] == "LIVES_AT"}
    return [row for row in slow.claims if row["type"] == "AT" and row["b"] not in homes]


def in_period(row: Row) -> bool:
    return bool(row["happened_from"] < END and (row["happened_to"] > START or row["happened_from"] >= START))


def events_of(rows: list[Row], slow: Slow) -> list[tuple[Row, list[Row]]]:
    """Each incident at each place that has a position: the first claim that tells of it, and all that do."""
    told: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row["happened_from"], row["claim_id"])):
        if slow.subjects[row["b"]]["position"]:
            told.setdefault((row["a"], row["b"]), []).append(row)
    return [(some[0], some) for some in told.values()]


def timed_events(slow: Slow) -> list[tuple[Row, list[Row]]]:
    known = [row for row in found_rows(slow) if row["time_known"] in {"exact", "about"} and in_period(row)]
    return events_of([row for row in known if START <= row["happened_from"] < END], slow)


def figures(slow: Slow, rows: list[Row]) -> dict[str, Any]:
    incidents = {row["a"] for row in rows}
    involved = [
        row
        for row in slow.claims
        if row["type"] == "INVOLVED_IN" and row["b"] in incidents and slow.kind(row["a"]) == "child"
    ]
    return {
        "events": len(incidents),
        "children": len({row["a"] for row in involved}),
        "reports": slow.reports(rows),
        "agencies": slow.agencies(rows),
        "evidence": sorted(row["claim_id"] for row in [*rows, *involved]),
    }


def shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("events", "children", "reports", "agencies", "evidence")}


def spot(slow: Slow, place: str) -> tuple[float, float]:
    latitude, longitude = slow.subjects[place]["position"]
    return GRID.transform(longitude, latitude)  # type: ignore[no-any-return]


def uid(slow: Slow, place: str) -> str:
    return str(slow.subjects[place]["uid"])


@pytest.mark.parametrize(("seed", "sights"), SEEN)
def test_clusters_of_one_event_or_more_are_what_hangs_together(seed: int, sights: tuple[int, ...]) -> None:
    graph, slow = both(seed, sights)
    events = timed_events(slow)
    together = [{n} for n in range(len(events))]
    for i, j in itertools.combinations(range(len(events)), 2):
        (one, _), (other, _) = events[i], events[j]
        near = math.dist(spot(slow, one["b"]), spot(slow, other["b"])) <= 250
        if near and abs(one["happened_from"] - other["happened_from"]) <= 2 * DAY:
            joined = together[i] | together[j]
            for n in joined:
                together[n] = joined
    expected = []
    for members in {min(some): some for some in together}.values():
        some = [events[n] for n in members]
        times = [first["happened_from"] for first, _ in some]
        places = {uid(slow, first["b"]) for first, _ in some}
        rows = [row for _, told in some for row in told]
        expected.append((min(times), max(times), sorted(places), figures(slow, rows)))
    rows, caveats = answer(graph, method="clusters", eps_metres="250", eps_days="2", min_events="1")
    found = [
        (
            *(round(1000 * _seconds(row[end])) for end in ("first", "last")),
            sorted(place["uid"] for place in row["places"]),
            shown(row),
        )
        for row in rows
    ]
    assert len(found) > 20
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert [row["events"] for row in rows] == sorted((row["events"] for row in rows), reverse=True)
    told = {row["a"] for row in found_rows(slow) if in_period(row)}
    dated = {row["a"] for row in found_rows(slow) if in_period(row) and row["time_known"] in {"exact", "about"}}
    assert caveats[-1].startswith(f"{len(told - dated)} not known to the day")


def _seconds(text: str) -> float:
    return dt.datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(("seed", "sights"), SEEN)
def test_a_burst_is_what_happened_at_its_places_in_its_weeks(seed: int, sights: tuple[int, ...]) -> None:
    graph, slow = both(seed, sights)
    events = timed_events(slow)
    found, _ = scan_hotspots(graph, "found_at", happened_from=START, happened_to=END, replicates=9, significant=1.0)
    assert found
    keys = [row.key for row in graph.subjects]
    for burst in found:
        places = {keys[at] for at in burst.places}
        at_places = [event for event in events if event[0]["b"] in places]
        in_weeks = [event for event in events if burst.first <= event[0]["happened_from"] < burst.end]
        inside = [event for event in at_places if event in in_weeks]
        assert burst.observed == len(inside)
        assert burst.expected == pytest.approx(len(at_places) * len(in_weeks) / len(events))
        expected = figures(slow, [row for _, told in inside for row in told])
        assert (burst.events, burst.children, burst.reports, burst.agencies) == tuple(list(expected.values())[:4])
        assert list(burst.evidence) == expected["evidence"]
        reach = max(math.dist(spot(slow, keys[burst.centre]), spot(slow, place)) for place in places)
        assert burst.radius_metres == pytest.approx(reach, abs=1e-6)
    rows, _ = answer(graph, method="scan")
    assert rows or not sights
    for row in rows:
        assert row["observed"] > 1.5 * row["expected"]
        first, last = (round(1000 * _seconds(row[end])) for end in ("first", "last"))
        held = {place["uid"] for place in row["places"]}
        inside = [(e, told) for e, told in events if uid(slow, e["b"]) in held and first <= e["happened_from"] < last]
        assert shown(row) == figures(slow, [each for _, told in inside for each in told])


@pytest.mark.parametrize(("seed", "sights"), SEEN)
def test_a_place_that_changes_has_its_count_in_each_window(seed: int, sights: tuple[int, ...]) -> None:
    graph, slow = both(seed, sights)
    rows, caveats = answer(graph, method="emerging", window_days="14")
    assert "uid-p003" in {row["place"]["uid"] for row in rows}
    windows: dict[str, list[list[Row]]] = {}
    without = set()
    for row in found_rows(slow):
        begins, ends = row["happened_from"], row["happened_to"]
        middle = (begins + ends) // 2
        if row["time_known"] == "unknown" or (row["time_known"] == "within" and ends - begins > 17 * DAY):
            without.add(row["a"])
        elif START <= middle < END:
            of_place = windows.setdefault(uid(slow, row["b"]), [[] for _ in range(6)])
            of_place[(middle - START) // (14 * DAY)].append(row)
    for row in rows:
        inside = windows[row["place"]["uid"]]
        assert row["windows"] == [len({each["a"] for each in some}) for some in inside]
        assert shown(row) == figures(slow, [each for some in inside for each in some])
        assert row["window_edges"][0] == to_instant(START).isoformat().replace("+00:00", "Z")
    assert any(caveat.startswith(f"{len(without)} without a time") for caveat in caveats)


@pytest.mark.parametrize(("seed", "sights"), SEEN)
def test_a_peak_counts_what_lies_within_the_bandwidth_of_its_square(seed: int, sights: tuple[int, ...]) -> None:
    graph, slow = both(seed, sights)
    events = events_of([row for row in found_rows(slow) if in_period(row)], slow)
    rows, _ = answer(graph, method="density", bandwidth_metres="300")
    assert rows
    for row in rows:
        middle = BNGReference(row["cell"]).bng_to_xy(position="centre")
        near = [told for first, told in events if math.dist(spot(slow, first["b"]), middle) <= 300]
        assert shown(row) == figures(slow, [each for told in near for each in told])
    assert [row["per_km2"] for row in rows] == sorted((row["per_km2"] for row in rows), reverse=True)
    # Its highest top stands where most was.
    (most,) = {max((r["b"] for r, _ in events), key=lambda place: sum(first["b"] == place for first, _ in events))}
    top = BNGReference(rows[0]["cell"]).bng_to_xy(position="centre")
    assert math.dist(spot(slow, most), top) < 300
