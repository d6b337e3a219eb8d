"""
The service at hand in a notebook: named questions and maps as one person, each recorded like everybody's, with its caveats told once.

What the person may not see does not exist in the answers. Nothing is fetched from outside.
"""

from typing import Any, Final

import pandas as pd

import maps
from graph_service.access import Viewer
from graph_service.bootstrap import Service, bootstrap
from graph_service.services.parameters import instant
from graph_service.settings import load_settings

_WHOLE: Final = {"display.max_colwidth": None, "display.max_rows": 100, "display.width": 140}


class Desk:
    """A person's place at the service: `service` and `viewer` for what is not asked by a name. Close it when done."""

    def __init__(self, service: Service, who: str, purpose: str = "") -> None:
        self.service, self.viewer = service, service.viewer(who, purpose)
        self._purpose = purpose
        self._told: set[str] = set()

    def ask(self, name: str, *, who: str = "", **parameters: str) -> dict[str, Any]:
        """
        Ask a named question, as somebody else with `who`, and say how it was answered. `start` and `end` are the question's `from` and `to`.

        Raises
        ------
        PmetError
            As the question.
        """
        given = {{"start": "from", "end": "to"}.get(key, key): value for key, value in parameters.items()}
        answer = self.service.questions.ask(self._seen_by(who), name, given, as_known_at=None)
        rows, version = answer["rows"], answer["question"]["version"]
        as_who = f", as {who}" if who else ""
        told = [
            f"{name} version {version}{as_who}: {len(rows)} {'row' if len(rows) == 1 else 'rows'}, {known_at(answer)}"
        ]
        told += [f"  {caveat}" for caveat in answer["caveats"] if caveat not in self._told]
        self._told.update(answer["caveats"])
        print("\n".join(told))  # noqa: T201  a cell shows it
        return answer

    def draw(self, name: str, **parameters: str) -> maps.DrawnPage:
        """Draw a map of the service as one document that fetches nothing."""
        return maps.DrawnPage(self.service.maps.html(self.viewer, name, parameters, None))

    def close(self) -> None:
        """Let go of the store."""
        self.service.close()

    def _seen_by(self, who: str) -> Viewer:
        return self.service.viewer(who, self._purpose) if who else self.viewer


def open_as(who: str, purpose: str = "") -> Desk:
    """Open the service that is set up here as one of its accounts or personas, and let tables show whole sentences."""
    for option, value in _WHOLE.items():
        pd.set_option(option, value)
    return Desk(bootstrap(load_settings()), who, purpose)


def made_from(answer: dict[str, Any]) -> str:
    """Say which question and version a figure was made from, and as known at which moment."""
    return f"{answer['question']['name']} version {answer['question']['version']}, {known_at(answer)}"


def known_at(answer: dict[str, Any]) -> str:
    """Say as known at which moment an answer is, by the minute in UTC."""
    return f"as known at {instant('as_known_at', answer['as_known_at']):%d %B %Y %H:%M} UTC"


def q_in_words(q_value: float | None) -> str:
    """Write a false discovery rate as a meeting reads it."""
    if q_value is None:
        return "not known"
    return "under 0.001" if q_value < 0.001 else f"{q_value:.3f}"
