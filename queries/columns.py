"""
Every row of the graph as columns: what a `Projection` is made of, and how it grows by the rows that changed.

Instants are milliseconds since 1970-01-01 UTC (int64); positions on Earth are WGS 84 degrees (NaN where not known). A column that has
been given away is never written again: growing makes new ones, so that whoever still reads the old projection is not disturbed.
"""

import bisect
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from queries.records import FAR_FUTURE, FAR_PAST
from queries.vocabulary import KINDS, TYPE_CODES

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
Objects: TypeAlias = NDArray[np.object_]


def to_milliseconds(moment: dt.datetime) -> int:
    """Give an aware instant as milliseconds since 1970-01-01 UTC."""
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(milliseconds=1)


def to_instant(milliseconds: int) -> dt.datetime:
    """Give milliseconds since 1970-01-01 UTC as an aware instant in UTC."""
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=int(milliseconds))


FAR_PAST_MS: Final = to_milliseconds(FAR_PAST)
FAR_FUTURE_MS: Final = to_milliseconds(FAR_FUTURE)
# Keys of the reports under which people and rules here decide that two are the same.
DECIDED: Final = ("same-as:", "rule:")
# Keys of the reports under which people here decide that no route passes through a subject.
HUB_DECIDED: Final = "hub:"
# Reports whose key begins so were made here, when a context was worked on.
CONTEXT_MADE: Final = "context:"
# The kind shown of several that are the same is the first of theirs: what is said most closely, and then by name.
KIND_ORDER: Final = tuple(sorted(KINDS, key=lambda kind: (kind == "person", kind)))
_KIND_CODES: Final = {kind: code for code, kind in enumerate(KIND_ORDER)}
_FEW: Final = 20  # a change of fewer than one row in so many is put in its place; a larger one is sorted anew


@dataclass(slots=True)
class SubjectColumns:
    """One row a subject, in order of `nid` (its position in these columns)."""

    uid: Objects
    key: Objects
    kind: Objects


@dataclass(slots=True)
class ReportColumns:
    """One row a report version. `root` is the position of the first of the chain along `copied_from`."""

    uid: Objects
    key: Objects
    agency: Objects
    kind: Objects
    root: Ints


@dataclass(slots=True)
class ClaimColumns:
    """
    One row a claim row. `a`, `b` and `report` are positions; `type` a code of `TYPE_NAMES`; `event` groups claims that came together.

    `factors` has the coded push and pull factors as bits (see `queries.factors`), nearly always none: 8 bytes a row, 8 MB a million claims.
    """

    claim_id: Objects
    a: Ints
    b: Ints
    type: Ints
    role: Objects
    report: Ints
    event_id: Objects
    sight: Ints
    known_from: Ints
    live_to: Ints
    recorded_at: Ints
    happened_from: Ints
    happened_to: Ints
    time_known: Objects
    grade: Objects
    information_rank: Ints
    source_rank: Ints
    handling: Objects
    seconds: Floats
    factors: Ints

    def __len__(self) -> int:
        return len(self.a)

    def take(self, rows: Ints | Bools) -> "ClaimColumns":
        """Give these rows only."""
        return ClaimColumns(*(getattr(self, name)[rows] for name in ClaimColumns.__slots__))


class ChosenClaims(ClaimColumns):
    """Some rows of claims, with other ends: each column is taken when it is first looked at, so that what nobody asks for costs nothing."""

    __slots__ = ("_all", "_rows")

    def __init__(self, every: ClaimColumns, rows: Ints, a: Ints, b: Ints) -> None:
        self._all, self._rows, self.a, self.b = every, rows, a, b

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  a column of any type
        if name not in ClaimColumns.__slots__:
            raise AttributeError(name)
        column = getattr(self._all, name)[self._rows]
        setattr(self, name, column)
        return column


@dataclass(slots=True)
class MentionColumns:
    """One row a mention row. `subject` and `report` are positions (`report` -1 where none); `born` days since 1970 (NaN unknown)."""

    subject: Ints
    report: Ints
    sight: Ints
    known_from: Ints
    live_to: Ints
    recorded_at: Ints
    label: Objects
    subkind: Objects
    born: Floats
    latitude: Floats
    longitude: Floats
    information_rank: Ints
    claim_id: Objects

    def __len__(self) -> int:
        return len(self.subject)


@dataclass(slots=True)
class GradeColumns:
    """One row a report version: what every claim and mention by it is graded, and how claims are handled."""

    grade: Objects
    information_rank: Ints
    source_rank: Ints
    handling: Objects


Columns = TypeVar("Columns", SubjectColumns, ReportColumns, ClaimColumns, MentionColumns, GradeColumns)


@dataclass(frozen=True, slots=True)
class Marks:
    """
    How far a projection was read, and what finds its rows again.

    Attributes
    ----------
    counter
        The numbers given so far and the running census, as the store's counter had them: `(n, nids, rids, census)`.
    claim_seq, mention_seq
        The number under which each row was born, ascending: rows are in this order, and keep their place.
    changed_seq, changed_row, changed_type
        The latest change of any row: its number, the row's own, and the claim type (empty for a mention). A store whose history
        parted from this one, as after a restore, does not have it.
    copied_from
        Of each report key, the key that its newest version copies.
    grades
        What the rows by each report version are graded.
    """

    counter: tuple[int, int, int, str]
    claim_seq: Ints
    mention_seq: Ints
    changed_seq: int
    changed_row: int
    changed_type: str
    copied_from: dict[str, str]
    grades: GradeColumns


@dataclass
class Projection:
    """
    Every row of the store up to one sequence number. Never handed to an analysis: see `visible_graph`.

    Orders and codes that every viewer's graph is made with are worked out once, and kept up when the projection grows. `kept` has, by name, what
    else has been made of all of it.
    """

    sequence: int
    subjects: SubjectColumns
    reports: ReportColumns
    claims: ClaimColumns
    mentions: MentionColumns
    marks: Marks | None = None
    kept: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def subject_order(self) -> Ints:
        """Positions of subjects in order of source key."""
        return _sorted(self.subjects.key)

    @cached_property
    def claim_order(self) -> Ints:
        """Rows of claims in order of claim id."""
        return _sorted(self.claims.claim_id)

    @cached_property
    def mention_order(self) -> Ints:
        """Rows of mentions, best grade first, then latest, then the smaller id: the first that says something is the one shown."""
        rows = self.mentions
        by_id = np.empty(len(rows), np.int64)
        by_id[_sorted(rows.claim_id)] = np.arange(len(rows))
        return np.asarray(np.lexsort((by_id, -rows.recorded_at, rows.information_rank)), np.int64)

    def _subject_key(self, at: int) -> Any:  # noqa: ANN401  something to sort by
        return self.subjects.key[at], at

    def _claim_key(self, row: int) -> Any:  # noqa: ANN401
        return self.claims.claim_id[row], row

    def _mention_key(self, row: int) -> Any:  # noqa: ANN401
        rows = self.mentions
        return int(rows.information_rank[row]), -int(rows.recorded_at[row]), rows.claim_id[row], row

    @cached_property
    def kind_codes(self) -> Ints:
        """Of each subject the position of its kind in `KIND_ORDER`."""
        return _codes_of(self.subjects.kind)

    @cached_property
    def sights(self) -> tuple[Ints, Ints, Ints]:
        """The sight numbers in use, ascending, and of each claim row and mention row the position of its own among them."""
        used = np.union1d(self.claims.sight, self.mentions.sight)
        return used, np.searchsorted(used, self.claims.sight), np.searchsorted(used, self.mentions.sight)

    @cached_property
    def moments(self) -> Ints:
        """Every moment at which a row begins or ends, ascending (after growing, perhaps others beside): between two, the same rows are live."""
        columns = (self.claims.known_from, self.claims.live_to, self.mentions.known_from, self.mentions.live_to)
        return np.asarray(np.unique(np.concatenate(columns)), np.int64)

    @cached_property
    def hub_reports(self) -> Bools:
        """Which reports are decisions here that a subject joins too many to make a route through it."""
        return _hub_decisions(self.reports.key)

    @cached_property
    def decisions(self) -> Ints:
        """The rows of `SAME_AS` claims that people or rules here made, not reports."""
        return self.decisions_from(0)

    def decisions_from(self, first: int) -> Ints:
        """Give those of `decisions` that are rows from `first` on."""
        rows, keys = first + np.flatnonzero(self.claims.type[first:] == TYPE_CODES["SAME_AS"]), self.reports.key
        made_here = [keys[report].startswith(DECIDED) for report in self.claims.report[rows].tolist()]
        return np.asarray(rows[np.array(made_here, np.bool_)], np.int64)

    @cached_property
    def affected(self) -> Ints:
        """The rows of `AFFECTED_BY` claims that were made here of other records, when a context was worked on."""
        rows, keys = np.flatnonzero(self.claims.type == TYPE_CODES["AFFECTED_BY"]), self.reports.key
        made_here = [keys[report].startswith(CONTEXT_MADE) for report in self.claims.report[rows].tolist()]
        return np.asarray(rows[np.array(made_here, np.bool_)], np.int64)

    @cached_property
    def named(self) -> Bools:
        """Which subjects any claim of a report names, hidden or not, ended or not."""
        return self.named_from(0, np.zeros(0, np.bool_))

    def named_from(self, first: int, before: Bools) -> Bools:
        """Give `named`, where `before` says it of the rows before `first`."""
        rows = np.setdiff1d(np.arange(first, len(self.claims)), self.decisions, assume_unique=True)
        found = np.zeros(len(self.subjects.uid), np.bool_)
        found[: len(before)] = before
        found[self.claims.a[rows]] = found[self.claims.b[rows]] = True
        return found

    @cached_property
    def at_uid(self) -> dict[str, int]:
        """The position of every subject by its uid."""
        return {uid: at for at, uid in enumerate(self.subjects.uid.tolist())}

    @cached_property
    def at_key(self) -> dict[str, int]:
        """The position of every subject by its source key."""
        return {key: at for at, key in enumerate(self.subjects.key.tolist())}

    @cached_property
    def roots(self) -> dict[str, int]:
        """Of every report version, by uid, what stands for the first of its chain along `copied_from`."""
        return dict(zip(self.reports.uid.tolist(), self.reports.root.tolist(), strict=True))

    def followed_by(self, later: "Projection", changed_claims: Ints, changed_mentions: Ints) -> "Projection":
        """
        Hand on to a later projection of the same store what is worked out already, with its new rows in their places.

        `changed_claims` and `changed_mentions` are the rows, of those that this projection has too, that are no longer the same.
        """
        kept = self.__dict__
        for name, changed in (("subject", ()), ("claim", changed_claims), ("mention", changed_mentions)):
            key, key_then = getattr(later, f"_{name}_key"), getattr(self, f"_{name}_key")
            count = len(getattr(later, f"{name}s").key if name == "subject" else getattr(later, f"{name}s"))
            order = kept.get(f"{name}_order")
            if order is None or (count - len(order)) * _FEW > count:
                continue
            if all(key(row) == key_then(row) for row in changed):
                later.__dict__[f"{name}_order"] = _with_new(order, key, count)
        if "moments" in kept:
            clocks = [
                getattr(columns, name)[np.r_[changed, np.arange(len(before), len(columns))].astype(np.int64)]
                for before, columns, changed in (
                    (self.claims, later.claims, changed_claims),
                    (self.mentions, later.mentions, changed_mentions),
                )
                for name in ("known_from", "live_to")
            ]
            new = np.unique(np.concatenate(clocks))
            at = np.searchsorted(self.moments, new)
            unknown = np.append(self.moments, FAR_PAST_MS - 1)[at] != new
            later.__dict__["moments"] = np.insert(self.moments, at[unknown], new[unknown])
        for name, column in (("at_uid", later.subjects.uid), ("at_key", later.subjects.key)):
            if name in kept:
                first = len(kept[name])
                more = {at: first + n for n, at in enumerate(column[first:].tolist())}
                later.__dict__[name] = {**kept[name], **more} if more else kept[name]
        self._hand_on_codes(later, changed_claims, changed_mentions)
        return later

    def _hand_on_codes(self, later: "Projection", changed_claims: Ints, changed_mentions: Ints) -> None:
        """Hand on what has a value a row and does not change with a row: only that of new rows is worked out."""
        kept, given = self.__dict__, later.__dict__
        if "kind_codes" in kept:
            more = _codes_of(later.subjects.kind[len(self.kind_codes) :])
            given["kind_codes"] = np.concatenate([self.kind_codes, more])
        if "hub_reports" in kept:
            decided = _hub_decisions(later.reports.key[len(self.hub_reports) :])
            given["hub_reports"] = np.concatenate([self.hub_reports, decided])
        if "decisions" in kept:
            given["decisions"] = np.concatenate([self.decisions, later.decisions_from(len(self.claims))])
        if "named" in kept:
            given["named"] = later.named_from(len(self.claims), self.named)
        if "sights" not in kept:
            return
        used, *codes = self.sights
        for at, (sight, sight_then, changed) in enumerate(
            (
                (later.claims.sight, self.claims.sight, changed_claims),
                (later.mentions.sight, self.mentions.sight, changed_mentions),
            )
        ):
            new = sight[len(sight_then) :]
            if (sight[changed] != sight_then[changed]).any() or not np.isin(new, used).all():
                return  # a sight that is new, or perhaps no longer in use: all are counted anew
            codes[at] = np.concatenate([codes[at], np.searchsorted(used, new)])
        given["sights"] = (used, codes[0], codes[1])


def grown(columns: Columns, new: Columns, changed: Ints, by: Ints) -> Columns:
    """Give columns with `new` rows after them; rows `changed` take the values of the new rows `by`, which then are not added."""
    added = np.ones(len(getattr(new, new.__slots__[0])), np.bool_)
    added[by] = False
    made = []
    for name in columns.__slots__:
        column, more = getattr(columns, name), getattr(new, name)
        both = np.concatenate([column, more[added]])
        both[changed] = more[by]
        made.append(both)
    return type(columns)(*made)


def _codes_of(kinds: Objects) -> Ints:
    return np.array([_KIND_CODES[kind] for kind in kinds.tolist()], np.int64)


def _hub_decisions(keys: Objects) -> Bools:
    return np.array([key.startswith(HUB_DECIDED) for key in keys.tolist()], np.bool_)


def _sorted(texts: Objects) -> Ints:
    listed = texts.tolist()
    return np.array(sorted(range(len(listed)), key=listed.__getitem__), np.int64)


def _with_new(order: Ints, key: Callable[[int], Any], count: int) -> Ints:
    """Put the rows beyond those that an order has, up to `count`, into their places in it."""
    new = sorted(range(len(order), count), key=key)
    places = [bisect.bisect_right(order, key(row), key=key) for row in new]
    return np.asarray(np.insert(order, places, new), np.int64)
