"""The web application: built by `create_app` from a service, and by nothing at import."""

from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from graph_service.web.errors import Fault, add_error_handlers
from graph_service.web.openapi import describe
from graph_service.web.pages import LAPTOP_COOKIE, LIVE_COOKIE, STATIC, Pages
from graph_service.web.protection import Protection
from graph_service.web.routes import (
    api,
    assessments,
    audit,
    co_missing,
    context_definition,
    context_parts,
    context_sharing,
    contexts,
    contexts_api,
    evidence,
    find,
    groups,
    health,
    hotspots,
    imports,
    instruments_api,
    layers,
    links,
    people,
    places,
    proposals,
    proposals_api,
    questions,
    reports,
    session,
    sharing_api,
    today,
)
from graph_service.web.seam import ServiceLike

LARGEST_BODY_BYTES: Final = 1_000_000
# A file of 20 MB, and the form around it.
LARGEST_UPLOAD_BYTES: Final = 20_010_000


class VendoredFiles(StaticFiles):
    """Our own style, scripts and pictures. Their addresses carry a hash of their content, so a browser may keep them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Serve one file."""
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if scope["query_string"] else "no-cache"
        return answer


class UploadLimit:
    """Middleware inside the limit of every body: raises it where a file is brought in, and nowhere else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._raised = app, RequestBodyLimitMiddleware(app, max_body_size=LARGEST_UPLOAD_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        upload = scope["type"] == "http" and (scope["method"], scope["path"]) == ("POST", "/imports")
        await (self._raised if upload else self._app)(scope, receive, send)


def create_app(service: ServiceLike) -> FastAPI:
    """
    Make the application over a service.

    Pages are at `/`, the JSON API at `/api/v1`, health at `/health`. Nothing it serves asks for anything from elsewhere: FastAPI's own
    documentation pages, which load scripts from outside, are off, and `/api/v1/docs` is ours.
    """
    app = FastAPI(
        title="Contextual safeguarding graph",
        version="1",
        description="What partners have reported, as far as the caller may see it. Every reading is recorded with its purpose.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    app.state.pages = Pages(service)
    app.mount("/static", VendoredFiles(directory=STATIC), name="static")
    for module in (
        health,
        session,
        today,
        find,
        groups,
        people,
        assessments,
        places,
        context_definition,
        context_sharing,
        contexts,
        context_parts,
        proposals,
        links,
        co_missing,
        hotspots,
        evidence,
        reports,
        imports,
        questions,
        audit,
        layers,
        api,
        instruments_api,
        contexts_api,
        sharing_api,
        proposals_api,
    ):
        app.include_router(module.router)

    # FastAPI's own would say that errors are its own, and nothing of who may ask.
    app.openapi = lambda: describe(app, LIVE_COOKIE if service.live else LAPTOP_COOKIE)  # type: ignore[method-assign]

    def page(request: Request, fault: Fault) -> Response:
        return app.state.pages.fault(request, fault)  # type: ignore[no-any-return]

    tell = add_error_handlers(app, page)
    app.add_middleware(UploadLimit)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY_BYTES)
    app.add_middleware(Protection, live=service.live, failed=tell)
    return app
