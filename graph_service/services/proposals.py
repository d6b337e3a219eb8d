"""
Where separate reports meet: proposals, pending until a person decides.

Nothing is stored but decisions. What is proposed is worked out for each viewer on what they may see, so a proposal tells nobody of a report
that is hidden from them. A decision is a row of work under the sight that all its inputs need: whoever may not see one of them sees the
proposal that their own reports make, still pending. Source: Portsmouth MET Integrated Pathway 8.2 g and Appendix A, route to discussion.
"""

import builtins
import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from graph_service.access import Action, Decision, Viewer, require
from graph_service.errors import ConflictError, NotFoundError, StaleError
from graph_service.records.audit import Event
from graph_service.services.answers.convergence import meeting_row
from graph_service.services.contexts import Contexts, Desk
from graph_service.services.contexts import given as checks
from graph_service.services.contexts.desk import Look, not_looking_back
from graph_service.services.contexts.writing import need_of_parameters
from graph_service.services.needs import all_open
from graph_service.store.work import Draft, WorkRow
from ingest.gazetteer import official_reader
from queries.analysis.convergence import Convergence, converging
from queries.errors import PmetError
from queries.projection import to_milliseconds
from queries.records import Json

Row = dict[str, Any]
KIND: Final = "proposal_decision"
QUESTION: Final = "contexts.converging"
DECISIONS: Final = ("record_only", "assess", "dismiss")
#: What met longer ago than this is history, which `contexts.converging` still answers.
LOOKS_BACK: Final = dt.timedelta(weeks=26)
#: A decision that was begun and not finished is another person's for so long; then whoever comes may take it up.
_BEING_DECIDED: Final = dt.timedelta(seconds=60)
#: What a context is called that was made of reports which some of its team may not see.
_UNNAMED: Final = "Where reports meet (to be named by its team)"
# The kind of context that a meeting makes, and the field of its definition that names where reports met.
_MAKES: Final = {
    "place": ("place", "places"),
    "online space": ("online", "places"),
    "group": ("peer_group", "groups"),
    "vehicle": ("peer_group", "vehicles"),
    "account": ("online", "accounts"),
    "adult": ("peer_group", "people"),
    "person of unknown age": ("peer_group", "people"),
}


@dataclass(frozen=True, slots=True)
class _Proposed:
    """A meeting as it stands for one viewer: its row, the last decision that they may see, and how many independent reports came after."""

    names: frozenset[str]
    row: Row
    decision: WorkRow | None
    new_since: int

    @property
    def pending(self) -> bool:
        return self.decision is None or self.new_since > 0


class Proposals:
    """Proposals of contexts; see `graph_service.web.context_seam.ProposalsLike` for the shape of rows."""

    def __init__(self, desk: Desk, contexts: Contexts, key: bytes) -> None:
        self._desk, self._contexts, self._key = desk, contexts, key

    def list(self, viewer: Viewer) -> Sequence[Row]:
        """Give pending proposals, strongest first, worked out on what the viewer may see."""
        try:
            allowed = require(viewer, Action.ASK_QUESTION, record_level=True, question=QUESTION)
            look = self._desk.look(viewer)
            rows = [one.row for one in self._proposed(look) if one.pending]
        except PmetError as error:
            self._desk.refused(viewer, Action.ASK_QUESTION, "proposals", error)
            raise
        self._read(viewer, look, "proposals", len(rows), allowed)
        return rows

    def get(self, viewer: Viewer, uid: str) -> Row:
        """Give one, decided or pending. Raises NotFoundError for hidden and absent alike."""
        try:
            allowed = require(viewer, Action.ASK_QUESTION, record_level=True, question=QUESTION)
            look = self._desk.look(viewer)
            row = self._one(look, uid).row
        except PmetError as error:
            self._desk.refused(viewer, Action.ASK_QUESTION, "proposal", error)
            raise
        self._read(viewer, look, "proposal", 1, allowed)
        return row

    def decide(self, viewer: Viewer, uid: str, decision: str, *, reason: str, command: str = "") -> Row:
        """
        Decide: `record_only` or `assess` make a context with these citations, `dismiss` makes none; the reason is kept.

        Raises
        ------
        ParameterError
            If there is no such decision, no reason, or the viewer looks back.
        NotFoundError
            If it is not there or may not be seen.
        ConflictError
            If it was decided before and no new report has come since, or somebody else is deciding it now.
        """
        try:
            allowed = require(viewer, Action.DECIDE_CONTEXT)
            not_looking_back(viewer)
            chosen = checks.one_of("decision", decision, DECISIONS)
            why = checks.text("reason", reason, needed=True)
            look = self._desk.look(viewer)
            proposed = self._one(look, uid)
            told = f"{viewer.account}:{command}" if command else secrets.token_hex(16)
            last = proposed.decision
            if not proposed.pending and command and last and last.command.rpartition("/")[0] == told:
                return proposed.row  # the same request again
            if not proposed.pending:
                raise ConflictError("this was decided already, and no new report has come since")
            self._keep(look, proposed, chosen, why, told)
        except PmetError as error:
            self._desk.refused(viewer, Action.DECIDE_CONTEXT, "proposal", error)
            raise
        self._desk.changed(
            viewer, Action.DECIDE_CONTEXT, f"proposal: {chosen}", [proposed.row["subject"]["uid"]], allowed
        )
        return self._one(self._desk.look(viewer), uid).row

    def _read(self, viewer: Viewer, look: Look, what: str, returned: int, allowed: Decision) -> None:
        self._desk.audit.record(
            Event.CONSULTATION, viewer, Action.ASK_QUESTION, question=what, objects=look.asked.subjects_shown, returned=returned,
            decision=allowed, as_known_at=viewer.known_at,
        )  # fmt: skip

    def _one(self, look: Look, uid: str) -> _Proposed:
        """Give a proposal by any of its names: as it stands, or as it stood when it was decided."""
        for one in self._proposed(look):
            if uid in one.names:
                return one
        for row in self._decisions(look):
            if uid in row.content["names"]:
                # The recipe again, for this reader: what met when it was decided, as far as they may see it.
                then = replace(look.viewer, known_at=row.recorded_at)
                for one in self._proposed(self._desk.look(then), decisions=[row]):
                    if uid in one.names:
                        return one
        raise NotFoundError

    def _proposed(self, look: Look, decisions: Sequence[WorkRow] | None = None) -> builtins.list[_Proposed]:
        known_at = look.asked.known_at
        found = converging(
            look.asked.graph, reader=official_reader(), recorded_from=to_milliseconds(known_at - LOOKS_BACK)
        )
        kept = self._decisions(look) if decisions is None else decisions
        return [self._as_proposed(look, one, kept) for one in found]

    def _as_proposed(self, look: Look, found: Convergence, decisions: Sequence[WorkRow]) -> _Proposed:
        graph = look.asked.graph
        members = [found.subject, *(other.subject for other in found.also)]
        names = frozenset(self._name(uid) for at in members for uid in graph.subjects[at].members)
        last = next((row for row in reversed(decisions) if not names.isdisjoint(row.content["names"])), None)
        root_of = self._desk.graphs.root_of
        decided = {root_of(report) for report in last.content["reports"]} if last else set()
        row = meeting_row(look.asked, found)
        new = sum(root_of(citation["report"]) not in decided for citation in row["citations"]) if last else 0
        row["uid"] = self._name(graph.subjects[found.subject].uid)
        row["decision"] = self._told(look, last) if last else None
        row["new_since"] = new
        if last and new:
            day = last.recorded_at.date().isoformat()
            row["sentence"] += (
                f" It was decided on {day}; {new} of these reports {'has' if new == 1 else 'have'} come since."
            )
        return _Proposed(names, row, last, new)

    def _name(self, subject: str) -> str:
        """Give the id of the proposal about a subject: the same for everyone, and nothing that could be guessed or turned round."""
        return hmac.digest(self._key, f"proposal\x1f{subject}".encode(), hashlib.sha256).hex()[:32]

    def _decisions(self, look: Look) -> builtins.list[WorkRow]:
        """Give the decisions that the viewer may see, oldest first; one that was begun and never finished is none."""
        rows = self._desk.work.rows(sights=look.asked.sights, kinds=[KIND], known_at=look.viewer.known_at)
        everything, opened = self._desk.graphs.projection(), frozenset(look.asked.sights)
        return [
            row
            for row in rows
            # Its sight is what its inputs needed when it was decided; rights are always today's.
            if row.content["finished"] and all_open(everything, opened, row.content["evidence"], row.known_from)
        ]

    def _told(self, look: Look, row: WorkRow) -> Row:
        context = row.content["context"]
        return {
            "decision": row.content["decision"],
            # What somebody typed has names in it: it is not for those who work under pseudonyms.
            "reason": row.reason if look.viewer.may(Action.READ_REPORT_TEXT) else "",
            "by": row.account,
            "at": row.recorded_at.isoformat().replace("+00:00", "Z"),
            # That a context was made is told to those to whom it is open.
            "context": context if context in look.asked.graph.position else None,
        }

    def _keep(self, look: Look, proposed: _Proposed, decision: str, reason: str, command: str) -> None:
        """Take the decision first, so that two people make one context; then make it; then finish the decision."""
        row = proposed.row
        subjects = [row["subject"]["uid"], *(other["subject"]["uid"] for other in row["also"])]
        sight = need_of_parameters(look, subjects, row["evidence"])
        reports = sorted(citation["report"] for citation in row["citations"])
        what = "|".join((row["uid"], sight.text, *reports))
        thing = f"proposal:{hashlib.sha256(what.encode()).hexdigest()[:32]}"
        content: Row = {
            "names": sorted(proposed.names), "reports": reports, "evidence": row["evidence"], "decision": decision, "context": None,
            "finished": decision == "dismiss",
        }  # fmt: skip
        standing = self._desk.work.rows(sights=[sight.sid], things=[thing])
        begun = standing[-1] if standing else None
        if begun and dt.datetime.now(dt.UTC) - begun.recorded_at < _BEING_DECIDED:
            raise ConflictError("somebody else is deciding this; look again in a minute")

        def draft(version: int, **changed: Json) -> Draft:
            return Draft(
                thing=thing, kind=KIND, about=subjects[0], sight=sight, content={**content, **changed},
                account=look.viewer.account, agency=look.viewer.agency, reason=reason, expected_version=version,
            )  # fmt: skip

        before = self._desk.work.versions([thing]).get(thing, 0)
        try:
            self._desk.work.append([draft(before)], command_id=f"{command}/begin")
        except StaleError:
            raise ConflictError("somebody else has decided this meanwhile; look again") from None
        if decision != "dismiss":
            context = self._make_context(look, proposed, decision, reason)
            self._desk.work.append([draft(before + 1, context=context, finished=True)], command_id=f"{command}/finish")

    def _make_context(self, look: Look, proposed: _Proposed, decision: str, reason: str) -> str:
        """
        Make the context, its subjects and citations under the sights that they need.

        Its name and its summary are read by its whole team, so they say what the reports say that everybody may see: of the others they would
        tell that they are there, of what, and how many.
        """
        viewer, row = look.viewer, proposed.row
        kind, field = _MAKES[row["kind"]]
        for_all = self._desk.look(replace(viewer, held=frozenset()))
        by_all = self._proposed(for_all, decisions=())
        told = next((one.row for one in by_all if not one.names.isdisjoint(proposed.names)), None)
        where = [row["subject"], *(other["subject"] for other in row["also"])]
        referred = self._contexts.refer(
            viewer,
            {
                "kind": kind,
                "label": told["named"] if told else _UNNAMED,
                "summary": told["sentence"] if told else "",
                "how": "convergence",
                "reason": reason,
                field: [subject["uid"] for subject in where],
                "citations": row["evidence"],
            },
        )
        uid = str(referred["uid"])
        self._contexts.decide(viewer, uid, decision, reason=reason, version=referred["version"])
        return uid
