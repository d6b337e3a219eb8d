"""A partner's file through the page, into a real store: once it goes in, twice it adds nothing, and no copy of it stays."""

import pytest
from fastapi.testclient import TestClient

from graph_service.bootstrap import Service
from graph_service.web.app import create_app
from ingest.templates import template

FROM_HERE = {"Sec-Fetch-Site": "same-origin"}
MISSING = template("missing").encode()
NAME = "Ana Exampleby 2011.csv"


@pytest.fixture
def client(service: Service) -> TestClient:
    made = TestClient(create_app(service), base_url="http://127.0.0.1", follow_redirects=False)
    answer = made.post("/sign-in", data={"who": "coordinator", "statement": "yes"}, headers=FROM_HERE)
    assert answer.status_code == 303
    return made


def send(client: TestClient, content: bytes, **given: str) -> str:
    answer = client.post(
        "/imports", data={"kind": "missing", **given}, files={"file": (NAME, content)}, headers=FROM_HERE
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


def added(service: Service, run: str) -> int:
    found = service.records.runs.get(run)
    return sum(found["counts"]["added"].values())


def test_a_file_goes_in_once_and_no_copy_of_it_stays(client: TestClient, service: Service) -> None:
    checked = send(client, MISSING, do="check")
    first = send(client, MISSING, do="bring")
    again = send(client, MISSING, do="bring")
    assert added(service, checked) == added(service, first) > 0
    assert added(service, again) == 0
    assert service.records.runs.get(again)["counts"]["already_held"] > 0
    assert "Brought in." in client.get(f"/imports/{first}").text
    assert not (service.settings.home / "upload").exists()
    assert not list(service.settings.home.rglob("*.csv"))


def test_bad_rows_are_told_by_place_and_rule_and_never_by_value(client: TestClient, service: Service) -> None:
    damaged = MISSING.replace(b"01/05/2026 22:10", b"Benjamin Madeupson")
    run = send(client, damaged, do="bring")
    assert service.records.runs.get(run)["state"] == "refused"
    page = client.get(f"/imports/{run}").text
    for part in ("Nothing was brought in", "upload.csv", "submitted_at", "error"):
        assert part in page
    assert "Madeupson" not in page
    assert NAME not in page
    assert added(service, send(client, damaged, do="bring", good_rows="yes")) > 0


@pytest.mark.parametrize(
    ("name", "kind", "wanting"),
    [(NAME, "missing", "UTF-16"), ("../../etc/x.pdf", "missing", "CSV file (.csv)"), (NAME, "bundle", "Choose one of")],
    ids=["unreadable", "suffix", "kind"],
)
def test_what_cannot_be_read_is_said_on_the_form(
    client: TestClient, service: Service, name: str, kind: str, wanting: str
) -> None:
    content = MISSING.decode().encode("utf-16")
    answer = client.post("/imports", data={"kind": kind}, files={"file": (name, content)}, headers=FROM_HERE)
    assert answer.status_code == 422
    assert wanting in answer.text
    assert "Ana Exampleby" not in answer.text
    assert not (service.settings.home / "upload").exists()
