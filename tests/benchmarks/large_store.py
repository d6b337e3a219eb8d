"""
A real local Neo4j with an invented graph of any size, for measuring.

Rows have the shape that the writer gives them (`bench_links` compares), but are made in the store from a few numbers each, and indexed
after, since a million through the writer takes too long to wait for. One of 200,000 subjects and 1,000,000 claims takes some minutes.
"""

import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from graph_service.store.bolt import BoltStore
from graph_service.store.holdings import OPEN_SEQ
from graph_service.store.local import LocalNeo4j
from graph_service.store.packed import CLAIM, MENTION, NOWHERE
from graph_service.store.schema import ensure_schema
from queries.loader import load
from queries.projection import FAR_FUTURE_MS, to_milliseconds
from queries.records import FAR_FUTURE
from queries.sight import OPEN, WITH_SUBJECT, sight_for
from queries.vocabulary import labels_of

START: Final = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
START_MS: Final = to_milliseconds(START)
DAY_MS: Final = 24 * 60 * 60 * 1000
HUBS: Final = 24  # schools and stations, some far larger than others
SOURCE: Final = "bundle:bench"
_TO_A_REPORT: Final = 20
_BATCH: Final = 10_000
# What of 20 subjects is which kind.
_KINDS: Final = (*["child"] * 6, *["adult"] * 4, *["incident"] * 5, *["location"] * 3, "vehicle", "account")
# Type, kinds of its ends, share of all claims, roles, and whether its far end is one of the hubs.
_CLAIMS: Final = (
    ("INVOLVED_IN", "person", "incident", 0.35, ("present", "victim", "witness", "missing"), False),
    ("AT", "incident", "location", 0.15, ("occurred", "found_at", "last_seen"), False),
    ("KNOWS", "person", "person", 0.12, ("neutral", "concern", "strength"), False),
    ("SEEN_WITH", "person", "person", 0.07, ("",), False),
    ("FREQUENTS", "person", "location", 0.10, ("",), False),
    ("USES", "person", "vehicle", 0.05, ("",), False),
    ("USES", "person", "account", 0.05, ("",), False),
    ("ATTENDS", "person", "location", 0.08, ("",), True),
    ("SEEN_AT", "person", "location", 0.03, ("",), True),
)
_FIRST: Final = (
    "CREATE CONSTRAINT entity_nid IF NOT EXISTS FOR (n:Entity) REQUIRE n.nid IS UNIQUE",
    "MERGE (c:Counter {name: 'claims'}) ON CREATE SET c.n = 0, c.nids = 0, c.rids = 0, c.census = '{}'",
    "CALL db.awaitIndexes(60)",
)
_ROW: Final = """
  sight: {sight}, declared_sight: {sight}, seq: row[1], chg_seq: row[1], end_seq: $open, live_to: $far, declared_to: $far,
  known_from: {at}, recorded_at: {at}, source_eval: {source}, info_eval: {info}, scheme: {scheme}, handling: {handling}, basis: 'fact',
  agency: {agency}, regime: 'GDPR', retention_class: '', attributes: '', content_hash: '0', packed: {packed}
"""
_SUBJECTS: Final = (
    """
UNWIND $rows AS row
CREATE (e:Entity:$($labels[row[2]]) {uid: $source + '/' + toString(row[0]), nid: row[0]})
CREATE (:RecordKey {key: $source + '/s' + toString(row[0])})-[:IDENTIFIES]->(e)
CREATE (m:Mention {row_id: $source + '/m' + toString(row[0]) + '#1', claim_id: $source + '/m' + toString(row[0]), report_id: '', rid: -1,
  label: 'Invented ' + $kinds[row[2]] + ' ' + toString(row[0]), subkind: row[3], aliases: [], aliases_text: '', identifiers: '', date_of_birth: '',"""
    + _ROW.format(
        sight="0", at="$start", source="''", info="''", scheme="''", handling="''", agency="''", packed="row[4]"
    )
    + "})-[:OF]->(e)"
)
_REPORTS: Final = """
UNWIND $rows AS row
CREATE (r:Report {uid: $source + '/report/' + toString(row[0]), rid: row[0], row_id: $source + '/r' + toString(row[0]) + '#1',
  key: $source + '/r' + toString(row[0]), version: 1, kind: 'cpi', agency: row[4], submitted_at: $start + duration({days: row[5]}),
  known_from: $start + duration({days: row[5]}), source_eval: '1', info_eval: row[3], scheme: '3x5x2', handling: row[6], conditions: [],
  copied_from: CASE row[0] % 10 WHEN 1 THEN $source + '/r' + toString(row[0] - 1) ELSE '' END, sight: row[2], declared_sight: row[2],
  hash_key: '0', content_hash: '0', seq: row[1], chg_seq: row[1]})
"""
_CLAIM: Final = (
    """
UNWIND $rows AS row
MATCH (a:Entity {nid: row[2]}) USING INDEX a:Entity(nid)
MATCH (b:Entity {nid: row[3]}) USING INDEX b:Entity(nid)
CREATE (a)-[:CLAIM_TYPE {row_id: $source + '/c' + toString(row[0]) + '#CLAIM_TYPE1', claim_id: $source + '/c' + toString(row[0]),
  report_id: $source + '/report/' + toString(row[4]), rid: row[4], event_id: '', role: row[5], time_known: 'exact', seconds: -1.0,
  derived: false, happened_from: $start + duration({days: row[6]}), happened_to: $start + duration({days: row[6], hours: 2}),"""
    + _ROW.format(
        sight="row[7]",
        at="$start + duration({days: row[6]})",
        source="'1'",
        info="row[8]",
        scheme="'3x5x2'",
        handling="row[9]",
        agency="row[10]",
        packed="row[11]",
    )
    + "}]->(b)"
)


@contextmanager
def large_server(subjects: int, claims: int, *, heap: str = "2g") -> Iterator[LocalNeo4j]:
    """Start a local Neo4j in a folder of its own, fill it, and stop it at the end; it may be stopped and started meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        # A small one is soon done with, and its server better started fast than fast once it is warm.
        server = LocalNeo4j(Path(folder) / "home", heap=heap, quick=claims < _BATCH * 10)
        try:
            with BoltStore(server.start(supervised=True)) as store:
                fill(store, subjects, claims)
            yield server
        finally:
            server.stop()


def fill(store: BoltStore, subjects: int, claims: int, *, seed: int = 4) -> None:
    """Write an invented graph of this size into an empty store, and index it after."""
    store.define(_FIRST)
    rng = np.random.default_rng(seed)
    kinds = np.array([_KINDS[at % len(_KINDS)] for at in range(subjects)])
    pools = {kind: np.flatnonzero(kinds == kind) for kind in ("incident", "location", "vehicle", "account")}
    pools["person"] = np.flatnonzero((kinds == "child") | (kinds == "adult"))
    hubs = pools["location"][:HUBS]
    pools["location"] = pools["location"][HUBS:]
    writing = _Writing(store, rng)
    writing.subjects(kinds, set(hubs.tolist()))
    for kind, one, other, share, roles, to_hub in _CLAIMS:
        count = int(claims * share)
        a = rng.choice(pools[one], count)
        if to_hub:
            weight = 1 / np.arange(1, HUBS + 1) ** 0.7
            b = rng.choice(hubs, count, p=weight / weight.sum())
        else:
            b = pools[other][
                (rng.random(count) ** 1.5 * len(pools[other])).astype(np.int64)
            ]  # some far oftener than others
        writing.claims(kind, a, np.where(a == b, pools[other][-1], b), roles)
    ensure_schema(store)


class _Writing:
    """Numbers rows as the writer does, and sends them batch by batch."""

    def __init__(self, store: BoltStore, rng: np.random.Generator) -> None:
        self._store, self._rng = store, rng
        self._sights = (
            OPEN,
            OPEN,
            OPEN,
            sight_for("C", (), ""),
            sight_for("", (), "police"),
            sight_for("C", ("originator",), ""),
        )
        self._sequence = self._after = self._nids = self._rids = self._claims = 0
        used = [{"sid": sight.sid, "text": sight.text} for sight in (*self._sights, WITH_SUBJECT)]
        store.write([(load("store.add_sights").text, {"rows": used})], command_id="sights")

    def subjects(self, kinds: Any, hubs: set[int]) -> None:
        """Write subjects, each with a mention that names it."""
        names = sorted(set(kinds.tolist()))
        labels = [list(labels_of(name)) for name in names]
        codes = np.searchsorted(names, kinds).tolist()
        for low in range(0, len(codes), _BATCH):
            rows = []
            for at in range(low, min(low + _BATCH, len(codes))):
                seq, subkind = self._next(), ("school" if at % 2 else "transport") if at in hubs else ""
                said = {
                    "seq": seq, "nid": at, "rid": -1, "sight": WITH_SUBJECT.sid, "known_from": START_MS, "live_to": FAR_FUTURE_MS,
                    "recorded_at": START_MS, "latitude": NOWHERE, "longitude": NOWHERE, "claim_id": f"{SOURCE}/m{at}",
                    "label": f"Invented {names[codes[at]]} {at}", "subkind": subkind, "born": "",
                }  # fmt: skip
                rows.append([at, seq, codes[at], subkind, MENTION.packed(said)])
            self._nids += len(rows)
            self._send([(_SUBJECTS, {"rows": rows, "labels": labels, "kinds": names})])

    def claims(self, kind: str, a: Any, b: Any, roles: tuple[str, ...]) -> None:
        """Write claims of one type, some to a report."""
        for low in range(0, len(a), _BATCH):
            one, other = a[low : low + _BATCH].tolist(), b[low : low + _BATCH].tolist()
            reports = [self._report() for _ in range(-(-len(one) // _TO_A_REPORT))]
            role, days = (self._rng.integers(0, top, len(one)).tolist() for top in (len(roles), 700))
            rows = []
            for at in range(len(one)):
                rid, _, sight, info, agency, _, handling = reports[at // _TO_A_REPORT]
                seq, when = self._next(), START_MS + days[at] * DAY_MS
                said = {
                    "seq": seq, "a": one[at], "b": other[at], "rid": rid, "sight": sight, "known_from": when, "live_to": FAR_FUTURE_MS,
                    "recorded_at": when, "happened_from": when, "happened_to": when + DAY_MS // 12, "seconds": -1.0,
                    "claim_id": f"{SOURCE}/c{self._claims}", "role": roles[role[at]], "event_id": "", "time_known": "exact", "factors": "",
                }  # fmt: skip
                rows.append(
                    [self._claims, seq, one[at], other[at], rid, roles[role[at]], days[at], sight, info, handling, agency, CLAIM.packed(said)]
                )  # fmt: skip
                self._claims += 1
            self._send([(_REPORTS, {"rows": reports}), (_CLAIM.replace("CLAIM_TYPE", kind), {"rows": rows})])

    def _report(self) -> list[Any]:
        rid, sight = self._rids, self._sights[int(self._rng.integers(len(self._sights)))]
        self._rids += 1
        info = "ABCDE"[int(self._rng.choice(5, p=(0.3, 0.3, 0.2, 0.19, 0.01)))]
        agency = ("police", "social_care", "youth")[rid % 3]
        return [rid, self._next(), sight.sid, info, agency, int(self._rng.integers(700)), "P" if sight is OPEN else "C"]

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence

    def _send(self, statements: list[tuple[str, dict[str, Any]]]) -> None:
        before, self._sequence = self._after, self._sequence + 1
        self._after = self._sequence
        numbers = {"n": before, "after": self._after, "nids": self._nids, "rids": self._rids, "census": "{}"}
        shared = {"source": SOURCE, "start": START, "far": FAR_FUTURE, "open": OPEN_SEQ}
        sent = [
            (load("store.take_numbers").text, numbers),
            *((text, {**given, **shared}) for text, given in statements),
        ]
        self._store.write(sent, command_id=f"fill:{self._after}", seconds=120)
