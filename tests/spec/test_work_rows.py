"""Rows of work on a real store: versions, two people at once, what was known when, who may see, and the census of them."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest

from graph_service.bootstrap import Service
from graph_service.errors import NotFoundError, StaleError
from graph_service.store.bolt import BoltStore
from graph_service.store.work import Draft, WorkRow, WorkStore
from graph_service.store.writer import StoreWriter
from queries.records import Batch, SubjectRecord
from queries.sight import OPEN, Sight

TEAM = Sight.any_of({"role:coordinator"}, {"team:park"})
CLEARED = TEAM.with_all_of(Sight.any_of({"handling:C"}))
EVERY = [OPEN.sid, TEAM.sid, CLEARED.sid]


@pytest.fixture
def park(store: BoltStore) -> str:
    """Give the uid of a context that is there and of which nothing is said yet."""
    StoreWriter(store).write(Batch(subjects=(SubjectRecord("context:park", "context"),)), run="test", position=0)
    return uid_of(store, "context:park")


def uid_of(store: BoltStore, key: str) -> str:
    (row,) = store.read("MATCH (:RecordKey {key: $key})-[:IDENTIFIES]->(e) RETURN e.uid AS uid", {"key": key})
    return str(row["uid"])


def draft(about: str, content: Any, thing: str = "plan", **more: Any) -> Draft:
    return Draft(f"context:park/{thing}", thing, about, more.pop("sight", TEAM), content, "sal", "social_care", **more)


def contents(rows: list[WorkRow]) -> list[Any]:
    return [row.content for row in rows]


def test_a_version_follows_the_one_that_was_read(store: BoltStore, park: str) -> None:
    work = WorkStore(store)
    assert work.append([draft(park, {"goals": 1}, expected_version=0, reason="begun")], command_id="a") == {
        "context:park/plan": 1
    }
    assert work.append([draft(park, {"goals": 2}, expected_version=1)], command_id="b") == {"context:park/plan": 2}
    with pytest.raises(StaleError):
        work.append([draft(park, {"goals": 3}, expected_version=1)], command_id="c")
    with pytest.raises(StaleError):
        work.append([draft(park, {"goals": 3}, expected_version=0)], command_id="d")
    (now,) = work.rows(kinds=["plan"], sights=EVERY)
    assert (now.version, now.content, now.account, now.agency, now.stands) == (
        2,
        {"goals": 2},
        "sal",
        "social_care",
        True,
    )
    first, second = work.rows(about=[park], sights=EVERY, with_history=True)
    assert (first.version, first.reason, first.live_to, first.stands) == (1, "begun", second.known_from, False)


def test_the_same_command_takes_effect_once(store: BoltStore, park: str) -> None:
    work = WorkStore(store)
    for _ in range(3):
        assert work.append([draft(park, {"goals": 1}, expected_version=0)], command_id="a") == {"context:park/plan": 1}
    assert len(work.rows(things=["context:park/plan"], sights=EVERY, with_history=True)) == 1


def test_several_things_are_written_together_or_not_at_all(store: BoltStore, park: str) -> None:
    work = WorkStore(store)
    work.append([draft(park, 1, expected_version=0)], command_id="a")
    together = [draft(park, 2, "review", expected_version=0), draft(park, 2, expected_version=0)]
    with pytest.raises(StaleError):
        work.append(together, command_id="b")
    assert contents(work.rows(about=[park], sights=EVERY)) == [1]
    with pytest.raises(StaleError):
        work.append([draft(park, 2, "review")], command_id="c", unchanged={"context:park/plan": 0})
    work.append([draft(park, 2, "review")], command_id="d", unchanged={"context:park/plan": 1})
    with pytest.raises(NotFoundError):
        work.append([draft("no-such-uid", 1, "other")], command_id="e")
    assert contents(work.rows(about=[park], sights=EVERY)) == [1, 2]


def test_what_has_ended_is_seen_only_from_before(store: BoltStore, park: str) -> None:
    work = WorkStore(store)
    work.append([draft(park, "kept")], command_id="a")
    (row,) = work.rows(about=[park], sights=EVERY)
    work.append([draft(park, None, expected_version=1)], command_id="b")
    assert work.rows(about=[park], sights=EVERY) == []
    assert contents(work.rows(about=[park], sights=EVERY, known_at=row.known_from)) == ["kept"]
    assert work.versions(["context:park/plan"]) == {"context:park/plan": 1}
    assert work.append([draft(park, "again", expected_version=1)], command_id="c") == {"context:park/plan": 2}


def test_it_is_shown_as_known_at_a_moment(store: BoltStore, park: str) -> None:
    work = WorkStore(store)
    for number in (1, 2, 3):
        work.append([draft(park, number)], command_id=str(number))
    rows = work.rows(about=[park], sights=EVERY, with_history=True)
    before = rows[0].known_from - dt.timedelta(milliseconds=1)
    assert work.rows(about=[park], sights=EVERY, known_at=before) == []
    for row in rows:
        assert contents(work.rows(about=[park], sights=EVERY, known_at=row.known_from)) == [row.content]
    assert contents(work.rows(about=[park], sights=EVERY, known_at=rows[1].known_from, with_history=True)) == [1, 2]


def test_hidden_rows_show_in_nothing_not_even_in_version_numbers(store: BoltStore, park: str) -> None:
    work = WorkStore(store)
    for number in range(3):
        work.append([draft(park, f"hidden {number}", "definition+1", sight=CLEARED)], command_id=f"h{number}")
        work.append([draft(park, number, "definition")], command_id=f"o{number}")
    seen = work.rows(about=[park], sights=[TEAM.sid], with_history=True)
    assert [(row.version, row.content) for row in seen] == [(1, 0), (2, 1), (3, 2)]
    assert work.rows(kinds=["definition+1"], sights=[TEAM.sid]) == []
    assert work.rows(things=["context:park/definition+1"], sights=[TEAM.sid]) == []
    with pytest.raises(ValueError, match="keeps the sight"):
        work.append([draft(park, 9, "definition", sight=CLEARED)], command_id="x")


@pytest.mark.parametrize("shared", [True, False], ids=["one-connection", "a-connection-each"])
def test_of_people_who_edit_at_once_exactly_one_wins_each_time(store: BoltStore, park: str, shared: bool) -> None:
    races, people = (50, 8) if shared else (8, 8)
    one = WorkStore(store)
    works = [one if shared else WorkStore(store) for _ in range(people)]
    work = works[0]
    won: list[list[int]] = [[] for _ in range(races)]
    lost: list[int] = []
    failed: list[Exception] = []
    gate = threading.Barrier(people)

    def edit(person: int) -> None:
        for race in range(races):
            gate.wait(30)
            try:
                works[person].append(
                    [draft(park, {"by": person}, expected_version=race)], command_id=f"{race}-{person}"
                )
                won[race].append(person)
            except StaleError:
                lost.append(person)
            except Exception as error:  # noqa: BLE001  shown below
                failed.append(error)

    threads = [threading.Thread(target=edit, args=(person,)) for person in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failed == []
    assert [len(winners) for winners in won] == [1] * races
    assert len(lost) == races * (people - 1)
    rows = work.rows(things=["context:park/plan"], sights=EVERY, with_history=True)
    assert [(row.version, row.content["by"]) for row in rows] == [(n + 1, won[n][0]) for n in range(races)]


def test_different_things_written_at_once_are_all_kept(store: BoltStore, park: str) -> None:
    works = [WorkStore(store) for _ in range(6)]

    def write(person: int) -> None:
        for number in range(5):
            works[person].append([draft(park, number, f"note{person}")], command_id=f"{person}-{number}")

    threads = [threading.Thread(target=write, args=(person,)) for person in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [row.version for row in works[0].rows(about=[park], sights=EVERY)] == [5] * 6


def test_the_check_of_the_store_counts_work_and_finds_what_was_changed(
    service: Service, bring_in: Callable[..., dict[str, object]]
) -> None:
    bring_in([{"ref": "park", "kind": "location", "label": "The park", "subkind": "place"}], [], [])
    operator, work = service.operator("test"), WorkStore(service.store)
    before = service.keeping.check(operator)["census"]["hash"]
    about = uid_of(service.store, "bundle:small/park")
    work.append([draft(about, {"text": "as written"})], command_id="a")
    work.append([draft(about, {"text": "as written later"})], command_id="b")
    work.append([draft(about, {"text": "a note"}, "note", sight=CLEARED)], command_id="c")
    work.append([draft(about, None, "note", sight=CLEARED)], command_id="d")
    found = service.keeping.check(operator)
    assert found["problems"] == []
    assert found["census"]["work"] == {"note": 1, "plan": 1}
    assert found["census"]["hash"] == before, "work is not content that came from input"

    def tamper(text: str) -> list[str]:
        service.store.define([text])
        return list(service.keeping.check(operator)["problems"])

    damaged = tamper(
        "MATCH (w:Work {row_id: 'context:park/plan#2'}) SET w.content = replace(w.content, 'later', 'never')"
    )
    assert any(problem.startswith("work:plan: the content of 1") for problem in damaged)
    moved = tamper("MATCH (w:Work {row_id: 'context:park/note#1'}) SET w.sight = 1")
    assert any(problem.startswith("work:note: the content of 1") for problem in moved)
    lost = tamper("MATCH (w:Work {row_id: 'context:park/note#1'}) DETACH DELETE w")
    assert "work:note: 1 were written, 0 are there" in lost
