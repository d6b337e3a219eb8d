"""One subject or one report, as far as the viewer may see."""

import datetime as dt
from typing import Any

import numpy as np

from graph_service.access import Action, Viewer, require
from graph_service.errors import NotFoundError
from graph_service.records.audit import Audit, Event
from graph_service.services.answers.asked import Asked, iso
from graph_service.services.answers.people import sentence
from graph_service.services.answers.reports import grade_text
from graph_service.services.visible import VisibleGraphs, as_json, locate, may_open
from graph_service.store.bolt import BoltStore
from queries.errors import PmetError
from queries.projection import Bools, Ints, MentionColumns, Projection, VisibleGraph, to_milliseconds
from queries.vocabulary import PERSON_KINDS, TYPE_NAMES


class Subjects:
    """Opens a subject or a report by its uid."""

    def __init__(self, store: BoltStore, graphs: VisibleGraphs, audit: Audit) -> None:
        self._store, self._graphs, self._audit = store, graphs, audit

    def subject(self, viewer: Viewer, uid: str) -> dict[str, Any]:
        """
        Give what a page's heading says of one subject: `uid`, `kind`, `label`, `subkind`, and `own_pupil` to a school.

        Raises
        ------
        NotFoundError
            If it is not there or may not be seen; also where a person is not open to the viewer's role.
        """
        try:
            asked = self._asked(viewer)
            at = locate(asked.graph, uid)
            subject = asked.graph.subjects[at]
            own_pupil = asked.is_own_pupil(at)
            action = Action.READ_PERSON if subject.kind in PERSON_KINDS else Action.READ_PLACE
            if not may_open(asked.graph, viewer, at):
                raise NotFoundError
        except PmetError as error:
            self._audit.refused(viewer, Action.READ_PERSON, "subject", error)
            raise
        self._audit.record(Event.CONSULTATION, viewer, action, question="subject", subjects=subject.members, returned=1)
        return {**as_json(subject), "subkind": subject.subkind, "own_pupil": own_pupil}

    def report(self, viewer: Viewer, uid: str) -> dict[str, Any]:
        """
        Give a report as submitted, as far as its parts are open: its mentions, its claims and its copies that may be seen.

        Raises
        ------
        NotFoundError
            If no part, claim or mention of it may be seen, or there is no such report.
        """
        try:
            require(viewer, Action.READ_REPORT)
            asked = self._asked(viewer)
            found = self._report(viewer, asked, uid)
        except PmetError as error:
            self._audit.refused(viewer, Action.READ_REPORT, "report", error)
            raise
        shown = {uid, *asked.subjects_shown}
        self._audit.record(
            Event.CONSULTATION, viewer, Action.READ_REPORT, question="report", subjects=[uid], objects=shown, returned=1
        )
        return found

    def _report(self, viewer: Viewer, asked: Asked, uid: str) -> dict[str, Any]:
        everything, graph = self._graphs.projection(), asked.graph
        positions = np.flatnonzero(everything.reports.uid == uid)
        if not len(positions):
            raise NotFoundError
        position = int(positions[0])
        rows = asked.rows("reports.parts", reports=[uid])
        rows_seen = self._seen(everything.mentions, asked, everything.mentions.report == position)
        # A mention that is open with its subject is there for those only who see the subject.
        mentions = self._mentions(asked, everything, rows_seen)
        claims = [c for c in (graph.claims, graph.apart) if (c.report == position).any()]
        if not rows or not (rows[0]["parts"] or mentions or claims):
            raise NotFoundError
        report = rows[0]
        text_open = viewer.may(Action.READ_REPORT_TEXT)
        return {
            "uid": uid,
            "kind": report["kind"],
            "agency": report["agency"],
            "submitted_at": iso(report["submitted_at"]),
            "recorded_at": iso(report["recorded_at"]),
            "grade": grade_text(report["grade"], report["handling"]),
            "handling": report["handling"],
            "parts": report["parts"] if text_open else [],
            "mentions": mentions,
            "claims": [
                {
                    "claim": str(columns.claim_id[row]),
                    "what": sentence(
                        asked,
                        TYPE_NAMES[columns.type[row]],
                        str(columns.role[row]),
                        int(columns.a[row]),
                        int(columns.b[row]),
                    ),
                    "happened_from": iso(int(columns.happened_from[row])),
                    "happened_to": iso(int(columns.happened_to[row])),
                }
                for columns in claims
                for row in np.flatnonzero(columns.report == position).tolist()
            ],
            "copies": self._copies(asked, everything, graph, position),
        }

    def _mentions(self, asked: Asked, everything: Projection, rows: Ints) -> list[dict[str, Any]]:
        found = []
        for row in rows.tolist():
            at = asked.graph.position.get(str(everything.subjects.uid[everything.mentions.subject[row]]))
            if at is not None:
                label = "" if not asked.viewer.knows_names else str(everything.mentions.label[row])
                found.append({"subject": asked.subject(at), "label": label})
        return found

    def _copies(self, asked: Asked, everything: Projection, graph: VisibleGraph, position: int) -> list[dict[str, Any]]:
        """List the other visible reports of the same root: one source, counted once."""
        same = np.flatnonzero(everything.reports.root == everything.reports.root[position])
        others = [
            str(everything.reports.uid[at])
            for at in same.tolist()
            if at != position and (graph.claims.report == at).any()
        ]
        rows = asked.rows("reports.parts", reports=others) if others else []
        return [{"report": row["uid"], "agency": row["agency"], "recorded_at": iso(row["recorded_at"])} for row in rows]

    def _seen(self, columns: MentionColumns, asked: Asked, wanted: Bools) -> Ints:
        moment = to_milliseconds(asked.known_at)
        live = (
            wanted & (columns.known_from <= moment) & (columns.live_to > moment) & np.isin(columns.sight, asked.sights)
        )
        return np.flatnonzero(live).astype(np.int64)

    def _asked(self, viewer: Viewer) -> Asked:
        known_at = viewer.known_at or dt.datetime.now(dt.UTC)
        graph = self._graphs.of(viewer, known_at)
        sights = self._graphs.padded(self._graphs.sights(viewer))
        return Asked(viewer, {}, graph, known_at, sights, self._store, self._graphs)
