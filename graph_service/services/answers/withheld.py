"""
Hotspots for those who may not open records: one table of places, and everything else made from what that table shows.

Counts below 5 are withheld. Squares and areas are then added up from the counts that are shown and from nothing else, so that no square, map,
order or other column can tell what a withheld count is: whatever it is from 1 to 4, every answer is the same.
"""

from collections import defaultdict
from typing import Any, Final

import numpy as np
from osbng.indexing import xy_to_bng

from graph_service.disclosure import suppress
from graph_service.services.answers.asked import Asked
from graph_service.services.boundaries import lsoas
from queries.analysis.areas import areas_of
from queries.analysis.hotspots import CELL_METRES, ranked_places
from queries.analysis.national_grid import eastings_northings

_COUNTS: Final = ("events", "children", "reports", "agencies")
_CAVEAT: Final = "Counts below 5 are withheld and shown as none; so are the evidence and the scores."
_FROM_SHOWN: Final = (
    "Squares and areas are added up from the places whose counts are shown; one with only withheld counts shows none."
)


def withheld(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `places.hotspots` for a viewer without small counts, by the methods ranked, gi and density."""
    places = _places(asked)
    if asked.values["method"] == "ranked":
        return [{"place": asked.subject(at), **figures} for at, figures in places], [_CAVEAT]
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
    return rows, [_CAVEAT, _FROM_SHOWN]


def _places(asked: Asked) -> list[tuple[int, dict[str, Any]]]:
    """Give the places with what may be shown of each, in an order that follows from that and from their names alone."""
    start, end = asked.period_ms
    found: list[tuple[int, dict[str, Any]]] = []
    # Always every place with an event: who is on the list must not say which of them had a child.
    for place in ranked_places(asked.graph, asked.values["layer"], happened_from=start, happened_to=end):
        counts = {name: suppress(getattr(place, name)) for name in _COUNTS}
        if counts["events"] is None:
            counts = dict.fromkeys(counts)
        found.append((place.place, {**counts, "z": None, "q_value": None, "evidence": []}))
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
