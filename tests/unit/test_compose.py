"""docker-compose.yml keeps what the local store keeps: the same settings, nothing open to others, no secret written down."""

import re
from pathlib import Path

import pytest
from compose_file import PATH, compose, service_environment

from graph_service.settings import Settings, load_settings
from graph_service.store.address import Address
from graph_service.store.artifacts import VERSION
from graph_service.store.server_settings import SERVER_SETTINGS, environment_name


def test_the_store_has_the_settings_of_the_local_one() -> None:
    environment = compose()["services"]["neo4j"]["environment"]
    for setting, value in SERVER_SETTINGS.items():
        assert environment[environment_name(setting)] == value, setting


def test_the_store_is_the_version_that_the_lock_has() -> None:
    assert compose()["services"]["neo4j"]["image"] == f"neo4j:{VERSION}-community"


def test_a_settings_name_becomes_the_variable_of_the_image() -> None:
    assert environment_name("db.tx_log.rotation.size") == "NEO4J_db_tx__log_rotation_size"


def test_only_the_proxys_port_is_published_and_on_loopback() -> None:
    services = compose()["services"]
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"service": ["127.0.0.1:8443:8443"]}
    assert services["proxy"]["network_mode"] == "service:service"
    assert "listen 8443 ssl" in (PATH.parent / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    assert compose()["networks"]["store"] == {"internal": True}
    assert services["neo4j"]["networks"] == ["store"]


def test_no_secret_is_written_in_it() -> None:
    text = PATH.read_text(encoding="utf-8")
    for line in text.splitlines():
        name, _, value = line.strip().partition(": ")
        if re.search(r"password|auth|secret|token|key", name, re.IGNORECASE) and not line.startswith("#"):
            assert re.match(r"(/run/secrets/|\{file: \./secrets/|\[|\"?\d|$)", value), line
    assert all(secret.keys() == {"file"} for secret in compose()["secrets"].values())


def test_secrets_and_the_local_store_are_never_committed_or_sent_to_a_build() -> None:
    for name in (".gitignore", ".dockerignore"):
        assert "secrets/" in (PATH.parent / name).read_text(encoding="utf-8").splitlines(), name


@pytest.mark.parametrize("name", ["neo4j", "service", "proxy"])
def test_each_container_holds_few_powers(name: str) -> None:
    service = compose()["services"][name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    # The store's image writes its own configuration when it starts.
    assert service.get("read_only", False) == (name != "neo4j")


def test_the_service_takes_the_variables_that_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "neo4j_password").write_text("a long invented password\n")
    for name, value in service_environment(tmp_path, PMET_HOME=str(tmp_path / "home")).items():
        assert name.removeprefix("PMET_").lower() in Settings.model_fields, name
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert (settings.environment, settings.port, settings.home) == ("live", 8000, tmp_path / "home")
    assert Address.of(settings) == Address("bolt://neo4j:7687", "neo4j", "a long invented password")


def test_a_variable_that_the_file_does_not_set_is_no_part_of_its_environment(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="PMET_AREA"):
        service_environment(tmp_path, PMET_AREA="x")
