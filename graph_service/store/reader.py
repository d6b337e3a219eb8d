"""
Read the whole graph as columns, once, and after that what was touched since: the projection, and the sights.

A reading goes up to a number: the counter first, then the rows. What was touched is found by `chg_seq`, and a row keeps its place by the
number under which it was born, so that a projection that was brought up to a number equals one read anew at it.
"""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any, Final

import numpy as np

from graph_service.store.as_columns import (
    Packed,
    claim_columns,
    copied_after,
    grade_columns,
    in_order,
    mention_columns,
    report_columns,
    subject_columns,
    with_roots,
)
from graph_service.store.bolt import BoltStore
from graph_service.store.holdings import of_type
from graph_service.store.packed import CLAIM, MENTION, Layout
from queries.columns import (
    Ints,
    Marks,
    Projection,
    grown,
)
from queries.loader import load
from queries.sight import Sight
from queries.vocabulary import TYPE_CODES, TYPE_NAMES, kind_of

_STEP: Final = 1000
_CHUNK: Final = 20_000  # subjects a call: bounds the memory of one answer
_AT_ONCE: Final = 2  # calls under way: the store packs one answer while another is unpacked
_CHANGES: Final = 5000  # numbers a packed row of changes
_NUMBERS: Final = 100_000  # numbers a call
_AT_A_TIME: Final = 20  # packed rows a call, of rows that have no copy
_EVER: Final = (1 << 63) - 1
_SECONDS: Final = 60.0
_AGAIN: Final = 3  # times that a reading catches up with what was written while it was under way

_SUBJECTS: Final = ("uid", "nid", "key", "kind")
_REPORTS: Final = (
    "uid", "rid", "key", "agency", "kind", "copied_from", "version", "source_eval", "info_eval", "scheme", "handling",
)  # fmt: skip
_CLAIMS: Final = (
    "seq", "chg_seq", "claim_id", "a", "b", "type", "role", "rid", "event_id", "sight", "known_from", "live_to", "recorded_at",
    "happened_from", "happened_to", "time_known", "seconds", "factors",
)  # fmt: skip
_MENTIONS: Final = (
    "seq", "chg_seq", "claim_id", "nid", "rid", "sight", "known_from", "live_to", "recorded_at", "label", "subkind", "born",
    "latitude", "longitude",
)  # fmt: skip
_REPEATED: Final = frozenset({"role", "event_id", "time_known", "subkind", "born", "factors"})
_TEXTS: Final = _REPEATED | {"claim_id", "label"}
_REALS: Final = frozenset({"seconds", "latitude", "longitude"})


def read_sights(store: BoltStore) -> dict[int, Sight]:
    """Give every sight that rows use, by its number."""
    rows = store.read(load("store.sights").text, {"after": -1}, seconds=5)
    return {row["sid"]: Sight.parse(row["text"]) for row in rows}


def read_projection(store: BoltStore) -> Projection:
    """
    Read every row up to the present number, packed.

    By the packed copies on the rows; only rows that were touched since they were born are read property by property. Two calls are under way
    at once. Rows are in the order in which they were born. What is written meanwhile is caught up with.
    """
    return _caught_up(store, _brought_up(store, *_nothing(), _counter(store)))


def refreshed(store: BoltStore, before: Projection) -> Projection:
    """
    Bring a projection up to the store's present number: the same object where nothing has been written since.

    New rows are added, and rows that were ended or have another sight replaced, in new columns: `before` stays as it was. A store whose
    history is another than that of `before` (its counter went back, or the latest change is not there: it was restored) is read anew.
    """
    counter = _counter(store)
    marks = before.marks
    if marks is None:
        return read_projection(store)
    if counter == marks.counter:
        return before
    if any(now < then for now, then in zip(counter[:3], marks.counter[:3], strict=True)) or not _still_there(
        store, marks
    ):
        return read_projection(store)
    return _caught_up(store, _brought_up(store, before, marks, counter))


def _caught_up(store: BoltStore, found: Projection) -> Projection:
    """Read again what was written while the rows were read, so that no half of a change is seen while writers pause."""
    for _ in range(_AGAIN):
        counter = _counter(store)
        if found.marks is None or counter == found.marks.counter:
            break
        found = _brought_up(store, found, found.marks, counter)
    return found


def _counter(store: BoltStore) -> tuple[int, int, int, str]:
    (row,) = store.read(load("store.counter").text, {"name": "claims"}, seconds=5)
    return int(row["n"]), int(row["nids"]), int(row["rids"]), str(row["census"])


def _still_there(store: BoltStore, marks: Marks) -> bool:
    if not marks.changed_seq:
        return True
    kind = marks.changed_type
    text = of_type("store.claim_still_there", kind) if kind else load("store.mention_still_there").text
    (row,) = store.read(text, {"seq": marks.changed_row, "chg_seq": marks.changed_seq}, seconds=_SECONDS)
    return bool(row["n"])


def _nothing() -> tuple[Projection, Marks]:
    """Give the projection of an empty store, before its first number."""
    none: Ints = np.zeros(0, np.int64)
    empty: Packed = {name: [] for name in (*_SUBJECTS, *_REPORTS, *_CLAIMS, *_MENTIONS)}
    grades = grade_columns(empty)
    marks = Marks((-1, 0, 0, ""), none, none, 0, 0, "", {}, grades)
    claims, mentions = claim_columns(empty, grades), mention_columns(empty, grades)
    return Projection(0, subject_columns(empty), report_columns(empty), claims, mentions, marks), marks


def _brought_up(store: BoltStore, before: Projection, marks: Marks, counter: tuple[int, int, int, str]) -> Projection:
    sequence, nids, rids, _ = counter
    after, nids_before, rids_before, _ = marks.counter
    packed_claims = _changes(store, "store.claim", CLAIM, _CLAIMS, after, sequence)
    packed_mentions = _changes(store, "store.mention", MENTION, _MENTIONS, after, sequence)
    subjects = _rows(store, "store.subject_columns", range(nids_before, nids))
    new_subjects = _joined(map(_with_kind, subjects), _SUBJECTS)
    new_reports = _joined(_rows(store, "store.report_columns", range(rids_before, rids)), _REPORTS)
    nothing = np.zeros(0, np.int64)
    grades = grown(marks.grades, grade_columns(new_reports), nothing, nothing) if new_reports["rid"] else marks.grades
    new_claims, claim_seq = in_order(claim_columns(packed_claims, grades), packed_claims)
    new_mentions, mention_seq = in_order(mention_columns(packed_mentions, grades), packed_mentions)
    claims_changed, claims_by = _places(marks.claim_seq, claim_seq)
    mentions_changed, mentions_by = _places(marks.mention_seq, mention_seq)
    copied = copied_after(marks.copied_from, new_reports)
    reports = before.reports
    if new_reports["rid"]:
        reports = with_roots(grown(before.reports, report_columns(new_reports), nothing, nothing), copied)
    latest = (marks.changed_seq, marks.changed_row, marks.changed_type)
    later = Projection(
        sequence,
        grown(before.subjects, subject_columns(new_subjects), nothing, nothing)
        if new_subjects["nid"]
        else before.subjects,
        reports,
        grown(before.claims, new_claims, claims_changed, claims_by) if len(claim_seq) else before.claims,
        grown(before.mentions, new_mentions, mentions_changed, mentions_by) if len(mention_seq) else before.mentions,
        Marks(
            counter,
            np.concatenate([marks.claim_seq, np.delete(claim_seq, claims_by)]),
            np.concatenate([marks.mention_seq, np.delete(mention_seq, mentions_by)]),
            *_latest(packed_claims, packed_mentions, latest),
            copied_from=copied,
            grades=grades,
        ),
    )
    return before.followed_by(later, claims_changed, mentions_changed)


def _places(held: Ints, found: Ints) -> tuple[Ints, Ints]:
    """Give the rows held that were found again, and which of the found ones they are."""
    at = np.minimum(np.searchsorted(held, found), max(len(held) - 1, 0))
    again = np.flatnonzero(held[at] == found) if len(held) else np.zeros(0, np.int64)
    return at[again], again


def _latest(claims: Packed, mentions: Packed, before: tuple[int, int, str]) -> tuple[int, int, str]:
    """Give the latest change: its number, the row's own, and the type of claim (empty for a mention)."""
    found = [before]
    for packed, is_claim in ((claims, True), (mentions, False)):
        changed = np.array(packed["chg_seq"], np.int64)
        if len(changed):
            at = int(changed.argmax())
            kind = TYPE_NAMES[packed["type"][at]] if is_claim else ""
            found.append((int(changed[at]), int(packed["seq"][at]), kind))
    return max(found)


def _answers(
    store: BoltStore, texts: list[str], parameters: Iterable[Mapping[str, Any]]
) -> Iterator[list[dict[str, Any]]]:
    """Ask several at once, and give the packed rows of each in the order of the questions."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        asked = [
            pool.submit(store.read, text, given, seconds=_SECONDS)
            for text, given in zip(texts, parameters, strict=True)
        ]
        for answer in asked:
            yield answer.result()


def _rows(store: BoltStore, name: str, numbers: range) -> Iterator[dict[str, Any]]:
    """Read the packed rows of what is numbered so, chunk by chunk."""
    bounds = [
        {"lo": low, "hi": min(low + _CHUNK, numbers.stop) - 1, "step": min(_STEP, numbers.stop - low)}
        for low in range(numbers.start, numbers.stop, _CHUNK)
    ]
    return chain.from_iterable(_answers(store, [load(name).text] * len(bounds), bounds))


def _with_kind(row: dict[str, Any]) -> dict[str, Any]:
    """Give subjects of the same labels the kind that these say."""
    return row | {"kind": [kind_of(row["labels"])] * len(row["nid"])}


def _changes(store: BoltStore, name: str, layout: Layout, names: tuple[str, ...], after: int, sequence: int) -> Packed:
    """Read the rows that were touched after a number and born up to another: their copies, some numbers a call, then those that have none."""
    copies, changes = f"{name}_copies", f"{name}_changes"
    of_types = _types_in_use(store, after) if layout is CLAIM else ("",)
    bounds: list[Mapping[str, int]] = []
    types: list[str] = []
    for low in range(after, sequence, _NUMBERS):
        until = min(low + _NUMBERS, sequence)
        top = until if until < sequence else _EVER
        window = {"after": low, "until": until, "sequence": sequence, "step": _CHANGES, "top": top}
        bounds += [window] * len(of_types)
        types += of_types
    found = _Columns(names)
    without: dict[str, list[tuple[int, int]]] = {}
    for kind, answer in zip(types, _answers(store, [_text(copies, kind) for kind in types], bounds), strict=True):
        for row in answer:
            found.add({**(read := layout.unpacked(row["packed"])), "chg_seq": read["seq"]}, kind)
            if row["low"] is not None:
                without.setdefault(kind, []).append((row["low"], row["high"]))
    asked = [
        (kind, {"windows": windows[at : at + _AT_A_TIME], "sequence": sequence})
        for kind, windows in without.items()
        for at in range(0, len(windows), _AT_A_TIME)
    ]
    answers = _answers(store, [_text(changes, kind) for kind, _ in asked], [given for _, given in asked])
    for (kind, _), answer in zip(asked, answers, strict=True):
        for row in answer:
            found.add(row, kind)
    return found.joined()


def _types_in_use(store: BoltStore, after: int) -> tuple[str, ...]:
    """Give the types to ask for. Before the first number only those that are there: a store that was just started takes long over each text."""
    if after >= 0:
        return TYPE_NAMES
    rows = store.read(load("store.types_in_use").text, {"names": list(TYPE_NAMES)}, seconds=_SECONDS)
    return tuple(row["name"] for row in rows)


def _text(name: str, kind: str) -> str:
    return of_type(name, kind) if kind else load(name).text


class _Columns:
    """Columns that grow by some rows at a time; of a text that comes again and again one is kept, not a million."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._parts: dict[str, list[Any]] = {name: [] for name in names}
        self._same: dict[object, object] = {}

    def add(self, row: Mapping[str, Any], kind: str) -> None:
        """Add what one packed row of an answer holds: of claims of one type, or of mentions where `kind` is empty."""
        for name, parts in self._parts.items():
            if name == "type":
                parts.append(np.full(len(row["seq"]), TYPE_CODES[kind], np.int64))
            elif name in _REPEATED:
                parts.extend(map(self._same.setdefault, row[name], row[name]))
            elif name in _TEXTS:
                parts.extend(row[name])
            else:
                parts.append(np.asarray(row[name], np.float64 if name in _REALS else np.int64))

    def joined(self) -> Packed:
        """Give the whole columns."""
        return {
            name: parts if name in _TEXTS else np.concatenate(parts) if parts else []
            for name, parts in self._parts.items()
        }


def _joined(rows: Iterable[dict[str, Any]], names: tuple[str, ...]) -> Packed:
    joined: Packed = {column: [] for column in names}
    for row in rows:
        for column in names:
            joined[column].extend(row[column])
    return joined
