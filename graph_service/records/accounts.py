"""Who has an account, and what each holds from when to when."""

import datetime as dt
import re
import secrets
from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

import sqlalchemy as sa
from pwdlib import PasswordHash

from graph_service.access import Persona, Role, Viewer, operator, personas
from graph_service.errors import ConflictError, NotFoundError
from graph_service.records.chain import now
from graph_service.records.choices import purposes, statement
from graph_service.records.database import Database
from graph_service.records.errors import AccountError, SignInRefusedError
from graph_service.records.tables import ACCOUNT, API_TOKEN, HOLDING, SESSION, STATEMENT_ACCEPTED
from queries.vocabulary import AGENCIES, HANDLING_CODES, KNOWN_CONDITIONS

_ACCOUNT: Final = re.compile(r"[a-z][a-z0-9._-]{1,62}")
_REFERENCE: Final = re.compile(r"[A-Za-z0-9._:/-]{1,150}")
_SHORTEST, _LONGEST = 15, 256  # OWASP ASVS 5.0, 6.2.1 and 6.2.9
_PARTNERSHIP: Final = "partnership"


class Accounts:
    """Makes accounts, and says who someone is and what they hold, as it stands at the moment of asking."""

    def __init__(self, database: Database, clock: Callable[[], dt.datetime] = now) -> None:
        self._database, self._clock = database, clock

    @cached_property
    def _hasher(self) -> PasswordHash:
        return PasswordHash.recommended()

    @cached_property
    def _nobodys_password(self) -> str:
        # Checked when there is no such account, so that the time taken does not tell.
        return self._hasher.hash(secrets.token_hex(16))

    def create(
        self,
        account: str,
        *,
        name: str,
        agency: str,
        role: str,
        purpose: str,
        password: str | None = None,
        granted_by: str,
    ) -> None:
        """
        Make an account. Agency and role are held from the start; everything else is granted.

        Raises
        ------
        AccountError
            If a part of it cannot be used; says which and what would be right.
        ConflictError
            If there is such an account, or was: a name is never given to another person.
        """
        _require(
            bool(_ACCOUNT.fullmatch(account)),
            "an account is named by 2 to 63 small letters, digits, dots, dashes or underlines",
        )
        _require(agency in {*AGENCIES, _PARTNERSHIP}, f"an agency is one of {', '.join((*AGENCIES, _PARTNERSHIP))}")
        _require(role in set(Role), f"a role is one of {', '.join(Role)}")
        _require(0 < len(name) <= 200, "a person's name has 1 to 200 characters")
        _require(purpose in purposes(), f"a purpose is one of {', '.join(purposes())}")
        self._make(
            Persona(account, name, agency, Role(role), purpose, frozenset(), ""),
            granted_by,
            self._hash(account, password),
        )

    def ensure_personas(self) -> None:
        """Make the invented people of the demonstration and the operator where they are missing. For laptops only."""
        with self._database.reading() as connection:
            there = set(connection.scalars(sa.select(ACCOUNT.c.account)))
        for persona in (*personas(), operator()):
            if persona.account not in there:
                try:
                    self._make(persona, "demonstration", None)
                except ConflictError:
                    continue  # another process made it meanwhile

    def _make(self, persona: Persona, granted_by: str, password: str | None) -> None:
        moment = self._clock()
        row = {
            "account": persona.account,
            "name": persona.name,
            "agency": persona.agency,
            "role": str(persona.role),
            "purpose": persona.purpose,
            "password": password,
            "is_persona": granted_by == "demonstration",
            "created_at": moment,
        }
        try:
            with self._database.writing() as connection:
                connection.execute(ACCOUNT.insert(), [row])
                for token in sorted(persona.grants):
                    _grant(connection, persona.account, token, moment, None, granted_by)
        except sa.exc.IntegrityError:
            raise ConflictError("there is or was an account of this name; choose another") from None

    def _hash(self, account: str, password: str | None) -> str | None:
        if password is None:
            return None
        _require(
            _SHORTEST <= len(password) <= _LONGEST,
            f"a password has {_SHORTEST} to {_LONGEST} characters; several words are good",
        )
        _require(account not in password.casefold(), "a password does not contain the account's name")
        _require(len(set(password)) >= 6, "a password has at least six different characters")
        return self._hasher.hash(password)

    def set_password(self, account: str, password: str) -> None:
        """Give an account another password, and end its sessions."""
        hashed = self._hash(account, password)
        self._change(account, {"password": hashed}, "password_changed")

    def disable(self, account: str) -> None:
        """Switch an account off: its sessions and tokens end at once, and its record stays."""
        self._change(account, {"disabled_at": self._clock()}, "disabled")

    def enable(self, account: str) -> None:
        """Switch an account on again; sessions and tokens that ended stay ended."""
        self._change(account, {"disabled_at": None}, "")

    def _change(self, account: str, values: dict[str, Any], ends_because: str) -> None:
        moment = self._clock()
        with self._database.writing() as connection:
            changed = connection.execute(ACCOUNT.update().where(ACCOUNT.c.account == account).values(**values))
            if not changed.rowcount:
                raise NotFoundError
            if ends_because:
                connection.execute(
                    SESSION.update()
                    .where(SESSION.c.account == account, SESSION.c.ended_at.is_(None))
                    .values(ended_at=moment, ended_because=ends_because)
                )
                connection.execute(
                    API_TOKEN.update()
                    .where(API_TOKEN.c.account == account, API_TOKEN.c.revoked_at.is_(None))
                    .values(revoked_at=moment)
                )

    def password_fits(self, account: str, password: str) -> bool:
        """Say whether this is the password of an account that is switched on. Takes as long when there is none (about 50 ms)."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(ACCOUNT).where(ACCOUNT.c.account == account)).first()
        usable = row is not None and row.password is not None and row.disabled_at is None
        fits = self._hasher.verify(password[: _LONGEST + 1], row.password if row and usable else self._nobodys_password)
        return usable and fits

    def grant(
        self,
        account: str,
        token: str,
        *,
        granted_by: str,
        held_from: dt.datetime | None = None,
        held_to: dt.datetime | None = None,
    ) -> None:
        """
        Give an account something to hold, such as `handling:C`, `condition:A1`, `team:UID`, `grant:UID` or `school:UID`.

        `held_from` is inclusive (default now), `held_to` exclusive (default open); both UTC. Giving what is held already changes nothing.

        Raises
        ------
        AccountError
            If there is no such thing to hold. Agency and role belong to the account itself and are not granted.
        """
        _require(
            _is_grantable(token), "what is granted is handling:C, condition:NAME, team:UID, grant:UID or school:UID"
        )
        starts = held_from or self._clock()
        _require(held_to is None or held_to > starts, "a right ends after it begins")
        with self._database.writing() as connection:
            row = connection.execute(sa.select(ACCOUNT.c.role).where(ACCOUNT.c.account == account)).first()
            if row is None:
                raise NotFoundError
            # What a team writes has names in it: see `policy.cedar`, analysts read under pseudonyms.
            _require(
                row.role != Role.ANALYST or not token.startswith("team:"),
                "an analyst works under pseudonyms and sits in no satellite team",
            )
            if token not in _held(connection, account, starts) or held_to is not None:
                _grant(connection, account, token, starts, held_to, granted_by)

    def withdraw(self, account: str, token: str, *, ended_by: str) -> bool:
        """End what an account holds, from this moment on; say whether it was held. The row stays, with its dates."""
        moment = self._clock()
        with self._database.writing() as connection:
            ended = connection.execute(
                HOLDING.update()
                .where(
                    HOLDING.c.account == account,
                    HOLDING.c.token == token,
                    sa.or_(HOLDING.c.held_to.is_(None), HOLDING.c.held_to > moment),
                )
                .values(held_to=moment, ended_by=ended_by)
            )
        return ended.rowcount > 0

    def held(self, account: str, at: dt.datetime | None = None) -> frozenset[str]:
        """
        Give what an account holds at a moment (default now): agency and role, and every right in force then.

        Raises
        ------
        NotFoundError
            If there is no such account.
        """
        with self._database.reading() as connection:
            row = connection.execute(sa.select(ACCOUNT).where(ACCOUNT.c.account == account)).first()
            if row is None:
                raise NotFoundError
            return _held(connection, account, at or self._clock()) | {f"agency:{row.agency}", f"role:{row.role}"}

    def viewer(
        self,
        account: str,
        *,
        purpose: str | None = None,
        session: str = "",
        os_user: str = "",
        known_at: dt.datetime | None = None,
        channel: str = "",
        source: str = "",
    ) -> Viewer:
        """
        Give an account as a viewer, with what it holds now. The caller has made sure that it is they who ask.

        Raises
        ------
        SignInRefusedError
            If there is no such account, or it is switched off.
        """
        with self._database.reading() as connection:
            row = connection.execute(sa.select(ACCOUNT).where(ACCOUNT.c.account == account)).first()
            if row is None or row.disabled_at is not None:
                raise SignInRefusedError(
                    "there is no such account, or it is switched off; `pmet account list` shows them"
                )
            held = _held(connection, account, self._clock()) | {f"agency:{row.agency}", f"role:{row.role}"}
        return Viewer(
            account=account,
            name=row.name,
            agency=row.agency,
            role=Role(row.role),
            held=held,
            purpose=purpose or row.purpose,
            session=session,
            os_user=os_user,
            known_at=known_at,
            channel=channel,
            source=source,
        )

    def everyone(self) -> list[dict[str, Any]]:
        """List every account, without passwords: who, for which agency, as what, and whether it is switched on."""
        shown = [
            ACCOUNT.c[c]
            for c in ("account", "name", "agency", "role", "purpose", "is_persona", "created_at", "disabled_at")
        ]
        with self._database.reading() as connection:
            return [dict(row) for row in connection.execute(sa.select(*shown).order_by(ACCOUNT.c.account)).mappings()]

    def holders(self, token: str, at: dt.datetime | None = None) -> frozenset[str]:
        """Give the accounts that hold something at a moment (default now), such as a place in a satellite team."""
        moment = at or self._clock()
        in_force = sa.select(HOLDING.c.account).where(
            HOLDING.c.token == token,
            HOLDING.c.held_from <= moment,
            sa.or_(HOLDING.c.held_to.is_(None), HOLDING.c.held_to > moment),
        )
        with self._database.reading() as connection:
            return frozenset(connection.scalars(in_force))

    def ever_held(self, prefix: str) -> list[dict[str, Any]]:
        """List all that was ever granted of things whose names begin so, such as `team:`: account, token, held_from and held_to (UTC)."""
        chosen = sa.select(*(HOLDING.c[name] for name in ("account", "token", "held_from", "held_to")))
        chosen = chosen.where(HOLDING.c.token.startswith(prefix, autoescape=True))
        with self._database.reading() as connection:
            return [dict(row) for row in connection.execute(chosen).mappings()]

    def holdings(self, account: str) -> list[dict[str, Any]]:
        """List all that an account was ever granted, with dates and by whom, oldest first."""
        chosen = sa.select(HOLDING).where(HOLDING.c.account == account).order_by(HOLDING.c.held_from, HOLDING.c.token)
        with self._database.reading() as connection:
            return [dict(row) for row in connection.execute(chosen).mappings()]

    def accept_statement(self, account: str) -> None:
        """Keep that the confidentiality statement in force was accepted now."""
        row = {"account": account, "version": statement().version, "accepted_at": self._clock()}
        with self._database.writing() as connection:
            connection.execute(STATEMENT_ACCEPTED.insert(), [row])


def _require(right: bool, rule: str) -> None:
    if not right:
        raise AccountError(rule)


def _is_grantable(token: str) -> bool:
    kind, _, name = token.partition(":")
    if kind == "handling":
        return name in HANDLING_CODES
    if kind == "condition":
        return name in KNOWN_CONDITIONS
    return kind in {"team", "grant", "school"} and bool(_REFERENCE.fullmatch(name))


def _held(connection: sa.Connection, account: str, at: dt.datetime) -> frozenset[str]:
    in_force = sa.select(HOLDING.c.token).where(
        HOLDING.c.account == account,
        HOLDING.c.held_from <= at,
        sa.or_(HOLDING.c.held_to.is_(None), HOLDING.c.held_to > at),
    )
    return frozenset(connection.scalars(in_force))


def _grant(
    connection: sa.Connection,
    account: str,
    token: str,
    held_from: dt.datetime,
    held_to: dt.datetime | None,
    granted_by: str,
) -> None:
    row = {
        "id": secrets.token_hex(16),
        "account": account,
        "token": token,
        "held_from": held_from,
        "held_to": held_to,
        "granted_by": granted_by,
    }
    connection.execute(HOLDING.insert(), [row])
