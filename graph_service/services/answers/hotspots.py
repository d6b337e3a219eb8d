"""`places.hotspots`: where the events of a layer gather, by the method that is asked for."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from osbng.indexing import xy_to_bng

from graph_service.access import Viewer
from graph_service.errors import NotPermittedError
from graph_service.services.answers.asked import Asked, iso
from graph_service.services.answers.withheld import withheld
from graph_service.services.boundaries import land, lsoas
from queries.analysis.area_hotspots import AreasFound, gi_areas
from queries.analysis.bursts import SIGNIFICANT, cluster_hotspots, scan_hotspots
from queries.analysis.hotspots import gi_star, ranked_places
from queries.analysis.layers import Counted
from queries.analysis.peaks import CELL_METRES, Peaks, density_peaks
from queries.analysis.periods import end_of_day
from queries.analysis.place_trends import emerging_places
from queries.errors import ParameterError
from queries.projection import VisibleGraph

Rows = list[dict[str, Any]]

#: Parameters that only some methods have, with the value that says nothing.
_OPTIONS: Final[dict[str, tuple[object, frozenset[str]]]] = {
    "by": ("cells", frozenset({"gi"})),
    "against": ("places", frozenset({"gi"})),
    "bandwidth_metres": (400.0, frozenset({"density"})),
    "eps_metres": (250.0, frozenset({"clusters"})),
    "eps_days": (14.0, frozenset({"clusters"})),
    "min_events": (5, frozenset({"clusters"})),
    "weeks": ("any", frozenset({"scan"})),
    "longest_weeks": (16, frozenset({"scan"})),
    "window_days": (28, frozenset({"emerging"})),
}
#: What rests on exact times and places, or on counts too small to be shown, is for those who may open the records.
OF_RECORDS: Final = frozenset({"clusters", "scan", "emerging"})
_BY_CHANCE_TOO: Final = (
    "Usual is what the places of a cluster would have in its days, by their own period and everybody's weeks. Where much is recorded most clusters"
    " are what any busy place has; whether one is a burst beyond chance, the scan tests."
)
_WITH_ITS_NEIGHBOURS: Final = (
    "A square is tested together with the eight round it: one busy place makes up to nine squares stand out, to be read as one."
    " Of squares with q under 0.05 expect about 1 in 20 to be chance; where very much is recorded, places that are always a little busier"
    " stand out too."
)
#: Of a place's windows, in how many it stands out if it is busy always.
_MOSTLY: Final = 0.75
_ONE_IN_TWENTY: Final = (
    "Listed are bursts that fewer than 1 in 20 maps of chance would have anywhere: chance is dealt 999 times, or 199 where there is much to look at,"
    " so that no p is below 0.001 or 0.005. Weeks are counted back from the period's end."
)


def hotspots(asked: Asked) -> tuple[Rows, list[str]]:
    """Answer `places.hotspots`."""
    method = asked.values["method"]
    for name, (default, methods) in _OPTIONS.items():
        if asked.values[name] != default and method not in methods:
            raise ParameterError(name, f"belongs to the method {' or '.join(sorted(methods))}; leave it out here")
    if asked.viewer.small_counts:
        return _METHODS[method](asked)
    if method in OF_RECORDS:
        raise NotPermittedError
    return withheld(asked)


def ranked(asked: Asked) -> tuple[Rows, list[str]]:
    """Give the named places, most first."""
    places = asked.graph.once(ranked_places, **_of(asked))
    return [{"place": asked.subject(place.place), **_figures(place)} for place in places], []


def cells(asked: Asked) -> tuple[Rows, list[str]]:
    """Give squares of the National Grid, or LSOAs, each tested with those round it."""
    if asked.values["by"] == "lsoa":
        return _areas(asked)
    rows = [
        {"cell": square(cell.easting, cell.northing, cell.metres), **_figures(cell, cell.z, cell.q_value)}
        for cell in asked.graph.once(gi_star, **_of(asked), against=asked.values["against"])
    ]
    return rows, [_WITH_ITS_NEIGHBOURS] if rows else []


def peaks(asked: Asked) -> tuple[Rows, list[str]]:
    """Give the tops of the density surface."""
    found = surface_of(asked)
    within = asked.values["bandwidth_metres"]
    rows = [
        {
            "cell": square(peak.easting, peak.northing, int(CELL_METRES)),
            **_figures(peak),
            "per_km2": round(peak.per_km2, 3),
            "within_metres": within,
        }
        for peak in found.peaks
    ]
    caveats = [f"Counts are of what lies within {within:,.0f} m of each peak; two peaks may share events."]
    if found.surface is not None and not found.coast_known:
        caveats.append("No coast is held for this area, so the surface runs over water.")
    if found.surface is not None and found.surface.in_the_sea:
        caveats.append("Events beyond the land that is held here are not in the surface.")
    return rows, caveats


def clusters(asked: Asked) -> tuple[Rows, list[str]]:
    """Give the runs of events that are close in both space and time."""
    names = ("eps_metres", "eps_days", "min_events")
    found, left_out = asked.graph.once(cluster_hotspots, **_of(asked), **{name: asked.values[name] for name in names})
    side = int(CELL_METRES)
    rows = [
        {
            "cell": square(int(one.easting // side) * side, int(one.northing // side) * side, side),
            "places": [asked.subject(at) for at in one.places],
            **_figures(one),
            "radius_metres": round(one.radius_metres),
            "first": iso(one.first),
            "last": iso(one.last),
            "usual": round(one.usual, 2),
            "by_chance": float(f"{one.by_chance:.3g}"),
        }
        for one in found
    ]
    beyond = sum(one.by_chance < SIGNIFICANT for one in found)
    told = (
        [
            f"{beyond} of these {len(found)} have more than chance would make of places and days so busy; they come first."
        ]
        if found
        else []
    )
    return rows, [*told, _BY_CHANCE_TOO, *_without_a_day(left_out)]


def bursts(asked: Asked) -> tuple[Rows, list[str]]:
    """Give the places and weeks with more events than the totals of both explain."""
    found, left_out = asked.graph.once(
        scan_hotspots,
        since=end_of_day(asked.graph.known_at),
        **_of(asked),
        mode="prospective" if asked.values["weeks"] == "now" else "retrospective",
        longest_weeks=asked.values["longest_weeks"],
    )
    rows = [
        {
            "place": asked.subject(one.centre),
            "places": [asked.subject(at) for at in one.places],
            **_figures(one),
            "radius_metres": round(one.radius_metres),
            "first": iso(one.first),
            "last": iso(one.end),
            "observed": one.observed,
            "expected": round(one.expected, 2),
            "log_likelihood_ratio": round(one.log_likelihood_ratio, 4),
            "p_value": one.p_value,
        }
        for one in found
    ]
    return rows, [_ONE_IN_TWENTY, *_without_a_day(left_out)]


def trends(asked: Asked) -> tuple[Rows, list[str]]:
    """Give the places that stand out now or did, each with its class and its counts by window."""
    found = asked.graph.once(
        emerging_places,
        since=end_of_day(asked.graph.known_at),
        **_of(asked),
        window_days=asked.values["window_days"],
    )
    windows = [iso(edge) for edge in found.edges]
    rows = [
        {
            "place": asked.subject(one.place),
            "class": str(one.kind),
            "windows": list(one.windows),
            "window_edges": windows,
            "windows_hot": one.windows_hot,
            "hot_now": one.hot_now,
            **_figures(one, one.z, one.q_value),
            "p_value": round(one.p_value, 9),
            "slope": round(one.slope, 4),
        }
        for one in found.places
    ]
    caveats = ["A class describes what was recorded and predicts nothing; places that never stood out are not listed."]
    if found.places:
        always = sum(place.windows_hot >= _MOSTLY * len(place.windows) for place in found.places)
        once = sum(place.windows_hot == 1 for place in found.places)
        caveats.append(
            f"Of the {len(found.places)} listed, {always} stand out in most windows (places that are always busy, such as a station far off, do) and"
            f" {once} in one window alone, which may be chance: expect about 1 in 20 of all windows named here to be."
        )
    if found.left_out:
        caveats.append(f"{found.left_out} without a time, or known only to a longer time than a window, are left out.")
    return rows, caveats


def _without_a_day(left_out: int) -> list[str]:
    return [f"{left_out} not known to the day are left out of this test of days."] if left_out else []


def surface_of(asked: Asked) -> Peaks:
    """Give the density surface that a viewer's answer and map are made from, no finer than their map shows places."""
    return asked.graph.once(
        _peaks_on_land,
        **_of(asked),
        bandwidth_metres=asked.values["bandwidth_metres"],
        snapped_metres=snapped_metres(asked.viewer),
    )


def _peaks_on_land(graph: VisibleGraph, layer: str, **given: Any) -> Peaks:  # noqa: ANN401  as `density_peaks`
    return density_peaks(graph, layer, land().polygons, **given)


def _gi_of_lsoas(graph: VisibleGraph, layer: str, **given: Any) -> AreasFound:  # noqa: ANN401  as `gi_areas`
    return gi_areas(graph, layer, lsoas().polygons, **given)


def snapped_metres(viewer: Viewer) -> float:
    """Give the side of the squares that a viewer's points are moved to the middle of; 0 for those who see points as recorded."""
    from graph_service.disclosure import precision_for

    return float(precision_for(viewer.role).metres)


def square(easting: int, northing: int, metres: int) -> str:
    """Give the reference of the square of the National Grid whose south-west corner this is, such as `SU 64 00 SW`."""
    return str(xy_to_bng(easting, northing, f"{metres}m").bng_ref_formatted)


def _areas(asked: Asked) -> tuple[Rows, list[str]]:
    held = lsoas()
    found = asked.graph.once(_gi_of_lsoas, **_of(asked), against=asked.values["against"])
    rows = [
        {"cell": held.codes[area.area], "name": held.names[area.area], **_figures(area, area.z, area.q_value)}
        for area in found.areas
    ]
    caveats = ["Areas are the LSOAs of 2011, drawn to have about the same number of residents."]
    if found.outside:
        caveats.append("Events outside the LSOAs that are held (Portsmouth) are not counted.")
    if any(area.is_island for area in found.areas):
        caveats.append("An area without a neighbour is tested on its own.")
    return rows, caveats


_METHODS: Final[Mapping[str, Callable[[Asked], tuple[Rows, list[str]]]]] = {
    "ranked": ranked,
    "gi": cells,
    "density": peaks,
    "clusters": clusters,
    "scan": bursts,
    "emerging": trends,
}


def _of(asked: Asked) -> dict[str, Any]:
    start, end = asked.period_ms
    return {
        "layer": asked.values["layer"],
        "happened_from": start,
        "happened_to": end,
        "count": asked.values["count"],
    }


def _figures(found: Counted, z: float | None = None, q_value: float | None = None) -> dict[str, Any]:
    return {
        "events": found.events,
        "children": found.children,
        "reports": found.reports,
        "agencies": found.agencies,
        "z": None if z is None else round(z, 6),
        "q_value": None if q_value is None else round(q_value, 9),
        "evidence": list(found.evidence),
    }
