"""Whether the audit trail is as it was written: every entry, their order, what they were about, and where they end."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from graph_service.errors import AuditUnavailableError
from graph_service.records.chain import CHAINED, GENESIS, Anchor, AnchorFile, mac_of, objects_hash
from graph_service.records.database import Database
from graph_service.records.tables import AUDIT_ENTRY, AUDIT_OBJECT

_AT_ONCE: Final = 5000
_TOLD: Final = 100  # problems told; a trail with more is not read entry by entry
_SEQ, _PREV = CHAINED.index("seq"), CHAINED.index("prev")
_HASH, _OBJECTS = CHAINED.index("objects_hash"), CHAINED.index("objects")


@dataclass(frozen=True, slots=True)
class Problem:
    """One place where the trail is not as it was written: the number of the entry, and what is wrong in plain words."""

    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of checking the trail: how many entries it has, where it ends, and the first hundred problems."""

    entries: int
    head: str
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """Give it as the command line and the API print it."""
        told = [{"seq": problem.seq, "what": problem.what} for problem in self.problems]
        return {"ok": self.ok, "entries": self.entries, "head": self.head, "problems": told}


def verify(database: Database, key: bytes, anchor: AnchorFile | None, others: Iterable[Anchor]) -> Verification:
    """Check the whole trail in one reading; entries that are added meanwhile do not disturb it."""
    anchors, problems = _anchors(anchor, others)
    wanted = {known.count for known in anchors}
    codes: dict[int, str] = {0: GENESIS}
    count, head, expected = 0, GENESIS, 1
    # Both readings are closed by hand: on PostgreSQL each is a cursor in the server, and either may end early.
    with database.reading() as connection, closing(_rows(connection)) as rows, closing(_told(connection)) as listed:
        told = _objects(listed)
        waiting = next(told, None)
        for row in rows:
            seq, mac = row[_SEQ], row[-1]
            problems += _faults(key, row, expected, head)
            while waiting is not None and waiting[0] < seq:
                problems.append(Problem(waiting[0], "subjects are listed for an entry that is not there"))
                waiting = next(told, None)
            about: Sequence[tuple[str, str]] = ()
            if waiting is not None and waiting[0] == seq:
                about, waiting = waiting[1], next(told, None)
            if len(about) != row[_OBJECTS] or objects_hash(about) != row[_HASH]:
                problems.append(Problem(seq, "the list of whom and what this entry was about was changed"))
            if seq in wanted:
                codes[seq] = mac
            count, head, expected = count + 1, mac, seq + 1
            if len(problems) >= _TOLD:
                return Verification(count, head, tuple(problems[:_TOLD]))
        if waiting is not None:
            problems.append(Problem(waiting[0], "subjects are listed for an entry that is not there"))
    if anchor is not None and not anchor.exists and count:
        problems.append(Problem(count, "the anchor beside the trail is missing, so a cut end could not be seen"))
    for known in anchors:
        if known.count >= expected:
            problems.append(Problem(expected, f"the end was cut off: there were {known.count} entries"))
        elif codes.get(known.count) != known.head:
            problems.append(
                Problem(known.count, "this is another trail than the anchor saw: it was replaced or rolled back")
            )
    return Verification(count, head, tuple(problems[:_TOLD]))


def _anchors(file: AnchorFile | None, others: Iterable[Anchor]) -> tuple[list[Anchor], list[Problem]]:
    # Read before the trail is, so that the trail is at least as long.
    anchors, problems = list(others), []
    try:
        known = file.read() if file is not None else None
    except AuditUnavailableError:
        known = None
        problems.append(Problem(0, "the anchor beside the trail is damaged or was changed"))
    return ([*anchors, known] if known else anchors), problems


def _faults(key: bytes, row: Sequence[Any], expected: int, head: str) -> list[Problem]:
    seq = row[_SEQ]
    faults = []
    if seq < expected:
        faults.append(Problem(seq, "this entry is out of its place"))
    elif seq > expected:
        gap = f"entry {expected} is" if seq == expected + 1 else f"entries {expected} to {seq - 1} are"
        faults.append(Problem(seq, f"{gap} missing before this one"))
    elif row[_PREV] != head:
        faults.append(Problem(seq, "this entry does not follow the one before it: one of them was replaced or moved"))
    if mac_of(key, row[:-1]) != row[-1]:
        faults.append(Problem(seq, "this entry was changed, or not written by this service"))
    return faults


def _rows(connection: sa.Connection) -> "sa.CursorResult[Any]":
    columns = [AUDIT_ENTRY.c[name] for name in (*CHAINED, "mac")]
    return connection.execute(sa.select(*columns).order_by(AUDIT_ENTRY.c.seq).execution_options(yield_per=_AT_ONCE))


def _told(connection: sa.Connection) -> "sa.CursorResult[Any]":
    columns = (AUDIT_OBJECT.c.seq, AUDIT_OBJECT.c.uid, AUDIT_OBJECT.c.part)
    return connection.execute(sa.select(*columns).order_by(AUDIT_OBJECT.c.seq).execution_options(yield_per=_AT_ONCE))


def _objects(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    for seq, group in itertools.groupby(rows, key=lambda row: int(row[0])):
        yield seq, [(row[1], row[2]) for row in group]
