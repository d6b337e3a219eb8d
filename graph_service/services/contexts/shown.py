"""What a viewer is shown of a context: summary rows, parts, history and the activity log."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from graph_service.access import Action
from graph_service.pathway import packs
from graph_service.services.answers.asked import iso
from graph_service.services.contexts import sharing
from graph_service.services.contexts.case import HANDLING, HEAD, KINDS, PARTS, REASON, SHARING, Case, thing
from graph_service.services.contexts.concerns import concerns
from graph_service.services.contexts.desk import Look
from graph_service.services.contexts.given import SUBJECTS
from graph_service.services.contexts.life_cycle import MAY_FOLLOW, WORKED_ON
from graph_service.store.work import WorkRow
from queries.errors import ParameterError

_OF_CONTEXTS: Final = ("contains", "touches")
_LOGGED: Final = (*KINDS, "note", "evidence")


def summary(case: Case, names: dict[str, str], new_notices: int) -> dict[str, Any]:
    """Give the summary row of a context."""
    found, stands, team = case.definition, case.standing, case.body("team")
    members = [{**row, "name": names.get(row["account"], row["account"])} for row in team.get("members", [])]
    lead = next((row for row in members if row["account"] == team.get("lead")), None)
    return {
        "uid": case.uid,
        "label": found["label"],
        "kind": found["kind"],
        "state": stands.state,
        "version": case.version,
        "lead": {name: lead[name] for name in ("account", "name", "agency")} if lead else None,
        "team": members,
        "referred_at": iso(case.opened_at),
        "assess_by": None,
        "review_due": stands.review_due.isoformat() if stands.review_due else None,
        "overdue": stands.overdue,
        "new_notices": new_notices,
        "updated_at": iso(case.updated_at),
        "handling": HANDLING,
    }


def whole(look: Look, case: Case, names: dict[str, str]) -> dict[str, Any]:
    """Give what a context's page shows beside its summary."""
    origin = case.origin
    return {
        "definition": definition(look, case),
        "origin": {
            **{name: origin.get(name, "") for name in ("how", "agency", "at", "reason")},
            "by": names.get(origin.get("by", ""), origin.get("by", "")),
            "citations": look.claims_seen(origin.get("citations", [])),
        },
        "decisions": [{**made, "by": names.get(made["by"], made["by"])} for made in case.told_decisions],
        "affected": affected(look, case),
        "concerns": concerns(look, case),
        "sharing": [row for row in sharing.agreements(case, names) if row["state"] == sharing.AGREED],
        "parts": {name: part(case, name, names) for name in PARTS},
        **neighbours(look, case),
        "reviewed": {name: packs.contexts_reviewed()[name] for name in ("weeks", "clause")},
        "may": may(look, case),
    }


def definition(look: Look, case: Case) -> dict[str, Any]:
    """Give the definition with its subjects as the viewer knows them."""
    found = case.definition
    shown = {name: look.subjects(found[name]) for name in SUBJECTS if name not in _OF_CONTEXTS}
    told = {name: found.get(name) for name in ("kind", "label", "summary", "handle", "platform", "area")}
    return {**told, "harms": found.get("harms", []), **shown}


def affected(look: Look, case: Case) -> list[dict[str, Any]]:
    """Give who is affected, in order of their labels; never members."""
    found = []
    for row in case.affected:
        for person in look.subjects([row.content["person"]]):
            evidence = look.claims_seen(row.content["citations"])
            found.append({"person": person, "why": row.content["why"], "evidence": evidence})
    return sorted(found, key=lambda row: (row["person"]["label"], row["person"]["uid"]))


def neighbours(look: Look, case: Case) -> dict[str, list[dict[str, Any]]]:
    """Give the contexts that this one contains, lies within or touches, as far as they may be seen; who touches is touched."""
    others = {other.uid: other for other in look.cases(kinds=("definition",))}
    found: dict[str, list[str]] = {name: list(case.definition[name]) for name in _OF_CONTEXTS} | {"within": []}
    for uid, other in others.items():
        found["touches"] += [uid] if case.uid in other.definition["touches"] else []
        found["within"] += [uid] if case.uid in other.definition["contains"] else []

    def rows(uids: Iterable[str]) -> list[dict[str, Any]]:
        kept = [others[uid] for uid in dict.fromkeys(uids) if uid in others and uid != case.uid]
        told = [
            {"uid": other.uid, "label": other.definition["label"], "kind": other.definition["kind"]} for other in kept
        ]
        return sorted(told, key=lambda row: (row["label"], row["uid"]))

    return {name: rows(uids) for name, uids in found.items()}


def part(case: Case, name: str, names: dict[str, str]) -> dict[str, Any]:
    """Give a part as it stands; version 0 where it was not begun."""
    row = case.part(name)
    # What was ended keeps its number, so that the next version follows it.
    version = case.version_of(thing(case.uid, name))
    if row is None:
        return {
            "name": name, "version": version, "content": [] if name == "weighting" else {}, "state": "", "by": "", "agency": "", "at": None,
            "why": "", "handling": "",
        }  # fmt: skip
    return of_row(row, names)


def of_row(row: WorkRow, names: dict[str, str]) -> dict[str, Any]:
    """Give one version of a part."""
    return {
        "name": row.kind,
        "version": row.version,
        "content": row.content["body"],
        "state": row.content["state"],
        "by": names.get(row.account, row.account),
        "agency": row.agency,
        "at": iso(row.recorded_at),
        "why": row.reason,
        "handling": row.handling,
    }


def history(look: Look, case: Case, name: str, names: dict[str, str]) -> list[dict[str, Any]]:
    """Give every version of a part, or of the definition, latest first."""
    if name == "definition":
        return _definitions(look, case, names)
    if name not in PARTS:
        raise ParameterError("name", f"use one of definition, {', '.join(PARTS)}")
    rows = [row for row in case.rows if row.thing == thing(case.uid, name)]
    return [of_row(row, names) for row in sorted(rows, key=lambda row: -row.version)]


def _definitions(look: Look, case: Case, names: dict[str, str]) -> list[dict[str, Any]]:
    moments = sorted({row.known_from for row in case.told_rows if row.kind in ("definition", "affected")})
    found = []
    for moment in moments:
        unseen = frozenset((row.thing, row.version) for row in case.rows if row.known_from <= moment) & case.unseen
        then = Case(case.uid, [row for row in case.rows if row.known_from <= moment], moment, unseen)
        changed = next(
            row for row in case.told_rows if row.known_from == moment and row.kind in ("definition", "affected")
        )
        found.append(
            {
                "name": "definition",
                "version": then.version,
                "content": {**definition(look, then), "affected": affected(look, then)},
                "state": "",
                "by": names.get(changed.account, changed.account),
                "agency": changed.agency,
                "at": iso(moment),
                "why": changed.reason,
                "handling": HANDLING,
            }
        )
    return found[::-1]


def log(rows: Iterable[WorkRow], names: dict[str, str]) -> list[dict[str, Any]]:
    """
    Give the activity log, latest first, from the rows themselves: what was kept together is one entry.

    So nothing can be done that is not in it, and what a viewer may not see has no entry for them.
    """
    logged = [row for row in rows if row.kind in _LOGGED]
    referred = {row.command for row in logged if row.kind == "origin"}
    reasons = {row.command: row.content["reason"] for row in logged if row.thing.endswith(REASON)}
    acts: dict[tuple[str, bool], list[WorkRow]] = {}
    for row in logged:
        # What MET decided with a referral is an act of its own.
        acts.setdefault((row.command, row.kind == "case" and row.command in referred), []).append(row)
    entries = []
    for (command, _), together in acts.items():
        first = min(together, key=lambda row: (_LOGGED.index(row.kind), row.thing))
        entries.append(
            {
                "at": iso(first.recorded_at),
                "by": names.get(first.account, first.account),
                "agency": first.agency,
                "what": _what(first, together),
                "text": reasons.get(command) or _text(first),
            }
        )
    return sorted(entries, key=lambda row: (row["at"], row["what"], row["text"]), reverse=True)


def _what(first: WorkRow, together: list[WorkRow]) -> str:
    case = next((row for row in together if row.kind == "case"), None)
    if any(row.kind == "origin" for row in together):
        return "referral"
    if case is not None:
        return f"decision: {str(case.content['decisions'][-1]['decision']).replace('_', ' ')}"
    if first.kind == SHARING:
        said = first.content
        done = said["state"] if said["state"] == sharing.WITHDRAWN or first.version == 1 else "changed"
        return f"sharing {done}"
    return "definition" if first.kind in HEAD else first.kind


def _text(first: WorkRow) -> str:
    if first.kind == "note":
        return str(first.content["text"])
    return f"With {first.content['with_whom']}: {first.reason}" if first.kind == SHARING else first.reason


def may(look: Look, case: Case) -> list[str]:
    """Give the names of what this viewer may do now: `change`, `note`, `attach`, `share`, `unshare`, `save:PART`, `decide:DECISION`."""
    if look.viewer.known_at is not None:
        return []
    state = case.standing.state
    work, chair = look.may(Action.WORK_IN_CONTEXT, case.uid), look.may(Action.DECIDE_CONTEXT, case.uid)
    found = ["change", "note", "attach", "share"] if work and state not in ("closed", "referred_on") else []
    found += ["unshare"] if work else []
    if state in WORKED_ON:
        found += [f"save:{name}" for name in PARTS if (chair if name == "team" else work)]
    return [*found, *(f"decide:{word}" for word in MAY_FOLLOW[state] if chair)]


def now_iso(moment: dt.datetime) -> str:
    """Write an instant as rows keep it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
