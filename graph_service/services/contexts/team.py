"""Who sits in a satellite team: named by their agencies, opened to the context by a dated holding, and closed with it."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from graph_service.records.accounts import Accounts
from graph_service.services.contexts.case import Case, base_sight, thing
from graph_service.services.contexts.desk import Desk
from graph_service.services.contexts.life_cycle import LEAD_AGENCIES, WORKED_ON
from queries.errors import ParameterError

_NAMELESS: Final = ("analyst",)


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


def _standing(desk: Desk, uid: str) -> frozenset[str]:
    """Give the accounts of the team that a context has now: none where nobody works on it."""
    names = [thing(uid, name) for name in ("case", "team")]
    rows = desk.work.rows(things=names, sights=[base_sight(uid).sid], with_history=True)
    case = Case(uid, rows, max((row.known_from for row in rows), default=dt.datetime.now(dt.UTC)))
    members = case.body("team").get("members", []) if case.standing.state in WORKED_ON else []
    return frozenset(row["account"] for row in members)
