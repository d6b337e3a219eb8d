"""
`OfflineMap`: a Folium map that loads nothing from outside and runs nothing that arrives as data.

Folium writes addresses of outside hosts into the page, and HTML from data into pop-ups. So only Leaflet, kept in `maps/vendor`, is put in the
page; an element or a link that is not ours is refused; and the document's content policy would stop both if they came through.
"""

import dataclasses
import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final

import folium
from branca.element import CssLink, Element, Figure, JavascriptLink, MacroElement
from folium.elements import ElementAddToElement
from folium.map import FeatureGroup, LayerControl
from folium.template import Template
from markupsafe import Markup, escape

from maps.drawn import DrawnLayer, Label, Labels
from maps.errors import MapError, UnsafeElementError
from maps.layers import ATTRIBUTION, Bounds, boundaries_near
from maps.page import Facts, LegendBlock, OfflinePage, Table, assemble, environment, own_text

VENDOR: Final = Path(__file__).parent / "vendor"
#: Closest zoom: at 17 a screen is a few streets; nearer than that a shown point would claim more than it knows.
MAX_ZOOM: Final = 17


class OfflineMap(OfflinePage, folium.Map):
    """
    A map that is one document: base layer, legend, scale, north, attribution and a table of its figures.

    Parameters
    ----------
    facts
        The words round the map.
    bounds
        West, south, east and north in degrees (EPSG:4326) of what the map opens on.
    legend, tables
        What the signs mean, and the figures as rows.
    """

    # Folium's header forbids zooming and its html places the map; both are the page template's here.
    _template = Template(
        """
        {% macro script(this, kwargs) %}
            const {{ this.get_name() }} = pmet.map({{ this.get_name()|tojson }}, {{ this.setting|tojson }});
        {% endmacro %}
        """
    )
    default_js = [("leaflet", "vendor:leaflet")]  # noqa: RUF012  Folium reads these from the class
    default_css = [("leaflet_css", "vendor:leaflet_css")]  # noqa: RUF012

    def __init__(
        self, facts: Facts, bounds: Bounds, *, legend: Sequence[LegendBlock] = (), tables: Sequence[Table] = ()
    ) -> None:
        west, south, east, north = bounds
        super().__init__(location=[(south + north) / 2, (west + east) / 2], tiles=None)
        near = boundaries_near(bounds)
        self.facts, self.legend, self.tables = facts, tuple(legend), tuple(tables)
        self.setting = {"bounds": [[south, west], [north, east]], "maxZoom": MAX_ZOOM, "hasLand": near.has_land}
        self._labels: list[Label] = list(near.labels())
        for layer in near.layers():
            layer.add_to(self)

    def group(self, name: str, *, exclusive: bool = False, shown: bool = True) -> FeatureGroup:
        """
        Add a layer that a reader can switch on and off.

        Parameters
        ----------
        name
            Shown as text beside the switch.
        exclusive
            One of several of which one is shown at a time.
        shown
            Whether it is shown at first.
        """
        made = FeatureGroup(name=name, overlay=not exclusive, show=shown)
        made.add_to(self)
        return made

    def name_places(self, labels: Sequence[Label]) -> None:
        """Add names; those that would overlap another wait for a closer zoom."""
        self._labels.extend(labels)

    def html(self) -> str:
        """
        Give the whole document; the same input gives the same text.

        Raises
        ------
        UnsafeElementError
            If an element was added that is not of `maps.drawn`.
        """
        self._children.pop("labels", None)
        self._children.pop("switches", None)
        self.add_child(Labels(self._labels), name="labels")
        if any(isinstance(child, FeatureGroup) for child in self._children.values()):
            self.add_child(_Switches(collapsed=False), name="switches")
        numbers = count()
        for element in _family(self):
            if type(element) not in _PERMITTED and not isinstance(element, OfflineMap | DrawnLayer):
                raise UnsafeElementError(type(element).__name__)
            if not isinstance(element, ElementAddToElement):  # Folium makes these on rendering, and never names them
                element._id = str(next(numbers))  # noqa: SLF001  Folium offers no other way to name an element
        return self._assembled()

    def save(self, path: str | Path) -> Path:  # type: ignore[override]  # Folium's also takes an open file
        """Write the document to `path`, as UTF-8, and give the path."""
        return OfflinePage.save(self, path)

    def _repr_html_(self, **_: object) -> str:
        return OfflinePage._repr_html_(self)

    def _assembled(self) -> str:
        figure = Figure()
        figure.add_child(self)
        figure.render()
        if len(figure.html._children):  # noqa: SLF001
            raise UnsafeElementError("an element with HTML of its own")
        styles, scripts = vendored(figure)
        picture = environment().get_template("map.html").render(name=self.get_name(), title=self.facts.title)
        return assemble(
            dataclasses.replace(self.facts, attribution=self.facts.attribution or ATTRIBUTION),
            Markup(picture),  # noqa: S704  our own template, its values escaped
            legend=self.legend,
            tables=self.tables,
            styles=[*styles, own_text("drawing/map.css")],
            scripts=[*scripts, own_text("drawing/map.js"), figure.script.render()],
        )


class _Switches(LayerControl):
    """The control that switches layers; Leaflet reads their names as HTML, so they are escaped."""

    def render(self, **kwargs: object) -> None:  # type: ignore[override]  # as Folium's does
        """Render as Folium does, then again with the names escaped."""
        LayerControl.render(self, **kwargs)  # type: ignore[no-untyped-call]
        self.base_layers = OrderedDict((str(escape(name)), layer) for name, layer in self.base_layers.items())
        self.overlays = OrderedDict((str(escape(name)), layer) for name, layer in self.overlays.items())
        MacroElement.render(self)  # type: ignore[no-untyped-call]


_PERMITTED: Final = frozenset({FeatureGroup, _Switches, ElementAddToElement})


def vendored(figure: Figure) -> tuple[list[str], list[str]]:
    """
    Give the style sheets and scripts that a rendered figure asks for, from `maps/vendor`.

    Raises
    ------
    UnsafeElementError
        If it asks for one that is not kept there, or puts anything else in the head of the page.
    """
    styles: list[str] = []
    scripts: list[str] = []
    for name, child in figure.header._children.items():  # noqa: SLF001
        if name == "meta_http":
            continue  # Folium's character set; the page template has its own
        if isinstance(child, CssLink):
            styles.append(_asset(name, child.url))
        elif isinstance(child, JavascriptLink):
            scripts.append(_asset(name, child.url))
        else:
            raise UnsafeElementError("an element with a head of its own")
    return styles, scripts


def _asset(name: str, url: str) -> str:
    if url != f"vendor:{name}":
        raise UnsafeElementError(f"the link {name}")
    return _vendored_text(name)


@cache
def _vendored_text(name: str) -> str:
    manifest: dict[str, dict[str, str]] = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
    if name not in manifest:
        raise UnsafeElementError(f"the link {name}")
    text = (VENDOR / manifest[name]["path"]).read_text(encoding="utf-8")
    if hashlib.sha256(text.encode()).hexdigest() != manifest[name]["sha256"]:
        raise MapError(
            f"maps/vendor/{manifest[name]['path']} is not the file that was checked; restore it from the repository"
        )
    return text


def _family(element: Element) -> Iterator[Element]:
    yield element
    for child in element._children.values():  # noqa: SLF001
        yield from _family(child)
