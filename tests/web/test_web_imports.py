"""The form that brings a file in: who has it, what it sends on, and what it says when something is wrong."""

import pytest
from fake_service import FROM_HERE, ClientWith, FakeService
from starlette.testclient import TestClient

from graph_service.services.imports import UPLOADED_KINDS
from graph_service.web.routes.imports import KINDS

FILE = {"file": ("Ana Exampleby.csv", b"a,b\n1,2\n")}


def test_only_those_who_may_bring_files_in_have_the_form(service: FakeService, client_with: ClientWith) -> None:
    assert 'type="file"' in client_with(service, "coordinator").get("/imports").text
    analyst = client_with(service, "analyst")
    assert 'type="file"' not in analyst.get("/imports").text
    assert analyst.post("/imports", data={"kind": "missing"}, files=FILE, headers=FROM_HERE).status_code == 403
    assert service.uploaded == []


def test_every_kind_of_the_form_can_be_uploaded() -> None:
    assert set(KINDS) == set(UPLOADED_KINDS)


@pytest.mark.parametrize(
    ("given", "dry_run", "good_rows"),
    [({"do": "check"}, True, False), ({"do": "bring"}, False, False), ({"do": "bring", "good_rows": "yes"}, False, True), ({}, True, False)],
    ids=["check", "bring", "good-rows", "no-button"],
)  # fmt: skip
def test_a_file_is_sent_on_and_the_answer_is_what_became_of_it(
    service: FakeService, coordinator: TestClient, given: dict[str, str], dry_run: bool, good_rows: bool
) -> None:
    answer = coordinator.post("/imports", data={"kind": "missing", **given}, files=FILE, headers=FROM_HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/imports/run-1")
    assert service.uploaded == [("missing", b"a,b\n1,2\n", dry_run, good_rows)]


def test_a_run_says_what_was_read_added_and_wrong(coordinator: TestClient) -> None:
    assert 'href="/imports/run-1"' in coordinator.get("/imports").text
    page = coordinator.get("/imports/run-1").text
    for part in ("Rows read", "Already held", "Added: claims", "missing.csv", "must be a date", "1 problem"):
        assert part in page
    assert coordinator.get("/imports/nothing").status_code == 404


@pytest.mark.parametrize(
    ("data", "files", "wanting"),
    [
        ({}, FILE, "Choose what kind of file it is"),
        ({"kind": "missing"}, {"file": ("", b"")}, "Choose a file"),
        ({"kind": "missing", "file": "text"}, None, "Choose a file"),
        ({"kind": "bundle"}, FILE, "Choose one of missing, cpi"),
        ({"kind": "missing"}, {"file": ("Ana Exampleby.pdf", b"x")}, "Choose a CSV file"),
    ],
    ids=["no-kind", "no-file", "text-for-a-file", "wrong-kind", "unreadable"],
)
def test_what_is_wrong_is_said_in_an_error_summary(
    coordinator: TestClient, data: dict[str, str], files: dict[str, tuple[str, bytes]] | None, wanting: str
) -> None:
    answer = coordinator.post("/imports", data=data, files=files, headers=FROM_HERE)
    assert answer.status_code == 422
    for part in ("govuk-error-summary", "<title>Error: ", wanting):
        assert part in answer.text
    assert "Ana Exampleby" not in answer.text


def test_another_site_cannot_bring_a_file_in(service: FakeService, coordinator: TestClient) -> None:
    answer = coordinator.post(
        "/imports", data={"kind": "missing"}, files=FILE, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert service.uploaded == []


def test_twenty_megabytes_may_be_brought_in_and_no_more_and_nowhere_else(
    service: FakeService, coordinator: TestClient
) -> None:
    def send(address: str, size: int) -> int:
        file = {"file": ("big.csv", bytes(size))}
        return coordinator.post(address, data={"kind": "missing"}, files=file, headers=FROM_HERE).status_code

    assert send("/imports", 20_000_000) == 303
    assert send("/imports", 20_020_000) == 413
    assert send("/sign-in", 1_100_000) == 413
    assert len(service.uploaded) == 1


def test_nobody_who_is_not_signed_in_can_send_a_file(service: FakeService, client_with: ClientWith) -> None:
    answer = client_with(service).post("/imports", data={"kind": "missing"}, files=FILE, headers=FROM_HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
