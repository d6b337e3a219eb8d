"""The audit trail read: my own, who looked at a subject, and whether it is whole. Reading it is on it too."""

import datetime as dt
from typing import Any

from graph_service.access import Action, Viewer, require
from graph_service.errors import NotFoundError
from graph_service.records.audit import Audit, Event
from graph_service.services.visible import VisibleGraphs
from queries.errors import PmetError
from queries.projection import reference_of

_MOST = 500
# What of an entry would tell a reader how much somebody else was shown, or of whom they asked.
_OF_THE_ANSWER = ("parameters", "returned", "objects", "objects_hash", "handling", "sequence")


class Trail:
    """Who looked, and why."""

    def __init__(self, audit: Audit, graphs: VisibleGraphs) -> None:
        self._audit, self._graphs = audit, graphs

    def mine(self, viewer: Viewer) -> list[dict[str, Any]]:
        """List what the viewer did, latest first."""
        self._require(viewer, Action.READ_OWN_AUDIT, "mine")
        rows = self._audit.mine(viewer.account, limit=_MOST)
        self._audit.record(Event.CONSULTATION, viewer, Action.READ_OWN_AUDIT, question="audit mine", returned=len(rows))
        return rows

    def latest(self, viewer: Viewer) -> list[dict[str, Any]]:
        """List what everyone did, latest first; of what others were shown, not how much."""
        self._require(viewer, Action.READ_AUDIT, "latest")
        rows = self._audit.entries(limit=_MOST)
        self._audit.record(Event.CONSULTATION, viewer, Action.READ_AUDIT, question="audit latest", returned=len(rows))
        return _of_others(viewer, rows)

    def who_looked_at(self, viewer: Viewer, subject: str) -> list[dict[str, Any]]:
        """
        List who looked at a subject, named by a uid or `ref:BUNDLE/REF`, latest first.

        Raises
        ------
        NotFoundError
            If the viewer may not see a subject of that name, or there is none.
        """
        self._require(viewer, Action.READ_AUDIT, "who-looked-at")
        try:
            members = self._members(viewer, subject)
        except NotFoundError as error:
            self._audit.refused(viewer, Action.READ_AUDIT, "who-looked-at", error)
            raise
        rows = self._audit.who_looked_at(members, limit=_MOST)
        self._audit.record(
            Event.CONSULTATION,
            viewer,
            Action.READ_AUDIT,
            question="who-looked-at",
            subjects=members,
            returned=len(rows),
        )
        return _of_others(viewer, rows)

    def verify(self, viewer: Viewer) -> dict[str, Any]:
        """Check every entry against the chain."""
        self._require(viewer, Action.VERIFY_AUDIT, "verify")
        found = self._audit.verify()
        self._audit.record(Event.OPERATION, viewer, Action.VERIFY_AUDIT, question="verify", returned=found.entries)
        return {**found.as_json(), "whole": found.ok, "entries": found.entries}

    def _members(self, viewer: Viewer, subject: str) -> tuple[str, ...]:
        everything = self._graphs.projection()
        if viewer.role == "operator":
            # The operator checks the trail and sees no case data: a record's uid, or its bundle reference, is all that is asked.
            reference = subject.removeprefix("ref:") if subject.startswith("ref:") else None
            named = zip(everything.subjects.uid, everything.subjects.key, strict=True)
            found = [
                str(uid)
                for uid, its_key in named
                if subject == uid or (reference and reference == reference_of(str(its_key)))
            ]
            if not found:
                raise NotFoundError
            return tuple(found)
        graph = self._graphs.of(viewer, dt.datetime.now(dt.UTC))
        at = graph.position.get(subject, graph.by_ref.get(subject.removeprefix("ref:")))
        if at is None:
            raise NotFoundError
        return graph.subjects[at].members

    def _require(self, viewer: Viewer, action: Action, what: str) -> None:
        try:
            require(viewer, action)
        except PmetError as error:
            self._audit.refused(viewer, action, what, error)
            raise


def _of_others(viewer: Viewer, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """
    Blank what other people's answers held: they may see claims that this viewer may not.

    The operator, who checks the trail and sees no case data to compare it with, is given it whole.
    """
    if viewer.role == "operator":
        return rows
    blank = dict.fromkeys(_OF_THE_ANSWER)
    return [row if row["account"] == viewer.account else {**row, **blank} for row in rows]
