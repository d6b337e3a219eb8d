"""
The first tables, and the triggers that make the audit trail append-only.

Frozen as it was released: later changes are new modules, and a test compares all of them with `tables.py`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_PROTECTED = ("audit_entry", "audit_object")
_REFUSAL = "the audit trail is append-only"


def upgrade() -> None:
    """Make the tables and their triggers."""
    _make_tables()
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        op.execute(
            sa.text(
                "CREATE FUNCTION pmet_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
            )
        )
    for table in _PROTECTED:
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_no_{verb.lower()}"
            op.execute(
                sa.text(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END")
                if sqlite
                else sa.text(
                    f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION pmet_append_only()"
                )
            )
        if not sqlite:
            op.execute(
                sa.text(
                    f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION pmet_append_only()"
                )
            )


def downgrade() -> None:
    """Refuse: going back would drop the audit trail."""
    raise NotImplementedError("the audit trail is not taken away; restore a backup instead")


def _make_tables() -> None:
    op.create_table(
        "account",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("is_persona", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("disabled_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_account")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("session", sa.String(length=40), nullable=False),
        sa.Column("os_user", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("question", sa.String(length=80), nullable=False),
        sa.Column("version", sa.String(length=80), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("as_known_at", sa.String(length=27), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("returned", sa.Integer(), nullable=True),
        sa.Column("objects", sa.Integer(), nullable=False),
        sa.Column("objects_hash", sa.String(length=64), nullable=False),
        sa.Column("handling", sa.String(length=40), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("policy_ids", sa.Text(), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("app_version", sa.String(length=40), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_account_seq", "audit_entry", ["account", "seq"], unique=False)
    op.create_table(
        "audit_object",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("uid", sa.String(length=120), nullable=False),
        sa.Column("part", sa.String(length=1), nullable=False),
        sa.PrimaryKeyConstraint("seq", "uid", name=op.f("pk_audit_object")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_audit_object_uid_seq", "audit_object", ["uid", "seq"], unique=False)
    op.create_table(
        "audit_probe",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_probe")),
    )
    op.create_table(
        "census",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.String(length=27), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_census")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("account", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_table(
        "ingest_run",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("files_hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("started_at", sa.String(length=27), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ingest_run")),
    )
    op.create_index("ix_ingest_run_started_at", "ingest_run", ["started_at"], unique=False)
    op.create_table(
        "wrong_password",
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("wait_until", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("who", name=op.f("pk_wrong_password")),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("ends_at", sa.String(length=27), nullable=False),
        sa.Column("revoked_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.account"], name=op.f("fk_api_token_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_index("ix_api_token_account", "api_token", ["account"], unique=False)
    op.create_table(
        "holding",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("token", sa.String(length=200), nullable=False),
        sa.Column("held_from", sa.String(length=27), nullable=False),
        sa.Column("held_to", sa.String(length=27), nullable=True),
        sa.Column("granted_by", sa.String(length=64), nullable=False),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.account"], name=op.f("fk_holding_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holding")),
    )
    op.create_index("ix_holding_account", "holding", ["account"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("seen_at", sa.String(length=27), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.Column("ended_because", sa.String(length=40), nullable=True),
        sa.Column("known_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.account"], name=op.f("fk_session_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
    )
    op.create_index("ix_session_account", "session", ["account"], unique=False)
    op.create_table(
        "statement_accepted",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("accepted_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.account"], name=op.f("fk_statement_accepted_account")),
        sa.PrimaryKeyConstraint("account", "version", "accepted_at", name=op.f("pk_statement_accepted")),
    )
