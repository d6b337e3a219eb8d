"""
The instruments as versioned data (`data/instruments/*.toml`): their items in this product's own words, each with the clause that it comes from.

Nothing is scored here (`pathway.scores` does). A licensed form's own text is never in the product: `with_form` puts a partnership's own
form, kept in its own folder, in the place of the counts that stand for it. The format is described in docs/instruments.md.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from graph_service.pathway.errors import PathwayDataError
from queries.errors import ParameterError

DATA: Final = Path(__file__).with_name("data")
CHOICE_WORDS: Final = {
    "yes": "Yes",
    "no": "No",
    "not_known": "Not known",
    "past_6_months": "In the past 6 months",
    "6_to_12_months": "6 to 12 months ago",
    "both": "Both",
    "low": "Low",
    "medium": "Medium",
    "high": "High",
}
MOST_OF_A_KIND: Final = 60  # that a form can have: a number above it is a slip
LONGEST_TEXT: Final = 10_000
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
_FORM_GROUPS: Final = ("vulnerability", "moderate", "significant")
_MOST_BYTES: Final = 1_000_000

Answers = dict[str, "str | int"]


@dataclass(frozen=True, slots=True)
class Item:
    """
    One thing that an instrument asks.

    `kind` is `choice` (one of `choices`; `ticked` where a form shows a box to tick), `number` (0 to 60; `counts_as` is the choice that each
    stands for) or `text`. `below_age` is
    the age in years that the item itself says the child is under. `note` says where the document differs from itself.
    """

    name: str
    label: str
    clause: str
    kind: str = "choice"
    choices: tuple[str, ...] = ("yes", "no", "not_known")
    counts_as: str = ""
    ticked: bool = False
    below_age: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Items that count alike. `points` is what each choice is worth where the instrument adds points."""

    name: str
    title: str
    clause: str
    items: tuple[Item, ...]
    points: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Instrument:
    """
    One version of a tool.

    `kind` says how it is scored: `thresholds` (counts of indicators), `points` (a sum) or `judgement` (not at all). `rules` is the
    rest of its file, as `pathway.scores` reads it.
    """

    name: str
    version: str
    title: str
    source: str
    kind: str
    bands: tuple[str, ...]
    pack: str
    groups: tuple[Group, ...]
    windows: tuple[Mapping[str, Any], ...]
    caveats: tuple[str, ...]
    rules: Mapping[str, Any]

    @property
    def items(self) -> dict[str, Item]:
        """Every item by its name."""
        return {item.name: item for group in self.groups for item in group.items}

    @property
    def judged_bands(self) -> tuple[str, ...]:
        """The bands that a practitioner's judgement is given in: the pathway's own three, whatever the form calls its own."""
        return ("low", "medium", "high")


@cache
def instruments() -> dict[str, Instrument]:
    """
    Give every instrument of the product by its name.

    Raises
    ------
    PathwayDataError
        If a data file does not say what it must.
    """
    found = [_read(path) for path in sorted((DATA / "instruments").glob("*.toml"))]
    return {instrument.name: instrument for instrument in found}


def instrument(name: str, held: Mapping[str, Instrument] | None = None) -> Instrument:
    """
    Give one instrument, of the product or of `held`.

    Raises
    ------
    ParameterError
        If there is none by this name.
    """
    known = instruments() if held is None else held
    if name not in known:
        raise ParameterError("instrument", f"choose one of {', '.join(known)}")
    return known[name]


def with_form(base: Instrument, text: str, file: str) -> Instrument:
    """
    Put a partnership's own form in the place of the counts of an instrument that adds points.

    Raises
    ------
    PathwayDataError
        If the form does not have the format of docs/instruments.md.
    """
    form = _toml(text, file)
    unknown = form.keys() - {"form", "version", "title", *_FORM_GROUPS}
    if unknown or form.get("form") != base.name:
        raise PathwayDataError(
            file, f'it holds form = "{base.name}", version, and tables {", ".join(_FORM_GROUPS)}, and nothing else'
        )
    version = form.get("version")
    if not isinstance(version, str) or not version.strip():
        raise PathwayDataError(file, "version must be a text, such as 2024.1")
    groups, seen = [], set[str]()
    for group in base.groups:
        rows = form.get(group.name, [])
        if not isinstance(rows, list) or not rows or len(rows) > MOST_OF_A_KIND:
            raise PathwayDataError(file, f"{group.name} must have between 1 and {MOST_OF_A_KIND} items")
        choices = (*group.points, "no") if len(group.points) > 1 else ("yes", "no", "not_known")
        items = []
        for at, row in enumerate(rows, 1):
            name, label = _form_item(row, f"{file}, {group.name} {at}")
            if name in seen:
                raise PathwayDataError(
                    f"{file}, {group.name} {at}", "this name was used before; give each item its own"
                )
            seen.add(name)
            items.append(Item(name, label, group.clause, choices=choices, ticked=len(group.points) == 1))
        groups.append(replace(group, items=tuple(items)))
    title = form.get("title", base.title)
    return replace(base, version=f"{base.version}+{version.strip()}", title=str(title), groups=tuple(groups))


def load_forms(folder: Path) -> dict[str, Instrument]:
    """
    Give the instruments, with the forms that a partnership keeps in a folder (one `.toml` file each) in their places.

    Raises
    ------
    PathwayDataError
        If a form cannot be used. Its text is never quoted.
    """
    held = dict(instruments())
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
        if path.stat().st_size > _MOST_BYTES:
            raise PathwayDataError(path.name, "a form is at most 1 MB")
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise PathwayDataError(path.name, "this is not UTF-8 text") from None
        name = _toml(text, path.name).get("form")
        base = instruments().get(name) if isinstance(name, str) else None
        if base is None or base.kind != "points":
            raise PathwayDataError(path.name, "form must name an instrument that adds points: seraf")
        held[base.name] = with_form(base, text, path.name)
    return held


def read_answers(asked: Instrument, given: Mapping[str, Any]) -> Answers:
    """
    Check answers against the items of an instrument; unanswered items are left out.

    A choice may be given as its word, or as true and false for yes and no.

    Raises
    ------
    ParameterError
        If an item is not in the instrument, or its answer is not one that it takes. Names the item, never the answer.
    """
    items = asked.items
    found: Answers = {}
    for name, value in given.items():
        if name not in items:
            raise ParameterError("answers", f"{asked.title} has no such item; its items are listed under /instruments")
        answer = _answer(items[name], value)
        if answer is not None:
            found[name] = answer
    return found


def as_row(one: Instrument) -> dict[str, Any]:
    """Give an instrument as the pages and the API show it."""
    return {
        "name": one.name,
        "version": one.version,
        "title": one.title,
        "source": one.source,
        "kind": one.kind,
        "bands": list(one.bands),
        "judged_bands": list(one.judged_bands),
        "pack": one.pack,
        "groups": [
            {
                "name": group.name,
                "title": group.title,
                "clause": group.clause,
                "points": dict(group.points),
                "items": [
                    {
                        "name": item.name,
                        "label": item.label,
                        "clause": item.clause,
                        "kind": item.kind,
                        "ticked": item.ticked,
                        "choices": [{"value": word, "text": CHOICE_WORDS[word]} for word in item.choices],
                        "note": item.note,
                    }
                    for item in group.items
                ],
            }
            for group in one.groups
        ],
        "windows": [
            {"name": window["name"], "title": window["title"], "clause": window["clause"]} for window in one.windows
        ],
        "caveats": list(one.caveats),
    }


def _answer(item: Item, value: object) -> "str | int | None":
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if value is None or value == "":
        return None
    if item.kind == "number":
        digits = value if isinstance(value, int) else int(value) if isinstance(value, str) and _is_count(value) else -1
        if not 0 <= digits <= MOST_OF_A_KIND:
            raise ParameterError(item.name, f"enter a whole number from 0 to {MOST_OF_A_KIND}")
        return digits
    if item.kind == "text":
        if not isinstance(value, str) or len(value) > LONGEST_TEXT:
            raise ParameterError(item.name, f"enter a text of at most {LONGEST_TEXT:,} characters")
        return value.strip() or None
    if value not in item.choices:
        raise ParameterError(item.name, f"choose one of {', '.join(item.choices)}")
    return str(value)


def _is_count(text: str) -> bool:
    return re.fullmatch(r"\s*[0-9]{1,3}\s*", text) is not None


def _form_item(row: object, where: str) -> tuple[str, str]:
    if not isinstance(row, dict) or row.keys() != {"name", "label"}:
        raise PathwayDataError(where, "an item has a name and a label, and nothing else")
    name, label = row["name"], row["label"]
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise PathwayDataError(
            where, "a name is 1 to 60 small letters, digits and underscores, and starts with a letter"
        )
    if not isinstance(label, str) or not 0 < len(label.strip()) <= 400:
        raise PathwayDataError(where, "a label is a text of 1 to 400 characters")
    return name, label.strip()


def _toml(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise PathwayDataError(file, "this is not TOML; see docs/instruments.md for an example") from None


def _read(path: Path) -> Instrument:
    data = _toml(path.read_text(encoding="utf-8"), path.name)
    try:
        groups = tuple(_group(row) for row in data.pop("groups"))
        windows = tuple(data.pop("windows", ()))
        head = {key: data.pop(key) for key in ("name", "version", "title", "source", "kind", "pack")}
        return Instrument(
            **head,
            bands=tuple(data.pop("bands")),
            groups=groups,
            windows=windows,
            caveats=tuple(data.pop("caveats")),
            rules=data,
        )
    except KeyError as error:
        raise PathwayDataError(path.name, f"{error.args[0]} is missing") from None


def _group(row: dict[str, Any]) -> Group:
    points = row.get("points", {})
    return Group(
        row["name"], row["title"], row["clause"], tuple(_item(item, row["clause"]) for item in row["items"]), points
    )


def _item(row: dict[str, Any], clause: str) -> Item:
    kind = "text" if row.get("text") else "number" if "number" in row else "choice"
    choices = tuple(row.get("choices", ("yes", "no", "not_known"))) if kind == "choice" else ()
    return Item(
        row["name"],
        row["label"],
        row.get("clause", clause),
        kind,
        choices,
        counts_as=row.get("number", ""),
        ticked=kind == "choice" and "choices" not in row,
        below_age=row.get("below_age"),
        note=row.get("note", ""),
    )
