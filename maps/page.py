"""
One self-contained document: what every map and drawing is written as.

The frame says what the picture is, for when, how precise, who may handle it, and holds a table of the same figures. Its content policy names the
hash of each of its own scripts and styles, so nothing that arrives as data can run, and nothing can be fetched.
"""

import base64
import hashlib
import html
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypeAlias

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from maps.errors import MapError

Cell: TypeAlias = str | int | float | None
#: The words of a handling marking, shown as given: "P", "C: A1", "OFFICIAL-SENSITIVE".
Handling: TypeAlias = str

NO_FIGURE = "not shown"


class Precision(StrEnum):
    """How near to the truth a place on a map is."""

    EXACT = "exact"
    SNAPPED = "snapped"
    AREA = "area"

    @property
    def sentence(self) -> str:
        """What a reader needs to know of it."""
        return {
            Precision.EXACT: "Exact points, as recorded",
            Precision.SNAPPED: "Approximate points, not addresses",
            Precision.AREA: "Areas, not addresses",
        }[self]


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of a picture as rows; None is a figure that is not shown, which is not zero."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One line of a legend: a small drawing, made by us and never from data, and its meaning."""

    swatch: Markup
    meaning: str


@dataclass(frozen=True, slots=True)
class LegendBlock:
    """A heading of the legend and its lines; `chart` is a ready drawing below them."""

    heading: str
    entries: Sequence[LegendEntry] = ()
    note: str = ""
    chart: Markup = field(default_factory=Markup)


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands in words round the picture; `precision` is None where nothing is on a map. `dated` is said with the handling on every sheet."""

    title: str
    period: str
    precision: Precision | None
    handling: Handling
    note: str = ""
    made_from: str = ""
    attribution: str = ""
    dated: str = ""


class OfflinePage(ABC):
    """A document that holds all that it needs."""

    @abstractmethod
    def html(self) -> str:
        """Give the whole document; the same input gives the same text."""

    def save(self, path: str | Path) -> Path:
        """Write the document to `path`, as UTF-8, and give the path."""
        target = Path(path)
        target.write_text(self.html(), encoding="utf-8")
        return target

    def _repr_html_(self) -> str:
        """Show the document in a notebook, in a frame that may not reach the notebook."""
        return str(environment().get_template("frame.html").render(document=self.html()))


@dataclass(frozen=True)
class DrawnPage(OfflinePage):
    """A document whose text is ready."""

    document: str

    def html(self) -> str:
        """Give the whole document."""
        return self.document


@cache
def environment() -> Environment:
    """Give the templates of this package: every value escaped, no value missing."""
    return Environment(
        loader=PackageLoader("maps", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def own_text(path: str) -> str:
    """Give a file of this package (`drawing/page.css`) as text."""
    return (Path(__file__).parent / path).read_text(encoding="utf-8")


def assemble(
    facts: Facts,
    picture: Markup,
    *,
    legend: Sequence[LegendBlock] = (),
    tables: Sequence[Table] = (),
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
) -> str:
    """
    Write the document.

    Parameters
    ----------
    facts
        The words round the picture.
    picture
        Markup made by this package, in which every value is already escaped.
    legend, tables
        What the signs mean, and the same figures as rows.
    styles, scripts
        Text of our own style sheets and scripts, in order; each is named in the content policy by its hash.
    """
    sheets = [own_text("drawing/page.css"), *styles]
    return (
        environment()
        .get_template("page.html")
        .render(
            facts=facts,
            picture=picture,
            legend=legend,
            tables=tables,
            styles=[Markup(sheet) for sheet in sheets],  # noqa: S704  our own files
            scripts=[Markup(script) for script in scripts],  # noqa: S704  our own files, and JSON by `script_json`
            policy=content_policy(sheets, scripts),
            no_figure=NO_FIGURE,
        )
    )


def content_policy(styles: Sequence[str], scripts: Sequence[str]) -> str:
    """Give a Content-Security-Policy that allows these texts, pictures inside the document, and nothing else."""

    def hashes(texts: Sequence[str]) -> str:
        names = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts]
        return " ".join(f"'sha256-{name}'" for name in names) or "'none'"

    return (
        f"default-src 'none'; script-src {hashes(scripts)}; style-src {hashes(styles)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def script_json(value: object) -> str:
    """Write a value as JSON that can stand in a script: no text in it can end the script or start a tag."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def policy_of(document: str) -> str:
    """
    Give the content policy of a document of ours, for a server to send as its header too.

    Raises
    ------
    MapError
        If the text is not such a document.
    """
    found = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', document)
    if found is None:
        raise MapError("this document carries no content policy; make it with maps.page.assemble")
    return html.unescape(found[1])
