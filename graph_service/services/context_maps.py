"""The figures behind the maps of one place, one person and one context, made coarse and suppressed for their audience before anything is drawn."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

import maps
from graph_service.access import Viewer
from graph_service.disclosure import Precision, precision_for, rounded_down, shown_point
from graph_service.services.contexts import Contexts
from graph_service.services.contexts.life_cycle import review_after
from graph_service.services.contexts.sharing import in_words
from maps.page import Handling
from queries.analysis.episodes import episodes
from queries.analysis.layers import rows_of_subject, timed
from queries.errors import ParameterError
from queries.projection import VisibleGraph, to_instant, to_milliseconds
from queries.vocabulary import PERSON_KINDS, TYPE_CODES

WGS84: Final = "EPSG:4326"
GRID: Final = "EPSG:27700"
AROUND_METRES: Final = 1000
_SQUARE_METRES: Final = 100


@dataclass(frozen=True)
class Looked:
    """Who looks at what: the viewer, their graph, the moment it is known at, and the words that go on the map. `shown` gathers uids."""

    viewer: Viewer
    graph: VisibleGraph
    known_at: dt.datetime
    made_from: str
    shown: set[str]

    @property
    def precision(self) -> Precision:
        """How closely places are shown to this viewer."""
        return precision_for(self.viewer.role)

    @property
    def handling(self) -> Handling:
        """The strictest marking that this viewer could have been shown."""
        return "C" if "handling:C" in self.viewer.held else "P"


def place_map(looked: Looked, at: int) -> str:
    """Draw what happened around a place by part of the day, and the safe places near it. Somebody's home is refused."""
    graph = looked.graph
    place = graph.subjects[at]
    if graph.homes[at]:
        raise ParameterError("subject", "somebody's home is not drawn; its table is on its page")
    if place.kind != "location" or not place.has_position:
        raise ParameterError("subject", "only a place whose position is known can be drawn; others have their table")
    rows = [row for row in timed(graph, graph.of_type("AT").tolist()) if not graph.homes[graph.claims.b[row]]]
    centre = gpd.GeoSeries(gpd.points_from_xy([place.longitude], [place.latitude]), crs=WGS84).to_crs(GRID).iloc[0]
    near = _near(_incidents(graph, rows), centre), _near(_safe_places(looked, _safe_rows(graph)), centre)
    looked.shown.update(place.members)
    drawn = maps.context_map(
        None,
        _by_hours(looked, near[0]),
        near[1],
        title=place.label,
        period="all that is recorded",
        precision=str(looked.precision),
        handling=looked.handling,
        note=f"Events at public places within {AROUND_METRES} m, counted by {_SQUARE_METRES} m square.",
        made_from=looked.made_from,
    )
    return drawn.html()


def person_map(looked: Looked, at: int) -> str:
    """Draw where a person is recorded, by part of the day, and where they are safe; nobody's home is drawn."""
    graph, claims = looked.graph, looked.graph.claims
    person = graph.subjects[at]
    if person.kind not in PERSON_KINDS:
        raise ParameterError("subject", "this map is of a person; a place has contexts.map")
    own = claims.a == at
    seen = np.flatnonzero(own & (claims.type == TYPE_CODES["SEEN_AT"])).tolist()
    rows = timed(graph, sorted([*rows_of_subject(graph, at), *(row for row in seen if not graph.homes[claims.b[row]])]))
    safe = [row for row in _safe_rows(graph) if own[row]]
    looked.shown.update(person.members)
    drawn = maps.context_map(
        None,
        _by_hours(looked, _incidents(graph, rows)),
        _safe_places(looked, safe),
        title=f"Places of {person.label}",
        period="all that is recorded with an hour",
        precision=str(looked.precision),
        handling=looked.handling,
        note=f"Counted by {_SQUARE_METRES} m square; homes are not drawn.",
        made_from=looked.made_from,
    )
    return drawn.html()


def case_map(looked: Looked, contexts: Contexts, uid: str, *, as_known_at: dt.datetime | None) -> str:
    """
    Draw a context as a case: its area, what happens in it by part of the day, routes, what changed since the plan, safe places and guardians.

    What is in it are its places, and whatever public place lies in its area. Raises ParameterError where it has neither a place nor an area.
    """
    viewer = replace(looked.viewer, known_at=as_known_at) if as_known_at else looked.viewer
    context = contexts.get(viewer, uid)
    graph = looked.graph
    area = _area(context)
    inside = _places_of(graph, context, area)
    if area is None and not inside:
        raise ParameterError(
            "subject", "this context has no place or area that can be drawn; its tables are on its page"
        )
    rows = [row for row in timed(graph, graph.of_type("AT").tolist()) if int(graph.claims.b[row]) in inside]
    incidents = _incidents(graph, rows)
    outline = area if area is not None else gpd.GeoDataFrame(geometry=[], crs=WGS84)
    drawn_points = [
        *outline.geometry,
        *(shapely.Point(graph.subjects[at].longitude, graph.subjects[at].latitude) for at in inside),
    ]
    centre = gpd.GeoSeries([shapely.union_all(drawn_points).centroid], crs=WGS84).to_crs(GRID).iloc[0]
    close = looked.precision is Precision.EXACT
    guardians = ((context["parts"].get("assessment") or {}).get("content") or {}).get("guardianship") or []
    for at in inside:
        looked.shown.update(graph.subjects[at].members)
    drawn = maps.context_map(
        area,
        _by_hours(looked, incidents),
        _near(_safe_places(looked, _safe_rows(graph)), centre),
        routes=_routes(graph, inside) if close else None,
        changes=_changes(looked, context, rows) if close else None,
        guardians=[(row["who"], row["where"], row["could"]) for row in guardians],
        title=context["label"],
        period="all that is recorded with an hour",
        precision=str(looked.precision),
        handling="C",
        note=f"Its places, and public places in its area, counted by {_SQUARE_METRES} m square. Homes are not drawn. "
        + in_words(context["sharing"]),
        made_from=looked.made_from,
    )
    return drawn.html()


def _area(context: Mapping[str, Any]) -> gpd.GeoDataFrame | None:
    outline = context["definition"]["area"]
    return gpd.GeoDataFrame(geometry=[shape(outline)], crs=WGS84) if outline else None


def _places_of(graph: VisibleGraph, context: Mapping[str, Any], area: gpd.GeoDataFrame | None) -> list[int]:
    """Give the positions of the places of a context that may be drawn: those that it names, and public ones in its area; never a home."""
    named = {graph.position[row["uid"]] for row in context["definition"]["places"] if row["uid"] in graph.position}
    found = [at for at in sorted(named) if graph.subjects[at].has_position and not graph.homes[at]]
    if area is None:
        return found
    places = [
        at for at in set(graph.claims.b[graph.of_type("AT")].tolist()) if graph.subjects[at].has_position and not graph.homes[at]
    ]  # fmt: skip
    points = (
        shapely.points([[graph.subjects[at].longitude, graph.subjects[at].latitude] for at in places])
        if places
        else np.array([])
    )
    within = shapely.contains(area.geometry.iloc[0], points) if places else np.zeros(0, bool)
    return sorted({*found, *(at for at, is_in in zip(places, within, strict=True) if is_in)})


def _routes(graph: VisibleGraph, inside: Iterable[int]) -> gpd.GeoDataFrame:
    """Count the episodes that began elsewhere and came to notice here, by where the child went missing from. No home is an end of a line."""
    here = set(inside)
    counts: dict[tuple[int, int], set[int]] = defaultdict(set)
    for episode in episodes(graph):
        ends = [at for at in (*episode.found_at, *episode.last_seen) if at in here]
        for start in episode.missing_from:
            if start not in here and not graph.homes[start] and graph.subjects[start].has_position:
                for end in ends:
                    counts[start, end].add(episode.incident)
    pairs = sorted(counts, key=lambda pair: (-len(counts[pair]), pair))
    subjects = graph.subjects
    return gpd.GeoDataFrame(
        {
            "start": [subjects[a].label for a, _ in pairs],
            "end": [subjects[b].label for _, b in pairs],
            "events": [len(counts[pair]) for pair in pairs],
        },
        geometry=[
            shapely.LineString(
                [(subjects[a].longitude, subjects[a].latitude), (subjects[b].longitude, subjects[b].latitude)]
            )
            for a, b in pairs
        ],
        crs=WGS84,
    )


def _changes(looked: Looked, context: Mapping[str, Any], rows: Iterable[int]) -> gpd.GeoDataFrame | None:
    """Count the incidents at each place since the plan was signed off, at most until its review, and in as long before; None without a plan."""
    signed = next((made["at"] for made in context["decisions"] if made["decision"] == "sign_off"), None)
    if signed is None:
        return None
    moment = dt.datetime.fromisoformat(signed)
    length = min(looked.known_at - moment, review_after())
    if length <= dt.timedelta(0):
        return None
    graph, claims = looked.graph, looked.graph.claims
    begin, middle, end = (to_milliseconds(moment - length), to_milliseconds(moment), to_milliseconds(moment + length))
    before: dict[int, set[int]] = defaultdict(set)
    since: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        happened, place, incident = int(claims.happened_from[row]), int(claims.b[row]), int(claims.a[row])
        if begin <= happened < middle:
            before[place].add(incident)
        elif middle <= happened < end:
            since[place].add(incident)
    places = sorted({*before, *since})
    subjects = [graph.subjects[at] for at in places]
    return gpd.GeoDataFrame(
        {
            "label": [subject.label for subject in subjects],
            "before": [len(before[at]) for at in places],
            "since": [len(since[at]) for at in places],
        },
        geometry=gpd.points_from_xy([s.longitude for s in subjects], [s.latitude for s in subjects]),
        crs=WGS84,
    )


def _by_hours(looked: Looked, incidents: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    counted = maps.by_time_of_day(incidents, _SQUARE_METRES)
    if not looked.viewer.small_counts:
        counted["events"] = pd.array([rounded_down(int(n)) for n in counted["events"]], dtype="object")
    return counted


def _near(frame: gpd.GeoDataFrame, centre: BaseGeometry) -> gpd.GeoDataFrame:
    return frame[frame.to_crs(GRID).distance(centre) <= AROUND_METRES]


def _incidents(graph: VisibleGraph, rows: Iterable[int]) -> gpd.GeoDataFrame:
    """Give claims at places with a position as points with the moment at which each happened; what two reports say of one thing is one point."""
    claims = graph.claims
    first: dict[tuple[int, int, int], int] = {}
    for row in rows:
        if graph.subjects[claims.b[row]].has_position:
            # A sighting has no incident of its own: the moment tells two apart.
            moment = int(claims.happened_from[row])
            is_incident = graph.subjects[claims.a[row]].kind == "incident"
            first.setdefault((int(claims.a[row]), int(claims.b[row]), 0 if is_incident else moment), row)
    placed = sorted(first.values())
    spots = [graph.subjects[claims.b[row]] for row in placed]
    return gpd.GeoDataFrame(
        {"happened_at": pd.to_datetime([to_instant(int(claims.happened_from[row])) for row in placed], utc=True)},
        geometry=gpd.points_from_xy([s.longitude for s in spots], [s.latitude for s in spots]),
        crs=WGS84,
    )


def _safe_rows(graph: VisibleGraph) -> list[int]:
    claims = graph.claims
    found: list[int] = np.flatnonzero((claims.type == TYPE_CODES["FREQUENTS"]) & (claims.role == "strength")).tolist()
    return found


def _safe_places(looked: Looked, rows: Iterable[int]) -> gpd.GeoDataFrame:
    """Give the places of claims, once each and no home, no closer than they may be shown."""
    graph = looked.graph
    places = {int(graph.claims.b[row]) for row in rows}
    subjects = [graph.subjects[at] for at in sorted(places) if not graph.homes[at]]
    shown = [
        (subject.label, point)
        for subject in subjects
        if subject.has_position and (point := shown_point(subject.latitude, subject.longitude, looked.precision))
    ]
    return gpd.GeoDataFrame(
        {"label": [label for label, _ in shown]},
        geometry=gpd.points_from_xy([point[1] for _, point in shown], [point[0] for _, point in shown]),
        crs=WGS84,
    )
