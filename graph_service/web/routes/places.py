"""A place, group or context, and whatever else has no page of its own yet: what it is, and who is recorded there."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from graph_service.access import Action
from graph_service.errors import NotFoundError, NotPermittedError
from graph_service.web import words
from graph_service.web.deps import KnownAtDep, PagesDep, ServiceDep, ViewerDep
from graph_service.web.protection import map_frame
from graph_service.web.seam import Envelope
from queries.errors import ParameterError

router = APIRouter(include_in_schema=False)
HOLDS_PEOPLE: Final = frozenset({"location", "group", "context"})


@router.get("/places/{uid}")
def place(
    request: Request,
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    known_at: KnownAtDep,
    uid: str,
    start: Annotated[str, Query(alias="from", max_length=40)] = "",
    end: Annotated[str, Query(alias="to", max_length=40)] = "",
) -> Response:
    """Show who is recorded here in a period."""
    subject = service.subject(viewer, uid)
    if words.address(subject) != request.url.path.replace(uid, subject["uid"]):
        return RedirectResponse(words.address(subject), status_code=303)
    given = {"from": start, "to": end}
    answers: list[Envelope] = []
    if subject["kind"] in HOLDS_PEOPLE and viewer.may(Action.ASK_QUESTION, question="contexts.people_present"):
        asked = {"subject": uid, **given}
        answers = [service.questions.ask(viewer, "contexts.people_present", asked, as_known_at=known_at)]
    return pages.show(
        request,
        "places/place.html",
        answers=answers,
        subject=subject,
        title=subject["label"],
        asked=bool(answers),
        rows=answers[0]["rows"] if answers else [],
        caveats=answers[0]["caveats"] if answers else [],
        given=given,
        has_map=subject["kind"] in {"location", "context"} and viewer.may(Action.DRAW_MAP),
    )


@router.get("/places/{uid}/map")
def place_map(viewer: ViewerDep, service: ServiceDep, pages: PagesDep, known_at: KnownAtDep, uid: str) -> Response:
    """Give the map of a place, for the sandboxed frame on its page."""
    try:
        drawn = service.maps.html(viewer, "contexts.map", {"subject": uid}, known_at)
    except (NotFoundError, NotPermittedError, ParameterError):
        drawn = pages.no_map("There is no map of this place that you may see.")
    return map_frame(drawn)
