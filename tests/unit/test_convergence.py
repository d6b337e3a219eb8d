"""Where separate reports meet: three referrals about one bus stop in three spellings, what does not count, and the demonstration city."""

import datetime as dt
from typing import Any

import pytest
from city_graph import CityGraph, city_graph
from graphs import Row, World, claim, mention, projection_of, report, subject

from ingest.gazetteer import official_reader
from queries.analysis.convergence import STANDINGS, WEEK_MS, Convergence, converging
from queries.analysis.convergence_words import STANDING_NAMES, tell_chance, tell_eyes, tell_meeting, tell_standing
from queries.analysis.touches import TOUCHES
from queries.errors import ParameterError
from queries.projection import VisibleGraph, to_milliseconds, visible_graph
from queries.vocabulary import CLAIM_TYPES, TONES

READER = official_reader()
NOW = dt.datetime(2026, 7, 8, 12, tzinfo=dt.UTC)
STOPS = {
    "stop-p": ("Fratton Bridge bus stop", 50.7963, -1.0757),
    "stop-y": ("Bus stop opp. Fratton Bridge", 50.7964, -1.0759),
    "stop-e": ("Fraton Bridge stop", 50.7962, -1.0755),
}


def moment(*date: int) -> int:
    return to_milliseconds(dt.datetime(*date, 12, tzinfo=dt.UTC))  # type: ignore[arg-type]


def said(key: str, agency: str, kind: str = "cpi", **more: Any) -> Row:
    return {**report(key, agency, **more), "kind": kind}


def world(*, weeks_before: int = 52) -> World:
    """Three children at three names of one stop, over nine weeks, and a year of other reports about somewhere else."""
    subjects = [subject(name, "child") for name in ("ana", "ben", "cai", "dee")]
    subjects += [subject(name, "location") for name in (*STOPS, "elsewhere")]
    mentions = [mention("elsewhere", label="Exampleway Precinct", latitude=50.8, longitude=-1.09)]
    mentions += [
        mention(name, label=label, subkind="transport", latitude=latitude, longitude=longitude)
        for name, (label, latitude, longitude) in STOPS.items()
    ]
    reports = [said("p", "police"), said("y", "youth", "observation"), said("e", "education", "return_conversation")]
    claims = [
        claim("t/1", "ana", "SEEN_AT", "stop-p", "p", recorded_at=moment(2026, 5, 2)),
        claim("t/2", "ben", "FREQUENTS", "stop-y", "y", recorded_at=moment(2026, 6, 1)),
        claim("t/3", "cai", "SEEN_AT", "stop-e", "e", recorded_at=moment(2026, 7, 1)),
    ]
    for week in range(weeks_before):
        key = f"w{week:02d}"
        reports.append(said(key, "youth", "observation"))
        when = to_milliseconds(NOW) - (week + 1) * WEEK_MS
        claims.append(claim(f"t/{key}", "dee", "SEEN_AT", "elsewhere", key, recorded_at=when))
    return World(subjects, reports, mentions, claims)


def seen(of: World, now: dt.datetime = NOW) -> VisibleGraph:
    for row in (*of.claims, *of.mentions):
        row["known_from"] = row["recorded_at"] if "role" in row else 0
    return visible_graph(projection_of(of), (), to_milliseconds(now))


def found(of: World, **asked: Any) -> list[Convergence]:
    return converging(seen(of), reader=READER, **asked)


def test_three_referrals_that_spell_one_stop_in_three_ways_are_one_finding() -> None:
    graph = seen(world())
    (met,) = converging(graph, reader=READER)
    assert (met.observed, met.kind) == (3, "place")
    assert met.agencies == ("education", "police", "youth")
    assert [citation.kind for citation in met.citations] == ["cpi", "observation", "return_conversation"]
    assert met.evidence == ("t/1", "t/2", "t/3")
    assert tell_meeting(graph, met) == (
        "3 reports by 3 agencies about 3 children between 2 May and 1 July 2026 name Fraton Bridge stop"
        " (also written Bus stop opp. Fratton Bridge and Fratton Bridge bus stop)."
    )
    assert all(also.because[1].startswith("name alike") for also in met.also)
    assert len(met.also) == 2
    # 3 of the 55 reports, and 12 of the 55 have come since the first of them.
    assert met.expected == pytest.approx(3 * 12 / 55)
    assert (
        "0.7 would be expected here in these weeks, had the 3 reports that name it in the 52 weeks known"
        in tell_chance(met)
    )


def test_two_are_too_few_and_a_shorter_window_holds_fewer() -> None:
    assert found(world(), least_reports=4) == []
    assert found(world(), window_weeks=4) == []
    assert len(found(world(), window_weeks=5, least_reports=2)) == 1
    assert found(world(), kinds=("cpi", "observation")) == []
    assert found(world(), recorded_from=moment(2026, 5, 3)) == []
    assert found(world(), recorded_to=moment(2026, 7, 1)) == []


def test_a_copy_counts_once() -> None:
    of = world()
    of.reports[2]["copied_from"] = "y"
    assert found(of) == []
    (met,) = found(of, least_reports=2)
    assert [(citation.agency, len(citation.children)) for citation in met.citations] == [("police", 1), ("youth", 2)]


def test_three_reports_about_one_child_do_not_meet() -> None:
    of = world()
    for row in of.claims[:3]:
        row["a"] = "bundle:t/ana"
    assert found(of) == []


def test_a_home_is_never_listed_and_joins_nothing() -> None:
    of = world()
    of.reports.append(said("h", "social_care", "other"))
    of.claims.append(claim("t/h", "dee", "LIVES_AT", "stop-e", "h"))
    assert found(of) == []
    (met,) = found(of, least_reports=2)
    assert not {citation.agency for citation in met.citations} & {"education"}
    assert len(met.also) == 1


def test_what_is_suspected_false_does_not_count() -> None:
    of = world()
    of.reports[0]["info"] = "E"
    assert found(of) == []


def test_data_that_are_too_short_say_so() -> None:
    graph = seen(world(weeks_before=11))
    (met,) = converging(graph, reader=READER)
    assert met.expected is met.p_value is met.q_value is None
    assert tell_chance(met) == "The 11 weeks known are too short to tell what is usual here."


def test_a_station_or_a_school_is_listed_only_for_more_than_its_usual_level() -> None:
    """Named every week of the year, three times in the last nine is no more than usual."""
    of = world()
    for at, row in enumerate(of.claims[3:]):
        row |= {"b": "bundle:t/stop-p", "a": f"bundle:t/{('ana', 'ben', 'cai', 'dee')[at % 4]}"}
    assert found(of) == []
    # Too short a history says nothing of what is usual: a school is left out, a stop is not.
    short = world(weeks_before=11)
    for row in short.mentions:
        row["subkind"] = "school"
    assert found(short) == []
    short = world(weeks_before=11)
    for row in short.mentions[1:]:
        row["label"] = "Fratton station"
    assert found(short) == []


def test_an_adult_met_by_reports_about_several_children() -> None:
    of = world()
    of.subjects += [subject("max", "adult"), subject("mum", "adult"), subject("car", "vehicle")]
    of.mentions += [
        mention("max", label="Max Neverwas"),
        mention("mum", label="Mum Neverwas"),
        mention("car", label="Grey van"),
    ]
    of.claims[0] |= {"type": "SUSPECTED_OF_EXPLOITING", "a": "bundle:t/max", "b": "bundle:t/ana"}
    of.claims[1] |= {"type": "SEEN_WITH", "a": "bundle:t/ben", "b": "bundle:t/max"}
    of.claims[2] |= {"type": "KNOWS", "role": "concern", "a": "bundle:t/cai", "b": "bundle:t/max"}
    for row, name in zip(of.claims[:3], "pye", strict=True):
        of.claims.append(
            {**row, "claim_id": f"{row['claim_id']}m", "type": "SEEN_WITH", "a": "bundle:t/mum", "b": "bundle:t/ana"}
        )
        of.claims.append(
            {
                **row,
                "claim_id": f"{row['claim_id']}u",
                "type": "USES",
                "a": "bundle:t/max",
                "b": "bundle:t/car",
                "report": name,
            }
        )
    graph = seen(of)
    met = converging(graph, reader=READER)
    assert {(one.kind, graph.subjects[one.subject].label) for one in met} == {
        ("adult", "Max Neverwas"),
        ("vehicle", "Grey van"),
    }


@pytest.mark.parametrize(
    "asked", [{"window_weeks": 0}, {"window_weeks": 105}, {"least_reports": 1}, {"kinds": ("crime",)}, {"kinds": ("nonsense",)}]
)  # fmt: skip
def test_what_cannot_be_asked(asked: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        found(world(), **asked)


def test_the_rules_use_only_words_of_the_vocabulary() -> None:
    for touch in TOUCHES:
        rule = CLAIM_TYPES[touch.type]
        ends = rule.to_kinds if touch.child_first else rule.from_kinds
        assert touch.kinds <= ends | ({"adult"} if "person" in ends else set())
    assert {role for touch in TOUCHES for role in touch.roles} <= set(TONES)


def test_a_missing_report_is_no_worry_about_where_the_child_was_found() -> None:
    """Police found two more children at the stop: with one worry there too they meet, but below, and it says why."""
    of = world()
    of.reports[0]["kind"] = of.reports[1]["kind"] = "ppn1"
    of.subjects += [subject("e1", "incident"), subject("e2", "incident")]
    of.mentions += [mention(f"e{n}", label=f"Episode {n}", subkind="missing_episode") for n in (1, 2)]
    for number, (row, child) in enumerate(zip(of.claims[:2], ("ana", "ben"), strict=True), start=1):
        row |= {"type": "AT", "role": "found_at", "a": f"bundle:t/e{number}"}
        of.claims.append(
            {
                **row,
                "claim_id": f"t/i{number}",
                "type": "INVOLVED_IN",
                "role": "missing",
                "a": f"bundle:t/{child}",
                "b": f"bundle:t/e{number}",
            }
        )
    (met,) = found(of)
    assert (met.standing, met.is_new, met.missing_reports) == ("missing_reports", False, 2)
    assert "only with police missing reports, 2 of 3 here" in tell_standing(met)
    # What such a report says of the people there is told as by any other.
    of.subjects.append(subject("max", "adult"))
    for row in of.claims[-2:]:
        of.claims.append({**row, "claim_id": f"{row['claim_id']}m", "type": "SEEN_WITH", "b": "bundle:t/max"})
    of.claims[2] |= {"type": "SEEN_WITH", "b": "bundle:t/max"}
    assert [one.standing for one in found(of)] == ["these_weeks_only"]


def test_what_no_agency_could_see_alone_stands_before_what_one_could() -> None:
    of = world()
    of.subjects += [subject("max", "adult")]
    for at, row in enumerate(list(of.claims[:3])):
        of.claims.append({**row, "claim_id": f"t/m{at}", "type": "SEEN_WITH", "b": "bundle:t/max", "report": f"m{at}"})
        of.reports.append(said(f"m{at}", "police"))
    stop, adult = found(of)
    assert (stop.kind, stop.known_to_one, adult.kind, adult.known_to_one) == ("place", 1, "adult", 3)
    assert stop.standing == adult.standing == "these_weeks_only"
    assert "no other report in the 52 weeks known names it" in tell_standing(stop)


def test_it_is_told_whether_other_reports_link_the_children_already() -> None:
    of = world()
    (met,) = found(of)
    assert met.circles == 3
    assert (
        tell_eyes(met)
        == "No agency by itself has reported more than 1 child here. No other report links any two of the children."
    )
    of.reports.append(said("k", "youth"))
    of.claims.append(claim("t/k", "ana", "KNOWS", "ben", "k"))
    (met,) = found(of)
    assert met.circles == 2
    assert "who fall in 2 circles" in tell_eyes(met)


def test_a_second_agency_is_a_second_pair_of_eyes_and_the_same_agency_again_is_not() -> None:
    of = world()
    for number in range(9):
        row = of.claims[number % 3]
        of.reports.append(said(f"x{number}", ("health", "housing", "voluntary")[number // 3]))
        of.claims.append({**row, "claim_id": f"t/x{number}", "report": f"x{number}"})
    (met,) = found(of)
    assert (met.observed, met.separate, met.standing) == (3, 12, "beyond_chance")
    for row in of.reports[-9:]:
        row["agency"] = "youth"
    (met,) = found(of)
    assert (met.observed, met.separate, met.standing) == (3, 5, "these_weeks_only")


def test_every_standing_has_a_name() -> None:
    assert tuple(STANDING_NAMES) == STANDINGS


def named(graph: VisibleGraph, met: Convergence) -> set[str]:
    return {graph.subjects[at].key for citation in met.citations for at in citation.things}


@pytest.fixture(scope="module")
def city() -> CityGraph:
    return city_graph()


def test_the_planted_places_of_the_city_stand_among_the_first(city: CityGraph) -> None:
    """Three referrals over nine weeks, in three spellings; and two busier places, by more names than one."""
    graph = city.seen_by("coordinator")
    met = [named(graph, one) for one in converging(graph, reader=READER)[:10]]
    truth: Any = city.city.truth
    guildhall, stamshaw, fratton = ({row["place"] for row in one["spellings"]} for one in truth["converging_places"])
    assert fratton in met
    assert any(guildhall <= names for names in met)
    assert any(stamshaw <= names for names in met)


def test_few_things_are_new_where_nothing_was_planted() -> None:
    graph = city_graph(planted=False).seen_by("coordinator")
    met = converging(graph, reader=READER)
    assert len(met) <= 15
    assert [one.standing for one in met if one.is_new] == ["these_weeks_only"] * sum(one.is_new for one in met)
    assert sum(one.is_new for one in met) <= 3
