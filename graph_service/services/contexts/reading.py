"""The contextual database as it is read: each reading checked, shown as far as the viewer may see, and recorded."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from graph_service.access import Action, Decision, Viewer, require
from graph_service.services.contexts import coming, evidence, given, outcome, shown, team, weighting
from graph_service.services.contexts.case import PARTS, Case
from graph_service.services.contexts.desk import Desk, Look
from graph_service.services.contexts.life_cycle import STATES, urgency
from graph_service.services.questions import Questions
from queries.errors import PmetError

Row = dict[str, Any]


class ContextsRead:
    """Contexts, as the pages and the API read them; see `graph_service.web.context_seam.ContextsLike` for the shapes of rows."""

    def __init__(self, desk: Desk, questions: Questions) -> None:
        self._desk, self._questions = desk, questions

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

    # ---- within

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
