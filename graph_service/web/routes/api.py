"""The JSON API under `/api/v1`: the same questions and rows as the pages, for programs."""

import datetime as dt
import json
import re
from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from graph_service.access import Viewer
from graph_service.errors import NotFoundError
from graph_service.web import words
from graph_service.web.deps import CallerDep, PagesDep, ServiceDep
from graph_service.web.paging import paged
from graph_service.web.routes.places import HOLDS_PEOPLE
from graph_service.web.seam import Envelope, Row
from queries.errors import ParameterError

router = APIRouter(prefix="/api/v1", tags=["questions"])
_MOST: Final = 100
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")

Text = str | int | float | bool | None
AfterQuery = Annotated[str, Query(max_length=200, description="the cursor of the page before; none: the first page")]
LimitQuery = Annotated[int, Query(ge=1, le=_MOST, description="rows a page")]


def _written_out(moment: object) -> object:
    """Refuse a bare number: it would be read as seconds since 1970."""
    if isinstance(moment, str) and _DATE.match(moment) is None:
        raise ValueError("needs a date and time, such as 2026-11-18T09:00:00Z")
    if isinstance(moment, int | float):
        raise ValueError("needs a date and time, such as 2026-11-18T09:00:00Z")  # noqa: TRY004  pydantic tells only these
    return moment


Moment = Annotated[dt.datetime, BeforeValidator(_written_out)]
KnownAtQuery = Annotated[Moment | None, Query(description="as known at this moment, with its offset; none: now")]


class Ask(BaseModel):
    """What a question is asked with."""

    model_config = ConfigDict(extra="forbid")

    parameters: dict[str, Text | list[str]] = Field(default_factory=dict, max_length=40)
    as_known_at: Moment | None = None

    @field_validator("as_known_at")
    @classmethod
    def _has_an_offset(cls, moment: dt.datetime | None) -> dt.datetime | None:
        if moment is not None and moment.tzinfo is None:
            raise ValueError("needs an offset, such as Z")
        return moment


@router.get("/questions")
def catalogue(_caller: CallerDep, service: ServiceDep) -> list[Row]:
    """Give the catalogue: every question with its meaning, version, parameters and text."""
    return service.questions.catalogue()


@router.post("/questions/{name}")
def ask(
    caller: CallerDep,
    service: ServiceDep,
    name: str,
    asked: Ask,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """Answer a question in the envelope of every answer. The same `Idempotency-Key` gives the same answer once."""
    moment = asked.as_known_at.astimezone(dt.UTC) if asked.as_known_at else caller.known_at
    given = {key: _as_text(key, value) for key, value in asked.parameters.items() if value is not None}

    def answer() -> str:
        return json.dumps(service.questions.ask(caller, name, given, as_known_at=moment), ensure_ascii=False)

    if not idempotency_key:
        return Response(answer(), media_type="application/json")
    body = service.repeats.once(caller, idempotency_key, name, asked.model_dump_json(), answer)
    return Response(body, media_type="application/json")


@router.get("/find", tags=["subjects"])
def find(
    request: Request,
    caller: CallerDep,
    service: ServiceDep,
    text: Annotated[str, Query(min_length=1, max_length=200)],
    limit: LimitQuery = 50,
    after: AfterQuery = "",
) -> JSONResponse:
    """Give the subjects that are like a text, best first: `uid`, `kind`, `label`, `because`."""
    return paged(request, service.find(caller, text), limit, after)


@router.get("/people/{uid}", tags=["subjects"])
def person(caller: CallerDep, service: ServiceDep, uid: str, as_known_at: KnownAtQuery = None) -> dict[str, Any]:
    """Give a person: profile and timeline, as their page shows."""
    caller = looking_from(caller, as_known_at)
    subject = service.subject(caller, uid)
    if not words.is_person(subject):
        raise NotFoundError
    given = {"subject": uid}
    profile = service.questions.ask(caller, "people.profile", given, as_known_at=caller.known_at)
    timeline = service.questions.ask(caller, "people.timeline", given, as_known_at=caller.known_at)
    return {"subject": subject, "profile": _part(profile), "timeline": _part(timeline)}


@router.get("/places/{uid}", tags=["subjects"])
def place(caller: CallerDep, service: ServiceDep, uid: str, as_known_at: KnownAtQuery = None) -> dict[str, Any]:
    """Give a place, and who is recorded there, as its page shows."""
    caller = looking_from(caller, as_known_at)
    subject = service.subject(caller, uid)
    if subject["kind"] not in HOLDS_PEOPLE:
        raise NotFoundError
    present = service.questions.ask(caller, "contexts.people_present", {"subject": uid}, as_known_at=caller.known_at)
    return {"subject": subject, "people_present": _part(present)}


@router.get("/reports/{uid}", tags=["subjects"])
def report(caller: CallerDep, service: ServiceDep, uid: str, as_known_at: KnownAtQuery = None) -> Row:
    """Give a report as submitted, with its mentions, claims and copies, as far as the caller may see them."""
    return service.report(looking_from(caller, as_known_at), uid)


@router.get("/docs", include_in_schema=False)
def docs(request: Request, pages: PagesDep) -> Response:
    """Show the API in plain words. FastAPI's own page loads scripts from outside."""
    schema = request.app.openapi()
    operations = [
        {"method": method.upper(), "path": path, **operation}
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    return pages.show(request, "api.html", handling="none", operations=operations)


def _part(answer: Envelope) -> Envelope:
    return {key: answer[key] for key in ("question", "as_known_at", "rows", "caveats")}


def looking_from(caller: Viewer, moment: dt.datetime | None) -> Viewer:
    """Give the caller at the moment that they ask to look from."""
    if moment is None:
        return caller
    if moment.tzinfo is None:
        raise ParameterError("as_known_at", "needs an offset, such as Z")
    return replace(caller, known_at=moment.astimezone(dt.UTC))


def _as_text(name: str, value: Text | list[str]) -> str:
    if isinstance(value, list):
        if any("," in part for part in value):
            raise ParameterError(name, "a part of a list cannot have a comma in it")
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
