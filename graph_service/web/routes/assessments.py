"""Assessments of a person: what was recorded with which tool, the judgement beside the score, and a form that records one."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from graph_service.access import Action, Viewer
from graph_service.errors import ConflictError, KeyUsedError, NotFoundError, NotPermittedError, StaleError
from graph_service.pathway.instruments import CHOICE_WORDS
from graph_service.pathway.language import flags
from graph_service.pathway.scores import age_on
from graph_service.web import times, words
from graph_service.web.deps import PagesDep, ServiceDep, ViewerDep
from graph_service.web.forms import FormDep, conflict, listed, sentence
from graph_service.web.routes.people import head
from graph_service.web.seam import Row, ServiceLike
from queries.errors import ParameterError
from queries.vocabulary import KNOWN_CONDITIONS

router = APIRouter(prefix="/people", include_in_schema=False)
_ANSWER: Final = "answer."
_GRADES: Final = ("police", "childrens_services", "agreed")
_BLANK: Final = {
    "judgement_band": "", "judgement_reason": "", "police": "", "childrens_services": "", "agreed": "", "grading_reason": "",
    "text": "", "at": "", "replaces": "", "replaces_version": "", "why": "",
}  # fmt: skip
_KEY: Final = re.compile(r"[0-9a-f]{32}")


@router.get("/{uid}/assessments")
def assessments(request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, uid: str) -> Response:
    """Show what was recorded of a person, latest first, what was withdrawn, and to those who may record, the instruments."""
    return _assessments(request, viewer, service, pages, uid)


@router.post("/{uid}/assessments/{assessment}/withdrawal")
async def withdraw(
    request: Request,
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    uid: str,
    assessment: str,
    form: FormDep,
) -> Response:
    """Withdraw an assessment, with the reason."""
    _may_record(viewer)
    name = f"withdraw-{assessment}"
    why, version = str(form.get(name) or "").strip(), str(form.get("version") or "")
    fields: dict[str, str] = {}
    if not why:
        fields[name] = "Enter why it is withdrawn"
    else:
        try:
            number = int(version) if re.fullmatch(r"[0-9]{1,6}", version) else 0
            await run_in_threadpool(service.instruments.withdraw, viewer, uid, assessment, version=number, why=why)
        except (ParameterError, ConflictError) as error:
            fields[name] = sentence(error.rule if isinstance(error, ParameterError) else str(error))
        else:
            return RedirectResponse(f"/people/{uid}/assessments#withdrawn", status_code=303)
    return await run_in_threadpool(_assessments, request, viewer, service, pages, uid, fields, why)


def _assessments(
    request: Request,
    viewer: Viewer,
    service: ServiceLike,
    pages: PagesDep,
    uid: str,
    fields: Mapping[str, str] | None = None,
    typed: str = "",
) -> Response:
    rows = service.instruments.assessments(viewer, uid)
    subject = _person(viewer, service, uid)
    may_record = viewer.may(Action.RECORD_ASSESSMENT) and viewer.known_at is None
    return pages.show(
        request,
        "people/assessments.html",
        **head(viewer, subject, "/assessments"),
        status=422 if fields else 200,
        handling=_handling(rows, viewer),
        withdrawn=service.instruments.withdrawn(viewer, uid),
        fields=fields or {},
        typed=typed,
        errors=listed(fields or {}),
        missing=service.instruments.missing(viewer, uid),
        rows=[{**row, "flags": _flags(row)} for row in rows],
        instruments=service.instruments.catalogue(viewer) if may_record else [],
        may_record=may_record,
        words_of=CHOICE_WORDS,
    )


@router.get("/{uid}/assessments/new")
def form(
    request: Request,
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    uid: str,
    instrument: Annotated[str, Query(max_length=60)] = "",
    correct: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Show the form of one instrument, blank or with what an earlier assessment said."""
    _may_record(viewer)
    given: dict[str, Any] = {**_BLANK, "answers": {}, "conditions": []}
    if correct:
        before = next((row for row in service.instruments.assessments(viewer, uid) if row["uid"] == correct), None)
        if before is None or before["report"]:
            raise NotFoundError
        instrument, given = before["instrument"], _as_given(before)
    return _page(request, viewer, service, pages, uid, instrument, given)


@router.post("/{uid}/assessments/new")
async def record(
    request: Request,
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    form: FormDep,
    uid: str,
) -> Response:
    """Score what was entered and show it again, or keep it and go to what was recorded; or say what is wrong with it."""
    _may_record(viewer)
    given: dict[str, Any] = {name: str(form.get(name) or "") for name in _BLANK}
    given["answers"] = {
        name.removeprefix(_ANSWER): value
        for name, value in form.items()
        if name.startswith(_ANSWER) and isinstance(value, str)
    }
    given["conditions"] = [str(word) for word in form.getlist("conditions")]
    instrument, version = str(form.get("instrument") or ""), str(form.get("version") or "")
    scoring = form.get("do") != "record"
    return await run_in_threadpool(
        _answer,
        request,
        viewer,
        service,
        pages,
        uid,
        instrument,
        version,
        given,
        str(form.get("command") or ""),
        scoring,
    )


def _answer(
    request: Request,
    viewer: Viewer,
    service: ServiceLike,
    pages: PagesDep,
    uid: str,
    instrument: str,
    version: str,
    given: dict[str, Any],
    command: str,
    scoring: bool,
) -> Response:
    asked = _instrument(service, viewer, instrument)
    fields = {} if scoring else _missing(asked, given)
    preview: Row | None = None
    try:
        if scoring:
            born = _born(viewer, service, uid)
            entered = {
                "instrument": asked["name"],
                "answers": given["answers"],
                "at": given["at"] or None,
                "born": born,
            }
            preview = service.instruments.score(viewer, entered)
        elif not fields:
            entered = _as_assessment(given, asked, version)
            if _KEY.fullmatch(command):
                entered["command"] = command
            kept = service.instruments.record(viewer, uid, entered)
            return RedirectResponse(f"/people/{uid}/assessments#assessment-{kept['uid']}", status_code=303)
    except ParameterError as error:
        fields[error.name] = sentence(error.rule)
    except StaleError:
        fields["why"] = "Somebody corrected this meanwhile. Open what stands now beside this page, then save again"
    except KeyUsedError as error:
        fields["form"], command = conflict(error), ""
    return _page(
        request, viewer, service, pages, uid, instrument, given, fields=fields, preview=preview, command=command
    )


def _page(
    request: Request,
    viewer: Viewer,
    service: ServiceLike,
    pages: PagesDep,
    uid: str,
    instrument: str,
    given: dict[str, Any],
    *,
    fields: Mapping[str, str] | None = None,
    preview: Row | None = None,
    command: str = "",
) -> Response:
    subject = _person(viewer, service, uid)
    asked = _instrument(service, viewer, instrument)
    today = times.iso_day(dt.datetime.now(dt.UTC))
    born = _born(viewer, service, uid)
    age = age_on(dt.date.fromisoformat(born) if born else None, dt.date.fromisoformat(today))
    if age is not None and not given["answers"]:
        given["answers"] = {"under_13": "yes" if age < 13 else "no"}
    items = {item["name"] for group in asked["groups"] for item in group["items"]}
    errors = [
        {
            "text": text,
            "href": f"#answer-{name}" if name in items else f"#{name}" if name in (*_BLANK, "conditions") else "#form",
        }
        for name, text in (fields or {}).items()
    ]
    return pages.show(
        request,
        "people/assess.html",
        **head(viewer, subject, "/assessments"),
        handling="C",
        status=422 if errors else 200,
        asked=asked,
        given=given,
        fields=fields or {},
        errors=errors,
        preview=preview,
        today=today,
        conditions=_may_set(viewer),
        age=age,
        command=command if _KEY.fullmatch(command) and errors else uuid.uuid4().hex,
        words_of=CHOICE_WORDS,
    )


def _missing(asked: Row, given: Mapping[str, Any]) -> dict[str, str]:
    """Say all that is not filled in at once; what is filled in wrongly the service says."""
    found = {
        item["name"]: f"{item['label'].partition('?')[0]}? Choose yes, no or not known"
        for group in asked["groups"]
        for item in group["items"]
        if asked["kind"] == "thresholds"
        and not item["ticked"]
        and item["choices"]
        and not given["answers"].get(item["name"])
    }
    if not given["judgement_band"]:
        found["judgement_band"] = "Choose the band that you judge it to be; the score does not decide"
    if not given["judgement_reason"].strip():
        found["judgement_reason"] = "Say why, in your own words"
    if given["replaces"] and not given["why"].strip():
        found["why"] = "Say why it is corrected"
    return found


def _as_assessment(given: Mapping[str, Any], asked: Row, version: str) -> dict[str, Any]:
    entered: dict[str, Any] = {
        "instrument": asked["name"],
        "version": version,
        "answers": given["answers"],
        "judgement": {"band": given["judgement_band"], "reason": given["judgement_reason"]},
        "grading": {**{name: given[name] for name in _GRADES}, "reason": given["grading_reason"]},
        "text": given["text"],
        "conditions": given["conditions"],
    }
    if given["at"]:
        entered["at"] = given["at"]
    if given["replaces"]:
        number = given["replaces_version"]
        entered |= {
            "replaces": given["replaces"],
            "replaces_version": int(number) if re.fullmatch(r"[0-9]{1,6}", number) else 0,
            "why": given["why"],
        }
    return entered


def _as_given(row: Row) -> dict[str, Any]:
    return {
        "answers": dict(row["answers"]),
        "conditions": list(row["conditions"]),
        "judgement_band": row["judgement"]["band"],
        "judgement_reason": row["judgement"]["reason"],
        **{name: row["grading"][name] for name in _GRADES},
        "grading_reason": row["grading"]["reason"],
        "text": row["text"],
        "at": row["at"],
        "replaces": row["uid"],
        "replaces_version": str(row["correction"]),
        "why": "",
    }


def _person(viewer: Viewer, service: ServiceLike, uid: str) -> Row:
    subject = service.subject(viewer, uid)
    if not words.is_person(subject):
        raise NotFoundError
    return subject


def _instrument(service: ServiceLike, viewer: Viewer, name: str) -> Row:
    found = next((row for row in service.instruments.catalogue(viewer) if row["name"] == name), None)
    if found is None:
        raise NotFoundError
    return found


def _born(viewer: Viewer, service: ServiceLike, uid: str) -> str:
    """Give the date of birth that the viewer may see of a person, or nothing."""
    answer = service.questions.ask(viewer, "people.profile", {"subject": uid}, as_known_at=viewer.known_at)
    return str(answer["rows"][0]["attributes"].get("date_of_birth", ""))


def _may_set(viewer: Viewer) -> list[str]:
    """Give the conditions that the viewer may set: those that they hold themselves."""
    held = viewer.held if "handling:C" in viewer.held else frozenset()
    return sorted(word for word in KNOWN_CONDITIONS if f"condition:{word}" in held)


def _may_record(viewer: Viewer) -> None:
    if not viewer.may(Action.RECORD_ASSESSMENT):
        raise NotPermittedError
    if viewer.known_at is not None:
        raise ParameterError("as_known_at", "set the page back to now before you record something")


def _flags(row: Row) -> list[dict[str, str]]:
    texts = [row["text"], row["judgement"]["reason"], row["grading"]["reason"]]
    return [
        {"phrase": flag.phrase, "why": flag.why, "instead": flag.instead}
        for text in texts
        for flag in flags(text or "")
    ]


def _handling(rows: Sequence[Row], viewer: Viewer) -> str:
    """Give the most restrictive handling that the page may hold: episodes do not say theirs, so it goes by what the viewer is cleared for."""
    return "C" if "handling:C" in viewer.held or any(row["handling"] != "P" for row in rows) else "P"
