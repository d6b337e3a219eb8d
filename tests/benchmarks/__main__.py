"""
Measures, and writes docs/benchmarks.md: `make bench`. Every figure stands beside another of the same run, as a ratio.

`--large` takes the largest bundle that outside checks bring (50,000 subjects, 200,000 claims).
"""

import argparse
import datetime as dt
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bundles import write_bundle

from graph_service.store.bolt import BoltStore
from graph_service.store.local import LocalNeo4j
from graph_service.store.reader import read_projection, read_sights
from graph_service.store.schema import ensure_schema
from graph_service.store.writer import StoreWriter
from ingest import pipeline
from queries.analysis.links import links_between
from queries.projection import to_milliseconds, visible_graph

EMPTY = "MATCH (n) WHERE NOT n:Instance CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
DOCS = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
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


def emptied(store: BoltStore) -> None:
    store.define([EMPTY])
    ensure_schema(store)


def measure_ingest(store: Recorder, bundle: Path, rounds: int) -> dict[str, float]:
    """Time the whole pipeline, and the same statements with rows already prepared, in turn on an empty store."""
    whole, prepared = [], []
    for turn in range(rounds + 1):
        emptied(store)
        store.sent = []
        seconds, report = timed(lambda: pipeline.run("bundle", [bundle], StoreWriter(store)))
        sent = list(store.sent)
        emptied(store)
        again, _ = timed(
            lambda sent=sent, turn=turn: [store.write(s, command_id=f"{turn}:{n}") for n, s in enumerate(sent)]
        )
        if turn:  # the first round warms the server up
            whole.append(seconds)
            prepared.append(again)
    rows = report.written.subjects + report.written.claims + report.written.reports
    return {"rows": rows, "whole": statistics.median(whole), "prepared": statistics.median(prepared)}


def measure_links(store: BoltStore, queries: int) -> dict[str, float]:
    """Time the projection, one viewer's graph, and routes of up to four hops."""
    read, everything = timed(lambda: read_projection(store))
    opened = list(read_sights(store))
    now = to_milliseconds(dt.datetime.now(dt.UTC))
    masked, graph = timed(lambda: visible_graph(everything, opened, now))
    csr, _ = timed(lambda: graph.neighbours)
    people = [at for at, s in enumerate(graph.subjects) if s.kind == "child"]
    step = max(1, len(people) // (queries + 1))
    spent = [
        timed(lambda i=i: links_between(graph, people[i * step], people[-1 - i * step]))[0] for i in range(queries)
    ]
    spent.sort()
    return {
        "claims": len(everything.claims),
        "read": read,
        "masked": masked,
        "csr": csr,
        "p50": spent[len(spent) // 2],
        "p95": spent[int(len(spent) * 0.95)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true")
    large = parser.parse_args().large
    subjects, claims, rounds = (50_000, 200_000, 1) if large else (5_000, 20_000, 3)
    with tempfile.TemporaryDirectory() as folder:
        bundle = write_bundle(Path(folder) / "bundle", subjects=subjects, claims=claims)
        server = LocalNeo4j(Path(folder) / "home", progress=print)
        store = Recorder(server.start(supervised=True))
        try:
            ensure_schema(store)
            ingest = measure_ingest(store, bundle, rounds)
            links = measure_links(store, 200)
        finally:
            store.close()
            server.stop()
    share = ingest["prepared"] / ingest["whole"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = [
        f"## {subjects:,} subjects, {claims:,} claims",
        "",
        f"Measured {dt.datetime.now(dt.UTC):%Y-%m-%d} on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end; peak memory of the client {peak:.0f} MB.",
        "",
        "| what | figure | beside it | ratio |",
        "|---|---|---|---|",
        f"| bundle in, whole pipeline | {ingest['rows'] / ingest['whole']:,.0f} rows/s | the same statements, rows prepared: {ingest['rows'] / ingest['prepared']:,.0f} rows/s | {share:.2f} (goal 0.5, defect below 0.25) |",
        f"| projection read | {links['claims'] / links['read']:,.0f} claims/s | one viewer's graph from it: {links['masked'] * 1000:.0f} ms | {links['masked'] / links['read']:.2f} |",
        f"| routes of up to 4 hops, p95 | {links['p95'] * 1000:.1f} ms | p50: {links['p50'] * 1000:.1f} ms; neighbours once: {links['csr'] * 1000:.0f} ms | {links['p95'] / max(links['p50'], 1e-9):.1f} |",
        "",
    ]
    print("\n".join(lines))
    _keep(lines)


def _keep(lines: list[str]) -> None:
    """Put these figures in the place of the older ones of the same size."""
    heading = "# Benchmarks\n\nWritten by `make bench`. Seconds depend on the machine and what else it does; the ratios are within one run.\n"
    text = DOCS.read_text(encoding="utf-8") if DOCS.is_file() else heading
    parts = text.split("\n## ")
    kept = [part for part in parts[1:] if not part.startswith(lines[0].removeprefix("## "))]
    DOCS.write_text(
        "\n## ".join([parts[0], *kept, "\n".join(lines).removeprefix("## ")]).rstrip() + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
