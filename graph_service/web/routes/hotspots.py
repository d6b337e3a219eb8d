"""Hotspots: where, and when? Ranked places beside a map, a layer at a time."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from graph_service.errors import NotFoundError
from graph_service.web import words
from graph_service.web.deps import KnownAtDep, PagesDep, ServiceDep, ViewerDep
from graph_service.web.protection import map_frame

router = APIRouter(prefix="/hotspots", include_in_schema=False)
METHODS: Final = {"ranked": "Named places", "gi": "500 m squares (Gi*)"}
_PAGE: Final = 25
_LAYER: Final = "^(crime|missing_from|last_seen|found_at)$"

LayerQuery = Annotated[str, Query(pattern=_LAYER)]
MethodQuery = Annotated[str, Query(pattern="^(ranked|gi)$")]
FromQuery = Annotated[str, Query(alias="from", max_length=40)]
ToQuery = Annotated[str, Query(alias="to", max_length=40)]


@router.get("")
def hotspots(
    request: Request,
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    known_at: KnownAtDep,
    layer: LayerQuery = "found_at",
    method: MethodQuery = "ranked",
    start: FromQuery = "",
    end: ToQuery = "",
    shown: Annotated[int, Query(ge=1, le=1000)] = _PAGE,
) -> Response:
    """Show the ranked places of a layer beside their map."""
    given = _given(layer, method, start, end)
    answer = service.questions.ask(viewer, "places.hotspots", given, as_known_at=known_at)
    return pages.show(
        request,
        "hotspots/hotspots.html",
        answers=[answer],
        rows=answer["rows"][:shown],
        total=len(answer["rows"]),
        caveats=answer["caveats"],
        given=given,
        layers=words.LAYERS,
        methods=METHODS,
        more=shown + 4 * _PAGE,
    )


@router.get("/map")
def hotspot_map(
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    known_at: KnownAtDep,
    layer: LayerQuery = "found_at",
    method: MethodQuery = "ranked",
    start: FromQuery = "",
    end: ToQuery = "",
) -> Response:
    """Give the map of a layer, for the sandboxed frame on the page."""
    try:
        drawn = service.maps.html(viewer, "places.hotspots", _given(layer, method, start, end), known_at)
    except NotFoundError:
        drawn = pages.no_map("Nothing in this layer and period can be drawn.")
    return map_frame(drawn)


def _given(layer: str, method: str, start: str, end: str) -> dict[str, Any]:
    return {"layer": layer, "method": method, "from": start, "to": end}
