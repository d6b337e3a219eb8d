"""Today: what needs the viewer now, by role."""

import datetime as dt
from collections import Counter
from typing import Any, Final

import numpy as np

from graph_service.access import Action, Role, Viewer, require
from graph_service.records.audit import Audit, Event
from graph_service.services.answers.asked import iso
from graph_service.services.contexts import Contexts
from graph_service.services.proposals import Proposals
from graph_service.services.visible import VisibleGraphs, as_json
from queries.analysis.episodes import Episode, episodes
from queries.errors import PmetError
from queries.projection import FAR_PAST_MS, VisibleGraph, to_milliseconds
from queries.vocabulary import TYPE_CODES, UNGRADED

_LOCATED_WITHIN: Final = dt.timedelta(days=7)
_MOST: Final = 40
_FIRST: Final = 5
_OPEN: Final = frozenset({"referred", "assessing", "planned", "review_due"})
_ENDED: Final = frozenset({"done", "dropped"})
_AHEAD: Final = dt.timedelta(days=14)  # an action is shown from two weeks before it is due
_WATCHES: Final = frozenset({Role.COORDINATOR, Role.SATELLITE, Role.INTELLIGENCE})


class Today:
    """The first page."""

    def __init__(self, graphs: VisibleGraphs, audit: Audit, contexts: Contexts, proposals: Proposals) -> None:
        self._graphs, self._audit, self._contexts, self._proposals = graphs, audit, contexts, proposals

    def today(self, viewer: Viewer) -> dict[str, Any]:
        """Give what the viewer's role needs; a key that is absent is not for the role."""
        decision = require(viewer, Action.READ_TODAY)
        now = viewer.known_at or dt.datetime.now(dt.UTC)
        try:
            viewer = self._graphs.in_force(viewer)
            graph = self._graphs.of(viewer, now)
        except PmetError as error:
            self._audit.refused(viewer, Action.READ_TODAY, "today", error)
            raise
        found: dict[str, Any] = {}
        shown: set[str] = set()
        if viewer.role in _WATCHES:
            found |= self._missing(graph, to_milliseconds(now), shown)
        if viewer.role == Role.INTELLIGENCE:
            ungraded = graph.claims.report[graph.claims.information_rank == UNGRADED]
            graded_kinds = [at for at in set(ungraded.tolist()) if graph.reports.kind[at] == "cpi"]
            found["counts"] = {**found.get("counts", {}), "submissions to grade": len(graded_kinds)}
        if viewer.may(Action.READ_CONTEXT, on_team=bool(viewer.teams)):
            found |= self._work(viewer, now.date(), found.get("counts", {}))
        if viewer.role == Role.COORDINATOR:
            pending = list(self._proposals.list(viewer))
            found["proposals"] = [
                {"uid": row["uid"], "named": row["named"], "sentence": row["sentence"]} for row in pending[:_FIRST]
            ]
            found["counts"] = {
                **found.get("counts", {}),
                "new proposals to decide": sum(row["is_new"] for row in pending),
            }
        if viewer.role in {Role.COORDINATOR, Role.ANALYST}:
            found["freshness"] = self._freshness(graph)
        if viewer.role == Role.SCHOOL:
            found["own_pupils"] = self._pupils(viewer, graph, shown)
        self._audit.record(
            Event.CONSULTATION,
            viewer,
            Action.READ_TODAY,
            question="today",
            decision=decision,
            objects=shown,
            returned=len(shown),
        )
        return found

    def _work(self, viewer: Viewer, today: dt.date, counts: dict[str, Any]) -> dict[str, Any]:
        """Gather the contexts that need somebody, what came to their notice, and the actions of their plans that are due."""
        found = [row for row in self._contexts.with_actions(viewer) if row["state"] in _OPEN]
        if not found:
            return {}
        contexts = [{name: value for name, value in row.items() if name != "actions"} for row in found]
        actions = [
            {"context": context, **made}
            for context, row in zip(contexts, found, strict=True)
            for made in row["actions"]
            if made["state"] not in _ENDED and made["by"]
        ]
        due = [made for made in actions if dt.date.fromisoformat(made["by"]) <= today + _AHEAD]
        due.sort(key=lambda made: (made["by"], made["what"]))
        waiting = sum(row["state"] == "referred" for row in contexts)
        more = {
            "contexts to decide": waiting,
            "reviews due": sum(row["state"] == "review_due" for row in contexts),
            "new notices": sum(row["new_notices"] for row in contexts),
            "actions due": len(due),
        }
        return {
            "contexts": contexts[:_MOST],
            "actions": due[:_MOST],
            "today": today.isoformat(),
            "counts": {**counts, **more},
        }

    def _missing(self, graph: VisibleGraph, now: int, shown: set[str]) -> dict[str, Any]:
        since = now - int(_LOCATED_WITHIN.total_seconds() * 1000)
        known = [e for e in graph.once(episodes) if e.started_at <= now]
        still = sorted((e for e in known if e.ended_at is None or e.ended_at > now), key=lambda e: e.started_at)
        located = sorted(
            (e for e in known if e.ended_at is not None and since <= e.ended_at <= now),
            key=lambda e: -(e.ended_at or 0),
        )
        return {
            "missing_now": [self._row(graph, e, "since", e.started_at, shown) for e in still],
            "located": [self._row(graph, e, "at", e.ended_at or now, shown) for e in located[:_MOST]],
            "counts": {"missing now": len(still), "located in the last 7 days": len(located)},
        }

    def _row(self, graph: VisibleGraph, episode: Episode, name: str, moment: int, shown: set[str]) -> dict[str, Any]:
        person = graph.subjects[episode.child]
        shown.update(person.members)
        return {"person": as_json(person), name: iso(moment), "evidence": list(episode.evidence)}

    def _freshness(self, graph: VisibleGraph) -> list[dict[str, Any]]:
        """List the latest record of each source, by agency and kind of report, among what the viewer may see."""
        claims, reports = graph.claims, graph.reports
        by_report = np.bincount(claims.report, minlength=len(reports.key))
        last = np.full(len(by_report), FAR_PAST_MS, np.int64)
        np.maximum.at(last, claims.report, claims.recorded_at)
        latest: dict[str, int] = {}
        rows: Counter[str] = Counter()
        for report in np.flatnonzero(by_report).tolist():
            source = f"{reports.agency[report]}: {reports.kind[report]}".replace("_", " ")
            latest[source] = max(latest.get(source, FAR_PAST_MS), int(last[report]))
            rows[source] += int(by_report[report])
        ordered = sorted(latest.items(), key=lambda item: (-item[1], item[0]))
        return [{"source": source, "latest": iso(moment), "rows": rows[source]} for source, moment in ordered]

    def _pupils(self, viewer: Viewer, graph: VisibleGraph, shown: set[str]) -> list[dict[str, Any]]:
        schools = {
            at
            for at, subject in enumerate(graph.subjects)
            if subject.kind == "location" and subject.key in viewer.schools
        }
        claims = graph.claims
        attending = claims.a[(claims.type == TYPE_CODES["ATTENDS"]) & np.isin(claims.b, list(schools))]
        pupils = sorted(set(attending.tolist()))
        by_child: dict[int, list[Episode]] = {}
        for episode in graph.once(episodes):
            by_child.setdefault(episode.child, []).append(episode)
        rows = []
        for at in pupils:
            shown.update(graph.subjects[at].members)
            latest = max(by_child.get(at, []), key=lambda e: e.started_at, default=None)
            state = (
                "no episode reported to you"
                if latest is None
                else "missing now"
                if latest.ended_at is None
                else "located"
            )
            moment = None if latest is None else latest.ended_at or latest.started_at
            rows.append({"person": as_json(graph.subjects[at]), "state": state, "since": iso(moment)})
        return sorted(
            rows, key=lambda row: (row["state"] != "missing now", row["state"] != "located", row["person"]["label"])
        )
