"""The dependencies of routes: the service, the viewer, and the moment that they look from."""

import datetime as dt
from typing import Annotated, cast

from fastapi import Depends, Request

from graph_service.access import Viewer
from graph_service.errors import NotPermittedError
from graph_service.web.errors import SignInNeededError
from graph_service.web.pages import LAPTOP_COOKIE, LIVE_COOKIE, Pages
from graph_service.web.seam import ServiceLike


def cookie_name(service: ServiceLike) -> str:
    """Give the name of the session's cookie; `__Host-` needs https, which a laptop does not serve."""
    return LIVE_COOKIE if service.live else LAPTOP_COOKIE


def get_service(request: Request) -> ServiceLike:
    """Give the service that the application was made with."""
    return cast("ServiceLike", request.app.state.service)


def get_pages(request: Request) -> Pages:
    """Give the templates."""
    return cast("Pages", request.app.state.pages)


ServiceDep = Annotated[ServiceLike, Depends(get_service)]
PagesDep = Annotated[Pages, Depends(get_pages)]


def source_of(request: Request) -> str:
    """Give the address that a request came from, for the audit trail."""
    return request.client.host if request.client else ""


def get_viewer(request: Request, service: ServiceDep) -> Viewer:
    """
    Give the viewer of the session, afresh on every request, so that a right withdrawn is gone at once.

    Raises
    ------
    SignInNeededError
        If there is no session or it has ended.
    """
    token = request.cookies.get(cookie_name(service))
    if not token:
        raise SignInNeededError
    try:
        viewer = service.accounts.viewer_of(token, source=source_of(request))
    except NotPermittedError:
        raise SignInNeededError from None
    request.state.viewer = viewer
    return viewer


def get_caller(request: Request, service: ServiceDep) -> Viewer:
    """Give the viewer of a bearer token, or else of the session."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return get_viewer(request, service)
    try:
        return service.accounts.viewer_of_bearer(token.strip(), source=source_of(request))
    except NotPermittedError:
        raise SignInNeededError from None


ViewerDep = Annotated[Viewer, Depends(get_viewer)]
CallerDep = Annotated[Viewer, Depends(get_caller)]


def get_known_at(viewer: ViewerDep) -> dt.datetime | None:
    """Give the moment that the viewer looks from; None: now."""
    return viewer.known_at


KnownAtDep = Annotated[dt.datetime | None, Depends(get_known_at)]
