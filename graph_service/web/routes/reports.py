"""A report: what exactly was said, and by whom."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from graph_service.web.deps import PagesDep, ServiceDep, ViewerDep
from graph_service.web.marked_text import marked

router = APIRouter(prefix="/reports", include_in_schema=False)


@router.get("/{uid}")
def report(request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str) -> Response:
    """Show a report as submitted, its mentions marked, its claims and its copies."""
    found = service.report(viewer, uid)
    parts = [
        {**part, "pieces": marked(part.get("text") or "", found.get("mentions", ()))} for part in found.get("parts", ())
    ]
    handling = found.get("handling") or "C"
    return pages.show(
        request, "reports/report.html", handling="P" if handling == "P" else "C", report={**found, "parts": parts}
    )
