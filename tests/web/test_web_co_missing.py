"""The page of children missing together: patterns with their episodes, bars with their table, no score, and a way on when it is too much."""

import re

from fake_service import ClientWith, FakeService
from starlette.testclient import TestClient


def test_a_pair_is_told_in_words_each_figure_with_its_episodes(coordinator: TestClient) -> None:
    page = coordinator.get("/co-missing").text
    pair = page.partition('<section class="pair"')[2].partition("</section>")[0]
    told = re.findall(r"<li>(.*?)</li>", pair, re.DOTALL)
    assert [re.sub(r"\s*<.*", "", item) for item in told] == [
        "6 episodes at the same time", "4 on a Tuesday evening", "twice both found at &lt;b&gt;Invented Park&lt;/b&gt;",
    ]  # fmt: skip
    assert [item.count('href="/places/episode-') for item in told] == [12, 8, 4]
    for figure in (
        "<strong>6</strong> at the same time",
        "<strong>1.2</strong> expected by chance",
        "q under 0.001",
        "/evidence?",
    ):
        assert figure in pair
    assert "score" not in page.lower()
    assert "1 pair more often than chance" in page


def test_the_bars_have_a_table_with_the_same_numbers(coordinator: TestClient) -> None:
    pair = coordinator.get("/co-missing").text.partition('<section class="pair"')[2].partition("</section>")[0]
    assert pair.count('class="together__both"') == 6
    assert pair.count('class="together__bar together__bar--0"') == 6
    assert pair.count('class="together__bar together__bar--1"') == 6
    rows = re.findall(r'<th class="govuk-table__cell row-head" scope="row">(\d)</th>', pair)
    assert rows == ["1", "2", "3", "4", "5", "6"]
    assert "still open" in pair


def test_filters_reach_the_question_and_the_map(service: FakeService, coordinator: TestClient) -> None:
    page = coordinator.get("/co-missing?from=2026-01-01&within_metres=500&min_overlap_minutes=30&within_hours=3").text
    name, given, _ = next(asked for asked in service.asked if asked[0] == "episodes.co_missing")
    assert name == "episodes.co_missing"
    assert {key: str(value) for key, value in given.items() if value} == {
        "from": "2026-01-01", "within_metres": "500", "min_overlap_minutes": "30", "within_hours": "3",
    }  # fmt: skip
    frame = re.search(r'<iframe[^>]*src="([^"]+)"', page)
    assert frame
    assert "within_metres=500" in frame[1]
    assert coordinator.get(frame[1].replace("&amp;", "&")).status_code == 200
    assert "Once within 2 hours of one another, not at the same time" in page
    assert "once within 2 hours" not in coordinator.get("/co-missing").text


def test_a_pair_that_met_on_few_nights_is_an_observation_with_its_place(coordinator: TestClient) -> None:
    page = coordinator.get("/co-missing").text
    findings, _, observations = page.partition("Observations, not findings")
    assert "too few to tell from chance" not in findings
    assert "<strong>Met on one night: too few to tell from chance.</strong>" in observations
    assert "once both found at Example Arcade" in re.sub(r"\s+", " ", observations)


def test_what_is_too_much_leads_on(coordinator: TestClient) -> None:
    answer = coordinator.get("/co-missing?from=1900-01-01")
    assert answer.status_code == 200
    assert "Too many to show" in answer.text
    assert "ask about a shorter period" in answer.text


def test_numbers_that_are_none_are_refused(coordinator: TestClient) -> None:
    assert coordinator.get("/co-missing?within_metres=far").status_code == 422
    assert coordinator.get("/co-missing?within_metres=").status_code == 200


def test_only_roles_that_may_read_records_reach_it(service: FakeService, client_with: ClientWith) -> None:
    school = client_with(service, "school")
    assert school.get("/co-missing").status_code == 403
    assert "/co-missing" not in school.get("/").text
