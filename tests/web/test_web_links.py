"""The Links page: a reader's own filters, what they left out, and what was searched when nothing is found."""

from fake_service import FakeService
from fastapi.testclient import TestClient

ENDS = "/links?a=child-1&b=adult-kia"


def asked(service: FakeService) -> dict[str, str]:
    name, parameters, _ = service.asked[-1]
    assert name == "links.between"
    return parameters


def test_without_filters_none_is_asked_for(service: FakeService, coordinator: TestClient) -> None:
    page = coordinator.get(ENDS).text
    assert set(asked(service)) == {"a", "b", "max_hops", "limit", "through_hubs", "inferred", "include_suspected_false"}
    assert "What your own filters left out" not in page
    assert "What was searched" not in page


def test_filters_are_asked_for_kept_in_the_form_and_what_they_left_out_is_shown(
    service: FakeService, coordinator: TestClient
) -> None:
    page = coordinator.get(
        f"{ENDS}&relations=KNOWS&relations=USES&from=2026-01-01&to=2026-02-01&weakest=C&handling=P"
    ).text
    given = asked(service)
    assert (given["relations"], given["from"], given["to"]) == ("KNOWS,USES", "2026-01-01", "2026-02-01")
    assert (given["weakest"], given["handling"]) == ("C", "P")
    for part in (
        'value="KNOWS" checked',
        'value="USES" checked',
        'value="SEEN_WITH"><label',
        'id="from" name="from" type="date" value="2026-01-01"',
        '<option value="C" selected>',
        '<option value="P" selected>',
        "What your own filters left out",
        "Without them there would be 2 routes",
        "city/H1, city/H2",
    ):
        assert part in page
    assert "Read this with care.</strong> Left out by your own filters" not in page
    assert "2 routes, shortest first" in page


def test_when_nothing_is_found_the_page_says_what_was_searched(coordinator: TestClient) -> None:
    page = coordinator.get(f"{ENDS}&weakest=A").text
    assert "No route that you may see" in page
    assert "What was searched" in page
    assert "routes of up to 4 hops by what you may see; nothing graded weaker than A" in page


def test_a_filter_that_is_no_filter_is_refused(coordinator: TestClient) -> None:
    assert coordinator.get(f"{ENDS}&weakest=Z").status_code == 422
    assert coordinator.get(f"{ENDS}&handling=C").status_code == 422
