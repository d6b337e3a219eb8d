"""`pmet audit`: who looked, and whether the trail is whole."""

from typing import Annotated

import typer

from graph_service.cli.output import Json, opened, print_json, print_table

app = typer.Typer(help="The audit trail: verify, who-looked-at.", no_args_is_help=True)


@app.command()
def verify(as_json: Json = False) -> None:
    """Check every entry of the trail against its chain; exits 1 when something was changed, removed or added."""
    with opened() as service:
        found = service.audit.verify(service.operator("verify the audit trail"))
    if as_json:
        print_json(found)
    else:
        print_table(
            "Audit trail",
            ("entries", "whole", "problems"),
            [(found["entries"], found["whole"], "; ".join(map(str, found["problems"])))],
        )
    if not found["whole"]:
        raise typer.Exit(1)


@app.command("who-looked-at")
def who_looked_at(
    subject: Annotated[str, typer.Argument(help="a uid, or ref:BUNDLE/REF")], as_json: Json = False
) -> None:
    """List who looked at a subject, when and why, latest first."""
    with opened() as service:
        rows = service.audit.who_looked_at(service.operator("who looked at a subject"), subject)
    if as_json:
        print_json(rows)
    else:
        columns = ("at", "account", "role", "purpose", "action", "question")
        print_table("Looked at", columns, [[row.get(c) for c in columns] for row in rows])
