"""Hotspots: where, when, and is it changing? Ranked places beside a map, hours of the week, and two periods, a layer at a time."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from graph_service.access import Viewer
from graph_service.errors import NotFoundError
from graph_service.web import published, times, words
from graph_service.web.deps import KnownAtDep, PagesDep, ServiceDep, ViewerDep
from graph_service.web.protection import map_frame
from graph_service.web.seam import Row

router = APIRouter(prefix="/hotspots", include_in_schema=False)
#: What each method is called, what it does in a sentence, and whether it rests on records that a reader of figures alone may not see.
METHODS: Final = {
    "ranked": ("Named places", "Places in order of how much is recorded there.", False),
    "gi": ("Squares tested (Gi*)", "Squares of 500 m that have more than the places in and round them explain.", False),
    "density": ("Density surface", "A smooth surface of events a square kilometre, and its peaks.", False),
    "clusters": (
        "Clusters",
        "Runs of events that are close in both place and time, those beyond what is usual there first.",
        True,
    ),
    "scan": (
        "Bursts (scan)",
        "Places and weeks with more than the totals of both explain, which chance would seldom make.",
        True,
    ),
    "emerging": (
        "New, growing, fading",
        "How each place that stands out has changed over windows of four weeks.",
        True,
    ),
}
COUNTS: Final = {"events": "Every event", "children": "Each child once a place"}
AREAS: Final = {"cells": "Squares of 500 m", "lsoa": "LSOAs"}
_PAGE: Final = 25
_HOURS: Final = 24
_PARTS: Final = ("00 to 06", "06 to 12", "12 to 18", "18 to 24")


class Asked:
    """What the form of the page gives, checked by what the question offers."""

    def __init__(
        self,
        layer: Annotated[str, Query(pattern="^(crime|missing_from|last_seen|found_at)$")] = "found_at",
        method: Annotated[str, Query(pattern="^(ranked|gi|density|clusters|scan|emerging)$")] = "ranked",
        count: Annotated[str, Query(pattern="^(events|children)$")] = "events",
        by: Annotated[str, Query(pattern="^(cells|lsoa)$")] = "cells",
        start: Annotated[str, Query(alias="from", max_length=40)] = "",
        end: Annotated[str, Query(alias="to", max_length=40)] = "",
        quarter: Annotated[str, Query(pattern="^((19|20|21)[0-9]{2}-Q[1-4])?$")] = "",
    ) -> None:
        if quarter:
            start, end = published.dates_of(quarter)
        # What another method or layer alone has is left out, so that changing one control never makes an error of another.
        self.period = {"layer": layer, "from": start, "to": end}
        self.given: dict[str, Any] = {
            **self.period,
            "method": method,
            "count": "events" if layer == "crime" else count,
            "by": by if method == "gi" else "cells",
        }


AskedDep = Annotated[Asked, Depends()]


@router.get("")
def hotspots(
    request: Request,
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    known_at: KnownAtDep,
    asked: AskedDep,
    shown: Annotated[int, Query(ge=1, le=1000)] = _PAGE,
) -> Response:
    """Show where, when and whether it is changing."""
    given = asked.given
    answer = service.questions.ask(viewer, "places.hotspots", given, as_known_at=known_at)
    hours = service.questions.ask(viewer, "places.hours", asked.period, as_known_at=known_at)
    compared = service.questions.ask(viewer, "places.compared", asked.period, as_known_at=known_at)
    by_quarter = not viewer.small_counts
    window = published.window_of(answer["parameters"])
    return pages.show(
        request,
        "hotspots/hotspots.html",
        answers=[answer, hours, compared],
        windows=published.windows(known_at) if by_quarter else {},
        window=window,
        rows=answer["rows"][:shown],
        total=len(answer["rows"]),
        caveats=answer["caveats"],
        given={**given, "quarter": published.name_of(window)} if by_quarter else given,
        layers=words.LAYERS,
        methods=_methods(viewer),
        counts=COUNTS,
        areas=AREAS,
        week=week_of(hours["rows"], in_parts=by_quarter),
        week_caveats=hours["caveats"],
        whole=compared["rows"][0] if compared["rows"] else None,
        changes=[row for row in compared["rows"] if row["place"]][:_PAGE],
        change_caveats=compared["caveats"],
        more=shown + 4 * _PAGE,
    )


@router.get("/map")
def hotspot_map(
    viewer: ViewerDep, service: ServiceDep, pages: PagesDep, known_at: KnownAtDep, asked: AskedDep
) -> Response:
    """Give the map of a layer, for the sandboxed frame on the page."""
    try:
        drawn = service.maps.html(viewer, "places.hotspots", asked.given, known_at)
    except NotFoundError:
        drawn = pages.no_map("Nothing in this layer and period can be drawn.")
    return map_frame(drawn)


def week_of(rows: list[Row], *, in_parts: bool = False) -> dict[str, Any]:
    """Lay the rows of `places.hours` out as a week: a line a day, hour by hour or in parts of six hours and in fives; None is withheld."""
    width = len(_PARTS) if in_parts else _HOURS
    side = _HOURS // width
    table: dict[str, list[int | None]] = {day: [0] * width for day in times.WEEKDAYS}
    for row in rows:
        table[row["weekday"]][row["from_hour"] // side] = row["events"]
    known = [count for line in table.values() for count in line if count]
    return {
        "days": list(table.items()),
        "in_fives": in_parts,
        "heads": list(_PARTS) if in_parts else [str(hour) for hour in range(_HOURS)],
        "most": max(known, default=0),
        "total": sum(known),
        "any": bool(known) or any(count is None for line in table.values() for count in line),
    }


def _methods(viewer: Viewer) -> dict[str, tuple[str, str]]:
    """Give the methods that a viewer may choose."""
    return {
        name: (title, told)
        for name, (title, told, of_records) in METHODS.items()
        if viewer.small_counts or not of_records
    }
