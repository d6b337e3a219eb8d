"""
Rights are always today's: what was written of contexts follows what its inputs need now (reference model, sections 1 and 3).

An originator may close a report from which something was made here. Whatever is read is held against what the reader may see at that
moment; besides, the stored rows are given the sights that they would have had, had the report been so from the start. Nothing is ever opened
to more than when it was begun. All of it follows from what is in the store, so that what was cut off is made whole by doing it again.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from graph_service.services.contexts.desk import Desk
from graph_service.services.contexts.given import SUBJECTS
from graph_service.services.needs import columns_under, needed_by_subject, sights_of_claims, with_claims
from graph_service.store.work import WorkRow
from graph_service.store.writer import StoreWriter
from queries.catalogue import question
from queries.errors import PmetError
from queries.records import Batch, ReportRecord
from queries.sight import Sight

_WAIT_SECONDS: Final = 20
_FOLLOWED: Final = ("definition", "origin", "affected", "evidence", "evidence_rows", "proposal_decision")


def follow(desk: Desk) -> None:
    """Give every row of work, and every claim and name made of it, the sight that what it rests on needs today. `O(rows)` of the graph."""
    rows = desk.work.rows(sights=desk.graphs.every_sight(), kinds=_FOLLOWED, with_history=True)
    if not rows:
        return
    things: dict[str, list[WorkRow]] = {}
    for row in rows:
        things.setdefault(row.thing, []).append(row)
    inputs = _Inputs(desk, rows)
    today = {name: _today(inputs, versions) for name, versions in things.items()}
    changed = {name: sight for name, sight in today.items() if sight.sid != things[name][0].sight}
    if changed:
        desk.work.change_sights(changed)
    _follow_in_graph(desk, {name: (versions[-1], today[name]) for name, versions in things.items()})


class _Inputs:
    """What the inputs of these rows need today: read of the graph once for all of them."""

    def __init__(self, desk: Desk, rows: Sequence[WorkRow]) -> None:
        self.desk, everything = desk, desk.graphs.projection()
        uids = {uid for row in rows for uid in _subjects_of(desk, row)}
        found = needed_by_subject(desk.graphs, everything, uids, but=("AFFECTED_BY",))
        self._subjects = {uid: needed for uid, needed in found.items() if needed.ways}
        self._near = with_claims(everything, {claim for row in rows for claim in _claims_of(row)})
        self._every = frozenset(desk.graphs.every_sight())

    def of(self, row: WorkRow) -> list[Sight]:
        """Give what each of the inputs of a row needs today, or needed last where it is not there any more."""
        moment = row.known_from
        if row.kind == "evidence":
            moment = dt.datetime.fromisoformat(row.content["known_at"])
        claims = _claims_of(row)
        found = sights_of_claims(self._near, self._every, claims, None if row.kind == "affected" else moment)
        # What was withdrawn since needs what it needed last: that it was withdrawn opens nothing that was closed.
        gone = [claim for claim in claims if claim not in found]
        found |= sights_of_claims(self._near, self._every, gone, row.known_from)
        formula = self.desk.graphs.formula
        needs = [Sight.any_of(*(way for sid in sids for way in formula(sid).ways)) for sids in found.values()]
        return needs + [self._subjects[uid] for uid in _subjects_of(self.desk, row) if uid in self._subjects]


def _today(inputs: _Inputs, versions: Sequence[WorkRow]) -> Sight:
    row = versions[-1]
    begun_with = inputs.desk.graphs.formula(row.declared_sight)
    needs = [needed for one in versions for needed in inputs.of(one)]
    if row.kind in ("definition", "origin") and "rests_on" not in row.content:
        return _any_of(begun_with, row, needs)
    return _all_of(begun_with, needs)


def _claims_of(row: WorkRow) -> list[str]:
    """Give the claims and mentions that a row rests on."""
    content: Any = row.content
    match row.kind:
        case "origin" | "affected":
            return [*content.get("citations", ()), *content.get("rests_on", ())]
        case "evidence":
            return [part.strip() for part in content["parameters"].get("claims", "").split(",") if part.strip()]
        case "proposal_decision":
            return list(content["evidence"])
        case _:
            return list(content.get("rests_on", ()))


def _subjects_of(desk: Desk, row: WorkRow) -> list[str]:
    """Give the uids of the subjects that a row names."""
    content: Any = row.content
    match row.kind:
        case "definition":
            return [uid for field in SUBJECTS for uid in content.get(field, ())]
        case "affected":
            return [content["person"]]
        case "evidence":
            return _named(desk, content)
        case _:
            return []


def _all_of(sight: Sight, needs: Iterable[Sight]) -> Sight:
    """Give what needs all that each of its inputs needs."""
    for needed in {needed.sid: needed for needed in needs}.values():
        sight = sight.with_all_of(needed) if needed.ways else sight
    return sight


def _any_of(sight: Sight, row: WorkRow, needs: Sequence[Sight]) -> Sight:
    """
    Give what needs what any of its inputs needs: each reader is shown those that they may see.

    The context's own row has its texts too, and stays open to its team.
    """
    if not needs or row.thing.count("/") == 1:
        return sight
    return sight.with_all_of(Sight.any_of(*(way for needed in needs for way in needed.ways)))


def _named(desk: Desk, recipe: Mapping[str, Any]) -> list[str]:
    """Give the uids of the subjects that a recipe names."""
    everything = desk.graphs.projection()
    try:
        asked = question(recipe["question"])
    except PmetError:
        return []
    given = [recipe["parameters"].get(p.name) or "" for p in asked.parameters if p.type == "subject"]
    keys = [f"bundle:{name.removeprefix('ref:')}" for name in given if name.startswith("ref:")]
    at = everything.at_key
    return [*given, *(str(everything.subjects.uid[at[key]]) for key in keys if key in at)]


def _follow_in_graph(desk: Desk, things: dict[str, tuple[WorkRow, Sight]]) -> None:
    """Change the handling of the reports made here that somebody is affected, and that name a context after its reports."""
    everything = desk.graphs.projection()
    stands: dict[str, int] = {}
    for columns, at in columns_under(everything, things.keys()):
        stands |= {str(columns.claim_id[one]): int(columns.sight[one]) for one in at.tolist()}
    reports = tuple(
        _report(row, sight)
        for name, (row, sight) in things.items()
        if name in stands and stands[name] != sight.sid and not row.content.get("removed")
    )
    if reports:
        now = dt.datetime.now(dt.UTC)
        with desk.imports.writing(_WAIT_SECONDS):
            StoreWriter(desk.store).write(Batch(reports=reports), run=f"rights:{now.isoformat()}", position=0)


def _report(row: WorkRow, sight: Sight) -> ReportRecord:
    text: Any = row.content.get("why", "")
    return ReportRecord(row.thing, "assessment", row.agency, row.recorded_at, row.known_from, sight, text=text)
