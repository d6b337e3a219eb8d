"""The same records over a real PostgreSQL, which the drill starts for itself. Skipped where there is none, or no driver for it."""

import os
import pwd
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from fresh_records import fresh_records

from graph_service.access import Action
from graph_service.errors import AuditUnavailableError, ConflictError
from graph_service.records import Event, SignInRefusedError
from graph_service.records.tables import METADATA

pytestmark = pytest.mark.drill
GOOD = "several plain words here"


def programs() -> Path | None:
    """Find the folder of PostgreSQL's own programs; Debian keeps it off the path."""
    found = [*sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")), Path(shutil.which("initdb") or "/none")]
    return found[0].parent if found[0].is_file() else None


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """Give the address of a PostgreSQL of our own, on a socket in its folder: no port that another might take. It does not run as root."""
    pytest.importorskip("psycopg")
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL is not installed")
    user = "postgres" if os.geteuid() == 0 else None
    if user is not None and user not in {entry.pw_name for entry in pwd.getpwall()}:
        pytest.skip("PostgreSQL does not run as root, and there is no other user for it")
    home = Path(tempfile.mkdtemp(prefix="pmet-pg-"))
    if user is not None:
        shutil.chown(home, user)
    data = str(home / "data")
    options = f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off"

    def run(program: str, *words: str) -> None:
        command = [str(folder / program), "-D", data, *words]
        subprocess.run(command, check=True, user=user, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    run("initdb", "-A", "trust", "-U", "pmet", "--no-sync")
    try:
        run("pg_ctl", "-o", options, "-l", str(home / "log"), "-w", "-t", "300", "start")
        yield f"postgresql://pmet@/postgres?host={home}"
    finally:
        run("pg_ctl", "-m", "immediate", "-w", "stop")
        shutil.rmtree(home)


@pytest.fixture
def url(postgresql: str) -> str:
    """Give an empty database."""
    engine = sa.create_engine(postgresql.replace("postgresql", "postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    engine.dispose()
    return postgresql


def test_two_services_append_to_one_chain(url: str, tmp_path: Path) -> None:
    with fresh_records(tmp_path, url=url) as one, fresh_records(tmp_path, url=url) as other:
        viewer = one.accounts.viewer("coordinator")

        def work(number: int) -> None:
            for _ in range(20):
                (one, other)[number % 2].audit.record(Event.CONSULTATION, viewer, Action.SEARCH, objects=["child"])

        threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert one.audit.ready()
        found = one.audit.verify()
        assert (found.ok, found.entries) == (True, 120)
        assert len(other.audit.who_looked_at(["child"])) == 120


def test_the_trail_is_append_only_and_its_cut_end_is_found(url: str, tmp_path: Path) -> None:
    with fresh_records(tmp_path, url=url) as records:
        viewer = records.accounts.viewer("coordinator")
        for _ in range(5):
            records.audit.record(Event.CONSULTATION, viewer, Action.SEARCH, objects=["child"])
        engine = sa.create_engine(url.replace("postgresql", "postgresql+psycopg"))
        for statement in ("UPDATE audit_entry SET account = ''", "DELETE FROM audit_object", "TRUNCATE audit_entry"):
            with pytest.raises(sa.exc.DatabaseError, match="append-only"), engine.begin() as connection:
                connection.execute(sa.text(statement))
        with engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE audit_entry DISABLE TRIGGER ALL"))
            connection.execute(sa.text("DELETE FROM audit_entry WHERE seq > 3"))
        engine.dispose()
        assert "the end was cut off" in str(records.audit.verify().problems)
        with pytest.raises(AuditUnavailableError):
            records.audit.record(Event.CONSULTATION, viewer, Action.SEARCH)


def test_accounts_sessions_and_the_rest(url: str, tmp_path: Path) -> None:
    with fresh_records(tmp_path, url=url) as records:
        asked = {"name": "Pat Example", "agency": "health", "role": "satellite", "purpose": "child-plan"}
        records.accounts.create("pat", password=GOOD, granted_by="operator", **asked)
        with pytest.raises(ConflictError):
            records.accounts.create("pat", granted_by="operator", **asked)
        for _ in range(2):
            with pytest.raises(SignInRefusedError):
                records.sessions.sign_in("pat", "wrong", purpose="child-plan")
        token = records.sessions.sign_in("pat", GOOD, purpose="child-plan")
        assert records.sessions.viewer_of(token).held == {"agency:health", "role:satellite"}
        run = records.runs.start("bundle", ["a"], account="operator")
        records.runs.finish(run, "done", {"read": 1})
        assert records.runs.get(run)["counts"] == {"read": 1}
        records.census.keep(3, {"reports": 1})
        assert records.census.latest() == (3, {"reports": 1})


def test_the_changes_make_the_tables_there_too(url: str, tmp_path: Path) -> None:
    with fresh_records(tmp_path, url=url):
        engine = sa.create_engine(url.replace("postgresql", "postgresql+psycopg"))
        with engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        engine.dispose()
