"""Hotspots as they are asked: each method on a small graph, and what a school may see of it."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest

from graph_service.bootstrap import Service
from graph_service.errors import NotPermittedError
from queries.errors import ParameterError

BringIn = Callable[..., dict[str, object]]
SPOTS = {
    "stop": ("50.8000", "-1.0800"),
    "bench": ("50.8004", "-1.0804"),  # in the same square as the stop
    "park": ("50.8100", "-1.0700"),
    "shop": ("50.8300", "-1.0600"),
}
KNOWN_AT = dt.datetime(2026, 7, 2, 9, tzinfo=dt.UTC)


def bundle(events: dict[str, int]) -> tuple[list[dict[str, str]], ...]:
    """So many children found at each place, one an evening from 1 June 2026, each a child of their own."""
    subjects = [
        {
            "ref": ref,
            "kind": "location",
            "subkind": "place",
            "label": f"The {ref}",
            "latitude": at[0],
            "longitude": at[1],
        }
        for ref, at in SPOTS.items()
    ]
    reports = [
        {
            "report_ref": "r1",
            "kind": "ppn1",
            "agency": "police",
            "submitted_at": "2026-06-30T08:00:00Z",
            "handling": "P",
        }
    ]
    claims, number = [], 0
    for place, count in events.items():
        for _ in range(count):
            number += 1
            when = f"2026-06-{1 + number % 28:02d}T21:30:00Z"
            subjects += [
                {"ref": f"e{number}", "kind": "incident", "subkind": "missing_episode", "label": f"Episode {number}"},
                {"ref": f"c{number}", "kind": "child", "label": f"Alder Exampleby{number}"},
            ]
            row = {"report_ref": "r1", "happened_from": when, "time_known": "exact"}
            claims += [
                {**row, "claim_ref": f"a{number}", "from_ref": f"e{number}", "to_ref": place, "type": "AT", "role": "found_at"},
                {**row, "claim_ref": f"m{number}", "from_ref": f"c{number}", "to_ref": f"e{number}", "type": "INVOLVED_IN", "role": "missing"},
            ]  # fmt: skip
    return subjects, reports, [{k: v for k, v in claim.items() if k != "time_known"} for claim in claims]


def asked(service: Service, who: str, name: str = "places.hotspots", **given: str) -> dict[str, Any]:
    return service.questions.ask(service.viewer(who, ""), name, {"layer": "found_at", **given})


@pytest.fixture
def small(service: Service, bring_in: BringIn) -> Service:
    bring_in(*bundle({"stop": 9, "bench": 2, "park": 6, "shop": 3}))
    return service


def test_each_method_gives_places_or_cells_with_the_fields_of_the_contract(small: Service) -> None:
    for given in ({}, {"method": "gi"}, {"method": "gi", "by": "lsoa"}, {"method": "density"}, {"count": "children"}):
        rows = asked(small, "intelligence", **given)["rows"]
        assert rows, given
        for row in rows:
            assert {"events", "children", "reports", "agencies", "z", "q_value", "evidence"} < row.keys()
            assert ("place" in row) != ("cell" in row)
            assert row["evidence"]
    squares = asked(small, "intelligence", method="gi")["rows"]
    assert sorted(row["events"] for row in squares) == [3, 6, 11]
    areas = asked(small, "intelligence", method="gi", by="lsoa")["rows"]
    assert sum(row["events"] for row in areas) == 20
    assert all(re.fullmatch(r"E010\d{5}", row["cell"]) and row["name"].startswith("Portsmouth") for row in areas)
    peaks = asked(small, "intelligence", method="density")["rows"]
    assert [row["events"] for row in peaks] == [11, 6, 3]
    assert peaks[0]["per_km2"] > peaks[1]["per_km2"] > peaks[2]["per_km2"] > 0


def test_bursts_name_their_places_their_weeks_and_what_chance_would_do(service: Service, bring_in: BringIn) -> None:
    bring_in(*bundle({"stop": 25, "bench": 2, "park": 6, "shop": 3}))
    period = {"from": "2026-01-05", "to": "2026-06-29"}
    near = {"eps_days": "60", "min_events": "3"}
    clusters = asked(service, "analyst", method="clusters", **period, **near)["rows"]
    assert [(row["events"], len(row["places"])) for row in clusters] == [(27, 2), (6, 1), (3, 1)]
    assert clusters[0]["cell"].startswith("SU 64")
    assert clusters[0]["first"] < clusters[0]["last"]
    # Every event of the year is in June: the month is busy everywhere, and no place beyond its share.
    answer = asked(service, "analyst", method="scan", **period)
    assert all(row["p_value"] <= 0.05 and row["observed"] > row["expected"] for row in answer["rows"])
    assert any("1 in 20" in caveat for caveat in answer["caveats"])
    (row,) = asked(service, "analyst", method="emerging", **period)["rows"]
    assert (row["place"]["ref"], row["class"], row["windows"][-1], row["hot_now"]) == ("small/stop", "new", 25, True)
    assert len(row["window_edges"]) == len(row["windows"]) + 1


@pytest.mark.parametrize("method", ["clusters", "scan", "emerging"])
def test_what_rests_on_exact_times_is_for_those_who_may_open_the_records(small: Service, method: str) -> None:
    with pytest.raises(NotPermittedError):
        asked(small, "school", method=method)
    with pytest.raises(NotPermittedError):
        small.maps.html(small.viewer("school", ""), "places.hotspots", {"layer": "found_at", "method": method}, None)


@pytest.mark.parametrize(
    "given",
    [
        {"by": "lsoa"},
        {"method": "ranked", "bandwidth_metres": "300"},
        {"method": "density", "bandwidth_metres": "3"},
        {"layer": "crime", "count": "children"},
        {"method": "guess"},
        {"method": "scan", "min_events": "4"},
        {"method": "emerging", "window_days": "1"},
        {"method": "clusters", "min_events": "0"},
    ],
    ids=[
        "areas-without-gi",
        "bandwidth-without-density",
        "too-small",
        "crimes-name-nobody",
        "no-such-method",
        "of-another-method",
        "a-day-is-no-window",
        "no-events",
    ],
)
def test_options_that_cannot_be_used_are_refused_with_what_to_do(small: Service, given: dict[str, str]) -> None:
    with pytest.raises(ParameterError):
        asked(small, "intelligence", **given)


def test_hours_and_periods_are_told_with_their_evidence(small: Service) -> None:
    hours = asked(small, "analyst", "places.hours")["rows"]
    assert {(row["from_hour"], row["to_hour"]) for row in hours} == {(22, 23)}  # summer time
    assert sum(row["events"] for row in hours) == 20
    answer = asked(small, "analyst", "places.compared", **{"from": "2026-06-15", "to": "2026-06-29"})
    whole, *places = answer["rows"]
    assert (whole["place"], whole["previous_from"], whole["previous_to"]) == (
        None, "2026-05-31T23:00:00Z", "2026-06-14T23:00:00Z",
    )  # fmt: skip
    assert whole["before"] + whole["after"] == 20
    assert "of chance" not in whole["sentence"]
    assert "in the period before" in whole["sentence"]
    assert {row["place"]["ref"] for row in places} == {f"small/{ref}" for ref in SPOTS}
    assert all(row["evidence"] for row in answer["rows"])


EVERY = [
    ("places.hotspots", {}),
    ("places.hotspots", {"count": "children"}),
    ("places.hotspots", {"method": "gi"}),
    ("places.hotspots", {"method": "gi", "by": "lsoa"}),
    ("places.hotspots", {"method": "density"}),
    ("places.hours", {}),
    ("places.compared", {"from": "2026-06-15", "to": "2026-06-29"}),
]


def test_nothing_that_a_school_is_told_depends_on_a_withheld_count(
    service: Service, bring_in: BringIn, start_again: Callable[[], None]
) -> None:
    """Whatever the withheld counts are from 1 to 4, every answer, map and layer is the same."""
    told = []
    for bench, shop in ((1, 1), (2, 3), (4, 2)):
        start_again()
        bring_in(*bundle({"stop": 9, "park": 6, "bench": bench, "shop": shop}))
        viewer = service.viewer("school", "")
        rows = [asked(service, "school", name, **given)["rows"] for name, given in EVERY]
        drawn = service.maps.html(viewer, "places.hotspots", {"layer": "found_at"}, KNOWN_AT)
        layer = service.maps.features(viewer, "found_at", {}, None)
        told.append((without_uids(rows), drawn, layer))
    assert told[0] == told[1] == told[2]
    rows = told[0][0]
    assert [row["events"] for row in rows[0]] == [9, 6, None, None]
    assert all(row["z"] is row["q_value"] is None and row["evidence"] == [] for some in rows[:5] for row in some)
    assert [row["events"] for row in rows[2]] == [9, 6, None]
    assert "pmet.marks(" not in told[0][1]


@pytest.mark.parametrize("method", ["ranked", "gi", "density", "clusters", "scan", "emerging"])
@pytest.mark.parametrize("who", ["intelligence", "analyst"])
def test_every_method_is_drawn_as_closely_as_its_viewer_may_see(small: Service, who: str, method: str) -> None:
    given = {"layer": "found_at", "method": method, "from": "2026-01-05", "to": "2026-06-29"}
    given |= {"eps_days": "60", "min_events": "3"} if method == "clusters" else {}
    drawn = small.maps.html(small.viewer(who, ""), "places.hotspots", given, KNOWN_AT)
    assert "Street crimes" not in drawn
    assert "Found" in drawn or "found" in drawn
    exact = [f"[{latitude.rstrip('0')},{longitude.rstrip('0')}]" for latitude, longitude in SPOTS.values()]
    if who == "analyst" or method in ("gi", "density", "clusters"):
        assert not any(point in drawn for point in exact)
    elif method == "ranked":
        assert all(point in drawn for point in exact)


def test_a_persons_map_has_their_places_and_no_home(service: Service, bring_in: BringIn) -> None:
    subjects, reports, claims = bundle({"stop": 2, "park": 1})
    home = {
        "ref": "home",
        "kind": "location",
        "subkind": "address",
        "label": "A home",
        "latitude": "50.8221",
        "longitude": "-1.0521",
    }
    row = {"report_ref": "r1", "from_ref": "c1"}
    claims += [
        {**row, "claim_ref": "h1", "to_ref": "home", "type": "LIVES_AT"},
        {**row, "claim_ref": "h2", "to_ref": "home", "type": "SEEN_AT", "happened_from": "2026-06-09T21:00:00Z"},
        {**row, "claim_ref": "s1", "to_ref": "park", "type": "FREQUENTS", "role": "strength"},
    ]
    bring_in([*subjects, home], reports, claims)
    asked_of = {"subject": "ref:small/c1"}
    drawn = service.maps.html(service.viewer("coordinator", ""), "people.map", asked_of, KNOWN_AT)
    assert "Places of Alder Exampleby1" in drawn
    assert "The park" in drawn
    assert "A home" not in drawn
    assert "50.8221,-1.0521" not in drawn
    under_pseudonym = service.maps.html(service.viewer("analyst", ""), "people.map", asked_of, KNOWN_AT)
    assert "Exampleby" not in under_pseudonym
    assert "[50.81,-1.07]" not in under_pseudonym
    with pytest.raises(NotPermittedError):
        service.maps.html(service.viewer("school", ""), "people.map", asked_of, KNOWN_AT)
    with pytest.raises(ParameterError, match="person"):
        service.maps.html(service.viewer("analyst", ""), "people.map", {"subject": "ref:small/park"}, KNOWN_AT)


def test_neither_two_periods_nor_two_moments_can_be_subtracted_to_a_small_count(
    service: Service, bring_in: BringIn
) -> None:
    """A school asks up to 30 and up to 31 October, and again each day, while events become known one by one and two are withdrawn."""
    days = [*range(30 - 6, 32)] * 2  # of October: two a day, known two days later
    subjects, reports, claims = bundle({"stop": 9})
    bring_in(subjects, reports, claims)
    assert [row["events"] for row in asked(service, "school")["rows"]] == [9]  # at once, and the later file is seen too
    for number, day in enumerate(days):
        row = {
            "report_ref": "r1", "happened_from": f"2026-10-{day:02d}T20:30:00Z", "recorded_at": f"2026-11-{day - 20:02d}T08:00:00Z",
            "withdrawn_at": "2026-11-14T08:00:00Z" if number < 2 else "",
        }  # fmt: skip
        subjects.append({"ref": f"o{number}", "kind": "incident", "subkind": "missing_episode", "label": "Episode"})
        claims.append({**row, "claim_ref": f"o{number}", "from_ref": f"o{number}", "to_ref": "stop", "type": "AT", "role": "found_at"})  # fmt: skip
    bring_in(subjects, reports, [{name: value for name, value in row.items() if value} for row in claims])

    def told(known_at: dt.datetime | None = None, **given: str) -> dict[str, Any]:
        viewer = service.viewer("school", "")
        return service.questions.ask(viewer, "places.hotspots", {"layer": "found_at", **given}, as_known_at=known_at)

    def counts(**given: Any) -> list[int | None]:
        return [row["events"] for row in told(**given)["rows"]]

    assert counts() == [
        21
    ]  # 23 are known: what is published moves by five or more, and by six when two become known a day
    answers = [told(**{"from": "2026-10-01", "to": to}) for to in ("2026-10-30", "2026-10-31", "2026-11-01")]
    assert {(answer["parameters"]["from"], answer["parameters"]["to"]) for answer in answers} == {
        ("2026-09-30T23:00:00Z", "2027-01-01T00:00:00Z")
    }
    assert len({str(answer["rows"]) for answer in answers}) == 1
    assert any("1 October to 31 December 2026" in caveat for caveat in answers[0]["caveats"])
    hours = [told_of(service, "places.hours", to=to) for to in ("2026-10-30", "2026-10-31")]
    compared = [
        told_of(service, "places.compared", **{"from": "2026-10-01", "to": to}) for to in ("2026-10-30", "2026-10-31")
    ]
    assert hours[0] == hours[1]
    assert compared[0] == compared[1]
    assert (compared[0][0]["before"], compared[0][0]["after"]) == (
        None,
        None,
    )  # nothing in the third quarter to compare with
    drawn, layer = (
        [give({"layer": "found_at", "from": "2026-10-01", "to": to}) for to in ("2026-10-30", "2026-10-31")]
        for give in (
            lambda given: service.maps.html(
                service.viewer("school", ""), "places.hotspots", given, KNOWN_AT.replace(month=11)
            ),
            lambda given: service.maps.features(
                service.viewer("school", ""), "found_at", {**given, "layer": "found_at"}, None
            ),
        )
    )
    assert "1 October to 31 December 2026" in drawn[0]
    assert drawn[0].replace("2026-10-30", "2026-10-31") == drawn[1]  # but for what was asked
    assert layer[0] == layer[1]
    moments = [dt.datetime(2026, 11, day, hour, tzinfo=dt.UTC) for day in range(1, 20) for hour in (7, 9)]
    for window in ({}, {"from": "2026-10-01", "to": "2027-01-01"}, {"from": "2026-04-01", "to": "2026-07-01"}):
        seen = [count or 0 for moment in moments for count in counts(known_at=moment, **window)]
        assert all(one == other or abs(one - other) >= 5 for one in seen for other in seen), seen
        assert len(set(seen)) > 1 or window.get("from") == "2026-04-01"
    # Every part of October was told by the quarter, and a past moment is answered as it was then, whoever has asked since.
    assert counts(known_at=moments[0]) == [9]
    assert told(known_at=moments[-1])["rows"] == told(known_at=moments[-1])["rows"]


def told_of(service: Service, name: str, **given: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = asked(service, "school", name, **given)["rows"]
    return rows


def without_uids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_uids(item) for key, item in value.items() if key != "uid"}
    return [without_uids(item) for item in value] if isinstance(value, list) else value
