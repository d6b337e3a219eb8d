"""Named Cypher: a file a query, whose header is a promise that is checked when it is loaded."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from queries.errors import QueryHeaderError, UnknownQueryError

ROOT: Final = Path(__file__).parent
_HEADER: Final = re.compile(r"^// (\w+): (.+)$", re.MULTILINE)
_PARAMETER: Final = re.compile(r"\$(\w+)")
_FIELDS: Final = frozenset({"doc", "params", "returns", "mode", "source", "version"})
_NAME: Final = re.compile(r"[a-z_]+(\.[a-z_]+)+")


@dataclass(frozen=True, slots=True)
class Query:
    """A named query: its text as it is sent, and what its header says of it."""

    name: str
    text: str
    doc: str
    mode: str
    source: str
    version: str


@cache
def load(name: str) -> Query:
    """
    Load the query called `name`, which is its path below `queries/` with dots.

    Raises
    ------
    UnknownQueryError
        If no file has this name.
    QueryHeaderError
        If a header field is missing, or declared and used parameters differ.
    """
    path = ROOT / f"{name.replace('.', '/')}.cypher"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise UnknownQueryError(name)
    text = path.read_text(encoding="utf-8")
    header = dict(_HEADER.findall(text))
    if missing := _FIELDS - header.keys():
        raise QueryHeaderError(name, f"missing {', '.join(sorted(missing))}")
    declared = {item.split()[0] for item in header["params"].split(", ")}
    body = "\n".join(line for line in text.splitlines() if not line.startswith("//"))
    if declared != (used := set(_PARAMETER.findall(body))):
        raise QueryHeaderError(name, f"declares {sorted(declared)}, uses {sorted(used)}")
    return Query(name, text, header["doc"], header["mode"], header["source"], header["version"])
