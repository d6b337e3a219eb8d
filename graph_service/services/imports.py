"""Partner files in: one writer at a time, the census kept beside the audit trail, every run on record."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from graph_service.access import Action, Viewer, require
from graph_service.errors import ConflictError
from graph_service.records.audit import Audit, Event
from graph_service.services.keeping import Keeping
from graph_service.store.bolt import BoltStore
from graph_service.store.writer import StoreWriter
from ingest import pipeline
from queries.errors import PmetError
from queries.records import Batch, Written

_WAIT_SECONDS: Final = 600


class Imports:
    """Brings files in, and lists what was brought in."""

    def __init__(self, store: BoltStore, audit: Audit, keeping: Keeping, lock: Path) -> None:
        self._store, self._audit, self._keeping, self._lock = store, audit, keeping, lock

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
        try:
            decision = require(viewer, Action.INGEST)
            with self.writing():
                report = self._run(viewer, kind, paths, dry_run, accept_good_rows, progress)
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
        return report

    def _run(
        self,
        viewer: Viewer,
        kind: str,
        paths: Sequence[Path],
        dry_run: bool,
        accept_good_rows: bool,
        progress: Callable[[int, int], None] | None,
    ) -> dict[str, Any]:
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
                progress=progress,
            )
        except PmetError:
            self._keeping.end_run(number, "failed", {})
            raise
        report = found.as_json()
        self._keeping.end_run(number, "refused" if found.refused else "done", report)
        if not dry_run:
            self._keeping.keep_census()
        return report

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

    def list(self, viewer: Viewer) -> list[dict[str, Any]]:
        """List the runs, latest first."""
        try:
            require(viewer, Action.READ_IMPORTS)
        except PmetError as error:
            self._audit.refused(viewer, Action.READ_IMPORTS, "imports", error)
            raise
        rows = self._keeping.runs()
        self._audit.record(Event.CONSULTATION, viewer, Action.READ_IMPORTS, question="imports", returned=len(rows))
        if viewer.may(Action.INGEST):
            return rows
        # How much came in says how much of it a reader may not see, and a file may be called after somebody.
        return [{**row, "counts": {}, "files": [], "problems": []} for row in rows]

    def keep_census(self) -> None:
        """Keep the census of what has been written beside the audit trail."""
        self._keeping.keep_census()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the one writer's place."""
        try:
            with FileLock(self._lock, timeout=_WAIT_SECONDS):
                yield
        except Timeout:
            raise ConflictError("another import is running; wait for it to end and run this one again") from None
