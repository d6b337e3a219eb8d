"""The parts of a context that a team writes together: assessment, weighting, plan, review, team and evidence, each with its versions."""

from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from graph_service.access import Viewer
from graph_service.errors import ConflictError, NotFoundError
from graph_service.web.change_picture import change_picture
from graph_service.web.context_forms import (
    ACTION_STATES,
    OUTCOMES,
    PARTS,
    Part,
    as_content,
    as_fields,
    field_of,
    read_content,
    rows_to_show,
)
from graph_service.web.deps import PagesDep, ServiceDep, ViewerDep
from graph_service.web.forms import FormDep, conflict, listed, once, sentence
from graph_service.web.routes.contexts import head, version_of
from graph_service.web.seam import Row, ServiceLike
from graph_service.web.weighting_picture import weighting_picture
from queries.catalogue import questions
from queries.errors import ParameterError

router = APIRouter(prefix="/contexts", include_in_schema=False)
# What a team may attach: questions of one context, place or layer, not of the whole city's records.
ATTACHED: Final = (
    "contexts.people_present",
    "people.timeline",
    "peers.network",
    "places.hotspots",
    "episodes.co_missing",
)


@router.get("/{uid}/evidence")
def evidence(request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str) -> Response:
    """Show the evidence attached: what was asked, when, and the answer as this reader may see it."""
    return _evidence(request, viewer, service, pages, uid)


def _evidence(
    request: Request,
    viewer: Viewer,
    service: ServiceLike,
    pages: Any,  # noqa: ANN401
    uid: str,
    fields: dict[str, str] | None = None,
) -> Response:
    context = service.contexts.get(viewer, uid)
    return pages.show(  # type: ignore[no-any-return]
        request,
        "contexts/evidence.html",
        status=422 if fields else 200,
        **head(context, "/evidence"),
        attached=service.contexts.evidence(viewer, uid),
        may_ask={name: questions()[name].meaning for name in ATTACHED if name in questions()},
        fields=fields or {},
        errors=listed(fields or {}),
    )


@router.post("/{uid}/evidence")
async def attach(
    request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str, form: FormDep
) -> Response:
    """Freeze the answer to a question as evidence."""
    name, why = str(form.get("question") or ""), str(form.get("why") or "").strip()
    asked = questions().get(name)
    fields: dict[str, str] = {}
    if name not in ATTACHED or asked is None:
        fields["question"] = "Choose what to attach"
    if not why:
        fields["why"] = "Enter what it is to show"
    if not fields and asked is not None:
        known = {parameter.name for parameter in asked.parameters}
        given: dict[str, str] = {
            key: str(form.get(key) or "").strip() for key in ("from", "to", "layer") if key in known
        }
        if "subject" in known:
            given["subject"] = str(form.get("subject") or "").strip() or uid
        given = {key: value for key, value in given.items() if value}
        try:
            await run_in_threadpool(
                once,
                service,
                viewer,
                form,
                f"attach to context {uid}",
                [name, given, why],
                lambda command: service.contexts.attach(viewer, uid, name, given, why=why, command=command),
            )
        except ParameterError as error:
            fields["question"] = sentence(f"{error.name}: {error.rule}")
        except NotFoundError:
            fields["question"] = "There is nothing of that name here for you to see"
        except ConflictError as error:
            fields["question"] = conflict(error)
        else:
            return RedirectResponse(f"/contexts/{uid}/evidence", status_code=303)
    return await run_in_threadpool(_evidence, request, viewer, service, pages, uid, fields)


@router.get("/{uid}/history/{name}")
def history(request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str, name: str) -> Response:
    """Show every version of a part, latest first."""
    context = service.contexts.get(viewer, uid)
    if name not in PARTS and name != "definition":
        raise NotFoundError
    tab = f"/{name}" if name in PARTS else ""
    return pages.show(
        request,
        "contexts/history.html",
        **head(context, tab),
        name=name,
        part_title=PARTS[name].title if name in PARTS else "Definition",
        fields={field.name: field for field in PARTS[name].fields} if name in PARTS else {},
        versions=[
            {**version, "content": as_fields(PARTS[name], version["content"]) if name in PARTS else version["content"]}
            for version in service.contexts.history(viewer, uid, name)
        ],
    )


@router.get("/{uid}/{name}")
def part(request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str, name: str) -> Response:
    """Show one part, and to those who may write it its form."""
    return _part(request, viewer, service, pages, uid, name)


@router.post("/{uid}/{name}")
async def save(
    request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str, name: str, form: FormDep
) -> Response:
    """Keep the next version of a part; when somebody else saved first, show both and lose neither."""
    if name not in PARTS:
        raise NotFoundError
    content = await run_in_threadpool(_typed, viewer, service, PARTS[name], form)
    why = str(form.get("why") or "").strip()
    if form.get("do") == "more":
        return await run_in_threadpool(_part, request, viewer, service, pages, uid, name, content=content, why=why)
    fields: dict[str, str] = {}
    stale = False
    try:
        await run_in_threadpool(
            service.contexts.save,
            viewer,
            uid,
            name,
            as_content(PARTS[name], content),
            version=version_of(form),
            why=why,
        )
    except ParameterError as error:
        field, box = field_of(PARTS[name], error.name)
        fields[field] = sentence(f"{box}: {error.rule}" if box else error.rule)
    except ConflictError:
        stale = True
    else:
        return RedirectResponse(f"/contexts/{uid}/{name}", status_code=303)
    return await run_in_threadpool(
        _part, request, viewer, service, pages, uid, name, content=content, why=why, fields=fields, stale=stale
    )


def _typed(viewer: Viewer, service: ServiceLike, part: Part, form: FormData) -> dict[str, Any]:
    """Read what was typed; a member of a team brings the agency of their account."""
    content = read_content(part, form)
    if part.name == "team":
        agencies = {row["account"]: row["agency"] for row in service.contexts.colleagues(viewer)}
        for row in content["members"]:
            row["agency"] = agencies.get(row["account"] or "", "")
    return content


def _part(
    request: Request,
    viewer: Viewer,
    service: ServiceLike,
    pages: Any,  # noqa: ANN401
    uid: str,
    name: str,
    *,
    content: dict[str, Any] | None = None,
    why: str = "",
    fields: dict[str, str] | None = None,
    stale: bool = False,
) -> Response:
    if name not in PARTS:
        raise NotFoundError
    part = PARTS[name]
    context = service.contexts.get(viewer, uid)
    held = service.contexts.part(viewer, uid, name)
    held = {**held, "content": as_fields(part, held["content"])}
    typed = held["content"] if content is None else content
    attached = service.contexts.evidence(viewer, uid) if name == "weighting" else []
    measures = service.contexts.measures(viewer) if name == "plan" else []
    may_write = f"save:{name}" in context["may"]
    colleagues = service.contexts.colleagues(viewer) if name == "team" and may_write else []
    values: dict[str, Any] = {}
    if name == "weighting":
        values["picture"] = weighting_picture(held["content"].get("weighting") or [])
    if name == "review":
        compared = service.contexts.before_and_after(viewer, uid)
        values |= {"compared": compared, "pictures": [change_picture(goal) for goal in compared["goals"]]}
    return pages.show(  # type: ignore[no-any-return]
        request,
        f"contexts/{name}.html",
        status=409 if stale else 422 if fields else 200,
        **head(context, f"/{name}"),
        part=part,
        held=held,
        typed=typed,
        rows={field.name: rows_to_show(field, typed) for field in part.fields if field.has_rows},
        choices=_choices(attached, measures, colleagues),
        measures={measure["name"]: measure for measure in measures},
        attached={item["id"]: item for item in attached},
        may_write=may_write,
        editing=content is not None,
        stale=stale,
        why=why,
        fields=fields or {},
        errors=listed(fields or {}),
        **values,
    )


def _choices(attached: Sequence[Row], measures: Sequence[Row], colleagues: Sequence[Row]) -> dict[str, dict[str, str]]:
    """Give the choices of each list by its name in `context_forms`."""
    found = list(attached)
    return {
        "colleagues": {row["account"]: f"{row['name']}, {row['agency'].replace('_', ' ')}" for row in colleagues},
        "leads": {
            row["account"]: f"{row['name']}, {row['agency'].replace('_', ' ')}" for row in colleagues if row["can_lead"]
        },
        "outcomes": dict(OUTCOMES),
        "evidence": {item["id"]: f"{item['why']} ({item['question']})" for item in found},
        "measures": {measure["name"]: measure["meaning"] for measure in measures},
        "action_states": dict(ACTION_STATES),
    }
