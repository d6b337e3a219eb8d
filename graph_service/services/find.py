"""Find: is this person, car, number, place or context known, as far as the viewer may see?"""

import datetime as dt
import re
from typing import Any, Final

from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from graph_service.access import Action, Viewer, require
from graph_service.records.audit import Audit
from graph_service.services.visible import VisibleGraphs, as_json, may_open, names_hidden
from graph_service.store.bolt import BoltStore
from graph_service.store.content import LONGEST_IDENTIFIER, compact
from queries.errors import ParameterError, PmetError
from queries.loader import load
from queries.projection import VisibleGraph

_CANDIDATES: Final = 5000
_MOST: Final = 50
_LIKE: Final = 72.0  # of 100: below it a name is not the name that was typed
_LONGEST_TEXT: Final = 200
_SHORTEST_PART: Final = 3  # of a plate, a number or a name: fewer characters fit too many
_BEGINNING: Final = 80.0
_LONG: Final = 6  # a plate or a number with so many characters is still itself with one slip in it
_ONE_SLIP: Final = 85.0
_WORD: Final = re.compile(r"\w+", re.UNICODE)


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
        try:
            graph = self._graphs.of(viewer, known_at)
            found = self._candidates(viewer, graph, words, known_at, text)
        except PmetError as error:
            self._audit.refused(viewer, Action.SEARCH, "find", error)
            raise
        for name in (text.strip(), text.strip().removeprefix("ref:")):
            at = graph.position.get(name, graph.by_ref.get(name))
            if at is not None:
                found[at] = (101.0, "it has this reference")
        if not viewer.may(Action.READ_PERSON):
            found = {at: why for at, why in found.items() if may_open(graph, viewer, at)}
        ordered = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))[:_MOST]
        rows = [{**as_json(graph.subjects[at]), "because": because} for at, (_, because) in ordered]
        shown = {uid for at, _ in ordered for uid in graph.subjects[at].members}
        self._audit.searched(viewer, text, shown)
        return rows

    def _candidates(
        self, viewer: Viewer, graph: VisibleGraph, words: list[str], known_at: dt.datetime, typed: str
    ) -> dict[int, tuple[float, str]]:
        """Draw the visible candidates from the full-text index, and score them."""
        # Words hold only letters, digits and underscores, so no search syntax can come from outside.
        query = " ".join(f"{word} {word}~1 {word}*" if len(word) > 2 else f"{word} {word}*" for word in words)
        wanted = compact(typed)
        if _SHORTEST_PART <= len(wanted) <= LONGEST_IDENTIFIER and any(letter.isdigit() for letter in wanted):
            query += f" identifiers:*{wanted}*"
        sights = self._graphs.padded(self._graphs.sights(viewer))
        nameless = names_hidden(graph, viewer)
        best: dict[int, tuple[float, str]] = {}
        rows = self._store.read(
            load("people.candidates").text,
            {"text": query, "sights": sights, "known_at": known_at, "limit": _CANDIDATES},
            seconds=5,
        )
        for row in rows:
            at = graph.position.get(row["uid"])
            if at is None or nameless[at]:
                continue
            score, because = _likeness(typed, row)
            if score >= _LIKE and score > best.get(at, (0.0, ""))[0]:
                best[at] = (score, because)
        return best


def _likeness(typed: str, row: dict[str, Any]) -> tuple[float, str]:
    """Score the values of one mention against what was typed."""
    name, wanted = default_process(typed), compact(typed)
    scored = [(_alike(name, row["label"]), "the name is alike")]
    scored += [(_alike(name, alias), "a name they are also known by is alike") for alias in row["aliases"]]
    if any(_begins(name, default_process(known or "")) for known in (row["label"], *row["aliases"])):
        scored.append((_BEGINNING, "a name begins with it"))
    for value in row["identifiers"].split():
        plain = compact(value)
        if _contains(plain, wanted):
            scored.append(
                (100.0 if len(wanted) == len(plain) else 90.0, "a number, plate, postcode or handle contains it")
            )
        elif min(len(plain), len(wanted)) >= _LONG and (like := fuzz.ratio(plain, wanted)) >= _ONE_SLIP:
            scored.append((0.9 * like, "a number, plate, postcode or handle is alike"))
    score, because = max(scored)
    return score, "the name is the same" if because == "the name is alike" and score >= 100 else because


def _begins(typed: str, name: str) -> bool:
    """Say whether each word that was typed is the beginning of a word of a name, one of them long enough to mean it."""
    words = typed.split()
    return max(map(len, words), default=0) >= _SHORTEST_PART and all(
        any(known.startswith(word) for known in name.split()) for word in words
    )


def _contains(plain: str, wanted: str) -> bool:
    """Say whether an identifier contains what was typed; a `?` in either stands for one character that was not seen."""
    for start in range(len(plain) - len(wanted) + 1):
        pairs = list(zip(plain[start:], wanted, strict=False))
        if all(a == b or "?" in (a, b) for a, b in pairs) and sum(a == b != "?" for a, b in pairs) >= _SHORTEST_PART:
            return True
    return False


def _alike(typed: str, value: str) -> float:
    """Score from 0 to 100: word order and missing words cost little, a different word costs much."""
    plain = default_process(value or "")
    if not plain:
        return 0.0
    return max(fuzz.token_sort_ratio(typed, plain), 0.97 * fuzz.token_set_ratio(typed, plain), fuzz.ratio(typed, plain))
