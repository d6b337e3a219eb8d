"""The API of proposals: where separate reports meet, and what a person decided."""

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from graph_service.web.deps import CallerDep, ServiceDep
from graph_service.web.paging import paged
from graph_service.web.routes.api import AfterQuery, KnownAtQuery, LimitQuery, looking_from
from graph_service.web.seam import Row
from graph_service.web.versions import once

router = APIRouter(prefix="/api/v1/proposals", tags=["contexts"])


class Decided(BaseModel):
    """
    What was decided of a proposal, and why. `record_only` and `assess` make a context with its citations.

    `affected` are the uids of those, among whom the citations are about, whom MET decides are affected by it.
    """

    model_config = ConfigDict(extra="forbid")

    decision: Literal["record_only", "assess", "dismiss"]
    reason: Annotated[str, Field(min_length=1, max_length=8_000)]
    affected: Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=100)] = []


@router.get("")
def proposals(
    request: Request,
    caller: CallerDep,
    service: ServiceDep,
    limit: LimitQuery = 50,
    after: AfterQuery = "",
    as_known_at: KnownAtQuery = None,
) -> JSONResponse:
    """Give the proposals pending then, what is new first, each with its citations and what chance would give."""
    return paged(request, service.proposals.list(looking_from(caller, as_known_at)), limit, after)


@router.get("/{uid}")
def proposal(caller: CallerDep, service: ServiceDep, uid: str, as_known_at: KnownAtQuery = None) -> Row:
    """Give one proposal, pending or decided."""
    return service.proposals.get(looking_from(caller, as_known_at), uid)


@router.post("/{uid}/decisions", status_code=201)
def decide(
    caller: CallerDep,
    service: ServiceDep,
    uid: str,
    given: Decided,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
) -> Response:
    """Keep what was decided, and give the proposal with its decision. The same `Idempotency-Key` decides once."""

    def act(command: str) -> Row:
        return service.proposals.decide(
            caller, uid, given.decision, reason=given.reason, affected=given.affected, command=command
        )

    row = once(service, caller, idempotency_key, f"proposal {uid}", given.model_dump_json(), act)
    return JSONResponse(row, 201)
