"""
Adding entries to the end of the audit trail: one process at a time, many entries in one commit, on disk before it returns.
"""

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from graph_service.errors import AuditUnavailableError
from graph_service.records.chain import CHAINED, GENESIS, Anchor, AnchorFile, mac_of
from graph_service.records.database import Database
from graph_service.records.keys import Keys
from graph_service.records.tables import AUDIT_ENTRY, AUDIT_OBJECT, AUDIT_PROBE, written

_MOST_AT_ONCE: Final = 200


@dataclass(eq=False)
class _Waiting:
    """An entry that waits for the next group to be written."""

    columns: dict[str, Any]
    objects: list[tuple[str, str]]
    seq: int = 0
    refusal: str | None = None
    done: bool = False


class Appender:
    """Adds entries. Threads that come at once share one commit, so that the trail is not the slowest part of the service."""

    def __init__(self, database: Database, keys: Keys, anchor: AnchorFile, clock: Callable[[], dt.datetime]) -> None:
        self._database, self._keys, self._anchor, self._clock = database, keys, anchor, clock
        self._queue: list[_Waiting] = []
        self._queue_lock, self._writing = threading.Lock(), threading.Lock()
        self._known_trail = False

    def append(self, columns: dict[str, Any], objects: list[tuple[str, str]]) -> int:
        """Add one entry with what it was about, and give its number when it is on disk; AuditUnavailableError if it is not."""
        mine = _Waiting(columns, objects)
        with self._queue_lock:
            self._queue.append(mine)
        with self._writing:
            # Whoever gets here first writes for all that came meanwhile; they find theirs done.
            while not mine.done:
                with self._queue_lock:
                    group, self._queue = self._queue[:_MOST_AT_ONCE], self._queue[_MOST_AT_ONCE:]
                self._settle(group)
        if mine.refusal is not None:
            raise AuditUnavailableError(mine.refusal)
        return mine.seq

    def _settle(self, group: list[_Waiting]) -> None:
        refusal: str | None = str(AuditUnavailableError())
        try:
            self._write(group)
            refusal = None
        except AuditUnavailableError as error:
            refusal = str(error)
        except sa.exc.IntegrityError:
            pass  # another hand added an entry of this number: its words may quote data, ours do not
        finally:
            # Also when we are interrupted: nobody may take an entry for written that is not.
            for one in group:
                one.refusal, one.done = refusal, True

    def _write(self, group: list[_Waiting]) -> None:
        key = self._keys.key("audit")
        with self._database.writing(appending=True) as connection:
            last, rows = self._chain(connection, key, group)
            connection.execute(AUDIT_ENTRY.insert(), rows)
            told = [{"seq": one.seq, "uid": uid, "part": part} for one in group for uid, part in one.objects]
            if told:
                connection.execute(AUDIT_OBJECT.insert(), told)
        # After the commit: the anchor may lag behind a crash, but is never ahead of what was recorded.
        self._anchor.advance(last)

    def _chain(
        self, connection: sa.Connection, key: bytes, group: list[_Waiting]
    ) -> tuple[Anchor, list[dict[str, Any]]]:
        head = self._head(connection, key)
        rows = []
        for one in group:
            one.seq = head.count + 1
            row = {"seq": one.seq, "at": written(self._clock()), **one.columns, "prev": head.head}
            head = Anchor(one.seq, mac_of(key, [row[name] for name in CHAINED]))
            rows.append(row | {"mac": head.head})
        return head, rows

    def _head(self, connection: sa.Connection, key: bytes) -> Anchor:
        """Give the end of the trail, after checking that it is ours and that nothing was cut off it."""
        newest = (
            connection.execute(sa.select(AUDIT_ENTRY).order_by(AUDIT_ENTRY.c.seq.desc()).limit(1)).mappings().first()
        )
        head = Anchor(newest["seq"], newest["mac"]) if newest else Anchor(0, GENESIS)
        if not self._known_trail and newest and mac_of(key, [newest[name] for name in CHAINED]) != newest["mac"]:
            raise AuditUnavailableError(
                "the end of the audit trail does not fit the key of this folder; run `pmet audit verify`"
            )
        anchor = self._anchor.read()
        if anchor is None and newest:
            raise AuditUnavailableError(
                "the audit anchor is missing; put it back from a backup, or run `pmet audit verify`"
            )
        if anchor is not None and not self._meets(connection, anchor, head):
            raise AuditUnavailableError("entries are missing from the end of the audit trail; run `pmet audit verify`")
        self._known_trail = True
        return head

    def _meets(self, connection: sa.Connection, anchor: Anchor, head: Anchor) -> bool:
        if anchor.count in {0, head.count}:
            return anchor.count == 0 or anchor.head == head.head
        there = connection.execute(sa.select(AUDIT_ENTRY.c.mac).where(AUDIT_ENTRY.c.seq == anchor.count)).scalar()
        return there == anchor.head

    def prepare(self) -> None:
        """
        Make the key and the first anchor of an empty trail; leave those of one that has entries.

        Raises
        ------
        AuditUnavailableError
            If there are entries, and their key is missing: a new one would hide that they cannot be verified.
        """
        if self._keys.exists and self._anchor.exists:
            return
        with self._database.reading() as connection:
            begun = connection.execute(sa.select(AUDIT_ENTRY.c.seq).limit(1)).first() is not None
        if not begun:
            self._keys.make()
            self._anchor_new()
        elif not self._keys.exists:
            raise AuditUnavailableError(
                "the key of the audit trail is missing from PMET_HOME; put it back from a backup"
            )

    def _anchor_new(self) -> None:
        self._anchor.advance(Anchor(0, GENESIS))

    def ready(self) -> bool:
        """Say whether an entry could be recorded now: one is written and taken back, and a write is put on disk."""
        try:
            key = self._keys.key("audit")
            with self._database.writing(appending=True) as connection:
                head = self._head(connection, key)
                probe: dict[str, Any] = dict.fromkeys(CHAINED, "") | {
                    "seq": head.count + 1,
                    "objects": 0,
                    "mac": "",
                }
                nested = connection.begin_nested()
                connection.execute(AUDIT_ENTRY.insert(), [probe | {"sequence": None, "returned": None}])
                nested.rollback()
                connection.execute(AUDIT_PROBE.delete())
                connection.execute(AUDIT_PROBE.insert(), [{"id": 1, "at": written(self._clock())}])
        except (AuditUnavailableError, sa.exc.IntegrityError):
            return False
        return True
