"""
What may be shared further of a context, with whom, by whom and why: the record of a decision that people made.

It opens nothing. Whoever may not see a context sees no more of it because somebody agreed that something may be told. A withdrawn agreement
stays on the record, withdrawn. Source: Portsmouth MET Integrated Pathway 18.2 (what can or cannot be shared further, and by whom, is
recorded clearly) and Appendix F.
"""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from graph_service.access import Action, Decision, Viewer
from graph_service.errors import NotFoundError, StaleError
from graph_service.services.answers.asked import iso
from graph_service.services.contexts import given as checks
from graph_service.services.contexts.case import SHARING, Case, base_sight, thing
from graph_service.services.contexts.desk import Desk, Look
from graph_service.services.contexts.life_cycle import LONDON
from graph_service.store.work import WorkRow
from queries.errors import ParameterError, PmetError

Row = dict[str, Any]
RECIPIENTS: Final = ("agency", "school", "business", "parent", "young_person", "community", "other")
CONSENTS: Final = ("given", "not_sought", "refused", "nobody_named")
AGREED: Final = "agreed"
WITHDRAWN: Final = "withdrawn"
_NEEDED: Final = ("what", "may_share", "necessary", "proportionate", "withheld")


class Sharing:
    """Agreements of one context; see `graph_service.web.context_seam.SharingLike` for the shape of rows."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def list(self, viewer: Viewer, uid: str) -> Sequence[Row]:
        """Give every agreement as it stands: those in force first, then those that were withdrawn; latest first."""
        with self._opened(viewer, Action.READ_CONTEXT, "context sharing", uid) as (_, case, decision):
            rows = agreements(case, self._desk.names())
        self._desk.consulted(viewer, "context sharing", [uid], (), len(rows), decision)
        return rows

    def history(self, viewer: Viewer, uid: str, number: str) -> Sequence[Row]:
        """Give every version of one agreement, latest first. Raises NotFoundError where there is none."""
        with self._opened(viewer, Action.READ_CONTEXT, "context sharing history", uid) as (_, case, decision):
            _standing(case, number)
            names = self._desk.names()
            kept = [row for row in case.rows if row.thing == _thing(uid, number)]
            rows = [_shown(row, names) for row in sorted(kept, key=lambda row: -row.version)]
        self._desk.consulted(viewer, "context sharing history", [uid], (), len(rows), decision)
        return rows

    def agree(self, viewer: Viewer, uid: str, given: Mapping[str, Any], *, command: str = "") -> Row:
        """
        Record what was agreed to be shared further; the same `command` once.

        Raises
        ------
        ParameterError
            Names the field that is missing or wrong, or says that the context is closed.
        """
        with self._opened(viewer, Action.WORK_IN_CONTEXT, "agree sharing", uid) as (look, case, decision):
            written = self._desk.done(viewer, Action.WORK_IN_CONTEXT, "agree sharing", [uid], command)
            if not written:
                _still_open(case)
                content = {**agreement(given, viewer.name), "state": AGREED}
                written = self._keep(look, uid, uuid.uuid4().hex, content, content["necessary"], 0, command)
            number = min(written).rpartition("/")[2]
        return self._kept(viewer, uid, number, "agree sharing", decision)

    def change(self, viewer: Viewer, uid: str, number: str, given: Mapping[str, Any], *, version: int, why: str) -> Row:
        """Put another agreement in the place of one; the earlier version is kept."""
        with self._opened(viewer, Action.WORK_IN_CONTEXT, "change sharing", uid) as (look, case, decision):
            _still_open(case)
            _in_force(case, number)
            content = {**agreement(given, viewer.name), "state": AGREED}
            self._keep(look, uid, number, content, checks.text("why", why, needed=True), version)
        return self._kept(viewer, uid, number, "change sharing", decision)

    def withdraw(self, viewer: Viewer, uid: str, number: str, *, version: int, why: str, command: str = "") -> Row:
        """Withdraw an agreement, of a context that is closed too: from now on nothing is shared by it. It stays on the record."""
        with self._opened(viewer, Action.WORK_IN_CONTEXT, "withdraw sharing", uid) as (look, case, decision):
            if not self._desk.done(viewer, Action.WORK_IN_CONTEXT, "withdraw sharing", [uid], command):
                before = _in_force(case, number)
                reason = checks.text("why", why, needed=True)
                self._keep(look, uid, number, {**before.content, "state": WITHDRAWN}, reason, version, command)
        return self._kept(viewer, uid, number, "withdraw sharing", decision)

    def _keep(
        self, look: Look, uid: str, number: str, content: Row, reason: str, version: int, command: str = ""
    ) -> dict[str, int]:
        name = _thing(uid, number)
        draft = look.draft(uid, SHARING, name, base_sight(uid), content, reason=reason, expected=version)
        try:
            return look.append([draft], command=command)
        except StaleError:
            again = self._desk.look(look.viewer).case(uid)
            raise StaleError(_shown(_standing(again, number), self._desk.names())) from None

    def _kept(self, viewer: Viewer, uid: str, number: str, what: str, decision: Decision) -> Row:
        self._desk.changed(viewer, Action.WORK_IN_CONTEXT, what, [uid], decision)
        case = self._desk.look(viewer).case(uid)
        return _shown(_standing(case, number), self._desk.names())

    @contextmanager
    def _opened(self, viewer: Viewer, action: Action, what: str, uid: str) -> Iterator[tuple[Look, Case, Decision]]:
        """Open a context: whoever may not see it is told that it is not there, whoever may not change it that they may not."""
        try:
            look = self._desk.look(viewer)
            case = look.case(uid)
            yield look, case, look.require(action, uid)
        except PmetError as error:
            self._desk.refused(viewer, action, what, error)
            raise


def agreement(given: Mapping[str, Any], recorder: str) -> Row:
    """
    Read an agreement.

    `what`; `with_kind` and `with_whom`; `may_share` (who may tell them); `further` (what they may pass on, and to whom: empty is nothing, to
    nobody); `withheld`; `necessary` and `proportionate`; `consent` and `consent_reason`; `decided_by` (empty: whoever records it) and
    `decided_on` (a day in London; empty: today).

    Raises
    ------
    ParameterError
        Names the field.
    """
    known = dict.fromkeys((*_NEEDED, "further", "consent_reason"), checks.text)
    found = checks.fields(
        "",
        given,
        {
            **known,
            "with_kind": lambda name, value: checks.one_of(name, value, RECIPIENTS),
            "with_whom": checks.word,
            "consent": lambda name, value: checks.one_of(name, value, CONSENTS),
            "decided_by": lambda name, value: checks.text(name, value, longest=200),
            "decided_on": checks.day,
        },
    )
    for name in _NEEDED:
        checks.text(name, found[name], needed=True)
    if found["consent"] != "nobody_named":
        checks.text("consent_reason", found["consent_reason"], needed=True)
    today = dt.datetime.now(LONDON).date()
    if found["decided_on"] and dt.date.fromisoformat(found["decided_on"]) > today:
        raise ParameterError("decided_on", "use a day that is not after today")
    return found | {
        "decided_by": found["decided_by"] or recorder,
        "decided_on": found["decided_on"] or today.isoformat(),
    }


def agreements(case: Case, names: Mapping[str, str]) -> list[Row]:
    """Give every agreement of a case as it stands: those in force first, then the withdrawn; latest first."""
    rows = sorted(case.standing_rows(SHARING), key=lambda row: (row.recorded_at, row.thing), reverse=True)
    rows.sort(key=lambda row: row.content["state"] != AGREED)
    return [_shown(row, names) for row in rows]


def in_words(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say what of a context is agreed to be shared further, as whatever is printed or sent of it has to."""
    told = [f"with {row['with_whom']}: {row['what'].rstrip('. ')}" for row in rows if row["state"] == AGREED]
    if not told:
        return "Nothing of this context is agreed to be shared further."
    return f"Agreed to be shared further, and nothing else: {'; '.join(told)}."


def _thing(uid: str, number: str) -> str:
    return thing(uid, f"{SHARING}/{number}")


def _standing(case: Case, number: str) -> WorkRow:
    found = next((row for row in case.standing_rows(SHARING) if row.thing == _thing(case.uid, number)), None)
    if found is None:
        raise NotFoundError
    return found


def _in_force(case: Case, number: str) -> WorkRow:
    found = _standing(case, number)
    if found.content["state"] != AGREED:
        raise ParameterError("state", "this was withdrawn already; record a new agreement instead")
    return found


def _still_open(case: Case) -> None:
    if case.standing.state in ("closed", "referred_on"):
        raise ParameterError("state", "this context is closed; what was agreed of it can only be withdrawn")


def _shown(row: WorkRow, names: Mapping[str, str]) -> Row:
    return {
        "id": row.thing.rpartition("/")[2],
        "version": row.version,
        **row.content,
        "by": names.get(row.account, row.account),
        "agency": row.agency,
        "at": iso(row.recorded_at),
        "why": row.reason,
        "handling": row.handling,
    }
