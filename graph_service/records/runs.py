"""What became of each import: kept so that people see that their file went in, and what was wrong with it."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa

from graph_service.errors import NotFoundError
from graph_service.records.chain import now
from graph_service.records.database import Database
from graph_service.records.tables import INGEST_RUN

_PROBLEMS_KEPT: Final = 5000


class Runs:
    """Keeps the runs of imports. The names of files are kept only as a hash: people put children's names in them."""

    def __init__(self, database: Database, clock: Callable[[], dt.datetime] = now) -> None:
        self._database, self._clock = database, clock

    def start(self, kind: str, file_names: Iterable[str], *, account: str, dry_run: bool = False) -> str:
        """Begin a run in the state `running`, and give its id."""
        names = sorted(file_names)
        run = secrets.token_hex(16)
        row = {
            "id": run,
            "kind": kind,
            "files": len(names),
            "files_hash": hashlib.sha256("\n".join(names).encode("utf-8", "surrogatepass")).hexdigest(),
            "account": account,
            "dry_run": dry_run,
            "state": "running",
            "started_at": self._clock(),
            "counts": {},
            "problems": [],
        }
        with self._database.writing() as connection:
            connection.execute(INGEST_RUN.insert(), [row])
        return run

    def finish(
        self, run: str, state: str, counts: Mapping[str, Any], problems: Iterable[Mapping[str, Any]] = ()
    ) -> None:
        """
        End a run as `done`, `refused` or `failed`, with its counts and the first 5,000 of its problems.

        Raises
        ------
        NotFoundError
            If there is no such run.
        """
        kept = [dict(problem) for problem, _ in zip(problems, range(_PROBLEMS_KEPT), strict=False)]
        values = {"state": state, "ended_at": self._clock(), "counts": dict(counts), "problems": kept}
        with self._database.writing() as connection:
            if not connection.execute(INGEST_RUN.update().where(INGEST_RUN.c.id == run).values(**values)).rowcount:
                raise NotFoundError

    def latest(self, limit: int = 50) -> list[dict[str, Any]]:
        """List runs, newest first, without their problems; one that is `running` and old was interrupted."""
        shown = [column for column in INGEST_RUN.columns if column.name not in {"problems", "files_hash"}]
        chosen = sa.select(*shown).order_by(INGEST_RUN.c.started_at.desc(), INGEST_RUN.c.id).limit(limit)
        with self._database.reading() as connection:
            return [dict(row) for row in connection.execute(chosen).mappings()]

    def get(self, run: str) -> dict[str, Any]:
        """
        Give one run with its problems.

        Raises
        ------
        NotFoundError
            If there is no such run.
        """
        with self._database.reading() as connection:
            row = connection.execute(sa.select(INGEST_RUN).where(INGEST_RUN.c.id == run)).mappings().first()
        if row is None:
            raise NotFoundError
        return dict(row)
