"""Accounts: signing in and out, tokens, and who a request speaks for; every one of these on the audit trail."""

import datetime as dt
import getpass
from pathlib import Path
from typing import Any

from graph_service.access import Action, Role, Viewer, operator, personas, require
from graph_service.errors import NotPermittedError
from graph_service.records import Records
from graph_service.records.audit import Event
from graph_service.records.choices import purposes, statement
from queries.errors import ParameterError, PmetError


class Accounts:
    """Who is asking."""

    def __init__(self, records: Records, *, live: bool, token_file: Path | None) -> None:
        self._records, self._live, self._token_file = records, live, token_file

    def personas(self) -> list[dict[str, str]]:
        """Give the invented people of the demonstration; none when live."""
        if self._live:
            return []
        return [
            {
                "who": p.account,
                "name": p.name,
                "agency": p.agency,
                "role": str(p.role),
                "purpose": p.purpose,
                "job": p.job,
            }
            for p in personas()
        ]

    def purposes(self) -> list[dict[str, str]]:
        """Give the purposes that may be chosen on entry."""
        return [{"code": code, "meaning": meaning} for code, meaning in purposes().items()]

    def statement(self) -> str:
        """Give the confidentiality statement that is accepted on entry."""
        return "\n\n".join(statement().text)

    def sign_in(
        self, who: str, password: str | None, *, purpose: str, accepted_statement: bool, source: str = ""
    ) -> str:
        """
        Begin a session and give its token, which is shown to nobody else.

        Raises
        ------
        NotPermittedError
            If the statement is not accepted, or the account or its password is wrong: the text does not say which.
        """
        try:
            if not accepted_statement:
                raise NotPermittedError("accept the confidentiality statement to sign in")
            if password is None:
                if self._live:
                    raise NotPermittedError("sign in with your account and password")
                token = self._records.sessions.sign_in_persona(who, purpose=purpose or None, source=source)
            else:
                token = self._records.sessions.sign_in(who, password, purpose=purpose, source=source)
        except PmetError as error:
            self._records.audit.refused(None, "sign_in", "sign in", error)
            raise
        viewer = self._records.sessions.viewer_of(token, source=source, channel="page")
        self._records.accounts.accept_statement(viewer.account)
        self._records.audit.record(Event.SIGN_IN, viewer, "sign_in")
        return token

    def sign_out(self, token: str) -> None:
        """End a session."""
        viewer = self.viewer_of(token)
        self._records.sessions.sign_out(token)
        self._records.audit.record(Event.SIGN_IN, viewer, "sign_out")

    def viewer_of(self, token: str, *, source: str = "") -> Viewer:
        """Give the viewer of a session, with what they hold at this moment."""
        return self._records.sessions.viewer_of(token, source=source, channel="page")

    def viewer_of_bearer(self, token: str, *, source: str = "") -> Viewer:
        """Give the viewer that an API token speaks for."""
        return self._records.tokens.viewer_of(token, source=source, channel="api", os_user="")

    def keep_known_at(self, token: str, moment: dt.datetime | None) -> None:
        """Keep the moment that this session looks from until it is set back."""
        self._records.sessions.keep_known_at(token, moment)

    def of_command_line(self, who: str, purpose: str) -> Viewer:
        """
        Give the viewer that the command line speaks for: a persona or an account on a laptop, the token's account when live.

        Raises
        ------
        ParameterError
            If nobody is named on a laptop.
        NotPermittedError
            If somebody is named when live, or the token does not open.
        """
        if self._token_file is not None:
            if who:
                raise NotPermittedError("leave out --as: PMET_TOKEN_FILE says who asks")
            token = self._token_file.read_text(encoding="utf-8").strip()
            return self._records.tokens.viewer_of(token, source="", channel="command", os_user=_os_user())
        if self._live:
            raise NotPermittedError("when live, name nobody: put the path of your token's file in PMET_TOKEN_FILE")
        if not who:
            raise ParameterError(
                "--as", "say who asks: coordinator, satellite, intelligence, analyst, school, or an account"
            )
        return self._records.accounts.viewer(who, purpose=purpose or None, channel="command", os_user=_os_user())

    def operator(self, purpose: str) -> Viewer:
        """Give the operator, in whose name files come in, the store is run and the trail is checked."""
        who = operator()
        return Viewer(
            who.account, who.name, who.agency, who.role, who.held, purpose, os_user=_os_user(), channel="command"
        )

    def make_token(self, viewer: Viewer, who: str, purpose: str, days: int) -> dict[str, str]:
        """Make an API token for an account; it is shown once."""
        self._require(viewer)
        token, ends_at = self._records.tokens.create(who, purpose=purpose, days=days, made_by=viewer.account)
        self._records.audit.record(Event.ACCOUNTS, viewer, Action.MANAGE_ACCOUNTS, question="token", recipients=(who,))
        return {"token": token, "who": who, "ends_at": ends_at.isoformat().replace("+00:00", "Z")}

    def add(
        self, viewer: Viewer, who: str, *, name: str, agency: str, role: str, purpose: str, password_file: Path
    ) -> None:
        """Add an account, its first password read from a file: on a command line everyone on the machine could see it."""
        self._require(viewer)
        if role not in set(Role) - {Role.OPERATOR}:
            raise ParameterError("--role", f"use one of {', '.join(sorted(set(Role) - {Role.OPERATOR}))}")
        try:
            password = password_file.read_text(encoding="utf-8").splitlines()[0]
        except (OSError, IndexError):
            raise ParameterError("--password-file", "must be a file whose first line is the password") from None
        self._records.accounts.create(
            who,
            name=name,
            agency=agency,
            role=Role(role),
            purpose=purpose,
            password=password,
            granted_by=viewer.account,
        )
        self._records.audit.record(Event.ACCOUNTS, viewer, Action.MANAGE_ACCOUNTS, question="add", recipients=(who,))

    def grant(self, viewer: Viewer, who: str, token: str) -> None:
        """Grant an account something to hold, from now on."""
        self._require(viewer)
        self._records.accounts.grant(who, token, granted_by=viewer.account)
        self._records.audit.record(Event.ACCOUNTS, viewer, Action.MANAGE_ACCOUNTS, question="grant", recipients=(who,))

    def withdraw(self, viewer: Viewer, who: str, token: str) -> None:
        """Withdraw what was granted."""
        self._require(viewer)
        self._records.accounts.withdraw(who, token, ended_by=viewer.account)
        self._records.audit.record(
            Event.ACCOUNTS, viewer, Action.MANAGE_ACCOUNTS, question="withdraw", recipients=(who,)
        )

    def list(self, viewer: Viewer) -> list[dict[str, Any]]:
        """List the accounts."""
        self._require(viewer)
        rows = self._records.accounts.everyone()
        self._records.audit.record(Event.ACCOUNTS, viewer, Action.MANAGE_ACCOUNTS, question="list", returned=len(rows))
        return rows

    def _require(self, viewer: Viewer) -> None:
        try:
            require(viewer, Action.MANAGE_ACCOUNTS)
        except PmetError as error:
            self._records.audit.refused(viewer, Action.MANAGE_ACCOUNTS, "accounts", error)
            raise


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
