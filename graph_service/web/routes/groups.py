"""Groups: which peer groups are there, and who joins them?"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from graph_service.web.deps import KnownAtDep, PagesDep, ServiceDep, ViewerDep
from graph_service.web.peer_picture import LABELS
from graph_service.web.seam import Row
from maps.group_picture import group_picture
from queries.analysis.peers import KINDS

router = APIRouter(prefix="/groups", include_in_schema=False)
_DRAWN: Final = 6
_BROKERS: Final = 10
_CHANGES: Final = 40
#: A carer or a youth worker joins many children, as they should: who joins groups is asked without the links of care.
_NOT_CARE: Final = tuple(
    kind for kind in KINDS if kind not in {"family_of", "household"} and not kind.endswith("_strength")
)
#: Labels that a drawing made by the server can have.
MODES: Final = {mode: words for mode, words in LABELS.items() if mode != "numbers"}


@router.get("")
def groups(
    request: Request,
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    known_at: KnownAtDep,
    start: Annotated[str, Query(alias="from", max_length=40)] = "",
    end: Annotated[str, Query(alias="to", max_length=40)] = "",
    since: Annotated[str, Query(max_length=40, description="show what changed since this date")] = "",
    labels: Annotated[str, Query(pattern="^(names|initials|pseudonyms)$")] = "names",
    chance: Annotated[bool, Query(description="also sets that chance alone would give")] = False,
    drawn: Annotated[int, Query(ge=1, le=40)] = _DRAWN,
) -> Response:
    """Show the groups as a picture and as a table, who joins them, and what changed since a date."""
    period = {"from": start, "to": end}
    asked = {**period, "also_by_chance": "true" if chance else ""}
    among_peers = {**period, "kinds": ",".join(_NOT_CARE)}
    answers = [
        service.questions.ask(viewer, "peers.groups", asked, as_known_at=known_at),
        service.questions.ask(viewer, "peers.measures", among_peers, as_known_at=known_at),
    ]
    if since:
        change = {"from": since, "to": end}
        answers.append(service.questions.ask(viewer, "peers.change", change, as_known_at=known_at))
    shown = [service.labelled(viewer, answer, labels) for answer in answers]
    found = shown[0]["rows"]
    return pages.show(
        request,
        "groups/groups.html",
        answers=shown,
        groups=found,
        numbers=_numbers(found),
        picture=group_picture("Peer groups", found[:drawn]),
        drawn=min(drawn, len(found)),
        brokers=[row for row in shown[1]["rows"][:_BROKERS] if row["broker"] > 0],
        changes=_changes(shown[2]["rows"]) if since else None,
        caveats=shown[0]["caveats"],
        measure_caveats=shown[1]["caveats"],
        given={"from": start, "to": end, "since": since, "labels": labels, "chance": "true" if chance else ""},
        label_modes=MODES,
    )


def _numbers(groups: list[Row]) -> dict[str, list[int]]:
    """Give the numbers of the groups that each person is in."""
    found: dict[str, list[int]] = {}
    for group in groups:
        for member in group["members"]:
            found.setdefault(member["uid"], []).append(group["group"])
    return found


def _changes(rows: list[Row]) -> dict[str, Any]:
    links = [row for row in rows if row["of"] == "link"]
    return {
        "groups": [row for row in rows if row["of"] == "group"],
        "links": links[:_CHANGES],
        "more": max(len(links) - _CHANGES, 0),
    }
