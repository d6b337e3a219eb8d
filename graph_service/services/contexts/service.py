"""The contextual database, as the pages and the API change it: every act checked, kept with who, when and why, and recorded."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any

from graph_service.access import Action, Decision, Viewer, require
from graph_service.errors import NotFoundError, StaleError
from graph_service.services.contexts import coming, evidence, given, rights, shown, team, weighting, writing
from graph_service.services.contexts.case import DRAFT, PARTS, REASON, SIGNED_OFF, UNTOLD, Case, base_sight, thing
from graph_service.services.contexts.decisions import ENDS_WORK, carried_on, made, parts_after
from graph_service.services.contexts.desk import Desk, InGraph, Look, fresh_or_stale, not_looking_back
from graph_service.services.contexts.life_cycle import MAY_FOLLOW, WORKED_ON
from graph_service.services.contexts.reading import ContextsRead
from graph_service.services.contexts.sharing import Sharing
from graph_service.services.questions import Questions
from graph_service.store.reader import read_sights
from graph_service.store.work import Draft
from queries.analysis.context_measures import MEASURES
from queries.errors import ParameterError

Row = dict[str, Any]


class Contexts(ContextsRead):
    """Contexts as cases of their own; see `graph_service.web.context_seam.ContextsLike` for the shapes of rows."""

    def __init__(self, desk: Desk, questions: Questions) -> None:
        super().__init__(desk, questions)
        self.sharing = Sharing(desk)

    def refer(self, viewer: Viewer, given_fields: Mapping[str, Any], *, command: str = "") -> Row:
        """
        Refer a context. The same `command` refers once, and is told how it stands now.

        Whoever is not of its team gets a receipt: the summary row with `open` False, and nothing of it afterwards until they are.
        """
        with self._refusals(viewer, Action.REFER_CONTEXT, "refer context"):
            decision = require(viewer, Action.REFER_CONTEXT)
            not_looking_back(viewer)
            fields = given.referral(given_fields)
            written = self._desk.done(viewer, Action.REFER_CONTEXT, "refer context", (), command)
            if not written:
                look = self._desk.look(viewer)
                written = writing.begin(look, writing.referral(look, str(uuid.uuid4()), fields), command=command)
                self._desk.changed(viewer, Action.REFER_CONTEXT, "refer context", writing.begun_in(written), decision)
            (uid,) = writing.begun_in(written)
        after = self._desk.look(viewer)
        if uid in after.asked.graph.position:
            case = after.case(uid)
            return {**shown.summary(case, self._desk.names(), 0), "open": True}
        first = writing.first_row(self._desk, uid)
        version = sum(name.startswith((thing(uid, "definition"), thing(uid, "affected"))) for name in written)
        return _receipt(uid, fields, version, shown.now_iso(first.known_from)) | {"open": False}

    def begun(
        self,
        look: Look,
        uid: str,
        fields: Mapping[str, Any],
        decision: str,
        why: writing.Reason,
        told: writing.Told | None,
    ) -> writing.Referral:
        """
        Make what begins a context on which MET has decided already, to be kept with what it was decided on (`writing.begin`).

        `told` names it after its reports, for as long as they may be seen and its team has not named it. Why it was decided is told to those
        alone who may see all that it rests on: whoever wrote it had that before them.
        """
        referred = writing.referral(look, uid, given.referral({**fields, "reason": UNTOLD}))
        if told:
            referred = writing.named(look, referred, told, UNTOLD)
        row = made(look.viewer, decision, UNTOLD, "", referred.at)
        where, sight = thing(uid, "case"), base_sight(uid)
        case = look.draft(uid, "case", where, sight, {"decisions": [row]}, reason=UNTOLD, expected=0)
        content = {"reason": why.text, "at": row["at"], "rests_on": list(why.rests_on), "citations": []}
        name, needed = f"context:{uid}{REASON}", sight.with_all_of(why.sight)
        reason = look.draft(uid, "origin", name, needed, content, reason=why.text, expected=0)
        return replace(referred, drafts=(*referred.drafts, case, reason))

    def change(self, viewer: Viewer, uid: str, given_fields: Mapping[str, Any], *, version: int, why: str) -> Row:
        """Change the definition, or who is affected, of a context."""
        with self._changing(viewer, Action.WORK_IN_CONTEXT, "change context", uid) as (look, case, decision):
            fields = given.definition(given_fields)
            reason = given.text("why", why, needed=True)
            if case.standing.state in ("closed", "referred_on"):
                raise ParameterError("state", "this context is closed; MET can decide to assess it again")
            fresh_or_stale(version, case.version)
            drafts = writing.definition_drafts(
                look, uid, case, {k: v for k, v in fields.items() if k != "affected"}, reason
            )
            if "affected" in fields:
                drafts += writing.affected_drafts(look, uid, case, fields["affected"], reason)
            self._append(look, case, drafts, in_graph=writing.in_graph(look, case, drafts))
        self._desk.changed(viewer, Action.WORK_IN_CONTEXT, "change context", [uid], decision)
        after = self._desk.look(viewer)
        return self._whole(after, after.case(uid))

    def decide(
        self,
        viewer: Viewer,
        uid: str,
        decision: str,
        *,
        reason: str,
        version: int,
        meeting: str = "",
        command: str = "",
    ) -> Row:
        """Record what MET decided; the same `command` once. To close, or to refer on, ends the team's access before the answer is given."""
        with self._changing(viewer, Action.DECIDE_CONTEXT, "decide context", uid) as (look, case, allowed):
            if self._desk.done(viewer, Action.DECIDE_CONTEXT, "decide context", [uid], command):
                return self._whole(look, case)
            state = case.standing.state
            if decision not in MAY_FOLLOW[state]:
                words = " or ".join(MAY_FOLLOW[state])
                raise ParameterError("decision", f"of a context in this state it can be {words}")
            why = given.text("reason", reason, needed=True)
            fresh_or_stale(version, case.version)
            row = made(viewer, decision, why, given.text("meeting", meeting, longest=60), dt.datetime.now(dt.UTC))
            drafts = [
                look.draft(
                    uid,
                    "case",
                    thing(uid, "case"),
                    base_sight(uid),
                    {"decisions": [*case.decisions, row]},
                    reason=why,
                    expected=case.version_of(thing(uid, "case")),
                )
            ]
            drafts += parts_after(look, case, decision, why)
            # Were this cut off before the holdings are ended, they open nothing: a place in a team stands with its context.
            ends = decision in ENDS_WORK
            with team.kept_open(self._desk, uid, viewer.account) if ends else nullcontext():
                self._append(look, case, drafts, command)
        self._desk.changed(viewer, Action.DECIDE_CONTEXT, f"decide context: {decision}", [uid], allowed)
        after = self._desk.look(viewer)
        return self._whole(after, after.case(uid))

    def save(self, viewer: Viewer, uid: str, name: str, content: object, *, version: int, why: str = "") -> Row:
        """Save the next version of a part."""
        action = Action.DECIDE_CONTEXT if name == "team" else Action.WORK_IN_CONTEXT
        with self._changing(viewer, action, f"save {name}"[:40], uid) as (look, case, decision):
            given.one_of("name", name, PARTS)
            if case.standing.state not in WORKED_ON:
                raise ParameterError("state", "this context is not being worked on; MET decides to assess it first")
            body = given.part(name, content, tuple(MEASURES))
            reason = given.text("why", why, longest=2000)
            where = thing(uid, name)
            if version != case.version_of(where):
                raise StaleError(self._part(look, case, name))
            state = DRAFT
            if name == "team":
                body, state = team.checked(self._desk.accounts, body), SIGNED_OFF
            if name == "weighting":
                weighting.check(look, case, body)
                body = weighting.with_hidden(look, case, body)
            if name == "plan":
                body, state = carried_on(case, body)
            draft = look.draft(
                uid, name, where, base_sight(uid), {"state": state, "body": body}, reason=reason, expected=version
            )
            opened = team.kept_open(self._desk, uid, viewer.account) if name == "team" else nullcontext()
            with opened, self._stale_part(viewer, uid, name):
                look.append([draft], unchanged={thing(uid, "case"): case.version_of(thing(uid, "case"))})
        self._desk.changed(viewer, action, f"save {name}", [uid], decision)
        after = self._desk.look(viewer)
        return self._part(after, after.case(uid), name)

    def note(self, viewer: Viewer, uid: str, text: str, *, command: str = "") -> Row:
        """Add an entry to the activity log; the same `command` once."""
        with self._changing(viewer, Action.WORK_IN_CONTEXT, "note in context", uid) as (look, case, decision):
            written = self._desk.done(viewer, Action.WORK_IN_CONTEXT, "note in context", [uid], command)
            if not written:
                _still_open(case)
                words = {"text": given.text("text", text, needed=True)}
                name = thing(uid, f"note/{uuid.uuid4().hex}")
                draft = look.draft(uid, "note", name, base_sight(uid), words, reason="", expected=0)
                written = look.append([draft], command=command)
                self._desk.changed(viewer, Action.WORK_IN_CONTEXT, "note in context", [uid], decision)
        rows = self._desk.look(viewer).rows(things=list(written))
        return shown.log(rows, self._desk.names())[0]

    def attach(
        self, viewer: Viewer, uid: str, question: str, parameters: Mapping[str, Any], *, why: str, command: str = ""
    ) -> Row:
        """Freeze the answer to a question as evidence; the same `command` once, and it is told as far as it may be seen now."""
        with self._changing(viewer, Action.WORK_IN_CONTEXT, "attach evidence", uid) as (look, case, decision):
            written = self._desk.done(viewer, Action.WORK_IN_CONTEXT, "attach evidence", [uid], command)
            if not written:
                _still_open(case)
                frozen = evidence.attach(look, self._questions, case, question, parameters, why)
                written = look.append(frozen, command=command)
                self._desk.changed(viewer, Action.WORK_IN_CONTEXT, "attach evidence", [uid], decision)
            after, number = self._desk.look(viewer), min(written).rpartition("/")[2]
            for row in evidence.shown(after, self._questions, after.case(uid), self._desk.names(), only=number):
                return row
            raise NotFoundError  # what it names may not be seen any more

    def recover(self) -> None:
        """Finish what a process that was killed had begun: the places in teams that it had not yet opened or ended."""
        team.recover(self._desk.work, self._desk.accounts, list(read_sights(self._desk.store)))

    def follow_rights(self) -> None:
        """Bring what the service wrote of contexts in line with what its inputs need today. May be repeated."""
        rights.follow(self._desk)

    def seen(self, viewer: Viewer, uid: str, *, up_to: str = "") -> None:
        """Note that this viewer has read the notices; with `up_to` (ISO 8601), those that became known up to then."""
        with self._reading(viewer, "context notices read", uid) as (look, case, decision):
            not_looking_back(viewer)
            if coming.mark_read(look, case, given.moment("up_to", up_to)):
                self._desk.changed(viewer, Action.READ_CONTEXT, "context notices read", [uid], decision)

    # ---- within

    @contextmanager
    def _stale_part(self, viewer: Viewer, uid: str, name: str) -> Iterator[None]:
        try:
            yield
        except StaleError:
            again = self._desk.look(viewer)
            raise StaleError(self._part(again, again.case(uid), name)) from None

    def _append(
        self, look: Look, case: Case, drafts: Sequence[Draft], command: str = "", in_graph: InGraph | None = None
    ) -> None:
        """Keep drafts if nothing of the head has changed since it was read, for all that this viewer may see."""
        written = {draft.thing for draft in drafts}
        try:
            unchanged = {name: n for name, n in case.versions.items() if name not in written}
            look.append(drafts, unchanged, command, in_graph)
        except StaleError:
            again = self._desk.look(look.viewer)
            raise StaleError(self._whole(again, again.case(case.uid))) from None

    @contextmanager
    def _changing(self, viewer: Viewer, action: Action, what: str, uid: str) -> Iterator[tuple[Look, Case, Decision]]:
        """Open a context for a change: whoever may not see it is told that it is not there, whoever may not change it that they may not."""
        with self._refusals(viewer, action, what):
            look = self._desk.look(viewer)
            case = look.case(uid)
            decision = look.require(action, uid)
            try:
                yield look, case, decision
            except StaleError as error:
                if error.current is None:
                    again = self._desk.look(viewer)
                    raise StaleError(self._whole(again, again.case(uid))) from None
                raise


def _still_open(case: Case) -> None:
    if case.standing.state in ("closed", "referred_on"):
        raise ParameterError("state", "this context is closed; MET can decide to assess it again")


def _receipt(uid: str, fields: Mapping[str, Any], version: int, at: str) -> Row:
    """Give what is told to somebody who referred a context and does not sit in its team."""
    return {
        "uid": uid, "label": fields["label"], "kind": fields["kind"], "state": "referred", "version": version, "lead": None, "team": [],
        "referred_at": at, "assess_by": None, "review_due": None, "overdue": False, "new_notices": 0, "updated_at": at, "handling": "C",
    }  # fmt: skip
