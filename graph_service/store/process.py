"""A server's process: started so that it outlives us or dies with us, and recognised again by more than its number."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

import psutil

# Runs in the child before Java: asks Linux for SIGTERM when the starting thread ends, unless the parent is already gone.
_DIE_WITH_PARENT: Final = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 15, 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""
_DYING_SECONDS: Final = 5
# Nothing else of the caller's environment goes to the server: it may hold secrets, or options that change Java.
_PASSED_ON: Final = ("HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "TZ", "USER")


def clean_environment(**more: str) -> dict[str, str]:
    """Give the few variables that a Java of ours is started with."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | more


def start_process(command: list[str], *, folder: Path, log: Path, dies_with_us: bool) -> int:
    """
    Start a process that holds no file of ours and writes to `log`; return its number.

    A thread of its own starts it and waits for it, so that it is reaped, and, since Linux signals the child when the starting
    *thread* ends, so that it lives as long as this process does.
    """
    if dies_with_us and sys.platform == "linux":
        command = [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, str(os.getpid()), *command]
    started: list[int] = []
    failed: list[OSError] = []
    known = threading.Event()

    def keep() -> None:
        try:
            with log.open("wb") as output:
                # Ctrl-C goes to a whole session; the server's own session leaves the order of stopping to us.
                process = subprocess.Popen(
                    command,
                    cwd=folder,
                    env=clean_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    close_fds=True,
                    start_new_session=True,
                    umask=0o077 if os.name == "posix" else -1,
                )
        except OSError as error:
            failed.append(error)
            known.set()
            return
        started.append(process.pid)
        known.set()
        process.wait()

    threading.Thread(target=keep, name="neo4j-process", daemon=True).start()
    known.wait()
    if failed:
        raise failed[0]
    return started[0]


def alive(pid: int, created: float | None, marker: str) -> psutil.Process | None:
    """
    Give the process of this number if it is the one that was started: same creation time, and `marker` among its arguments.

    One that is dying has lost its arguments but still holds its port and its files; where `created` tells that it is the one, its end is awaited.
    """
    try:
        process = psutil.Process(pid)
        if created is not None and abs(process.create_time() - created) >= 1:
            return None
        dying = process.status() == psutil.STATUS_ZOMBIE or not (arguments := process.cmdline())
        if not dying:
            return process if marker in arguments else None
        if created is not None:
            ends(process, seconds=_DYING_SECONDS)
    except psutil.Error:
        pass
    return None


def ended(process: psutil.Process) -> bool:
    """
    Say whether a process has ended, without regard to its arguments.

    One that has just been started has none for a moment: between giving up its old memory and setting up the new (Linux, `execve`), which is
    long on a busy machine.
    """
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def ends(process: psutil.Process, *, seconds: float) -> bool:
    """Wait for a process to be gone; say whether it is."""
    try:
        process.wait(seconds)
    except psutil.TimeoutExpired:
        return False
    except psutil.NoSuchProcess:
        return True
    return True


def find(marker: str) -> psutil.Process | None:
    """Find a process of this user with `marker` among its arguments: one whose starter died before it could write down its number."""
    for process in psutil.process_iter():
        if process.pid != os.getpid() and alive(process.pid, None, marker):
            return process
    return None


def listens(process: psutil.Process, port: int) -> bool:
    """Say whether this very process listens on `port`; where the machine does not tell, believe it."""
    try:
        connections = process.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return True
    except psutil.Error:
        return False
    return any(c.status == psutil.CONN_LISTEN and c.laddr.port == port for c in connections)


def end(process: psutil.Process, *, seconds: float) -> bool:
    """Stop a process in good order; after `seconds`, at once. Says whether it stopped in good order."""
    try:
        if os.name == "posix":
            process.resume()  # a suspended process would not hear the request
        process.terminate()
        process.wait(seconds)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(seconds)
        return False
    return True


def free_port(wanted: int) -> int:
    """Give `wanted` when nobody listens on it, else a port that is free now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
