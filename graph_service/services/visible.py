"""The one shared projection, and each viewer's part of it: the visible graph first, then the analysis."""

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from graph_service.access import Action, Viewer
from graph_service.disclosure import pseudonym
from graph_service.errors import NotFoundError
from graph_service.store.bolt import BoltStore
from graph_service.store.reader import read_projection, read_sequence, read_sights
from queries.analysis.homes import NO_LIST, HomeList
from queries.projection import Ints, Projection, Subject, VisibleGraph, to_milliseconds, visible_graph
from queries.sight import NOBODY, OPEN, WITH_SUBJECT, Sight
from queries.vocabulary import PERSON_KINDS, TYPE_CODES

# Their labels are names of people, lead to one, or hold one in what somebody typed.
_NAMING_KINDS: Final = PERSON_KINDS | {"account", "vehicle", "incident", "group"}
_KEPT: Final = 8  # visible graphs kept: a few personas at a few moments
_CARRIED: Final = ("neighbours", "position", "by_ref")
# The buckets that the store plans list parameters in; a padded list keeps to a few plans.
_BUCKETS: Final = (10, 100, 1000)


class VisibleGraphs:
    """Gives each viewer the graph that they may see. Refreshed when the store has changed; safe to share between threads."""

    def __init__(self, store: BoltStore, pseudonym_key: bytes, homes: Callable[[], HomeList] = lambda: NO_LIST) -> None:
        self._store, self._key, self._homes = store, pseudonym_key, homes
        self._lock = threading.Lock()
        self._projection: Projection | None = None
        self._moments: Ints = np.zeros(0, np.int64)
        self._formulas: dict[int, Sight] = {}
        self._roots: dict[str, int] = {}
        self._kept: OrderedDict[tuple[int, frozenset[int], int, bool, frozenset[str], HomeList], VisibleGraph] = (
            OrderedDict()
        )

    def projection(self) -> Projection:
        """Give the projection at the store's present sequence number."""
        with self._lock:
            sequence = read_sequence(self._store)
            if self._projection is None or self._projection.sequence != sequence:
                found = read_projection(self._store)
                self._formulas = read_sights(self._store)
                clocks = [
                    found.claims.known_from,
                    found.claims.live_to,
                    found.mentions.known_from,
                    found.mentions.live_to,
                ]
                self._moments = np.unique(np.concatenate(clocks))
                self._roots = dict(zip(found.reports.uid, found.reports.root.tolist(), strict=True))
                self._projection = found
                self._kept.clear()
            return self._projection

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
        opened = {sid for sid, sight in self._formulas.items() if sight.opened_by(viewer.held)}
        return frozenset(opened | {OPEN.sid, WITH_SUBJECT.sid})

    def formula(self, sid: int) -> Sight:
        """Give the formula of a sight number; one that is not known opens to nobody."""
        return self._formulas.get(sid, NOBODY)

    def root_of(self, report_uid: str) -> object:
        """Give what stands for the first report of the chain along `copied_from` that this one ends."""
        return self._roots.get(report_uid, report_uid)

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
        span = int(np.searchsorted(self._moments, moment, side="right"))
        homes = self._homes()
        key = (everything.sequence, sights, span, viewer.knows_names, viewer.schools, homes)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
        if kept is None:
            kept = homes.marked(visible_graph(everything, sights, moment))
            hidden = names_hidden(kept, viewer)
            named = [self._named(subject, at in hidden) for at, subject in enumerate(kept.subjects)]
            kept = replace(kept, subjects=named)
            with self._lock:
                self._kept[key] = kept
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        current = replace(kept, known_at=moment)
        # Worked out once on the graph that is kept, not again for each question asked of it.
        current.__dict__.update({name: getattr(kept, name) for name in _CARRIED})
        return current

    def _named(self, subject: Subject, under_pseudonym: bool) -> Subject:
        if under_pseudonym:
            return replace(subject, label=pseudonym(self._key, subject.key, subject.kind), born=None)
        if not subject.label:
            return replace(subject, label=f"Unnamed {(subject.subkind or subject.kind).replace('_', ' ')}")
        return subject


def own_pupils(graph: VisibleGraph, viewer: Viewer) -> frozenset[int]:
    """Give the positions of those of whom a visible claim says that they attend the viewer's own school."""
    claims, schools = graph.claims, viewer.schools
    attending = np.flatnonzero(claims.type == TYPE_CODES["ATTENDS"]) if schools else np.zeros(0, np.int64)
    return frozenset(int(claims.a[row]) for row in attending if graph.subjects[claims.b[row]].key in schools)


def names_hidden(graph: VisibleGraph, viewer: Viewer) -> frozenset[int]:
    """Give the positions of the subjects whose labels this viewer may not read. What is published with no name in it may be."""
    if viewer.knows_names:
        return frozenset()
    own = own_pupils(graph, viewer)
    return frozenset(
        at
        for at, subject in enumerate(graph.subjects)
        if (subject.kind in _NAMING_KINDS or graph.homes[at])
        and at not in own
        and not subject.key.startswith("police.uk:")
    )


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
