"""Today: what needs the viewer now, by role. And how far the pages can be used by everyone."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from graph_service.web.deps import PagesDep, ServiceDep, ViewerDep

router = APIRouter(include_in_schema=False)


@router.get("/")
def today(request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep) -> Response:
    """Show what needs the viewer now."""
    shown = service.today(viewer)
    has_people = any(shown.get(key) for key in ("missing_now", "located", "own_pupils"))
    handling = ("C" if "handling:C" in viewer.held else "P") if has_people else "none"
    return pages.show(request, "today/today.html", handling=handling, shown=shown)


@router.get("/accessibility")
def accessibility(request: Request, pages: PagesDep) -> Response:
    """Show the accessibility statement."""
    return pages.show(request, "accessibility.html", handling="none")
