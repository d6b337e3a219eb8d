"""
Work in the graph: what the partnership itself makes of its records, such as a context's content, assessments, plans and decisions.

A row of work has the properties of every row (reference model, section 2), is about one subject, and is one version of one thing: a new
version ends the row before it. Rows are never changed. All rows of a thing have one sight, so that its version numbers, counted one by
one, tell nobody of anything that they may not see; what needs more to be seen is a thing of its own.
"""

import datetime as dt
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from graph_service.errors import ConflictError, KeyUsedError
from graph_service.store.bolt import BoltStore
from graph_service.store.census import Census
from graph_service.store.content import digest
from graph_service.store.planning import Planned
from graph_service.store.work_plan import Plan, planned
from graph_service.store.work_rows import Draft, WorkRow, row_of, this_moment
from graph_service.store.writer import StoreWriter, all_there
from queries.loader import load
from queries.records import FAR_FUTURE, Batch
from queries.sight import NOBODY, Sight

__all__ = ["NOW", "Draft", "WorkRow", "WorkStore", "this_moment"]

# The moment to read at for what stands now: before no live row's end, after every row's beginning, whatever this machine's clock says.
NOW: Final = FAR_FUTURE - dt.timedelta(days=1)
_ATTEMPTS: Final = 60
_PAUSE_SECONDS: Final = 0.02
_SECONDS: Final = 10.0
# No command begins so: what is written under none is looked for in vain.
_NO_KEY: Final = "-"


class WorkStore:
    """
    Appends and reads rows of work. Safe to share between threads and between processes.

    Every write of the graph takes its numbers from one counter before anything else, and does nothing when another came between: the counter
    is the common parent that is touched first, so what was read after it stands when the write is made.
    """

    def __init__(self, store: BoltStore) -> None:
        self._store = store
        self._turn = threading.Lock()
        self._random = random.Random()  # noqa: S311  spreads repeats, no secret

    def append(
        self,
        drafts: Sequence[Draft],
        *,
        command_id: str,
        unchanged: Mapping[str, int] | None = None,
        records: Batch | None = None,
        ending: Mapping[str, str] | None = None,
        at: dt.datetime | None = None,
    ) -> dict[str, int]:
        """
        Write the next versions of one or several things, all of them or none.

        Parameters
        ----------
        drafts
            What to write, at most one draft a thing.
        command_id
            Names what is done: sent again, it is done once, and gives what it gave. Of a command `KEY/REQUEST`, one of the same key and
            another request is refused.
        unchanged
            Things that are read but not written, each with the version that must still stand (0: none).
        records
            What is kept of the graph's own records in the same transaction, such as the subject that the drafts are about. The caller holds
            the writer's place.
        ending
            Claims (each id with its type) and mentions (with no type) of the graph whose live rows end in the same transaction.
        at
            The moment from which all of it is known (UTC, whole milliseconds); now where none is given.

        Returns
        -------
        versions
            The version that each thing has now.

        Raises
        ------
        StaleError
            If a thing stands at another version than the draft follows. Nothing was written; its `current` is None, since only who asks
            may say what they may see.
        NotFoundError
            If a subject is not there.
        ValueError
            If a draft would give a thing another sight than it has, or two drafts are of one thing.
        ConflictError
            If other writers kept coming between, or the key of the command was used for something else.
        StoreUnavailableError
            If the store does not answer; the same command again does no harm.
        """
        if len({draft.thing for draft in drafts}) != len(drafts):
            raise ValueError("two drafts of one thing cannot be written together")
        for attempt in range(_ATTEMPTS):
            with self._turn:
                (counter,) = self._store.read(load("store.counter").text, {"name": "claims"}, seconds=_SECONDS)
                held = self._held(
                    [*(d.thing for d in drafts), *(unchanged or {})], command_id, {d.about for d in drafts}
                )
                if held["done"]:
                    return {row["thing"]: row["version"] for row in held["done"]}
                writer = StoreWriter(self._store) if records or ending else None
                with_records = writer.planned(records or Batch(), ending, at) if writer else None
                if with_records is None or with_records.start == counter["n"]:
                    plan = planned(drafts, unchanged or {}, counter, held, command_id, with_records, at)
                    kept = writer.statements if writer else None
                    if not (plan.added or plan.ended) or self._commit(plan, command_id, with_records, kept):
                        return plan.versions
            time.sleep(_PAUSE_SECONDS * self._random.random() * min(attempt + 1, 10))
        raise ConflictError("others are writing to the store; try again in a moment")

    def change_sights(self, sights: Mapping[str, Sight]) -> int:
        """
        Give every row of these things, ended ones too, the sight that it needs today: rights are always today's (reference model, section 3).

        What was declared stays on the row as `declared_sight`. Gives how many rows that were; the same again changes none.

        Raises
        ------
        ValueError
            If a sight would open a thing to somebody to whom what was declared does not.
        ConflictError
            If other writers kept coming between.
        """
        for attempt in range(_ATTEMPTS):
            with self._turn:
                (counter,) = self._store.read(load("store.counter").text, {"name": "claims"}, seconds=_SECONDS)
                rows = self._store.read(load("store.sights_of_work").text, {"things": sorted(sights)}, seconds=_SECONDS)
                if any(not sights[row["thing"]].needs_all_of(Sight.parse(row["declared"])) for row in rows):
                    raise ValueError("rows of work are never opened to more than when they were begun")
                plan = Plan(
                    counter["n"], counter["nids"], counter["rids"], Census.parse(counter["census"]), counter["n"]
                )
                for row in rows:
                    sight = sights[row["thing"]]
                    if row["sight"] not in (sight.sid, NOBODY.sid):
                        plan.sights[sight.sid] = sight.text
                        plan.changed.append({"row_id": row["row_id"], "sight": sight.sid, "seq": plan.next()})
                if not plan.changed or self._commit(plan, "rights"):
                    return len(plan.changed)
            time.sleep(_PAUSE_SECONDS * self._random.random() * min(attempt + 1, 10))
        raise ConflictError("others are writing to the store; try again in a moment")

    def done(self, command_id: str) -> dict[str, int]:
        """
        Give the versions that a command has written; none where it has not been done.

        Raises
        ------
        ConflictError
            If the key of the command was used for something else.
        """
        return {row["thing"]: row["version"] for row in self._held((), command_id)["done"]} if command_id else {}

    def versions(self, things: Iterable[str]) -> dict[str, int]:
        """Give the version at which each of these things stands; one that was ended keeps the number of its last."""
        return {row["thing"]: row["version"] for row in self._held(things)["held"]}

    def sights(self, things: Iterable[str]) -> dict[str, int]:
        """Give the number of the sight that each of these things needs today."""
        return {row["thing"]: row["sight_now"] for row in self._held(things)["held"]}

    def rows(
        self,
        *,
        sights: Sequence[int],
        kinds: Sequence[str] = (),
        about: Sequence[str] = (),
        things: Sequence[str] = (),
        known_at: dt.datetime | None = None,
        with_history: bool = False,
    ) -> list[WorkRow]:
        """
        Give rows of work, oldest first, as far as they are open and were known.

        Parameters
        ----------
        sights
            The numbers of the sights open to whoever asks: the only filter of access.
        kinds, about, things
            Which: by kind, by the uids of their subjects, or by their own ids; at least one of them.
        known_at
            As known at this moment (UTC); None: as it stands now.
        with_history
            Every version known by then, and not only what stood then.
        """
        name, given = _chosen(kinds, about, things)
        given |= {"sights": list(sights), "known_at": known_at or NOW, "history": with_history}
        found = self._store.read(load(name).text, given, seconds=_SECONDS)
        rows = [row_of(found_row["about"], found_row["row"]) for found_row in found]
        return [row for row in rows if not (things and kinds) or row.kind in kinds]

    def touched(
        self, kinds: Sequence[str], after: int, latest: tuple[str, str]
    ) -> tuple[int, list[str] | None, tuple[str, str]]:
        """
        Give the store's number now, the uids of which rows of these kinds were begun or ended since `after`, and the latest of those rows.

        A row is named by its id and the hash of its content, which no other row has. Where `latest` is not there any more the store has
        another history (it was restored), and the uids are None.
        """
        given = {"kinds": list(kinds), "after": after, "row_id": latest[0], "content_hash": latest[1]}
        (row,) = self._store.read(load("work.touched").text, given, seconds=_SECONDS)
        found, same = row["latest"], row["there"] and row["number"] >= after
        newest = (found["row_id"], found["content_hash"]) if found else latest
        return row["number"], row["about"] if same else None, newest

    def _held(self, things: Iterable[str], command: str = "", about: Iterable[str] = ()) -> dict[str, Any]:
        key, has_request, _ = command.rpartition("/")
        key = f"{key}/" if has_request else _NO_KEY
        given = {"things": sorted(set(things)), "command": command, "key": key, "about": sorted(set(about))}
        (row,) = self._store.read(load("store.held_work").text, given, seconds=_SECONDS)
        if row["others"]:
            raise KeyUsedError
        return row

    def _commit(
        self,
        plan: Plan,
        command: str,
        records: Planned | None = None,
        kept: Callable[[Planned, int], list[tuple[str, dict[str, Any]]]] | None = None,
    ) -> bool:
        after = plan.sequence + 1
        numbers = {
            "n": plan.n, "after": after, "nids": plan.nids, "rids": plan.rids, "census": plan.census.text
        }  # fmt: skip
        statements: list[tuple[str, dict[str, Any]]] = [(load("store.take_numbers").text, numbers)]
        if plan.sights:
            sights = [{"sid": sid, "text": text} for sid, text in sorted(plan.sights.items())]
            statements.append((load("store.add_sights").text, {"rows": sights}))
        if records and kept:
            statements += kept(records, after)
        for name, rows in (("store.end_work", plan.ended), ("store.add_work", plan.added)):
            if rows:
                statements.append((load(name).text, {"rows": rows, "after": after}))
        if plan.changed:
            text = load("store.change_node_sights").text.replace("LABEL", "Work")
            statements.append((text, {"rows": plan.changed, "after": after}))
        # The command names what is written, so that the same one over a store that was changed meanwhile is another.
        answers = self._store.write(
            statements,
            command_id=f"work:{command}:{digest(repr(numbers).encode()):032x}",
            seconds=_SECONDS,
            confirm=lambda answers: all_there(statements, answers),
            first_decides=True,
        )
        return answers is None or bool(answers[0])


def _chosen(kinds: Sequence[str], about: Sequence[str], things: Sequence[str]) -> tuple[str, dict[str, Any]]:
    if things:
        return "work.of_things", {"things": list(things)}
    if about:
        return "work.of_subjects", {"about": list(about), "kinds": list(kinds)}
    if kinds:
        return "work.of_kinds", {"kinds": list(kinds)}
    raise ValueError("say which rows: by kind, by subject or by their own ids")
