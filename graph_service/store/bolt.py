"""
Every call to Neo4j: under a deadline of ours, repeated by class of error, and written once however often it is sent.

The driver's asynchronous form runs on one thread of its own, since only there does a server that hangs end a call in time; callers stay
synchronous. A write is one transaction whose first statement notes its command id: sent again, it changes nothing.
"""

import asyncio
import random
import secrets
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self, TypeAlias, TypeVar

from neo4j import (
    READ_ACCESS,
    WRITE_ACCESS,
    AsyncDriver,
    AsyncGraphDatabase,
    AsyncSession,
    AsyncTransaction,
    Query,
)

from graph_service.errors import DiskFullError, OutcomeUnknownError, StoreFaultError, StoreUnavailableError
from graph_service.store.address import Address
from graph_service.store.failures import Meaning, meaning, told
from graph_service.store.values import check_parameters, to_python
from queries.errors import PmetError

Row: TypeAlias = dict[str, Any]
Statement: TypeAlias = tuple[str, Mapping[str, Any]]
_T = TypeVar("_T")

FLOOR_BYTES: Final = 1_000_000_000
_GRACE_SECONDS: Final = 1.0  # of our deadline beyond the server's own limit
_LOOK_UP_SECONDS: Final = 1.0
_READ_ATTEMPTS: Final = 3
_LOCKED_OUT_SECONDS: Final = 5.2  # a little more than dbms.security.auth_lock_time
_NOTE_COMMAND: Final = """
MERGE (c:Command {id: $command}) ON CREATE SET c.token = $token, c.at = datetime()
RETURN c.token = $token AS new
"""
_FIND_COMMAND: Final = "MATCH (c:Command {id: $command}) RETURN count(c) AS n"
_READY: Final = "MATCH (c:Counter) RETURN count(c) AS n"


class BoltStore:
    """
    A Neo4j, asked over Bolt.

    Parameters
    ----------
    address
        Where it is. Addresses that begin with `neo4j` are routed, and each read sees the writes before it.
    disk_free
        Gives the free bytes of the disk that the store is on, where it is on this machine; writes are refused below 1 GB.

    Notes
    -----
    `read`, `write` and the rest may be called from any thread but the store's own. Errors are raised without the server's words,
    which can quote a person's data.
    """

    def __init__(self, address: Address, *, disk_free: Callable[[], int] | None = None) -> None:
        self.address = address
        self._disk_free = disk_free
        self._random = random.Random()  # noqa: S311  spreads repeats, no secret
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bolt", daemon=True)
        self._thread.start()
        self._closed = False
        self._bookmarks = AsyncGraphDatabase.bookmark_manager() if address.uri.startswith("neo4j") else None
        try:
            self._driver: AsyncDriver = self._wait(self._open(), 5)
        except BaseException:
            self._end_loop()
            raise

    def read(self, text: str, parameters: Mapping[str, Any] | None = None, *, seconds: float = 5.0) -> list[Row]:
        """
        Ask one question and give its rows as plain values.

        Raises
        ------
        StoreUnavailableError
            If no answer came within `seconds` and one more.
        StoreFaultError
            If the store refuses the statement.
        """
        rows = self._read(text, parameters or {}, seconds)
        return [{key: to_python(value) for key, value in row.items()} for row in rows]

    def write(
        self,
        statements: Sequence[Statement],
        *,
        command_id: str,
        seconds: float = 30.0,
        confirm: Callable[[Sequence[list[Row]]], bool] | None = None,
        first_decides: bool = False,
    ) -> list[list[Row]] | None:
        """
        Run statements in one transaction, once for this command id however often it is sent.

        Parameters
        ----------
        statements
            Texts with their parameters, in order.
        command_id
            Names what is done: sent again, it is done once.
        seconds
            The server's time for the transaction.
        confirm
            Looks at the rows of each statement before anything is kept; where it says no, nothing is.
        first_decides
            Where the first statement gives no row, the others are not run and nothing is kept, the command neither; the answer is then
            that of the first statement alone.

        Returns
        -------
        answers
            The rows of each statement; None when this command had been carried out before, and nothing was done now.

        Raises
        ------
        ConflictError
            If a unique key is taken already.
        OutcomeUnknownError
            If no answer came within `seconds` and two more. The same command may be sent again.
        StoreUnavailableError
            If the store is busy, down or its disk nearly full: nothing was written.
        StoreFaultError
            If `confirm` says no: nothing was written.
        """
        self._refuse_on_a_full_disk()
        for _, parameters in statements:
            check_parameters(parameters)
        return self._wait(
            self._write(statements, command_id, seconds, confirm, first_decides),
            seconds + _GRACE_SECONDS + _LOOK_UP_SECONDS,
        )

    def define(self, statements: Sequence[str], *, seconds: float = 60.0) -> None:
        """Run statements that may be repeated without harm, each in a transaction of its own: constraints and indexes."""
        self._refuse_on_a_full_disk()
        self._wait(self._define(statements, seconds), seconds * 2)

    def ready(self, *, seconds: float = 2.0) -> bool:
        """Say whether a real query on the store works now."""
        try:
            self.read(_READY, seconds=seconds)
        except PmetError:
            return False
        return True

    def close(self) -> None:
        """End all connections. May be repeated."""
        if self._closed:
            return
        self._closed = True
        try:
            self._wait(self._shut(), 5)
        finally:
            self._end_loop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Between threads.

    def _wait(self, work: Coroutine[Any, Any, _T], seconds: float) -> _T:
        """Run `work` on the store's thread. Its own deadlines end it; this one is for a thread that has stopped running."""
        if not self._loop.is_running() and self._closed:
            work.close()
            raise StoreUnavailableError("the connection to the graph store is closed")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(seconds + 3)
        except TimeoutError:
            raise StoreUnavailableError from None
        finally:
            future.cancel()  # when the caller was interrupted; does nothing to what has ended

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        if not self._loop.is_running():
            self._loop.close()

    def _refuse_on_a_full_disk(self) -> None:
        if self._disk_free is not None and (free := self._disk_free()) < FLOOR_BYTES:
            raise DiskFullError(free, FLOOR_BYTES)

    # On the store's thread.

    async def _open(self) -> AsyncDriver:
        return AsyncGraphDatabase.driver(
            self.address.uri,
            auth=(self.address.user, self.address.password),
            max_connection_pool_size=20,
            connection_acquisition_timeout=5,
            connection_timeout=3,
            max_transaction_retry_time=8,
            liveness_check_timeout=30,
            telemetry_disabled=True,
            notifications_min_severity="OFF",  # notifications quote statements, and warn of labels that are not used yet
            user_agent="pmet",
        )

    async def _shut(self) -> None:
        try:
            async with asyncio.timeout(2):
                await self._driver.close()
        except TimeoutError:
            pass  # a server that hangs does not hear goodbye

    def _session(self, access: str) -> AsyncSession:
        return self._driver.session(
            database=self.address.database, default_access_mode=access, bookmark_manager=self._bookmarks
        )

    def _read(self, text: str, parameters: Mapping[str, Any], seconds: float) -> list[Row]:
        check_parameters(parameters)
        query = Query(text, timeout=seconds)

        async def once() -> list[Row]:
            async with self._session(READ_ACCESS) as session:
                result = await session.run(query, dict(parameters))
                return [dict(zip(record.keys(), record.values(), strict=True)) async for record in result]

        return self._wait(self._repeated(once, seconds + _GRACE_SECONDS, writing=False), seconds + _GRACE_SECONDS)

    async def _write(
        self,
        statements: Sequence[Statement],
        command: str,
        seconds: float,
        confirm: Callable[[Sequence[list[Row]]], bool] | None,
        first_decides: bool,
    ) -> list[list[Row]] | None:
        async def once() -> list[list[Row]] | None:
            async with (
                self._session(WRITE_ACCESS) as session,
                await session.begin_transaction(timeout=seconds) as transaction,
            ):
                noted = await _rows(transaction, (_NOTE_COMMAND, {"command": command, "token": secrets.token_hex(8)}))
                if not noted[0]["new"]:
                    return None
                answers: list[list[Row]] = []
                for statement in statements:
                    answers.append(await _rows(transaction, statement))
                    if first_decides and not answers[0]:
                        await transaction.rollback()
                        return answers
                if confirm is not None and not confirm(answers):
                    await transaction.rollback()
                    raise StoreFaultError("WrittenRowsDiffer", "nothing was written")
                await transaction.commit()
                return answers

        try:
            return await self._repeated(once, seconds + _GRACE_SECONDS, writing=True)
        except OutcomeUnknownError:
            if await self._was_done(command):
                return None
            raise

    async def _was_done(self, command: str) -> bool:
        try:
            async with asyncio.timeout(_LOOK_UP_SECONDS), self._session(READ_ACCESS) as session:
                result = await session.run(_FIND_COMMAND, {"command": command})
                record = await result.single(strict=True)
                return bool(record["n"])
        except Exception as error:  # noqa: BLE001  as below
            if meaning(error) is Meaning.FINAL:
                raise told(error, writing=False) from None
            return False

    async def _define(self, statements: Sequence[str], seconds: float) -> None:
        for text in statements:

            async def once(text: str = text) -> None:
                async with self._session(WRITE_ACCESS) as session:
                    await (await session.run(Query(text, timeout=seconds))).consume()

            await self._repeated(once, seconds, writing=False)

    async def _repeated(self, once: Callable[[], Awaitable[_T]], seconds: float, *, writing: bool) -> _T:
        """
        Do a transaction, again while its errors allow and the deadline is not past.

        A read that finds no server gives up after three attempts: whoever waits for a page is told at once. A write rides out a restart.
        """
        end, pause, unanswered = time.monotonic() + seconds, 0.05, 0
        while True:
            try:
                async with asyncio.timeout(end - time.monotonic()):
                    return await once()
            except Exception as error:  # noqa: BLE001  whatever the driver raises, its words go no further
                means = meaning(error)
                unanswered += means is Meaning.UNKNOWN
                wait = _LOCKED_OUT_SECONDS if means is Meaning.LOCKED_OUT else pause * (0.5 + self._random.random())
                tired = unanswered >= _READ_ATTEMPTS and not writing
                if means is Meaning.FINAL or tired or time.monotonic() + wait >= end:
                    raise told(error, writing=writing) from None
            await asyncio.sleep(wait)
            pause = min(pause * 2, 1.0)


async def _rows(transaction: AsyncTransaction, statement: Statement) -> list[Row]:
    text, parameters = statement
    result = await transaction.run(text, dict(parameters))
    return [dict(zip(record.keys(), map(to_python, record.values()), strict=True)) async for record in result]
