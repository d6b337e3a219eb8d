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
from graph_service.errors import NotFoundError, NotPermittedError
from graph_service.records.audit import Audit, Event
from graph_service.services.answers.hotspots import OF_RECORDS
from graph_service.services.co_missing_figures import places_in_common
from graph_service.services.parameters import instant, read_parameters
from graph_service.services.questions import Questions, highest_handling
from graph_service.services.visible import VisibleGraphs, locate
from queries.analysis.hotspots import ranked_places
from queries.catalogue import question
from queries.errors import ParameterError, PmetError
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, VisibleGraph, to_instant, to_milliseconds
from queries.vocabulary import TYPE_CODES

WGS84: Final = "EPSG:4326"
CELL_METRES: Final = 500
AROUND_METRES: Final = 1000
LAYERS: Final = {
    "crime": "Street crimes, at the approximate points at which they are published",
    "missing_from": "Places that children went missing from",
    "last_seen": "Places where missing children were last seen",
    "found_at": "Places where missing children were found",
}
_MOST_PLACES: Final = 25
_DRAWN: Final = ("places.hotspots", "peers.network", "contexts.map", "episodes.co_missing")


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
            cells, _, _ = self._cells(viewer, {**parameters, "layer": name}, known_at)
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

    def _cells(
        self, viewer: Viewer, parameters: Mapping[str, Any], known_at: dt.datetime
    ) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, str]:
        """Count a layer's events by square, and list its most used places as points, as this viewer may see them; and their handling."""
        values = read_parameters(question("places.hotspots"), parameters)
        graph = self._graphs.of(viewer, known_at)
        start, end = (
            to_milliseconds(values[n]) if values[n] else d for n, d in (("from", FAR_PAST_MS), ("to", FAR_FUTURE_MS))
        )
        ranked = [
            p
            for p in ranked_places(graph, values["layer"], happened_from=start, happened_to=end)
            if graph.subjects[p.place].has_position
        ]
        spots = [graph.subjects[p.place] for p in ranked]
        repeats = np.repeat(np.arange(len(ranked)), [p.events for p in ranked])
        points = gpd.GeoDataFrame(
            geometry=gpd.points_from_xy([spots[i].longitude for i in repeats], [spots[i].latitude for i in repeats]),
            crs=WGS84,
        )
        cells = maps.grid_cells(points, CELL_METRES)
        if not viewer.small_counts:
            # Added up from the counts that are shown of places: a square must not tell a withheld one.
            known = maps.grid_cells(points[[suppress(ranked[at].events) is not None for at in repeats]], CELL_METRES)
            told = dict(zip(known["cell"], known["events"].tolist(), strict=True))
            cells["events"] = pd.array([told.get(cell) for cell in cells["cell"]], dtype="object")
        precision = precision_for(viewer.role)
        shown = [
            (p, point)
            for p, subject in zip(ranked[:_MOST_PLACES], spots, strict=False)
            if (point := shown_point(subject.latitude, subject.longitude, precision))
        ]
        places = gpd.GeoDataFrame(
            {
                "label": [graph.subjects[p.place].label for p, _ in shown],
                "events": [p.events for p, _ in shown],
                "uid": [graph.subjects[p.place].uid for p, _ in shown],
            },
            geometry=gpd.points_from_xy([at[1] for _, at in shown], [at[0] for _, at in shown]),
            crs=WGS84,
        )
        behind = [{"evidence": [claim for p in ranked for claim in p.evidence]}]
        return cells, places, highest_handling(graph, behind, [subject.uid for subject in spots])

    def _hotspots(self, viewer: Viewer, parameters: Mapping[str, Any], known_at: dt.datetime, shown: set[str]) -> str:
        if parameters.get("method") in OF_RECORDS and not viewer.small_counts:
            raise NotPermittedError
        cells, places, handling = self._cells(viewer, parameters, known_at)
        precision = precision_for(viewer.role)
        uids = places.pop("uid")
        if precision is not Precision.AREA:
            shown.update(uids)
        layer = str(parameters.get("layer", ""))
        drawn = maps.hotspot_map(
            cells,
            None if precision is Precision.AREA else places,
            title=LAYERS[layer],
            period=_period(parameters),
            precision=str(precision),
            handling=handling,
            made_from=_made_from("places.hotspots", parameters, known_at),
        )
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

    def _around(
        self, graph: VisibleGraph, latitude: float, longitude: float, precision: Precision
    ) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
        """Gather what happened at a known time at public places around a point, and the places that reports call safe."""
        claims = graph.claims
        rows = np.flatnonzero((claims.type == TYPE_CODES["AT"]) & (claims.happened_from > FAR_PAST_MS))
        rows = (
            rows[[not graph.homes[at] and graph.subjects[at].has_position for at in claims.b[rows].tolist()]]
            if len(rows)
            else rows
        )
        spots = [graph.subjects[at] for at in claims.b[rows].tolist()]
        incidents = gpd.GeoDataFrame(
            {"happened_at": pd.to_datetime([to_instant(int(ms)) for ms in claims.happened_from[rows]], utc=True)},
            geometry=gpd.points_from_xy([s.longitude for s in spots], [s.latitude for s in spots]),
            crs=WGS84,
        )
        safe_rows = np.flatnonzero((claims.type == TYPE_CODES["FREQUENTS"]) & (claims.role == "strength"))
        safe_places = {
            int(at): graph.subjects[at]
            for at in claims.b[safe_rows]
            if graph.subjects[at].has_position and not graph.homes[at]
        }
        shown = [
            (subject.label, point)
            for subject in safe_places.values()
            if (point := shown_point(subject.latitude, subject.longitude, precision))
        ]
        safe = gpd.GeoDataFrame(
            {"label": [label for label, _ in shown]},
            geometry=gpd.points_from_xy([point[1] for _, point in shown], [point[0] for _, point in shown]),
            crs=WGS84,
        )
        centre = gpd.GeoSeries(gpd.points_from_xy([longitude], [latitude]), crs=WGS84).to_crs("EPSG:27700").iloc[0]
        near = [frame[frame.to_crs("EPSG:27700").distance(centre) <= AROUND_METRES] for frame in (incidents, safe)]
        return near[0], near[1]


def _period(parameters: Mapping[str, Any]) -> str:
    start, end = parameters.get("from"), parameters.get("to")
    if not start and not end:
        return "all that is recorded"
    return f"{f'from {start}' if start else 'all'} {f'to {end}' if end else 'onwards'}"


def _made_from(name: str, parameters: Mapping[str, Any], known_at: dt.datetime) -> str:
    version = "1" if name == "contexts.map" else question(name).version
    given = ", ".join(f"{key}={value}" for key, value in sorted(parameters.items()) if value)
    return f"{name} version {version}; {given}; as known at {known_at:%d %B %Y %H:%M} UTC"
