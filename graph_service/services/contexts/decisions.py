"""What a decision of MET makes of a context: the row that keeps it, and what becomes of the parts that its team writes."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from graph_service.access import Viewer
from graph_service.services.contexts import outcome, shown
from graph_service.services.contexts.case import DRAFT, SIGNED_OFF, Case, base_sight, thing
from graph_service.services.contexts.desk import Look
from graph_service.store.work import Draft
from queries.errors import ParameterError

Row = dict[str, Any]
#: What ends the work of a satellite team, and with it the team's access.
ENDS_WORK: Final = ("close", "refer_on", "record_only")


def made(viewer: Viewer, decision: str, why: str, meeting: str, at: dt.datetime) -> Row:
    """Give what MET decided as the row of a case keeps it."""
    return {
        "decision": decision, "reason": why, "by": viewer.account, "agency": viewer.agency, "at": shown.now_iso(at), "meeting": meeting,
    }  # fmt: skip


def parts_after(look: Look, case: Case, decision: str, why: str) -> list[Draft]:
    """Make the drafts of what a decision does to the parts: it signs them off, or ends what is but a draft."""
    uid = case.uid
    drafts: list[Draft] = []

    def keep(name: str, content: Mapping[str, Any] | None) -> None:
        where = thing(uid, name)
        drafts.append(
            look.draft(uid, name, where, base_sight(uid), content, reason=why, expected=case.version_of(where))
        )

    if decision == "sign_off":
        if not case.part("assessment") or not (case.body("plan").get("goals") or case.body("plan").get("actions")):
            raise ParameterError("decision", "MET signs off an assessment and a plan; write both first")
        now, sequence = dt.datetime.now(dt.UTC), look.desk.graphs.projection().sequence
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
    if decision in ENDS_WORK:
        for name in ("assessment", "weighting", "plan"):
            row = case.part(name)
            if row and row.content["state"] == DRAFT:
                signed = [r for r in case.rows if r.thing == row.thing and r.content["state"] == SIGNED_OFF]
                keep(name, signed[-1].content if signed else None)
        if case.part("team"):
            keep("team", None)
    return drafts


def carried_on(case: Case, body: Row) -> tuple[Row, str]:
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
