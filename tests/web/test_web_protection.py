"""Sessions, who may change what, headers, and what an outsider or a broken store gets to see."""

import pytest
from fake_service import ADDRESS, FROM_HERE, ClientWith, FakeService
from starlette.testclient import TestClient

from graph_service.errors import AuditUnavailableError, StoreUnavailableError
from graph_service.web.app import create_app
from graph_service.web.pages import LIVE_COOKIE

SIGN_IN = {"who": "coordinator", "statement": "accepted"}


class LiveService(FakeService):
    """Away from a laptop: no personas, a password."""

    live = True

    def personas(self) -> list[dict[str, object]]:
        return []

    def sign_in(
        self, who: str, password: str | None, *, purpose: str, accepted_statement: bool, source: str = ""
    ) -> str:
        seen = None if password == "right" else "wrong"
        return super().sign_in(who, seen, purpose=purpose, accepted_statement=accepted_statement, source=source)


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(service: FakeService, client_with: ClientWith) -> None:
    answer = client_with(service).post("/sign-in", data=SIGN_IN, headers=FROM_HERE)
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))


def test_a_live_service_has_a_secure_cookie_and_asks_for_a_password() -> None:
    client = TestClient(create_app(LiveService()), base_url="https://pmet.example", follow_redirects=False)
    assert 'type="password"' in client.get("/sign-in").text
    wrong = client.post("/sign-in", data={**SIGN_IN, "password": "wrong", "purpose": "analysis"}, headers=FROM_HERE)
    assert wrong.status_code == 422
    right = client.post("/sign-in", data={**SIGN_IN, "password": "right", "purpose": "analysis"}, headers=FROM_HERE)
    assert right.headers["set-cookie"].startswith(f"{LIVE_COOKIE}=")
    assert "Secure" in right.headers["set-cookie"]
    assert "max-age" in right.headers["strict-transport-security"]


@pytest.mark.parametrize(
    ("given", "wanting"),
    [
        ({"statement": "accepted"}, "Choose whom to look as"),
        ({"who": "coordinator"}, "Accept the confidentiality statement"),
        ({"who": "nobody", "statement": "accepted"}, "Choose whom to look as"),
    ],
    ids=["nobody", "not-accepted", "unknown"],
)
def test_sign_in_says_what_is_missing(
    service: FakeService, client_with: ClientWith, given: dict[str, str], wanting: str
) -> None:
    answer = client_with(service).post("/sign-in", data=given, headers=FROM_HERE)
    assert answer.status_code == 422
    assert wanting in answer.text
    assert "<title>Error: " in answer.text
    assert "set-cookie" not in answer.headers


def test_signing_out_ends_the_session_on_the_server(service: FakeService, client_with: ClientWith) -> None:
    client = client_with(service, "coordinator")
    token = client.cookies["pmet_session"]
    client.post("/sign-out", headers=FROM_HERE)
    client.cookies.set("pmet_session", token)
    assert client.get("/").headers["location"] == "/sign-in"


def test_signing_in_again_ends_the_session_before(service: FakeService, client_with: ClientWith) -> None:
    client = client_with(service, "coordinator")
    client.post("/sign-in", data={"who": "analyst", "statement": "accepted"}, headers=FROM_HERE)
    assert [viewer.account for viewer in service.sessions.values()] == ["analyst"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {},
        {"Authorization": "Bearer token-0-coordinator"},  # a token does not help while a cookie comes along
    ],
    ids=["cross-site", "same-site", "typed", "other-origin", "null-origin", "nothing-said", "token-and-cookie"],
)
def test_a_change_that_another_site_started_is_refused(
    service: FakeService, client_with: ClientWith, headers: dict[str, str]
) -> None:
    client = client_with(service, "coordinator")
    for path in ("/sign-out", "/as-known-at", "/sign-in", "/api/v1/questions/places.hotspots"):
        assert client.post(path, data={"when": "now"}, headers=headers).status_code == 403
    assert len(service.sessions) == 1


def test_no_get_changes_anything(service: FakeService, client_with: ClientWith) -> None:
    client = client_with(service, "coordinator")
    for path in ("/sign-out", "/as-known-at"):
        assert client.get(path).status_code == 405


def test_another_name_for_this_machine_is_refused(service: FakeService) -> None:
    client = TestClient(create_app(service), base_url="http://rebound.example:8000", follow_redirects=False)
    assert client.get("/sign-in").status_code == 421


@pytest.mark.parametrize(
    "path", ["/", "/people/child-0/peers", "/sign-in", "/nowhere", "/api/v1/questions", "/health/live"]
)
def test_headers_keep_the_answer_here(coordinator: TestClient, path: str) -> None:
    headers = coordinator.get(path).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    for rule in (
        "default-src 'none'",
        "script-src 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    ):
        assert rule in policy


def test_a_map_runs_in_a_box_of_its_own(coordinator: TestClient) -> None:
    page = coordinator.get("/hotspots").text
    assert 'sandbox="allow-scripts"' in page
    policy = coordinator.get("/hotspots/map").headers["content-security-policy"]
    for rule in ("sandbox allow-scripts", "default-src 'none'", "frame-ancestors 'self'"):
        assert rule in policy


def test_pages_carry_no_script_style_or_handler_of_their_own(coordinator: TestClient) -> None:
    for path in (
        "/",
        "/people/child-0",
        "/people/child-0/peers",
        "/people/child-0/timeline",
        "/links",
        "/hotspots",
        "/questions",
    ):
        page = coordinator.get(path).text
        assert " onclick" not in page
        assert " style=" not in page
        assert "<style" not in page
        assert "http://" not in page.replace(ADDRESS, "")
        assert "https://" not in page


@pytest.mark.parametrize("error", [StoreUnavailableError(), AuditUnavailableError()], ids=["store", "audit"])
def test_when_the_store_or_the_trail_is_down_nothing_is_shown(client_with: ClientWith, error: Exception) -> None:
    service = FakeService()
    client = client_with(service, "coordinator")
    service.down = error
    for path in ("/", "/people/child-0", "/people/child-0/peers", "/hotspots", "/api/v1/people/child-0"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "30"
        assert "Exampleby" not in answer.text
    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code == 503


def test_an_unexpected_error_says_nothing_of_its_cause(client_with: ClientWith) -> None:
    service = FakeService()
    client = client_with(service, "coordinator")
    service.down = RuntimeError("Ana Exampleby, born 2011")
    for path in ("/people/child-0", "/api/v1/people/child-0"):
        answer = client.get(path)
        assert answer.status_code == 500
        assert "Ana" not in answer.text
        assert answer.headers["x-request-id"] in answer.text
        assert answer.headers["cache-control"] == "no-store"


def test_too_much_is_refused(coordinator: TestClient) -> None:
    answer = coordinator.post("/as-known-at", data={"when": "now", "day": "x" * 2_000_000}, headers=FROM_HERE)
    assert answer.status_code == 413
