"""The tables of accounts, sessions, imports and the audit trail. Every instant is UTC, kept as ISO 8601 text that sorts by time."""

import datetime as dt
from typing import Final

import sqlalchemy as sa

METADATA: Final = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(sa.types.TypeDecorator[dt.datetime]):
    """A moment in UTC, to the microsecond, as text of one length: the same, and in the same order, in SQLite and PostgreSQL."""

    impl = sa.String(27)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        """Write an aware moment as text."""
        return None if value is None else written(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> dt.datetime | None:  # noqa: ARG002
        """Read a moment back."""
        return None if value is None else dt.datetime.fromisoformat(value)


def written(moment: dt.datetime) -> str:
    """
    Write a moment as the tables keep it, such as `2026-11-23T05:00:00.000000Z`.

    Raises
    ------
    ValueError
        If the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


ACCOUNT: Final = sa.Table(
    "account",
    METADATA,
    sa.Column("account", sa.String(64), primary_key=True),  # the sign-in name; never given to another person
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("agency", sa.String(40), nullable=False),
    sa.Column("role", sa.String(40), nullable=False),
    sa.Column("purpose", sa.String(60), nullable=False),
    sa.Column("password", sa.String(255)),
    sa.Column("is_persona", sa.Boolean, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("disabled_at", Instant),
)

# What an account holds, and from when to when. A row is ended, never deleted: a review asks what was held then.
HOLDING: Final = sa.Table(
    "holding",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("account", sa.String(64), sa.ForeignKey("account.account"), nullable=False),
    sa.Column("token", sa.String(200), nullable=False),
    sa.Column("held_from", Instant, nullable=False),
    sa.Column("held_to", Instant),
    sa.Column("granted_by", sa.String(64), nullable=False),
    sa.Column("ended_by", sa.String(64)),
    sa.Index("ix_holding_account", "account"),
)

SESSION: Final = sa.Table(
    "session",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("account", sa.String(64), sa.ForeignKey("account.account"), nullable=False),
    sa.Column("purpose", sa.String(60), nullable=False),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("ended_because", sa.String(40)),
    sa.Column("known_at", Instant),
    sa.Index("ix_session_account", "account"),
)

API_TOKEN: Final = sa.Table(
    "api_token",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("account", sa.String(64), sa.ForeignKey("account.account"), nullable=False),
    sa.Column("purpose", sa.String(200), nullable=False),
    sa.Column("made_by", sa.String(64), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("ends_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
    sa.Index("ix_api_token_account", "account"),
)

STATEMENT_ACCEPTED: Final = sa.Table(
    "statement_accepted",
    METADATA,
    sa.Column("account", sa.String(64), sa.ForeignKey("account.account"), primary_key=True),
    sa.Column("version", sa.String(40), primary_key=True),
    sa.Column("accepted_at", Instant, primary_key=True),
)

# Wrong passwords, by a hash of the name typed and where it came from: others from elsewhere are not locked out.
WRONG_PASSWORD: Final = sa.Table(
    "wrong_password",
    METADATA,
    sa.Column("who", sa.String(64), primary_key=True),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("wait_until", Instant, nullable=False),
)

INGEST_RUN: Final = sa.Table(
    "ingest_run",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("files", sa.Integer, nullable=False),
    sa.Column("files_hash", sa.String(64), nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("dry_run", sa.Boolean, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("counts", sa.JSON, nullable=False),
    sa.Column("problems", sa.JSON, nullable=False),
    sa.Index("ix_ingest_run_started_at", "started_at"),
)

CENSUS: Final = sa.Table(
    "census",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("taken_at", Instant, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("counts", sa.Text, nullable=False),
    sa.Column("mac", sa.String(64), nullable=False),
)

REPEAT: Final = sa.Table(
    "idempotency_key",
    METADATA,
    sa.Column("account", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("request_hash", sa.String(64), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("response", sa.Text),
)

# The order of these columns is the order in which they are chained: a new one goes to the end, with a new chain version.
AUDIT_ENTRY: Final = sa.Table(
    "audit_entry",
    METADATA,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(27), nullable=False),
    sa.Column("event", sa.String(20), nullable=False),
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("agency", sa.String(40), nullable=False),
    sa.Column("role", sa.String(40), nullable=False),
    sa.Column("session", sa.String(40), nullable=False),
    sa.Column("os_user", sa.String(64), nullable=False),
    sa.Column("purpose", sa.String(200), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("question", sa.String(80), nullable=False),
    sa.Column("version", sa.String(80), nullable=False),
    sa.Column("parameters", sa.Text, nullable=False),
    sa.Column("as_known_at", sa.String(27), nullable=False),
    sa.Column("sequence", sa.BigInteger),
    sa.Column("returned", sa.Integer),
    sa.Column("objects", sa.Integer, nullable=False),
    sa.Column("objects_hash", sa.String(64), nullable=False),
    sa.Column("handling", sa.String(40), nullable=False),
    sa.Column("decision", sa.String(10), nullable=False),
    sa.Column("policy_ids", sa.Text, nullable=False),
    sa.Column("recipients", sa.Text, nullable=False),
    sa.Column("request_id", sa.String(64), nullable=False),
    sa.Column("app_version", sa.String(40), nullable=False),
    sa.Column("prev", sa.String(64), nullable=False),
    sa.Column("mac", sa.String(64), nullable=False),
    sa.Index("ix_audit_entry_account_seq", "account", "seq"),
)

# Whom and what each entry was about: `s` for what was asked about, `r` for what was returned.
AUDIT_OBJECT: Final = sa.Table(
    "audit_object",
    METADATA,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("uid", sa.String(120), primary_key=True),
    sa.Column("part", sa.String(1), nullable=False),
    sa.Index("ix_audit_object_uid_seq", "uid", "seq"),
    sqlite_with_rowid=False,
)

# One row, written by the readiness check to see that the database still takes writes.
AUDIT_PROBE: Final = sa.Table(
    "audit_probe",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.String(27), nullable=False),
)
