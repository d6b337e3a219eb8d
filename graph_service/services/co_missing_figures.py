"""The figures behind the map of co-missing children: the places that two absences have in common, for one audience."""

from collections import defaultdict
from typing import Any, Final

import geopandas as gpd
import pandas as pd

import maps
from graph_service.disclosure import Precision, rounded_down, shown_point
from queries.analysis.chance import LEVEL
from queries.analysis.co_missing import find_co_missing
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, VisibleGraph, to_milliseconds

WGS84: Final = "EPSG:4326"
CELL_METRES: Final = 500
MOST_PLACES: Final = 25
PARTS: Final = {
    "found_at": "both found here",
    "last_seen": "both last seen here",
    "missing_from": "both missing from here",
}


def places_in_common(
    graph: VisibleGraph, values: dict[str, Any], precision: Precision, *, small_counts: bool
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, list[str], set[str]]:
    """
    Count the meetings at each place that both absences have in common, and by square of the National Grid. A home is never among them.

    Parameters
    ----------
    graph, values
        What the viewer may see, and the values of `episodes.co_missing`.
    precision
        How closely this audience is shown a place; none is listed where that is an area.
    small_counts
        Whether this audience is shown counts below five.

    Returns
    -------
    cells, places, uids, evidence
        As `maps.co_missing_map` takes them (EPSG:4326), the uids of the places listed, and the claims behind what is drawn.

    Raises
    ------
    ParameterError
        As the question.
    """
    start, end = (
        to_milliseconds(values[n]) if values[n] else d for n, d in (("from", FAR_PAST_MS), ("to", FAR_FUTURE_MS))
    )
    found = graph.once(
        find_co_missing,
        since=graph.known_at,
        happened_from=start,
        happened_to=end,
        within_metres=values["within_metres"],
        min_overlap_minutes=values["min_overlap_minutes"],
        within_hours=values["within_hours"],
    )
    meetings: dict[tuple[int, str], int] = defaultdict(int)
    pairs: dict[tuple[int, str], set[tuple[int, int]]] = defaultdict(set)
    findings: dict[tuple[int, str], set[tuple[int, int]]] = defaultdict(set)
    evidence: set[str] = set()
    for pair in found.pairs:
        if pair.together:
            evidence.update(pair.evidence)
        for part, place, _ in pair.together:
            if graph.subjects[place].has_position and not graph.homes[place]:
                meetings[place, part] += 1
                pairs[place, part].add((pair.a, pair.b))
                if pair.q_value is not None and pair.q_value < LEVEL:
                    findings[place, part].add((pair.a, pair.b))
    ranked = sorted(meetings, key=lambda at: (-len(findings[at]), -meetings[at], at))
    spots = [graph.subjects[at[0]] for at in ranked for _ in range(meetings[at])]
    points = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy([s.longitude for s in spots], [s.latitude for s in spots]), crs=WGS84
    )
    cells = maps.grid_cells(points, CELL_METRES)
    if not small_counts:
        cells["events"] = pd.array([rounded_down(int(n)) for n in cells["events"]], dtype="object")
    shown = []
    if precision is not Precision.AREA:
        for at in ranked[:MOST_PLACES]:
            spot = graph.subjects[at[0]]
            point = shown_point(spot.latitude, spot.longitude, precision)
            if point is not None:
                shown.append((at, spot, point))
    places = gpd.GeoDataFrame(
        {
            "label": [spot.label for _, spot, _ in shown],
            "part": [PARTS[at[1]] for at, _, _ in shown],
            "meetings": [meetings[at] for at, _, _ in shown],
            "pairs": [len(pairs[at]) for at, _, _ in shown],
            "findings": [len(findings[at]) for at, _, _ in shown],
        },
        geometry=gpd.points_from_xy([point[1] for *_, point in shown], [point[0] for *_, point in shown]),
        crs=WGS84,
    )
    return cells, places, sorted({uid for _, spot, _ in shown for uid in spot.members}), evidence
