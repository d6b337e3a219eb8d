"""What was planted in the demonstration city is really there, for whom it should be, and nothing is there where nothing was planted."""

import datetime as dt
from collections import Counter, defaultdict
from itertools import combinations
from typing import Any

import pytest
from city_graph import CityGraph, city_graph

from queries.analysis.co_missing import co_missing
from queries.analysis.groups import peer_groups
from queries.analysis.hotspots import ranked_places
from queries.analysis.links import links_between
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, to_milliseconds
from queries.sight import sight_for

WHOLE = {"happened_from": FAR_PAST_MS, "happened_to": FAR_FUTURE_MS}


@pytest.fixture(scope="module")
def city() -> CityGraph:
    return city_graph()


@pytest.fixture(scope="module")
def truth(city: CityGraph) -> Any:
    return city.city.truth


def day(text: str) -> int:
    return to_milliseconds(dt.datetime.fromisoformat(f"{text}T00:00+00:00"))


@pytest.mark.parametrize("who", ["coordinator", "satellite", "intelligence", "analyst"])
def test_one_question_has_a_right_answer_for_each(city: CityGraph, truth: Any, who: str) -> None:
    example = truth["examples"][0]
    graph = city.seen_by(who)
    a, b = (graph.position[example["parameters"][end]] for end in ("a", "b"))
    best = links_between(graph, a, b).paths[0]
    expected = example["answers"][who]
    assert len(best.hops) == expected["length"]
    through = [set(graph.subjects[at].members) for at in best.subjects[1:-1]]
    assert all(key in members for key, members in zip(expected["through"], through, strict=True))


def test_the_hidden_adult_exists_for_intelligence_alone(city: CityGraph, truth: Any) -> None:
    for who, sees in {"intelligence": True, "coordinator": False, "satellite": False, "analyst": False}.items():
        graph = city.seen_by(who)
        assert (truth["hidden"]["adult"] in graph.position) is sees
        assert (truth["hidden"]["vehicle"] in graph.position) is sees
        assert (truth["unknown_adult"]["adult"] in graph.position) is True
    graph = city.seen_by("intelligence")
    assert graph.position[truth["hidden"]["adult"]] == graph.position[truth["unknown_adult"]["adult"]]
    touching = [row for row in city.claims if truth["hidden"]["adult"] in {row.from_key, row.to_key}]
    assert {row.sight for row in touching} == {sight_for("C", ["originator"], "police")}


def test_the_satellite_team_sees_its_own_children_and_the_school_its_own_pupils(city: CityGraph, truth: Any) -> None:
    ours = set(truth["in_satellite_team"])
    children = {key for key, row in city.subjects.items() if row.kind == "child" and key.startswith("demo:child/")}
    assert 0.5 < len(ours) / len(children) < 0.7
    graph = city.seen_by("satellite")
    profiled = {subject.key for subject in graph.subjects if subject.born and subject.key in children}
    assert profiled <= ours

    school = city.seen_by("school")
    pupils = {row.from_key for row in city.claims if row.type == "ATTENDS" and row.to_key == truth["own_school"]}
    seen = {subject.key for subject in school.subjects if subject.born}
    assert pupils & children
    assert seen <= pupils | {row["a"] for row in truth["second_records"]} | {
        row["b"] for row in truth["second_records"]
    }
    kinds = {city.subjects[subject.key].kind for subject in school.subjects}
    assert kinds <= {"child", "location", "incident"}
    assert not any(subject.subkind == "address" for subject in school.subjects)


def test_members_of_a_planted_group_are_named_together_in_separate_reports(city: CityGraph, truth: Any) -> None:
    reports = defaultdict(set)
    for row in city.claims:
        if row.type in {"SEEN_WITH", "KNOWS"}:
            root = city.reports[row.report_key].copied_from or row.report_key
            reports[frozenset((row.from_key, row.to_key))].add(root)
    second = {row["b"]: row["a"] for row in truth["second_records"]}
    told = Counter({pair: len(found) for pair, found in reports.items()})
    joined = Counter[frozenset[str]]()
    for pair, count in told.items():
        joined[frozenset(second.get(key, key) for key in pair)] += count
    assert len(truth["peer_groups"]) == 14
    for group in truth["peer_groups"]:
        pairs = [frozenset(pair) for pair in combinations(group["members"], 2)]
        assert sum(joined[pair] >= 2 for pair in pairs) / len(pairs) > 0.5
    overlapping = [set(one["members"]) & set(other["members"]) for one, other in combinations(truth["peer_groups"], 2)]
    assert sum(len(both) >= 2 for both in overlapping) >= 3


@pytest.mark.parametrize("who", ["coordinator", "intelligence"])
def test_planted_groups_are_found(city: CityGraph, truth: Any, who: str) -> None:
    """By every kind of link, as the question is asked: what is found is true, and most of what was planted is found."""
    graph = city.seen_by(who)
    found = [set(group.members) for group in peer_groups(graph, **WHOLE)]
    planted = [{graph.position[key] for key in group["members"]} for group in truth["peer_groups"]]

    def likeness(one: set[int], other: set[int]) -> float:
        return len(one & other) / len(one | other)

    assert all(max(likeness(group, true) for true in planted) >= 0.5 for group in found)
    best = [max(likeness(true, group) for group in found) for true in planted]
    assert sum(each >= 0.5 for each in best) >= 11
    assert sum(best) / len(best) >= 0.7


def test_children_who_go_missing_together_are_found_and_told_from_chance(city: CityGraph, truth: Any) -> None:
    graph = city.seen_by("intelligence")
    surest = [pair for pair in co_missing(graph, **WHOLE) if pair.q_value is not None and pair.q_value < 0.05]
    found = {frozenset((pair.a, pair.b)) for pair in surest}
    for planted in truth["co_missing"]:
        assert len(planted["occasions"]) >= 5
        for a, b in combinations(planted["members"], 2):
            assert frozenset((graph.position[a], graph.position[b])) in found


def test_hotspots_appear_and_fade(city: CityGraph, truth: Any) -> None:
    graph = city.seen_by("intelligence")
    for spot in truth["hotspots"]:
        place = graph.position[spot["place"]]

        def events(begins: str, ends: str, spot: Any = spot, place: int = place) -> tuple[int, int]:
            ranked = ranked_places(graph, spot["layer"], happened_from=day(begins), happened_to=day(ends))
            return next(((row.events, at) for at, row in enumerate(ranked, 1) if row.place == place), (0, 999))

        inside, rank = events(spot["from"], spot["to"])
        assert rank <= 3
        assert inside >= 10
        before, after = events(truth["from"], spot["from"]), events(spot["to"], truth["to"])
        assert before[0] + after[0] < inside / 3


def test_separate_agencies_meet_in_one_place_under_several_names(city: CityGraph, truth: Any) -> None:
    for meeting in truth["converging_places"]:
        keys = [spelling["place"] for spelling in meeting["spellings"]]
        given = {row.subject_key: row for row in city.mentions if row.subject_key in keys}
        north = [row.latitude or 0 for row in given.values()]
        assert max(north) - min(north) < 0.001  # about 100 metres
        agencies = {city.reports[row.report_key].agency for row in city.claims if row.to_key in keys}
        assert agencies == {spelling["agency"] for spelling in meeting["spellings"]}
        assert len({row.from_key for row in city.claims if row.to_key in keys}) >= min(5, meeting["reports"])


def test_second_records_are_joined_only_where_a_person_said_so(city: CityGraph, truth: Any) -> None:
    graph = city.seen_by("intelligence")
    joined = [row for row in truth["second_records"] if row["joined"]]
    assert 10 < len(joined) < len(truth["second_records"])
    for row in truth["second_records"]:
        assert row["names"][0] != row["names"][1]
        assert (graph.position[row["a"]] == graph.position[row["b"]]) is row["joined"]


def test_the_same_identifier_stands_under_two_keys(city: CityGraph, truth: Any) -> None:
    told = {row.subject_key: dict(row.attributes) for row in city.mentions if row.attributes}
    assert len(truth["same_identifier"]) == 6
    assert all(told[one] == told[other] for one, other in truth["same_identifier"])
    assert "?" in told[truth["unknown_adult"]["vehicle"]]["registration"]  # type: ignore[operator]


def test_nothing_is_found_where_nothing_was_planted() -> None:
    plain = city_graph(planted=False)
    truth: Any = plain.city.truth
    assert truth["peer_groups"] == truth["co_missing"] == truth["hotspots"] == truth["examples"] == []
    graph = plain.seen_by("intelligence")
    assert not [pair for pair in co_missing(graph, **WHOLE) if pair.q_value is not None and pair.q_value < 0.05]
    assert peer_groups(graph, **WHOLE) == []
    top = ranked_places(graph, "found_at", happened_from=FAR_PAST_MS, happened_to=FAR_FUTURE_MS)[0]
    assert top.events < 25
    assert "demo:adult/hidden" not in plain.subjects
