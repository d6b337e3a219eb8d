"""Imports: did the file go in, and what was wrong with it? And a form that brings one in."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from graph_service.web.deps import PagesDep, ServiceDep, ViewerDep
from graph_service.web.forms import form_reader, listed, sentence
from ingest.errors import IngestError
from queries.errors import ParameterError

router = APIRouter(prefix="/imports", include_in_schema=False)
FileFormDep = Annotated[FormData, Depends(form_reader(files=1, fields=8))]
KINDS: Final = {
    "missing": "Missing and located (PPN1)",
    "cpi": "Community partnership information (CPI)",
    "conversation": "Return Home Conversations",
    "assessment": "Assessments",
    "people": "Who knows whom",
    "police-crime": "Street crime as data.police.uk publishes it",
}


@router.get("")
def imports(request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep) -> Response:
    """Show the runs, latest first, and to those who may bring files in a form."""
    return _page(request, viewer, service, pages)


@router.post("")
async def upload(
    request: Request,
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    form: FileFormDep,
) -> Response:
    """Check a file or bring it in, and go to what became of it; or say what is wrong with what was entered."""
    kind, file = str(form.get("kind") or ""), form.get("file")
    good_rows = bool(form.get("good_rows"))
    fields: dict[str, str] = {}
    if not kind:
        fields["kind"] = "Choose what kind of file it is"
    if not isinstance(file, UploadFile) or not file.filename:
        fields["file"] = "Choose a file"
    elif not fields:
        try:
            run = await run_in_threadpool(
                service.imports.upload,
                viewer,
                kind,
                file.filename,
                file.file,
                # Only the button that says so brings anything in.
                dry_run=form.get("do") != "bring",
                accept_good_rows=good_rows,
            )
        except ParameterError as error:
            fields[error.name] = sentence(error.rule)
        except IngestError as error:
            fields["file"] = sentence(str(error))
        else:
            return RedirectResponse(f"/imports/{run}", status_code=303)
    return await run_in_threadpool(
        _page, request, viewer, service, pages, given={"kind": kind, "good_rows": good_rows}, fields=fields
    )


@router.get("/{run}")
def one_import(request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, run: str) -> Response:
    """Show what one run read and added, and every problem that it found."""
    found = service.imports.get(viewer, run)
    return pages.show(request, "imports/import.html", handling="none", run=found)


def _page(
    request: Request,
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    *,
    given: dict[str, Any] | None = None,
    fields: dict[str, str] | None = None,
) -> Response:
    return pages.show(
        request,
        "imports/imports.html",
        handling="none",
        status=422 if fields else 200,
        runs=service.imports.list(viewer),
        kinds=KINDS,
        given=given or {"kind": "", "good_rows": False},
        fields=fields or {},
        errors=listed(fields or {}),
    )
