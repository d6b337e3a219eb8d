"""How a context's content becomes rows: each subject, citation and affected child under the sight that it needs."""

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from graph_service.errors import NotFoundError
from graph_service.services.contexts.case import FROM_REPORTS, UNNAMED, Case, affected_thing, base_sight, thing
from graph_service.services.contexts.desk import Desk, InGraph, Look
from graph_service.services.contexts.given import KINDS_OF, SUBJECTS
from graph_service.services.contexts.shown import now_iso
from graph_service.services.needs import needed_for_subjects, positions_of, sights_of_claims
from graph_service.services.visible import may_open
from graph_service.store.work import Draft, WorkRow, this_moment
from queries.errors import ParameterError
from queries.records import FAR_FUTURE, FAR_PAST, Batch, ClaimRecord, MentionRecord, ReportRecord, SubjectRecord
from queries.sight import Sight

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
    shown = case.definition if case else {}
    for name in (name for name in _HEAD_TEXTS if name in fields):
        # What is only its reports' name for it is theirs until somebody writes another.
        if name not in contents[base] or fields[name] != shown.get(name):
            contents[base][name] = fields[name]
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
            where = _place(look, thing(uid, "definition", sight), sight)
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
        name = _place(look, affected_thing(uid, person, sight), sight)
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


@dataclass(frozen=True)
class Referral:
    """What begins a context, kept in one transaction: its drafts, and what the graph then has of it."""

    uid: str
    drafts: tuple[Draft, ...]
    in_graph: InGraph

    @property
    def at(self) -> dt.datetime:
        """The moment of it (UTC)."""
        return self.in_graph.at


def referral(look: Look, uid: str, given_fields: Mapping[str, Any]) -> Referral:
    """
    Make what begins a context: its definition, how it was referred, who is affected; its subject, its label, and a claim for each affected.

    Raises
    ------
    NotFoundError, ParameterError
        As for `definition_drafts`.
    """
    viewer, now, fields = look.viewer, this_moment(), dict(given_fields)
    reason, citations, people = fields.pop("reason"), fields.pop("citations"), fields.pop("affected", [])
    told = {
        "how": fields.pop("how"),
        "reason": reason,
        "by": viewer.account,
        "agency": viewer.agency,
        "at": now_iso(now),
    }
    drafts = definition_drafts(look, uid, None, fields, reason)
    drafts += origin_drafts(look, uid, told, citations, reason)
    affected = affected_drafts(look, uid, Case(uid, (), now), people, reason)
    key = f"context:{uid}"
    report = ReportRecord(f"{key}/referral", "assessment", viewer.agency, now, now, base_sight(uid), text=reason)
    keys = _keys(look.desk, [draft.content["person"] for draft in affected])  # type: ignore[index,call-overload,misc]
    said = [_affected_records(look.desk, uid, draft, draft.sight, keys, now, now) for draft in affected]
    records = Batch(
        (SubjectRecord(key, "context", uid=uid),),
        (report, *(report for report, _ in said)),
        (_label(uid, fields, now),),
        tuple(claim for _, claim in said),
    )
    return Referral(uid, (*drafts, *affected), InGraph(now, records))


@dataclass(frozen=True)
class Told:
    """What reports that everybody may see say of what they meet in: its name and a sentence, and the claims that both rest on."""

    label: str
    summary: str
    rests_on: tuple[str, ...]


@dataclass(frozen=True)
class Reason:
    """Why something was decided, what must be held to see all that it was decided on, and the claims of that."""

    text: str
    sight: Sight
    rests_on: tuple[str, ...]


def named(look: Look, begun: Referral, told: Told, reason: str) -> Referral:
    """
    Give what begins a context with what its reports call it, as a thing of its own.

    It follows what those reports need to be seen (`rights`): were one closed later, nobody else reads of it in the context's name.
    """
    uid, now, viewer = begun.uid, begun.at, look.viewer
    sight = base_sight(uid).with_all_of(need_of_parameters(look, (), told.rests_on))
    name, key = f"context:{uid}{FROM_REPORTS}", f"context:{uid}"
    content = {"label": told.label, "summary": told.summary, "rests_on": list(told.rests_on)}
    draft = look.draft(uid, "definition", name, sight, content, reason=reason, expected=0)
    report = ReportRecord(name, "assessment", viewer.agency, now, now, sight)
    mention = MentionRecord(name, key, name, sight, now, now, label=told.label)
    before = begun.in_graph.records
    records = replace(before, reports=(*before.reports, report), mentions=(*before.mentions, mention))
    return replace(begun, drafts=(*begun.drafts, draft), in_graph=replace(begun.in_graph, records=records))


def begin(
    look: Look,
    begun: Referral,
    more: Sequence[Draft] = (),
    *,
    command: str = "",
    unchanged: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """
    Keep what begins a context, with `more`, in one transaction: all of it or nothing. Gives the versions that this command has written.

    Raises
    ------
    StaleError
        If a thing stands at another version than its draft, or `unchanged`, says: the context was begun already.
    """
    return look.append([*begun.drafts, *more], unchanged, command, begun.in_graph)


def begun_in(written: Iterable[str]) -> list[str]:
    """Give the uids of the contexts that were begun where these things were written."""
    parts = [name.removeprefix("context:").split("/") for name in written if name.startswith("context:")]
    return [uid for uid, *rest in parts if rest == ["definition"]]


def first_row(desk: Desk, uid: str) -> WorkRow:
    """Give the row by which a context was begun, whoever may see it."""
    return desk.work.rows(things=[thing(uid, "definition")], sights=[base_sight(uid).sid], with_history=True)[0]


def in_graph(look: Look, case: Case, drafts: Sequence[Draft]) -> InGraph | None:
    """
    Give what the graph has of a change to a case: its label, and an `AFFECTED_BY` claim for each person affected, by a report made here.

    None where the change touches neither.
    """
    uid, now = case.uid, this_moment()
    mentions: list[MentionRecord] = []
    ending: dict[str, str] = {}
    head: Any = next((draft.content for draft in drafts if draft.thing == thing(uid, "definition")), None)
    if head and (head["label"], head["kind"]) != (case.own_label, case.definition["kind"]):
        mentions.append(_label(uid, head, now))
        if head["label"] != UNNAMED:
            ending[f"context:{uid}{FROM_REPORTS}"] = ""
    affected: list[tuple[Draft, Any]] = [(draft, draft.content) for draft in drafts if draft.kind == "affected"]
    ending |= {draft.thing: "AFFECTED_BY" for draft, content in affected if content.get("removed")}
    standing = [(draft, content["person"]) for draft, content in affected if not content.get("removed")]
    keys = _keys(look.desk, [person for _, person in standing])
    said = [_affected_records(look.desk, uid, draft, draft.sight, keys, now, now) for draft, _ in standing]
    records = Batch(
        reports=tuple(report for report, _ in said), mentions=tuple(mentions), claims=tuple(claim for _, claim in said)
    )
    return InGraph(now, records, ending) if records != Batch() or ending else None


def affected_sight(desk: Desk, sight: Sight, content: Any) -> Sight:  # noqa: ANN401  JSON
    """Give what must be held to see that somebody is affected: what it was begun with, and what its inputs need now that are still there."""
    graphs, everything = desk.graphs, desk.graphs.projection()
    needs = [needed_for_subjects(graphs, everything, [content["person"]], but=("AFFECTED_BY",))]
    found = sights_of_claims(everything, frozenset(graphs.every_sight()), content["citations"])
    needs += [Sight.any_of(*(way for sid in sids for way in graphs.formula(sid).ways)) for sids in found.values()]
    for needed in needs:
        sight = sight.with_all_of(needed) if needed.ways else sight
    return sight


def _affected_records(
    desk: Desk,
    uid: str,
    row: Draft | WorkRow,
    begun_with: Sight,
    keys: Mapping[str, str],
    recorded_at: dt.datetime,
    known_from: dt.datetime,
) -> tuple[ReportRecord, ClaimRecord]:
    """Give the report made here that somebody is affected, and the claim that it makes, under the sight that its inputs need today."""
    content: Any = row.content
    sight = affected_sight(desk, begun_with, content)
    report = ReportRecord(row.thing, "assessment", row.agency, recorded_at, known_from, sight, text=content["why"])
    claim = ClaimRecord(
        row.thing, "AFFECTED_BY", keys[content["person"]], f"context:{uid}", row.thing, sight, FAR_PAST, FAR_FUTURE, "unknown", recorded_at,
        known_from,
    )  # fmt: skip
    return report, claim


def need_of_parameters(look: Look, subjects: Iterable[str], claims: Sequence[str]) -> Sight:
    """Give what must be held to see that these subjects and claims exist."""
    sight = _needed(look, list(subjects)) if subjects else Sight.any_of(())
    for needed, _ in _grouped(look, "", "parameters", claims).values():
        sight = sight.with_all_of(needed)
    return sight


def _label(uid: str, fields: Mapping[str, Any], now: dt.datetime) -> MentionRecord:
    key = f"context:{uid}"
    return MentionRecord(
        f"{key}/label", key, f"{key}/referral", base_sight(uid), now, now, label=fields["label"], subkind=fields["kind"]
    )


def _keys(desk: Desk, uids: Iterable[str]) -> dict[str, str]:
    everything = desk.graphs.projection()
    subjects = everything.subjects
    return {str(subjects.uid[row]): str(subjects.key[row]) for row in positions_of(everything, uids).tolist()}


def _place(look: Look, name: str, sight: Sight) -> str:
    """
    Give the thing of this name that what needs this sight is written to: the first that needs no more today.

    One whose inputs were closed is another's by now: somebody to whom it is closed would write behind what they cannot see.
    """
    places = (name if number == 0 else f"{name}~{number}" for number in itertools.count())
    return next(place for place in places if look.desk.work.sights([place]).get(place, sight.sid) == sight.sid)


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
