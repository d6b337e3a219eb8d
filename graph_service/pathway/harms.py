"""Kinds of harm as words (`data/harms.toml`), and a difference of ages as a fact."""

import datetime as dt
import tomllib
from collections.abc import Iterable
from functools import cache

from graph_service.pathway.instruments import DATA


@cache
def harms() -> dict[str, dict[str, str]]:
    """Give every kind of harm by its word: `label` and `clause`."""
    found: dict[str, dict[str, str]] = tomllib.loads((DATA / "harms.toml").read_text(encoding="utf-8"))["harms"]
    return found


def tells_harm(kinds: Iterable[str]) -> bool:
    """Say whether two people are told together with a harm, by the kinds of their link: suspected exploitation, or a report's own concern."""
    found = {kind.lower() for kind in kinds}
    return "suspected_of_exploiting" in found or any(kind.endswith("_concern") for kind in found)


def older_by_years(one: dt.date | None, than: dt.date | None) -> int | None:
    """
    Give by how many whole years somebody is older than another, below zero where younger; None where either date of birth is not known.

    A fact and no more: 004 App. B notes a difference of over two years between children, and also that a younger child can harm an older one.
    """
    if one is None or than is None:
        return None
    first, second = min(one, than), max(one, than)
    months = (second.year - first.year) * 12 + second.month - first.month - (second.day < first.day)
    return months // 12 if one < than else -(months // 12)


def in_age(years: int | None, kind: str) -> str:
    """Say `older_by_years` of somebody of this kind (`adult`, `child`, `person`), as it stands beside a harm: never a judgement."""
    if years is None:
        return "age not known"
    who = {"adult": "an adult ", "child": "a child "}.get(kind, "")
    if years == 0:
        return f"{who}less than a year apart in age"
    return f"{who}{abs(years)} {'year' if abs(years) == 1 else 'years'} {'older' if years > 0 else 'younger'}"


def range_in_age(least: int, most: int, kind: str) -> str:
    """Say the least and the most of `older_by_years` beside several others."""
    if least == most:
        return in_age(least, kind)
    if least > 0:
        return in_age(most, kind).replace(f"{most} years", f"{least} to {most} years")
    return f"{in_age(least, kind)} to {in_age(most, '')}"
