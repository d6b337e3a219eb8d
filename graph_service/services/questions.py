"""The catalogue asked: access first, then what may be seen, then the analysis, then the record, and only then the answer."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np

from graph_service.access import Action, Viewer, decide
from graph_service.errors import NotFoundError, NotPermittedError
from graph_service.records.audit import Audit
from graph_service.services.answers import ANSWERS, Asked
from graph_service.services.answers.publication import snapped
from graph_service.services.parameters import read_parameters, shown
from graph_service.services.visible import VisibleGraphs, locate
from graph_service.store.bolt import BoltStore
from queries.catalogue import listing, question
from queries.errors import ParameterError, PmetError
from queries.projection import ClaimColumns, Ints, VisibleGraph
from queries.vocabulary import SUSPECTED_FALSE

# Questions that a school may ask of its own pupils, though they are answered record by record.
_OF_OWN_PUPILS: Final = frozenset({"people.profile", "people.timeline"})
# So many claims are named in a caveat; the rows name all of them.
_NAMED: Final = 10


class Questions:
    """Asks named questions for a viewer."""

    def __init__(self, store: BoltStore, graphs: VisibleGraphs, audit: Audit) -> None:
        self._store, self._graphs, self._audit = store, graphs, audit

    @staticmethod
    def catalogue() -> list[dict[str, Any]]:
        """Give every question: its name, version, meaning, source, parameters, text and caveats."""
        return listing()

    def ask(
        self, viewer: Viewer, name: str, parameters: Mapping[str, Any], *, as_known_at: dt.datetime | None = None
    ) -> dict[str, Any]:
        """
        Answer a question in the envelope of every answer.

        Raises
        ------
        UnknownQueryError, ParameterError
            If there is no such question, or a parameter cannot be used.
        NotPermittedError
            If the viewer's role may not ask it. It says nothing of the data.
        NotFoundError
            If a subject is not there or may not be seen, which cannot be told apart.
        StoreUnavailableError, AuditUnavailableError
            If the store does not answer, or the answer could not be recorded: then none is given.
        """
        try:
            asked = question(name)
        except PmetError as error:
            self._audit.refused(viewer, Action.ASK_QUESTION, "no such question", error)
            raise
        try:
            values = read_parameters(asked, parameters)
        except ParameterError as error:
            self._audit.refused(viewer, Action.ASK_QUESTION, name, error)
            raise
        answered_at = dt.datetime.now(dt.UTC)
        known_at = as_known_at or answered_at
        try:
            decision = decide(viewer, Action.ASK_QUESTION, record_level=asked.record_level, question=name)
            own_only = not decision.allowed and name in _OF_OWN_PUPILS
            if not decision.allowed and not own_only:
                raise NotPermittedError
            request = self.asked(viewer, values, known_at)
            values, graph = request.values, request.graph
            if own_only:
                self._require_own_pupil(request, name)
            rows, caveats = ANSWERS[name](request)
        except PmetError as error:
            self._audit.refused(viewer, Action.ASK_QUESTION, name, error, parameters=shown(values))
            raise
        handling = highest_handling(graph, rows, request.subjects_shown)
        envelope = {
            "question": {
                "name": asked.name,
                "version": asked.version,
                "meaning": asked.meaning,
                "source": asked.source,
            },
            "parameters": shown(values),
            "asked_by": viewer.account,
            "purpose": viewer.purpose,
            "as_known_at": known_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "answered_at": answered_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "rows": rows,
            "caveats": [*asked.caveats, *caveats, *suspected_false(graph, rows)],
            "handling": handling,
        }
        self._audit.answered(viewer, Action.ASK_QUESTION, envelope, request.subjects_shown, handling=handling)
        return envelope

    def asked(self, viewer: Viewer, values: dict[str, Any], known_at: dt.datetime) -> Asked:
        """
        Give what an answer is made from. Whoever answers has checked first that the viewer may ask, and records it after.

        Figures for viewers without record access are of published windows only: other dates are moved out to those that they touch.
        """
        of_figures = "layer" in values and not viewer.small_counts
        return Asked(
            viewer,
            snapped(values) if of_figures else values,
            self._graphs.of(viewer, known_at),
            known_at,
            self._graphs.padded(self._graphs.sights(viewer)),
            self._store,
            self._graphs,
        )

    def _require_own_pupil(self, request: Asked, name: str) -> None:
        at = locate(request.graph, request.values["subject"])
        may_ask = request.viewer.may(Action.ASK_QUESTION, question=name, own_pupil=True)
        if not (may_ask and request.is_own_pupil(at)):
            raise NotFoundError


def highest_handling(graph: VisibleGraph, rows: list[dict[str, Any]], subjects: Iterable[str] = ()) -> str:
    """
    Give the strictest handling of what rows rest on: P when all of it is, else C.

    `subjects` are the uids of those shown: one whose name or position may come from a conditioned report makes it C.
    """
    shown = {at for uid in subjects if (at := graph.position.get(uid)) is not None}
    if graph.conditioned[list(shown)].any() or any(row.get("handling", "P") != "P" for row in rows):
        return "C"
    conditioned = any((columns.handling[at] != "P").any() for columns, at in _rested_on(graph, rows))
    return "C" if conditioned else "P"


def suspected_false(graph: VisibleGraph, rows: list[dict[str, Any]]) -> list[str]:
    """Give a caveat that names the claims graded as suspected false on which rows rest, the first ten of them; none where there are none."""
    found = [
        str(columns.claim_id[row])
        for columns, at in _rested_on(graph, rows)
        for row in at[columns.information_rank[at] == SUSPECTED_FALSE].tolist()
    ]
    if not found:
        return []
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return [f"Rests in part on what is graded as suspected false: {', '.join(sorted(found)[:_NAMED])}{more}."]


def _rested_on(graph: VisibleGraph, rows: list[dict[str, Any]]) -> Iterator[tuple[ClaimColumns, Ints]]:
    """Give, of the claims between subjects and of those apart, the rows of those that an answer names. They are in order of claim id."""
    named: set[str] = set()
    waiting: list[Any] = [rows]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            named.update(value.get("evidence") or ())
            named.update(value.get("claims") or () if isinstance(value.get("claims"), list) else ())
            waiting += [item for item in value.values() if isinstance(item, list | dict)]
        elif isinstance(value, list):
            waiting += [item for item in value if isinstance(item, list | dict)]
    wanted = np.array(sorted(named), object)
    for columns in (graph.claims, graph.apart):
        first, past = (np.searchsorted(columns.claim_id, wanted, side) for side in ("left", "right"))
        yield columns, first[first < past]
