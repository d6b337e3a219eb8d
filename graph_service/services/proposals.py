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
import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from graph_service.access import Action, Decision, Viewer, require
from graph_service.errors import ConflictError, NotFoundError, StaleError
from graph_service.records.audit import Event
from graph_service.services.answers.convergence import meeting_row
from graph_service.services.contexts import Contexts, Desk
from graph_service.services.contexts import given as checks
from graph_service.services.contexts.case import UNNAMED
from graph_service.services.contexts.case import thing as thing_of
from graph_service.services.contexts.desk import Look, not_looking_back
from graph_service.services.contexts.given import SUBJECTS
from graph_service.services.contexts.life_cycle import ENDED
from graph_service.services.contexts.writing import Reason, Told, begin, need_of_parameters
from graph_service.services.needs import all_open, with_claims
from graph_service.store.work import Draft, WorkRow
from ingest.gazetteer import official_reader
from queries.analysis.convergence import Convergence, converging
from queries.errors import ParameterError, PmetError
from queries.projection import VisibleGraph, to_milliseconds

Row = dict[str, Any]
KIND: Final = "proposal_decision"
QUESTION: Final = "contexts.converging"
DECISIONS: Final = ("record_only", "assess", "dismiss")
_WHY_AFFECTED: Final = "Reports that met here are about them; MET decided that they are affected."
#: What met longer ago than this is history, which `contexts.converging` still answers.
LOOKS_BACK: Final = dt.timedelta(weeks=26)
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
    """
    A meeting as it stands for one viewer: the row of what met, the same with the last decision that they may see, and how many independent
    reports came after.
    """

    names: frozenset[str]
    met: Row
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
        """Give pending proposals, what is new first, worked out on what the viewer may see."""
        try:
            allowed = require(viewer, Action.ASK_QUESTION, record_level=True, question=QUESTION)
            look = self._desk.look(viewer)
            rows = self._told_rows(look, [one for one in self._proposed(look) if one.pending])
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
            (row,) = self._told_rows(look, [self._one(look, uid)])
        except PmetError as error:
            self._desk.refused(viewer, Action.ASK_QUESTION, "proposal", error)
            raise
        self._read(viewer, look, "proposal", 1, allowed)
        return row

    def decide(
        self, viewer: Viewer, uid: str, decision: str, *, reason: str, affected: Sequence[str] = (), command: str = ""
    ) -> Row:
        """
        Decide: `record_only` or `assess` make a context with these citations, `dismiss` makes none; the reason is kept.

        `affected` are the uids of those children, among whom the citations are about, whom MET decides are affected by the context.

        Raises
        ------
        ParameterError
            If there is no such decision, no reason, somebody is affected whom the citations are not about, or the viewer looks back.
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
            if self._desk.done(viewer, Action.DECIDE_CONTEXT, "proposal", (), command):
                return self._told_rows(look, [proposed])[0]  # the same request again
            if not proposed.pending:
                raise ConflictError("this was decided already, and no new report has come since")
            people = _affected(proposed.row, affected, chosen)
            made = self._keep(look, proposed, chosen, why, people, command)
        except PmetError as error:
            self._desk.refused(viewer, Action.DECIDE_CONTEXT, "proposal", error)
            raise
        about = [proposed.row["subject"]["uid"], *made, *(one["person"] for one in people)]
        self._desk.changed(viewer, Action.DECIDE_CONTEXT, f"proposal: {chosen}", about, allowed)
        # Where reports meet is as it was: a decision, and the context that it makes, are no report of a child. What was decided is new.
        after = self._desk.look(viewer)
        return self._told_rows(after, [self._decided(after, proposed.names, proposed.met, self._decisions(after))])[0]

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
        kept = self._decisions(look) if decisions is None else decisions
        found = look.asked.graph.once(_meetings, until=_end_of_day(look.asked.known_at))
        return [self._as_proposed(look, one, kept) for one in found]

    def _as_proposed(self, look: Look, found: Convergence, decisions: Sequence[WorkRow]) -> _Proposed:
        graph = look.asked.graph
        members = [found.subject, *(other.subject for other in found.also)]
        names = frozenset(self._name(uid) for at in members for uid in graph.subjects[at].members)
        met = {**meeting_row(look.asked, found), "uid": self._name(graph.subjects[found.subject].uid)}
        return self._decided(look, names, met, decisions)

    def _decided(self, look: Look, names: frozenset[str], met: Row, decisions: Sequence[WorkRow]) -> _Proposed:
        """Give what met with the last of these decisions on it."""
        last = next((row for row in reversed(decisions) if not names.isdisjoint(row.content["names"])), None)
        root_of = self._desk.graphs.root_of
        decided = {root_of(report) for report in last.content["reports"]} if last else set()
        new = sum(root_of(citation["report"]) not in decided for citation in met["citations"]) if last else 0
        row = {**met, "decision": self._told(look, last) if last else None, "new_since": new}
        if last and new:
            day = last.recorded_at.date().isoformat()
            row["sentence"] += (
                f" It was decided on {day}; {new} of these reports {'has' if new == 1 else 'have'} come since."
            )
        return _Proposed(names, met, row, last, new)

    def _name(self, subject: str) -> str:
        """Give the id of the proposal about a subject: the same for everyone, and nothing that could be guessed or turned round."""
        return hmac.digest(self._key, f"proposal\x1f{subject}".encode(), hashlib.sha256).hex()[:32]

    def _decisions(self, look: Look) -> builtins.list[WorkRow]:
        """Give the decisions that the viewer may see, oldest first."""
        rows = self._desk.work.rows(sights=look.asked.sights, kinds=[KIND], known_at=look.viewer.known_at)
        opened = frozenset(look.asked.sights)
        near = with_claims(self._desk.graphs.projection(), (claim for row in rows for claim in row.content["evidence"]))
        return [
            row
            for row in rows
            # A decision was once kept before its context was: such a row says that it was not finished, and is none. Its sight is what its
            # inputs needed when it was decided; rights are always today's.
            if row.content.get("finished", True) and all_open(near, opened, row.content["evidence"], row.known_from)
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

    def _keep(
        self, look: Look, proposed: _Proposed, decision: str, reason: str, affected: Sequence[Row], command: str
    ) -> builtins.list[str]:
        """
        Keep the decision, and the context that it makes, in one transaction: of people who decide at once one does. Gives the context's uid.

        Raises
        ------
        ConflictError
            If somebody else has decided meanwhile, or a context that was made of this is open.
        """
        row = proposed.row
        subjects = [subject["uid"] for subject in _subjects(row)]
        sight = need_of_parameters(look, subjects, row["evidence"])
        reports = sorted(citation["report"] for citation in row["citations"])
        what = "|".join((row["uid"], sight.text, *reports))
        thing = f"proposal:{hashlib.sha256(what.encode()).hexdigest()[:32]}"
        free = {} if decision == "dismiss" else self._free(look, proposed)
        context = free[row["uid"]] if free else None
        content: Row = {
            "names": sorted(proposed.names), "reports": reports, "evidence": row["evidence"], "decision": decision, "context": context,
        }  # fmt: skip
        draft = Draft(
            thing=thing, kind=KIND, about=subjects[0], sight=sight, content=content, account=look.viewer.account, agency=look.viewer.agency,
            reason=reason, expected_version=self._desk.work.versions([thing]).get(thing, 0),
        )  # fmt: skip
        try:
            if context is None:
                look.append([draft], command=command)
                return []
            fields, told = self._fields(look, proposed)
            why = Reason(reason, sight, tuple(row["evidence"]))
            begun = self._contexts.begun(look, context, {**fields, "affected": affected}, decision, why, told)
            others = {thing_of(uid, "definition"): 0 for uid in free.values() if uid != context}
            begin(look, begun, [draft], command=command, unchanged=others)
        except StaleError:
            raise ConflictError("somebody else has decided this meanwhile; look again") from None
        return [context]

    def _free(self, look: Look, proposed: _Proposed) -> dict[str, str]:
        """
        Give, by each name of a proposal, the uid of the context that it would make: the next after those that were closed.

        It follows from the name, so that the store itself keeps two from being made at once, whatever each of two deciders may see.

        Raises
        ------
        ConflictError
            If one was made and is not closed. Whoever decides for MET sees every context, so nothing is told by it.
        """
        found: dict[str, str] = {}
        for name in sorted(proposed.names):
            for number in itertools.count():
                told = hmac.digest(self._key, f"context of proposal\x1f{name}\x1f{number}".encode(), hashlib.sha256)
                uid = str(uuid.UUID(bytes=told[:16], version=4))
                definition = thing_of(uid, "definition")
                if not self._desk.work.versions([definition]):
                    found[name] = uid
                    break
                if look.case(uid).standing.state not in ENDED:
                    raise ConflictError("a context was made of this and is open; decide there, or dismiss this")
        return found

    def _fields(self, look: Look, proposed: _Proposed) -> tuple[Row, Told | None]:
        """
        Give the fields of the context, its subjects and citations with it.

        Its name and its summary are read by its whole team, so they say what the reports say that everybody may see, for as long as everybody
        may: of the others they would tell that they are there, of what, and how many.
        """
        row = proposed.row
        kind, field = _MAKES[row["kind"]]
        for_all = self._desk.look(replace(look.viewer, held=frozenset()))
        by_all = self._proposed(for_all, decisions=())
        told = next((one.row for one in by_all if not one.names.isdisjoint(proposed.names)), None)
        fields = {
            "kind": kind,
            "label": UNNAMED,
            "summary": "",
            "how": "convergence",
            field: [subject["uid"] for subject in _subjects(row)],
            "citations": row["evidence"],
        }
        return fields, Told(told["named"], told["sentence"], tuple(told["evidence"])) if told else None

    def _told_rows(self, look: Look, found: Sequence[_Proposed]) -> builtins.list[Row]:
        """
        Give proposals as they are told: with the contexts that have what each is about already, as far as the viewer may see them.

        None is left out for it: where a context is hidden, what is missing would tell of it.
        """
        at = look.asked.graph.position
        cases = [
            (case, {at.get(uid) for name in SUBJECTS for uid in case.definition[name]})
            for case in look.cases(("definition", "case"))
        ]
        rows = []
        for row in (one.row for one in found):
            where = {at[subject["uid"]] for subject in _subjects(row) if subject["uid"] in at}
            told = [
                {"uid": case.uid, "label": case.definition["label"], "kind": case.definition["kind"], "state": case.standing.state}
                for case, subjects in cases
                if where & subjects
            ]  # fmt: skip
            rows.append(
                {**row, "contexts": sorted(told, key=lambda one: (one["state"] in ENDED, one["label"], one["uid"]))}
            )
        return rows


def _meetings(graph: VisibleGraph, *, until: int) -> builtins.list[Convergence]:
    """Give where separate reports meet in a graph, as of the end of a day (milliseconds UTC): the same all day, so worked out once a graph."""
    looks_back = until - int(LOOKS_BACK.total_seconds() * 1000)
    return converging(graph.at_moment(until), reader=official_reader(), recorded_from=looks_back)


def _end_of_day(moment: dt.datetime) -> int:
    day = moment.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return to_milliseconds(day + dt.timedelta(days=1))


def _affected(row: Row, people: Sequence[str], decision: str) -> builtins.list[Row]:
    """Give who is decided to be affected, each with the claims of the citations that are about them. The reason of each is the same."""
    if people and decision == "dismiss":
        raise ParameterError("affected", "what is dismissed makes no context, so choose nobody or another decision")
    claims: dict[str, builtins.list[str]] = {}
    for citation in row["citations"]:
        for child in citation["about"]:
            claims.setdefault(child["uid"], []).extend(citation["claims"])
    if not set(people) <= claims.keys():
        raise ParameterError("affected", "choose among those whom these reports are about")
    return [
        {"person": uid, "why": _WHY_AFFECTED, "citations": sorted(set(claims[uid]))} for uid in dict.fromkeys(people)
    ]


def _subjects(row: Row) -> builtins.list[Row]:
    return [row["subject"], *(other["subject"] for other in row["also"])]
