"""`pmet same-as`: say, with a reason, that two subjects are the same; and undo it."""

from collections.abc import Mapping
from typing import Annotated

import typer

from graph_service.cli.output import As, Json, Purpose, opened, print_json, progress

app = typer.Typer(
    help="That two subjects are the same is a claim, made by a person or a named rule; nobody is merged.",
    no_args_is_help=True,
)
Reason = Annotated[str, typer.Option("--reason", help="why; it is kept")]


@app.command()
def add(a: str, b: str, reason: Reason, who: As = "", purpose: Purpose = "", as_json: Json = False) -> None:
    """Claim that A and B (a uid or ref:BUNDLE/REF each) are the same."""
    with opened() as service:
        made = service.same_as.add(service.viewer(who, purpose), a, b, reason)
    _say(made, as_json)


@app.command()
def withdraw(claim: str, reason: Reason, who: As = "", purpose: Purpose = "", as_json: Json = False) -> None:
    """Withdraw such a claim: the two are apart again, as if it had not been made, from now on."""
    with opened() as service:
        made = service.same_as.withdraw(service.viewer(who, purpose), claim, reason)
    _say(made, as_json)


@app.command()
def exact(as_json: Json = False) -> None:
    """Claim by one named rule that vehicles or accounts with exactly the same identifier are the same."""
    with opened() as service:
        made = service.same_as.by_exact_identifiers(service.operator("match exact identifiers"))
    _say(made, as_json)


def _say(made: Mapping[str, object], as_json: bool) -> None:
    if as_json:
        print_json(made)
    else:
        progress(", ".join(f"{name}: {value}" for name, value in made.items()))
