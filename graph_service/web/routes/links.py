"""Links: how are these two connected, hop by hop, on what evidence?"""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from graph_service.web.deps import KnownAtDep, PagesDep, ServiceDep, ViewerDep
from graph_service.web.seam import Envelope, Row

router = APIRouter(include_in_schema=False)


@router.get("/links")
def links(
    request: Request,
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    known_at: KnownAtDep,
    a: Annotated[str, Query(max_length=200)] = "",
    b: Annotated[str, Query(max_length=200)] = "",
    find_a: Annotated[str, Query(max_length=200)] = "",
    find_b: Annotated[str, Query(max_length=200)] = "",
    max_hops: Annotated[int, Query(ge=1, le=6)] = 4,
    limit: Annotated[int, Query(ge=1, le=50)] = 5,
    through_hubs: bool = False,
    inferred: bool = False,
    include_suspected_false: bool = False,
) -> Response:
    """Choose two ends, then show the routes between them."""
    ends: list[Row | None] = []
    offered: list[list[Row]] = []
    for uid, text in ((a, find_a), (b, find_b)):
        found, choices = None, []
        if uid and not text.strip():
            found = service.subject(viewer, uid)
        elif text.strip():
            choices = service.find(viewer, text)
            found = choices[0] if len(choices) == 1 else None
        ends.append(found)
        offered.append([] if found else choices)
    options = {
        "max_hops": str(max_hops),
        "limit": str(limit),
        "through_hubs": _flag(through_hubs),
        "inferred": _flag(inferred),
        "include_suspected_false": _flag(include_suspected_false),
    }
    answer: Envelope | None = None
    if ends[0] and ends[1]:
        asked = {"a": ends[0]["uid"], "b": ends[1]["uid"], **options}
        answer = service.questions.ask(viewer, "links.between", asked, as_known_at=known_at)
    return pages.show(
        request,
        "links/links.html",
        answers=[answer] if answer else [],
        handling=None if answer or not any(ends) else ("C" if "handling:C" in viewer.held else "P"),
        ends=ends,
        offered=offered,
        typed=(find_a, find_b),
        answer=answer,
        given={"max_hops": max_hops, "limit": limit},
        through_hubs=through_hubs,
        inferred=inferred,
        include_suspected_false=include_suspected_false,
        kept={k: v for k, v in options.items() if v != "false"},
    )


def _flag(value: bool) -> str:
    return "true" if value else "false"
