"""The rows that one transaction of work writes and ends, with their numbers, their versions and their part of the census."""

import datetime as dt
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graph_service.errors import NotFoundError, StaleError
from graph_service.store.census import WORK_ENDED, Census, work_group
from graph_service.store.content import keyed_hash, work_content
from graph_service.store.holdings import OPEN_SEQ
from graph_service.store.planning import Planned
from graph_service.store.work_rows import Draft, this_moment
from queries.records import FAR_FUTURE
from queries.sight import NOBODY

_MILLISECOND: Final = dt.timedelta(milliseconds=1)


@dataclass
class Plan:
    """The rows of one transaction, numbered."""

    n: int
    nids: int
    rids: int
    census: Census
    sequence: int
    added: list[dict[str, Any]] = field(default_factory=list)
    ended: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    sights: dict[int, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)

    def next(self) -> int:
        """Give the next sequence number."""
        self.sequence += 1
        return self.sequence


def planned(
    drafts: Sequence[Draft],
    unchanged: Mapping[str, int],
    counter: Mapping[str, Any],
    found: Mapping[str, Any],
    command: str,
    records: Planned | None,
    moment: dt.datetime | None,
) -> Plan:
    """
    Number the rows that these drafts make.

    `found` is what is held of the things, the command and the subjects (`store.held_work`), `records` what is kept with them of the graph.

    Raises
    ------
    StaleError
        If a thing stands at another version than its draft, or `unchanged`, says.
    NotFoundError
        If a subject is not there.
    ValueError
        If a draft would give a thing another sight than it has.
    """
    held = {row["thing"]: row for row in found["held"]}
    stands = {thing: row["version"] for thing, row in held.items()}
    expected = {**unchanged, **{d.thing: d.expected_version for d in drafts if d.expected_version is not None}}
    if any(stands.get(thing, 0) != version for thing, version in expected.items()):
        raise StaleError
    keys = {row["uid"]: row["key"] for row in found["keys"]}
    keys |= {row["uid"]: row["key"] for row in (records.subjects if records else ())}
    if {draft.about for draft in drafts} - keys.keys():
        raise NotFoundError
    plan = Plan(counter["n"], counter["nids"], counter["rids"], Census.parse(counter["census"]), counter["n"])
    if records:
        plan = Plan(records.start, records.nids, records.rids, records.census, records.sequence)
        plan.sights |= records.sights
    moment = moment or this_moment()
    for draft in drafts:
        before = held.get(draft.thing)
        if before and draft.sight.sid not in (before["sight"], before["sight_now"]):
            raise ValueError(
                f"a {draft.kind} keeps the sight that it was begun with; what needs more is a thing of its own"
            )
        # A clock that was set back must not let a version end before it began.
        at = max(moment, before["known_from"] + _MILLISECOND) if before else moment
        plan.versions[draft.thing] = before["version"] if before else 0
        if before and before["end_seq"] == OPEN_SEQ:
            plan.ended.append({"row_id": before["row_id"], "seq": plan.next(), "at": at})
            plan.census.add(WORK_ENDED, before["row_id"].encode())
        if draft.content is not None:
            _add(plan, draft, at, keys[draft.about], command, before)
    return plan


def _add(
    plan: Plan,
    draft: Draft,
    at: dt.datetime,
    about_key: str,
    command: str,
    before: Mapping[str, Any] | None,
) -> None:
    version = plan.versions[draft.thing] + 1
    plan.versions[draft.thing] = version
    plan.sights[draft.sight.sid] = draft.sight.text
    declared = before["sight"] if before else draft.sight.sid
    # What its earlier versions need today, this one needs too; what was erased opens to nobody for ever, and is begun anew.
    now = before["sight_now"] if before and before["sight_now"] != NOBODY.sid else declared
    seq = plan.next()
    row: dict[str, Any] = {
        "row_id": f"{draft.thing}#{version}",
        "claim_id": draft.thing,
        "event_id": "",
        "report_id": "",
        "kind": draft.kind,
        "version": version,
        "sight": now,
        "declared_sight": declared,
        "seq": seq,
        "end_seq": OPEN_SEQ,
        "chg_seq": seq,
        "known_from": at,
        "live_to": FAR_FUTURE,
        "recorded_at": at,
        "happened_from": draft.happened_from,
        "happened_to": draft.happened_to,
        "time_known": draft.time_known,
        "source_eval": "",
        "info_eval": "",
        "scheme": "",
        "handling": draft.handling,
        "basis": draft.basis,
        "agency": draft.agency,
        "regime": "LE" if draft.agency == "police" else "GDPR",
        "retention_class": draft.kind,
        "account": draft.account,
        "reason": draft.reason,
        "content": json.dumps(draft.content, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        "command": command,
        "hash_key": secrets.token_hex(16),
    }
    content = work_content(row, about_key)
    row["content_hash"] = keyed_hash(row["hash_key"], content)
    plan.added.append({"about": draft.about, "work": row})
    plan.census.add(work_group(draft.kind, version), content)
