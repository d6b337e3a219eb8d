"""
The first tables, and the triggers that make the audit trail append-only.

Frozen as it was released: later changes are new modules, and a test compares all of them with `tables.py`.
"""

import sqlalchemy as sa
from alembic import op

from graph_service.records.tables import METADATA

revision = "0001"
down_revision = None

_PROTECTED = ("audit_entry", "audit_object")
_REFUSAL = "the audit trail is append-only"


def upgrade() -> None:
    """Make the tables and their triggers."""
    METADATA.create_all(op.get_bind())
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
