"""
Figures of places for those who may not open records: one published table of places, and everything else made from what that table shows.

What is published of each place is told by `queries.analysis.published`. Squares, areas and comparisons are added up from the counts that are
shown and from nothing else, so that no square, map, order or other column can tell what a withheld count is.
"""

from collections import defaultdict
from typing import Any, Final

import numpy as np
from osbng.indexing import xy_to_bng

from graph_service.services.answers.asked import Asked
from graph_service.services.answers.publication import STEPS, told_of, window_of
from graph_service.services.boundaries import lsoas
from queries.analysis.areas import areas_of
from queries.analysis.hotspots import CELL_METRES
from queries.analysis.national_grid import eastings_northings
from queries.analysis.published import Published, published_places
from queries.analysis.quarters import Window

_COUNTS: Final = ("events", "children", "reports", "agencies")
_CAVEAT: Final = "Counts below 5 are withheld and shown as none; so are the evidence and the scores."
_FROM_SHOWN: Final = (
    "Squares and areas are added up from the places whose counts are shown; one with only withheld counts shows none."
)
_WHOLE_ONLY: Final = "Children, reports and agencies are published for all that is recorded, and not by quarter."


def withheld(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `places.hotspots` for a viewer without small counts, by the methods ranked, gi and density."""
    window = window_of(asked.values)
    caveats = [told_of(window), STEPS, _CAVEAT, *([] if window.is_whole else [_WHOLE_ONLY])]
    places = _places(asked, window)
    if asked.values["method"] == "ranked":
        return [{"place": asked.subject(at), **figures} for at, figures in places], caveats
    areas: dict[tuple[str, str], list[int | None]] = defaultdict(list)
    for at, figures in places:
        area = _area(asked, at)
        if area is not None:
            areas[area].append(figures["events"])
    rows: list[dict[str, Any]] = []
    for (cell, name), counts in areas.items():
        known = [count for count in counts if count is not None]
        told = {**dict.fromkeys(_COUNTS), "events": sum(known) if known else None, "z": None, "q_value": None}
        rows.append({"cell": cell, **({"name": name} if name else {}), **told, "evidence": []})
    rows.sort(key=lambda row: (-(row["events"] or 0), row["cell"]))
    return rows, [*caveats, _FROM_SHOWN]


def _places(asked: Asked, window: Window) -> list[tuple[int, dict[str, Any]]]:
    """Give the places with what may be shown of each, in an order that follows from that and from their names alone."""
    found: list[tuple[int, dict[str, Any]]] = []
    # Always the same places, whatever the window and the count: who is on the list must not say which of them had an event, or a child, in it.
    for place in published_places(asked.graph, asked.values["layer"]):
        events = events_in(place, window)
        counts = {name: getattr(place, name) for name in _COUNTS} if window.is_whole else dict.fromkeys(_COUNTS)
        if events is None:
            counts = dict.fromkeys(_COUNTS)
        found.append((place.place, {**counts, "events": events, "z": None, "q_value": None, "evidence": []}))
    first = asked.values["count"]
    subjects = asked.graph.subjects
    found.sort(
        key=lambda row: (
            -(row[1][first] or 0), -(row[1]["events"] or 0), subjects[row[0]].label, subjects[row[0]].ref or "", row[0]
        )
    )  # fmt: skip
    return found


def _area(asked: Asked, at: int) -> tuple[str, str] | None:
    """Give the reference and the name of the square or area that a place lies in; None where its position is not known."""
    subject = asked.graph.subjects[at]
    if not subject.has_position:
        return None
    metres = eastings_northings([subject.latitude], [subject.longitude])
    if asked.values["by"] == "lsoa":
        held = lsoas()
        area = int(areas_of(metres, held.polygons)[0])
        return None if area < 0 else (held.codes[area], held.names[area])
    easting, northing = (np.floor(metres[0] / CELL_METRES) * CELL_METRES).astype(int).tolist()
    return str(xy_to_bng(easting, northing, f"{CELL_METRES}m").bng_ref_formatted), ""


def events_in(place: Published, window: Window) -> int | None:
    """Add up what is published of a place in a window; None where nothing is."""
    if window.is_whole:
        return place.events
    return sum(count for quarter, count in place.quarters.items() if quarter in window) or None
