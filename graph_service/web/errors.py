"""Each class of error to a status, in one JSON shape and one page. Nothing here repeats what was sent or whose data it was."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from graph_service.errors import (
    AuditUnavailableError,
    ConflictError,
    NotFoundError,
    NotPermittedError,
    StaleError,
    StoreUnavailableError,
    UnavailableError,
)
from queries.errors import ParameterError, PmetError, UnknownQueryError, VocabularyError

_log: Final = logging.getLogger(__name__)
API: Final = "/api/"


class SignInNeededError(PmetError):
    """Nobody is signed in, or the session has ended."""

    def __init__(self) -> None:
        super().__init__("sign in first; a session ends after 15 minutes without use")


class VersionNeededError(PmetError):
    """A change of a versioned thing did not say which version it was made to."""

    def __init__(self) -> None:
        super().__init__("say which version you read in If-Match; its ETag came with it")


@dataclass(frozen=True, slots=True)
class Fault:
    """How an error is told: its status, a title, and what to do next."""

    status: int
    title: str
    advice: str
    retry_after_seconds: int | None = None


# What may not be seen and what is not there are one and the same line of this table.
FAULTS: Final[dict[type[Exception], Fault]] = {
    SignInNeededError: Fault(
        401, "Sign in first", "A session ends after 15 minutes without use. Sign in and try again."
    ),
    NotFoundError: Fault(
        404, "Not found", "There is nothing here for you to see. Check the address, or look for it with Find."
    ),
    UnknownQueryError: Fault(404, "No such question", "The page Questions lists those that can be asked."),
    NotPermittedError: Fault(
        403, "Not open to your role", "Your role may not ask this. Ask your MET coordinator if you need it."
    ),
    ParameterError: Fault(422, "Check what you entered", "Something that you entered cannot be used."),
    VocabularyError: Fault(422, "Check what you entered", "A word that you entered is not one that the graph uses."),
    StaleError: Fault(
        412,
        "Changed by someone else",
        "Someone changed this since you read it, and nothing of yours was saved. Look at what changed, then save again.",
    ),
    VersionNeededError: Fault(
        428, "Say which version you changed", "Send the ETag of what you read as If-Match, so that no change is lost."
    ),
    ConflictError: Fault(
        409,
        "Something else came first",
        "It was changed or is being done already. Open it again, then repeat what you did.",
    ),
    StoreUnavailableError: Fault(
        503,
        "The graph is not available",
        "The store of the graph does not answer. Nothing is lost. Try again in a minute.",
        30,
    ),
    AuditUnavailableError: Fault(
        503,
        "Your request could not be recorded",
        "Every reading is recorded before it is shown, and that was not possible, so nothing is shown. Try again in a minute.",
        30,
    ),
    UnavailableError: Fault(
        503, "Not available", "Something that every page needs does not answer. Try again in a minute.", 30
    ),
}
_BY_STATUS: Final = {
    404: FAULTS[NotFoundError],
    405: Fault(405, "Not done this way", "This address does not take that method."),
    413: Fault(
        413,
        "Too much was sent",
        "A file that you bring in may have 20 megabytes, and anything else one. Split the file.",
    ),
}
_UNEXPECTED: Final = Fault(
    500, "Something went wrong", "It is not your doing. Try again; if it stays, tell us the request id below."
)


def fault_of(error: Exception) -> Fault:
    """Give how an error is told. A parameter may be named, for its rule is ours; its value never is."""
    if isinstance(error, RequestValidationError):
        return FAULTS[ParameterError]
    if isinstance(error, HTTPException):
        phrase = HTTPStatus(error.status_code).phrase
        return _BY_STATUS.get(error.status_code, Fault(error.status_code, phrase, "Go back and try another way."))
    for kind in type(error).__mro__:
        if kind in FAULTS:
            found = FAULTS[kind]
            if isinstance(error, ParameterError):
                return Fault(found.status, found.title, f"{error.name}: {error.rule}.")
            return found
    return _UNEXPECTED


def problem(
    request: Request, fault: Fault, *, fields: list[dict[str, str]] | None = None, error: Exception | None = None
) -> JSONResponse:
    """Give an error as problem+json (RFC 9457); of what was stale, with the thing as it stands now and its ETag."""
    body: dict[str, Any] = {"type": "about:blank", "title": fault.title, "status": fault.status, "detail": fault.advice}
    if fields:
        body["errors"] = fields
    if fault.status >= 500:
        body["request_id"] = request.state.request_id
    headers = {"Retry-After": str(fault.retry_after_seconds)} if fault.retry_after_seconds else {}
    if fault.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, HTTPException):
        headers |= error.headers or {}
    if isinstance(error, StaleError) and error.current is not None:
        body["current"] = dict(error.current)
        headers["ETag"] = f'"{error.current.get("version", 0)}"'
    return JSONResponse(body, fault.status, headers, media_type="application/problem+json")


Tell = Callable[[Request, Exception], Response]


def add_error_handlers(app: FastAPI, page: Callable[[Request, Fault], Response]) -> Tell:
    """
    Tell every error in its one way: problem+json under the API, and `page` anywhere else.

    Returns
    -------
    tell
        What makes the answer to an error, for those that are caught outside the application.
    """

    def answer(request: Request, error: Exception) -> Response:
        fault = fault_of(error)
        if fault.status >= 500:
            # The class alone: the text of a database's or a library's error may quote the value that it choked on.
            _log.error("request %s failed: %s", request.state.request_id, type(error).__name__)
        if request.url.path.startswith(API):
            return problem(request, fault, fields=_fields(error), error=error)
        if fault.status == 401:
            return _to_sign_in(request)
        return page(request, fault)

    async def handler(request: Request, error: Exception) -> Response:
        return answer(request, error)

    kinds: tuple[type[Exception], ...] = (PmetError, HTTPException, RequestValidationError)
    for kind in kinds:
        handle: Callable[[Request, Exception], Awaitable[Response]] = handler
        app.add_exception_handler(kind, handle)
    return answer


def _fields(error: Exception) -> list[dict[str, str]]:
    if not isinstance(error, RequestValidationError):
        return []
    return [{"field": ".".join(str(part) for part in row["loc"]), "rule": str(row["type"])} for row in error.errors()]


def _to_sign_in(request: Request) -> Response:
    if "HX-Request" in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": "/sign-in"})
    return RedirectResponse("/sign-in", status_code=303)
