"""Contexts: what is happening here, who is affected, is it safer than when its plan was made? The list, a referral, and the pages of one context."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from graph_service.access import Action, Viewer
from graph_service.errors import ConflictError, NotFoundError, NotPermittedError
from graph_service.pathway.harms import harms
from graph_service.web import words
from graph_service.web.context_forms import HOW, KINDS, PARTS
from graph_service.web.deps import KnownAtDep, PagesDep, ServiceDep, ViewerDep
from graph_service.web.forms import FormDep, conflict, listed, once, sentence
from graph_service.web.protection import map_frame
from graph_service.web.seam import Row, ServiceLike
from queries.errors import ParameterError

router = APIRouter(prefix="/contexts", include_in_schema=False)
DECISIONS: Final = {
    "record_only": "Record only: keep it, and be told if it comes to notice again",
    "assess": "Assess: a satellite team makes a Context Assessment",
    "sign_off": "Sign the assessment and the plan off",
    "again": "Keep going: reviewed again in {weeks} weeks",
    "close": "Close: the team's access ends",
    "refer_on": "Refer on to the Community Tasking and Coordinating Group",
}
# (folder of the address, name): each tab answers one question.
TABS: Final = (
    ("", "Overview"),
    ("/people", "People"),
    ("/map", "Place and hours"),
    ("/assessment", "Assessment"),
    ("/weighting", "Weighting"),
    ("/plan", "Plan"),
    ("/review", "Before and after"),
    ("/evidence", "Evidence"),
    ("/notices", "Notices"),
    ("/team", "Team"),
    ("/sharing", "Sharing"),
    ("/log", "Log"),
)


@router.get("")
def contexts(
    request: Request,
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    state: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Show the contexts by state: what needs somebody first."""
    chosen = state if state in words.CONTEXT_STATES else ""
    found = service.contexts.list(viewer, state=chosen)
    return pages.show(
        request,
        "contexts/contexts.html",
        handling=strictest(found),
        contexts=found,
        states=words.CONTEXT_STATES,
        kinds=KINDS,
        chosen=chosen,
        may_refer=viewer.may(Action.REFER_CONTEXT),
    )


@router.get("/{uid}")
def overview(request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str) -> Response:
    """Show what the context is, who is affected, how it came and what was decided."""
    return _overview(request, viewer, service, pages, uid)


def _overview(
    request: Request,
    viewer: Viewer,
    service: ServiceLike,
    pages: Any,  # noqa: ANN401
    uid: str,
    fields: dict[str, str] | None = None,
    reason: str = "",
) -> Response:
    context = service.contexts.get(viewer, uid)
    return pages.show(  # type: ignore[no-any-return]
        request,
        "contexts/overview.html",
        status=422 if fields else 200,
        **head(context, ""),
        decisions={
            name: text.format(**context["reviewed"])
            for name, text in DECISIONS.items()
            if f"decide:{name}" in context["may"]
        },
        decided=DECISIONS,
        how=HOW,
        harms={word: row["label"] for word, row in harms().items()},
        parts_of=PARTS,
        reason=reason,
        fields=fields or {},
        errors=listed(fields or {}),
    )


@router.post("/{uid}/decisions")
async def decide(
    request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str, form: FormDep
) -> Response:
    """Keep what MET decided, with its reason."""
    decision, reason = str(form.get("decision") or ""), str(form.get("reason") or "").strip()
    fields: dict[str, str] = {}
    if decision not in DECISIONS:
        fields["decision"] = "Choose what was decided"
    if not reason:
        fields["reason"] = "Enter the reason, as it should stand on the record"
    if not fields:
        try:
            await run_in_threadpool(
                service.contexts.decide, viewer, uid, decision, reason=reason, version=version_of(form)
            )
        except (ParameterError, ConflictError) as error:
            fields["decision"] = sentence(error.rule if isinstance(error, ParameterError) else str(error))
        else:
            return RedirectResponse(f"/contexts/{uid}", status_code=303)
    return await run_in_threadpool(_overview, request, viewer, service, pages, uid, fields, reason)


@router.get("/{uid}/people")
def people(
    request: Request,
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    known_at: KnownAtDep,
    uid: str,
    start: Annotated[str, Query(alias="from", max_length=40)] = "",
    end: Annotated[str, Query(alias="to", max_length=40)] = "",
) -> Response:
    """Show who is recorded as present and who is affected, each with the evidence."""
    context = service.contexts.get(viewer, uid)
    given = {"subject": uid, "from": start, "to": end}
    answer = service.questions.ask(viewer, "contexts.people_present", given, as_known_at=known_at)
    return pages.show(
        request,
        "contexts/people.html",
        answers=[answer],
        **head(context, "/people", frame=False),
        rows=answer["rows"],
        caveats=answer["caveats"],
        given=given,
    )


@router.get("/{uid}/map")
def place(request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str) -> Response:
    """Show the context's area, incidents by time of day, safe places and who could keep it safe."""
    context = service.contexts.get(viewer, uid)
    guardians = ((context["parts"].get("assessment") or {}).get("content") or {}).get("guardianship") or []
    return pages.show(request, "contexts/map.html", **head(context, "/map"), guardians=guardians)


@router.get("/{uid}/map/drawn")
def drawn(viewer: ViewerDep, service: ServiceDep, pages: PagesDep, known_at: KnownAtDep, uid: str) -> Response:
    """Give the map of a context, for the sandboxed frame on its page."""
    try:
        document = service.maps.html(viewer, "contexts.map", {"subject": uid}, known_at)
    except (NotFoundError, NotPermittedError, ParameterError):
        document = pages.no_map("This context has no place whose position you may see.")
    return map_frame(document)


@router.get("/{uid}/notices")
def notices(request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str) -> Response:
    """Show what came to notice since the context was opened."""
    context = service.contexts.get(viewer, uid)
    return pages.show(
        request, "contexts/notices.html", **head(context, "/notices"), notices=service.contexts.notices(viewer, uid)
    )


@router.post("/{uid}/notices")
async def seen(viewer: ViewerDep, service: ServiceDep, uid: str, form: FormDep) -> Response:
    """Note that the notices were read that the page showed; what came to notice since stays new."""
    up_to = str(form.get("up_to") or "")
    await run_in_threadpool(lambda: service.contexts.seen(viewer, uid, up_to=up_to))
    return RedirectResponse(f"/contexts/{uid}/notices", status_code=303)


@router.get("/{uid}/log")
def log(request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str) -> Response:
    """Show the activity log."""
    return _log(request, viewer, service, pages, uid)


def _log(
    request: Request,
    viewer: Viewer,
    service: ServiceLike,
    pages: Any,  # noqa: ANN401
    uid: str,
    fields: dict[str, str] | None = None,
    typed: str = "",
) -> Response:
    context = service.contexts.get(viewer, uid)
    return pages.show(  # type: ignore[no-any-return]
        request,
        "contexts/log.html",
        status=422 if fields else 200,
        **head(context, "/log"),
        entries=service.contexts.log(viewer, uid),
        typed=typed,
        fields=fields or {},
        errors=listed(fields or {}),
    )


@router.post("/{uid}/log")
async def note(
    request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str, form: FormDep
) -> Response:
    """Add an entry to the log."""
    text = str(form.get("text") or "").strip()
    if not text:
        return await run_in_threadpool(
            _log, request, viewer, service, pages, uid, {"text": "Enter what was done or learnt"}
        )
    try:
        await run_in_threadpool(
            once,
            service,
            viewer,
            form,
            f"note in context {uid}",
            text,
            lambda command: service.contexts.note(viewer, uid, text, command=command),
        )
    except (ParameterError, ConflictError) as error:
        said = sentence(error.rule) if isinstance(error, ParameterError) else conflict(error)
        return await run_in_threadpool(_log, request, viewer, service, pages, uid, {"text": said}, text)
    return RedirectResponse(f"/contexts/{uid}/log", status_code=303)


def head(context: Row, tab: str, *, frame: bool = True) -> dict[str, Any]:
    """Give what every page of a context begins with; `frame`: the page has no answer that says its handling."""
    base = f"/contexts/{context['uid']}"
    tabs = [{"href": base + folder, "text": text, "current": folder == tab} for folder, text in TABS]
    values: dict[str, Any] = {
        "context": context,
        "tabs": tabs,
        "title": context["label"],
        "states": words.CONTEXT_STATES,
        "kinds": KINDS,
        "words": words,
    }
    return values | {"handling": strictest([context])} if frame else values


def strictest(rows: Any) -> str:  # noqa: ANN401
    """Give the strictest handling of summary rows."""
    found = {row.get("handling") or "C" for row in rows}
    return "none" if not found else "P" if found == {"P"} else "C"


def version_of(form: FormData) -> int:
    """Give the version that the form was made from; 0 when somebody changed it by hand."""
    text = str(form.get("version") or "")
    return int(text) if text.isdecimal() and len(text) < 9 else 0
