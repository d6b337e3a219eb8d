"""What the trail keeps, what it never keeps, and that nothing is answered without it."""

import datetime as dt
import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fresh_records import START, MovedClock, database_file, fresh_records, tampering

from graph_service.access import Action, Viewer, decide
from graph_service.errors import AuditUnavailableError, NotFoundError, NotPermittedError
from graph_service.records import Event, Records

ANA, BEN = "0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"
SECRET = "Ana Example"


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def records(tmp_path: Path, clock: MovedClock) -> Iterator[Records]:
    with fresh_records(tmp_path, clock) as opened:
        yield opened


@pytest.fixture
def indra(records: Records) -> Viewer:
    return records.accounts.viewer(
        "intelligence", os_user="laptop-user", channel="cli", session="s1", source="127.0.0.1"
    )


def test_an_entry_says_who_when_what_and_why(records: Records, indra: Viewer) -> None:
    seq = records.audit.record(
        Event.CONSULTATION,
        indra,
        Action.ASK_QUESTION,
        question="people.profile",
        version="1:abc",
        parameters={"subject": ANA, "from": dt.date(2026, 1, 1), "hops": 2, "layer": "crime"},
        as_known_at=START,
        sequence=41,
        subjects=[ANA],
        objects=[ANA, BEN],
        returned=1,
        decision=decide(indra, Action.ASK_QUESTION, question="people.profile"),
        handling="C",
        request_id="r1",
    )
    entry = records.audit.entries()[0]
    assert entry == {
        "seq": seq,
        "at": "2026-11-23T09:00:00.000000Z",
        "event": "consultation",
        "action": "ask_question",
        "account": "intelligence",
        "agency": "police",
        "role": "intelligence",
        "session": "s1",
        "os_user": "laptop-user",
        "purpose": "exploitation-enquiry",
        "reason": "",
        "channel": "cli",
        "source": "127.0.0.1",
        "question": "people.profile",
        "version": "1:abc",
        "parameters": json.dumps(
            {"from": "2026-01-01", "hops": 2, "layer": "crime", "subject": ANA}, separators=(",", ":")
        ),
        "as_known_at": "2026-11-23T09:00:00.000000Z",
        "sequence": 41,
        "returned": 1,
        "objects": 2,
        "objects_hash": entry["objects_hash"],
        "handling": "C",
        "decision": "allow",
        "policy_ids": "case-roles-read-records",
        "recipients": "",
        "request_id": "r1",
        "app_version": entry["app_version"],
    }
    assert sorted(records.audit.objects_of(seq)) == sorted([ANA, BEN])


def test_who_looked_at_a_child_and_what_one_person_did(records: Records, indra: Viewer) -> None:
    corin = records.accounts.viewer("coordinator")
    records.audit.record(Event.CONSULTATION, indra, Action.READ_PERSON, subjects=[ANA])
    records.audit.record(Event.CONSULTATION, corin, Action.SEARCH, objects=[BEN, ANA])
    records.audit.record(Event.CONSULTATION, corin, Action.READ_PERSON, subjects=[BEN])
    assert [(row["account"], row["action"]) for row in records.audit.who_looked_at([ANA])] == [
        ("coordinator", "search"),
        ("intelligence", "read_person"),
    ]
    assert len(records.audit.who_looked_at([ANA, BEN])) == 3
    assert [row["seq"] for row in records.audit.mine("coordinator")] == [3, 2]
    assert [row["seq"] for row in records.audit.entries(limit=2)] == [3, 2]
    assert [row["seq"] for row in records.audit.entries(limit=2, before=2)] == [1]


def test_what_a_person_typed_is_nowhere_in_the_files(records: Records, indra: Viewer, tmp_path: Path) -> None:
    records.audit.searched(indra, SECRET, [ANA])
    records.audit.refused(indra, Action.ASK_QUESTION, "people.profile", NotFoundError(), parameters={SECRET: SECRET})
    records.audit.record(Event.CONSULTATION, indra, Action.SEARCH, parameters={"claims": [SECRET, {"deep": SECRET}]})
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not any(word in held.lower() for word in (b"ana example", b"example", b"ana_example"))


def test_a_text_can_be_looked_for_by_its_fingerprint(records: Records, indra: Viewer) -> None:
    records.audit.searched(indra, "  ANA   example ", [])
    assert json.loads(records.audit.entries()[0]["parameters"])["text"] == {
        "fingerprint": records.audit.fingerprint(SECRET),
        "length": 16,
    }


@pytest.mark.parametrize(
    ("error", "decision"),
    [(NotPermittedError(), "deny"), (NotFoundError(), "deny"), (ValueError(SECRET), "failed")],
)
def test_a_refusal_keeps_the_kind_of_error_and_not_its_text(
    records: Records, indra: Viewer, error: Exception, decision: str
) -> None:
    records.audit.refused(indra, Action.ASK_QUESTION, "links.between", error)
    entry = records.audit.entries()[0]
    assert (entry["event"], entry["decision"], entry["reason"]) == ("refusal", decision, type(error).__name__)
    assert SECRET not in str(entry)


def test_an_answer_is_recorded_from_its_envelope(records: Records, indra: Viewer) -> None:
    envelope = {
        "question": {"name": "peers.network", "version": "1"},
        "parameters": {"subject": ANA, "hops": 1},
        "as_known_at": "2026-11-23T09:00:00.000Z",
        "rows": [{}, {}],
    }
    records.audit.answered(indra, Action.ASK_QUESTION, envelope, {BEN}, subjects=[ANA])
    entry = records.audit.entries()[0]
    assert (entry["event"], entry["question"], entry["returned"], entry["objects"]) == (
        "combination",
        "peers.network",
        2,
        2,
    )


def test_nobody_signed_in_is_recorded_too(records: Records) -> None:
    records.audit.refused(None, "sign_in", "sign-in", NotPermittedError(), parameters={"account": SECRET})
    assert records.audit.entries()[0]["account"] == ""
    assert records.audit.verify().ok


def test_a_text_cannot_pass_for_an_object(records: Records, indra: Viewer) -> None:
    with pytest.raises(ValueError, match="uid"):
        records.audit.record(Event.CONSULTATION, indra, Action.SEARCH, objects=["x" * 121])
    assert records.audit.entries() == []


def test_entries_are_refused_every_change(records: Records, indra: Viewer, tmp_path: Path) -> None:
    records.audit.record(Event.CONSULTATION, indra, Action.SEARCH, objects=[ANA])
    connection = sqlite3.connect(database_file(tmp_path), isolation_level=None)
    connection.execute("PRAGMA recursive_triggers=ON")
    try:
        for statement in (
            "UPDATE audit_entry SET account = 'other'",
            "DELETE FROM audit_entry",
            "UPDATE audit_object SET uid = 'other'",
            "DELETE FROM audit_object",
            "REPLACE INTO audit_object VALUES (1, '" + ANA + "', 'r')",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)
    finally:
        connection.close()
    assert records.audit.verify().ok


def test_nothing_is_recorded_means_nothing_is_answered(records: Records, indra: Viewer, tmp_path: Path) -> None:
    assert records.audit.ready()
    with tampering(tmp_path) as connection:
        connection.execute("ALTER TABLE audit_object RENAME TO gone")
    with pytest.raises(AuditUnavailableError) as refusal:
        records.audit.searched(indra, SECRET, [ANA])
    assert SECRET not in str(refusal.value)
    assert refusal.value.__cause__ is None
    with tampering(tmp_path) as connection:
        connection.execute("ALTER TABLE gone RENAME TO audit_object")
    assert records.audit.entries() == []  # half an entry is none
    records.audit.searched(indra, SECRET, [ANA])
    assert records.audit.verify().entries == 1


def test_a_locked_database_is_not_waited_for_without_end(records: Records, indra: Viewer, tmp_path: Path) -> None:
    other = sqlite3.connect(database_file(tmp_path), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        assert not records.audit.ready()
    finally:
        other.close()
    assert records.audit.ready()


def test_readiness_leaves_no_entry(records: Records) -> None:
    assert records.audit.ready()
    assert records.audit.ready()
    assert records.audit.entries() == []


def test_threads_that_record_at_once_share_one_chain(records: Records, indra: Viewer) -> None:
    numbers: list[int] = []

    def work() -> None:
        numbers.extend(records.audit.record(Event.CONSULTATION, indra, Action.SEARCH, objects=[ANA]) for _ in range(40))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 321))
    assert records.audit.verify().ok
    assert records.audit.anchor().count == 320
