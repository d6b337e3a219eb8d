"""Constraints and indexes: each statement of `queries/schema`, run where it is not there yet."""

import re
from collections.abc import Iterator
from typing import Final

from graph_service.errors import StoreFaultError
from graph_service.store.bolt import BoltStore
from queries.loader import ROOT

_NAMED: Final = re.compile(r"CREATE [A-Z ]+ (\w+) IF NOT EXISTS")
_PRESENT: Final = ("SHOW CONSTRAINTS YIELD name RETURN name", "SHOW INDEXES YIELD name RETURN name")


def schema_statements() -> Iterator[str]:
    """Give the statements of the schema, in order of file and line, without comments."""
    for path in sorted((ROOT / "schema").glob("*.cypher")):
        text = "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("//"))
        yield from (statement.strip() for statement in text.split(";") if statement.strip())


def ensure_schema(store: BoltStore, *, attempts: int = 8) -> None:
    """Bring the store's schema up to date. May be repeated; what is there already costs a look."""
    present = {row["name"] for text in _PRESENT for row in store.read(text, seconds=10)}
    missing = []
    for statement in schema_statements():
        named = _NAMED.match(statement)
        if named is None or named[1] not in present:
            missing.append(statement)
    try:
        store.define(missing)
    except StoreFaultError as fault:
        # Another process came between: `IF NOT EXISTS` is not safe against that, and what it made is what we wanted.
        if not fault.code.endswith("AlreadyExists") or attempts <= 1:
            raise
        ensure_schema(store, attempts=attempts - 1)
        return
    if len(missing) > 1:
        # An index that is still being filled answers no query.
        store.define(["CALL db.awaitIndexes(60)"])
