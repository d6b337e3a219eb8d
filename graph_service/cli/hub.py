"""`pmet hub`: decide, with a reason, that no route passes through a subject; and undo it."""

from typing import Annotated

import typer

from graph_service.cli.output import As, Json, Purpose, opened, print_json, progress

app = typer.Typer(
    help="A hub joins too many to make a path: it may be an end of a route, never a middle, unless asked.",
    no_args_is_help=True,
)
Reason = Annotated[str, typer.Option("--reason", help="why; it is kept")]


@app.command()
def add(subject: str, reason: Reason, who: As = "", purpose: Purpose = "", as_json: Json = False) -> None:
    """Decide that no route passes through SUBJECT (a uid or ref:BUNDLE/REF), for everyone who may see it."""
    with opened() as service:
        _say(service.hubs.add(service.viewer(who, purpose), subject, reason), as_json)


@app.command()
def withdraw(subject: str, reason: Reason, who: As = "", purpose: Purpose = "", as_json: Json = False) -> None:
    """Withdraw that decision: from now on routes pass through it again."""
    with opened() as service:
        _say(service.hubs.withdraw(service.viewer(who, purpose), subject, reason), as_json)


def _say(made: dict[str, str], as_json: bool) -> None:
    if as_json:
        print_json(made)
    else:
        progress(", ".join(f"{name}: {value}" for name, value in made.items()))
