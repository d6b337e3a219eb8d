"""The demonstration city meets the published figures, counted from its records as a partnership would count them."""

import datetime as dt
import json
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from city_graph import END, CityGraph, city_graph

from ingest import synthetic
from ingest.synthetic.figures import Size

LONDON = ZoneInfo("Europe/London")
FIRST = END - dt.timedelta(days=363)


@pytest.fixture(scope="module", params=[2026, 7, 31])
def city(request: pytest.FixtureRequest) -> CityGraph:
    return city_graph(seed=request.param)


def starts(city: CityGraph) -> dict[str, list[dt.datetime]]:
    """When each child was missing, earliest first."""
    found = defaultdict(list)
    for row in city.claims:
        if row.type == "INVOLVED_IN" and row.role == "missing":
            found[row.from_key].append(row.happened_from)
    return {child: sorted(times) for child, times in found.items()}


def quarter_of(moment: dt.datetime) -> int:
    return (moment.astimezone(LONDON).date() - FIRST).days // 91


def test_quarters(city: CityGraph) -> None:
    counted = Counter(quarter_of(moment) for times in starts(city).values() for moment in times)
    assert counted == {0: 292, 1: 427, 2: 424, 3: 434}


def test_children_missing_three_times_or_more_in_a_quarter(city: CityGraph) -> None:
    for quarter in range(4):
        often = sum(sum(quarter_of(m) == quarter for m in times) >= 3 for times in starts(city).values())
        assert 38 <= often <= 64


def test_repeats_and_how_soon(city: CityGraph) -> None:
    by_child = starts(city)
    episodes = sum(map(len, by_child.values()))
    assert 0.65 <= 1 - len(by_child) / episodes <= 0.75
    gaps = [times[1] - times[0] for times in by_child.values() if len(times) > 1]
    assert sum(gap < dt.timedelta(weeks=4) for gap in gaps) / len(gaps) > 0.5


def test_few_children_account_for_many_episodes(city: CityGraph) -> None:
    counts = sorted(map(len, starts(city).values()), reverse=True)
    for share in (0.04, 0.06):
        assert 0.24 <= sum(counts[: round(share * len(counts))]) / sum(counts) <= 0.37
    assert 0.28 <= sum(counts[: round(0.05 * len(counts))]) / sum(counts) <= 0.33


def test_how_long_and_when(city: CityGraph) -> None:
    begun = {row.to_key: row.happened_from for row in city.claims if row.role == "missing"}
    ended = {row.to_key: row.happened_to for row in city.claims if row.role == "located"}
    hours = [(ended[episode] - begun[episode]) / dt.timedelta(hours=1) for episode in ended]
    assert 7 < median(hours) < 9
    assert min(hours) > 0.5
    assert 2 <= len(begun.keys() - ended.keys()) <= 6
    evening = sum(moment.astimezone(LONDON).hour in range(16, 24) for moment in begun.values())
    assert evening / len(begun) > 0.5


def test_a_child_is_missing_once_at_a_time(city: CityGraph) -> None:
    begun = {row.to_key: row for row in city.claims if row.role == "missing"}
    ended = {row.to_key: row.happened_to for row in city.claims if row.role == "located"}
    spells = defaultdict(list)
    for episode, row in begun.items():
        spells[row.from_key].append((row.happened_from, ended.get(episode, dt.datetime.max.replace(tzinfo=dt.UTC))))
    for times in spells.values():
        times.sort()
        assert all(one[1] < other[0] for one, other in pairwise(times))


def test_who_is_missing_now_was_reported_in_the_last_three_days(city: CityGraph) -> None:
    ended = {row.to_key for row in city.claims if row.role == "located"}
    still = [row for row in city.claims if row.role == "missing" and row.to_key not in ended]
    told: Any = city.city.truth
    assert sorted(row.from_key for row in still) == sorted(told["open_now"])
    latest = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    assert all(latest - row.happened_from < dt.timedelta(days=3) for row in still)


def list_at(city: CityGraph, moment: dt.datetime) -> Counter[str]:
    """How many children the latest assessment that was recorded by then puts in each band."""
    bands: dict[str, Any] = {}
    for row in sorted(city.mentions, key=lambda row: row.recorded_at):
        if row.attributes.get("assessed_with") == "MET list" and row.recorded_at < moment:
            bands[row.subject_key] = row.attributes["assessed_judgement"] or "closed"
    return Counter(bands.values())


def test_the_list_keeps_to_its_bands_and_is_what_practitioners_recorded(city: CityGraph) -> None:
    months: Any = city.city.truth["figures"]["list_by_month"]  # type: ignore[index,call-overload]
    assert len(months) >= 12
    for month in months:
        year, number = map(int, month.split("-"))
        ends = dt.datetime(year + number // 12, number % 12 + 1, 1, tzinfo=LONDON)
        bands = list_at(city, min(ends, dt.datetime(2026, 11, 23, tzinfo=LONDON)))
        assert 2 <= bands["high"] <= 7
        assert 17 <= bands["medium"] <= 33
        assert 13 <= bands["low"] <= 27
        listed = bands["high"] + bands["medium"] + bands["low"]
        assert 37 <= listed <= 60
        assert months[month] == {**{band: bands[band] for band in ("high", "medium", "low")}, "all": listed}


def test_referrals_and_unaccompanied_children(city: CityGraph) -> None:
    referred = Counter(
        quarter_of(dt.datetime.fromisoformat(f"{row.attributes['referred_to_nrm']}T12:00+00:00"))
        for row in city.mentions
        if "referred_to_nrm" in row.attributes
    )
    assert referred == {2: 1, 3: 26}
    arrived = {row.subject_key: row.attributes["arrived"] for row in city.mentions if "unaccompanied" in row.attributes}
    assert len(arrived) == 39
    assert all(str(FIRST) <= str(day) <= str(END) for day in arrived.values())


def test_truth_tells_the_same_figures(city: CityGraph, tmp_path: Path) -> None:
    city.city.write_truth(tmp_path / "truth.json")
    told = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert [quarter["episodes"] for quarter in told["figures"]["quarters"]] == [292, 427, 424, 434]
    assert told["figures"]["children"] == len(starts(city))
    assert told["to"] == "2026-11-22"


@pytest.mark.parametrize(("size", "least", "most"), [("city", 1577, 1577), ("force", 9990, 10_010)])
def test_sizes(size: Size, least: int, most: int) -> None:
    truth: Any = synthetic.build(size, end=END).truth
    assert least <= truth["figures"]["episodes"] <= most
    assert 0.65 <= truth["figures"]["share_repeats"] <= 0.75
    assert 0.28 <= truth["figures"]["share_of_busiest_5_in_100"] <= 0.33


def test_the_last_day_is_yesterday_unless_given_and_reads_back() -> None:
    # Half past midnight on the first of August in London; by UTC it is still July.
    with time_machine.travel(dt.datetime(2026, 7, 31, 23, 30, tzinfo=dt.UTC)):
        built = synthetic.build("city")
    assert built.end == dt.date(2026, 7, 31)
    assert synthetic.end_of(built.end.isoformat()) == built.end
