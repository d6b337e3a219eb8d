"""The tables are those of the changes; imports, censuses and repeated requests are kept as they should be."""

import datetime as dt
import sqlite3
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from fresh_records import START, MovedClock, database_file, fresh_records, tampering

import graph_service.records
from graph_service.errors import AuditUnavailableError, ConflictError, NotFoundError
from graph_service.records import KeptAnswer, Records, database
from graph_service.records.migrations import NEWEST
from graph_service.records.tables import METADATA


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def records(tmp_path: Path, clock: MovedClock) -> Iterator[Records]:
    with fresh_records(tmp_path, clock) as opened:
        yield opened


def test_the_changes_make_the_tables_that_the_code_uses(records: Records, tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{database_file(tmp_path)}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_the_newest_change_is_the_one_that_a_start_looks_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(graph_service.records.__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == NEWEST


def test_a_start_on_current_tables_loads_no_changes_and_waits_for_nobody_who_writes(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_upgrade", lambda _: pytest.fail("the changes were gone through"))
    with sqlite3.connect(database_file(tmp_path), isolation_level=None) as writer:
        writer.execute("BEGIN IMMEDIATE")
        again = Records(f"sqlite:///{database_file(tmp_path)}", tmp_path)
        again.create_or_migrate()
        again.close()
    writer.close()


def test_a_database_of_a_newer_version_is_left_alone(records: Records, tmp_path: Path) -> None:
    with tampering(tmp_path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(AuditUnavailableError, match="newer version"), fresh_records(tmp_path):
        pass


def test_what_is_no_database_is_told_plainly(tmp_path: Path) -> None:
    database_file(tmp_path).write_bytes(b"Ana Example" * 1000)
    with pytest.raises(AuditUnavailableError) as refusal, fresh_records(tmp_path):
        pass
    assert "Example" not in str(refusal.value)


def test_a_folder_that_cannot_be_made_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AuditUnavailableError, match="PMET_HOME"), fresh_records(tmp_path / "file"):
        pass


def test_keys_differ_by_use_and_stay(records: Records, tmp_path: Path) -> None:
    pseudonyms = records.key("pseudonyms")
    assert pseudonyms != records.key("audit")
    with fresh_records(tmp_path) as again:
        assert again.key("pseudonyms") == pseudonyms


def test_a_run_is_listed_with_its_problems_and_without_file_names(
    records: Records, clock: MovedClock, tmp_path: Path
) -> None:
    first = records.runs.start("bundle", ["Ana Example.csv"], account="operator")
    clock.forward(seconds=1)
    second = records.runs.start("missing", ["b.csv", "a.csv"], account="operator", dry_run=True)
    records.runs.finish(first, "done", {"read": 3, "added": {"claims": 2}}, [{"row": 1, "rule": "no date"}] * 6000)
    assert [(run["id"], run["state"], run["files"]) for run in records.runs.latest()] == [
        (second, "running", 2),
        (first, "done", 1),
    ]
    found = records.runs.get(first)
    assert found["counts"] == {"read": 3, "added": {"claims": 2}}
    assert len(found["problems"]) == 5000
    assert found["ended_at"] == START + dt.timedelta(seconds=1)
    assert b"Ana Example" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    with pytest.raises(NotFoundError):
        records.runs.get("nothing")
    with pytest.raises(NotFoundError):
        records.runs.finish("nothing", "done", {})


def test_the_latest_census_is_given_and_a_changed_one_refused(records: Records, tmp_path: Path) -> None:
    assert records.census.latest() is None
    records.census.keep(1, {"claims": {"KNOWS": 1}})
    records.census.keep(9, {"claims": {"KNOWS": 2}, "hash": "abc"})
    assert records.census.latest() == (9, {"claims": {"KNOWS": 2}, "hash": "abc"})
    with sqlite3.connect(database_file(tmp_path)) as connection:
        connection.execute("UPDATE census SET counts = replace(counts, '2', '1')")
    connection.close()
    with pytest.raises(AuditUnavailableError, match="census"):
        records.census.latest()


def test_the_same_key_does_the_same_thing_once(records: Records, clock: MovedClock) -> None:
    assert records.repeats.begin("pat", "k", "hash-1") is None
    with pytest.raises(ConflictError, match="being answered"):
        records.repeats.begin("pat", "k", "hash-1")
    records.repeats.finish("pat", "k", 201, '{"uid": 1}')
    assert records.repeats.begin("pat", "k", "hash-1") == KeptAnswer(201, '{"uid": 1}')
    with pytest.raises(ConflictError, match="another request"):
        records.repeats.begin("pat", "k", "hash-2")
    assert records.repeats.begin("kim", "k", "hash-2") is None  # keys are each account's own
    clock.forward(hours=25)
    assert records.repeats.begin("pat", "k", "hash-2") is None  # and kept no longer than needed


def test_a_request_that_failed_or_was_cut_off_may_be_tried_again(records: Records, clock: MovedClock) -> None:
    assert records.repeats.begin("pat", "k", "hash") is None
    records.repeats.forget("pat", "k")
    assert records.repeats.begin("pat", "k", "hash") is None
    clock.forward(minutes=6)
    assert records.repeats.begin("pat", "k", "hash") is None


def test_postgresql_without_its_driver_is_told_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(AuditUnavailableError, match="psycopg"):
        Records("postgresql://pmet@127.0.0.1/pmet", tmp_path)


def test_whoever_starts_while_another_process_makes_the_tables_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_WAIT_SECONDS", 0)  # an answer is not waited for, the tables are
    with sqlite3.connect(database_file(tmp_path), isolation_level=None, check_same_thread=False) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.5, other.rollback).start()
        with fresh_records(tmp_path) as records:
            assert records.audit.ready()
    other.close()
