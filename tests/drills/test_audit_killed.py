"""Processes that append to one trail at once, and one that is killed while it does."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from fresh_records import fresh_records

from graph_service.access import Action
from graph_service.records import Event

pytestmark = pytest.mark.drill

# Prints the number of each entry once it is recorded, as an answer would go out.
WRITER = """
import sys
from pathlib import Path
from graph_service.access import Action
from graph_service.records import Event, Records
home = Path(sys.argv[1])
records = Records(f"sqlite:///{home / 'accounts.sqlite3'}", home)
records.create_or_migrate()
viewer = records.accounts.viewer("coordinator")
for number in range(int(sys.argv[2])):
    print(records.audit.record(Event.CONSULTATION, viewer, Action.SEARCH, objects=[f"child-{number}"]), flush=True)
"""


def writer(home: Path, entries: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", WRITER, str(home), str(entries)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_processes_that_record_at_once_make_one_chain(tmp_path: Path) -> None:
    with fresh_records(tmp_path) as records:
        writers = [writer(tmp_path, 100) for _ in range(3)]
        numbers = [int(line) for one in writers for line in one.communicate(timeout=300)[0].split()]
        assert sorted(numbers) == list(range(1, 301))
        found = records.audit.verify()
        assert (found.ok, found.entries) == (True, 300)


def test_processes_that_start_at_once_make_one_database(tmp_path: Path) -> None:
    """None of them finds tables, key or anchor."""
    home = tmp_path / "new"
    personas_first = 'records.accounts.ensure_personas()\nviewer = records.accounts.viewer("coordinator")'
    starter = WRITER.replace('viewer = records.accounts.viewer("coordinator")', personas_first)
    command = [sys.executable, "-c", starter, str(home), "5"]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    numbers = [int(line) for one in started for line in one.communicate(timeout=300)[0].split()]
    assert sorted(numbers) == list(range(1, 16))
    with fresh_records(home) as records:
        assert records.audit.verify().ok


@pytest.mark.parametrize("round_number", range(3))
def test_what_was_answered_before_a_kill_is_recorded(tmp_path: Path, round_number: int) -> None:
    with fresh_records(tmp_path) as records:
        killed = writer(tmp_path, 100_000)
        assert killed.stdout is not None
        answered = [int(killed.stdout.readline()) for _ in range(20)]
        time.sleep(0.013 * round_number)
        killed.kill()
        answered += [int(line) for line in killed.communicate()[0].split("\n")[:-1]]
        found = records.audit.verify()
        assert found.ok
        assert found.entries >= answered[-1]
        records.audit.record(Event.CONSULTATION, records.accounts.viewer("coordinator"), Action.SEARCH)
        assert records.audit.verify().entries == found.entries + 1
