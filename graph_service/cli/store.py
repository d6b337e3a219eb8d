"""`pmet store`: the local Neo4j, and whether what is in it is what was written."""

import typer

from graph_service.cli.output import Json, opened, print_json, print_table, progress
from graph_service.settings import load_settings

app = typer.Typer(help="The graph store: status, start, stop, check.", no_args_is_help=True)


@app.command()
def status(as_json: Json = False) -> None:
    """Say whether the store runs, and where."""
    from graph_service.bootstrap import store_status

    found = store_status(load_settings())
    if as_json:
        print_json(found)
    else:
        print_table("Store", list(found), [list(found.values())])


@app.command()
def start(as_json: Json = False) -> None:
    """Start the local store and leave it running; does nothing when it runs."""
    from graph_service.bootstrap import store_start

    found = store_start(load_settings(), progress)
    if as_json:
        print_json(found)


@app.command()
def stop(as_json: Json = False) -> None:
    """Stop the local store; does nothing when it does not run."""
    from graph_service.bootstrap import store_stop

    found = store_stop(load_settings(), progress)
    if as_json:
        print_json(found)


@app.command()
def check(as_json: Json = False) -> None:
    """Read every row and compare it with the census that was kept when it was written; exits 1 when there is a problem."""
    with opened() as service:
        found = service.keeping.check(service.operator("check"))
    if as_json:
        print_json(found)
    else:
        census = found["census"]
        rows = [("subjects", k, n) for k, n in census["subjects"].items()] + [
            ("claims", k, n) for k, n in census["claims"].items()
        ]
        print_table(f"Census {census['hash'][:16]}", ("", "", "count"), [*rows, ("reports", "", census["reports"])])
        for problem in found["problems"]:
            progress(f"PROBLEM: {problem}")
    if found["problems"]:
        raise typer.Exit(1)
