"""New records in a folder of their own, with a clock that a test moves, and the means to tamper with them."""

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph_service.records import Records

START = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)


class MovedClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> dt.datetime:
        return self.moment

    def forward(self, **by: float) -> None:
        self.moment += dt.timedelta(**by)


def database_file(home: Path) -> Path:
    return home / "accounts.sqlite3"


@contextmanager
def fresh_records(home: Path, clock: MovedClock | None = None, *, url: str = "") -> Iterator[Records]:
    """Open records under `home`, in SQLite unless another address is given."""
    records = Records(url or f"sqlite:///{database_file(home)}", home, clock=clock or MovedClock())
    try:
        records.create_or_migrate()
        records.accounts.ensure_personas()
        yield records
    finally:
        records.close()


@contextmanager
def tampering(home: Path) -> Iterator[sqlite3.Connection]:
    """Open the database as someone would who has the file and no good intentions: without its triggers."""
    connection = sqlite3.connect(database_file(home))
    try:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        connection.commit()
    finally:
        connection.close()
