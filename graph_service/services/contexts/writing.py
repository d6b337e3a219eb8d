"""How a context's content becomes rows: each subject, citation and affected child under the sight that it needs."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from graph_service.errors import NotFoundError
from graph_service.services.contexts.case import Case, affected_thing, base_sight, thing
from graph_service.services.contexts.desk import Desk, Look
from graph_service.services.contexts.given import KINDS_OF, SUBJECTS
from graph_service.services.needs import needed_for_subjects, sights_of_claims
from graph_service.services.visible import may_open
from graph_service.store.work import Draft, WorkRow
from graph_service.store.writer import StoreWriter
from queries.errors import ParameterError
from queries.records import FAR_FUTURE, FAR_PAST, Batch, ClaimRecord, MentionRecord, ReportRecord, SubjectRecord
from queries.sight import Sight

_WAIT_SECONDS: Final = 20
_HEAD_TEXTS: Final = ("kind", "label", "summary", "handle", "platform", "area", "harms")


def definition_drafts(look: Look, uid: str, case: Case | None, fields: Mapping[str, Any], reason: str) -> list[Draft]:
    """
    Make the drafts that give a context these fields; what is as it was makes none.

    A list of subjects that is given replaces the list that the viewer sees. What they may not see stays as it is: in rows that they may not
    see, and in those that they may, whose subject is hidden from them.

    Raises
    ------
    NotFoundError
        If a subject is not there or may not be seen.
    ParameterError
        If a subject is of another kind than the field takes.
    """
    base = thing(uid, "definition")
    before = {row.thing: row for row in case.standing_rows("definition")} if case else {}
    contents: dict[str, dict[str, Any]] = {name: {**row.content} for name, row in before.items()}
    contents.setdefault(base, {})
    sights: dict[str, Sight] = {base: base_sight(uid)}
    contents[base] |= {name: fields[name] for name in _HEAD_TEXTS if name in fields}
    for field in SUBJECTS:
        if field not in fields:
            continue
        wanted: list[str] = list(fields[field])
        for named in wanted:
            _check_subject(look, field, named, uid)
        held: set[str] = set()
        for content in contents.values():
            kept = [named for named in content.get(field, []) if named in wanted or look.position(named) is None]
            held.update(kept)
            if field in content or kept:
                content[field] = kept
        for named in (named for named in wanted if named not in held):
            sight = base_sight(uid).with_all_of(_needed(look, [named]))
            where = thing(uid, "definition", sight)
            sights[where] = sight
            content = contents.setdefault(where, {})
            content[field] = [*content.get(field, []), named]
    drafts = []
    for name, content in contents.items():
        row = before.get(name)
        if row is None or row.content != content:
            sight = sights.get(name) or look.desk.graphs.formula(row.sight if row else -1)
            expected = case.version_of(name) if case else 0
            drafts.append(look.draft(uid, "definition", name, sight, content, reason=reason, expected=expected))
    return drafts


def origin_drafts(look: Look, uid: str, told: Mapping[str, Any], citations: Sequence[str], reason: str) -> list[Draft]:
    """Make the drafts of how a context was referred, its citations under the sights that they need."""
    grouped = _grouped(look, uid, "origin", citations)
    grouped.setdefault(thing(uid, "origin"), (base_sight(uid), []))
    return [
        look.draft(
            uid,
            "origin",
            name,
            sight,
            {**(told if name == thing(uid, "origin") else {}), "citations": cited},
            reason=reason,
            expected=0,
        )
        for name, (sight, cited) in grouped.items()
    ]


def affected_drafts(look: Look, uid: str, case: Case, given: Iterable[Mapping[str, Any]], reason: str) -> list[Draft]:
    """Make the drafts that make these the people affected, as far as the viewer sees them: a thing each, under the sight that it needs."""
    kept: set[str] = set()
    drafts: dict[str, Draft] = {}
    seen = {row.thing: row for row in case.affected if look.position(row.content["person"]) is not None}
    told_of = {name: set(look.claims_seen(row.content["citations"])) for name, row in seen.items()}
    for entry in given:
        person, why, citations = entry["person"], entry["why"], entry["citations"]
        _check_subject(look, "people", person, uid)
        same = next(
            (
                name
                for name, row in seen.items()
                if look.position(row.content["person"]) == look.position(person)
                and row.content["why"] == why
                and told_of[name] == set(citations)
            ),
            None,
        )
        if same:
            kept.add(same)
            continue
        sight = base_sight(uid).with_all_of(_needed(look, [person]))
        for needed, _ in _grouped(look, uid, "affected", citations).values():
            sight = sight.with_all_of(needed)
        name = affected_thing(uid, person, sight)
        if name in drafts:
            raise ParameterError("affected", "name each person once")
        content = {"person": person, "why": why, "citations": list(citations)}
        drafts[name] = look.draft(uid, "affected", name, sight, content, reason=reason, expected=case.version_of(name))
    for name, row in seen.items():
        if name not in kept and name not in drafts:
            sight = look.desk.graphs.formula(row.sight)
            # A version of its own, so that who took a person out, and why, is kept too.
            content = {"person": row.content["person"], "removed": True}
            drafts[name] = look.draft(uid, "affected", name, sight, content, reason=reason, expected=row.version)
    return list(drafts.values())


def begin_subject(desk: Desk, uid: str) -> None:
    """Put the subject of a context in the graph. Nothing names it yet, so that nobody sees it before its case is kept."""
    key = f"context:{uid}"
    with desk.imports.writing(_WAIT_SECONDS):
        StoreWriter(desk.store).write(Batch((SubjectRecord(key, "context", uid=uid),)), run=key, position=0)


def name_subject(desk: Desk, uid: str, fields: Mapping[str, Any], reason: str, agency: str, now: dt.datetime) -> None:
    """Put in the graph the report made here that refers a context, and what that report calls it: from now on it is seen."""
    key = f"context:{uid}"
    report = ReportRecord(f"{key}/referral", "assessment", agency, now, now, base_sight(uid), text=reason)
    with desk.imports.writing(_WAIT_SECONDS):
        StoreWriter(desk.store).write(
            Batch(reports=(report,), mentions=(_label(uid, fields, now),)), run=key, position=1
        )


def as_written(desk: Desk, uid: str, drafts: Sequence[Draft]) -> Case:
    """Give the case of these drafts, which have just been kept, whoever may see it."""
    rows = desk.work.rows(
        things=[draft.thing for draft in drafts], sights=[draft.sight.sid for draft in drafts], with_history=True
    )
    return Case(uid, rows, max(row.known_from for row in rows))


def keep_in_graph(desk: Desk, case: Case, *, renamed: bool) -> None:
    """
    Bring the graph in line with a case: its label, and an `AFFECTED_BY` claim for each person affected, by a report made here.

    The same case again changes nothing, so that a change which was kept but whose claims were not is made whole by the next.
    """
    uid, now = case.uid, dt.datetime.now(dt.UTC)
    standing = {row.thing: row for row in case.affected}
    ended = [row.thing for row in case.rows if row.kind == "affected" and row.thing not in standing]
    keys = _keys(desk, [row.content["person"] for row in standing.values()])
    reports, claims = [], []
    for row in standing.values():
        sight = _sight_today(desk, row)
        reports.append(_report(row, sight))
        claims.append(
            ClaimRecord(
                row.thing,
                "AFFECTED_BY",
                keys[row.content["person"]],
                f"context:{uid}",
                row.thing,
                sight,
                FAR_PAST,
                FAR_FUTURE,
                "unknown",
                row.recorded_at,
                row.known_from,
            )
        )
    mentions = (_label(uid, case.definition, now),) if renamed else ()
    if not (reports or mentions or ended):
        return
    with desk.imports.writing(_WAIT_SECONDS):
        writer = StoreWriter(desk.store)
        writer.write(
            Batch(reports=tuple(reports), mentions=mentions, claims=tuple(claims)), run=f"context:{uid}", position=2
        )
        for name in dict.fromkeys(ended):
            writer.end_edition(name, (), run=f"{name}:{now.isoformat()}")


def follow_rights(desk: Desk) -> None:
    """
    Give the claims made here the sights that what they rest on needs today: rights are always today's (reference model, section 3).

    Called when files have been brought in, by which an originator may have closed or opened what a child's being affected was made from.
    """
    rows = [row for row in desk.work.rows(sights=desk.graphs.every_sight(), kinds=["affected"]) if _is_standing(row)]
    if not rows:
        return
    claims = desk.graphs.projection().claims
    at = np.flatnonzero(np.isin(claims.claim_id, [row.thing for row in rows]))
    stands = {str(claims.claim_id[one]): int(claims.sight[one]) for one in at.tolist()}
    found = [(row, _sight_today(desk, row)) for row in rows if row.thing in stands]
    changed = tuple(_report(row, sight) for row, sight in found if sight.sid != stands[row.thing])
    if changed:
        now = dt.datetime.now(dt.UTC)
        with desk.imports.writing(_WAIT_SECONDS):
            StoreWriter(desk.store).write(Batch(reports=changed), run=f"rights:{now.isoformat()}", position=0)


def _is_standing(row: WorkRow) -> bool:
    return row.thing.startswith("context:") and not row.content.get("removed")


def _sight_today(desk: Desk, row: WorkRow) -> Sight:
    """Give what must be held to see that somebody is affected: what it was begun with, and what its inputs need now that are still there."""
    graphs, everything = desk.graphs, desk.graphs.projection()
    sight = graphs.formula(row.sight)
    needs = [needed_for_subjects(graphs, everything, [row.content["person"]], but=("AFFECTED_BY",))]
    found = sights_of_claims(everything, frozenset(graphs.every_sight()), row.content["citations"])
    needs += [Sight.any_of(*(way for sid in sids for way in graphs.formula(sid).ways)) for sids in found.values()]
    for needed in needs:
        sight = sight.with_all_of(needed) if needed.ways else sight
    return sight


def need_of_parameters(look: Look, subjects: Iterable[str], claims: Sequence[str]) -> Sight:
    """Give what must be held to see that these subjects and claims exist."""
    sight = _needed(look, list(subjects)) if subjects else Sight.any_of(())
    for needed, _ in _grouped(look, "", "parameters", claims).values():
        sight = sight.with_all_of(needed)
    return sight


def _report(row: WorkRow, sight: Sight) -> ReportRecord:
    return ReportRecord(
        row.thing, "assessment", row.agency, row.recorded_at, row.known_from, sight, text=row.content["why"]
    )


def _label(uid: str, fields: Mapping[str, Any], now: dt.datetime) -> MentionRecord:
    key = f"context:{uid}"
    return MentionRecord(
        f"{key}/label", key, f"{key}/referral", base_sight(uid), now, now, label=fields["label"], subkind=fields["kind"]
    )


def _keys(desk: Desk, uids: Iterable[str]) -> dict[str, str]:
    subjects = desk.graphs.projection().subjects
    rows = np.flatnonzero(np.isin(subjects.uid, list(uids)))
    return {str(subjects.uid[row]): str(subjects.key[row]) for row in rows.tolist()}


def _check_subject(look: Look, field: str, named: str, uid: str) -> None:
    at = look.position(named)
    if at is None:
        raise NotFoundError
    kind = look.asked.graph.subjects[at].kind
    if kind not in KINDS_OF[field] or named == uid:
        raise ParameterError(field, f"takes only {', '.join(KINDS_OF[field])} subjects, and not the context itself")
    if kind != "context" and not may_open(look.asked.graph, look.viewer, at):
        raise NotFoundError


def _needed(look: Look, uids: Sequence[str]) -> Sight:
    desk, sight = look.desk, Sight.any_of(())
    for uid in uids:
        sight = sight.with_all_of(needed_for_subjects(desk.graphs, desk.graphs.projection(), [uid]))
    return sight


def _grouped(look: Look, uid: str, name: str, citations: Sequence[str]) -> dict[str, tuple[Sight, list[str]]]:
    """
    Give claim ids by the thing that keeps them: those that need the same are kept together.

    Raises
    ------
    NotFoundError
        If one of them may not be seen or is not there.
    """
    if len(look.claims_seen(citations)) != len(set(citations)):
        raise NotFoundError
    desk = look.desk
    found = sights_of_claims(desk.graphs.projection(), frozenset(look.asked.sights), citations)
    grouped: dict[str, tuple[Sight, list[str]]] = {}
    for claim in dict.fromkeys(citations):
        needed = Sight.any_of(*(way for sid in found[claim] for way in desk.graphs.formula(sid).ways))
        sight = base_sight(uid).with_all_of(needed) if uid else needed
        grouped.setdefault(thing(uid, name, sight) if uid else sight.text, (sight, []))[1].append(claim)
    return grouped
