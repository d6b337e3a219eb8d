"""What a context is: the form by which it is referred, and the one by which its team changes its definition."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from graph_service.access import Action, Viewer
from graph_service.errors import ConflictError, NotPermittedError
from graph_service.pathway.harms import harms
from graph_service.web.context_forms import HOW, KINDS
from graph_service.web.deps import PagesDep, ServiceDep, ViewerDep
from graph_service.web.forms import FormDep, conflict, listed, once, sentence
from graph_service.web.pages import Pages
from graph_service.web.routes.contexts import head, version_of
from graph_service.web.seam import Row, ServiceLike
from queries.errors import ParameterError

router = APIRouter(prefix="/contexts", include_in_schema=False)
# The fields of a definition that hold subjects, by the kinds that go into each.
SUBJECT_FIELDS: Final = {
    "location": "places", "child": "people", "adult": "people", "person": "people", "group": "groups",
    "vehicle": "vehicles", "account": "accounts",
}  # fmt: skip
_FIELDS: Final = tuple(dict.fromkeys(SUBJECT_FIELDS.values()))
_TEXTS: Final = ("kind", "label", "summary", "how", "reason", "handle", "platform", "area")
_MOST_FOUND: Final = 15


@router.get("/new")
def new(request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep) -> Response:
    """Show the form of a referral."""
    if not viewer.may(Action.REFER_CONTEXT):
        raise NotPermittedError
    return _referral(request, viewer, service, pages, {"how": "direct"}, [])


@router.post("/new")
async def refer(request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, form: FormDep) -> Response:
    """Look for what the context is about, or refer it; or say what is wrong with what was entered."""
    given, chosen, find = _texts(form), _chosen(form), str(form.get("find") or "").strip()
    if form.get("do") == "find":
        return await run_in_threadpool(_referral, request, viewer, service, pages, given, chosen, find=find)
    fields: dict[str, str] = {}
    if given["kind"] not in KINDS:
        fields["kind"] = "Choose what kind of context it is"
    if not given["label"]:
        fields["label"] = "Enter what people call it"
    if not given["reason"]:
        fields["reason"] = "Enter why it is referred"
    if not fields:
        try:
            made = await run_in_threadpool(
                once,
                service,
                viewer,
                form,
                "refer context",
                [given, chosen],
                lambda command: _refer(viewer, service, given, chosen, command),
            )
        except ParameterError as error:
            fields[error.name] = sentence(error.rule)
        except ConflictError as error:
            fields["label"] = conflict(error)
        else:
            # Whoever refers may not be one of those who see it: then the list is where to go on.
            is_open = made.get("open", True)
            return RedirectResponse(f"/contexts/{made['uid']}" if is_open else "/contexts", status_code=303)
    return await run_in_threadpool(_referral, request, viewer, service, pages, given, chosen, fields=fields)


@router.get("/{uid}/definition")
def definition(request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str) -> Response:
    """Show the form of the definition."""
    context = service.contexts.get(viewer, uid)
    given = {**context["definition"], "area": _as_text(context["definition"]["area"])}
    chosen = [row["uid"] for field in _FIELDS for row in context["definition"][field]]
    affected = {row["person"]["uid"]: row["why"] for row in context["affected"]}
    others = {field: [row["uid"] for row in context[field]] for field in ("contains", "touches")}
    return _definition(request, viewer, service, pages, context, given, chosen, affected, others)


@router.post("/{uid}/definition")
async def change(
    request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str, form: FormDep
) -> Response:
    """Keep the next version of the definition; when somebody else was first, say so and lose nothing that was typed."""
    context = await run_in_threadpool(service.contexts.get, viewer, uid)
    given, chosen, find = _texts(form), _chosen(form), str(form.get("find") or "").strip()
    affected = {str(person): str(form.get(f"why-{person}") or "").strip() for person in form.getlist("affected")}
    others = {field: [str(other) for other in form.getlist(field)] for field in ("contains", "touches")}
    why = str(form.get("why") or "").strip()
    fields: dict[str, str] = {}
    if form.get("do") != "find":
        if not why:
            fields["why"] = "Enter why it is changed"
        if not fields:
            try:
                await run_in_threadpool(
                    _change, viewer, service, context, given, chosen, affected, others, version_of(form), why
                )
            except ParameterError as error:
                fields[error.name] = sentence(error.rule)
            except ConflictError:
                fields["why"] = (
                    "Somebody else changed this meanwhile. What they wrote is on the overview; save again to put yours in its place"
                )
            else:
                return RedirectResponse(f"/contexts/{uid}", status_code=303)
    return await run_in_threadpool(
        _definition,
        request,
        viewer,
        service,
        pages,
        context,
        given,
        chosen,
        affected,
        others,
        find=find,
        why=why,
        fields=fields,
    )


def _refer(viewer: Viewer, service: ServiceLike, given: Mapping[str, Any], chosen: Sequence[str], command: str) -> Row:
    fields = {**given, **_subjects(viewer, service, chosen, {}), "area": _as_area(given)}
    return service.contexts.refer(viewer, fields, command=command)


def _change(
    viewer: Viewer,
    service: ServiceLike,
    context: Row,
    given: Mapping[str, Any],
    chosen: Sequence[str],
    affected: Mapping[str, str],
    others: Mapping[str, Sequence[str]],
    version: int,
    why: str,
) -> None:
    held: dict[str, list[Row]] = {}
    for row in context["affected"]:
        held.setdefault(row["person"]["uid"], []).append(row)
    now = {name: given[name] for name in ("label", "summary", "handle", "platform", "harms")}
    people = []
    for uid, said in affected.items():
        # The form shows the last of what is said of somebody; what others said, by other reports, stays.
        *earlier, shown = held.get(uid) or [{"evidence": []}]
        people += [{"person": uid, "why": row["why"], "citations": row["evidence"]} for row in earlier]
        people.append({"person": uid, "why": said, "citations": shown["evidence"]})
    subjects = _subjects(viewer, service, chosen, _shown_in(context))
    changed = {**now, **subjects, **others, "area": _as_area(given), "affected": people}
    service.contexts.change(viewer, context["uid"], changed, version=version, why=why)


def _subjects(
    viewer: Viewer, service: ServiceLike, chosen: Sequence[str], known: Mapping[str, Row]
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {field: [] for field in _FIELDS}
    for uid in chosen:
        subject = known.get(uid) or service.subject(viewer, uid)
        found[SUBJECT_FIELDS.get(subject["kind"], "places")].append(subject["uid"])
    return found


def _shown_in(context: Row) -> dict[str, Row]:
    rows = [row for field in _FIELDS for row in context["definition"][field]]
    return {row["uid"]: row for row in [*rows, *(one["person"] for one in context["affected"])]}


def _texts(form: FormData) -> dict[str, Any]:
    given: dict[str, Any] = {name: str(form.get(name) or "").replace("\r\n", "\n").strip() for name in _TEXTS}
    return given | {"harms": [str(word) for word in form.getlist("harms")]}


def _chosen(form: FormData) -> list[str]:
    return list(dict.fromkeys(str(uid) for uid in form.getlist("with")))


def _as_area(given: Mapping[str, Any]) -> Any:  # noqa: ANN401
    try:
        return json.loads(given["area"]) if given["area"] else None
    except (ValueError, RecursionError):
        raise ParameterError("area", "use a GeoJSON polygon in longitude and latitude, or leave it empty") from None


def _as_text(area: object) -> str:
    return json.dumps(area) if area else ""


def _found(viewer: Viewer, service: ServiceLike, find: str, chosen: Sequence[str]) -> list[Row]:
    rows = service.find(viewer, find)[:_MOST_FOUND] if find else []
    return [row for row in rows if row["kind"] in SUBJECT_FIELDS and row["uid"] not in chosen]


def _referral(
    request: Request,
    viewer: Viewer,
    service: ServiceLike,
    pages: Pages,
    given: Mapping[str, Any],
    chosen: Sequence[str],
    *,
    find: str = "",
    fields: Mapping[str, str] | None = None,
) -> Response:
    found = _found(viewer, service, find, chosen)
    return pages.show(
        request,
        "contexts/new.html",
        handling="C" if found or chosen else "none",
        status=422 if fields else 200,
        kinds=KINDS,
        how=HOW,
        harms={word: row["label"] for word, row in harms().items()},
        given=given,
        chosen=[service.subject(viewer, uid) for uid in chosen],
        found=found,
        find=find,
        fields=fields or {},
        errors=listed(fields or {}),
    )


def _definition(
    request: Request,
    viewer: Viewer,
    service: ServiceLike,
    pages: Pages,
    context: Row,
    given: Mapping[str, Any],
    chosen: Sequence[str],
    affected: Mapping[str, str],
    others: Mapping[str, Sequence[str]],
    *,
    find: str = "",
    why: str = "",
    fields: Mapping[str, str] | None = None,
) -> Response:
    # What the context itself shows need not be opened: a school in a team sees in it people whose records are not for schools.
    known = _shown_in(context)
    return pages.show(
        request,
        "contexts/definition.html",
        status=422 if fields else 200,
        **head(context, ""),
        harms={word: row["label"] for word, row in harms().items()},
        given=given,
        chosen=[known.get(uid) or service.subject(viewer, uid) for uid in chosen],
        affected=[(known.get(uid) or service.subject(viewer, uid), said) for uid, said in affected.items()],
        found=_found(viewer, service, find, [*chosen, *affected]),
        find=find,
        contexts=[row for row in service.contexts.list(viewer) if row["uid"] != context["uid"]],
        others=others,
        why=why,
        fields=fields or {},
        errors=listed(fields or {}),
    )
