"""What surrounds every request: its id, whose site sent it, and the headers that keep the answer on this machine."""

import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph_service.web.errors import API, Fault, problem
from maps.page import policy_of

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})

# No page has an inline script or handler, so none is allowed; the hash is of the one style that Cytoscape adds to a page.
PAGE_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'sha256-pgvDUBa4IjFA2yuSJ2cqcyxmNYJMborsd0ORcRv9vw8='",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)
_ALWAYS: Final = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=(), browsing-topics=()",
}


class Protection:
    """Middleware around the whole application. Refuses a change that another site started, and names every request."""

    def __init__(self, app: ASGIApp, *, live: bool, failed: Callable[[Request, Exception], Response]) -> None:
        self._app, self._live, self._failed = app, live, failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request and send the answer on with its headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id

        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._guard(MutableHeaders(scope=message), request_id)
            await send(message)

        headers = Headers(scope=scope)
        if not self._live and _host(headers) not in _LOOPBACK:
            # A name that another site points at 127.0.0.1 would otherwise be let in with that site's pages.
            refusal = _refusal(scope, 421, "Use the address 127.0.0.1 or localhost.")
        elif scope["method"] not in SAFE_METHODS and not from_here(headers):
            refusal = _refusal(scope, 403, "This change was not sent from one of our own pages, so it was not made.")
        else:
            try:
                await self._app(scope, receive, send_guarded)
            except Exception as error:  # noqa: BLE001
                # Caught here, inside the headers: further out it would be told without them, and logged with the data it quotes.
                if started:
                    raise RuntimeError(f"request {request_id} failed after its answer had begun") from None
                refusal = self._failed(Request(scope, receive), error)
            else:
                return
        await refusal(scope, receive, send_guarded)

    def _guard(self, headers: MutableHeaders, request_id: str) -> None:
        headers["X-Request-Id"] = request_id
        for name, value in _ALWAYS.items():
            headers.setdefault(name, value)
        headers.setdefault("Cache-Control", "no-store")
        headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        if self._live:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"


def from_here(headers: Headers) -> bool:
    """
    Say whether a changing request comes from our own pages, or from a program that brings its own token.

    Browsers say so in `Sec-Fetch-Site`; those that do not send it give an `Origin`. A program with a bearer token has neither, and
    no cookie that a foreign page could have made the browser send.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc == headers.get("host")
    return headers.get("authorization", "").lower().startswith("bearer ") and "cookie" not in headers


def _refusal(scope: Scope, status: int, told: str) -> Response:
    if scope["path"].startswith(API):
        return problem(Request(scope), Fault(status, HTTPStatus(status).phrase, told))
    return PlainTextResponse(told, status_code=status)


def _host(headers: Headers) -> str | None:
    return urlsplit(f"//{headers.get('host', '')}").hostname


def map_frame(document: str) -> HTMLResponse:
    """
    Give a self-contained map for the sandboxed frame of a page: it runs what it carries, and can fetch and reach nothing.

    The document's own policy allows its scripts by their hashes; the header adds what a document cannot say of itself.
    """
    policy = f"{policy_of(document)}; sandbox allow-scripts; frame-ancestors 'self'"
    return HTMLResponse(document, headers={"Content-Security-Policy": policy})
