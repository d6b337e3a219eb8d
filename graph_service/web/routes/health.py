"""Whether the process lives, and whether it can answer."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from graph_service.web.deps import ServiceDep

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
def live() -> JSONResponse:
    """Say that the process is there."""
    return JSONResponse({"status": "live"})


@router.get("/ready")
def ready(service: ServiceDep) -> JSONResponse:
    """Say whether a real query on the store and a real audit write have worked."""
    if service.health.ready():
        return JSONResponse({"status": "ready"})
    return JSONResponse({"status": "not ready"}, 503, {"Retry-After": "5"})
