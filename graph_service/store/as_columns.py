"""What the store's packed answers give, as the columns of a projection."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from graph_service.store.packed import NOWHERE
from queries.columns import ClaimColumns, GradeColumns, Ints, MentionColumns, Objects, ReportColumns, SubjectColumns
from queries.factors import bits_of_text
from queries.vocabulary import UNGRADED, information_rank, source_rank

# A list or an array a column.
Packed: TypeAlias = dict[str, Any]


def _objects(values: list[Any]) -> Objects:
    found = np.empty(len(values), object)
    found[:] = values
    return found


def _ints(values: Any) -> Ints:  # noqa: ANN401  a list or an array
    return np.asarray(values, np.int64)


def _days(text: str) -> float:
    return (dt.date.fromisoformat(text) - dt.date(1970, 1, 1)).days if text else float("nan")


def _coordinates(values: list[float]) -> np.ndarray[Any, np.dtype[np.float64]]:
    found = np.array(values, np.float64)
    found[found == NOWHERE] = np.nan
    return found


def _grade(source: str, information: str, handling: str) -> str:
    return "-".join((source, information, handling or "?")) if source and information else "ungraded"


def subject_columns(packed: Packed) -> SubjectColumns:
    """Give subjects in order of their numbers."""
    order = np.argsort(_ints(packed["nid"]))
    return SubjectColumns(
        _objects(packed["uid"])[order],
        _objects(packed["key"])[order],
        _objects(packed["kind"])[order],
    )


def report_columns(packed: Packed) -> ReportColumns:
    """Give report versions in order of their numbers, each still its own root."""
    order = np.argsort(_ints(packed["rid"]))
    uid, key, agency, kind = (_objects(packed[name])[order] for name in ("uid", "key", "agency", "kind"))
    return ReportColumns(uid, key, agency, kind, np.zeros(len(order), np.int64))


def copied_after(before: Mapping[str, str], packed: Packed) -> dict[str, str]:
    """Give of each report the one that it copies, as its newest version says; later versions have larger numbers."""
    found = dict(before)
    for _, key, source in sorted(zip(packed["rid"], packed["key"], packed["copied_from"], strict=True)):
        if source:
            found[key] = source
        else:
            found.pop(key, None)
    return found


def with_roots(reports: ReportColumns, copied: Mapping[str, str]) -> ReportColumns:
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


def in_order(columns: Any, packed: Packed) -> tuple[Any, Ints]:  # noqa: ANN401  claims or mentions
    """Put rows in the order in which they were born; of one that was touched while it was read, and so read twice, the later state."""
    born, touched = _ints(packed["seq"]), _ints(packed["chg_seq"])
    if (born[:-1] < born[1:]).all():
        return columns, born
    order = np.lexsort((touched, born))
    order = order[np.r_[born[order][1:] != born[order][:-1], True]]
    return type(columns)(*(getattr(columns, name)[order] for name in columns.__slots__)), born[order]


def grade_columns(packed: Packed) -> GradeColumns:
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


def claim_columns(c: Packed, grades: GradeColumns) -> ClaimColumns:
    """Give claims in the order in which they came, graded as their reports are."""
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


def mention_columns(m: Packed, grades: GradeColumns) -> MentionColumns:
    """Give mentions in the order in which they came, graded as their reports are."""
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
