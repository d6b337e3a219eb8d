"""`pmet ingest`: partner files in."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from graph_service.cli.output import Json, opened, print_json, print_table, rows_written
from ingest.templates import template as template_of
from queries.errors import ParameterError


def ingest(
    kind: Annotated[
        str, typer.Argument(help="bundle, police-crime, missing, cpi, conversation, assessment or people")
    ] = "",
    paths: Annotated[list[Path], typer.Argument(help="files; for a bundle its folder")] = [],  # noqa: B006  typer reads it and never changes it
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show what would happen, change nothing")] = False,
    accept_good_rows: Annotated[
        bool, typer.Option("--accept-good-rows", help="bring in the good rows though others are bad")
    ] = False,
    template: Annotated[
        str, typer.Option("--template", help="print a documented CSV of this kind with two example rows")
    ] = "",
    as_json: Json = False,
) -> None:
    """Bring partner files in: all rows are checked first, and nothing goes in when one is bad, unless you say so."""
    if template:
        sys.stdout.write(template_of(template))
        return
    if not kind or not paths:
        raise ParameterError("KIND PATH", "say what kind of file it is and where; `pmet ingest --help` lists the kinds")
    with opened() as service:
        report = service.imports.run(
            service.operator(f"ingest {kind}"),
            kind,
            paths,
            dry_run=dry_run,
            accept_good_rows=accept_good_rows,
            progress=rows_written,
        )
    if as_json:
        print_json(report)
    else:
        added = report["added"]
        print_table(
            f"Run {report['run']}: {report['kind']}{' (dry run: nothing was changed)' if dry_run else ''}",
            ("read", "subjects added", "claims added", "reports added", "already held", "withdrawn"),
            [
                (
                    report["read"],
                    added["subjects"],
                    added["claims"],
                    added["reports"],
                    report["already_held"],
                    report["withdrawn"],
                )
            ],
        )
        if report["problems"]:
            columns = ("file", "sheet", "row", "column", "severity", "rule")
            print_table("Problems", columns, [[p[c] for c in columns] for p in report["problems"]])
    if any(p["severity"] == "error" for p in report["problems"]):
        raise typer.Exit(1)
