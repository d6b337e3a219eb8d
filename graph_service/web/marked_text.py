"""The text of a report with the names in it marked, so that a reader sees whom it mentions. Nothing is ever changed in it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from graph_service.web.seam import Row


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, and the subject that it names or none."""

    text: str
    subject: Row | None


def marked(text: str, mentions: Iterable[Row]) -> list[Piece]:
    """
    Cut a text at the labels of its mentions; the pieces joined are the text again.

    Parameters
    ----------
    text
        As submitted.
    mentions
        Rows with `label`, as this report writes it, and `subject`.
    """
    named = {row["label"].casefold(): row["subject"] for row in mentions if row.get("label")}
    if not text or not named:
        return [Piece(text, None)] if text else []
    # The longest first: "Ana Exampleby" is one name, not "Ana" and a rest.
    ways = "|".join(re.escape(name) for name in sorted(named, key=lambda name: (-len(name), name)))
    pieces: list[Piece] = []
    end = 0
    for found in re.finditer(rf"(?<!\w)(?:{ways})(?!\w)", text, re.IGNORECASE):
        subject = named.get(found.group().casefold())
        if subject is None:
            continue
        if found.start() > end:
            pieces.append(Piece(text[end : found.start()], None))
        pieces.append(Piece(found.group(), subject))
        end = found.end()
    if end < len(text):
        pieces.append(Piece(text[end:], None))
    return pieces
