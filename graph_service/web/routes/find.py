"""Find: is this person, vehicle, number, place or context known?"""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from graph_service.web import words
from graph_service.web.deps import PagesDep, ServiceDep, ViewerDep
from graph_service.web.seam import Row

router = APIRouter(include_in_schema=False)


@router.get("/find")
def find(
    request: Request,
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    text: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Show what is like the text, grouped by kind, each with its reason."""
    rows = service.find(viewer, text) if text.strip() else []
    handling = ("C" if "handling:C" in viewer.held else "P") if rows else "none"
    return pages.show(
        request, "find/find.html", handling=handling, groups=by_kind(rows), count=len(rows), find_text=text.strip()
    )


def by_kind(rows: list[Row]) -> list[tuple[str, list[Row]]]:
    """Group what was found by kind, in the order of the page, keeping the best first within each."""
    groups: dict[str, list[Row]] = {kind: [] for kind in words.KIND_HEADINGS}
    for row in rows:
        groups.setdefault(row["kind"], []).append(row)
    return [(words.KIND_HEADINGS.get(kind, kind), found) for kind, found in groups.items() if found]
