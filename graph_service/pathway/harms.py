"""Kinds of harm as words (`data/harms.toml`), and a difference of ages as a fact."""

import datetime as dt
import tomllib
from functools import cache

from graph_service.pathway.instruments import DATA


@cache
def harms() -> dict[str, dict[str, str]]:
    """Give every kind of harm by its word: `label` and `clause`."""
    found: dict[str, dict[str, str]] = tomllib.loads((DATA / "harms.toml").read_text(encoding="utf-8"))["harms"]
    return found


def age_difference(one: dt.date | None, other: dt.date | None) -> str:
    """
    Say how far apart two dates of birth are, in whole years and months; empty where either is not known.

    A fact and no more: 004 App. B notes a difference of over two years between children, and also that a younger child can harm an older one.
    """
    if one is None or other is None:
        return ""
    first, second = min(one, other), max(one, other)
    months = (second.year - first.year) * 12 + second.month - first.month - (second.day < first.day)
    years, rest = divmod(months, 12)
    parts = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in ((years, "year"), (rest, "month")) if n]
    return f"{' and '.join(parts)} apart in age" if parts else "less than a month apart in age"
