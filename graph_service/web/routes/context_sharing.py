"""What may be shared further of a context: what was agreed with whom and why, the form that records it, and its withdrawal."""

import datetime as dt
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from graph_service.access import Viewer
from graph_service.errors import ConflictError, NotFoundError, StaleError
from graph_service.web import times
from graph_service.web.deps import PagesDep, ServiceDep, ViewerDep
from graph_service.web.forms import FormDep, conflict, listed, once, sentence
from graph_service.web.routes.contexts import head, version_of
from graph_service.web.seam import Row, ServiceLike
from queries.errors import ParameterError

router = APIRouter(prefix="/contexts/{uid}/sharing", include_in_schema=False)
RECIPIENTS: Final = {
    "agency": "Another agency",
    "school": "A school",
    "business": "A business",
    "parent": "A parent or carer",
    "young_person": "A young person",
    "community": "Residents or a community group",
    "other": "Somebody else",
}
CONSENTS: Final = {
    "given": "Consent was given",
    "not_sought": "Consent was not sought",
    "refused": "Consent was refused",
    "nobody_named": "Nobody can be known from it",
}
_TEXTS: Final = (
    "what", "with_kind", "with_whom", "may_share", "further", "withheld", "necessary", "proportionate", "consent", "consent_reason",
    "decided_by", "decided_on",
)  # fmt: skip
# What the form asks for, as it says so where it is missing; the service says the rest.
_ASKED: Final = {
    "what": "Enter what may be shared",
    "with_kind": "Choose what kind of recipient it is",
    "with_whom": "Enter with whom",
    "may_share": "Enter who may tell them",
    "withheld": "Enter what is held back, or that nothing is",
    "necessary": "Enter why it is necessary",
    "proportionate": "Enter why no less would do",
    "consent": "Choose how it stands with consent",
}


@router.get("")
def sharing(
    request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str, change: str = ""
) -> Response:
    """Show what was agreed, and to those who may record it the form, blank or with the agreement that is to be changed."""
    return _page(request, viewer, service, pages, uid, change=change)


@router.post("")
async def agree(
    request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str, form: FormDep
) -> Response:
    """Record an agreement, or the next version of one."""
    given = {name: str(form.get(name) or "").replace("\r\n", "\n").strip() for name in _TEXTS}
    change, why = str(form.get("change") or ""), str(form.get("why") or "").strip()
    fields = {name: text for name, text in _ASKED.items() if not given[name]}
    if given["consent"] not in ("", "nobody_named") and not given["consent_reason"]:
        fields["consent_reason"] = "Enter whose consent, or the reason for going on without it"
    if change and not why:
        fields["why"] = "Enter why it is changed"
    if not fields:
        try:
            if change:
                version = version_of(form)
                await run_in_threadpool(
                    service.contexts.sharing.change, viewer, uid, change, given, version=version, why=why
                )
            else:
                await run_in_threadpool(
                    once,
                    service,
                    viewer,
                    form,
                    f"agree sharing of context {uid}",
                    given,
                    lambda command: service.contexts.sharing.agree(viewer, uid, given, command=command),
                )
        except ParameterError as error:
            fields[error.name if error.name in _TEXTS else "what"] = sentence(error.rule)
        except StaleError:
            fields["why"] = (
                "Somebody else changed this meanwhile. What stands is above; save again to put yours in its place"
            )
        except ConflictError as error:
            fields["what"] = conflict(error)
        else:
            return RedirectResponse(f"/contexts/{uid}/sharing", status_code=303)
    return await run_in_threadpool(
        _page, request, viewer, service, pages, uid, change=change, given=given, why=why, fields=fields
    )


@router.post("/{number}/withdrawal")
async def withdraw(
    request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str, number: str, form: FormDep
) -> Response:
    """Withdraw an agreement, with the reason."""
    name, why = f"why-{number}", str(form.get(f"why-{number}") or "").strip()
    fields: dict[str, str] = {}
    if not why:
        fields[name] = "Enter why it is withdrawn"
    else:
        try:
            await run_in_threadpool(
                service.contexts.sharing.withdraw, viewer, uid, number, version=version_of(form), why=why
            )
        except ParameterError as error:
            fields[name] = sentence(error.rule)
        except ConflictError:
            fields[name] = "Somebody else changed this meanwhile. Read what stands now, then withdraw that"
        else:
            return RedirectResponse(f"/contexts/{uid}/sharing", status_code=303)
    return await run_in_threadpool(_page, request, viewer, service, pages, uid, fields=fields, typed=why)


def _page(
    request: Request,
    viewer: Viewer,
    service: ServiceLike,
    pages: Any,  # noqa: ANN401
    uid: str,
    *,
    change: str = "",
    given: Row | None = None,
    why: str = "",
    typed: str = "",
    fields: dict[str, str] | None = None,
) -> Response:
    context = service.contexts.get(viewer, uid)
    rows = service.contexts.sharing.list(viewer, uid)
    held = next((row for row in rows if row["id"] == change), None)
    if change and (held is None or held["state"] != "agreed"):
        raise NotFoundError
    return pages.show(  # type: ignore[no-any-return]
        request,
        "contexts/sharing.html",
        status=422 if fields else 200,
        **head(context, "/sharing"),
        agreements=rows,
        earlier={
            row["id"]: service.contexts.sharing.history(viewer, uid, row["id"])[1:]
            for row in rows
            if row["version"] > 1
        },
        recipients=RECIPIENTS,
        consents=CONSENTS,
        may_agree="share" in context["may"],
        may_withdraw="unshare" in context["may"],
        held=held,
        given=given or held or {},
        today=times.iso_day(dt.datetime.now(dt.UTC)),
        editing=given is not None or held is not None,
        why=why,
        typed=typed,
        fields=fields or {},
        errors=listed(fields or {}),
    )
