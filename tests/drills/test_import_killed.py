"""An import that is killed, for real and more than once, and started again gives the graph of one that was left alone."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bundles import write_bundle

from graph_service.bootstrap import bootstrap
from graph_service.settings import Settings
from graph_service.store.bolt import BoltStore
from ingest import pipeline

pytestmark = pytest.mark.drill
BATCH_ROWS = 80

# `pmet` as it is, but for smaller batches, and killed so many seconds after it has begun its write of this number: before, in or after the
# commit, but never later, since the write is made beside the thread that kills.
KILLED = """
import os, signal, sys, threading, time
from graph_service.cli import main
from graph_service.store.bolt import BoltStore
from ingest import pipeline

left, seconds, pipeline.BATCH_ROWS = int(sys.argv.pop(1)), float(sys.argv.pop(1)), int(sys.argv.pop(1))
write = BoltStore.write

def write_until(*given, **more):
    global left
    left -= 1
    if left >= 0:
        return write(*given, **more)
    threading.Thread(target=write, args=given, kwargs=more, daemon=True).start()
    time.sleep(seconds)
    os.kill(os.getpid(), signal.SIGKILL)

BoltStore.write = write_until
main()
"""


def settings_of(home: Path, store: BoltStore) -> Settings:
    """Give the settings of a service in a new folder, on the tests' Neo4j."""
    home.mkdir(mode=0o700)
    password = home / "password"
    password.write_text(store.address.password, encoding="utf-8")
    return Settings(home=home, neo4j_uri=store.address.uri, neo4j_user=store.address.user, neo4j_password_file=password)


def kill(settings: Settings, bundle: Path, *, writes: int, seconds: float) -> None:
    """Bring a bundle in with `pmet`, which is killed at the write after this many."""
    environment = {
        **os.environ,
        "PMET_HOME": str(settings.home),
        "PMET_NEO4J_URI": str(settings.neo4j_uri),
        "PMET_NEO4J_PASSWORD_FILE": str(settings.neo4j_password_file),
    }
    told = [str(writes), str(seconds), str(BATCH_ROWS), "ingest", "bundle", str(bundle), "--json"]
    done = subprocess.run([sys.executable, "-c", KILLED, *told], env=environment, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


def brought_in(settings: Settings, bundle: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Bring a bundle in whole; give what the import and the check of the store say."""
    service = bootstrap(settings)
    try:
        operator = service.operator("test")
        return service.imports.run(operator, "bundle", [bundle]), service.keeping.check(operator)
    finally:
        service.close()


def test_killed_three_times_and_resumed(
    store: BoltStore, empty_store: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH_ROWS", BATCH_ROWS)
    bundle = write_bundle(tmp_path / "bundle", subjects=200, claims=700)
    settings = settings_of(tmp_path / "killed", store)
    # Among the subjects, then twice among the claims: each resumes what the one before it had begun.
    for writes, seconds in ((1, 0.0), (3, 0.02), (2, 0.2)):
        kill(settings, bundle, writes=writes, seconds=seconds)
    resumed, after_kills = brought_in(settings, bundle)
    assert {problem["severity"] for problem in resumed["problems"]} <= {"warning"}
    assert after_kills["problems"] == []
    empty_store()
    whole, left_alone = brought_in(settings_of(tmp_path / "whole", store), bundle)
    assert 0 < resumed["added"]["claims"] < whole["added"]["claims"]
    assert left_alone["problems"] == []
    assert left_alone["census"] == after_kills["census"]
