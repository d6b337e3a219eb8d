"""A bundle brought in by the whole pipeline, beside the same statements with their rows already prepared."""

import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bundles import write_bundle
from measured import Measured, Size, Timing

from graph_service.store.address import Address
from graph_service.store.bolt import BoltStore
from graph_service.store.local import LocalNeo4j
from graph_service.store.schema import ensure_schema
from graph_service.store.writer import StoreWriter
from ingest import pipeline

EMPTY = "MATCH (n) WHERE NOT n:Instance CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
SIZES: dict[str, tuple[int, int, int]] = {"small": (300, 1_200, 1), "full": (5_000, 20_000, 2)}
Statements = Sequence[tuple[str, Mapping[str, Any]]]


class Recorder(BoltStore):
    """Keeps the statements that are written, to send the same again with nothing left to prepare."""

    sent: list[Statements]

    def write(self, statements: Statements, **more: Any) -> Any:
        self.sent.append(statements)
        return super().write(statements, **more)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Give the seconds that work took, and what it gave."""
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def measure(size: Size) -> list[Measured]:
    """Measure one size on a Neo4j of its own."""
    with tempfile.TemporaryDirectory() as folder:
        # For a small bundle a server that starts fast is better than one that is fast once it is warm.
        server = LocalNeo4j(Path(folder), progress=print, quick=size == "small")
        try:
            return measure_at(server.start(supervised=True), size)
        finally:
            server.stop()


def measure_at(address: Address, size: Size) -> list[Measured]:
    """Measure one size on a server that may be emptied; the first round warms it up."""
    subjects, claims, rounds = SIZES[size]
    whole, prepared = [], []
    with tempfile.TemporaryDirectory() as folder, Recorder(address) as store:
        bundle = write_bundle(Path(folder) / "bundle", subjects=subjects, claims=claims)
        for turn in range(rounds + 1):
            _emptied(store)
            store.sent = []
            seconds, report = timed(lambda: pipeline.run("bundle", [bundle], StoreWriter(store)))
            sent = list(store.sent)
            _emptied(store)
            again, _ = timed(
                lambda sent=sent, turn=turn: [store.write(s, command_id=f"{turn}:{n}") for n, s in enumerate(sent)]
            )
            if turn:
                whole.append(seconds)
                prepared.append(again)
    rows = report.written.subjects + report.written.claims + report.written.reports
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ours, peer = statistics.median(whole), statistics.median(prepared)
    return [
        Measured(
            job="bundle in, whole pipeline",
            size=f"{subjects:,} subjects, {claims:,} claims",
            ours=f"checked, matched, written: {rows / ours:,.0f} rows/s",
            ours_timing=Timing(ours, ours, peak, rows),
            peer=f"the same statements, rows prepared: {rows / peer:,.0f} rows/s",
            peer_timing=Timing(peer, peer, peak, rows),
            naive="",
            naive_timing=None,
            agrees="the same statements",
            goal="at most 2 times the prepared statements",
            met=ours <= 2 * peer,
            note="peak memory is of the whole process",
        )
    ]


def _emptied(store: BoltStore) -> None:
    store.define([EMPTY])
    ensure_schema(store)
