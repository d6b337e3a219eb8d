"""Co-missing: who goes missing together, more than chance would give? In words first, then as bars on one time axis, then on a map."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime

from graph_service.errors import NotFoundError
from graph_service.web.co_missing_picture import co_missing_picture
from graph_service.web.deps import KnownAtDep, PagesDep, ServiceDep, ViewerDep
from graph_service.web.protection import map_frame
from graph_service.web.seam import Row
from queries.analysis.co_missing import FEW_NIGHTS
from queries.errors import ParameterError, TooManyError

router = APIRouter(prefix="/co-missing", include_in_schema=False)
_PAGE: Final = 25
_TOLD: Final = 10
_LEVEL: Final = 0.05
_SAME: Final = ("both found at", "both last seen at", "both missing from")
_NUMBER: Final = r"^\d{0,6}(\.\d{0,3})?$"

FromQuery = Annotated[str, Query(alias="from", max_length=40)]
ToQuery = Annotated[str, Query(alias="to", max_length=40)]
NumberQuery = Annotated[str, Query(pattern=_NUMBER)]
MomentQuery = Annotated[AwareDatetime | None, Query()]


@router.get("")
def co_missing(
    request: Request,
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    known_at: KnownAtDep,
    start: FromQuery = "",
    end: ToQuery = "",
    within_metres: NumberQuery = "",
    min_overlap_minutes: NumberQuery = "60",
    within_hours: NumberQuery = "0",
    shown: Annotated[int, Query(ge=1, le=1000)] = _PAGE,
) -> Response:
    """Tell the pairs seen more often than chance one by one, then list the others."""
    given = _given(start, end, within_metres, min_overlap_minutes, within_hours)
    too_many = ""
    answers = []
    try:
        answers = [service.questions.ask(viewer, "episodes.co_missing", given, as_known_at=known_at)]
    except TooManyError as error:
        # What grows with the square of the episodes is refused, with a way on: said on the page, beside the filters.
        too_many = error.rule
    rows = answers[0]["rows"] if answers else []
    telling = [row for row in rows if row["q_value"] is not None and row["q_value"] < _LEVEL]
    others = rows[len(telling) :]
    return pages.show(
        request,
        "co_missing/co_missing.html",
        answers=answers,
        told=[(row, co_missing_picture(row)) for row in telling[:_TOLD]],
        findings_listed=telling[_TOLD:],
        rows=others[:shown],
        findings=len(telling),
        total=len(others),
        few=FEW_NIGHTS,
        in_one_place=in_one_place,
        untested=bool(rows) and all(row["q_value"] is None for row in rows),
        caveats=answers[0]["caveats"] if answers else [],
        given=given,
        too_many=too_many,
        more=shown + 4 * _PAGE,
    )


def in_one_place(row: Row) -> str:
    """Give what the patterns of a pair say of places that both absences have in common."""
    return "; ".join(pattern["text"] for pattern in row["patterns"] if any(said in pattern["text"] for said in _SAME))


@router.get("/map")
def co_missing_map(
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    known_at: KnownAtDep,
    start: FromQuery = "",
    end: ToQuery = "",
    within_metres: NumberQuery = "",
    min_overlap_minutes: NumberQuery = "60",
    within_hours: NumberQuery = "0",
    as_known_at: MomentQuery = None,
) -> Response:
    """Give the map of the places in common, for the sandboxed frame on the page: of the moment that the page is of."""
    given = _given(start, end, within_metres, min_overlap_minutes, within_hours)
    try:
        drawn = service.maps.html(viewer, "episodes.co_missing", given, known_at or as_known_at)
    except (NotFoundError, ParameterError):
        drawn = pages.no_map("Nothing in this period can be drawn.")
    return map_frame(drawn)


def _given(start: str, end: str, metres: str, minutes: str, hours: str) -> dict[str, Any]:
    return {
        "from": start,
        "to": end,
        "within_metres": metres,
        "min_overlap_minutes": minutes or "60",
        "within_hours": hours or "0",
    }
