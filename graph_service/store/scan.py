"""Read every row again and take its census: what `pmet store check` compares with what was kept when the rows were written."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graph_service.store.bolt import BoltStore
from graph_service.store.census import ENDED, WORK_ENDED, Census, claim_group, work_group
from graph_service.store.content import canonical, keyed_hash, work_content
from graph_service.store.packed import CLAIM, MENTION, NOWHERE, Layout, factors_text
from graph_service.store.reader import read_sights
from queries.loader import load
from queries.projection import to_instant
from queries.sight import NOBODY
from queries.vocabulary import INCIDENT_LABELS, KINDS

_STEP: Final = 500
_CHUNK: Final = 5_000
_ORDER: Final = {
    label: rank
    for rank, label in enumerate([*(k[0] for k in KINDS.values()), "Child", "Adult", *INCIDENT_LABELS.values()])
}


@dataclass(slots=True)
class _Report:
    """What the rows of a report version need of it. `sight` is that of the report's newest version: a row has it, or the one it was declared with."""

    key: str = ""
    hash_key: str = ""
    sight: int | None = None


@dataclass
class Scanned:
    """The census of what is there, and the rows whose content is not what their own hash says."""

    census: Census = field(default_factory=Census)
    damaged: dict[str, int] = field(default_factory=dict)

    def damage(self, group: str) -> None:
        """Note a row whose hash does not fit."""
        self.damaged[group] = self.damaged.get(group, 0) + 1


def scan(store: BoltStore, sequence: int, progress: Callable[[str], None] | None = None) -> Scanned:
    """
    Take the census of everything that was written up to `sequence`.

    `O(rows)`; about 25,000 rows a second on two cores. Subjects and reports carry no sequence and are counted as they are.
    """
    (counter,) = store.read(load("store.counter").text, {"name": "claims"}, seconds=5)
    found, keys = Scanned(), dict[int, str]()
    for nid, key, labels in _packed(store, "store.scan_subjects", counter["nids"]):
        keys[nid] = key
        found.census.add(
            f"subject:{max(set(labels) - {'Entity'}, key=lambda name: _ORDER.get(name, -1), default='none')}",
            key.encode(),
        )
    reports = _reports(store, found, counter["rids"], sequence)
    if progress:
        progress(f"{len(keys)} subjects and {len(reports)} reports checked")
    _claims(store, found, counter["nids"], sequence, keys, reports)
    _mentions(store, found, counter["nids"], sequence, keys, reports)
    _work(store, found, counter["nids"], sequence, keys)
    return found


def _packed(store: BoltStore, name: str, hi: int, **more: object) -> Iterator[list[Any]]:
    for lo in range(0, max(hi, 1), _CHUNK):
        bounds = {"lo": lo, "hi": min(lo + _CHUNK, hi) - 1, "step": _STEP, **more}
        for row in store.read(load(name).text, bounds, seconds=60):
            yield from row["rows"]


def _reports(store: BoltStore, found: Scanned, rids: int, sequence: int) -> dict[int, _Report]:
    known: dict[int, _Report] = {-1: _Report()}
    newest: dict[str, tuple[int, dict[str, int]]] = {}
    changed: list[tuple[str, str, int]] = []
    for row in _packed(store, "store.scan_reports", rids, sequence=sequence):
        (_, key, rid, version, kind, agency, submitted, source, information, scheme, handling, conditions, copied, declared_sight,
         sight, hash_key, content_hash, parts) = row  # fmt: skip
        named = {part: (text, part_declared) for part, text, part_declared, _ in parts if part}
        original = named.pop("original", ("", sight))[0]
        content = canonical(
            [key, kind, agency, to_instant(submitted), source, information, scheme, handling, sorted(conditions or []), copied,
             original, declared_sight, sorted((part, text, s) for part, (text, s) in named.items())]
        )  # fmt: skip
        found.census.add("report" if version == 1 else "report_version", content)
        if keyed_hash(hash_key, content) != content_hash:
            found.damage("report")
        known[rid] = _Report(key, hash_key)
        if version > newest.get(key, (0, {}))[0]:
            newest[key] = version, {"": declared_sight} | {part: s for part, _, s, _ in parts if part}
        changed += [(key, part, s) for part, _, was, s in [*parts, ["", "", declared_sight, sight]] if s != was]
    for report in known.values():
        report.sight = newest[report.key][1][""] if report.key in newest else None
    for key, part, now in changed:
        sights = newest[key][1]
        if now != sights.get(part, sights[""]):
            found.damage("report")
    return known


def _claims(
    store: BoltStore,
    found: Scanned,
    nids: int,
    sequence: int,
    keys: dict[int, str],
    reports: dict[int, _Report],
) -> None:
    for row in _packed(store, "store.scan_claims", nids, sequence=sequence):
        (row_id, claim_id, kind, a, b, role, rid, event, since, until, time_known, recorded, declared, attributes, declared_sight,
         sight, source, information, scheme, handling, agency, derived, end_seq, content_hash, seq, changed, known, live, seconds,
         copy) = row  # fmt: skip
        report = reports.get(rid, _Report())
        content = canonical(
            [claim_id, kind, keys.get(a, ""), keys.get(b, ""), role, report.key, event, to_instant(since), to_instant(until), time_known,
             to_instant(recorded), to_instant(declared), attributes, declared_sight, source, information, scheme, handling, agency]
        )  # fmt: skip
        found.census.add(claim_group(kind, derived=derived, first=row_id.endswith(f"#{kind}1")), content)
        if end_seq <= sequence:
            found.census.add(ENDED, row_id.encode())
        said = {
            "seq": seq, "a": a, "b": b, "rid": rid, "sight": sight, "known_from": known, "live_to": live, "recorded_at": recorded,
            "happened_from": since, "happened_to": until, "seconds": seconds, "claim_id": claim_id, "role": role, "event_id": event,
            "time_known": time_known, "factors": factors_text(attributes),
        }  # fmt: skip
        if (
            keyed_hash(report.hash_key, content) != content_hash
            or sight not in {declared_sight, report.sight}
            or _another(copy, CLAIM, said, changed)
        ):
            found.damage(f"claim:{kind}")


def _mentions(
    store: BoltStore,
    found: Scanned,
    nids: int,
    sequence: int,
    keys: dict[int, str],
    reports: dict[int, _Report],
) -> None:
    for row in _packed(store, "store.scan_mentions", nids, sequence=sequence):
        (row_id, claim_id, nid, rid, label, subkind, aliases, born, latitude, longitude, attributes, declared_sight, sight, recorded, declared,
         end_seq, content_hash, seq, changed, known, live, copy) = row  # fmt: skip
        report = reports.get(rid, _Report())
        content = canonical(
            [claim_id, keys.get(nid, ""), report.key, label, subkind, aliases, born, latitude, longitude, attributes, declared_sight,
             to_instant(recorded), to_instant(declared)]
        )  # fmt: skip
        found.census.add("mention", content)
        if end_seq <= sequence:
            found.census.add(ENDED, row_id.encode())
        said = {
            "seq": seq, "nid": nid, "rid": rid, "sight": sight, "known_from": known, "live_to": live, "recorded_at": recorded,
            "latitude": NOWHERE if latitude is None else latitude, "longitude": NOWHERE if longitude is None else longitude,
            "claim_id": claim_id, "label": label, "subkind": subkind, "born": born,
        }  # fmt: skip
        if (
            keyed_hash(report.hash_key, content) != content_hash
            or sight not in {declared_sight, report.sight}
            or _another(copy, MENTION, said, changed)
        ):
            found.damage("mention")


def _another(copy: bytes | None, layout: Layout, said: Mapping[str, Any], changed: int) -> bool:
    """Say whether the packed copy on a row is not of what the row says, or is on one that was touched since it was born; none is no fault."""
    return copy is not None and (changed != said["seq"] or copy != layout.packed(said))


def _work(store: BoltStore, found: Scanned, nids: int, sequence: int, keys: dict[int, str]) -> None:
    formulas = read_sights(store)
    for row in _packed(store, "store.scan_work", nids, sequence=sequence):
        (row_id, claim_id, kind, nid, version, declared_sight, sight, recorded, since, until, time_known, handling, basis, agency, account,
         reason, text, end_seq, hash_key, content_hash) = row  # fmt: skip
        said = {
            "claim_id": claim_id, "kind": kind, "version": version, "declared_sight": declared_sight, "recorded_at": to_instant(recorded),
            "happened_from": to_instant(since), "happened_to": to_instant(until), "time_known": time_known, "handling": handling, "basis": basis,
            "agency": agency, "account": account, "reason": reason, "content": text,
        }  # fmt: skip
        content = work_content(said, keys.get(nid, ""))
        found.census.add(work_group(kind, version), content)
        if end_seq <= sequence:
            found.census.add(WORK_ENDED, row_id.encode())
        # What it needs today may be more than what was declared, and never less.
        needs, declared = formulas.get(sight), formulas.get(declared_sight)
        open_to_more = sight not in {declared_sight, NOBODY.sid} and not (
            needs and declared and needs.needs_all_of(declared)
        )
        if keyed_hash(hash_key, content) != content_hash or open_to_more:
            found.damage(f"work:{kind}")
