"""The changes of the tables, one after the other (Alembic)."""

from typing import Final

# The newest change. A start compares it with the database's own word and loads Alembic only when they differ.
NEWEST: Final = "0001"
