"""The one way to the accounts and audit database: SQLite in a file by default, PostgreSQL by URL."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from graph_service.errors import AuditUnavailableError
from graph_service.records.migrations import NEWEST

_WAIT_SECONDS: Final = 5
_MIGRATION_SECONDS: Final = 120  # of waiting for another process that makes the tables, on a busy machine
# Any number will do, as long as nothing else in the database locks it.
_AUDIT_LOCK: Final = 7_304_021_116
_MIGRATION_LOCK: Final = 7_304_021_117


class Database:
    """
    Hands out connections for reading and for writing. Safe to share between threads; two processes may use one database.

    A write in SQLite takes its lock at once (`BEGIN IMMEDIATE`), so that what it read first is still so when it writes; it is on disk
    when it has returned (WAL, `synchronous=FULL`).

    Raises
    ------
    AuditUnavailableError
        From `reading` and `writing`, when the database cannot be used. Its text never holds the database's own words, which may quote data.
    """

    def __init__(self, url: str) -> None:
        address = sa.make_url(url)
        if address.drivername in {"postgres", "postgresql"}:
            address = address.set(drivername="postgresql+psycopg")
        self.is_sqlite = address.get_backend_name() == "sqlite"
        self._file = Path(address.database) if self.is_sqlite and address.database else None
        self._migrating = threading.Lock()
        try:
            self._engine = sa.create_engine(address, **self._options())
        except ModuleNotFoundError:
            raise AuditUnavailableError(
                "PMET_DATABASE_URL names a PostgreSQL database, but its driver is not installed: install psycopg[binary]"
            ) from None
        event.listen(self._engine, "begin", self._begin)
        if self.is_sqlite:
            event.listen(self._engine, "connect", _set_up_sqlite)

    def _options(self) -> dict[str, Any]:
        if self.is_sqlite:
            return {"connect_args": {"timeout": _WAIT_SECONDS}}
        return {"connect_args": {"connect_timeout": _WAIT_SECONDS}, "pool_pre_ping": True}

    def _begin(self, connection: sa.Connection) -> None:
        if self.is_sqlite:
            options = connection.get_execution_options()
            connection.exec_driver_sql(f"PRAGMA busy_timeout={options.get('patience', _WAIT_SECONDS) * 1000}")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writing") else "BEGIN")

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a transaction in which everything read is of one moment."""
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with (
            self._speaking_plainly(),
            self._engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def writing(self, *, appending: bool = False, patience: int = _WAIT_SECONDS) -> Iterator[sa.Connection]:
        """
        Open a transaction that writes; `appending` lets only one at a time add to the audit trail, in whatever process.

        In SQLite another's write is waited for as long as `patience` (s).
        """
        with (
            self._speaking_plainly(),
            self._engine.connect().execution_options(writing=True, patience=patience) as connection,
            connection.begin(),
        ):
            if appending and not self.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_AUDIT_LOCK)))
            yield connection

    @contextmanager
    def _speaking_plainly(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.IntegrityError:
            raise  # two of the same: the caller knows what that means
        except (SQLAlchemyError, OSError):
            raise AuditUnavailableError(
                "the accounts and audit database cannot be used; nothing is answered without its record. "
                "Check PMET_DATABASE_URL, the free disk space and the rights of PMET_HOME"
            ) from None

    def migrate(self) -> None:
        """
        Make the tables, or bring them up to date. Takes a few milliseconds when they are.

        Raises
        ------
        AuditUnavailableError
            If the database cannot be used, or was made by a newer version of the service.
        """
        self._make_private()
        with self.reading() as connection:
            if _version(connection) == NEWEST:
                return
        with self._migrating, self.writing(patience=_MIGRATION_SECONDS) as connection:
            if not self.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            # Another process may have made them while this one waited.
            if _version(connection) != NEWEST:
                _upgrade(connection)

    def _make_private(self) -> None:
        # The write-ahead log and its index take their rights from the database file, so it is made first.
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self._file, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError:
            raise AuditUnavailableError(
                f"{self._file} cannot be made or written; check the rights of PMET_HOME and the free disk space"
            ) from None

    def close(self) -> None:
        """Let every connection go."""
        self._engine.dispose()


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN, not the driver
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",  # without it, REPLACE would delete a row and no trigger would see it
        f"busy_timeout={_WAIT_SECONDS * 1000}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise AuditUnavailableError(
            "the accounts and audit database was made by a newer version of this service; install that version"
        ) from None
