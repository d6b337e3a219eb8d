"""The contextual database, as the pages and the API ask it: every act checked, kept with who, when and why, and recorded."""

import builtins
import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any, Final

from graph_service.access import Action, Decision, Viewer, require
from graph_service.errors import NotFoundError, StaleError
from graph_service.services.contexts import coming, evidence, given, outcome, rights, shown, team, weighting, writing
from graph_service.services.contexts.case import DRAFT, PARTS, REASON, SIGNED_OFF, UNTOLD, Case, base_sight, thing
from graph_service.services.contexts.desk import Desk, InGraph, Look, fresh_or_stale, not_looking_back
from graph_service.services.contexts.life_cycle import MAY_FOLLOW, STATES, WORKED_ON, urgency
from graph_service.services.contexts.sharing import Sharing
from graph_service.services.questions import Questions
from graph_service.store.reader import read_sights
from graph_service.store.work import Draft
from queries.analysis.context_measures import MEASURES
from queries.errors import ParameterError, PmetError

Row = dict[str, Any]
_ENDS_WORK: Final = ("close", "refer_on", "record_only")


class Contexts:
    """Contexts as cases of their own; see `graph_service.web.context_seam.ContextsLike` for the shapes of rows."""

    def __init__(self, desk: Desk, questions: Questions) -> None:
        self._desk, self._questions = desk, questions
        self.sharing = Sharing(desk)

    # ---- reading

    def list(self, viewer: Viewer, *, state: str = "") -> Sequence[Row]:
        """Give summary rows of the contexts open to the viewer: those that need somebody first, then by label."""
        return [row for row, _ in self._listed(viewer, "contexts", state)]

    def with_actions(self, viewer: Viewer) -> Sequence[Row]:
        """Give the rows of `list`, each with the `actions` of its plan as it stands: one read, however many contexts there are."""
        found = self._listed(viewer, "contexts and their actions")
        return [{**row, "actions": case.body("plan").get("actions", [])} for row, case in found]

    def _listed(self, viewer: Viewer, what: str, state: str = "") -> Sequence[tuple[Row, Case]]:
        with self._refusals(viewer, Action.READ_CONTEXT, what):
            look, names = self._desk.look(viewer), self._desk.names()
            decision = require(look.viewer, Action.READ_CONTEXT, on_team=bool(look.viewer.teams))
            given.one_of("state", state, ("", *STATES))
            cases = [case for case in look.cases() if state in ("", case.standing.state)]
            found = [(shown.summary(case, names, coming.count_new(look, case)), case) for case in cases]
        found.sort(
            key=lambda one: (urgency(one[0]["state"]), one[0]["review_due"] or "9", one[0]["label"], one[0]["uid"])
        )
        self._desk.consulted(viewer, what, (), [row["uid"] for row, _ in found], len(found), decision)
        return found

    def get(self, viewer: Viewer, uid: str) -> Row:
        """Give one context whole. Raises NotFoundError for hidden and absent alike."""
        with self._reading(viewer, "context", uid) as (look, case, decision):
            row = self._whole(look, case)
        self._desk.consulted(viewer, "context", [uid], look.asked.subjects_shown, 1, decision)
        return row

    def part(self, viewer: Viewer, uid: str, name: str) -> Row:
        """Give one part of a context."""
        with self._reading(viewer, f"context {name}"[:40], uid) as (look, case, decision):
            row = self._part(look, case, given.one_of("name", name, PARTS))
        self._desk.consulted(viewer, f"context {name}", [uid], look.asked.subjects_shown, 1, decision)
        return row

    def history(self, viewer: Viewer, uid: str, name: str) -> Sequence[Row]:
        """Give every version of a part or of the definition, latest first."""
        with self._reading(viewer, "context history", uid) as (look, case, decision):
            rows = shown.history(look, case, name, self._desk.names())
            rows = [{**row, "content": self._content(look, case, name, row["content"])} for row in rows]
        self._desk.consulted(viewer, "context history", [uid], look.asked.subjects_shown, len(rows), decision)
        return rows

    def log(self, viewer: Viewer, uid: str) -> Sequence[Row]:
        """Give the activity log, latest first."""
        with self._reading(viewer, "context log", uid) as (look, case, decision):
            rows = [row for row in look.rows(about=[uid]) if row.thing.startswith(f"context:{uid}/")]
            rows = [row for row in rows if row.kind != "evidence" or evidence.still_named(look, row)]
            rows = [row for row in rows if (row.thing, row.version) not in case.unseen]
            entries = shown.log(rows, self._desk.names())
        self._desk.consulted(viewer, "context log", [uid], (), len(entries), decision)
        return entries

    def notices(self, viewer: Viewer, uid: str) -> Sequence[Row]:
        """Give what came to notice since the context was opened, as far as this viewer may see."""
        with self._reading(viewer, "context notices", uid) as (look, case, decision):
            rows = coming.told(look, case)
        self._desk.consulted(viewer, "context notices", [uid], look.asked.subjects_shown, len(rows), decision)
        return rows

    def seen(self, viewer: Viewer, uid: str, *, up_to: str = "") -> None:
        """Note that this viewer has read the notices; with `up_to` (ISO 8601), those that became known up to then."""
        with self._reading(viewer, "context notices read", uid) as (look, case, decision):
            not_looking_back(viewer)
            if coming.mark_read(look, case, given.moment("up_to", up_to)):
                self._desk.changed(viewer, Action.READ_CONTEXT, "context notices read", [uid], decision)

    def evidence(self, viewer: Viewer, uid: str) -> Sequence[Row]:
        """Give the evidence attached, each piece worked out anew for this viewer."""
        with self._reading(viewer, "context evidence", uid) as (look, case, decision):
            rows = evidence.shown(look, self._questions, case, self._desk.names())
        self._desk.consulted(viewer, "context evidence", [uid], (), len(rows), decision)
        return rows

    def measures(self, viewer: Viewer) -> Sequence[Row]:
        """Give the named measures that a goal may use."""
        with self._refusals(viewer, Action.READ_CATALOGUE, "measures"):
            require(viewer, Action.READ_CATALOGUE)
        return outcome.measures()

    def colleagues(self, viewer: Viewer) -> Sequence[Row]:
        """Give who can be named for a satellite team."""
        with self._refusals(viewer, Action.DECIDE_CONTEXT, "colleagues"):
            decision = require(viewer, Action.DECIDE_CONTEXT)
        rows = team.colleagues(self._desk.accounts)
        self._desk.consulted(viewer, "colleagues", (), (), len(rows), decision)
        return rows

    def before_and_after(self, viewer: Viewer, uid: str) -> Row:
        """Run each goal's frozen measure again."""
        with self._reading(viewer, "context outcome", uid) as (look, case, decision):
            row = outcome.before_and_after(look, case)
        self._desk.consulted(viewer, "context outcome", [uid], (), len(row["goals"]), decision)
        return row

    # ---- changing

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
        made = _made(look.viewer, decision, UNTOLD, "", referred.at)
        where, sight = thing(uid, "case"), base_sight(uid)
        case = look.draft(uid, "case", where, sight, {"decisions": [made]}, reason=UNTOLD, expected=0)
        content = {"reason": why.text, "at": made["at"], "rests_on": list(why.rests_on), "citations": []}
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
            made = _made(viewer, decision, why, given.text("meeting", meeting, longest=60), dt.datetime.now(dt.UTC))
            drafts = [
                look.draft(
                    uid,
                    "case",
                    thing(uid, "case"),
                    base_sight(uid),
                    {"decisions": [*case.decisions, made]},
                    reason=why,
                    expected=case.version_of(thing(uid, "case")),
                )
            ]
            drafts += self._parts_after(look, case, decision, why)
            # Were this cut off before the holdings are ended, they open nothing: a place in a team stands with its context.
            ends = decision in _ENDS_WORK
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
                body, state = _carried_on(case, body)
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

    # ---- within

    @contextmanager
    def _stale_part(self, viewer: Viewer, uid: str, name: str) -> Iterator[None]:
        try:
            yield
        except StaleError:
            again = self._desk.look(viewer)
            raise StaleError(self._part(again, again.case(uid), name)) from None

    def _whole(self, look: Look, case: Case) -> Row:
        names = self._desk.names()
        row = shown.summary(case, names, coming.count_new(look, case)) | shown.whole(look, case, names)
        row["parts"]["plan"]["content"] = outcome.shown_plan(row["parts"]["plan"]["content"])
        row["parts"]["weighting"]["content"] = weighting.as_seen(look, case, row["parts"]["weighting"]["content"])
        return row

    def _part(self, look: Look, case: Case, name: str) -> Row:
        row = shown.part(case, name, self._desk.names())
        return row | {"content": self._content(look, case, name, row["content"])}

    def _content(self, look: Look, case: Case, name: str, content: Any) -> Any:  # noqa: ANN401  JSON
        """Give the content of a part as it is shown to a viewer."""
        if name == "weighting":
            return weighting.as_seen(look, case, content)
        return outcome.shown_plan(content) if name == "plan" else content

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

    def _parts_after(self, look: Look, case: Case, decision: str, why: str) -> Sequence[Draft]:
        """Make the drafts of what a decision does to the parts: it signs them off, or ends what is but a draft."""
        uid = case.uid
        drafts: builtins.list[Draft] = []

        def keep(name: str, content: Mapping[str, Any] | None) -> None:
            where = thing(uid, name)
            drafts.append(
                look.draft(uid, name, where, base_sight(uid), content, reason=why, expected=case.version_of(where))
            )

        if decision == "sign_off":
            if not case.part("assessment") or not (case.body("plan").get("goals") or case.body("plan").get("actions")):
                raise ParameterError("decision", "MET signs off an assessment and a plan; write both first")
            now, sequence = dt.datetime.now(dt.UTC), self._desk.graphs.projection().sequence
            anew = case.standing.signed_at is None
            for name in ("assessment", "weighting", "plan"):
                row = case.part(name)
                # What was signed off before a context was closed is signed off again, and measured from now.
                if row and (anew or row.content["state"] == DRAFT):
                    body = row.content["body"]
                    if name == "plan":
                        goals = [{**goal, "baseline": None} if anew else goal for goal in body["goals"]]
                        body = {**body, "goals": [outcome.frozen(goal, now, sequence) for goal in goals]}
                    keep(name, {"state": SIGNED_OFF, "body": body})
            return drafts
        review = case.part("review")
        if decision in ("again", "close", "refer_on") and review and review.content["state"] == DRAFT:
            keep("review", {"state": SIGNED_OFF, "body": review.content["body"]})
        if decision in _ENDS_WORK:
            for name in ("assessment", "weighting", "plan"):
                row = case.part(name)
                if row and row.content["state"] == DRAFT:
                    signed = [r for r in case.rows if r.thing == row.thing and r.content["state"] == SIGNED_OFF]
                    keep(name, signed[-1].content if signed else None)
            if case.part("team"):
                keep("team", None)
        return drafts

    @contextmanager
    def _refusals(self, viewer: Viewer, action: Action, what: str) -> Iterator[None]:
        try:
            yield
        except PmetError as error:
            self._desk.refused(viewer, action, what, error)
            raise

    @contextmanager
    def _reading(self, viewer: Viewer, what: str, uid: str) -> Iterator[tuple[Look, Case, Decision]]:
        with self._refusals(viewer, Action.READ_CONTEXT, what):
            look = self._desk.look(viewer)
            case = look.case(uid)
            yield look, case, look.require(Action.READ_CONTEXT, uid)

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


def _carried_on(case: Case, body: Row) -> tuple[Row, str]:
    """
    Give a changed plan with the baselines of goals that stay as they were, and its state.

    Progress on actions leaves a signed plan signed; other goals, or other actions, make it a draft until MET signs it off.
    """
    signed = outcome.signed_plan(case) if case.standing.signed_at else None
    before = signed.content["body"] if signed else {"goals": [], "actions": []}
    marks: Callable[[Mapping[str, Any]], tuple[Any, ...]] = lambda goal: (goal["what"], goal["measure"], goal["effort"])  # noqa: E731
    baselines = {marks(goal): goal["baseline"] for goal in before["goals"]}
    goals = [{**goal, "baseline": baselines.get(marks(goal))} for goal in body["goals"]]
    same_goals = [marks(goal) for goal in goals] == [marks(goal) for goal in before["goals"]]
    same_actions = [row["what"] for row in body["actions"]] == [row["what"] for row in before["actions"]]
    return {**body, "goals": goals}, SIGNED_OFF if signed and same_goals and same_actions else DRAFT


def _made(viewer: Viewer, decision: str, why: str, meeting: str, at: dt.datetime) -> Row:
    """Give what MET decided as the row of a case keeps it."""
    return {
        "decision": decision, "reason": why, "by": viewer.account, "agency": viewer.agency, "at": shown.now_iso(at), "meeting": meeting,
    }  # fmt: skip


def _receipt(uid: str, fields: Mapping[str, Any], version: int, at: str) -> Row:
    """Give what is told to somebody who referred a context and does not sit in its team."""
    return {
        "uid": uid, "label": fields["label"], "kind": fields["kind"], "state": "referred", "version": version, "lead": None, "team": [],
        "referred_at": at, "assess_by": None, "review_due": None, "overdue": False, "new_notices": 0, "updated_at": at, "handling": "C",
    }  # fmt: skip
