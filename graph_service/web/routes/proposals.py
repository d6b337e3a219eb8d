"""Proposals: which separate reports meet? Pending, with their citations and what chance would give; decided with a reason."""

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from graph_service.access import Action, Viewer
from graph_service.errors import ConflictError
from graph_service.web.deps import PagesDep, ServiceDep, ViewerDep
from graph_service.web.forms import FormDep, conflict, listed, once, sentence
from graph_service.web.seam import ServiceLike
from queries.errors import ParameterError

router = APIRouter(prefix="/proposals", include_in_schema=False)
DECISIONS: Final = {
    "record_only": "Record only: a context is kept, and its team is told if it comes to notice again",
    "assess": "Assess: a satellite team makes a Context Assessment",
    "dismiss": "Dismiss: no context; it is proposed again only if new reports come",
}


@router.get("")
def proposals(request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep) -> Response:
    """Show what is pending, what is new first."""
    return pages.show(request, "proposals/proposals.html", handling="C", proposals=service.proposals.list(viewer))


@router.get("/{uid}")
def proposal(request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str) -> Response:
    """Show one proposal with its citations, and to whom may decide a form."""
    return _proposal(request, viewer, service, pages, uid)


def _proposal(
    request: Request,
    viewer: Viewer,
    service: ServiceLike,
    pages: Any,  # noqa: ANN401
    uid: str,
    fields: dict[str, str] | None = None,
    given: dict[str, Any] | None = None,
) -> Response:
    found = service.proposals.get(viewer, uid)
    pending = found["decision"] is None or found.get("new_since", 0) > 0
    return pages.show(  # type: ignore[no-any-return]
        request,
        "proposals/proposal.html",
        status=422 if fields else 200,
        handling="C",
        proposal=found,
        decisions=DECISIONS,
        people=_about(found),
        may_decide=pending and viewer.may(Action.DECIDE_CONTEXT) and viewer.known_at is None,
        fields=fields or {},
        given=given or {},
        errors=listed(fields or {}),
    )


def _about(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Give whom the citations are about, each once, by label."""
    people = {child["uid"]: child for citation in found["citations"] for child in citation["about"]}
    return sorted(people.values(), key=lambda child: (child["label"], child["uid"]))


@router.post("/{uid}/decisions")
async def decide(
    request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str, form: FormDep
) -> Response:
    """Keep what was decided, with its reason."""
    given: dict[str, Any] = {
        "decision": str(form.get("decision") or ""),
        "reason": str(form.get("reason") or "").strip(),
        "affected": [str(uid) for uid in form.getlist("affected")],
    }
    fields: dict[str, str] = {}
    if given["decision"] not in DECISIONS:
        fields["decision"] = "Choose what was decided"
    if not given["reason"]:
        fields["reason"] = "Enter the reason, as it should stand on the record"
    if not fields:
        try:
            await run_in_threadpool(
                once,
                service,
                viewer,
                form,
                f"decide proposal {uid}",
                given,
                lambda command: service.proposals.decide(
                    viewer,
                    uid,
                    given["decision"],
                    reason=given["reason"],
                    affected=given["affected"],
                    command=command,
                ),
            )
        except (ParameterError, ConflictError) as error:
            field = "affected" if isinstance(error, ParameterError) and error.name == "affected" else "decision"
            fields[field] = sentence(error.rule) if isinstance(error, ParameterError) else conflict(error)
        else:
            return RedirectResponse(f"/proposals/{uid}", status_code=303)
    return await run_in_threadpool(_proposal, request, viewer, service, pages, uid, fields, given)
