"""
Fixtures that more than one folder of tests needs. Its place puts `graphs` and `referee` beside it within reach of their imports.

`store` is a real Neo4j, started once a session in a folder of its own and emptied before each test. Where it cannot start, its tests are
skipped and the run says so at its end; with CI=true they fail.
"""

import inspect
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from graph_service.store.bolt import BoltStore
from graph_service.store.local import LocalNeo4j
from graph_service.store.schema import ensure_schema
from queries.errors import PmetError

pytest_plugins = ("web_fixtures", "browser_fixtures")
# Every commit is tried on the same examples, wherever and however slowly that runs; `make nightly` draws others each time.
_EVERYWHERE: Any = {"deadline": None, "database": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("every-commit", derandomize=True, **_EVERYWHERE)
settings.register_profile("nightly", print_blob=True, **_EVERYWHERE)
settings.load_profile("every-commit")
REQUIRED = os.environ.get("CI") == "true"
_TIMES_AS_LONG = 20
NO_STORE = pytest.StashKey[str]()
# The instance's own mark stays: without it the folder would be taken for another's.
EMPTY = "MATCH (n) WHERE NOT n:Instance CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 500 ROWS"
# Links first and few at a time: of a whole city at once they are more than the server's memory for one transaction.
UNLINK = "MATCH ()-[r]->() CALL (r) { DELETE r } IN TRANSACTIONS OF 10000 ROWS"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that uses the real store, so that `-m 'not store'` leaves it alone."""
    for item in items:
        if {"store", "neo4j_server"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.store)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say loudly what did not run."""
    if reason := config.stash.get(NO_STORE, ""):
        terminalreporter.write_line(f"NOT RUN: every test that needs Neo4j. {reason}", red=True, bold=True)


@pytest.fixture(scope="session")
def artifacts() -> None:
    """Fill the cache of the server's files, in a process of its own: tests themselves may reach no network."""
    subprocess.run([sys.executable, "-m", "graph_service.store.artifacts"], check=True)


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[LocalNeo4j]:
    """Start the session's Neo4j, and stop it at the end; it also ends when the session is killed."""
    server = LocalNeo4j(tmp_path_factory.mktemp("pmet"), heap="512m", quick=True)
    try:
        request.getfixturevalue("artifacts")
        server.start(supervised=True)
    except (PmetError, subprocess.CalledProcessError) as error:
        if REQUIRED:
            raise
        request.config.stash[NO_STORE] = str(error)
        pytest.skip(str(error))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def shared_store(neo4j_server: LocalNeo4j) -> Iterator[BoltStore]:
    """Connect to the session's Neo4j once. Tests take `store`, which is this one emptied."""
    with BoltStore(neo4j_server.address) as store:
        yield store


@pytest.fixture
def store(neo4j_server: LocalNeo4j, shared_store: BoltStore) -> BoltStore:
    """Give an empty store, its schema in place."""
    empty(neo4j_server, shared_store)
    return shared_store


@pytest.fixture(scope="session")
def empty_store(neo4j_server: LocalNeo4j, shared_store: BoltStore) -> Callable[[], None]:
    """Give a function that empties the store: in the middle of a test, or before those of a module that share what they bring in."""
    return lambda: empty(neo4j_server, shared_store)


def empty(server: LocalNeo4j, store: BoltStore) -> None:
    """Empty a store that the tests started; any other is refused."""
    if not server.started_here or store.address != server.address:
        raise AssertionError("tests empty no store but the one that they started")
    store.define([UNLINK, EMPTY])
    ensure_schema(store)


@pytest.fixture(autouse=True)
def patience(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait longer for the store than the product does: it gives up after seconds, which a busy machine may need. Drills keep its own limits."""
    if request.node.get_closest_marker("drill"):
        return
    for name in ("read", "write"):
        monkeypatch.setattr(BoltStore, name, _patient(getattr(BoltStore, name)))


def _patient(method: Callable[..., Any]) -> Callable[..., Any]:
    limit = inspect.signature(method).parameters["seconds"].default

    def patient(*given: Any, seconds: float = limit, **more: Any) -> Any:
        return method(*given, seconds=_TIMES_AS_LONG * seconds, **more)

    return patient


@pytest.fixture(autouse=True)
def no_global_randomness() -> Iterator[None]:
    """Fail a test whose code draws from the random numbers that the whole process shares: it would not give the same answer twice."""
    before = random.getstate()
    numpy = sys.modules.get("numpy")
    numpy_before = numpy.random.get_state()[1].tobytes() if numpy else b""
    yield
    assert random.getstate() == before, "global randomness was used; pass a seeded random.Random"
    if numpy:
        assert numpy.random.get_state()[1].tobytes() == numpy_before, (
            "numpy's global randomness was used; pass a seeded Generator"
        )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give a home folder of its own to a test that starts a service."""
    return tmp_path / "home"
