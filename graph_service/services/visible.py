"""The one shared projection, and each viewer's part of it: the visible graph first, then the analysis."""

import datetime as dt
import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np

from graph_service.access import Action, Viewer
from graph_service.disclosure import pseudonym
from graph_service.errors import NotFoundError
from graph_service.store.bolt import BoltStore
from graph_service.store.reader import read_projection, read_sights, refreshed
from queries.analysis.homes import NO_LIST, HomeList
from queries.projection import Bools, Projection, Subject, VisibleGraph, to_milliseconds, visible_graph
from queries.sight import NOBODY, OPEN, WITH_SUBJECT, Sight
from queries.subjects import Told
from queries.vocabulary import PERSON_KINDS, TYPE_CODES

# Their labels are names of people, lead to one, or hold one in what somebody typed.
_NAMING_KINDS: Final = PERSON_KINDS | {"account", "vehicle", "incident", "group"}
# Street crimes: the first source key of theirs, and the first after them.
_PUBLISHED: Final = ("police.uk:", "police.uk;")
_Rows: TypeAlias = tuple[int, int, int, int]
_KEPT: Final = 8  # visible graphs kept: a few personas at a few moments
# The buckets that the store plans list parameters in; a padded list keeps to a few plans.
_BUCKETS: Final = (10, 100, 1000)


class VisibleGraphs:
    """Gives each viewer the graph that they may see. Refreshed when the store has changed; safe to share between threads."""

    def __init__(
        self,
        store: BoltStore,
        pseudonym_key: bytes,
        homes: Callable[[], HomeList] = lambda: NO_LIST,
        teams: Callable[[Sequence[int]], Mapping[str, frozenset[str]]] = lambda _: {},
    ) -> None:
        self._store, self._key, self._homes, self._read_teams = store, pseudonym_key, homes, teams
        self._lock = threading.Lock()
        self._projection: Projection | None = None
        self._formulas: dict[int, Sight] = {}
        self._teams: Mapping[str, frozenset[str]] = {}
        self._kept: OrderedDict[tuple[_Rows, frozenset[int], int, bool, frozenset[str], HomeList], VisibleGraph] = (
            OrderedDict()
        )

    def projection(self) -> Projection:
        """Give the projection at the store's present sequence number: read once, and after that brought up to each later number."""
        with self._lock:
            before = self._projection
            found = refreshed(self._store, before) if before is not None else read_projection(self._store)
            if found is not before:
                self._formulas = read_sights(self._store)
                contexts = found.subjects.uid[found.subjects.kind == "context"].tolist()
                self._teams = {**dict.fromkeys(contexts, frozenset()), **self._read_teams(list(self._formulas))}
                self._projection = found
                # What was written of contexts and assessments alone is in no graph: those that are kept, with what was found in them, stand.
                if before is None or _rows_of(found) != _rows_of(before):
                    self._kept.clear()
            return found

    def forget(self) -> None:
        """Read everything anew at the next question: after a restore, whose numbers may be those of before."""
        with self._lock:
            self._projection = None
            self._kept.clear()

    def sights(self, viewer: Viewer) -> frozenset[int]:
        """Give the numbers of the sights that are open to a viewer now."""
        self.projection()
        return self._opened(viewer)

    def _opened(self, viewer: Viewer) -> frozenset[int]:
        held = self._in_force(viewer)
        opened = {sid for sid, sight in self._formulas.items() if sight.opened_by(held)}
        return frozenset(opened | {OPEN.sid, WITH_SUBJECT.sid})

    def in_force(self, viewer: Viewer) -> Viewer:
        """
        Give a viewer with those places in satellite teams that stand: of a context that is worked on, in whose team they are named.

        A holding that was left behind, by a process that was killed before it was withdrawn, opens nothing.
        """
        self.projection()
        held = self._in_force(viewer)
        return viewer if held == viewer.held else replace(viewer, held=held)

    def _in_force(self, viewer: Viewer) -> frozenset[str]:
        left = {f"team:{uid}" for uid in viewer.teams if viewer.account not in self._teams.get(uid, {viewer.account})}
        return viewer.held - left

    def every_sight(self) -> list[int]:
        """Give the numbers of all sights that are known; what reads with them reads for the service itself, and shows nobody."""
        self.projection()
        return sorted(self._formulas)

    def formula(self, sid: int) -> Sight:
        """Give the formula of a sight number; one that is not known opens to nobody."""
        return self._formulas.get(sid, NOBODY)

    def root_of(self, report_uid: str) -> object:
        """Give what stands for the first report of the chain along `copied_from` that this one ends."""
        return (self._projection or self.projection()).roots.get(report_uid, report_uid)

    def padded(self, sights: frozenset[int]) -> list[int]:
        """Give sights as the list that named Cypher takes, padded to the length of its plan's bucket."""
        listed = sorted(sights)
        room = next((size for size in _BUCKETS if size >= len(listed)), len(listed))
        return listed + [listed[-1]] * (room - len(listed))

    def of(self, viewer: Viewer, known_at: dt.datetime) -> VisibleGraph:
        """
        Give the graph that a viewer may see, as known at a moment; people under pseudonyms where their role needs it.

        Its homes are those of visible claims and those of the partnership's own list, as that list is today.
        """
        everything = self.projection()
        sights = self._opened(viewer)
        moment = to_milliseconds(known_at)
        # Between two moments at which any row begins or ends, the same rows are live.
        span = int(np.searchsorted(everything.moments, moment, side="right"))
        homes = self._homes()
        key = (_rows_of(everything), sights, span, viewer.knows_names, viewer.schools, homes)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
        if kept is None:
            kept = homes.marked(visible_graph(everything, sights, moment))
            hidden = names_hidden(kept, viewer)
            kept = replace(
                kept, subjects=Told(kept.subjects, lambda at, subject: self._named(subject, bool(hidden[at])))
            )
            with self._lock:
                self._kept[key] = kept
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return kept.at_moment(moment)

    def pseudonym_of(self, subject: Subject) -> str:
        """Give the name under which a subject is shown to those who may not read names."""
        return pseudonym(self._key, subject.key, subject.kind)

    def _named(self, subject: Subject, under_pseudonym: bool) -> Subject:
        if under_pseudonym:
            return replace(subject, label=self.pseudonym_of(subject), born=None)
        if not subject.label:
            return replace(subject, label=f"Unnamed {(subject.subkind or subject.kind).replace('_', ' ')}")
        return subject


def _rows_of(everything: Projection) -> _Rows:
    """Give what tells the rows of a projection from others: which columns they are. None is ever changed; a graph that is kept holds its own."""
    return id(everything.subjects), id(everything.reports), id(everything.claims), id(everything.mentions)


def own_pupils(graph: VisibleGraph, viewer: Viewer) -> frozenset[int]:
    """Give the positions of those of whom a visible claim says that they attend the viewer's own school."""
    claims, schools = graph.claims, viewer.schools
    attending = np.flatnonzero(claims.type == TYPE_CODES["ATTENDS"]) if schools else np.zeros(0, np.int64)
    return frozenset(int(claims.a[row]) for row in attending if graph.subjects[claims.b[row]].key in schools)


def names_hidden(graph: VisibleGraph, viewer: Viewer) -> Bools:
    """Say of each subject whether this viewer may not read its label. What is published with no name in it may be read."""
    if viewer.knows_names:
        return np.zeros(len(graph.subjects), np.bool_)
    kinds, hidden = graph.kinds, graph.homes.copy()
    for kind in _NAMING_KINDS:
        hidden |= kinds == kind
    hidden[list(own_pupils(graph, viewer))] = False
    # Subjects are in order of source key, so what came from one source is side by side.
    first, last = (bisect_left(graph.subjects, end, key=lambda subject: subject.key) for end in _PUBLISHED)
    hidden[first:last] = False
    return np.asarray(hidden, np.bool_)


def may_open(graph: VisibleGraph, viewer: Viewer, at: int) -> bool:
    """Say whether a viewer's role opens the record of a subject: a school's, its own pupils and places where nobody is said to live."""
    if viewer.may(Action.READ_PERSON):
        return True
    if graph.subjects[at].kind in PERSON_KINDS:
        return viewer.may(Action.READ_PERSON, own_pupil=at in own_pupils(graph, viewer))
    return graph.subjects[at].kind == "location" and not graph.homes[at] and viewer.may(Action.READ_PLACE)


def locate(graph: VisibleGraph, name: str) -> int:
    """
    Give the position of the subject that a uid or `ref:BUNDLE/REF` names.

    Raises
    ------
    NotFoundError
        If the viewer may not see one by this name, or there is none: the two cannot be told apart.
    """
    is_ref = name.startswith("ref:")
    found = graph.by_ref.get(name.removeprefix("ref:")) if is_ref else graph.position.get(name)
    if found is None:
        raise NotFoundError
    return found


def as_json(subject: Subject) -> dict[str, str]:
    """Give a subject as it stands in rows."""
    row = {"uid": subject.uid, "kind": subject.kind, "label": subject.label}
    return row | {"ref": subject.ref} if subject.ref else row
