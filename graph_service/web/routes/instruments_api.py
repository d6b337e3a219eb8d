"""The API of recorded tools: the instruments, and the assessments of a person."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from graph_service.web.deps import CallerDep, ServiceDep
from graph_service.web.paging import paged
from graph_service.web.routes.api import AfterQuery, KnownAtQuery, LimitQuery, looking_from
from graph_service.web.seam import Row

router = APIRouter(prefix="/api/v1", tags=["assessments"])

Words = Annotated[str, Field(max_length=200)]
Reason = Annotated[str, Field(max_length=4_000)]
Uid = Annotated[str, Field(max_length=120)]


class Judgement(BaseModel):
    """What the practitioner judges it to be, whatever the score says, and why."""

    model_config = ConfigDict(extra="forbid")

    band: Words
    reason: Reason


class Grading(BaseModel):
    """The grades of police and of children's services, the agreed grade, and the reason for it."""

    model_config = ConfigDict(extra="forbid")

    police: Words = ""
    childrens_services: Words = ""
    agreed: Words = ""
    reason: Reason = ""


class Assessment(BaseModel):
    """An assessment to keep, or a correction of one (`replaces`, `replaces_version` and `why`)."""

    model_config = ConfigDict(extra="forbid")

    instrument: Words
    version: Words
    answers: dict[Words, bool | int | str | None] = Field(default_factory=dict, max_length=400)
    judgement: Judgement
    grading: Grading | None = None
    at: dt.date | None = Field(None, description="the day that it is about; none: today, in London")
    window: dt.date | None = Field(None, description="the day of referral, for an instrument with windows")
    born: dt.date | None = Field(None, description="used for the score and not kept")
    pack: Words | None = Field(None, description="the rule pack; none: the instrument's own")
    text: str = Field("", max_length=20_000)
    conditions: list[Words] = Field(default_factory=list, max_length=10)
    replaces: Uid | None = None
    replaces_version: int | None = Field(None, ge=1, le=1_000_000)
    why: Reason | None = None


class Withdrawn(BaseModel):
    """Why an assessment is withdrawn, and the number (`correction`) of the version that was read."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=1, le=1_000_000)]
    why: Annotated[str, Field(min_length=1, max_length=4_000, pattern=r"\S")]


@router.get("/instruments")
def catalogue(caller: CallerDep, service: ServiceDep) -> list[Row]:
    """Give the instruments: their items in our own labels, each with its clause, and what they do not say."""
    return list(service.instruments.catalogue(caller))


@router.get("/people/{uid}/assessments")
def assessments(
    request: Request,
    caller: CallerDep,
    service: ServiceDep,
    uid: str,
    as_known_at: KnownAtQuery = None,
    limit: LimitQuery = 50,
    after: AfterQuery = "",
) -> JSONResponse:
    """Give what was recorded of a person, latest first: score with its reasons, judgement, grading, and what follows."""
    return paged(request, service.instruments.assessments(looking_from(caller, as_known_at), uid), limit, after)


@router.post("/people/{uid}/assessments", status_code=201)
def record(
    caller: CallerDep,
    service: ServiceDep,
    uid: str,
    given: Assessment,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
) -> Row:
    """Keep an assessment, and give it as it is kept. The same `Idempotency-Key` keeps the same one once."""
    body: dict[str, Any] = {name: value for name, value in given.model_dump().items() if value is not None}
    if idempotency_key is not None:
        body["command"] = idempotency_key
    return service.instruments.record(caller, uid, body)


@router.get("/people/{uid}/assessments/withdrawn")
def withdrawn(
    request: Request,
    caller: CallerDep,
    service: ServiceDep,
    uid: str,
    as_known_at: KnownAtQuery = None,
    limit: LimitQuery = 50,
    after: AfterQuery = "",
) -> JSONResponse:
    """Give what was recorded of a person and withdrawn since: by whom, when and why, and nothing of what it said."""
    return paged(request, service.instruments.withdrawn(looking_from(caller, as_known_at), uid), limit, after)


@router.post("/people/{uid}/assessments/{assessment}/withdrawal")
def withdraw(caller: CallerDep, service: ServiceDep, uid: str, assessment: str, given: Withdrawn) -> Row:
    """Withdraw an assessment that the caller's agency recorded. It is shown, and sets what follows, no more; as known before, it does."""
    return service.instruments.withdraw(caller, uid, assessment, version=given.version, why=given.why)
