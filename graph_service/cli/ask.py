"""`pmet find`, `pmet ask` and `pmet map`."""

from pathlib import Path
from typing import Annotated

import typer

from graph_service.cli.output import As, Json, KnownAt, Purpose, opened, print_json, print_table, progress, read_pairs
from graph_service.services.parameters import instant
from queries.analysis.naming import listed
from queries.catalogue import listing
from queries.errors import ParameterError

Param = Annotated[
    list[str], typer.Option("--param", help="KEY=VALUE; may be repeated. A subject is a uid or ref:BUNDLE/REF")
]


def find(
    text: Annotated[str, typer.Argument(help="a name, alias, number, plate, place or context")],
    who: As = "",
    purpose: Purpose = "",
    as_json: Json = False,
) -> None:
    """Find people, cars, numbers, places and contexts that are known, best first."""
    with opened() as service:
        rows = service.find(service.viewer(who, purpose), text)
    if as_json:
        print_json(rows)
    else:
        print_table(
            "Found",
            ("label", "kind", "because", "uid"),
            [(r["label"], r["kind"], r["because"], r["uid"]) for r in rows],
        )


def ask(
    name: Annotated[str, typer.Argument(help="the question, such as links.between")] = "",
    param: Param = [],  # noqa: B006  typer reads the default and never changes it
    who: As = "",
    purpose: Purpose = "",
    as_known_at: KnownAt = "",
    show_list: Annotated[bool, typer.Option("--list", help="list the questions that can be asked")] = False,
    as_json: Json = False,
) -> None:
    """Ask a named question."""
    if show_list:
        catalogue = listing()
        if as_json:
            print_json(catalogue)
        else:
            print_table(
                "Questions",
                ("name", "version", "meaning"),
                [(q["name"], q["version"], q["meaning"]) for q in catalogue],
            )
        return
    if not name:
        raise ParameterError("NAME", "give the name of a question; `pmet ask --list` shows them")
    known_at = instant("--as-known-at", as_known_at) if as_known_at else None
    with opened() as service:
        answer = service.questions.ask(service.viewer(who, purpose), name, read_pairs(param), as_known_at=known_at)
    if as_json:
        print_json(answer)
        return
    rows = answer["rows"]
    columns = list(rows[0]) if rows else []
    print_table(answer["question"]["meaning"], columns, [[_cell(row[c]) for c in columns] for row in rows])
    for caveat in answer["caveats"]:
        progress(f"Note: {caveat}")


def draw_map(
    name: Annotated[
        str, typer.Argument(help="places.hotspots, peers.network, episodes.co_missing, contexts.map or people.map")
    ],
    out: Annotated[Path, typer.Option("--out", help="the file to write: one self-contained page")],
    param: Param = [],  # noqa: B006  typer reads the default and never changes it
    who: As = "",
    purpose: Purpose = "",
    as_known_at: KnownAt = "",
) -> None:
    """Draw a map as one file that fetches nothing from outside."""
    known_at = instant("--as-known-at", as_known_at) if as_known_at else None
    with opened() as service:
        page = service.maps.html(service.viewer(who, purpose), name, read_pairs(param), known_at)
    out.write_text(page, encoding="utf-8")
    progress(f"written: {out}")


def _cell(value: object) -> object:
    if isinstance(value, dict):
        return value.get("label") or ", ".join(f"{k}: {_cell(v)}" for k, v in value.items())
    if isinstance(value, list):
        return listed([str(_cell(item)) for item in value])
    return value
