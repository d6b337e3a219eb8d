"""Questions: what can be asked, and how is it answered? The catalogue, and each question with its text and a form to ask it."""

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from graph_service.errors import NotFoundError, NotPermittedError
from graph_service.web.deps import KnownAtDep, PagesDep, ServiceDep, ViewerDep
from graph_service.web.seam import Envelope, Row
from queries.errors import ParameterError

router = APIRouter(prefix="/questions", include_in_schema=False)
_MOST_ROWS: Final = 200


@router.get("")
def catalogue(request: Request, _viewer: ViewerDep, service: ServiceDep, pages: PagesDep) -> Response:
    """Show every question, by subject."""
    groups: dict[str, list[Row]] = {}
    for question in service.questions.catalogue():
        groups.setdefault(question["name"].partition(".")[0], []).append(question)
    return pages.show(request, "questions/catalogue.html", handling="none", groups=groups)


@router.get("/{name}")
def question(
    request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, known_at: KnownAtDep, name: str
) -> Response:
    """Show one question, and its answer when it is asked."""
    found = next((row for row in service.questions.catalogue() if row["name"] == name), None)
    if found is None:
        raise NotFoundError
    names = {parameter["name"] for parameter in found["parameters"]}
    given = {key: value for key, value in request.query_params.items() if key in names}
    answer: Envelope | None = None
    fault: dict[str, str] | None = None
    if request.query_params.get("ask"):
        try:
            filled = {key: value for key, value in given.items() if value.strip()}
            answer = service.questions.ask(viewer, name, filled, as_known_at=known_at)
        except ParameterError as error:
            fault = {"name": error.name, "text": f"{error.name}: {error.rule}"}
        except NotFoundError:
            subject = next((p["name"] for p in found["parameters"] if p["type"] == "subject"), "")
            fault = {"name": subject, "text": "Nothing that you may see has this uid or reference"}
        except NotPermittedError:
            fault = {"name": "", "text": "Your role may not ask this question"}
    rows: list[Row] = answer["rows"] if answer else []
    return pages.show(
        request,
        "questions/question.html",
        answers=[answer] if answer else [],
        status=422 if fault else 200,
        question=found,
        given=given,
        fault=fault,
        answer=answer,
        rows=rows[:_MOST_ROWS],
        total=len(rows),
        columns=_columns(rows),
        shape=shape,
    )


def _columns(rows: list[Row]) -> list[str]:
    found: dict[str, None] = {}
    for row in rows[:_MOST_ROWS]:
        found.update(dict.fromkeys(row))
    return [name for name in found if name != "evidence"] + (["evidence"] if "evidence" in found else [])


def shape(name: str, value: Any) -> str:  # noqa: ANN401
    """Say how a value of a row is shown."""
    if isinstance(value, dict):
        nested = any(isinstance(item, dict | list) for item in value.values())
        return "subject" if {"uid", "kind", "label"} <= value.keys() else "pairs" if nested else "figures"
    if isinstance(value, list):
        return "evidence" if name in ("evidence", "claims") else "list"
    if value is None:
        return "nothing"
    is_moment = name.endswith(("_at", "_from", "_to")) or name in ("latest", "last_recorded")
    return "moment" if is_moment else "plain"
