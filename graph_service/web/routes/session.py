"""Signing in and out, and the moment that the session looks from."""

import datetime as dt
from contextlib import suppress
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from graph_service.errors import NotPermittedError
from graph_service.web import times
from graph_service.web.deps import PagesDep, ServiceDep, ViewerDep, cookie_name, source_of
from graph_service.web.forms import listed
from graph_service.web.seam import ServiceLike
from queries.errors import ParameterError

router = APIRouter(include_in_schema=False)
_ABSOLUTE_SECONDS: Final = 8 * 3600


@router.get("/sign-in")
def sign_in_form(request: Request, service: ServiceDep, pages: PagesDep) -> Response:
    """Ask who it is and what for."""
    return _form(request, service, pages)


@router.post("/sign-in")
def sign_in(
    request: Request,
    service: ServiceDep,
    pages: PagesDep,
    who: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    purpose: Annotated[str, Form(max_length=200)] = "",
    statement: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Begin a session, or say what is missing."""
    persona = next((p for p in service.accounts.personas() if p["who"] == who), None)
    given = {"who": who, "purpose": purpose, "statement": statement}
    purpose = purpose or (persona["purpose"] if persona else "")
    fields: dict[str, str] = {}
    if not who or (service.accounts.personas() and persona is None):
        fields["who"] = "Choose whom to look as" if service.accounts.personas() else "Enter your account"
    if not purpose and who:
        fields["purpose"] = "Choose what you are here for"
    if not statement:
        fields["statement"] = "Accept the confidentiality statement to go on"
    if fields:
        return _form(request, service, pages, given=given, fields=fields)
    try:
        token = service.accounts.sign_in(
            who,
            None if persona else password,
            purpose=purpose,
            accepted_statement=bool(statement),
            source=source_of(request),
        )
    except NotPermittedError:
        # One answer for a wrong account, a wrong password and one that is switched off.
        wrong = {"who": "The account or the password is not right, or there were too many tries: wait a minute"}
        return _form(request, service, pages, given=given, fields=wrong)
    _end(service, request.cookies.get(cookie_name(service)))
    answer = RedirectResponse("/", status_code=303)
    answer.set_cookie(
        cookie_name(service),
        token,
        max_age=_ABSOLUTE_SECONDS,
        path="/",
        secure=service.live,
        httponly=True,
        samesite="strict",
    )
    return answer


@router.post("/sign-out")
def sign_out(request: Request, service: ServiceDep) -> Response:
    """End the session."""
    _end(service, request.cookies.get(cookie_name(service)))
    answer = RedirectResponse("/sign-in", status_code=303)
    answer.delete_cookie(cookie_name(service), path="/", secure=service.live, httponly=True, samesite="strict")
    return answer


@router.post("/as-known-at")
def as_known_at(
    request: Request,
    service: ServiceDep,
    _viewer: ViewerDep,
    when: Annotated[str, Form(max_length=20)] = "now",
    day: Annotated[str, Form(max_length=20)] = "",
    back: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Set the moment that this session looks from, and go back to the page."""
    service.accounts.keep_known_at(request.cookies[cookie_name(service)], _moment(when, day))
    return RedirectResponse(local(back), status_code=303)


def local(address: str) -> str:
    """Give an address of our own, and Today in place of any that could lead elsewhere."""
    leads_out = address.startswith(("//", "/\\")) or not address.startswith("/")
    return "/" if leads_out or any(ord(letter) < 32 for letter in address) else address


def _end(service: ServiceLike, token: str | None) -> None:
    """End a session that may have ended by itself."""
    if token:
        with suppress(NotPermittedError):
            service.accounts.sign_out(token)


def _moment(when: str, day: str) -> dt.datetime | None:
    now = dt.datetime.now(dt.UTC)
    if when == "wednesday":
        return times.last_wednesday(now)
    if when != "date":
        return None
    try:
        chosen = dt.date.fromisoformat(day)
    except ValueError:
        raise ParameterError("day", "choose a day, such as 18/11/2026") from None
    end = dt.datetime.combine(chosen + dt.timedelta(days=1), dt.time(), times.LONDON).astimezone(dt.UTC)
    return None if end >= now else end


def _form(
    request: Request,
    service: ServiceLike,
    pages: PagesDep,
    *,
    given: dict[str, str] | None = None,
    fields: dict[str, str] | None = None,
) -> Response:
    return pages.show(
        request,
        "session/sign_in.html",
        handling="none",
        status=422 if fields else 200,
        personas=service.accounts.personas(),
        purposes=service.accounts.purposes(),
        statement=service.accounts.statement(),
        given=given or {"who": "", "purpose": "", "statement": ""},
        fields=fields or {},
        errors=listed(fields or {}),
    )
