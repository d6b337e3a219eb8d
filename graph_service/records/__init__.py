"""Accounts, sessions, imports and the audit trail: one database beside the graph, SQLite by default, PostgreSQL by URL."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from graph_service.records.accounts import Accounts
from graph_service.records.audit import Audit, Event
from graph_service.records.census import CensusRecord
from graph_service.records.chain import Anchor, AnchorFile, now
from graph_service.records.database import Database
from graph_service.records.errors import AccountError, SignInRefusedError, TooManyTriesError
from graph_service.records.keys import Keys
from graph_service.records.repeats import KeptAnswer, Repeats
from graph_service.records.runs import Runs
from graph_service.records.sessions import Sessions, Tokens
from graph_service.records.verification import Problem, Verification

__all__ = [
    "AccountError",
    "Anchor",
    "Event",
    "KeptAnswer",
    "Problem",
    "Records",
    "SignInRefusedError",
    "TooManyTriesError",
    "Verification",
]


class Records:
    """
    Everything that is kept beside the graph, over one database.

    Parameters
    ----------
    database_url
        As SQLAlchemy writes an address: `sqlite:///FILE` or `postgresql://…`.
    home
        The folder of the service; its key file and its audit anchor are kept there, and never in the database.
    clock
        Gives this moment in UTC.
    """

    def __init__(self, database_url: str, home: Path, *, clock: Callable[[], dt.datetime] = now) -> None:
        self._database = Database(database_url)
        self._home, self._keys = home, Keys(home / "records.key")
        self._clock = clock
        self.accounts = Accounts(self._database, clock)
        self.sessions = Sessions(self._database, self.accounts, self._keys, clock)
        self.tokens = Tokens(self._database, self.accounts, clock)
        self.audit = Audit(self._database, self._keys, AnchorFile(home / "audit.anchor", self._keys), clock)
        self.runs = Runs(self._database, clock)
        self.census = CensusRecord(self._database, self._keys, clock)
        self.repeats = Repeats(self._database, clock)

    def create_or_migrate(self) -> None:
        """
        Make the database, the key and the anchor, or bring them up to date; a few milliseconds when they are.

        Raises
        ------
        AuditUnavailableError
            If the database cannot be used, or a trail that has entries is without its key.
        """
        self._database.migrate()
        self.audit.prepare()

    def key(self, use: str) -> bytes:
        """Give the key of this service for one use, such as `pseudonyms`."""
        return self._keys.key(use)

    def close(self) -> None:
        """Let the database go."""
        self._database.close()
