"""Imports: did the file go in, and what was wrong with it?"""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from graph_service.web.deps import PagesDep, ServiceDep, ViewerDep

router = APIRouter(include_in_schema=False)


@router.get("/imports")
def imports(request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep) -> Response:
    """Show the runs, latest first, each with its table of problems."""
    runs = service.imports.list(viewer)
    return pages.show(request, "imports/imports.html", handling="none", runs=runs)
