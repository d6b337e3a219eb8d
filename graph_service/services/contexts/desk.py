"""What every act on a context shares: who may, what they see, how it is kept and recorded."""

import datetime as dt
import secrets
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np

from graph_service.access import Action, Decision, Viewer, require
from graph_service.errors import NotFoundError, StaleError
from graph_service.records.accounts import Accounts
from graph_service.records.audit import Audit, Event
from graph_service.services.answers.asked import Asked
from graph_service.services.contexts.case import HANDLING, KINDS, SEEN, Case, own_sight
from graph_service.services.contexts.given import SUBJECTS
from graph_service.services.imports import Imports
from graph_service.services.visible import VisibleGraphs
from graph_service.store.bolt import BoltStore
from graph_service.store.work import Draft, WorkRow, WorkStore
from queries.analysis.notice import Told, last_told
from queries.columns import ClaimColumns
from queries.errors import ParameterError, PmetError
from queries.projection import Ints, Objects, to_milliseconds
from queries.records import Batch
from queries.sight import Sight

_WAIT_SECONDS: Final = 20


@dataclass(frozen=True)
class InGraph:
    """
    What the graph has of work that is written, kept in the same transaction: `records`, the claims and mentions whose rows end (`ending`, each
    with its type, a mention with none), and the moment of it all (UTC).
    """

    at: dt.datetime
    records: Batch
    ending: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Desk:
    """The stores and trails that the contextual database works with."""

    store: BoltStore
    graphs: VisibleGraphs
    audit: Audit
    accounts: Accounts
    imports: Imports

    @cached_property
    def work(self) -> WorkStore:
        """The rows of work."""
        return WorkStore(self.store)

    def look(self, viewer: Viewer) -> "Look":
        """Give what a viewer sees at the moment that they look from."""
        viewer = self.graphs.in_force(viewer)
        known_at = viewer.known_at or dt.datetime.now(dt.UTC)
        graph = self.graphs.of(viewer, known_at)
        sights = self.graphs.padded(self.graphs.sights(viewer))
        return Look(self, Asked(viewer, {}, graph, known_at, sights, self.store, self.graphs))

    def names(self) -> dict[str, str]:
        """Give the name of the person behind each account."""
        return {row["account"]: row["name"] for row in self.accounts.everyone()}

    def consulted(
        self, viewer: Viewer, what: str, uids: Iterable[str], shown: Iterable[str], returned: int, decision: Decision
    ) -> None:
        """Record that something of contexts was read, before it goes out."""
        self.audit.record(
            Event.CONSULTATION, viewer, Action.READ_CONTEXT, question=what, subjects=uids, objects=shown, returned=returned,
            decision=decision, handling=HANDLING, as_known_at=viewer.known_at,
        )  # fmt: skip

    def changed(self, viewer: Viewer, action: Action, what: str, uids: Iterable[str], decision: Decision) -> None:
        """Record that something of contexts was changed, and keep the census beside the trail."""
        self.audit.record(
            Event.ALTERATION,
            viewer,
            action,
            question=what,
            subjects=uids,
            returned=1,
            decision=decision,
            handling=HANDLING,
        )
        self.imports.keep_census()

    def done(self, viewer: Viewer, action: Action, what: str, uids: Iterable[str], command: str) -> dict[str, int]:
        """
        Give the versions that this command has written, and record that it was sent again; none where it has not been done.

        What whoever sends it again is told is how it stands now, as far as they may see now.
        """
        found = self.work.done(command)
        if found:
            reason = "given again under the same Idempotency-Key"
            self.audit.record(Event.CONSULTATION, viewer, action, question=what, subjects=uids, reason=reason)
        return found

    def refused(self, viewer: Viewer, action: Action, what: str, error: PmetError) -> None:
        """Record that something was not given or not done."""
        self.audit.refused(viewer, action, what, error)


@dataclass
class Look:
    """One viewer looking at contexts: their graph and sights, from one moment."""

    desk: Desk
    asked: Asked

    @property
    def viewer(self) -> Viewer:
        """Who looks."""
        return self.asked.viewer

    def rows(
        self, *, kinds: Sequence[str] = (), about: Sequence[str] = (), things: Sequence[str] = ()
    ) -> list[WorkRow]:
        """Give rows of work with all their versions, as far as this viewer may see and as known at their moment."""
        return self.desk.work.rows(
            sights=self.asked.sights,
            kinds=kinds,
            about=about,
            things=things,
            known_at=self.viewer.known_at,
            with_history=True,
        )

    def cases(self, kinds: Sequence[str] = KINDS) -> list[Case]:
        """Give every context that this viewer may see, with its rows of these kinds; its definition is one of them."""
        grouped: dict[str, list[WorkRow]] = {}
        for row in self.rows(kinds=kinds):
            if row.thing.startswith("context:"):
                grouped.setdefault(row.about, []).append(row)
        found = [Case(uid, rows, self.moment(rows), self.unseen(rows)) for uid, rows in grouped.items()]
        return [case for case in found if case.exists and case.uid in self.asked.graph.position]

    def case(self, uid: str) -> Case:
        """
        Give one context.

        Raises
        ------
        NotFoundError
            If it is not there, or may not be seen: the two cannot be told apart.
        """
        if uid not in self.asked.graph.position:
            raise NotFoundError
        rows = [row for row in self.rows(about=[uid], kinds=KINDS) if row.thing.startswith(f"context:{uid}/")]
        case = Case(uid, rows, self.moment(rows), self.unseen(rows))
        if not case.exists:
            raise NotFoundError
        return case

    def unseen(self, rows: Sequence[WorkRow]) -> frozenset[tuple[str, int]]:
        """Give the versions (thing, number) of definitions that changed nothing but subjects which this viewer may not see today."""
        found: set[tuple[str, int]] = set()
        before: dict[str, tuple[Any, Any]] = {}
        for row in sorted((row for row in rows if row.kind == "definition"), key=lambda row: row.version):
            seen = {
                name: [uid for uid in value if self.position(uid) is not None] if name in SUBJECTS else value
                for name, value in row.content.items()
            }
            was, was_seen = before.get(row.thing, (None, None))
            if was is not None and seen == was_seen and row.content != was:
                found.add((row.thing, row.version))
            before[row.thing] = row.content, seen
        return frozenset(found)

    def moment(self, rows: Sequence[WorkRow]) -> dt.datetime:
        """Give the moment that rows are seen from: the viewer's own, or now, which is never before what was last written."""
        if self.viewer.known_at:
            return self.viewer.known_at
        return max([self.asked.known_at, *(row.known_from for row in rows)])

    def position(self, uid: str) -> int | None:
        """Give the position in the visible graph of a subject of this uid, or None."""
        return self.asked.graph.position.get(uid)

    def subjects(self, uids: Iterable[str]) -> list[dict[str, str]]:
        """Give subjects as they stand in rows, each person once; those that the viewer may not see are not among them."""
        at = dict.fromkeys(found for uid in uids if (found := self.position(uid)) is not None)
        return [self.asked.subject(position) for position in at]

    def claims_seen(self, claims: Iterable[str]) -> list[str]:
        """Give those of these claim ids (of claims or mentions) that the viewer may see."""
        wanted = list(dict.fromkeys(claims))
        if not wanted:
            return []
        graph, known = self.asked.graph, set(self._mentions[1].tolist())
        return [claim for claim in wanted if claim in known or _held(graph.claims, claim) or _held(graph.apart, claim)]

    def mentions(self, watched: Iterable[int], since: int) -> list[Told]:
        """Give the mentions by reports of these subjects (positions) that the viewer may see and that became known after `since` (ms UTC)."""
        at, claim_ids, known_from = self._mentions
        rows = np.flatnonzero(known_from > since)
        rows = rows[np.isin(at[rows], sorted(watched))]
        return [Told(int(at[row]), str(claim_ids[row]), int(known_from[row])) for row in rows.tolist()]

    @cached_property
    def _mentions(self) -> tuple[Ints, Objects, Ints]:
        """The mentions by reports that the viewer may see: the position of the subject of each, its claim id, and when it became known."""
        everything = self.desk.graphs.projection()
        columns, moment = everything.mentions, to_milliseconds(self.asked.known_at)
        seen = (columns.known_from <= moment) & (columns.live_to > moment) & np.isin(columns.sight, self.asked.sights)
        of = self.asked.graph.of_history
        rows = np.flatnonzero(seen & (columns.report >= 0))
        if of is None:
            raise ValueError("the visible graph of a service says where each subject of the projection is")
        # A subject that was added since the graph was made is not in it.
        rows = rows[columns.subject[rows] < len(of)]
        at = of[columns.subject[rows]]
        kept = at >= 0
        return at[kept], columns.claim_id[rows][kept], columns.known_from[rows][kept]

    @cached_property
    def last_told(self) -> Ints:
        """Of each subject (by position), when the latest report of it that the viewer may see became known (ms UTC): see `last_told`."""
        found = last_told(self.asked.graph, self.made_here)
        at, _, known_from = self._mentions
        np.maximum.at(found, at, known_from)
        return found

    @cached_property
    def made_here(self) -> list[int]:
        """The positions of what was written here of contexts, among the reports of the visible graph."""
        keys = self.asked.graph.reports.key
        return [at for at, key in enumerate(keys.tolist()) if key.startswith("context:")]

    @cached_property
    def read_up_to(self) -> dict[str, int]:
        """Up to when (ms UTC) this viewer has read the notices of each context; nobody else is told."""
        rows = self.desk.work.rows(
            sights=[own_sight(self.viewer.account).sid], kinds=[SEEN], known_at=self.viewer.known_at
        )
        return {row.about: int(row.content["up_to"]) for row in rows}

    def may(self, action: Action, uid: str) -> bool:
        """Say whether the policy allows this viewer an action on a context."""
        return self.viewer.may(action, on_team=uid in self.viewer.teams)

    def require(self, action: Action, uid: str) -> Decision:
        """Decide, and refuse where the policy does not allow; nothing is changed while looking back."""
        decision = require(self.viewer, action, on_team=uid in self.viewer.teams)
        if action is not Action.READ_CONTEXT:
            not_looking_back(self.viewer)
        return decision

    def append(
        self,
        drafts: Sequence[Draft],
        unchanged: Mapping[str, int] | None = None,
        command: str = "",
        in_graph: InGraph | None = None,
    ) -> dict[str, int]:
        """Keep drafts, and what the graph then has of them, together or not at all. Raises StaleError without what stands now."""
        told = command or secrets.token_hex(16)
        if in_graph is None:
            return self.desk.work.append(drafts, command_id=told, unchanged=unchanged)
        with self.desk.imports.writing(_WAIT_SECONDS):
            return self.desk.work.append(
                drafts,
                command_id=told,
                unchanged=unchanged,
                records=in_graph.records,
                ending=in_graph.ending,
                at=in_graph.at,
            )

    def draft(
        self,
        uid: str,
        kind: str,
        name: str,
        sight: Sight,
        content: Mapping[str, Any] | None,
        *,
        reason: str,
        expected: int | None,
    ) -> Draft:
        """Make the next version of a thing of a context, by this viewer."""
        return Draft(
            thing=name, kind=kind, about=uid, sight=sight, content=None if content is None else dict(content),
            account=self.viewer.account, agency=self.viewer.agency, reason=reason, expected_version=expected, handling=HANDLING,
        )  # fmt: skip


def _held(columns: ClaimColumns, claim: str) -> bool:
    """Say whether a claim is among those of a visible graph, which are in order of their ids."""
    ids = columns.claim_id
    at = bisect_left(ids, claim)
    return bool(at < len(ids) and ids[at] == claim)


def not_looking_back(viewer: Viewer) -> None:
    """
    Refuse a change while the viewer looks from a moment in the past.

    Raises
    ------
    ParameterError
        Says to come back to now.
    """
    if viewer.known_at is not None:
        raise ParameterError("as_known_at", "you are looking back; come back to now to change anything")


def fresh_or_stale(given: int, stands: int) -> None:
    """Raise StaleError unless the version that was read is the one that stands."""
    if given != stands:
        raise StaleError
