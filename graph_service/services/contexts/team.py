"""Who sits in a satellite team: named by their agencies, opened to the context by a dated holding, and closed with it."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from graph_service.errors import NotFoundError
from graph_service.records.accounts import Accounts
from graph_service.records.errors import AccountError
from graph_service.services.contexts.case import Case, base_sight, thing
from graph_service.services.contexts.desk import Desk
from graph_service.services.contexts.life_cycle import LEAD_AGENCIES, WORKED_ON
from graph_service.store.work import WorkRow, WorkStore
from queries.errors import ParameterError
from queries.records import FAR_FUTURE

_NAMELESS: Final = ("analyst",)
# What says who sits in a team: what MET decided, and the team itself.
_KINDS: Final = ("case", "team")


def token(uid: str) -> str:
    """Give what a member of the team of a context holds."""
    return f"team:{uid}"


def checked(accounts: Accounts, content: Mapping[str, Any]) -> dict[str, Any]:
    """
    Check a team: its lead is of the Adolescent Service and sits in it, and every member has an account of the agency that names them.

    Raises
    ------
    ParameterError
        Names the field and the rule.
    """
    known = {
        row["account"]: row for row in accounts.everyone() if row["disabled_at"] is None and row["role"] != "operator"
    }
    members = [dict(row) for row in content["members"]]
    lead = content["lead"]
    if lead not in known:
        raise ParameterError("team.lead", "is the account of somebody who can sign in")
    if known[lead]["agency"] not in LEAD_AGENCIES:
        raise ParameterError(
            "team.lead", f"the lead is of the Adolescent Service ({' or '.join(LEAD_AGENCIES)}; Appendix A)"
        )
    if lead not in {row["account"] for row in members}:
        members.insert(0, {"account": lead, "agency": known[lead]["agency"], "role_in_team": "lead"})
    for row in members:
        if row["account"] not in known:
            raise ParameterError("team.members", "each is the account of somebody who can sign in")
        if known[row["account"]]["role"] in _NAMELESS:
            raise ParameterError(
                "team.members", "an analyst works under pseudonyms, and what a team writes has names in it"
            )
        if known[row["account"]]["agency"] != row["agency"]:
            raise ParameterError("team.members", "an agency names its own people: account and agency must fit")
    return {"lead": lead, "members": members}


def colleagues(accounts: Accounts) -> list[dict[str, Any]]:
    """Give who can be named for a team: account, name, agency, role and whether they can lead it; by agency, then name."""
    found = [
        {
            **{name: row[name] for name in ("account", "name", "agency", "role")},
            "can_lead": row["agency"] in LEAD_AGENCIES,
        }
        for row in accounts.everyone()
        if row["disabled_at"] is None and row["role"] not in ("operator", *_NAMELESS)
    ]
    return sorted(found, key=lambda row: (row["agency"], row["name"], row["account"]))


def open_to(accounts: Accounts, uid: str, wanted: frozenset[str], by: str) -> None:
    """Make these accounts, and no others, the holders of a place in the team, from now on. May be repeated."""
    held = accounts.holders(token(uid))
    for account in sorted(held - wanted):
        accounts.withdraw(account, token(uid), ended_by=by)
    for account in sorted(wanted - held):
        accounts.grant(account, token(uid), granted_by=by)


@contextmanager
def kept_open(desk: Desk, uid: str, by: str) -> Iterator[None]:
    """
    Do something to a context, and see to it that after it the team that stands, and nobody else, holds a place in it.

    What stands is read again after it was opened, until it stays: another may have named a team, or closed the context, in between.
    """
    try:
        yield
    finally:
        opened, stands = None, _standing(desk, uid)
        while stands != opened:
            open_to(desk.accounts, uid, stands, by)
            opened, stands = stands, _standing(desk, uid)


class Standings:
    """
    Who sits in the team of each context on which MET has decided: nobody where nobody works on it.

    All are read once, and after that those of which a decision or a team was written since. For one caller at a time.
    """

    def __init__(self, work: WorkStore) -> None:
        self._work = work
        self._found: dict[str, frozenset[str]] = {}
        self._number, self._latest = -1, ("", "")

    def __call__(self, sights: Sequence[int]) -> Mapping[str, frozenset[str]]:
        """Give the accounts in each team now; `sights` are all that there are."""
        number, uids, latest = self._work.touched(_KINDS, self._number, self._latest)
        if uids is None:
            # Nothing was read yet, or the store was restored.
            self._found = {}
            number, _, latest = self._work.touched(_KINDS, -1, latest)
            rows = self._work.rows(kinds=_KINDS, sights=sights)
        else:
            rows = self._work.rows(about=uids, kinds=_KINDS, sights=sights) if uids else []
        found = {uid: frozenset(members) for uid, (members, _) in _teams(rows).items()}
        self._found = {**{uid: who for uid, who in self._found.items() if uid not in (uids or ())}, **found}
        self._number, self._latest = number, latest
        return self._found


def recover(work: WorkStore, accounts: Accounts, sights: Sequence[int]) -> None:
    """
    Bring the holdings in line with the teams that stand, where a process was killed between keeping a team and opening the context to it.

    Whoever has held a place since the team was kept, and holds it no more, had it withdrawn: it is not given again.
    """
    held = accounts.ever_held("team:")
    now = dt.datetime.now(dt.UTC)
    for uid, (members, row) in _teams(work.rows(kinds=_KINDS, sights=sights)).items():
        places = [(place["account"], place["held_to"] or FAR_FUTURE) for place in held if place["token"] == token(uid)]
        for account in sorted({account for account, until in places if until > now} - members):
            accounts.withdraw(account, token(uid), ended_by=row.account)
        for account in sorted(members - {account for account, until in places if until > row.known_from}):
            # Whoever has no account any more, or one that sits in no team, stays outside.
            with suppress(AccountError, NotFoundError):
                accounts.grant(account, token(uid), granted_by=row.account)


def _teams(rows: Iterable[WorkRow]) -> dict[str, tuple[set[str], WorkRow]]:
    """
    Give of each context that these rows are about the accounts of its team that stands, and the row that names it; where none does, that of what
    MET decided.
    """
    found: dict[str, list[WorkRow]] = {}
    for row in rows:
        if row.thing in (thing(row.about, "case"), thing(row.about, "team")):
            found.setdefault(row.about, []).append(row)
    return {uid: (_members(uid, held), max(held, key=lambda row: row.kind == "team")) for uid, held in found.items()}


def _standing(desk: Desk, uid: str) -> frozenset[str]:
    """Give the accounts of the team that a context has now: none where nobody works on it."""
    names = [thing(uid, name) for name in ("case", "team")]
    rows = desk.work.rows(things=names, sights=[base_sight(uid).sid], with_history=True)
    return frozenset(_members(uid, rows))


def _members(uid: str, rows: Sequence[WorkRow]) -> set[str]:
    case = Case(uid, rows, max((row.known_from for row in rows), default=dt.datetime.now(dt.UTC)))
    members = case.body("team").get("members", []) if case.standing.state in WORKED_ON else []
    return {row["account"] for row in members}
