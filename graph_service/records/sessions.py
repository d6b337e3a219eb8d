"""Signing in, and the sessions and tokens by which someone is known afterwards. Only hashes of them are kept."""

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa

from graph_service.access import Viewer
from graph_service.errors import NotFoundError
from graph_service.records.accounts import Accounts
from graph_service.records.chain import now
from graph_service.records.choices import purposes
from graph_service.records.database import Database
from graph_service.records.errors import AccountError, SignInRefusedError, TooManyTriesError
from graph_service.records.keys import Keys
from graph_service.records.tables import ACCOUNT, API_TOKEN, SESSION, WRONG_PASSWORD

IDLE: Final = dt.timedelta(minutes=15)
ABSOLUTE: Final = dt.timedelta(hours=8)
# A session's last use is written at most this often: a page must not wait for the disk for each of its parts.
_NOTED_EVERY: Final = dt.timedelta(seconds=30)
_FREE_TRIES: Final = 5
_LONGEST_WAIT_SECONDS: Final = 900
_TOKEN_BYTES: Final = 32
_LONGEST_DAYS: Final = 366
_TOKEN_START: Final = "pmet_"  # noqa: S105 - so that a secret scanner knows one that was left in a file


class Sessions:
    """Begins, follows and ends sessions: 15 minutes without use, 8 hours in all, and at once when revoked."""

    def __init__(
        self, database: Database, accounts: Accounts, keys: Keys, clock: Callable[[], dt.datetime] = now
    ) -> None:
        self._database, self._accounts, self._keys, self._clock = database, accounts, keys, clock

    def sign_in(self, account: str, password: str, *, purpose: str, source: str = "", previous: str = "") -> str:
        """
        Begin a session by password and give its token, which is not kept here.

        Parameters
        ----------
        account, password
            As typed.
        purpose
            One of `choices.purposes()`.
        source
            Where it comes from (an address), for the delay after wrong passwords.
        previous
            The token of a session to end: a sign-in always gives another token.

        Raises
        ------
        TooManyTriesError
            After five wrong passwords from this place for this name, for a time that doubles up to 15 minutes. Others are not locked out.
        SignInRefusedError
            If the account or the password is not right.
        AccountError
            If the purpose is not on the list.
        """
        _require_purpose(purpose)
        who = hmac.digest(self._keys.key("tries"), f"{account.casefold()}\x1f{source}".encode(), hashlib.sha256).hex()
        self._require_patience(who)
        if not self._accounts.password_fits(account, password):
            self._count_wrong(who)
            raise SignInRefusedError
        with self._database.writing() as connection:
            connection.execute(WRONG_PASSWORD.delete().where(WRONG_PASSWORD.c.who == who))
        return self._begin(account, purpose, source, previous)

    def sign_in_persona(self, account: str, *, purpose: str | None = None, source: str = "", previous: str = "") -> str:
        """
        Begin a session as one of the invented people of the demonstration, without a password.

        The caller has made sure that this is a laptop. An account that was made for a real person is refused.
        """
        with self._database.reading() as connection:
            row = connection.execute(sa.select(ACCOUNT).where(ACCOUNT.c.account == account)).first()
        if row is None or not row.is_persona or row.disabled_at is not None:
            raise SignInRefusedError
        _require_purpose(purpose or row.purpose)
        return self._begin(account, purpose or row.purpose, source, previous)

    def _begin(self, account: str, purpose: str, source: str, previous: str) -> str:
        token, moment = secrets.token_urlsafe(_TOKEN_BYTES), self._clock()
        if previous:
            self.sign_out(previous, because="signed_in_again")
        row = {
            "id": secrets.token_hex(16),
            "token_hash": _hash(token),
            "account": account,
            "purpose": purpose,
            "source": source[:64],
            "created_at": moment,
            "seen_at": moment,
        }
        with self._database.writing() as connection:
            connection.execute(SESSION.insert(), [row])
        return token

    def viewer_of(self, token: str, *, source: str = "", channel: str = "web") -> Viewer:
        """
        Give who is behind a session, with what they hold now.

        Raises
        ------
        SignInRefusedError
            If there is no such session, or it has ended, or the account was switched off.
        """
        moment = self._clock()
        with self._database.reading() as connection:
            row = connection.execute(sa.select(SESSION).where(SESSION.c.token_hash == _hash(token))).first()
        if row is None or row.ended_at is not None:
            raise SignInRefusedError("your session has ended; sign in again")
        if moment >= row.seen_at + IDLE or moment >= row.created_at + ABSOLUTE:
            self.sign_out(token, because="too_long")
            raise SignInRefusedError("your session has ended; sign in again")
        viewer = self._accounts.viewer(
            row.account,
            purpose=row.purpose,
            session=row.id,
            known_at=row.known_at,
            channel=channel,
            source=source or row.source,
        )
        if moment >= row.seen_at + _NOTED_EVERY:
            with self._database.writing() as connection:
                # Only forward, and only while it lives: a sign-out that came meanwhile stands.
                connection.execute(
                    SESSION.update()
                    .where(SESSION.c.id == row.id, SESSION.c.ended_at.is_(None), SESSION.c.seen_at < moment)
                    .values(seen_at=moment)
                )
        return viewer

    def sign_out(self, token: str, *, because: str = "signed_out") -> None:
        """End a session; nothing happens if there is none."""
        with self._database.writing() as connection:
            connection.execute(
                SESSION.update()
                .where(SESSION.c.token_hash == _hash(token), SESSION.c.ended_at.is_(None))
                .values(ended_at=self._clock(), ended_because=because)
            )

    def revoke(self, account: str) -> int:
        """End every session of an account, and say how many there were."""
        with self._database.writing() as connection:
            ended = connection.execute(
                SESSION.update()
                .where(SESSION.c.account == account, SESSION.c.ended_at.is_(None))
                .values(ended_at=self._clock(), ended_because="revoked")
            )
        return ended.rowcount

    def keep_known_at(self, token: str, known_at: dt.datetime | None) -> None:
        """Keep the moment that a session looks from (UTC); None sets it back to now."""
        with self._database.writing() as connection:
            connection.execute(
                SESSION.update()
                .where(SESSION.c.token_hash == _hash(token), SESSION.c.ended_at.is_(None))
                .values(known_at=known_at)
            )

    def _require_patience(self, who: str) -> None:
        with self._database.reading() as connection:
            row = connection.execute(sa.select(WRONG_PASSWORD).where(WRONG_PASSWORD.c.who == who)).first()
        if row is not None and row.wait_until > self._clock():
            raise TooManyTriesError(max(1, round((row.wait_until - self._clock()).total_seconds())))

    def _count_wrong(self, who: str) -> None:
        moment = self._clock()
        with self._database.writing() as connection:
            row = connection.execute(
                sa.select(WRONG_PASSWORD).where(WRONG_PASSWORD.c.who == who).with_for_update()
            ).first()
            times = 1 + (row.times if row else 0)
            seconds = min(2 ** (times - _FREE_TRIES), _LONGEST_WAIT_SECONDS) if times >= _FREE_TRIES else 0
            values = {"times": times, "wait_until": moment + dt.timedelta(seconds=seconds)}
            if row is None:
                connection.execute(WRONG_PASSWORD.insert(), [{"who": who, **values}])
            else:
                connection.execute(WRONG_PASSWORD.update().where(WRONG_PASSWORD.c.who == who).values(**values))


class Tokens:
    """Makes and revokes tokens for scripts: shown once, with a purpose and an end."""

    def __init__(self, database: Database, accounts: Accounts, clock: Callable[[], dt.datetime] = now) -> None:
        self._database, self._accounts, self._clock = database, accounts, clock

    def create(self, account: str, *, purpose: str, days: int = 90, made_by: str) -> tuple[str, dt.datetime]:
        """
        Make a token for an account; give it and the moment (UTC) at which it ends. It is shown this once and not kept.

        Raises
        ------
        AccountError
            If the purpose is empty or over 200 characters, or the days are not 1 to 366.
        SignInRefusedError
            If there is no such account, or it is switched off.
        """
        if not 0 < len(purpose.strip()) <= 200:
            raise AccountError("a token needs a purpose of up to 200 characters, without any person's name")
        if not 1 <= days <= _LONGEST_DAYS:
            raise AccountError(f"a token is good for 1 to {_LONGEST_DAYS} days")
        self._accounts.viewer(account)
        token, moment = _TOKEN_START + secrets.token_urlsafe(_TOKEN_BYTES), self._clock()
        row = {
            "id": secrets.token_hex(16),
            "token_hash": _hash(token),
            "account": account,
            "purpose": purpose.strip(),
            "made_by": made_by,
            "created_at": moment,
            "ends_at": moment + dt.timedelta(days=days),
        }
        with self._database.writing() as connection:
            connection.execute(API_TOKEN.insert(), [row])
        return token, moment + dt.timedelta(days=days)

    def viewer_of(self, token: str, *, source: str = "", channel: str = "api", os_user: str = "") -> Viewer:
        """
        Give who is behind a token, with what they hold now.

        Raises
        ------
        SignInRefusedError
            If there is no such token, it has ended or was revoked, or the account was switched off.
        """
        with self._database.reading() as connection:
            row = connection.execute(sa.select(API_TOKEN).where(API_TOKEN.c.token_hash == _hash(token))).first()
        if row is None or row.revoked_at is not None or row.ends_at <= self._clock():
            raise SignInRefusedError(
                "this token is not known, has ended or was revoked; make one with `pmet account token`"
            )
        return self._accounts.viewer(
            row.account, purpose=row.purpose, session=row.id, os_user=os_user, channel=channel, source=source
        )

    def of_account(self, account: str) -> list[dict[str, Any]]:
        """List the tokens of an account, newest first, without what they are."""
        shown = [API_TOKEN.c[c] for c in ("id", "purpose", "made_by", "created_at", "ends_at", "revoked_at")]
        chosen = sa.select(*shown).where(API_TOKEN.c.account == account).order_by(API_TOKEN.c.created_at.desc())
        with self._database.reading() as connection:
            return [dict(row) for row in connection.execute(chosen).mappings()]

    def revoke(self, token_id: str) -> None:
        """
        End a token at once, by the id that `of_account` shows.

        Raises
        ------
        NotFoundError
            If there is no such token in force.
        """
        with self._database.writing() as connection:
            ended = connection.execute(
                API_TOKEN.update()
                .where(API_TOKEN.c.id == token_id, API_TOKEN.c.revoked_at.is_(None))
                .values(revoked_at=self._clock())
            )
        if not ended.rowcount:
            raise NotFoundError


def _hash(token: str) -> str:
    # A token is random and long, so a plain hash of it cannot be guessed back.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _require_purpose(purpose: str) -> None:
    if purpose not in purposes():
        raise AccountError(f"a purpose is one of {', '.join(purposes())}")
