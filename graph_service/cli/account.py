"""`pmet account`: accounts and API tokens."""

from pathlib import Path
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


@app.command()
def add(
    who: Annotated[str, typer.Argument(help="the sign-in name")],
    name: Annotated[str, typer.Option("--name", help="the person's name, as pages show it")],
    agency: Annotated[str, typer.Option("--agency", help="such as police or social_care")],
    role: Annotated[str, typer.Option("--role", help="coordinator, satellite, intelligence, analyst or school")],
    usual_purpose: Annotated[str, typer.Option("--purpose", help="the purpose that they usually state")],
    password_file: Annotated[
        Path, typer.Option("--password-file", help="a file whose first line is their first password")
    ],
) -> None:
    """Add an account; what it holds beside agency and role is granted with `grant`."""
    with opened() as service:
        service.accounts.add(
            service.operator("add an account"),
            who,
            name=name,
            agency=agency,
            role=role,
            purpose=usual_purpose,
            password_file=password_file,
        )


@app.command()
def grant(
    who: str,
    token: Annotated[str, typer.Argument(help="what is granted, such as handling:C, condition:A1 or team:UID")],
) -> None:
    """Grant an account something to hold, from now on."""
    with opened() as service:
        service.accounts.grant(service.operator("grant"), who, token)


@app.command()
def withdraw(who: str, token: str) -> None:
    """Withdraw what was granted; it ends at the account's next request."""
    with opened() as service:
        service.accounts.withdraw(service.operator("withdraw a grant"), who, token)


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
