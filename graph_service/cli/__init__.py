"""The command line `pmet`: parse, call one service, print. Answers go to standard output, progress and advice to standard error."""

import sys

import typer

from graph_service.cli import account, ask, audit, hub, ingest, same_as, serve, store
from graph_service.errors import UnavailableError
from ingest.errors import UnknownKindError
from queries.errors import ParameterError, PmetError, UnknownQueryError

DONE, REFUSED, WRONG_USE, UNAVAILABLE = 0, 1, 2, 3

app = typer.Typer(
    name="pmet",
    help="Contextual safeguarding graph and mapping service: one graph of claims for a multi-agency partnership.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(store.app, name="store")
app.add_typer(audit.app, name="audit")
app.add_typer(account.app, name="account")
app.add_typer(same_as.app, name="same-as")
app.add_typer(hub.app, name="hub")
app.command("ingest")(ingest.ingest)
app.command("find")(ask.find)
app.command("ask")(ask.ask)
app.command("map")(ask.draw_map)
app.command("serve")(serve.serve)
app.command("demo")(serve.demo)


def main() -> None:
    """Run the command line; errors become a sentence on standard error and an exit code."""
    try:
        app()
    except (ParameterError, UnknownQueryError, UnknownKindError) as error:
        _tell(error, WRONG_USE)
    except UnavailableError as error:
        _tell(error, UNAVAILABLE)
    except PmetError as error:
        _tell(error, REFUSED)
    except KeyboardInterrupt:
        sys.exit(130)


def _tell(error: PmetError, code: int) -> None:
    sys.stderr.write(f"pmet: {error}\n")
    sys.exit(code)
