"""Settings come from the environment, and unsafe ones are refused in a line that shows no value."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from graph_service.errors import SettingsError
from graph_service.settings import Settings, load_settings
from graph_service.store.address import Address


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("PMET_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text("a long invented password\n")
    return path


def server(monkeypatch: pytest.MonkeyPatch, uri: str, password_file: Path, **more: str) -> Settings:
    for name, value in {"NEO4J_URI": uri, "NEO4J_PASSWORD_FILE": str(password_file), **more}.items():
        monkeypatch.setenv(f"PMET_{name}", value)
    return load_settings()


def test_nothing_set_is_a_laptop_with_a_local_store() -> None:
    settings = load_settings()
    assert (settings.environment, settings.port, settings.area) == ("laptop", 8000, None)
    assert settings.home.is_absolute()
    assert settings.database_url == f"sqlite:///{settings.home}/accounts.sqlite3"
    assert Address.of(settings) is None


def test_each_variable_of_the_contract_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, password_file: Path
) -> None:
    more = {
        "HOME": str(tmp_path), "NEO4J_USER": "pmet", "NEO4J_DATABASE": "city", "DATABASE_URL": "postgresql://db/pmet",
        "MAVEN_URL": "/mirror", "JAVA": "java", "PORT": "8123", "ENVIRONMENT": "live", "TOKEN_FILE": str(password_file), "AREA": str(password_file),
    }  # fmt: skip
    settings = server(monkeypatch, "bolt+s://graph.example:7687", password_file, **more)
    assert settings.home == tmp_path
    assert settings.database_url == "postgresql://db/pmet"
    assert (settings.maven_url, settings.java, settings.port) == ("/mirror", "java", 8123)
    assert (settings.environment, settings.token_file, settings.area) == ("live", password_file, password_file)
    address = Address.of(settings)
    assert address == Address("bolt+s://graph.example:7687", "pmet", "a long invented password", "city")
    assert "invented" not in repr(address)
    assert "invented" not in repr(settings)


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PMET_NEO4J_URI", "")
    assert load_settings().neo4j_uri is None


def test_a_home_that_is_relative_is_one_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMET_HOME", "here")
    assert load_settings().home == tmp_path / "here"


@pytest.mark.parametrize(
    ("uri", "more", "rule"),
    [
        ("http://graph.example", {}, "PMET_NEO4J_URI: must be an address such as bolt"),
        ("bolt://", {}, "PMET_NEO4J_URI: must be an address such as bolt"),
        ("bolt://neo4j:hunter2@graph.example", {}, "PMET_NEO4J_URI: must not hold a password"),
        ("bolt://graph.example:7687", {"ENVIRONMENT": "live"}, "must be encrypted to another machine"),
        ("bolt+ssc://graph.example:7687", {"ENVIRONMENT": "live"}, "must verify the server's certificate"),
        ("bolt://127.0.0.1:7687", {"PORT": "0"}, "PMET_PORT"),
        ("bolt://127.0.0.1:7687", {"NEO4J_PASSWORD_FILE": "/no/such/file"}, "PMET_NEO4J_PASSWORD_FILE"),
        ("bolt://127.0.0.1:7687", {"ENVIRONMENT": "Live"}, "PMET_ENVIRONMENT"),
    ],
)
def test_what_is_unsafe_or_wrong_is_refused(
    monkeypatch: pytest.MonkeyPatch, password_file: Path, uri: str, more: dict[str, str], rule: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        server(monkeypatch, uri, password_file, **more)
    assert rule in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "uri",
    ["bolt://127.0.0.1:7687", "bolt://localhost:7687", "bolt://[::1]:7687", "bolt://neo4j:7687", "neo4j+s://a.example"],
)
def test_live_takes_what_stays_inside_or_is_encrypted(
    monkeypatch: pytest.MonkeyPatch, password_file: Path, uri: str
) -> None:
    assert server(monkeypatch, uri, password_file, ENVIRONMENT="live").neo4j_uri == uri


@pytest.mark.parametrize(("name", "value"), [("ENVIRONMENT", "live"), ("NEO4J_URI", "bolt://127.0.0.1:7687")])
def test_a_server_is_needed_in_full(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"PMET_{name}", value)
    with pytest.raises(SettingsError, match="must be set when"):
        load_settings()


def test_a_password_file_without_a_password_is_refused(monkeypatch: pytest.MonkeyPatch, password_file: Path) -> None:
    password_file.write_text("\n")
    settings = server(monkeypatch, "bolt://127.0.0.1:7687", password_file)
    with pytest.raises(SettingsError, match="no password on its first line"):
        Address.of(settings)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        load_settings().port = 1
