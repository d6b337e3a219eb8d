"""Clients of the application over the canned service."""

import pytest
from fake_service import ADDRESS, FROM_HERE, ClientWith, FakeService
from starlette.testclient import TestClient

from graph_service.web.app import create_app


@pytest.fixture
def service() -> FakeService:
    """Give a service in which much was reported."""
    return FakeService()


@pytest.fixture
def client_with() -> ClientWith:
    """Give a function that makes a client of a service, signed in as a persona or not at all."""

    def make(service: FakeService, who: str | None = None) -> TestClient:
        client = TestClient(
            create_app(service), base_url=ADDRESS, follow_redirects=False, raise_server_exceptions=False
        )
        if who is not None:
            answer = client.post("/sign-in", data={"who": who, "statement": "accepted"}, headers=FROM_HERE)
            assert answer.status_code == 303, answer.text
        return client

    return make


@pytest.fixture
def coordinator(service: FakeService, client_with: ClientWith) -> TestClient:
    """Give a client signed in as the MET coordinator."""
    return client_with(service, "coordinator")
