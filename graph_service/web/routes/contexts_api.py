"""The contextual database for programs: contexts, their satellite teams, and what became of them."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from graph_service.access import Viewer
from graph_service.web import context_bodies as bodies
from graph_service.web import context_rows
from graph_service.web.deps import CallerDep, ServiceDep
from graph_service.web.paging import paged
from graph_service.web.routes.api import AfterQuery, KnownAtQuery, LimitQuery, looking_from
from graph_service.web.seam import Row, ServiceLike
from graph_service.web.versions import KeyHeader, MatchHeader, once, version_of, versioned

router = APIRouter(prefix="/api/v1", tags=["contexts"])
StateQuery = Annotated[bodies.State | None, Query(description="only those in this state")]
# A resource of the API to the part that it is.
_PARTS: Final[Mapping[str, str]] = {
    "team": "team", "assessments": "assessment", "weighting": "weighting", "plan": "plan", "review": "review",
}  # fmt: skip
_CREATED: Final[Mapping[int | str, dict[str, Any]]] = {
    201: {"headers": {"Location": {"schema": {"type": "string"}}, "ETag": {"schema": {"type": "string"}}}}
}


@router.get("/contexts", response_model=list[context_rows.SummaryRow])
def contexts(
    request: Request,
    caller: CallerDep,
    service: ServiceDep,
    state: StateQuery = None,
    limit: LimitQuery = 50,
    after: AfterQuery = "",
    as_known_at: KnownAtQuery = None,
) -> Response:
    """Give the contexts open to the caller: those that need somebody first, then by label."""
    return paged(request, service.contexts.list(looking_from(caller, as_known_at), state=state or ""), limit, after)


@router.post("/contexts", status_code=201, response_model=context_rows.SummaryRow, responses=dict(_CREATED))
def refer(caller: CallerDep, service: ServiceDep, given: bodies.Referred, key: KeyHeader = None) -> Response:
    """Refer a context. Whoever does not sit in its team gets a receipt (`open` false), and nothing of it afterwards."""
    row = once(
        service,
        caller,
        key,
        "refer context",
        given.model_dump_json(),
        lambda command: service.contexts.refer(caller, given.model_dump(), command=command),
    )
    return versioned(row, 201, Location=f"/api/v1/contexts/{row['uid']}")


@router.get("/contexts/{uid}", response_model=context_rows.WholeRow)
def context(caller: CallerDep, service: ServiceDep, uid: str, as_known_at: KnownAtQuery = None) -> Response:
    """Give a context: its definition, origin, decisions, who is affected, its parts, and what the caller may do."""
    return versioned(service.contexts.get(looking_from(caller, as_known_at), uid))


@router.patch("/contexts/{uid}", response_model=context_rows.WholeRow)
def change(
    caller: CallerDep, service: ServiceDep, uid: str, given: bodies.Changed, if_match: MatchHeader = None
) -> Response:
    """Change fields of a context's definition, or who is affected. A list that is given replaces the list that the caller sees."""
    fields = given.model_dump(exclude_unset=True, exclude={"why"})
    return versioned(service.contexts.change(caller, uid, fields, version=version_of(if_match), why=given.why))


@router.get("/contexts/{uid}/history", response_model=list[context_rows.PartRow])
def definitions(
    request: Request,
    caller: CallerDep,
    service: ServiceDep,
    uid: str,
    limit: LimitQuery = 50,
    after: AfterQuery = "",
    as_known_at: KnownAtQuery = None,
) -> Response:
    """Give every version of a context's definition, latest first, with who changed it, when and why."""
    return paged(request, service.contexts.history(looking_from(caller, as_known_at), uid, "definition"), limit, after)


@router.post("/contexts/{uid}/decisions", response_model=context_rows.WholeRow)
def decide(
    caller: CallerDep,
    service: ServiceDep,
    uid: str,
    given: bodies.Decided,
    if_match: MatchHeader = None,
    key: KeyHeader = None,
) -> Response:
    """Record what MET decided. To close, or to refer on, ends the team's access at once."""
    version = version_of(if_match)

    def act(command: str) -> Row:
        return service.contexts.decide(
            caller, uid, given.decision, reason=given.reason, version=version, meeting=given.meeting, command=command
        )

    return versioned(once(service, caller, key, f"decide {uid}", f"{version}{given.model_dump_json()}", act))


@router.get("/contexts/{uid}/team", response_model=context_rows.PartRow)
def team(caller: CallerDep, service: ServiceDep, uid: str, as_known_at: KnownAtQuery = None) -> Response:
    """Give the satellite team."""
    return _part(service, caller, uid, "team", as_known_at)


@router.put("/contexts/{uid}/team", response_model=context_rows.PartRow)
def save_team(
    caller: CallerDep, service: ServiceDep, uid: str, given: bodies.SavedTeam, if_match: MatchHeader = None
) -> Response:
    """Name the satellite team: it has the context from its next request, and whoever is no longer named has not."""
    return _save(service, caller, uid, "team", given, if_match)


@router.get("/contexts/{uid}/assessments", response_model=context_rows.PartRow)
def assessment(caller: CallerDep, service: ServiceDep, uid: str, as_known_at: KnownAtQuery = None) -> Response:
    """Give the Context Assessment as it stands."""
    return _part(service, caller, uid, "assessment", as_known_at)


@router.put("/contexts/{uid}/assessments", response_model=context_rows.PartRow)
def save_assessment(
    caller: CallerDep, service: ServiceDep, uid: str, given: bodies.SavedAssessment, if_match: MatchHeader = None
) -> Response:
    """Save the next version of the Context Assessment, as a draft until MET signs it off."""
    return _save(service, caller, uid, "assessment", given, if_match)


@router.get("/contexts/{uid}/weighting", response_model=context_rows.PartRow)
def weighting(caller: CallerDep, service: ServiceDep, uid: str, as_known_at: KnownAtQuery = None) -> Response:
    """Give what must change first, as the practitioner ranked it."""
    return _part(service, caller, uid, "weighting", as_known_at)


@router.put("/contexts/{uid}/weighting", response_model=context_rows.PartRow)
def save_weighting(
    caller: CallerDep, service: ServiceDep, uid: str, given: bodies.SavedWeighting, if_match: MatchHeader = None
) -> Response:
    """Save the practitioner's ranking with its reasons; nothing computes a weight."""
    return _save(service, caller, uid, "weighting", given, if_match)


@router.get("/contexts/{uid}/plan", response_model=context_rows.PartRow)
def plan(caller: CallerDep, service: ServiceDep, uid: str, as_known_at: KnownAtQuery = None) -> Response:
    """Give the plan: its actions, and its goals with their frozen baselines."""
    return _part(service, caller, uid, "plan", as_known_at)


@router.put("/contexts/{uid}/plan", response_model=context_rows.PartRow)
def save_plan(
    caller: CallerDep, service: ServiceDep, uid: str, given: bodies.SavedPlan, if_match: MatchHeader = None
) -> Response:
    """Save the plan. Progress on actions leaves a signed plan signed; other goals or actions wait for MET to sign them off."""
    return _save(service, caller, uid, "plan", given, if_match)


@router.get("/contexts/{uid}/review", response_model=context_rows.ReviewRow)
def review(caller: CallerDep, service: ServiceDep, uid: str, as_known_at: KnownAtQuery = None) -> Response:
    """Give the review, and each goal's measure before and after with its uncertainty."""
    looking = looking_from(caller, as_known_at)
    row = service.contexts.part(looking, uid, "review")
    outcome = service.contexts.before_and_after(looking, uid)
    return versioned({"review": row, "outcome": outcome, "version": row["version"]})


@router.put("/contexts/{uid}/review", response_model=context_rows.PartRow)
def save_review(
    caller: CallerDep, service: ServiceDep, uid: str, given: bodies.SavedReview, if_match: MatchHeader = None
) -> Response:
    """Save the review, as a draft until MET decides on it."""
    return _save(service, caller, uid, "review", given, if_match)


@router.get("/contexts/{uid}/{part}/history", response_model=list[context_rows.PartRow])
def part_history(
    request: Request,
    caller: CallerDep,
    service: ServiceDep,
    uid: str,
    part: bodies.PartWord,
    limit: LimitQuery = 50,
    after: AfterQuery = "",
    as_known_at: KnownAtQuery = None,
) -> Response:
    """Give every version of a part, latest first, with who wrote it, when and why."""
    return paged(request, service.contexts.history(looking_from(caller, as_known_at), uid, _PARTS[part]), limit, after)


@router.get("/contexts/{uid}/notices", response_model=list[context_rows.NoticeRow])
def notices(
    request: Request,
    caller: CallerDep,
    service: ServiceDep,
    uid: str,
    limit: LimitQuery = 50,
    after: AfterQuery = "",
    as_known_at: KnownAtQuery = None,
) -> Response:
    """Give what came to notice since the context was opened, latest first, as far as the caller may see."""
    return paged(request, service.contexts.notices(looking_from(caller, as_known_at), uid), limit, after)


@router.post("/contexts/{uid}/notices/seen", status_code=204)
def seen(caller: CallerDep, service: ServiceDep, uid: str) -> Response:
    """Note that the caller has read the notices. Nobody else is told."""
    service.contexts.seen(caller, uid)
    return Response(status_code=204)


@router.get("/contexts/{uid}/log", response_model=list[context_rows.LogRow])
def log(
    request: Request,
    caller: CallerDep,
    service: ServiceDep,
    uid: str,
    limit: LimitQuery = 50,
    after: AfterQuery = "",
    as_known_at: KnownAtQuery = None,
) -> Response:
    """Give the activity log, latest first."""
    return paged(request, service.contexts.log(looking_from(caller, as_known_at), uid), limit, after)


@router.post("/contexts/{uid}/log", status_code=201, response_model=context_rows.LogRow)
def note(caller: CallerDep, service: ServiceDep, uid: str, given: bodies.Noted, key: KeyHeader = None) -> Response:
    """Add an entry to the activity log."""
    row = once(
        service,
        caller,
        key,
        f"note {uid}",
        given.model_dump_json(),
        lambda command: service.contexts.note(caller, uid, given.text, command=command),
    )
    return JSONResponse(row, 201)


@router.get("/contexts/{uid}/evidence", response_model=list[context_rows.EvidenceRow])
def evidence(
    request: Request,
    caller: CallerDep,
    service: ServiceDep,
    uid: str,
    limit: LimitQuery = 50,
    after: AfterQuery = "",
    as_known_at: KnownAtQuery = None,
) -> Response:
    """Give the evidence attached, each piece worked out anew for the caller as known when it was attached."""
    return paged(request, service.contexts.evidence(looking_from(caller, as_known_at), uid), limit, after)


@router.post("/contexts/{uid}/evidence", status_code=201, response_model=context_rows.EvidenceRow)
def attach(caller: CallerDep, service: ServiceDep, uid: str, given: bodies.Attached, key: KeyHeader = None) -> Response:
    """Freeze the answer to a question as evidence."""

    def act(command: str) -> Row:
        return service.contexts.attach(caller, uid, given.question, given.parameters, why=given.why, command=command)

    return JSONResponse(once(service, caller, key, f"attach {uid}", given.model_dump_json(), act), 201)


@router.get("/measures", response_model=list[context_rows.MeasureRow])
def measures(caller: CallerDep, service: ServiceDep) -> Any:  # noqa: ANN401  checked by its model
    """Give the named measures that a goal may use."""
    return service.contexts.measures(caller)


@router.get("/colleagues", response_model=list[context_rows.ColleagueRow])
def colleagues(caller: CallerDep, service: ServiceDep) -> Any:  # noqa: ANN401  checked by its model
    """Give who can be named for a satellite team; for those who name teams."""
    return service.contexts.colleagues(caller)


def _part(service: ServiceLike, caller: Viewer, uid: str, name: str, moment: KnownAtQuery) -> Response:
    return versioned(service.contexts.part(looking_from(caller, moment), uid, name))


def _save(
    service: ServiceLike, caller: Viewer, uid: str, name: str, given: BaseModel, if_match: str | None
) -> Response:
    told = given.model_dump()
    version = version_of(if_match)
    return versioned(service.contexts.save(caller, uid, name, told["content"], version=version, why=told["why"]))
