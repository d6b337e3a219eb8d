"""The JSON API: by token or session, one shape of error, paging by cursor, layers as OGC API Features."""

from collections import defaultdict

import pytest
from fake_service import FROM_HERE, ClientWith, FakeService
from starlette.testclient import TestClient

API = "/api/v1"


@pytest.fixture
def program(service: FakeService, client_with: ClientWith) -> TestClient:
    """Give a client that brings a bearer token and no cookie."""
    token = service.sign_in("intelligence", None, purpose="exploitation-enquiry", accepted_statement=True)
    client = client_with(service)
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def test_a_question_is_answered_in_the_envelope(program: TestClient, service: FakeService) -> None:
    asked = {
        "parameters": {"a": "child-1", "b": "adult-kia", "max_hops": 3, "inferred": True},
        "as_known_at": "2026-06-30T23:00:00Z",
    }
    answer = program.post(f"{API}/questions/links.between", json=asked)
    assert answer.status_code == 200
    assert answer.json().keys() == {
        "question",
        "parameters",
        "asked_by",
        "purpose",
        "as_known_at",
        "answered_at",
        "rows",
        "caveats",
    }
    name, parameters, moment = service.asked[-1]
    assert (name, parameters["max_hops"], parameters["inferred"]) == ("links.between", "3", "true")
    assert moment is not None
    assert moment.isoformat() == "2026-06-30T23:00:00+00:00"


def test_the_catalogue_lists_every_question(program: TestClient) -> None:
    names = {row["name"] for row in program.get(f"{API}/questions").json()}
    assert {"people.profile", "links.between", "reports.evidence"} <= names


@pytest.mark.parametrize(
    "path", ["/questions", "/find?text=a", "/people/child-0", "/layers", "/reports/report-1", "/ogc"]
)
def test_nobody_is_told_anything_without_a_token(service: FakeService, client_with: ClientWith, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        answer = client_with(service).get(API + path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/questions/no.such", {}, 404),
        ("/questions/links.between", {"parameters": {"a": "child-1"}}, 422),
        ("/questions/links.between", {"parameters": {"a": "nobody", "b": "child-1"}}, 404),
        ("/questions/links.between", {"parameters": {}, "role": "secret-role"}, 422),
        ("/questions/links.between", {"parameters": {"a": {"x": "secret"}}}, 422),
        ("/questions/links.between", {"parameters": {}, "as_known_at": "2026-06-30T23:00:00"}, 422),
    ],
    ids=["no-question", "missing", "not-there", "extra-field", "nested", "no-offset"],
)
def test_errors_have_one_shape_and_echo_nothing(
    program: TestClient, path: str, body: dict[str, object], status: int
) -> None:
    answer = program.post(API + path, json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= answer.json().keys()
    for told in ("secret", "child-1", "nobody"):
        assert told not in answer.text


def test_a_role_that_may_not_ask_is_refused(service: FakeService, client_with: ClientWith) -> None:
    client = client_with(service, "school")
    answer = client.post(
        f"{API}/questions/links.between", json={"parameters": {"a": "child-0", "b": "child-1"}}, headers=FROM_HERE
    )
    assert answer.status_code == 403


def test_the_same_key_does_the_same_thing_once(program: TestClient, service: FakeService) -> None:
    body = {"parameters": {"layer": "crime"}}
    first = program.post(f"{API}/questions/places.hotspots", json=body, headers={"Idempotency-Key": "k1"})
    again = program.post(f"{API}/questions/places.hotspots", json=body, headers={"Idempotency-Key": "k1"})
    assert (first.content, len(service.asked)) == (again.content, 1)
    other = program.post(
        f"{API}/questions/places.hotspots",
        json={"parameters": {"layer": "found_at"}},
        headers={"Idempotency-Key": "k1"},
    )
    assert other.status_code == 409


def test_a_list_is_paged_to_its_end_without_gaps(program: TestClient) -> None:
    seen, address = [], f"{API}/find?text=exampleby&limit=4"
    while address:
        page = program.get(address)
        seen += [row["uid"] for row in page.json()]
        address = page.headers.get("link", "").partition(">")[0].removeprefix("<")
    whole = [row["uid"] for row in program.get(f"{API}/find?text=exampleby&limit=100").json()]
    assert seen == whole
    assert len(seen) == 27
    assert program.get(f"{API}/find?text=exampleby&after=made-up").status_code == 422


def test_people_places_and_reports_are_as_their_pages(program: TestClient) -> None:
    person = program.get(f"{API}/people/child-0").json()
    assert person["subject"]["label"] == "Ana Exampleby"
    assert person["timeline"]["question"]["name"] == "people.timeline"
    assert program.get(f"{API}/places/place-park").json()["people_present"]["rows"]
    assert program.get(f"{API}/reports/report-1").json()["grade"] == "2-C-P"
    assert program.get(f"{API}/people/place-park").status_code == 404
    assert program.get(f"{API}/places/child-0").status_code == 404


def test_looking_back_needs_an_offset_and_reaches_the_question(program: TestClient, service: FakeService) -> None:
    assert program.get(f"{API}/people/child-0?as_known_at=2026-06-30T12:00:00").status_code == 422
    assert program.get(f"{API}/people/child-0?as_known_at=2026-06-30T12:00:00Z").status_code == 200
    assert {str(moment) for _, _, moment in service.asked} == {"2026-06-30 12:00:00+00:00"}


def test_layers_are_ogc_api_features(program: TestClient) -> None:
    landing = program.get(f"{API}/ogc").json()
    hrefs = {link["rel"]: link["href"] for link in landing["links"]}
    assert any("conf/core" in part for part in program.get(hrefs["conformance"]).json()["conformsTo"])
    (layer,) = program.get(hrefs["data"]).json()["collections"]
    items = next(link["href"] for link in layer["links"] if link["rel"] == "items")
    page = program.get(f"{items}?limit=10")
    assert page.headers["content-type"].startswith("application/geo+json")
    assert (page.json()["numberMatched"], page.json()["numberReturned"]) == (25, 10)
    found = [feature["id"] for feature in page.json()["features"]]
    following = [link["href"] for link in page.json()["links"] if link["rel"] == "next"]
    while following:
        page = program.get(following[0])
        found += [feature["id"] for feature in page.json()["features"]]
        following = [link["href"] for link in page.json()["links"] if link["rel"] == "next"]
    assert len(set(found)) == 25
    boxed = program.get(f"{API}/layers/missing_from/items?bbox=-1.2,50.7,-1.065,50.9").json()
    assert boxed["numberMatched"] == 4
    assert program.get(f"{API}/layers/missing_from/items?bbox=1,2,3").status_code == 422
    assert program.get(f"{API}/layers/none/items").status_code == 404


def test_the_description_of_the_api_has_every_route_and_no_page(program: TestClient) -> None:
    schema = program.get(f"{API}/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    paths = schema["paths"].keys()
    assert {
        f"{API}/questions/{{name}}",
        f"{API}/find",
        f"{API}/people/{{uid}}",
        f"{API}/layers/{{name}}/items",
    } <= paths
    assert not [path for path in paths if not path.startswith(("/api/", "/health/"))]


def test_every_route_of_the_api_needs_a_caller(service: FakeService, client_with: ClientWith) -> None:
    client = client_with(service)
    schema = client.get(f"{API}/openapi.json").json()
    for path, methods in schema["paths"].items():
        if path.startswith("/api/"):
            for method in methods:
                answer = client.request(
                    method,
                    path.format_map(defaultdict(lambda: "1", name="missing_from", uid="child-0", part="plan")),
                    json={},
                    headers=FROM_HERE,
                )
                assert answer.status_code == 401, path
