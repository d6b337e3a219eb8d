"""The questions that can be asked, by name: data of `catalogue.toml`, with the Cypher or the analysis behind each."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from queries.errors import UnknownQueryError
from queries.loader import load


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a question. `default` None: it must be given; '' : open."""

    name: str
    type: str
    default: str | None
    meaning: str

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that it may be, or none when it is not a choice."""
        return tuple(self.type.removeprefix("choice:").split(",")) if self.type.startswith("choice:") else ()


@dataclass(frozen=True, slots=True)
class Question:
    """A named question: its meaning in plain English, its parameters, its version and its source."""

    name: str
    version: str
    meaning: str
    source: str
    parameters: tuple[Parameter, ...]
    cypher: tuple[str, ...]
    analysis: str
    record_level: bool
    caveats: tuple[str, ...]

    @property
    def text(self) -> str:
        """The Cypher that is sent, or the name of the analysis that is run on the viewer's visible graph."""
        if self.cypher:
            return "\n\n".join(load(name).text for name in self.cypher)
        return f"analysis: {self.analysis}, on the graph of the claims that the viewer may see"


@cache
def questions() -> dict[str, Question]:
    """Give every question by name, in the order of the catalogue."""
    data = tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8"))
    found = {}
    for subject, asked in data.items():
        for short, row in asked.items():
            parameters = tuple(
                Parameter(name, spec[0], spec[1] if len(spec) == 3 else None, spec[-1])
                for name, spec in row["parameters"].items()
            )
            name = f"{subject}.{short}"
            found[name] = Question(
                name,
                row["version"],
                row["meaning"],
                row["source"],
                parameters,
                tuple(row.get("cypher", ())),
                row.get("analysis", ""),
                row["record_level"],
                tuple(row["caveats"]),
            )
    return found


def question(name: str) -> Question:
    """
    Give the question called `name`.

    Raises
    ------
    UnknownQueryError
        If there is none.
    """
    found: Final = questions().get(name)
    if found is None:
        raise UnknownQueryError(name)
    return found


def listing() -> list[dict[str, Any]]:
    """Give the catalogue as it is shown: of each question its name, version, meaning, source, parameters, text and caveats."""
    return [
        {
            "name": q.name,
            "version": q.version,
            "meaning": q.meaning,
            "source": q.source,
            "parameters": [
                {
                    "name": p.name,
                    "type": p.type,
                    "default": p.default,
                    "required": p.default is None,
                    "meaning": p.meaning,
                }
                for p in q.parameters
            ],
            "text": q.text,
            "caveats": list(q.caveats),
        }
        for q in questions().values()
    ]
