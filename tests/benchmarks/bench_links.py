"""
The projection and links between persons of interest, on a real local Neo4j.

Full: 200,000 subjects and 1,000,000 claims, with schools and stations that thousands of claims go to. Each time is in one run with its peer: the
same read as records, a projection read anew, NetworkX, and Cypher's own `allShortestPaths` on the same store (reference Neo4j, section 4).
"""

import datetime as dt
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final

import networkx as nx
import numpy as np
import psutil
from large_store import SOURCE, fill, large_server
from measured import Measured, Size, Timing, timing

from graph_service.store.address import Address
from graph_service.store.bolt import BoltStore
from graph_service.store.local import LocalNeo4j
from graph_service.store.reader import read_projection, read_sights, refreshed
from graph_service.store.writer import StoreWriter
from queries.analysis.links import links_between
from queries.analysis.meetings import Meetings, Met
from queries.analysis.routes import Routes
from queries.projection import Ints, Projection, VisibleGraph, visible_graph
from queries.records import Batch, ClaimRecord, ReportRecord
from queries.sight import OPEN
from queries.vocabulary import CLAIM_TYPES, TYPE_CODES

SIZES: Final = {"small": (1_000, 2_500), "full": (200_000, 1_000_000)}
PAIRS: Final = {"small": (12, 6), "full": (120, 40)}
NEW: Final = 1_000
_MOST_RECORDS: Final = 50_000
_NAIVE: Final = 5  # pairs asked of NetworkX, which walks the whole graph for each
NOW: Final = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
_WALKED: Final = "|".join(name for name, kind in CLAIM_TYPES.items() if kind.traversed)
# Hop counts are literals in the text; both `all` are inlined into the search.
_PATHS: Final = """
MATCH (a:Entity {nid: $a}), (b:Entity {nid: $b})
MATCH p = allShortestPaths((a)-[:WALKED*..HOPS]-(b))
WHERE all(r IN relationships(p) WHERE r.sight IN $sights AND r.known_from <= $now AND r.live_to > $now AND r.info_eval <> 'E')
  AND all(n IN nodes(p) WHERE n.hub IS NULL OR n = a OR n = b)
RETURN DISTINCT [n IN nodes(p) | n.nid] AS route
"""
_RECORDS: Final = """
MATCH (a:Entity)-[r:INVOLVED_IN]->(b:Entity)
WITH a, r, b LIMIT $limit
RETURN r.claim_id, a.nid, b.nid, r.role, r.rid, r.event_id, r.sight, r.known_from, r.live_to, r.recorded_at, r.happened_from, r.happened_to,
       r.time_known, r.source_eval, r.info_eval, r.scheme, r.handling, r.seconds
"""


def measure(size: Size) -> list[Measured]:
    """Fill a store and measure on it."""
    with large_server(*SIZES[size]) as server:
        cold = _cold(server, size)
        with BoltStore(server.address) as store:
            return [cold, *measure_on(store, size)]


def measure_at(address: Address, size: Size) -> list[Measured]:
    """Fill a server that holds nothing, and measure on it."""
    with BoltStore(address) as store:
        fill(store, *SIZES[size])
        return measure_on(store, size)


def measure_on(store: BoltStore, size: Size) -> list[Measured]:
    """Measure on a store that was filled."""
    named = "{:,} subjects, {:,} claims".format(*SIZES[size])
    rounds = 1
    held = read_projection(store)
    sights = list(read_sights(store))
    moment = int(NOW.timestamp() * 1000)
    found = [_read(store.address, held, named, rounds)]
    write_new(store)
    found.append(_refreshed(store, held, named, rounds))
    held = read_projection(store)
    _ = (
        held.claim_order,
        held.mention_order,
        held.subject_order,
        held.sights,
        held.named,
        held.kind_codes,
        held.hub_reports,
    )
    _same_shape(store)
    found.append(_visible(held, sights, moment, named))
    graph = visible_graph(held, sights, moment)
    numbers = np.array([int(subject.key.rsplit("/s", 1)[1]) for subject in graph.subjects])
    store.write(
        [("MATCH (n:Entity) WHERE n.nid IN $hubs SET n.hub = true", {"hubs": numbers[graph.hubs].tolist()})],
        command_id="hubs",
    )
    ordinary, with_hubs = _pairs(graph, *PAIRS[size])
    asks = _Asks(store.address, graph, numbers, sights)
    found.append(asks.job("routes of up to 4 hops, ordinary ends, p95", ordinary, 4, named, 0.1))
    found.append(asks.job("routes of up to 4 hops, a hub as an end, p95", with_hubs, 4, named, 0.25))
    found.append(asks.job("routes of up to 6 hops, ordinary ends, p95", ordinary[: len(ordinary) // 3], 6, named, None))
    found.append(asks.inferred("routes of up to 4 hops, inferred ones too, ordinary ends, p95", ordinary, 4, named))
    return found


def _cold(server: LocalNeo4j, size: Size) -> Measured:
    """The first read after a start, as in the morning: nothing compiled in the server's Java, nothing in its page cache."""
    server.stop()
    address = server.start(supervised=True)
    process = psutil.Process(server.status().pid)

    def cpu() -> float:
        used = process.cpu_times()
        return float(used.user + used.system)

    before = cpu()
    found = timing(_connected(address, lambda store: len(read_projection(store).claims)), rounds=0)
    took = cpu() - before
    warm = timing(_connected(address, lambda store: len(read_projection(store).claims)), rounds=0)
    return Measured(
        "projection read whole, the server just started",
        "{:,} subjects, {:,} claims".format(*SIZES[size]),
        f"packed copies, two calls at once: {found.result / found.seconds:,.0f} claims/s",
        found,
        "read once more",
        warm,
        "",
        None,
        f"{'as many' if found.result == warm.result else 'NOT AS MANY'} claims",
        "1,000,000 claims under 15 s",
        found.seconds < 15 if size == "full" else None,
        f"processor of the server {took:.1f} s, of the client {found.cpu:.1f} s; its files may be in the machine's own cache",
    )


def write_new(store: BoltStore) -> None:
    """Write a thousand claims as an importer does."""
    report = ReportRecord(f"{SOURCE}/new", "cpi", "police", NOW, NOW, OPEN, "1", "B", "3x5x2", "P")
    claims = tuple(
        ClaimRecord(
            f"{SOURCE}/new{n}", "KNOWS", f"{SOURCE}/s{20 * n % 1000}", f"{SOURCE}/s{20 * (n % 45) + 1}", report.key, OPEN, NOW,
            NOW + dt.timedelta(hours=1), "exact", NOW, NOW, role="neutral",
        )
        for n in range(NEW)
    )  # fmt: skip
    StoreWriter(store).write(Batch(reports=(report,), claims=claims), run="bench", position=0)


def _same_shape(store: BoltStore) -> None:
    """Check that the rows made for measuring have the properties that the writer gives a row."""
    text = "MATCH ()-[r:KNOWS]->() WHERE r.claim_id = $id RETURN keys(r) AS names"
    shapes = []
    for name in ("new0", None):
        wanted = (
            f"{SOURCE}/{name}"
            if name
            else store.read("MATCH ()-[r:KNOWS]->() RETURN r.claim_id AS id LIMIT 1")[0]["id"]
        )
        shapes.append({key for row in store.read(text, {"id": wanted}, seconds=30) for key in row["names"]})
    if shapes[0] != shapes[1]:
        raise AssertionError(f"rows differ in {sorted(shapes[0] ^ shapes[1])}")


def _connected(address: Address, work: Callable[[BoltStore], Any]) -> Callable[[], Any]:
    """Do work over a connection of its own: a driver does not live through a fork."""

    def run() -> Any:
        with BoltStore(address) as store:
            return work(store)

    return run


def _read(address: Address, held: Projection, named: str, rounds: int) -> Measured:
    def ours(store: BoltStore) -> tuple[int, int]:
        read = read_projection(store)
        return len(read.claims), int(read.claims.a.sum() + read.claims.b.sum())

    found = timing(_connected(address, ours), rounds=rounds)
    share = min(int((held.claims.type == TYPE_CODES["INVOLVED_IN"]).sum()), _MOST_RECORDS)
    records = timing(
        _connected(address, lambda store: len(store.read(_RECORDS, {"limit": share}, seconds=300))), rounds=1
    )
    if records.result != share:
        raise AssertionError("the records are not those of the projection")
    scale = len(held.claims) / share
    agrees = found.result == (len(held.claims), int(held.claims.a.sum() + held.claims.b.sum()))
    return Measured(
        "projection read whole",
        named,
        f"packed copies by order of change, two calls at once: {len(held.claims) / found.seconds:,.0f} claims/s",
        found,
        "the same values as records, one a claim (measured on some, and scaled)",
        replace(records, seconds=records.seconds * scale, cpu=records.cpu * scale),
        "",
        None,
        f"count and ends {'equal' if agrees else 'DIFFER'}",
        "1,000,000 claims under 15 s",
        found.seconds < 15 if len(held.claims) > 900_000 else None,
        f"processor of the client {found.cpu:.1f} s",
    )


def _refreshed(store: BoltStore, held: Projection, named: str, rounds: int) -> Measured:
    _ = held.claim_order, held.mention_order, held.subject_order, held.moments, held.at_uid, held.at_key
    brought = timing(_connected(store.address, lambda own: len(refreshed(own, held).claims)), rounds=3)
    anew = timing(_connected(store.address, lambda own: len(read_projection(own).claims)), rounds=rounds)
    later, whole = refreshed(store, held), read_projection(store)
    names = ("claim_id", "a", "b", "type", "sight", "live_to", "information_rank", "report")
    same = all((getattr(later.claims, name) == getattr(whole.claims, name)).all() for name in names)
    same = same and bool((later.claim_order == whole.claim_order).all())
    return Measured(
        f"projection brought up by {NEW:,} new claims",
        named,
        "what was touched since, by chg_seq",
        brought,
        "read anew",
        anew,
        "",
        None,
        f"columns and order {'equal' if same else 'DIFFER'}",
        "under 1 s",
        brought.seconds < 1,
    )


def _visible(held: Projection, sights: list[int], moment: int, named: str) -> Measured:
    def ours() -> tuple[int, int]:
        graph = visible_graph(held, sights, moment)
        return len(graph.subjects), len(graph.neighbours[1])

    def whole_networkx() -> int:
        graph = visible_graph(held, sights, moment)
        return _networkx(graph).number_of_edges()

    found = timing(ours)
    naive = timing(whole_networkx, rounds=1)
    return Measured(
        "one viewer's graph, with its neighbours",
        named,
        "masks and orders of the projection",
        found,
        "",
        None,
        "the same, and a NetworkX graph of it",
        naive,
        f"{found.result[0]:,} subjects; {found.result[1] // 2:,} claims, {naive.result:,} pairs",
        "under 1 s",
        found.seconds < 1,
    )


def _networkx(graph: VisibleGraph) -> "nx.Graph[int]":
    """Give every pair that a claim which may be used joins."""
    usable = graph.claims.information_rank != 5
    made: nx.Graph[int] = nx.Graph()
    made.add_nodes_from(range(len(graph.subjects)))
    made.add_edges_from(zip(graph.claims.a[usable].tolist(), graph.claims.b[usable].tolist(), strict=True))
    return made


def _pairs(graph: VisibleGraph, count: int, with_hub: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Choose people: half at random, half at the end of a walk of three or four hops, so that there are routes; and people with a hub."""
    rng = np.random.default_rng(5)
    people = np.flatnonzero((graph.kinds == "child") | (graph.kinds == "adult"))
    hubs, (start, other, _) = np.flatnonzero(graph.hubs), graph.neighbours
    pairs = []
    for n in range(count):
        a = b = int(rng.choice(people))
        if n % 2:
            b = int(rng.choice(people))
        for _hop in range(0 if n % 2 else 3 + n % 4 // 2):
            on = other[start[b] : start[b + 1]]
            on = on[~graph.hubs[on]]
            b = int(rng.choice(on)) if len(on) else b
        if a != b:
            pairs.append((a, b))
    return pairs, [(int(rng.choice(hubs)), int(rng.choice(people))) for _ in range(with_hub)]


class _Asks:
    """The same pairs asked of us, of Cypher and of NetworkX."""

    def __init__(self, address: Address, graph: VisibleGraph, numbers: Any, sights: list[int]) -> None:
        self._address, self._graph, self._numbers, self._sights = address, graph, numbers, sights
        self._nodes: dict[int, nx.Graph[int]] = {}
        # Worked out once for a viewer's graph, as the service keeps it.
        claims = graph.claims
        _ = graph.neighbours, graph.hubs, claims.information_rank, claims.source_rank, claims.grade, claims.claim_id
        _ = claims.happened_from, claims.happened_to
        self._position = {int(number): at for at, number in enumerate(numbers)}
        self._whole = _networkx(graph)

    def job(self, job: str, pairs: list[tuple[int, int]], hops: int, named: str, goal: float | None) -> Measured:
        ours = _p95(timing(lambda: _each(pairs, lambda a, b: len(self._ours(a, b, hops, 5))), rounds=1))
        peer = _p95(
            timing(
                _connected(
                    self._address, lambda store: _each(pairs, lambda a, b: len(self._cypher(store, a, b, hops)))
                ),
                rounds=1,
            )
        )
        naive = _p95(timing(lambda: _each(pairs[:_NAIVE], lambda a, b: len(self._naive(a, b, hops))), rounds=1))
        return Measured(
            job,
            named,
            f"k different routes on the viewer's graph, {len(pairs)} pairs",
            ours,
            "Cypher allShortestPaths on the same store (shortest only)",
            peer,
            f"NetworkX all_shortest_paths, graph made before, {_NAIVE} pairs",
            naive,
            self._agreement(pairs, hops),
            f"p95 under {goal * 1000:.0f} ms" if goal else "",
            ours.seconds < goal if goal else None,
        )

    def inferred(self, job: str, pairs: list[tuple[int, int]], hops: int, named: str) -> Measured:
        """Measure routes with hops by the same place and hours, beside working out first who met whom on the whole graph."""

        def ask(a: int, b: int, meetings: Meetings) -> list[tuple[int, ...]]:
            search = Routes(self._graph, a, b, through_hubs=False, meetings=meetings, with_suspected_false=False)
            return search.best(max_hops=hops, limit=5)

        graph = self._graph
        ask(*pairs[0], Meetings(graph))
        ours = _p95(timing(lambda: _each(pairs, lambda a, b: len(ask(a, b, Meetings(graph)))), rounds=1))
        naive = _p95(timing(lambda: _each(pairs[:_NAIVE], lambda a, b: len(ask(a, b, _Everybody(graph)))), rounds=1))
        everybody = _Everybody(graph)
        agreed = [ask(a, b, Meetings(graph)) == ask(a, b, everybody) for a, b in pairs]
        return Measured(
            job,
            named,
            f"meetings looked up as the search comes by, {len(pairs)} pairs",
            ours,
            "",
            None,
            f"everybody's meetings first, {_NAIVE} pairs",
            naive,
            f"routes equal for {sum(agreed)} of {len(pairs)} pairs; {len(everybody.all.a):,} meetings in all",
            "",
            None,
        )

    def _agreement(self, pairs: list[tuple[int, int]], hops: int) -> str:
        """Compare all shortest routes, as sets of sequences of subjects, with those that Cypher gives."""
        agreed, joined = 0, 0
        with BoltStore(self._address) as store:
            for a, b in pairs:
                cypher = {tuple(self._position[n] for n in route) for route in self._cypher(store, a, b, hops)}
                length = len(next(iter(cypher))) - 1 if cypher else hops
                agreed += {tuple(route) for route in self._ours(a, b, length, len(cypher) + 1)} == cypher
                joined += bool(cypher)
        return f"all shortest routes equal for {agreed} of {len(pairs)} pairs ({joined} joined)"

    def _ours(self, a: int, b: int, hops: int, limit: int) -> list[tuple[int, ...]]:
        return [path.subjects for path in links_between(self._graph, a, b, max_hops=hops, limit=limit).paths]

    def _cypher(self, store: BoltStore, a: int, b: int, hops: int) -> list[list[int]]:
        text = _PATHS.replace("WALKED", _WALKED).replace("HOPS", str(hops))
        ends = {"a": int(self._numbers[a]), "b": int(self._numbers[b])}
        return [row["route"] for row in store.read(text, {**ends, "sights": self._sights, "now": NOW}, seconds=60)]

    def _naive(self, a: int, b: int, hops: int) -> list[list[int]]:
        hubs = self._graph.hubs
        open_graph = nx.restricted_view(self._whole, [int(at) for at in np.flatnonzero(hubs) if at not in {a, b}], [])
        try:
            found = list(nx.all_shortest_paths(open_graph, a, b))
        except nx.NetworkXNoPath:
            return []
        return found if len(found[0]) <= hops + 1 else []


class _Everybody(Meetings):
    """Works out who met whom on the whole graph, and then looks it up."""

    def __init__(self, graph: VisibleGraph) -> None:
        super().__init__(graph)
        self.all = super().of(np.arange(len(graph.subjects)))

    def of(self, subjects: Ints) -> Met:
        chosen = np.isin(self.all.a, subjects)
        return Met(self.all.a[chosen], self.all.b[chosen], self.all.place[chosen], self.all.rows[chosen])


def _each(pairs: Iterable[tuple[int, int]], ask: Callable[[int, int], int]) -> list[float]:
    """Give the seconds of each question."""
    spent = []
    for a, b in pairs:
        begun = time.perf_counter()
        ask(a, b)
        spent.append(time.perf_counter() - begun)
    return spent


def _p95(found: Timing) -> Timing:
    return replace(found, seconds=float(np.percentile(found.result, 95)))
