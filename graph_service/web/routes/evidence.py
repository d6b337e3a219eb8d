"""Evidence: the reports behind whatever was counted. A page, or a fragment of it to htmx."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from graph_service.web.deps import KnownAtDep, PagesDep, ServiceDep, ViewerDep
from graph_service.web.routes.people import by_report

router = APIRouter(include_in_schema=False)


@router.get("/evidence")
def evidence(
    request: Request,
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    known_at: KnownAtDep,
    claims: Annotated[str, Query(max_length=60_000)] = "",
) -> Response:
    """Show the reports behind claims, as far as the viewer may read them."""
    answer = service.questions.ask(viewer, "reports.evidence", {"claims": claims}, as_known_at=known_at)
    template = "reports/_evidence.html" if "HX-Request" in request.headers else "reports/evidence.html"
    return pages.show(
        request,
        template,
        answers=[answer],
        reports=by_report(answer["rows"]),
        caveats=answer["caveats"],
    )
