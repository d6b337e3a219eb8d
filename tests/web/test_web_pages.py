"""Each page in its frame, full and nearly empty, for each persona."""

import re

import pytest
from fake_service import FROM_HERE, ClientWith, FakeService
from starlette.testclient import TestClient

PAGES = (
    "/", "/find", "/find?text=exampleby", "/people/child-0", "/people/child-0/timeline", "/people/child-0/peers",
    "/people/child-0/places", "/people/child-0/records", "/people/child-0/assessments",
    "/people/child-0/assessments/new?instrument=lewisham-cse", "/places/place-park", "/places/vehicle-kia", "/links",
    "/links?a=child-1&b=adult-kia", "/links?find_a=ben&find_b=exampleby", "/hotspots", "/hotspots?layer=crime&method=gi",
    "/co-missing", "/co-missing?within_hours=3&within_metres=500",
    "/hotspots?method=density", "/hotspots?method=clusters&count=children", "/hotspots?method=scan", "/hotspots?method=emerging",
    "/hotspots?method=gi&by=lsoa",
    "/groups", "/groups?since=2026-10-01&labels=initials&chance=true",
    "/evidence?claims=city/C1,city/C2", "/reports/report-1", "/imports", "/questions", "/questions/peers.network",
    "/questions/peers.network?ask=1&subject=child-0", "/audit", "/audit?subject=child-0&check=true", "/accessibility", "/api/v1/docs",
)  # fmt: skip
# What each persona's navigation holds: only pages that exist, and that their role opens.
NAVIGATION = {
    "coordinator": ["Today", "Find", "Links", "Co-missing", "Hotspots", "Groups", "Questions", "Imports", "Audit"],
    "satellite": ["Today", "Find", "Links", "Co-missing", "Hotspots", "Groups", "Questions", "Audit"],
    "intelligence": ["Today", "Find", "Links", "Co-missing", "Hotspots", "Groups", "Questions", "Audit"],
    "analyst": ["Today", "Find", "Links", "Co-missing", "Hotspots", "Groups", "Questions", "Imports", "Audit"],
    "school": ["Today", "Find", "Hotspots", "Questions", "Audit"],
}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("empty", [False, True], ids=["full", "empty"])
def test_every_page_opens_in_the_frame(client_with: ClientWith, path: str, empty: bool) -> None:
    page = client_with(FakeService(empty=empty), "coordinator").get(path)
    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    for part in (
        "Corin Demonstration",
        "MET coordinator",
        "weekly meeting",
        "As known",
        'role="search"',
        "frame-handling",
    ):
        assert part in page.text


@pytest.mark.parametrize(("who", "names"), NAVIGATION.items())
def test_navigation_holds_what_the_role_opens(
    service: FakeService, client_with: ClientWith, who: str, names: list[str]
) -> None:
    client = client_with(service, who)
    page = client.get("/").text
    found = re.findall(r'class="govuk-service-navigation__link" href="([^"]+)"', page)
    assert [name for name in NAVIGATION["coordinator"] if f"/{name.lower()}".replace("/today", "/") in found] == names
    assert all(client.get(href).status_code == 200 for href in found)


def test_without_a_session_every_page_leads_to_sign_in(service: FakeService, client_with: ClientWith) -> None:
    client = client_with(service)
    for path in PAGES[:-2]:
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in"), path
    assert service.asked == []


def test_what_is_hidden_and_what_is_not_there_give_the_same_bytes(coordinator: TestClient) -> None:
    for path in (
        "/people/{}",
        "/people/{}/peers",
        "/places/{}",
        "/reports/{}",
        "/api/v1/people/{}",
        "/api/v1/reports/{}",
    ):
        hidden, absent = coordinator.get(path.format("adult-hidden")), coordinator.get(path.format("nothing-at-all"))
        assert (hidden.status_code, hidden.content) == (404, absent.content)
        assert _without_ids(hidden.headers) == _without_ids(absent.headers)


def _without_ids(headers: object) -> dict[str, str]:
    return {k: v for k, v in dict(headers).items() if k != "x-request-id"}  # type: ignore[call-overload]


def test_words_of_a_report_are_never_markup(coordinator: TestClient) -> None:
    for path in ("/reports/report-1", "/people/child-0/records", "/evidence?claims=city/C1"):
        page = coordinator.get(path).text
        assert "&lt;script&gt;alert" in page
        assert "<script>alert" not in page


def test_a_name_that_ends_a_script_does_not_end_the_peer_map(
    service: FakeService, client_with: ClientWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fake_service

    evil = {**fake_service.PEERS[1], "label": "</script><img src=x onerror=alert(1)>"}
    row = fake_service._link(fake_service.ANA, evil, {"incident": (1, 1)}, "C1")
    monkeypatch.setitem(fake_service.ANSWERS, "peers.network", lambda _given: [row])
    page = client_with(service, "coordinator").get("/people/child-0/peers").text
    assert "<img src=x" not in page
    assert page.count("</script>") == page.count("<script")


def test_everything_counted_opens_its_evidence(coordinator: TestClient) -> None:
    page = coordinator.get("/people/child-0/peers").text
    addresses = re.findall(r'class="govuk-link evidence-link" href="([^"]+)"', page)
    assert len(addresses) == 28
    assert "stand" in coordinator.get(addresses[0].replace("&amp;", "&")).text


def test_evidence_comes_as_a_fragment_to_htmx_and_as_a_page_to_anyone_else(coordinator: TestClient) -> None:
    fragment = coordinator.get("/evidence?claims=city/C1", headers={"HX-Request": "true"}).text
    assert "<html" not in fragment
    assert "Handling P" in fragment
    assert "<html" in coordinator.get("/evidence?claims=city/C1").text


def test_the_question_behind_a_page_can_be_read_and_asked_again(coordinator: TestClient) -> None:
    page = coordinator.get("/links?a=child-1&b=adult-kia").text
    for part in (
        "links.between, version 1",
        "max_hops = 4",
        "service.questions.ask(viewer",
        "POST /api/v1/questions/links.between",
        "links_between",
    ):
        assert part.replace('"', "&#34;") in page


def test_handling_is_the_most_restrictive_of_what_is_shown(service: FakeService, client_with: ClientWith) -> None:
    coordinator, analyst = client_with(service, "coordinator"), client_with(FakeService(), "analyst")
    assert "handling-p" in coordinator.get("/evidence?claims=city/C1").text  # one report, handled P
    assert "handling-c" in coordinator.get("/evidence?claims=city/C1,city/C2").text  # one of two is handled C
    assert "handling-c" in coordinator.get("/people/child-0").text  # rows do not say: the most that she may hold
    assert "handling-p" in analyst.get("/people/child-0").text  # who holds no conditions is shown none
    assert "handling-none" in coordinator.get("/questions").text


def test_filters_of_the_peer_map_narrow_and_never_widen(service: FakeService, client_with: ClientWith) -> None:
    client = client_with(service, "coordinator")
    assert "26 links between 19 people" in client.get("/people/child-0/peers").text
    narrowed = client.get("/people/child-0/peers?reports=3&kind=suspected_of_exploiting").text
    assert "1 link between 2 people" in narrowed
    assert "No link is left by what you chose" in client.get("/people/child-0/peers?reports=5").text
    assert {name for name, *_ in service.asked} == {"peers.network"}


def test_labels_of_the_peer_map_can_hide_names_from_a_room(coordinator: TestClient) -> None:
    elements = re.search(
        r'id="peer-elements">(.*?)</script>', coordinator.get("/people/child-0/peers?labels=numbers").text
    )
    assert elements is not None
    assert "Exampleby" not in elements[1]


def test_a_child_is_never_read_as_the_one_suspected(coordinator: TestClient) -> None:
    acts = re.compile(r"<h2[^>]*>What adults of concern are reported to do</h2>.*?</ul>", re.DOTALL)
    told = acts.search(coordinator.get("/people/child-0/peers").text)
    assert told
    assert re.search(
        r"Adult Unknown in a white Kia</a> <strong>is suspected of exploiting</strong> <a [^>]*>Ana Exampleby</a> "
        r'<span class="quiet">\(an adult 14 years older\)</span>',
        told[0],
    )
    for path in ("/people/child-0", "/people/child-0/peers", "/links?a=child-1&b=adult-kia"):
        assert (
            "suspected of exploiting"
            not in acts.sub("", coordinator.get(path).text).partition('class="behind"')[0].lower()
        )


def test_a_school_sees_no_tab_that_it_may_not_open(service: FakeService, client_with: ClientWith) -> None:
    client = client_with(service, "school")
    page = client.get("/people/child-0")
    assert page.status_code == 200
    assert "/people/child-0/timeline" in page.text
    assert "/people/child-0/peers" not in page.text
    assert client.get("/people/child-0/peers").status_code == 403


def test_suppressed_counts_are_said_and_are_not_nought(coordinator: TestClient) -> None:
    row = coordinator.get("/hotspots").text.partition("Example Academy</a>")[2].partition("</tr>")[0]
    assert row.count("under 5") == 3
    assert ">0<" not in row


def test_a_school_chooses_a_published_quarter_and_is_told_which_is_shown(
    service: FakeService, client_with: ClientWith
) -> None:
    client = client_with(service, "school")
    whole = client.get("/hotspots").text
    assert "This page shows <strong>all that is recorded</strong>" in whole
    assert 'type="date"' not in whole.partition("<main")[2]
    page = client.get("/hotspots?quarter=2025-Q3").text
    assert "This page shows <strong>1 July to 30 September 2025</strong>" in page
    assert ("places.compared", {"layer": "found_at", "from": "2025-07-01", "to": "2025-10-01"}) in [
        a[:2] for a in service.asked
    ]
    assert 'value="2025-Q3" selected' in page
    row = page.partition("Example Academy</a>")[2].partition("</tr>")[0]
    assert "not shown" in row
    assert "under 5" not in row  # it may be more, and is kept back for the sake of another
    assert "11 to 15" in page  # the hours of the week say how far each may go
    assert client.get("/hotspots?quarter=2025-Q5").status_code == 422


def test_a_wrong_parameter_is_told_at_its_field(coordinator: TestClient) -> None:
    page = coordinator.get("/questions/links.between?ask=1")
    assert page.status_code == 422
    assert "<title>Error: links.between" in page.text
    assert 'href="#p-a"' in page.text


def test_find_does_not_ask_for_nothing(coordinator: TestClient) -> None:
    assert "Each result says why" in coordinator.get("/find?text=%20").text


def test_a_long_list_of_claims_keeps_an_address_that_servers_take(coordinator: TestClient) -> None:
    assert (
        coordinator.get("/evidence", params={"claims": ",".join(f"city/C{n}" for n in range(400))}).status_code == 200
    )


def test_a_change_of_the_moment_stays_until_it_is_set_back(service: FakeService, client_with: ClientWith) -> None:
    client = client_with(service, "coordinator")
    answer = client.post(
        "/as-known-at", data={"when": "date", "day": "2026-06-30", "back": "/people/child-0"}, headers=FROM_HERE
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/people/child-0")
    page = client.get("/people/child-0").text
    assert "looking-back" in page
    assert "1 July 2026, midnight" in page
    assert {moment.isoformat() for _, _, moment in service.asked if moment} == {
        "2026-06-30T23:00:00+00:00"
    }  # London's midnight
    client.post("/as-known-at", data={"when": "now"}, headers=FROM_HERE)
    assert "looking-back" not in client.get("/").text


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "people", "/\tx"]
)
def test_the_way_back_never_leads_elsewhere(coordinator: TestClient, back: str) -> None:
    answer = coordinator.post("/as-known-at", data={"when": "now", "back": back}, headers=FROM_HERE)
    assert answer.headers["location"] == "/"


def test_groups_are_a_finding_with_overlap_brokers_and_change(service: FakeService, client_with: ClientWith) -> None:
    client = client_with(service, "coordinator")
    page = client.get("/groups?since=2026-10-01").text
    assert "never a membership" in page
    assert "1 of them in more than one group" in page
    assert "(also in 2)" in page
    assert "Found again in 91% of runs. By chance: fewer than 0.01 such groups." in page
    assert "is suspected of exploiting 3 of them" in page
    assert "an adult 13 to 15 years older than the 2 of them whose age is known" in page
    assert "is a safe or supportive tie of 2 of them" in page
    assert "Who joins groups to one another" in page
    assert "1 person joined and 1 left a group now of 6." in page
    assert [asked[0] for asked in service.asked[-3:]] == ["peers.groups", "peers.measures", "peers.change"]
    assert "What changed since" not in client.get("/groups").text.partition("<h1")[2].partition("</form>")[2]


@pytest.mark.parametrize("path", ["/groups", "/people/child-0/peers"])
def test_a_mode_of_labels_names_everyone_so_and_is_told_to_the_trail(
    service: FakeService, client_with: ClientWith, path: str
) -> None:
    client = client_with(service, "coordinator")
    page = client.get(f"{path}?labels=initials").text.partition("<main")[2].partition('class="behind"')[0]
    assert "Ana Exampleby" not in page
    assert "A.E." in page
    assert {mode for _, mode in service.shown_as} == {"initials"}
    assert "Child X" in client.get(f"{path}?labels=pseudonyms").text
    assert service.shown_as[-1][1] == "pseudonyms"
    assert client.get(f"{path}?labels=nicknames").status_code == 422
