"""
Read the whole graph as columns, once, and after that what was touched since: the projection, and the sights.

A reading goes up to a number: the counter first, then the rows. What was touched is found by `chg_seq`, and a row keeps its place by the
number under which it was born, so that a projection that was brought up to a number equals one read anew at it.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any, Final, TypeAlias

import numpy as np

from graph_service.store.bolt import BoltStore
from graph_service.store.holdings import of_type
from queries.columns import (
    ClaimColumns,
    GradeColumns,
    Ints,
    Marks,
    MentionColumns,
    Objects,
    Projection,
    ReportColumns,
    SubjectColumns,
    grown,
)
from queries.factors import bits_of_text
from queries.loader import load
from queries.sight import Sight
from queries.vocabulary import TYPE_CODES, TYPE_NAMES, UNGRADED, information_rank, kind_of, source_rank

_STEP: Final = 1000
_CHUNK: Final = 20_000  # subjects a call: bounds the memory of one answer
_AT_ONCE: Final = 2  # calls under way: the store packs one answer while another is unpacked
_CHANGES: Final = 5000  # numbers a packed row of changes
_NUMBERS: Final = 100_000  # numbers a call
_EVER: Final = (1 << 63) - 1
_NOWHERE: Final = 1000.0  # stands for an absent coordinate: `collect` drops absent values and would shift the column
_SECONDS: Final = 60.0
_AGAIN: Final = 3  # times that a reading catches up with what was written while it was under way

Packed: TypeAlias = dict[str, list[Any]]
_SUBJECTS: Final = ("uid", "nid", "key", "labels")
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
# Texts that come again and again: one of each is kept, not a million.
_REPEATED: Final = frozenset({"role", "event_id", "time_known", "subkind", "born", "factors"})


def read_sights(store: BoltStore) -> dict[int, Sight]:
    """Give every sight that rows use, by its number."""
    rows = store.read(load("store.sights").text, {"after": -1}, seconds=5)
    return {row["sid"]: Sight.parse(row["text"]) for row in rows}


def read_projection(store: BoltStore) -> Projection:
    """
    Read every row up to the present number, packed.

    Some 10 microseconds of the store's processor a claim once it is warm, and 5 of ours; two calls are under way at once. Rows are in the
    order in which they were born. What is written meanwhile is caught up with.
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
    grades = _grades(empty)
    marks = Marks((-1, 0, 0, ""), none, none, 0, 0, "", {}, grades)
    claims, mentions = _claims(empty, grades), _mentions(empty, grades)
    return Projection(0, _subjects(empty), _reports(empty), claims, mentions, marks), marks


def _brought_up(store: BoltStore, before: Projection, marks: Marks, counter: tuple[int, int, int, str]) -> Projection:
    sequence, nids, rids, _ = counter
    after, nids_before, rids_before, _ = marks.counter
    packed_claims = _changes(store, "store.claim_changes", _CLAIMS, after, sequence)
    packed_mentions = _changes(store, "store.mention_changes", _MENTIONS, after, sequence)
    new_subjects = _columns(store, "store.subject_columns", range(nids_before, nids), _SUBJECTS)
    new_reports = _columns(store, "store.report_columns", range(rids_before, rids), _REPORTS)
    nothing = np.zeros(0, np.int64)
    grades = grown(marks.grades, _grades(new_reports), nothing, nothing) if new_reports["rid"] else marks.grades
    new_claims, claim_seq = _in_order(_claims(packed_claims, grades), packed_claims)
    new_mentions, mention_seq = _in_order(_mentions(packed_mentions, grades), packed_mentions)
    claims_changed, claims_by = _places(marks.claim_seq, claim_seq)
    mentions_changed, mentions_by = _places(marks.mention_seq, mention_seq)
    copied = _copied(marks.copied_from, new_reports)
    reports = before.reports
    if new_reports["rid"]:
        reports = _with_roots(grown(before.reports, _reports(new_reports), nothing, nothing), copied)
    latest = (marks.changed_seq, marks.changed_row, marks.changed_type)
    later = Projection(
        sequence,
        grown(before.subjects, _subjects(new_subjects), nothing, nothing) if new_subjects["nid"] else before.subjects,
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


def _columns(store: BoltStore, name: str, numbers: range, names: tuple[str, ...], **more: object) -> Packed:
    """Read the packed columns of what is numbered so, chunk by chunk."""
    bounds = [
        {"lo": low, "hi": min(low + _CHUNK, numbers.stop) - 1, "step": min(_STEP, numbers.stop - low), **more}
        for low in range(numbers.start, numbers.stop, _CHUNK)
    ]
    return _joined(chain.from_iterable(_answers(store, [load(name).text] * len(bounds), bounds)), names)


def _changes(store: BoltStore, name: str, names: tuple[str, ...], after: int, sequence: int) -> Packed:
    """Read the rows that were touched after a number and born up to another, some numbers a call."""
    of_types: tuple[str, ...] = TYPE_NAMES if "CLAIM_TYPE" in load(name).text else ("",)
    texts: list[str] = []
    bounds: list[Mapping[str, int]] = []
    types: list[str] = []
    for low in range(after, sequence, _NUMBERS):
        until = min(low + _NUMBERS, sequence)
        top = until if until < sequence else _EVER
        window = {"after": low, "until": until, "sequence": sequence, "step": _CHANGES, "top": top}
        texts += [of_type(name, kind) if kind else load(name).text for kind in of_types]
        bounds += [window] * len(of_types)
        types += of_types
    answers = zip(types, _answers(store, texts, bounds), strict=True)
    return _joined((row | _of(kind, row) for kind, answer in answers for row in answer), names)


def _of(kind: str, row: Mapping[str, list[Any]]) -> Packed:
    return {"type": [TYPE_CODES[kind]] * len(row["seq"])} if kind else {}


def _joined(rows: Iterable[dict[str, Any]], names: tuple[str, ...]) -> Packed:
    joined: Packed = {column: [] for column in names}
    same: dict[object, object] = {}
    for row in rows:
        for column in names:
            values = row[column]
            joined[column].extend(map(same.setdefault, values, values) if column in _REPEATED else values)
    return joined


def _objects(values: list[Any]) -> Objects:
    found = np.empty(len(values), object)
    found[:] = values
    return found


def _ints(values: list[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array(values, np.int64)


def _days(text: str) -> float:
    return (dt.date.fromisoformat(text) - dt.date(1970, 1, 1)).days if text else float("nan")


def _coordinates(values: list[float]) -> np.ndarray[Any, np.dtype[np.float64]]:
    found = np.array(values, np.float64)
    found[found == _NOWHERE] = np.nan
    return found


def _grade(source: str, information: str, handling: str) -> str:
    return "-".join((source, information, handling or "?")) if source and information else "ungraded"


def _subjects(packed: Packed) -> SubjectColumns:
    order = np.argsort(_ints(packed["nid"]))
    return SubjectColumns(
        _objects(packed["uid"])[order],
        _objects(packed["key"])[order],
        _objects([kind_of(labels) for labels in packed["labels"]])[order],
    )


def _reports(packed: Packed) -> ReportColumns:
    order = np.argsort(_ints(packed["rid"]))
    uid, key, agency, kind = (_objects(packed[name])[order] for name in ("uid", "key", "agency", "kind"))
    return ReportColumns(uid, key, agency, kind, np.zeros(len(order), np.int64))


def _copied(before: Mapping[str, str], packed: Packed) -> dict[str, str]:
    """Give of each report the one that it copies, as its newest version says; later versions have larger numbers."""
    found = dict(before)
    for _, key, source in sorted(zip(packed["rid"], packed["key"], packed["copied_from"], strict=True)):
        if source:
            found[key] = source
        else:
            found.pop(key, None)
    return found


def _with_roots(reports: ReportColumns, copied: Mapping[str, str]) -> ReportColumns:
    """Number the first of each chain along `copied_from`, in order of the reports that lead to it; whether it is held does not matter."""
    roots: dict[str, str] = {}
    for key in copied:
        seen, origin = {key}, key
        while (source := copied.get(origin)) and source not in seen:
            seen.add(source)
            origin = source
        # A ring of copies has no first; its smallest key stands for it.
        roots[key] = min(seen) if copied.get(origin) in seen else origin
    first: dict[str, int] = {}
    numbers = [first.setdefault(roots.get(key, key), len(first)) for key in reports.key.tolist()]
    return ReportColumns(reports.uid, reports.key, reports.agency, reports.kind, _ints(numbers))


def _in_order(columns: Any, packed: Packed) -> tuple[Any, Ints]:  # noqa: ANN401  claims or mentions
    """Put rows in the order in which they were born; of one that was touched while it was read, and so read twice, the later state."""
    born, touched = _ints(packed["seq"]), _ints(packed["chg_seq"])
    if (born[:-1] < born[1:]).all():
        return columns, born
    order = np.lexsort((touched, born))
    order = order[np.r_[born[order][1:] != born[order][:-1], True]]
    return type(columns)(*(getattr(columns, name)[order] for name in columns.__slots__)), born[order]


def _grades(packed: Packed) -> GradeColumns:
    """Give what the rows by each of these reports are graded; few grades are different, and each is worked out once."""
    order = np.argsort(_ints(packed["rid"]))
    graded = list(zip(*(packed[name] for name in ("source_eval", "info_eval", "scheme", "handling")), strict=True))
    number = {grade: at for at, grade in enumerate(dict.fromkeys(graded))}
    of = _ints([number[grade] for grade in graded])[order]
    return GradeColumns(
        _objects([_grade(source, information, handling) for source, information, _, handling in number])[of],
        _ints([information_rank(information, scheme) for _, information, scheme, _ in number])[of],
        _ints([source_rank(source, scheme) for source, _, scheme, _ in number])[of],
        _objects([handling for _, _, _, handling in number])[of],
    )


def _claims(c: Packed, grades: GradeColumns) -> ClaimColumns:
    seconds = np.array(c["seconds"], np.float64)
    seconds[seconds < 0] = np.nan
    factors = {text: bits_of_text(text) for text in set(c["factors"])}
    report = _ints(c["rid"])
    return ClaimColumns(
        claim_id=_objects(c["claim_id"]),
        a=_ints(c["a"]),
        b=_ints(c["b"]),
        type=_ints(c["type"]),
        role=_objects(c["role"]),
        report=report,
        event_id=_objects(c["event_id"]),
        sight=_ints(c["sight"]),
        known_from=_ints(c["known_from"]),
        live_to=_ints(c["live_to"]),
        recorded_at=_ints(c["recorded_at"]),
        happened_from=_ints(c["happened_from"]),
        happened_to=_ints(c["happened_to"]),
        time_known=_objects(c["time_known"]),
        grade=grades.grade[report],
        information_rank=grades.information_rank[report],
        source_rank=grades.source_rank[report],
        handling=grades.handling[report],
        seconds=seconds,
        factors=_ints([factors[text] for text in c["factors"]]),
    )


def _mentions(m: Packed, grades: GradeColumns) -> MentionColumns:
    report = _ints(m["rid"])
    ranks = np.append(grades.information_rank, UNGRADED)  # the last stands for -1: what no report says
    days = {text: _days(text) for text in set(m["born"])}
    return MentionColumns(
        subject=_ints(m["nid"]),
        report=report,
        sight=_ints(m["sight"]),
        known_from=_ints(m["known_from"]),
        live_to=_ints(m["live_to"]),
        recorded_at=_ints(m["recorded_at"]),
        label=_objects(m["label"]),
        subkind=_objects(m["subkind"]),
        born=np.array([days[text] for text in m["born"]], np.float64),
        latitude=_coordinates(m["latitude"]),
        longitude=_coordinates(m["longitude"]),
        information_rank=ranks[report],
        claim_id=_objects(m["claim_id"]),
    )
