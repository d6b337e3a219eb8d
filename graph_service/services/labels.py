"""
How people are named in a picture for a meeting: in full, by initials or under pseudonyms. Which mode was shown to whom is on the trail.

A mode never shows more than the viewer's role does: whoever sees pseudonyms sees pseudonyms in every mode.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

from graph_service.access import Action, Viewer, require
from graph_service.disclosure import initials
from graph_service.records.audit import Audit, Event
from graph_service.services.parameters import instant
from graph_service.services.visible import VisibleGraphs
from queries.errors import ParameterError, PmetError
from queries.vocabulary import PERSON_KINDS

MODES: Final = ("names", "initials", "pseudonyms", "numbers")
_NOBODY_KNOWS: Final = ("unknown", "unnamed", "unidentified")


class Labels:
    """Names the people of an answer in one mode."""

    def __init__(self, graphs: VisibleGraphs, audit: Audit) -> None:
        self._graphs, self._audit = graphs, audit

    def shown(self, viewer: Viewer, answer: dict[str, Any], mode: str) -> dict[str, Any]:
        """
        Give an answer with its people named in this mode, and record that they were shown so.

        `numbers` leaves the names to the key of the picture.

        Raises
        ------
        ParameterError
            If there is no such mode.
        """
        name = answer["question"]["name"]
        try:
            require(viewer, Action.DRAW_MAP, record_level=True)
            if mode not in MODES:
                raise ParameterError("labels", f"use one of {', '.join(MODES)}")
            known_at = instant("as_known_at", answer["as_known_at"])
            renamed: dict[str, tuple[str, str]] = {}
            rows = _renamed(answer["rows"], self._naming(viewer, mode, known_at), renamed)
        except PmetError as error:
            self._audit.refused(viewer, Action.DRAW_MAP, name, error)
            raise
        self._audit.record(
            Event.DISCLOSURE,
            viewer,
            Action.DRAW_MAP,
            question=name,
            parameters={"labels": mode},
            as_known_at=known_at,
            objects=set(renamed),
        )
        return {**answer, "rows": rows}

    def _naming(self, viewer: Viewer, mode: str, known_at: dt.datetime) -> Callable[[dict[str, Any]], str]:
        if mode == "initials" and viewer.knows_names:
            return lambda subject: subject["label"] if is_unknown(subject["label"]) else initials(subject["label"])
        if mode == "pseudonyms":
            graph = self._graphs.of(viewer, known_at)

            def under_pseudonym(subject: dict[str, Any]) -> str:
                at = graph.position.get(subject["uid"])
                return str(subject["label"]) if at is None else self._graphs.pseudonym_of(graph.subjects[at])

            return under_pseudonym
        return lambda subject: str(subject["label"])


def is_unknown(label: str) -> bool:
    """Say whether a label is a description of somebody whom nobody knows, not a name."""
    return any(word in label.lower() for word in _NOBODY_KNOWS)


def _renamed(
    value: Any,  # noqa: ANN401
    name: Callable[[dict[str, Any]], str],
    renamed: dict[str, tuple[str, str]],
) -> Any:  # noqa: ANN401
    """Give a copy of rows in which people are named so; sentences that name them too."""
    if isinstance(value, list):
        return [_renamed(item, name, renamed) for item in value]
    if not isinstance(value, dict):
        return value
    if {"uid", "kind", "label"} <= value.keys():
        if value["kind"] not in PERSON_KINDS:
            return value
        renamed[value["uid"]] = str(value["label"]), name(value)
        return {**value, "label": renamed[value["uid"]][1]}
    found = {key: _renamed(item, name, renamed) for key, item in value.items()}
    if isinstance(found.get("sentence"), str):
        for was, now in sorted(renamed.values(), key=lambda pair: -len(pair[0])):
            found["sentence"] = found["sentence"].replace(was, now)
    return found
