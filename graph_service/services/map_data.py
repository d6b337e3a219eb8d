"""The figures behind each map, suppressed and made coarse for their audience before anything is drawn."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

import maps
from graph_service.access import Action, Viewer, require
from graph_service.disclosure import Precision, precision_for, shown_point, suppress
from graph_service.errors import NotFoundError
from graph_service.records.audit import Audit, Event
from graph_service.services import hotspot_maps
from graph_service.services.co_missing_figures import places_in_common
from graph_service.services.parameters import instant, read_parameters
from graph_service.services.questions import Questions, highest_handling
from graph_service.services.visible import VisibleGraphs, locate
from maps.findings import Words
from queries.analysis.layers import rows_of_subject, timed
from queries.catalogue import question
from queries.errors import ParameterError, PmetError
from queries.projection import VisibleGraph, to_instant
from queries.vocabulary import PERSON_KINDS, TYPE_CODES

WGS84: Final = "EPSG:4326"
CELL_METRES: Final = 500
AROUND_METRES: Final = 1000
LAYERS: Final = {
    "crime": "Street crimes, at the approximate points at which they are published",
    "missing_from": "Places that children went missing from",
    "last_seen": "Places where missing children were last seen",
    "found_at": "Places where missing children were found",
}
_DRAWN: Final = ("places.hotspots", "peers.network", "contexts.map", "episodes.co_missing", "people.map")


class Maps:
    """Draws maps for a viewer; each is one document that fetches nothing."""

    def __init__(self, graphs: VisibleGraphs, questions: Questions, audit: Audit) -> None:
        self._graphs, self._questions, self._audit = graphs, questions, audit

    def html(self, viewer: Viewer, name: str, parameters: Mapping[str, Any], as_known_at: dt.datetime | None) -> str:
        """
        Draw a map as one document.

        Raises
        ------
        ParameterError
            If there is no such map, or a parameter cannot be used.
        NotPermittedError, NotFoundError
            As the question behind it.
        """
        try:
            require(viewer, Action.DRAW_MAP, record_level=name != "places.hotspots")
            if name not in _DRAWN:
                raise ParameterError("NAME", f"the maps are {', '.join(_DRAWN)}")
            known_at = as_known_at or dt.datetime.now(dt.UTC)
            shown: set[str] = set()
            if name == "peers.network":
                page = self._peers(viewer, parameters, as_known_at)
            elif name == "episodes.co_missing":
                page = self._co_missing(viewer, parameters, known_at, shown)
            elif name == "people.map":
                page = self._person(viewer, parameters, known_at, shown)
            elif name == "contexts.map":
                page = self._context(viewer, parameters, known_at, shown)
            else:
                page = self._hotspots(viewer, parameters, known_at, shown)
        except PmetError as error:
            self._audit.refused(viewer, Action.DRAW_MAP, name, error, parameters=parameters)
            raise
        self._audit.record(
            Event.DISCLOSURE,
            viewer,
            Action.DRAW_MAP,
            question=name,
            parameters=parameters,
            as_known_at=known_at,
            objects=shown,
        )
        return page

    def layers(self, viewer: Viewer) -> list[dict[str, Any]]:
        """List the layers open to a viewer."""
        try:
            decision = require(viewer, Action.READ_LAYERS, record_level=False)
        except PmetError as error:
            self._audit.refused(viewer, Action.READ_LAYERS, "layers", error)
            raise
        self._audit.record(
            Event.CONSULTATION, viewer, Action.READ_LAYERS, question="layers", decision=decision, returned=len(LAYERS)
        )
        return [
            {
                "name": name,
                "title": title,
                "meaning": f"{title}, counted by {CELL_METRES} m square of the National Grid",
                "precision": "area",
            }
            for name, title in LAYERS.items()
        ]

    def features(
        self, viewer: Viewer, name: str, parameters: Mapping[str, Any], as_known_at: dt.datetime | None
    ) -> list[dict[str, Any]]:
        """Give the squares of a layer as GeoJSON features (WGS 84, longitude first), in order of their grid reference."""
        known_at = as_known_at or dt.datetime.now(dt.UTC)
        try:
            require(viewer, Action.READ_LAYERS, record_level=False)
            if name not in LAYERS:
                raise NotFoundError
            values = read_parameters(question("places.hotspots"), {**parameters, "layer": name})
            cells = hotspot_maps.cells_of(hotspot_maps.squares(self._questions.asked(viewer, values, known_at)))
        except PmetError as error:
            self._audit.refused(viewer, Action.READ_LAYERS, "items", error, parameters={**parameters, "layer": name})
            raise
        features: list[dict[str, Any]] = [
            {
                "type": "Feature",
                "id": feature["properties"]["label"],
                "geometry": feature["geometry"],
                "properties": {"cell": feature["properties"]["label"], "events": feature["properties"]["events"]},
            }
            for feature in cells.to_crs(WGS84).sort_values("label").iterfeatures(na="null")
        ]
        self._audit.record(
            Event.DISCLOSURE,
            viewer,
            Action.READ_LAYERS,
            question=name,
            parameters=parameters,
            as_known_at=known_at,
            returned=len(features),
        )
        return features

    def _hotspots(self, viewer: Viewer, parameters: Mapping[str, Any], known_at: dt.datetime, shown: set[str]) -> str:
        values = read_parameters(question("places.hotspots"), parameters)
        asked = self._questions.asked(viewer, values, known_at)

        def told(rows: list[dict[str, Any]]) -> Words:
            handling = highest_handling(asked.graph, rows, asked.subjects_shown)
            made_from = _made_from("places.hotspots", parameters, known_at)
            return Words(LAYERS[values["layer"]], _period(parameters), precision, handling, made_from=made_from)

        precision = precision_for(viewer.role)
        drawn = hotspot_maps.draw(asked, told)
        if precision is not Precision.AREA:
            shown.update(asked.subjects_shown)
        return drawn.html()

    def _co_missing(self, viewer: Viewer, parameters: Mapping[str, Any], known_at: dt.datetime, shown: set[str]) -> str:
        values = read_parameters(question("episodes.co_missing"), parameters)
        graph, precision = self._graphs.of(viewer, known_at), precision_for(viewer.role)
        cells, places, uids, evidence = places_in_common(graph, values, precision, small_counts=viewer.small_counts)
        shown.update(uids)
        drawn = maps.co_missing_map(
            cells,
            None if precision is Precision.AREA else places,
            title="Where children were missing together",
            period=_period(parameters),
            precision=str(precision),
            handling=highest_handling(graph, [{"evidence": sorted(evidence)}], uids),
            note="Places that both absences have in common; a reason to ask, not proof that the children were together.",
            made_from=_made_from("episodes.co_missing", parameters, known_at),
        )
        return drawn.html()

    def _peers(self, viewer: Viewer, parameters: Mapping[str, Any], as_known_at: dt.datetime | None) -> str:
        answer = self._questions.ask(viewer, "peers.network", parameters, as_known_at=as_known_at)
        known_at = instant("as_known_at", answer["as_known_at"])
        graph = self._graphs.of(viewer, known_at)
        focus = graph.subjects[locate(graph, str(parameters.get("subject", "")))]
        nodes, links = maps.network_of(answer["rows"], focus=focus.uid)
        if not nodes:
            nodes = [{"uid": focus.uid, "label": focus.label, "kind": focus.kind, "focus": True}]
        drawn = maps.peer_drawing(
            nodes,
            links,
            title=f"People around {focus.label}",
            period=_period(parameters),
            handling="C" if "handling:C" in viewer.held else "P",
            note=" ".join(answer["caveats"]),
            made_from=_made_from("peers.network", parameters, known_at),
        )
        return drawn.html()

    def _context(self, viewer: Viewer, parameters: Mapping[str, Any], known_at: dt.datetime, shown: set[str]) -> str:
        if set(parameters) - {"subject"}:
            raise ParameterError("name", "contexts.map has only subject")
        graph = self._graphs.of(viewer, known_at)
        at = locate(graph, str(parameters.get("subject", "")))
        place = graph.subjects[at]
        if graph.homes[at]:
            raise ParameterError("subject", "somebody's home is not drawn; its table is on its page")
        if place.kind != "location" or not place.has_position:
            raise ParameterError(
                "subject", "only a place whose position is known can be drawn; others have their table"
            )
        precision = precision_for(viewer.role)
        incidents, safe = self._around(graph, place.latitude, place.longitude, precision)
        shown.update(place.members)
        counted = maps.by_time_of_day(incidents, 100)
        if not viewer.small_counts:
            counted["events"] = pd.array([suppress(int(n)) for n in counted["events"]], dtype="object")
        drawn = maps.context_map(
            None,
            counted,
            safe,
            title=place.label,
            period="all that is recorded",
            precision=str(precision),
            handling="C" if "handling:C" in viewer.held else "P",
            note=f"Events at public places within {AROUND_METRES} m, counted by 100 m square.",
            made_from=_made_from("contexts.map", parameters, known_at),
        )
        return drawn.html()

    def _person(self, viewer: Viewer, parameters: Mapping[str, Any], known_at: dt.datetime, shown: set[str]) -> str:
        """Draw where a person is recorded, by part of the day, and where they are safe; nobody's home is drawn."""
        if set(parameters) - {"subject"}:
            raise ParameterError("name", "people.map has only subject")
        graph = self._graphs.of(viewer, known_at)
        at = locate(graph, str(parameters.get("subject", "")))
        person, claims = graph.subjects[at], graph.claims
        if person.kind not in PERSON_KINDS:
            raise ParameterError("subject", "this map is of a person; a place has contexts.map")
        own = claims.a == at
        seen = np.flatnonzero(own & (claims.type == TYPE_CODES["SEEN_AT"])).tolist()
        rows = timed(
            graph, sorted([*rows_of_subject(graph, at), *(row for row in seen if not graph.homes[claims.b[row]])])
        )
        safe_rows = np.flatnonzero(
            own & (claims.type == TYPE_CODES["FREQUENTS"]) & (claims.role == "strength")
        ).tolist()
        precision = precision_for(viewer.role)
        shown.update(person.members)
        drawn = maps.context_map(
            None,
            maps.by_time_of_day(_incidents(graph, rows), 100),
            _safe_places(graph, safe_rows, precision),
            title=f"Places of {person.label}",
            period="all that is recorded with an hour",
            precision=str(precision),
            handling="C" if "handling:C" in viewer.held else "P",
            note="Counted by 100 m square; homes are not drawn.",
            made_from=_made_from("people.map", parameters, known_at),
        )
        return drawn.html()

    def _around(
        self, graph: VisibleGraph, latitude: float, longitude: float, precision: Precision
    ) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
        """Gather what happened at a known hour at public places around a point, and the places that reports call safe."""
        claims = graph.claims
        rows = [row for row in timed(graph, graph.of_type("AT").tolist()) if not graph.homes[claims.b[row]]]
        safe_rows = np.flatnonzero((claims.type == TYPE_CODES["FREQUENTS"]) & (claims.role == "strength")).tolist()
        centre = gpd.GeoSeries(gpd.points_from_xy([longitude], [latitude]), crs=WGS84).to_crs("EPSG:27700").iloc[0]
        frames = _incidents(graph, rows), _safe_places(graph, safe_rows, precision)
        near = [frame[frame.to_crs("EPSG:27700").distance(centre) <= AROUND_METRES] for frame in frames]
        return near[0], near[1]


def _incidents(graph: VisibleGraph, rows: list[int]) -> gpd.GeoDataFrame:
    """Give claims at places with a position as points with the moment at which each happened."""
    claims = graph.claims
    placed = [row for row in rows if graph.subjects[claims.b[row]].has_position]
    spots = [graph.subjects[claims.b[row]] for row in placed]
    return gpd.GeoDataFrame(
        {"happened_at": pd.to_datetime([to_instant(int(claims.happened_from[row])) for row in placed], utc=True)},
        geometry=gpd.points_from_xy([s.longitude for s in spots], [s.latitude for s in spots]),
        crs=WGS84,
    )


def _safe_places(graph: VisibleGraph, rows: list[int], precision: Precision) -> gpd.GeoDataFrame:
    """Give the places of claims, once each and no home, no closer than they may be shown."""
    places = (
        {int(at): graph.subjects[at] for at in graph.claims.b[rows].tolist() if not graph.homes[at]} if rows else {}
    )
    shown = [
        (subject.label, point)
        for subject in places.values()
        if subject.has_position and (point := shown_point(subject.latitude, subject.longitude, precision))
    ]
    return gpd.GeoDataFrame(
        {"label": [label for label, _ in shown]},
        geometry=gpd.points_from_xy([point[1] for _, point in shown], [point[0] for _, point in shown]),
        crs=WGS84,
    )


def _period(parameters: Mapping[str, Any]) -> str:
    start, end = parameters.get("from"), parameters.get("to")
    if not start and not end:
        return "all that is recorded"
    return f"{f'from {start}' if start else 'all'} {f'to {end}' if end else 'onwards'}"


def _made_from(name: str, parameters: Mapping[str, Any], known_at: dt.datetime) -> str:
    version = "1" if name in {"contexts.map", "people.map"} else question(name).version
    given = ", ".join(f"{key}={value}" for key, value in sorted(parameters.items()) if value)
    return f"{name} version {version}; {given}; as known at {known_at:%d %B %Y %H:%M} UTC"
