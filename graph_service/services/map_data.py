"""The figures behind each map, suppressed and made coarse for their audience before anything is drawn."""

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from typing import Any, Final

import maps
from graph_service.access import Action, Viewer, require
from graph_service.disclosure import Precision, precision_for
from graph_service.errors import NotFoundError
from graph_service.records.audit import Audit, Event
from graph_service.services import hotspot_maps
from graph_service.services.answers.publication import STEPS, told_of, window_of
from graph_service.services.co_missing_figures import places_in_common
from graph_service.services.context_maps import Looked, case_map, person_map, place_map
from graph_service.services.contexts import Contexts
from graph_service.services.labels import Labels
from graph_service.services.parameters import instant, read_parameters
from graph_service.services.questions import Questions, highest_handling
from graph_service.services.visible import VisibleGraphs, as_json, locate
from maps.findings import Words
from queries.catalogue import question
from queries.errors import ParameterError, PmetError

WGS84: Final = "EPSG:4326"
_LONDON: Final = zoneinfo.ZoneInfo("Europe/London")
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

    def __init__(
        self, graphs: VisibleGraphs, questions: Questions, audit: Audit, contexts: Contexts, labels: Labels
    ) -> None:
        self._labels = labels
        self._graphs, self._questions, self._audit, self._contexts = graphs, questions, audit, contexts

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
                page = person_map(*self._looked(name, viewer, parameters, known_at, shown))
            elif name == "contexts.map":
                page = self._context(*self._looked(name, viewer, parameters, known_at, shown), as_known_at)
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
            title = LAYERS[values["layer"]] + hotspot_maps.HOW[values["method"]]
            if viewer.small_counts:
                return Words(title, _period(parameters), precision, handling, made_from=made_from)
            window = window_of(asked.values)
            return Words(
                title, window.days, precision, handling, note=f"{told_of(window)} {STEPS}", made_from=made_from
            )

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
        """Draw who is around a person, named in the mode of `labels`; that they were shown so is on the trail."""
        mode = str(parameters.get("labels") or "names")
        asked = {name: value for name, value in parameters.items() if name != "labels"}
        answer = self._questions.ask(viewer, "peers.network", asked, as_known_at=as_known_at)
        known_at = instant("as_known_at", answer["as_known_at"])
        graph = self._graphs.of(viewer, known_at)
        whom = as_json(graph.subjects[locate(graph, str(parameters.get("subject", "")))])
        # The person asked about is named in the same way as those around them, in the title too.
        named = self._labels.shown(viewer, {**answer, "rows": [{"subject": whom}, *answer["rows"]]}, mode)["rows"]
        focus = named[0]["subject"]
        nodes, links = maps.network_of(named[1:], focus=focus["uid"])
        if not nodes:
            nodes = [{**focus, "focus": True}]
        drawn = maps.peer_drawing(
            nodes,
            links,
            title=f"People around {'number 1' if mode == 'numbers' else focus['label']}",
            period=_period(parameters),
            handling="C" if "handling:C" in viewer.held else "P",
            note=" ".join(answer["caveats"]),
            made_from=_made_from("peers.network", parameters, known_at),
            dated=f"as known at {known_at.astimezone(_LONDON):%d %B %Y %H:%M}",
            numbered=mode == "numbers",
        )
        return drawn.html()

    def _context(self, looked: Looked, at: int, as_known_at: dt.datetime | None) -> str:
        subject = looked.graph.subjects[at]
        if subject.kind == "context":
            return case_map(looked, self._contexts, subject.uid, as_known_at=as_known_at)
        return place_map(looked, at)

    def _looked(
        self, name: str, viewer: Viewer, parameters: Mapping[str, Any], known_at: dt.datetime, shown: set[str]
    ) -> tuple[Looked, int]:
        if set(parameters) - {"subject"}:
            raise ParameterError("name", f"{name} has only subject")
        graph = self._graphs.of(viewer, known_at)
        at = locate(graph, str(parameters.get("subject", "")))
        return Looked(viewer, graph, known_at, _made_from(name, parameters, known_at), shown), at


def _period(parameters: Mapping[str, Any]) -> str:
    start, end = parameters.get("from"), parameters.get("to")
    if not start and not end:
        return "all that is recorded"
    return f"{f'from {start}' if start else 'all'} {f'to {end}' if end else 'onwards'}"


def _made_from(name: str, parameters: Mapping[str, Any], known_at: dt.datetime) -> str:
    version = "1" if name in {"contexts.map", "people.map"} else question(name).version
    given = ", ".join(f"{key}={value}" for key, value in sorted(parameters.items()) if value)
    return f"{name} version {version}; {given}; as known at {known_at:%d %B %Y %H:%M} UTC"
