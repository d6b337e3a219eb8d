"""Each way of changing what the trail says is found, and a trail that lost its end takes no more entries."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fresh_records import database_file, fresh_records, tampering

from graph_service.access import Action
from graph_service.errors import AuditUnavailableError
from graph_service.records import Event, Records
from graph_service.records.chain import CHAINED, mac_of

LENGTH = 8


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with fresh_records(tmp_path) as opened:
        fill(opened, LENGTH)
        yield opened


def fill(records: Records, entries: int) -> None:
    viewer = records.accounts.viewer("coordinator")
    for number in range(entries):
        records.audit.record(Event.CONSULTATION, viewer, Action.READ_PERSON, subjects=[f"child-{number}"], returned=1)


def told(records: Records) -> str:
    return "; ".join(f"{problem.seq}: {problem.what}" for problem in records.audit.verify().problems)


def edit(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE audit_entry SET account = 'analyst' WHERE seq = 4")


def delete(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM audit_entry WHERE seq = 4")
    connection.execute("DELETE FROM audit_object WHERE seq = 4")


def swap(connection: sqlite3.Connection) -> None:
    for table in ("audit_entry", "audit_object"):
        for before, after in ((4, 99), (5, 4), (99, 5)):
            connection.execute(f"UPDATE {table} SET seq = ? WHERE seq = ?", (after, before))


def insert(connection: sqlite3.Connection) -> None:
    columns = ", ".join((*CHAINED[1:], "mac"))
    connection.execute(f"INSERT INTO audit_entry SELECT {LENGTH + 1}, {columns} FROM audit_entry WHERE seq = 4")


def sign_again_with_another_key(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE audit_entry SET account = 'analyst' WHERE seq = 4")
    names = ", ".join(CHAINED)
    prev = ""
    for row in connection.execute(f"SELECT {names} FROM audit_entry ORDER BY seq").fetchall():
        columns = [*row[:-1], prev or row[-1]]
        prev = mac_of(b"a guess", columns)
        connection.execute("UPDATE audit_entry SET prev = ?, mac = ? WHERE seq = ?", (columns[-1], prev, row[0]))


def truncate(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM audit_entry WHERE seq > 5")
    connection.execute("DELETE FROM audit_object WHERE seq > 5")


def forget_whom(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM audit_object WHERE seq = 4")


def name_another(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE audit_object SET uid = 'someone-else' WHERE seq = 4")


def list_for_no_entry(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO audit_object VALUES (77, 'child-1', 's')")


def empty(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM audit_entry")
    connection.execute("DELETE FROM audit_object")


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (edit, "4: this entry was changed"),
        (delete, "entry 4 is missing"),
        (swap, "4: this entry does not follow"),
        (insert, f"{LENGTH + 1}: this entry does not follow"),
        (sign_again_with_another_key, "1: this entry was changed"),
        (truncate, f"6: the end was cut off: there were {LENGTH} entries"),
        (forget_whom, "4: the list of whom"),
        (name_another, "4: the list of whom"),
        (list_for_no_entry, "77: subjects are listed for an entry that is not there"),
        (empty, f"1: the end was cut off: there were {LENGTH} entries"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_tampering_is_found(
    records: Records, tmp_path: Path, tamper: Callable[[sqlite3.Connection], None], expected: str
) -> None:
    assert records.audit.verify().ok
    with tampering(tmp_path) as connection:
        tamper(connection)
    assert expected in told(records)


@pytest.mark.parametrize("column", [name for name in (*CHAINED, "mac") if name != "seq"])
def test_every_column_is_under_the_chain(records: Records, tmp_path: Path, column: str) -> None:
    with tampering(tmp_path) as connection:
        connection.execute(f"UPDATE audit_entry SET {column} = '7' WHERE seq = 4")
    assert not records.audit.verify().ok


def test_yesterdays_file_put_back_whole_is_found_and_takes_no_more_entries(records: Records, tmp_path: Path) -> None:
    yesterday = tmp_path / "yesterday"
    with sqlite3.connect(database_file(tmp_path)) as now, sqlite3.connect(yesterday) as kept:
        now.backup(kept)
    now.close()
    kept.close()
    fill(records, 3)
    records.close()
    for rest in tmp_path.glob("accounts.sqlite3-*"):
        rest.unlink()
    shutil.copy(yesterday, database_file(tmp_path))
    assert "the end was cut off: there were 11 entries" in told(records)
    # Otherwise new entries would soon be as many, and the cut would be forgotten.
    with pytest.raises(AuditUnavailableError, match="missing from the end"):
        fill(records, 1)
    assert not records.audit.ready()


def test_another_trail_is_found_by_an_anchor_that_was_kept_elsewhere(records: Records, tmp_path: Path) -> None:
    elsewhere = records.audit.anchor()
    with tampering(tmp_path) as connection:
        truncate(connection)
    (tmp_path / "audit.anchor").unlink()
    records.audit.re_anchor(records.accounts.viewer("operator"), "test")
    fill(records, 5)
    assert records.audit.verify().ok
    found = records.audit.verify([elsewhere])
    assert [problem.what for problem in found.problems] == [
        "this is another trail than the anchor saw: it was replaced or rolled back"
    ]


def test_a_changed_anchor_is_found(records: Records, tmp_path: Path) -> None:
    anchor = tmp_path / "audit.anchor"
    anchor.write_text(anchor.read_text().replace(str(LENGTH), "5", 1))
    assert "anchor beside the trail is damaged" in told(records)
    with pytest.raises(AuditUnavailableError, match="damaged"):
        fill(records, 1)


def test_a_missing_anchor_is_found_and_replaced_only_by_hand(records: Records, tmp_path: Path) -> None:
    (tmp_path / "audit.anchor").unlink()
    records.create_or_migrate()
    assert "anchor beside the trail is missing" in told(records)
    with pytest.raises(AuditUnavailableError, match="anchor is missing"):
        fill(records, 1)
    records.audit.re_anchor(records.accounts.viewer("operator"), "restored-from-backup")
    fill(records, 1)
    assert records.audit.verify().ok
    assert "re_anchor" in [entry["action"] for entry in records.audit.entries()]


def test_a_changed_trail_is_not_anchored_again(records: Records, tmp_path: Path) -> None:
    with tampering(tmp_path) as connection:
        edit(connection)
    with pytest.raises(AuditUnavailableError, match="changed"):
        records.audit.re_anchor(records.accounts.viewer("operator"), "test")


def test_a_crash_before_the_anchor_moved_is_no_alarm(records: Records, tmp_path: Path) -> None:
    lagging = (tmp_path / "audit.anchor").read_text()
    fill(records, 3)
    (tmp_path / "audit.anchor").write_text(lagging)
    assert records.audit.verify().ok
    fill(records, 1)
    assert records.audit.verify().entries == LENGTH + 4


def test_a_trail_without_its_key_is_not_given_a_new_one(records: Records, tmp_path: Path) -> None:
    records.close()
    (tmp_path / "records.key").unlink()
    with pytest.raises(AuditUnavailableError, match="key"), fresh_records(tmp_path):
        pass
    assert not (tmp_path / "records.key").exists()


def test_the_key_of_another_folder_adds_nothing(records: Records, tmp_path: Path) -> None:
    with fresh_records(tmp_path / "other") as other:
        foreign = (tmp_path / "other" / "records.key").read_text()
        other.close()
    (tmp_path / "records.key").write_text(foreign)
    with fresh_records(tmp_path) as again, pytest.raises(AuditUnavailableError):
        fill(again, 1)


def test_key_and_files_are_for_their_owner_alone(records: Records, tmp_path: Path) -> None:
    assert {path.name: oct(path.stat().st_mode & 0o077) for path in tmp_path.iterdir()} == {
        path.name: "0o0" for path in tmp_path.iterdir()
    }
