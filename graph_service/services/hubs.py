"""
A person decides that no route passes through a subject: a youth club, a car park, a taxi firm that joins too many to tell anything.

The decision is a report under the key prefix `hub:`, whose mentions mark the subject. They are open to whoever may see the subject, so that
it has the same effect for all of them, and never make it exist; the reason is read by those who hold what the subject needs. It is versioned as
every row is: as known before it, or after its withdrawal, routes pass through again.
"""

import datetime as dt
import hashlib

import numpy as np

from graph_service.access import Action, Viewer, require
from graph_service.errors import NotPermittedError
from graph_service.records.audit import Audit, Event
from graph_service.services.imports import Imports
from graph_service.services.needs import needed_for_subjects
from graph_service.services.visible import VisibleGraphs, locate
from graph_service.store.bolt import BoltStore
from graph_service.store.writer import StoreWriter
from queries.columns import HUB_DECIDED
from queries.errors import ParameterError, PmetError
from queries.projection import to_milliseconds
from queries.records import Batch, MentionRecord, ReportRecord
from queries.sight import WITH_SUBJECT, sight_for


class Hubs:
    """Records and withdraws decisions that a subject is a hub."""

    def __init__(self, store: BoltStore, graphs: VisibleGraphs, audit: Audit, imports: Imports) -> None:
        self._store, self._graphs, self._audit, self._imports = store, graphs, audit, imports

    def add(self, viewer: Viewer, subject: str, reason: str) -> dict[str, str]:
        """
        Decide that no route passes through a subject, for a reason that is kept.

        Raises
        ------
        ParameterError
            If no reason is given, or it is decided already.
        NotFoundError, NotPermittedError
            If the viewer may not see such a subject, or their role may not decide.
        """
        now = dt.datetime.now(dt.UTC)
        try:
            require(viewer, Action.DECIDE_HUB)
            if not reason.strip():
                raise ParameterError("reason", "say why no route should pass through it; it is kept with the decision")
            graph = self._graphs.of(viewer, now)
            at = locate(graph, subject)
            if graph.hub_decided is not None and graph.hub_decided[at]:
                raise ParameterError("subject", "this is decided already; withdraw it first to give another reason")
        except PmetError as error:
            self._audit.refused(viewer, Action.DECIDE_HUB, "hub", error)
            raise
        found, everything = graph.subjects[at], self._graphs.projection()
        named = hashlib.sha256(f"{viewer.account}|{found.key}|{now.isoformat()}".encode()).hexdigest()[:24]
        needed = sight_for("", (), viewer.agency).with_all_of(
            needed_for_subjects(self._graphs, everything, found.members)
        )
        report = ReportRecord(
            f"{HUB_DECIDED}{named}", "assessment", viewer.agency, now, now, needed, text=reason.strip()
        )  # fmt: skip
        # Each record of it is marked: somebody who may not see that they are the same meets the mark on the one that they see.
        mentions = tuple(
            MentionRecord(f"{report.key}/{number}", everything.subjects.key[everything.at_uid[uid]], report.key, WITH_SUBJECT, now, now)
            for number, uid in enumerate(found.members, start=1)
        )  # fmt: skip
        with self._imports.writing():
            StoreWriter(self._store).write(Batch(reports=(report,), mentions=mentions), run=report.key, position=0)
        self._record(viewer, "hub", found.members)
        return {"decision": report.key, "subject": found.uid}

    def withdraw(self, viewer: Viewer, subject: str, reason: str) -> dict[str, str]:
        """
        Withdraw what the viewer's own agency decided of a subject.

        Raises
        ------
        ParameterError
            If no reason is given, or nothing of the kind is decided.
        NotFoundError, NotPermittedError
            If the viewer may not see such a subject, or another agency decided it.
        """
        now = dt.datetime.now(dt.UTC)
        try:
            require(viewer, Action.DECIDE_HUB)
            if not reason.strip():
                raise ParameterError("reason", "say why it is withdrawn; it is kept in the audit trail")
            graph, everything = self._graphs.of(viewer, now), self._graphs.projection()
            at = locate(graph, subject)
            members = [everything.at_uid[uid] for uid in graph.subjects[at].members]
            mentions = everything.mentions
            rows = np.flatnonzero(np.isin(mentions.subject, members) & (mentions.live_to > to_milliseconds(now)))
            rows = rows[everything.hub_reports[mentions.report[rows]] & (mentions.report[rows] >= 0)]
            if not len(rows):
                raise ParameterError("subject", "nobody has decided that it is a hub")
            own = [
                int(report)
                for report in np.unique(mentions.report[rows])
                if everything.reports.agency[report] == viewer.agency
            ]
            if not own:
                raise NotPermittedError("only the agency that decided this can withdraw it")
        except PmetError as error:
            self._audit.refused(viewer, Action.DECIDE_HUB, "hub withdraw", error)
            raise
        keys = sorted(str(everything.reports.key[report]) for report in own)
        with self._imports.writing():
            for key in keys:
                StoreWriter(self._store).end_edition(f"{key}/", (), run=f"withdraw:{key}")
        self._record(viewer, "hub withdraw", graph.subjects[at].members, reason.strip())
        return {"withdrawn": ", ".join(keys), "subject": graph.subjects[at].uid}

    def _record(self, viewer: Viewer, what: str, members: tuple[str, ...], reason: str = "") -> None:
        parameters = {"reason": reason} if reason else None
        self._audit.record(
            Event.ALTERATION,
            viewer,
            Action.DECIDE_HUB,
            question=what,
            subjects=members,
            returned=1,
            parameters=parameters,
        )
        self._imports.keep_census()
