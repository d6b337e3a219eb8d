"""Find: is this person, car, number, place or context known, as far as the viewer may see?"""

import datetime as dt
import re
from typing import Any, Final

from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from graph_service.access import Action, Viewer, require
from graph_service.records.audit import Audit
from graph_service.services.visible import VisibleGraphs, as_json
from graph_service.store.bolt import BoltStore
from queries.errors import ParameterError, PmetError
from queries.loader import load
from queries.projection import VisibleGraph
from queries.vocabulary import PERSON_KINDS

_PAGE: Final = 500
_PAGES: Final = 20
_MOST: Final = 50
_LIKE: Final = 72.0  # of 100: below it a name is not the name that was typed
_LONGEST_TEXT: Final = 200
_WORD: Final = re.compile(r"\w+", re.UNICODE)
_HIDDEN_UNDER_PSEUDONYMS: Final = PERSON_KINDS | {"account", "vehicle"}


class Find:
    """Searches the text of visible mentions; the order is by likeness to visible values only."""

    def __init__(self, store: BoltStore, graphs: VisibleGraphs, audit: Audit) -> None:
        self._store, self._graphs, self._audit = store, graphs, audit

    def find(self, viewer: Viewer, text: str, *, as_known_at: dt.datetime | None = None) -> list[dict[str, Any]]:
        """
        List the subjects whose visible names or identifiers are like `text`, best first, each with its `because`.

        Raises
        ------
        ParameterError
            If the text is empty or longer than 200 characters.
        """
        words = _WORD.findall(text.casefold())
        try:
            require(viewer, Action.SEARCH)
            if not words or len(text) > _LONGEST_TEXT:
                raise ParameterError("text", f"type a name, number or place of up to {_LONGEST_TEXT} characters")
        except PmetError as error:
            self._audit.refused(viewer, Action.SEARCH, "find", error)
            raise
        known_at = as_known_at or dt.datetime.now(dt.UTC)
        graph = self._graphs.of(viewer, known_at)
        found = self._candidates(viewer, graph, words, known_at, default_process(text))
        for name in (text.strip(), text.strip().removeprefix("ref:")):
            at = graph.position.get(name, graph.by_ref.get(name))
            if at is not None:
                found[at] = (101.0, "it has this reference")
        ordered = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))[:_MOST]
        rows = [{**as_json(graph.subjects[at]), "because": because} for at, (_, because) in ordered]
        shown = {uid for at, _ in ordered for uid in graph.subjects[at].members}
        self._audit.searched(viewer, text, shown)
        return rows

    def _candidates(
        self, viewer: Viewer, graph: VisibleGraph, words: list[str], known_at: dt.datetime, typed: str
    ) -> dict[int, tuple[float, str]]:
        """Draw candidates from the full-text index until a page brings nothing more, and score the visible ones."""
        # Words hold only letters, digits and underscores, so no search syntax can come from outside.
        query = " ".join(f"{word} {word}~1 {word}*" if len(word) > 2 else f"{word} {word}*" for word in words)
        sights = self._graphs.padded(self._graphs.sights(viewer))
        best: dict[int, tuple[float, str]] = {}
        for page in range(_PAGES):
            rows = self._store.read(
                load("people.candidates").text,
                {"text": query, "sights": sights, "known_at": known_at, "skip": page * _PAGE, "limit": _PAGE},
                seconds=5,
            )
            for row in rows:
                at = graph.position.get(row["uid"]) if row["visible"] else None
                if at is None or (viewer.pseudonyms and graph.subjects[at].kind in _HIDDEN_UNDER_PSEUDONYMS):
                    continue
                score, because = _likeness(typed, row)
                if score >= _LIKE and score > best.get(at, (0.0, ""))[0]:
                    best[at] = (score, because)
            if len(rows) < _PAGE or len(best) >= _MOST:
                break
        return best


def _likeness(typed: str, row: dict[str, Any]) -> tuple[float, str]:
    """Score the values of one mention against what was typed (already lower-cased and stripped)."""
    scored = [(_alike(typed, row["label"]), "the name is alike")]
    scored += [(_alike(typed, alias), "a name they are also known by is alike") for alias in row["aliases"]]
    for value in row["identifiers"].split():
        plain, wanted = re.sub(r"\W", "", value.casefold()), re.sub(r"\W", "", typed)
        if len(wanted) >= 3 and wanted in plain:
            scored.append((100.0 if wanted == plain else 90.0, "a number, plate, postcode or handle contains it"))
    score, because = max(scored)
    return score, "the name is the same" if because == "the name is alike" and score >= 100 else because


def _alike(typed: str, value: str) -> float:
    """Score from 0 to 100: word order and missing words cost little, a different word costs much."""
    plain = default_process(value or "")
    if not plain:
        return 0.0
    return max(fuzz.token_sort_ratio(typed, plain), 0.97 * fuzz.token_set_ratio(typed, plain), fuzz.ratio(typed, plain))
