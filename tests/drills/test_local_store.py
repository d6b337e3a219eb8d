"""The local Neo4j under bad luck: started twice, killed, stopped dead, robbed of its files. Each drill leaves the server as it found it."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from graph_service.errors import LocalStoreError, OutcomeUnknownError, StoreUnavailableError
from graph_service.store import local
from graph_service.store.bolt import BoltStore
from graph_service.store.local import LocalNeo4j
from graph_service.store.schema import ensure_schema

pytestmark = [pytest.mark.drill, pytest.mark.store]

START = """
import sys
from pathlib import Path
from graph_service.store.local import LocalNeo4j
server = LocalNeo4j(Path(sys.argv[1]), heap="512m", quick=True)
server.start(supervised=sys.argv[2] == "supervised")
print(server.status().pid, server.started_here, flush=True)
if sys.argv[2] == "supervised":
    sys.stdin.read()
"""
ADD = "CREATE (n:Entity {uid: $uid}) RETURN n.uid"
# How long to wait for what must come: no drill measures how quick this machine is, and one that fails here has hung.
PATIENCE = 300
FILES = ("state.json", "nonce", "conf/neo4j.conf")


def starter(home: Path, how: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", START, str(home), how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def new_server(home: Path) -> LocalNeo4j:
    return LocalNeo4j(home, heap="512m", quick=True)


def process_of(server: LocalNeo4j) -> psutil.Process:
    pid = server.status().pid
    assert pid is not None
    return psutil.Process(pid)


def servers_of(home: Path) -> list[int]:
    marker = f"@{home.resolve() / 'neo4j' / 'java.args'}"
    found = []
    for process in psutil.process_iter():
        try:
            if marker in process.cmdline():
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def until(seen: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if seen():
            return True
        time.sleep(0.05)
    return seen()


def killed(server: LocalNeo4j) -> None:
    """Kill a server, and wait until it is gone: the signal has been sent, not obeyed, when `kill` returns."""
    process = process_of(server)
    process.kill()
    process.wait(PATIENCE)


@contextmanager
def stopped(process: psutil.Process) -> Iterator[None]:
    """Stop a process where it stands, every thread of it, and let it go on at the end."""
    process.suspend()
    try:
        # The signal has been sent when this returns; the threads obey it one after another.
        assert until(lambda: stands(process))
        yield
    finally:
        process.resume()


def stands(process: psutil.Process) -> bool:
    """Say whether a process is stopped; where the machine tells of its threads, each of them."""
    if process.status() != psutil.STATUS_STOPPED:
        return False
    for thread in Path(f"/proc/{process.pid}/task").glob("*/stat"):
        with suppress(OSError):  # one that has ended meanwhile
            if thread.read_text().rpartition(")")[2].split()[0] != "T":
                return False
    return True


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, artifacts: None) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("drills") / "a home with spaces"
    yield home
    new_server(home).stop()


@pytest.fixture
def server(folder: Path) -> LocalNeo4j:
    found = new_server(folder)
    found.start(supervised=False)
    return found


@pytest.fixture
def bolt(server: LocalNeo4j) -> Iterator[BoltStore]:
    with BoltStore(server.address) as store:
        ensure_schema(store)
        yield store


def test_three_starts_at_once_give_one_server_that_outlives_them(folder: Path) -> None:
    starters = [starter(folder, "detached") for _ in range(3)]
    said = [process.communicate(timeout=PATIENCE)[0].split() for process in starters]
    assert len({pid for pid, _ in said}) == 1
    assert sorted(started for _, started in said) == ["False", "False", "True"]
    assert servers_of(folder) == [int(said[0][0])]


def test_a_second_start_attaches(server: LocalNeo4j, folder: Path) -> None:
    again, running = new_server(folder), process_of(server)
    assert again.start(supervised=True) == server.address
    assert not again.started_here
    assert servers_of(folder) == [running.pid]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_detached_server_holds_no_file_of_its_starter(server: LocalNeo4j, folder: Path) -> None:
    process = process_of(server)
    opened = set()
    for entry in Path(f"/proc/{process.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # a server at work opens and closes files meanwhile
            opened.add(str(entry.readlink()))
    assert opened
    assert not {name for name in opened if "start.lock" in name}
    inside = str(folder.resolve() / "neo4j")
    for number, name in ((0, "/dev/null"), (1, f"{inside}/logs/console.log"), (2, f"{inside}/logs/console.log")):
        assert str(Path(f"/proc/{process.pid}/fd/{number}").readlink()) == name
    assert process.cwd() == inside
    assert os.getsid(process.pid) == process.pid
    assert not {name for name in process.environ() if name.startswith(("PMET_", "JAVA_TOOL", "PYTEST"))}


def test_the_password_is_in_no_process_list_and_no_file_that_others_may_read(server: LocalNeo4j, folder: Path) -> None:
    inside = folder / "neo4j"
    password = (inside / "password").read_text()
    assert password not in " ".join(process_of(server).cmdline())
    assert password not in repr(server.address)
    assert inside.stat().st_mode & 0o077 == 0
    assert (inside / "password").stat().st_mode & 0o077 == 0


def test_a_killed_server_recovers_with_all_that_was_acknowledged(server: LocalNeo4j, bolt: BoltStore) -> None:
    acknowledged: list[str] = []
    gone = threading.Event()

    def write(writer: int) -> None:
        number = 0
        while not gone.is_set():
            number += 1
            uid = f"kill {writer} {number}"
            with suppress(StoreUnavailableError):
                bolt.write([(ADD, {"uid": uid})], command_id=uid, seconds=1)
                acknowledged.append(uid)

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, number) for number in range(4)]
        try:
            assert until(lambda: len(acknowledged) > 60)
            killed(server)
        finally:
            gone.set()
        for writer in writers:
            writer.result(PATIENCE)
    assert not bolt.ready()
    assert server.start(supervised=False) == bolt.address, "the same port, so that whoever was connected finds it again"
    assert bolt.ready()
    held = [
        row["uid"]
        for row in bolt.read("MATCH (n:Entity) WHERE n.uid STARTS WITH 'kill ' RETURN n.uid AS uid", seconds=PATIENCE)
    ]
    assert set(acknowledged) <= set(held)
    assert len(held) == len(set(held))


def test_a_write_rides_out_a_restart_and_takes_effect_once(server: LocalNeo4j, bolt: BoltStore) -> None:
    killed(server)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(bolt.write, [(ADD, {"uid": "rode out"})], command_id="rode out", seconds=PATIENCE)
        server.start(supervised=False)
        waiting.result(PATIENCE + 10)
    assert bolt.write([(ADD, {"uid": "rode out"})], command_id="rode out") is None
    assert bolt.read("MATCH (n:Entity {uid: 'rode out'}) RETURN count(n) AS n") == [{"n": 1}]


def test_a_server_that_hangs_is_given_up_in_time_and_serves_again_after(
    server: LocalNeo4j, bolt: BoltStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would never answer on a connection that is open: that a call ends at all is its own deadline at work."""
    bolt.read("RETURN 1 AS n")

    def ask(_: int) -> None:
        with pytest.raises(StoreUnavailableError):
            bolt.read("RETURN 1 AS n", seconds=2)

    with stopped(process_of(server)):
        with ThreadPoolExecutor(8) as pool:
            for asked in [pool.submit(ask, number) for number in range(8)]:
                asked.result(PATIENCE)
        with pytest.raises(OutcomeUnknownError):
            bolt.write([(ADD, {"uid": "hung"})], command_id="hung", seconds=1)
        monkeypatch.setattr(local, "_ATTACH_SECONDS", 0)
        with pytest.raises(LocalStoreError, match="does not answer"):
            new_server(server.home).start(supervised=False)
    assert until(bolt.ready)
    bolt.write([(ADD, {"uid": "hung"})], command_id="hung")
    assert bolt.read("MATCH (n:Entity {uid: 'hung'}) RETURN count(n) AS n") == [{"n": 1}]


def test_a_server_whose_starter_died_before_writing_it_down_is_found(server: LocalNeo4j, folder: Path) -> None:
    (folder / "neo4j" / "state.json").unlink()
    assert new_server(folder).start(supervised=False) == server.address
    assert len(servers_of(folder)) == 1


def test_a_store_that_is_not_this_folders_is_refused(server: LocalNeo4j, folder: Path) -> None:
    nonce = folder / "neo4j" / "nonce"
    kept = nonce.read_text()
    nonce.write_text("another")
    try:
        with pytest.raises(LocalStoreError, match="not the one that this folder was made for"):
            new_server(folder).start(supervised=False)
    finally:
        nonce.write_text(kept)


def test_another_program_on_the_port_is_sent_nothing(server: LocalNeo4j, folder: Path) -> None:
    conf = folder / "neo4j" / "conf" / "neo4j.conf"
    kept = conf.read_text()
    with socket.socket() as foreign:
        foreign.bind(("127.0.0.1", 0))
        foreign.listen()
        foreign.settimeout(0.2)
        conf.write_text(kept.replace(server.address.uri.rpartition(":")[2], str(foreign.getsockname()[1])))
        try:
            with pytest.raises(LocalStoreError, match="belongs to another program"):
                new_server(folder).start(supervised=False)
            with pytest.raises(TimeoutError):
                foreign.accept()
        finally:
            conf.write_text(kept)


def test_a_second_neo4j_on_the_folder_is_refused_plainly(server: LocalNeo4j, folder: Path, tmp_path: Path) -> None:
    # As from another machine or container that shares the folder: the first is not among this machine's processes.
    other = new_server(tmp_path / "other")
    inside = tmp_path / "other" / "neo4j"
    inside.mkdir(parents=True)
    (inside / "data").symlink_to(folder / "neo4j" / "data")
    for name in ("password", "nonce"):
        (inside / name).write_text((folder / "neo4j" / name).read_text())
    with pytest.raises(LocalStoreError, match="another Neo4j is using"):
        other.start(supervised=True)
    assert not other.status().running


def test_stop_may_be_repeated_and_clears_what_is_stale(server: LocalNeo4j, folder: Path) -> None:
    state = folder / "neo4j" / "state.json"
    written = state.read_text()
    assert server.stop()
    assert not server.stop()
    assert servers_of(folder) == []
    state.write_text(written)
    assert not server.status().running
    assert not server.stop()
    assert not state.exists()


def test_a_server_under_supervision_dies_with_its_starter_and_an_empty_server_id_is_mended(folder: Path) -> None:
    new_server(folder).stop()
    (folder / "neo4j" / "data" / "server_id").write_bytes(b"")
    process = starter(folder, "supervised")
    assert process.stdout is not None
    pid, started = process.stdout.readline().split()
    assert (started, new_server(folder).status().supervised) == ("True", True)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert until(lambda: not psutil.pid_exists(int(pid)))
    assert not new_server(folder).status().running


def test_a_server_whose_arguments_cannot_be_read_yet_is_waited_for(tmp_path: Path) -> None:
    """For a moment a process that has just been started has none, and then its starter's."""
    starting = new_server(tmp_path)
    log = tmp_path / "neo4j" / "logs" / "console.log"
    log.parent.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        threading.Timer(0.5, log.write_text, ["Started."]).start()
        starting._await_started(psutil.Process(process.pid))
        log.write_text("")
        process.kill()
        with pytest.raises(LocalStoreError, match="did not start"):
            starting._await_started(psutil.Process(process.pid))
