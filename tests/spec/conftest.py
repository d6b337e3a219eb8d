"""A whole service over the session's Neo4j, reached by address as any server is, with accounts and audit in a folder of its own."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
import time_machine
from ingest_memory import HEADERS, write_table

from graph_service.bootstrap import Service, bootstrap
from graph_service.settings import Settings
from graph_service.store.bolt import BoltStore
from graph_service.store.local import LocalNeo4j

Rows: TypeAlias = list[dict[str, str]]
BringIn: TypeAlias = Callable[..., dict[str, object]]
NOON = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)  # a Wednesday


@pytest.fixture
def one_day() -> Iterator[dt.date]:
    """Have a test, with all that it brings in, begin at noon of one day, whenever it runs: no midnight or change of clocks falls into it."""
    with time_machine.travel(NOON, tick=True):
        yield NOON.date()


@pytest.fixture
def service(neo4j_server: LocalNeo4j, store: BoltStore, home: Path) -> Iterator[Service]:
    """Open a service whose store is empty."""
    home.mkdir(mode=0o700)
    password = home / "password"
    password.write_text(store.address.password, encoding="utf-8")
    opened = bootstrap(
        Settings(home=home, neo4j_uri=store.address.uri, neo4j_user=store.address.user, neo4j_password_file=password)
    )
    yield opened
    opened.close()


@pytest.fixture
def bring_in(service: Service, tmp_path: Path) -> BringIn:
    """Give a function that writes a bundle called `small` and brings it in, as `pmet ingest bundle` does."""

    def bring(subjects: Rows, reports: Rows, claims: Rows, name: str = "small") -> dict[str, object]:
        folder = tmp_path / "bundles" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "bundle.json").write_text(
            f'{{"name": "{name}", "title": "T", "source": "invented", "licence": "CC0"}}'
        )
        for file, rows in (("subjects.csv", subjects), ("reports.csv", reports), ("claims.csv", claims)):
            write_table(folder / file, HEADERS[file].split(), rows)
        report = service.imports.run(service.operator("test"), "bundle", [folder])
        assert not [p for p in report["problems"] if p["severity"] == "error"], report["problems"]
        return report

    return bring


@pytest.fixture
def start_again(service: Service, empty_store: Callable[[], None]) -> Callable[[], None]:
    """Give a function that empties the store under a service, as if nothing had been brought in."""

    def again() -> None:
        empty_store()
        service.graphs.forget()

    return again
