"""
Who a row is when it brings no key of its own: its content, and its ordinal among equal rows of its file.

The same rows in another file, or in another order, have the same identities; of two files, the one with more copies of a row adds
what the other lacks.
"""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence


def normalised(cell: str) -> str:
    """Give a cell as it counts for identity: NFC, white space at the ends and in runs made one space. Case stays."""
    return " ".join(unicodedata.normalize("NFC", cell).split())


def content_key(cells: Sequence[str]) -> str:
    """Give the SHA-256 of a row's cells, in hexadecimal. The cells are told apart, so that `a, b` is not `ab`."""
    text = "\x1f".join(normalised(cell) for cell in cells)
    return hashlib.sha256(text.encode()).hexdigest()


def content_keys(rows: Iterable[Sequence[str]]) -> list[str]:
    """Give each row of one file its identity: its content, and `-2`, `-3` … from the second equal row on."""
    seen: Counter[str] = Counter()
    keys = []
    for row in rows:
        key = content_key(row)
        seen[key] += 1
        keys.append(key if seen[key] == 1 else f"{key}-{seen[key]}")
    return keys
