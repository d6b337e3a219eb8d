"""`pmet serve` and `pmet demo`: the pages and the API on this machine."""

from typing import Annotated

import typer

from graph_service.cli.output import progress
from graph_service.settings import load_settings


def serve() -> None:
    """Serve the pages and the API until Ctrl-C; the local store that it starts stops with it."""
    from graph_service.web.server import run  # the web framework is slow to import and no other command needs it

    run(load_settings(), progress)


def demo(
    size: Annotated[
        str, typer.Option(help="city (1,600 missing episodes a year), force (10,000) or london (100,000)")
    ] = "city",
    build_only: Annotated[bool, typer.Option("--build-only", help="build the city and stop")] = False,
) -> None:
    """Build the invented demonstration city, bring in the real street crimes of Portsmouth, and serve it."""
    from graph_service.web.server import run

    run(load_settings(), progress, demonstration=size, serve=not build_only)
