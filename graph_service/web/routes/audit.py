"""Audit: who looked, and why? One's own entries; for those who may, of a subject, and whether the chain is whole."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from graph_service.access import Action
from graph_service.web.deps import PagesDep, ServiceDep, ViewerDep

router = APIRouter(include_in_schema=False)


@router.get("/audit")
def audit(
    request: Request,
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    subject: Annotated[str, Query(max_length=200)] = "",
    check: bool = False,
) -> Response:
    """Show one's own entries, or who looked at a subject."""
    may_read, may_verify = viewer.may(Action.READ_AUDIT), viewer.may(Action.VERIFY_AUDIT)
    asked = subject.strip() if may_read else ""
    entries = service.audit.who_looked_at(viewer, asked) if asked else service.audit.mine(viewer)
    return pages.show(
        request,
        "audit/audit.html",
        handling="none",
        entries=entries,
        asked=asked,
        may_read=may_read,
        may_verify=may_verify,
        chain=service.audit.verify(viewer) if may_verify and check else None,
    )
