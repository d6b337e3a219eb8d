"""Partner files in: one writer at a time, the census kept beside the audit trail, every run on record."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any, BinaryIO, Final

from filelock import FileLock, Timeout

from graph_service.access import Action, Viewer, require
from graph_service.errors import ConflictError
from graph_service.records.audit import Audit, Event
from graph_service.services.keeping import Keeping
from graph_service.store.bolt import BoltStore
from graph_service.store.writer import StoreWriter
from ingest import pipeline
from ingest.errors import IngestError
from queries.errors import ParameterError, PmetError
from queries.records import Batch, Written

_WAIT_SECONDS: Final = 600
_WAIT_SECONDS_OF_A_PAGE: Final = 20
# A bundle is a folder of files, so that it stays with the command line.
UPLOADED_KINDS: Final = ("police-crime", "missing", "cpi", "conversation", "assessment", "people")
_UPLOADED_SUFFIXES: Final = frozenset({".csv", ".xlsx"})


class Imports:
    """Brings files in, and lists what was brought in."""

    def __init__(self, store: BoltStore, audit: Audit, keeping: Keeping, lock: Path, area: Path | None = None) -> None:
        self._store, self._audit, self._keeping, self._lock, self._area = store, audit, keeping, lock, area
        #: What is done when files have been brought in, after the writer's place has been given up.
        self.afterwards: list[Callable[[], None]] = []

    def run(
        self,
        viewer: Viewer,
        kind: str,
        paths: Sequence[Path],
        *,
        dry_run: bool = False,
        accept_good_rows: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> dict[str, Any]:
        """
        Check files and bring their rows in; gives the report in the shape of the contract.

        Raises
        ------
        IngestError
            If the files cannot be read at all. Bad rows are not an error: they are in the report.
        ConflictError
            If another import holds the writer's lock for ten minutes.
        """
        _, report = self._collect(
            viewer, kind, lambda: self._run(viewer, kind, paths, dry_run, accept_good_rows, progress)
        )
        return report

    def upload(
        self,
        viewer: Viewer,
        kind: str,
        name: str,
        content: BinaryIO,
        *,
        dry_run: bool = False,
        accept_good_rows: bool = False,
    ) -> str:
        """
        Check one file that was sent to a page, and bring its rows in; the file is deleted afterwards.

        Parameters
        ----------
        viewer
            Who sends it.
        kind
            One of `UPLOADED_KINDS`.
        name
            What its sender calls the file. Only its ending is used, since people put children's names in the rest.
        content
            What is in the file, from where it is read.
        dry_run
            Say what would happen, and bring nothing in.
        accept_good_rows
            Bring in the rows that can be used even where others cannot.

        Returns
        -------
        run
            The id under which `get` gives what became of it, a refusal of bad rows among them.

        Raises
        ------
        ParameterError
            If no such kind can be uploaded.
        IngestError
            If the file cannot be read at all.
        ConflictError
            If another import holds the writer's lock for twenty seconds.
        """
        known = kind in UPLOADED_KINDS

        def act() -> tuple[str, dict[str, Any]]:
            if not known:
                raise ParameterError("kind", f"choose one of {', '.join(UPLOADED_KINDS)}")
            with self._held_for_reading(name, content) as path:
                return self._run(viewer, kind, [path], dry_run, accept_good_rows, None)

        # What somebody made up in place of a kind does not go into the audit trail.
        run, _ = self._collect(viewer, kind if known else "upload", act, _WAIT_SECONDS_OF_A_PAGE)
        return run

    def _collect(
        self,
        viewer: Viewer,
        kind: str,
        act: Callable[[], tuple[str, dict[str, Any]]],
        wait_seconds: float = _WAIT_SECONDS,
    ) -> tuple[str, dict[str, Any]]:
        """Do one import as the one writer, and audit it; gives its id in the list of runs, and its report."""
        try:
            decision = require(viewer, Action.INGEST)
            with self.writing(wait_seconds):
                number, report = act()
        except PmetError as error:
            self._audit.refused(viewer, Action.INGEST, kind, error)
            raise
        self._audit.record(
            Event.COLLECTION,
            viewer,
            Action.INGEST,
            question=kind,
            decision=decision,
            returned=report["read"],
            reason=report["run"],
        )
        for act_on in self.afterwards:
            act_on()
        return number, report

    @contextmanager
    def _held_for_reading(self, name: str, content: BinaryIO) -> Iterator[Path]:
        """Keep an upload in a private folder under a name of our own while it is read. Only the one writer does this."""
        suffix = PurePath(name).suffix.lower()
        if suffix not in _UPLOADED_SUFFIXES:
            raise IngestError("choose a CSV file (.csv) or an Excel workbook (.xlsx)")
        folder = self._lock.with_name("upload")
        # What a killed process left behind goes too.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            path = folder / f"upload{suffix}"
            with path.open("xb") as file:
                shutil.copyfileobj(content, file)
            yield path
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _run(
        self,
        viewer: Viewer,
        kind: str,
        paths: Sequence[Path],
        dry_run: bool,
        accept_good_rows: bool,
        progress: Callable[[int, int], None] | None,
    ) -> tuple[str, dict[str, Any]]:
        # Before anything is written: after a kill there is a census to hold the store against.
        if not dry_run:
            self._keeping.keep_census()
        number = self._keeping.begin_run(viewer, kind, paths, dry_run=dry_run)
        try:
            found = pipeline.run(
                kind,
                list(paths),
                StoreWriter(self._store),
                dry_run=dry_run,
                accept_good_rows=accept_good_rows,
                area=self._area,
                progress=progress,
            )
        except PmetError:
            self._keeping.end_run(number, "failed", {})
            raise
        report = found.as_json()
        self._keeping.end_run(number, "refused" if found.refused else "done", report)
        if not dry_run:
            self._keeping.keep_census()
        return number, report

    def bring_in(
        self, viewer: Viewer, name: str, batches: Iterable[Batch], progress: Callable[[Written], None]
    ) -> Written:
        """Bring in batches that were made here (the demonstration city); the same batches again add nothing."""
        require(viewer, Action.INGEST)
        total, writer = Written(), StoreWriter(self._store)
        with self.writing():
            self._keeping.keep_census()
            for position, batch in enumerate(batches):
                total += writer.write(batch, run=name, position=position)
                progress(total)
            self._keeping.keep_census()
        self._audit.record(Event.COLLECTION, viewer, Action.INGEST, question=name, returned=total.claims)
        return total

    def get(self, viewer: Viewer, run: str) -> dict[str, Any]:
        """
        Give one run with its problems.

        Raises
        ------
        NotFoundError
            If there is no such run.
        """
        try:
            require(viewer, Action.READ_IMPORTS)
            row = self._keeping.run(run)
        except PmetError as error:
            self._audit.refused(viewer, Action.READ_IMPORTS, "import", error)
            raise
        self._audit.record(Event.CONSULTATION, viewer, Action.READ_IMPORTS, question="import", returned=1)
        return _as_seen_by(viewer, row)

    def list(self, viewer: Viewer) -> list[dict[str, Any]]:
        """List the runs, latest first."""
        try:
            require(viewer, Action.READ_IMPORTS)
        except PmetError as error:
            self._audit.refused(viewer, Action.READ_IMPORTS, "imports", error)
            raise
        rows = self._keeping.runs()
        self._audit.record(Event.CONSULTATION, viewer, Action.READ_IMPORTS, question="imports", returned=len(rows))
        return [_as_seen_by(viewer, row) for row in rows]

    def keep_census(self) -> None:
        """Keep the census of what has been written beside the audit trail."""
        self._keeping.keep_census()

    @contextmanager
    def writing(self, wait_seconds: float = _WAIT_SECONDS) -> Iterator[None]:
        """Hold the one writer's place."""
        try:
            with FileLock(self._lock, timeout=wait_seconds):
                yield
        except Timeout:
            raise ConflictError("another import is running; wait for it to end and run this one again") from None


def _as_seen_by(viewer: Viewer, row: dict[str, Any]) -> dict[str, Any]:
    if viewer.may(Action.INGEST):
        return row
    # How much came in says how much of it a reader may not see, and a file may be called after somebody.
    return {**row, "counts": {}, "files": [], "problems": []}
