"""Links: how are these two connected, hop by hop, on what evidence?"""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from graph_service.web.deps import KnownAtDep, PagesDep, ServiceDep, ViewerDep
from graph_service.web.seam import Envelope, Row
from queries.analysis.claim_filter import GRADES, RELATIONS

router = APIRouter(include_in_schema=False)
# How the answer begins a caveat that has a place of its own on the page.
_SEARCHED: Final = "Searched: "
_BY_CHOICE: Final = "Left out by your own filters: "


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
    relations: Annotated[list[str] | None, Query(max_length=30)] = None,
    from_: Annotated[str, Query(alias="from", max_length=40)] = "",
    to: Annotated[str, Query(max_length=40)] = "",
    weakest: Literal["A", "B", "C", "D", "ungraded", "E"] = "E",
    handling: Literal["any", "P"] = "any",
) -> Response:
    """Choose two ends, then show the routes between them, and what the reader's own filters left out."""
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
    named = relations or []
    filters = {"relations": ",".join(named), "from": from_, "to": to, "weakest": weakest, "handling": handling}
    options |= {name: value for name, value in filters.items() if value not in {"", "E", "any"}}
    answer: Envelope | None = None
    if ends[0] and ends[1]:
        asked = {"a": ends[0]["uid"], "b": ends[1]["uid"], **options}
        answer = service.questions.ask(viewer, "links.between", asked, as_known_at=known_at)
    told = list(answer["caveats"]) if answer else []
    return pages.show(
        request,
        "links/links.html",
        answers=[answer] if answer else [],
        handling=None if answer or not any(ends) else ("C" if "handling:C" in viewer.held else "P"),
        ends=ends,
        offered=offered,
        typed=(find_a, find_b),
        answer=answer,
        searched=next((text.removeprefix(_SEARCHED) for text in told if text.startswith(_SEARCHED)), ""),
        by_choice=next((text.removeprefix(_BY_CHOICE) for text in told if text.startswith(_BY_CHOICE)), ""),
        care=[text for text in told if not text.startswith((_SEARCHED, _BY_CHOICE))],
        given={"max_hops": max_hops, "limit": limit, **filters, "relations": named},
        relations=RELATIONS,
        grades=GRADES[:-1],
        through_hubs=through_hubs,
        inferred=inferred,
        include_suspected_false=include_suspected_false,
        kept={k: v for k, v in options.items() if v != "false"},
    )


def _flag(value: bool) -> str:
    return "true" if value else "false"
