"""
What a projection reads of a row, once more on the row itself as a few bytes: one value for the store to fetch where there were eighteen.

A copy is written by the statement that writes its row, and goes with the first thing that changes on it (its end, its sight): whoever finds
none reads the row's own properties. So no copy is older than its row, and what was closed is not kept open in one. `pmet store check`
compares each with its row.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from queries.projection import to_milliseconds

#: Stands for an absent coordinate: `collect` drops absent values and would shift the column.
NOWHERE: Final = 1000.0
_BETWEEN: Final = "\0"
_KINDS: Final = {"i4": "i", "i8": "q", "f8": "d"}


@dataclass(frozen=True)
class Layout:
    """How a row is packed: its numbers, little-endian, each by its name and numpy's word for it; then its texts, a NUL between them."""

    numbers: tuple[tuple[str, str], ...]
    texts: tuple[str, ...]

    @cached_property
    def _struct(self) -> struct.Struct:
        return struct.Struct("<" + "".join(_KINDS[kind] for _, kind in self.numbers))

    def packed(self, row: Mapping[str, Any]) -> bytes | None:
        """Pack a row, its instants in milliseconds; None for one that holds a NUL or a number too large, which is read by its properties."""
        texts = _BETWEEN.join([row[name] for name in self.texts])
        if texts.count(_BETWEEN) != len(self.texts) - 1:
            return None
        try:
            return self._struct.pack(*[row[name] for name, _ in self.numbers]) + texts.encode()
        except struct.error:
            return None

    def unpacked(self, copies: Sequence[bytes]) -> dict[str, Any]:
        """Give the columns of many rows: int64 or float64 arrays, and lists of texts."""
        size, count = self._struct.size, len(self.texts)
        form = np.dtype([(name, f"<{kind}") for name, kind in self.numbers])
        numbers = np.frombuffer(b"".join([copy[:size] for copy in copies]), form)
        columns: dict[str, Any] = {
            name: numbers[name].astype(np.float64 if kind == "f8" else np.int64) for name, kind in self.numbers
        }
        texts = b"\0".join([copy[size:] for copy in copies]).decode().split(_BETWEEN) if copies else []
        return columns | {name: texts[at::count] for at, name in enumerate(self.texts)}


CLAIM: Final = Layout(
    (
        ("seq", "i8"), ("a", "i4"), ("b", "i4"), ("rid", "i4"), ("sight", "i8"), ("known_from", "i8"), ("live_to", "i8"), ("recorded_at", "i8"),
        ("happened_from", "i8"), ("happened_to", "i8"), ("seconds", "f8"),
    ),
    ("claim_id", "role", "event_id", "time_known", "factors"),
)  # fmt: skip
MENTION: Final = Layout(
    (
        ("seq", "i8"), ("nid", "i4"), ("rid", "i4"), ("sight", "i8"), ("known_from", "i8"), ("live_to", "i8"), ("recorded_at", "i8"),
        ("latitude", "f8"), ("longitude", "f8"),
    ),
    ("claim_id", "label", "subkind", "born"),
)  # fmt: skip


def claim_copy(row: Mapping[str, Any]) -> bytes | None:
    """Pack a claim row as the writer has it, with its ends `a` and `b`."""
    return CLAIM.packed(
        {
            **row,
            **_instants(row, "known_from", "live_to", "recorded_at", "happened_from", "happened_to"),
            "factors": factors_text(row["attributes"]),
        }
    )


def mention_copy(row: Mapping[str, Any], nid: int) -> bytes | None:
    """Pack a mention row as the writer has it, with the number of its subject."""
    places = {name: NOWHERE if row[name] is None else row[name] for name in ("latitude", "longitude")}
    known = _instants(row, "known_from", "live_to", "recorded_at")
    return MENTION.packed({**row, **known, **places, "nid": nid, "born": row["date_of_birth"]})


def factors_text(attributes: str) -> str:
    """Give a claim's attributes where they may hold coded words, as `store.claim_changes` does; else nothing."""
    return attributes if '_factors"' in attributes or '"conversation_held"' in attributes else ""


def _instants(row: Mapping[str, Any], *names: str) -> dict[str, int]:
    return {name: to_milliseconds(row[name]) for name in names}
