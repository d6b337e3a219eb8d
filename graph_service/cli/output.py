"""How the command line opens the service, and how it prints."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from graph_service.settings import load_settings
from queries.errors import ParameterError

if TYPE_CHECKING:
    from graph_service.bootstrap import Service

As = Annotated[str, typer.Option("--as", help="who asks: an account or, on a laptop, a persona", show_default=False)]
Purpose = Annotated[str, typer.Option(help="why; each persona has a usual one")]
Json = Annotated[bool, typer.Option("--json", help="print one JSON document on standard output")]
KnownAt = Annotated[str, typer.Option("--as-known-at", help="answer as known at this past moment (ISO 8601)")]


def rows_written(done: int, total: int) -> None:
    """Say how far an import has come."""
    progress(f"{done} of {total} rows written")


def progress(message: str) -> None:
    """Say what is going on, on standard error."""
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()


@contextmanager
def opened() -> Iterator["Service"]:
    """Open the service, starting the local store if none runs, and close it after."""
    from graph_service.bootstrap import (
        bootstrap,  # the driver takes two seconds to import, and `--help` needs none of it
    )

    service = bootstrap(load_settings(), progress=progress)
    try:
        yield service
    finally:
        service.close()


def print_json(value: object) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table for a person to read."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    Console().print(table)


def read_pairs(given: Sequence[str]) -> dict[str, str]:
    """Read `KEY=VALUE` options; raises ParameterError when one has no `=`."""
    pairs = {}
    for item in given:
        key, equals, value = item.partition("=")
        if not equals:
            raise ParameterError("--param", "write it as KEY=VALUE")
        pairs[key] = value
    return pairs
