"""An import that is killed, for real and more than once, and started again gives the graph of one that was left alone."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from bundles import write_bundle

from graph_service.store.bolt import BoltStore

pytestmark = pytest.mark.drill


def pmet(home: Path, store: BoltStore) -> Callable[..., subprocess.Popen[str]]:
    """Give a function that starts `pmet` in a process of its own, on the tests' Neo4j."""
    home.mkdir(mode=0o700)
    (home / "password").write_text(store.address.password, encoding="utf-8")
    environment = {
        **os.environ,
        "PMET_HOME": str(home),
        "PMET_NEO4J_URI": store.address.uri,
        "PMET_NEO4J_PASSWORD_FILE": str(home / "password"),
    }
    command = [sys.executable, "-c", "from graph_service.cli import main; main()"]

    def start(*words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*command, *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    return start


def test_killed_three_times_and_resumed(store: BoltStore, empty_store: Callable[[], None], tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle", subjects=1500, claims=7000)
    start = pmet(tmp_path / "killed", store)
    for batches in (1, 3, 5):
        killed = start("ingest", "bundle", str(bundle), "--json")
        assert killed.stderr is not None
        for number, _ in enumerate(killed.stderr, start=1):
            if number >= batches:
                break
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        assert killed.returncode == -signal.SIGKILL
    out, _ = start("ingest", "bundle", str(bundle), "--json").communicate(timeout=300)
    resumed = json.loads(out)
    assert resumed["problems"] == [p for p in resumed["problems"] if p["severity"] == "warning"]
    checked, _ = start("store", "check", "--json").communicate(timeout=300)
    after_kills = json.loads(checked)
    assert after_kills["problems"] == []
    empty_store()
    start = pmet(tmp_path / "whole", store)
    left_alone = start("ingest", "bundle", str(bundle), "--json")
    left_alone.communicate(timeout=300)
    assert left_alone.returncode == 0
    checked, _ = start("store", "check", "--json").communicate(timeout=300)
    assert json.loads(checked)["census"] == after_kills["census"]
