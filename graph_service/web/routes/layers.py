"""Map layers as OGC API Features (core), by audience: QGIS and GDAL open `/api/v1/ogc` with a token."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from graph_service.access import Viewer
from graph_service.errors import NotFoundError
from graph_service.web.deps import CallerDep, ServiceDep
from graph_service.web.paging import page_of
from graph_service.web.seam import Row, ServiceLike
from queries.errors import ParameterError

router = APIRouter(prefix="/api/v1", tags=["layers"])
_MOST: Final = 1000
_CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_CONFORMANCE: Final = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)


class GeoJson(JSONResponse):
    """A GeoJSON document (RFC 7946)."""

    media_type = "application/geo+json"


@router.get("/ogc")
def landing(_caller: CallerDep) -> dict[str, Any]:
    """Give the landing page that a GIS begins at."""
    return {
        "title": "Layers of the contextual safeguarding graph",
        "description": "As far as the caller may see; precision and small counts by audience.",
        "links": [
            {"rel": "self", "type": "application/json", "href": "/api/v1/ogc"},
            {
                "rel": "service-desc",
                "type": "application/vnd.oai.openapi+json;version=3.0",
                "href": "/api/v1/openapi.json",
            },
            {"rel": "conformance", "type": "application/json", "href": "/api/v1/ogc/conformance"},
            {"rel": "data", "type": "application/json", "href": "/api/v1/ogc/collections"},
        ],
    }


@router.get("/ogc/conformance")
def conformance(_caller: CallerDep) -> dict[str, Any]:
    """Give the parts of the standard that are kept."""
    return {"conformsTo": list(_CONFORMANCE)}


@router.get("/layers")
@router.get("/ogc/collections", include_in_schema=False)
def layers(caller: CallerDep, service: ServiceDep) -> dict[str, Any]:
    """Give the layers that are open to the caller."""
    found = [_collection(row) for row in service.maps.layers(caller)]
    return {"collections": found, "links": [{"rel": "self", "type": "application/json", "href": "/api/v1/layers"}]}


@router.get("/layers/{name}")
@router.get("/ogc/collections/{name}", include_in_schema=False)
def layer(caller: CallerDep, service: ServiceDep, name: str) -> dict[str, Any]:
    """Give one layer: what it means, and how precise it is for the caller."""
    return _collection(_layer(service, caller, name))


@router.get("/layers/{name}/items", response_class=GeoJson)
@router.get("/ogc/collections/{name}/items", include_in_schema=False, response_class=GeoJson)
def items(
    request: Request,
    caller: CallerDep,
    service: ServiceDep,
    name: str,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
    after: Annotated[str, Query(max_length=200)] = "",
    bbox: Annotated[str, Query(max_length=200, description="west,south,east,north in degrees (WGS84)")] = "",
    datetime: Annotated[str, Query(max_length=100, description="from/to, RFC 3339; .. is open")] = "",
) -> GeoJson:
    """Give the features of a layer, a page at a time."""
    _layer(service, caller, name)
    found = service.maps.features(caller, name, _period(datetime), caller.known_at)
    inside = [feature for feature in found if not bbox or _meets(feature, _box(bbox))]
    page, headers = page_of(request, inside, limit, after)
    links = [{"rel": "self", "type": GeoJson.media_type, "href": str(request.url)}]
    if "Link" in headers:
        target = headers["Link"].partition(">")[0].removeprefix("<")
        links.append({"rel": "next", "type": GeoJson.media_type, "href": str(request.base_url).rstrip("/") + target})
    body = {
        "type": "FeatureCollection",
        "features": page,
        "links": links,
        "numberMatched": len(inside),
        "numberReturned": len(page),
    }
    return GeoJson(body, headers=headers)


def _layer(service: ServiceLike, caller: Viewer, name: str) -> Row:
    found = next((row for row in service.maps.layers(caller) if row["name"] == name), None)
    if found is None:
        raise NotFoundError
    return found


def _collection(row: Row) -> Row:
    base = f"/api/v1/ogc/collections/{row['name']}"
    return {
        "id": row["name"],
        "title": row["title"],
        "description": f"{row['meaning']} Precision: {row['precision']}.",
        "itemType": "feature",
        "crs": [_CRS84],
        "links": [
            {"rel": "self", "type": "application/json", "href": base},
            {"rel": "items", "type": GeoJson.media_type, "href": f"{base}/items"},
        ],
    }


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise ParameterError("bbox", "use four numbers: west,south,east,north") from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise ParameterError("bbox", "use west,south,east,north in degrees, west and south first")
    return west, south, east, north


def _meets(feature: Row, box: tuple[float, float, float, float]) -> bool:
    """Say whether the bounds of a feature meet a box."""
    points = list(_points(feature["geometry"]["coordinates"]))
    west, south, east, north = box
    return (
        min(x for x, _ in points) <= east
        and max(x for x, _ in points) >= west
        and min(y for _, y in points) <= north
        and max(y for _, y in points) >= south
    )


def _points(coordinates: list[Any]) -> list[tuple[float, float]]:
    if isinstance(coordinates[0], int | float):
        return [(float(coordinates[0]), float(coordinates[1]))]
    return [point for part in coordinates for point in _points(part)]


def _period(text: str) -> dict[str, str]:
    if not text:
        return {}
    start, slash, end = text.partition("/")
    if not slash:
        raise ParameterError("datetime", "use an interval, from/to; .. is open")
    return {name: value for name, value in (("from", start), ("to", end)) if value not in ("", "..")}
