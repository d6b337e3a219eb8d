"""Requests that carry a key of their own (`Idempotency-Key`): the same key does the same thing once."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from graph_service.errors import ConflictError, KeyUsedError
from graph_service.records.chain import now
from graph_service.records.database import Database
from graph_service.records.tables import REPEAT

# Answers hold case data, so they are kept no longer than a client goes on trying.
KEPT_FOR: Final = dt.timedelta(hours=24)
# A request that never finished was cut off; after this its key may be tried again.
_GIVEN_UP: Final = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer that was given to the first request of this key."""

    status: int
    response: str


class Repeats:
    """Remembers answers by account and key."""

    def __init__(self, database: Database, clock: Callable[[], dt.datetime] = now) -> None:
        self._database, self._clock = database, clock

    def begin(self, account: str, key: str, request_hash: str) -> KeptAnswer | None:
        """
        Take a key for a request; give the answer that is there already, or None: then do it, and call `finish` or `forget`.

        Raises
        ------
        ConflictError
            If the key was used for another request, or the first one is still at work.
        """
        moment = self._clock()
        mine = (REPEAT.c.account == account) & (REPEAT.c.key == key)
        with self._database.writing() as connection:
            connection.execute(REPEAT.delete().where(REPEAT.c.created_at < moment - KEPT_FOR))
            connection.execute(
                REPEAT.delete().where(mine, REPEAT.c.status.is_(None), REPEAT.c.created_at < moment - _GIVEN_UP)
            )
            there = connection.execute(sa.select(REPEAT).where(mine)).first()
            if there is None:
                row = {"account": account, "key": key, "request_hash": request_hash, "created_at": moment}
                try:
                    connection.execute(REPEAT.insert(), [row])
                except sa.exc.IntegrityError:
                    raise ConflictError("a request with this key is being answered; try again shortly") from None
                return None
        if there.request_hash != request_hash:
            raise KeyUsedError
        if there.status is None:
            raise ConflictError("a request with this key is being answered; try again shortly")
        return KeptAnswer(there.status, there.response)

    def finish(self, account: str, key: str, status: int, response: str) -> None:
        """Keep the answer for the same request again."""
        mine = (REPEAT.c.account == account) & (REPEAT.c.key == key)
        with self._database.writing() as connection:
            connection.execute(REPEAT.update().where(mine).values(status=status, response=response))

    def forget(self, account: str, key: str) -> None:
        """Let a key go whose request failed, so that it may be tried again."""
        mine = (REPEAT.c.account == account) & (REPEAT.c.key == key)
        with self._database.writing() as connection:
            connection.execute(REPEAT.delete().where(mine, REPEAT.c.status.is_(None)))
