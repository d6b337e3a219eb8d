"""
A real Neo4j for laptops, tests and CI: fetched, configured, started on loopback, found again and stopped. No Docker, Java or Maven.

Everything is below `HOME/neo4j`, open to this user alone: `password`, `nonce`, `state.json` (process, creation time, port), `conf`, `data`, `logs`.
"""

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from graph_service.errors import LocalStoreError, StoreUnavailableError
from graph_service.store.address import Address
from graph_service.store.artifacts import VERSION, fetch
from graph_service.store.bolt import BoltStore
from graph_service.store.private_file import write_private
from graph_service.store.process import alive, end, ended, ends, find, free_port, listens, start_process
from graph_service.store.provision import java_command, no_java, provision
from graph_service.store.server_settings import configuration, is_small

_LOCK_SECONDS: Final = 240
_START_SECONDS: Final = 180  # a first start on a loaded machine took 20
_ANSWER_SECONDS: Final = 90  # from "Started." to a first answer: at once on a quiet machine, over 20 on a very busy one
_ATTACH_SECONDS: Final = 10  # to the same from a server that runs: on a busy machine one that is sound may be slow
_STOP_SECONDS: Final = 30
_STARTED: Final = "Started."
_PORT_TAKEN: Final = ("Address already in use", "BindException")
_FOLDER_TAKEN: Final = "store_lock"
_PORT_SETTING: Final = re.compile(r"^server\.bolt\.listen_address=127\.0\.0\.1:(\d+)$", re.MULTILINE)
# The store carries the name that its folder was given, so that a copied or exchanged one is noticed.
_OURS: Final = "MERGE (i:Instance {name: 'pmet'}) ON CREATE SET i.nonce = $nonce RETURN i.nonce = $nonce AS ours"


@dataclass(frozen=True, slots=True)
class LocalStatus:
    """What is known of a local server without asking it: `started_at` in seconds since 1970."""

    running: bool
    home: Path
    version: str = VERSION
    uri: str = ""
    pid: int | None = None
    started_at: float | None = None
    supervised: bool = False


@dataclass(frozen=True, slots=True)
class _State:
    """What a starter writes down of the process that it started."""

    pid: int
    created: float
    port: int
    supervised: bool


class LocalNeo4j:
    """
    The Neo4j of one home folder.

    Parameters
    ----------
    home
        `PMET_HOME`. Two folders are two servers.
    java
        A Java 21 other than the wheel's: a path or a command.
    maven_url
        A mirror or folder to fetch the server from.
    progress
        Told, in a line, what takes its time.
    heap
        The most memory that the server's Java may take for itself, as Java writes it.
    quick
        Compile less: starts sooner, serves slower. For tests.
    """

    def __init__(
        self,
        home: Path,
        *,
        java: str | None = None,
        maven_url: str | None = None,
        progress: Callable[[str], None] = lambda _: None,
        heap: str = "1g",
        quick: bool = False,
    ) -> None:
        self.home = home
        self._folder = home.expanduser().resolve() / "neo4j"
        self._java, self._maven_url, self._progress = java, maven_url, progress
        self._heap, self._quick = heap, quick
        self._address: Address | None = None
        self._started_pid: int | None = None

    @property
    def address(self) -> Address:
        """Where the server is. Raises LocalStoreError before `start`."""
        if self._address is None:
            raise LocalStoreError("the local Neo4j has not been started; run `pmet store start`")
        return self._address

    @property
    def started_here(self) -> bool:
        """Whether this very object started the server, rather than found it running."""
        return self._started_pid is not None

    def disk_free(self) -> int:
        """Give the free bytes of the disk that the store is on."""
        return shutil.disk_usage(self._folder if self._folder.exists() else self._folder.anchor).free

    def start(self, supervised: bool) -> Address:
        """
        Start the server, or attach to the one that runs; return when a real query has worked.

        Parameters
        ----------
        supervised
            The server dies with this process, however it ends (on Linux). Otherwise it is left running.

        Raises
        ------
        LocalStoreError
            If it cannot be fetched or started, or what runs there is not ours; says what to do.
        """
        with self._alone():
            if not self._attach():
                class_path = fetch(self._maven_url, progress=self._progress)
                provision(self._folder, class_path, java=self._java, heap=self._heap, quick=self._quick)
                process = self._start_on_a_free_port(supervised)
                self._address = self._check(process, self._port(), patience=_ANSWER_SECONDS)
                self._started_pid = process.pid
                self._settle()
        return self.address

    def _attach(self) -> bool:
        """Take up the server that runs; False when none does, or the one that did was just ending."""
        process = self._process()
        if process is None:
            return False
        try:
            port, state = self._port(), self._state()
            if state is None or state.pid != process.pid:
                self._note(_State(process.pid, process.create_time(), port, supervised=False))
            self._await_started(process)
            self._address = self._check(process, port, patience=_ATTACH_SECONDS)
        except (LocalStoreError, psutil.NoSuchProcess):
            # A server that was killed a moment ago still looks alive.
            if ends(process, seconds=2):
                return False
            raise
        if process.pid != self._started_pid:
            self._started_pid = None
        return True

    def stop(self) -> bool:
        """Stop the server of this folder, whoever started it. Says whether one was running; a stale state is cleared."""
        if not self._folder.exists():
            return False
        with self._alone():
            process = self._process()
            if process is not None:
                end(process, seconds=_STOP_SECONDS)
            self._file("state.json").unlink(missing_ok=True)
            self._address = self._started_pid = None
        return process is not None

    def status(self) -> LocalStatus:
        """Say whether the server runs, without asking it anything."""
        process, state = self._process(), self._state()
        if process is None:
            return LocalStatus(running=False, home=self.home)
        return LocalStatus(
            running=True,
            home=self.home,
            uri=f"bolt://127.0.0.1:{self._port()}",
            pid=process.pid,
            started_at=process.create_time(),
            supervised=state is not None and state.supervised,
        )

    # Files.

    def _file(self, name: str) -> Path:
        return self._folder / name

    @property
    def _marker(self) -> str:
        return f"@{self._file('java.args')}"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold this folder against other starters and stoppers. The lock is the system's, so a dead holder holds nothing."""
        from filelock import FileLock, Timeout

        try:
            self.home.mkdir(parents=True, exist_ok=True)
            self._folder.mkdir(mode=0o700, exist_ok=True)
            with FileLock(self._file("start.lock"), timeout=_LOCK_SECONDS):
                yield
        except Timeout:
            raise LocalStoreError(
                f"another command has been starting the store in {self.home} for minutes; end it and repeat"
            ) from None
        except OSError as error:
            raise LocalStoreError(
                f"the store's folder {self._folder} cannot be used: {error.strerror or type(error).__name__}"
            ) from None

    def _state(self) -> _State | None:
        try:
            found: dict[str, Any] = json.loads(self._file("state.json").read_text(encoding="utf-8"))
            return _State(int(found["pid"]), float(found["created"]), int(found["port"]), bool(found["supervised"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _note(self, state: _State) -> None:
        write_private(self._file("state.json"), json.dumps(asdict(state)))

    def _process(self) -> psutil.Process | None:
        """Find the server's process: the one written down or, when its starter died too soon for that, by its arguments."""
        if not self._folder.exists():
            return None
        state = self._state()
        known = alive(state.pid, state.created, self._marker) if state else None
        return known or find(self._marker)

    def _port(self) -> int:
        text = self._file("conf/neo4j.conf")
        found = _PORT_SETTING.search(text.read_text(encoding="utf-8")) if text.exists() else None
        if found is None:
            raise LocalStoreError(f"the configuration in {self._folder} is not ours; move the folder away and repeat")
        return int(found[1])

    def _log(self) -> str:
        try:
            return self._file("logs/console.log").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    # Starting.

    def _start_on_a_free_port(self, supervised: bool) -> psutil.Process:
        """Start on the last port when it is free, so that whoever was connected finds the server again; else on any."""
        before = self._state()
        for attempt in range(3):
            port = free_port(before.port if before and attempt == 0 else 0)
            write_private(self._file("conf/neo4j.conf"), configuration(port, small_heap=is_small(self._heap)))
            log = self._file("logs/console.log")
            if log.exists():
                log.replace(log.with_suffix(".log.1"))
            self._progress("starting the local Neo4j")
            command = [java_command(self._java), self._marker]
            try:
                pid = start_process(command, folder=self._folder, log=log, dies_with_us=supervised)
                process = psutil.Process(pid)
                state = _State(pid, process.create_time(), port, supervised)
            except (OSError, psutil.Error) as error:
                raise no_java(error) from None
            self._note(state)
            try:
                self._await_started(process)
            except LocalStoreError:
                # Between choosing a port and taking it someone else may have taken it.
                if attempt < 2 and any(sign in self._log() for sign in _PORT_TAKEN):
                    continue
                raise
            return process
        raise AssertionError("unreachable")

    def _await_started(self, process: psutil.Process) -> None:
        """Wait until the console says that the server has started. Asking it before costs half a minute of the driver's patience."""
        until = time.monotonic() + _START_SECONDS
        while _STARTED not in (log := self._log()):
            if ended(process):
                log = self._log()  # its last words came after those above
                if _FOLDER_TAKEN in log:
                    raise LocalStoreError(f"another Neo4j is using {self._folder}; stop that one first")
                raise LocalStoreError(
                    f"the local Neo4j did not start; its last words are in {self._file('logs/console.log')}"
                )
            if time.monotonic() > until:
                raise LocalStoreError(
                    f"the local Neo4j has not started in {_START_SECONDS} s; see {self._file('logs/console.log')}"
                )
            time.sleep(0.05)

    def _check(self, process: psutil.Process, port: int, *, patience: float) -> Address:
        """Ask the server a real question, after making sure that it is ours: the password goes to no other."""
        if not listens(process, port):
            raise LocalStoreError(
                f"port {port} of this machine belongs to another program; run `pmet store stop`, then start again"
            )
        password = self._file("password").read_text(encoding="utf-8").strip()
        nonce = self._file("nonce").read_text(encoding="utf-8").strip()
        address = Address(f"bolt://127.0.0.1:{port}", "neo4j", password)
        with BoltStore(address) as store:
            until = time.monotonic() + patience
            while True:
                try:
                    answers = store.write(
                        [(_OURS, {"nonce": nonce})], command_id=f"nonce {secrets.token_hex(8)}", seconds=5
                    )
                    break
                except StoreUnavailableError:
                    if time.monotonic() > until or ended(process):
                        raise LocalStoreError(
                            "the local Neo4j is running but does not answer; run `pmet store stop`, then `pmet store start`"
                        ) from None
        if answers is None or not answers[0][0]["ours"]:
            raise LocalStoreError(
                f"the store in {self._folder} is not the one that this folder was made for; restore the right one"
            )
        return address

    def _settle(self) -> None:
        """Have the files of a first start on the disk before anyone relies on them."""
        for name in ("data/server_id", "data", "password", "nonce"):
            if (path := self._file(name)).exists() and os.name == "posix":
                handle = os.open(path, os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
