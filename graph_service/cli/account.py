"""`pmet account`: accounts and API tokens."""

from typing import Annotated

import typer

from graph_service.cli.output import Json, opened, print_json, print_table, progress

app = typer.Typer(help="Accounts and API tokens.", no_args_is_help=True)


@app.command()
def token(
    who: Annotated[str, typer.Argument(help="the account that the token speaks for")],
    purpose: Annotated[str, typer.Option("--purpose", help="what the token is for")],
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="days until it ends")] = 30,
    as_json: Json = False,
) -> None:
    """Make an API token; it is shown once."""
    with opened() as service:
        made = service.accounts.make_token(service.operator("make a token"), who, purpose, days)
    if as_json:
        print_json(made)
    else:
        progress("Keep this; it is not shown again.")
        print_table("Token", list(made), [list(made.values())])


@app.command("list")
def list_accounts(as_json: Json = False) -> None:
    """List the accounts."""
    with opened() as service:
        rows = service.accounts.list(service.operator("list accounts"))
    if as_json:
        print_json(rows)
    else:
        columns = ("account", "name", "agency", "role")
        print_table("Accounts", columns, [[row[c] for c in columns] for row in rows])
