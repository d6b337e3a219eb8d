"""The purposes that people choose from on entry, and the statement that they accept: data in `purposes.toml`."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Statement:
    """A confidentiality statement: its version, and what it says in paragraphs. A new version is accepted anew."""

    version: str
    title: str
    text: tuple[str, ...]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("purposes.toml").read_text(encoding="utf-8"))


def purposes() -> dict[str, str]:
    """Give the purposes: a short code to what people read, in the order of the list."""
    return dict(_data()["purposes"])


def statement() -> Statement:
    """Give the confidentiality statement in force."""
    found = _data()["statement"]
    return Statement(found["version"], found["title"], tuple(found["text"]))
