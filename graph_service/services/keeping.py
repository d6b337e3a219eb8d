"""Keeping: the runs of imports, the census beside the audit trail, and whether the store still holds what was written."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from graph_service.access import Action, Viewer, require
from graph_service.records import Records
from graph_service.records.audit import Event
from graph_service.store.bolt import BoltStore
from graph_service.store.census import Census, differences
from graph_service.store.reader import read_sights
from graph_service.store.scan import scan
from queries.loader import load
from queries.sight import WITH_SUBJECT


class Keeping:
    """Runs, census and check."""

    def __init__(self, store: BoltStore, records: Records) -> None:
        self._store, self._records = store, records

    def begin_run(self, viewer: Viewer, kind: str, paths: Sequence[Path], *, dry_run: bool) -> str:
        """Note that an import begins; gives its id in the list of runs."""
        names = [path.name for path in paths]
        return self._records.runs.start(kind, names, account=viewer.account, dry_run=dry_run)

    def end_run(self, run: str, state: str, report: dict[str, Any]) -> None:
        """Note how an import ended."""
        counts: dict[str, Any] = {
            name: report[name] for name in ("run", "read", "added", "already_held", "withdrawn") if name in report
        }
        problems = report.get("problems", [])
        self._records.runs.finish(run, state, {**counts, "problems": len(problems)}, problems)

    def run(self, run: str) -> dict[str, Any]:
        """Give one run of an import with its problems, or NotFoundError."""
        return self._records.runs.get(run)

    def runs(self) -> list[dict[str, Any]]:
        """List the latest runs of imports, latest first."""
        return self._records.runs.latest(100)

    def keep_census(self) -> None:
        """Copy the census of what has been written to the database of the audit trail, outside the store."""
        (row,) = self._store.read(load("store.counter").text, {"name": "claims"})
        latest = self._records.census.latest()
        if latest is None or latest[0] != row["n"]:
            self._records.census.keep(row["n"], {"groups": row["census"]})

    def check(self, viewer: Viewer, progress: Callable[[str], None] | None = None) -> dict[str, Any]:
        """
        Read every row, and compare with the census taken when it was written and with the one kept outside the store.

        Returns
        -------
        found
            `census` and `problems` in the shape of the contract; problems name groups and counts, never content.
        """
        decision = require(viewer, Action.MANAGE_STORE)
        (row,) = self._store.read(load("store.counter").text, {"name": "claims"})
        scanned = scan(self._store, row["n"], progress)
        problems = [
            f"{name}: the content of {n} no longer fits its own hash" for name, n in sorted(scanned.damaged.items())
        ]
        problems += differences(Census.parse(row["census"]), scanned.census)
        problems += self._compare_with_kept(row["n"], row["census"])
        known = read_sights(self._store)
        used = {
            r["sight"] for r in self._store.read(load("store.sights_used").text, {"sequence": row["n"]}, seconds=60)
        }
        if unknown := used - known.keys() - {WITH_SUBJECT.sid}:
            problems.append(f"{len(unknown)} sights are used whose formula is missing; their rows open to nobody")
        self._records.audit.record(
            Event.OPERATION,
            viewer,
            Action.MANAGE_STORE,
            question="store check",
            decision=decision,
            returned=len(problems),
        )
        return {"census": scanned.census.as_json(), "sequence": row["n"], "problems": problems}

    def _compare_with_kept(self, sequence: int, census: str) -> list[str]:
        latest = self._records.census.latest()
        if latest is None:
            return ["no census is kept with the audit trail, though there are rows"] if sequence else []
        kept_at, kept = latest
        if kept_at > sequence:
            return [
                f"the store is older than its census: it ends at change {sequence}, the census at {kept_at}; restore the newer one"
            ]
        if kept_at == sequence:
            return [f"kept census, {text}" for text in differences(Census.parse(kept["groups"]), Census.parse(census))]
        before, after = Census.parse(kept["groups"]), Census.parse(census)
        return [
            f"{group}: fewer than the kept census had" for group, n in before.counts.items() if after.counts[group] < n
        ]
