"""The variables that docker-compose.yml gives the service reach a store, and a wrong password is told as what it is."""

from pathlib import Path

import pytest
from compose_file import service_environment
from starlette.testclient import TestClient

from graph_service.bootstrap import bootstrap
from graph_service.errors import SettingsError
from graph_service.settings import load_settings
from graph_service.store.address import Address
from graph_service.store.bolt import BoltStore
from graph_service.store.local import LocalNeo4j
from graph_service.web.app import create_app


def address_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: LocalNeo4j, password: str) -> Address:
    (tmp_path / "neo4j_password").write_text(password + "\n")
    instead = {"PMET_HOME": str(tmp_path / "home"), "PMET_NEO4J_URI": server.address.uri}
    for name, value in service_environment(tmp_path, **instead).items():
        monkeypatch.setenv(name, value)
    address = Address.of(load_settings())
    assert address is not None
    return address


def test_the_service_reaches_the_store_with_the_variables_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, neo4j_server: LocalNeo4j, store: BoltStore
) -> None:
    with BoltStore(address_of(tmp_path, monkeypatch, neo4j_server, neo4j_server.address.password)) as reached:
        assert reached.ready()


def test_a_wrong_password_is_told_as_a_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, neo4j_server: LocalNeo4j, store: BoltStore
) -> None:
    with BoltStore(address_of(tmp_path, monkeypatch, neo4j_server, "not the password")) as refused:
        assert not refused.ready()
        with pytest.raises(SettingsError, match="PMET_NEO4J_PASSWORD_FILE"):
            refused.read("RETURN 1 AS n")
    assert store.ready(), "the right one still works"


def test_the_whole_service_starts_with_the_variables_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, neo4j_server: LocalNeo4j, store: BoltStore
) -> None:
    address_of(tmp_path, monkeypatch, neo4j_server, neo4j_server.address.password)
    service = bootstrap(load_settings())
    try:
        with TestClient(create_app(service), base_url="https://127.0.0.1") as client:
            assert client.get("/health/ready").status_code == 200
            page = client.get("/sign-in")
            assert page.status_code == 200
            assert "coordinator" not in page.text, "no persona when live"
    finally:
        service.close()
