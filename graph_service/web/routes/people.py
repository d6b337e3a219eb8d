"""A person: who they are, and the tabs timeline, peers, places and records."""

from collections import Counter
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from graph_service.access import Action, Viewer
from graph_service.errors import NotFoundError, NotPermittedError
from graph_service.pathway.harms import in_age
from graph_service.web import times, words
from graph_service.web.deps import KnownAtDep, PagesDep, ServiceDep, ViewerDep
from graph_service.web.pages import as_data
from graph_service.web.peer_picture import LABELS, PeerFilter, PeerPicture, peer_picture
from graph_service.web.protection import map_frame
from graph_service.web.seam import Row
from graph_service.web.timeline_picture import timeline_picture
from queries.errors import ParameterError

router = APIRouter(prefix="/people", include_in_schema=False)
_LAST: Final = 5
_MOST_ROWS: Final = 100
_HOURS: Final = 24
# (folder of the address, name, question): a tab is there only for those who may ask its question.
TABS: Final = (
    ("", "Overview", "people.profile"),
    ("/timeline", "Timeline", "people.timeline"),
    ("/peers", "Peers", "peers.network"),
    ("/places", "Places", "people.timeline"),
    ("/assessments", "Assessments", "reports.evidence"),
    ("/records", "Records", "reports.evidence"),
)


@router.get("/{uid}")
def overview(
    request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, known_at: KnownAtDep, uid: str
) -> Response:
    """Show who this is, strengths beside concerns, contexts and the last episodes."""
    subject = service.subject(viewer, uid)
    if not words.is_person(subject):
        return RedirectResponse(words.address(subject), status_code=303)
    given = {"subject": uid}
    profile = service.questions.ask(viewer, "people.profile", given, as_known_at=known_at)
    timeline = service.questions.ask(viewer, "people.timeline", given, as_known_at=known_at)
    answers = [profile, timeline]
    links: list[Row] = []
    if viewer.may(Action.ASK_QUESTION):
        peers = service.questions.ask(viewer, "peers.network", given, as_known_at=known_at)
        answers.append(peers)
        found = peer_picture(peers["rows"], subject, PeerFilter()).links
        links = [
            _as_seen_from(subject["uid"], link)
            for link in found
            if subject["uid"] in (link["a"]["uid"], link["b"]["uid"])
        ]
    return pages.show(
        request,
        "people/overview.html",
        answers=answers,
        **head(viewer, subject, ""),
        profile=profile["rows"][0],
        caveats=profile["caveats"],
        strengths=[link for link in links if link["tone"] == "strength"],
        concerns=[link for link in links if link["tone"] == "concern"],
        may_see_links=viewer.may(Action.ASK_QUESTION),
        episodes=_episodes(timeline["rows"])[:_LAST],
    )


@router.get("/{uid}/timeline")
def timeline(
    request: Request,
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    known_at: KnownAtDep,
    uid: str,
    start: Annotated[str, Query(alias="from", max_length=40)] = "",
    end: Annotated[str, Query(alias="to", max_length=40)] = "",
) -> Response:
    """Show what happened and when it was learnt, both clocks in one picture."""
    subject = service.subject(viewer, uid)
    given = {"subject": uid, "from": start, "to": end}
    answer = service.questions.ask(viewer, "people.timeline", given, as_known_at=known_at)
    return pages.show(
        request,
        "people/timeline.html",
        answers=[answer],
        **head(viewer, subject, "/timeline"),
        rows=answer["rows"],
        caveats=answer["caveats"],
        picture=timeline_picture(answer["rows"]),
        given=given,
    )


@router.get("/{uid}/peers")
def peers(
    request: Request,
    viewer: ViewerDep,
    service: ServiceDep,
    pages: PagesDep,
    known_at: KnownAtDep,
    uid: str,
    hops: Annotated[int, Query(ge=1, le=2)] = 1,
    kind: Annotated[list[str] | None, Query(max_length=30)] = None,
    reports: Annotated[int, Query(ge=1, le=5)] = 1,
    labels: Annotated[str, Query(pattern="^(names|initials|pseudonyms|numbers)$")] = "names",
    crowds: Annotated[bool, Query(description="also links that rest only on events of many people")] = False,
    start: Annotated[str, Query(alias="from", max_length=40)] = "",
    end: Annotated[str, Query(alias="to", max_length=40)] = "",
    rows: Annotated[int, Query(ge=1, le=100_000)] = _MOST_ROWS,
) -> Response:
    """Show who is around a person, as a picture and as its table."""
    subject = service.subject(viewer, uid)
    given = {"subject": uid, "hops": str(hops), "from": start, "to": end}
    answer = service.questions.ask(viewer, "peers.network", given, as_known_at=known_at)
    # The person asked about is named in the same way as those around them, in the heading too.
    named = service.labelled(viewer, {**answer, "rows": [{"subject": subject}, *answer["rows"]]}, labels)
    subject, answer = named["rows"][0]["subject"], {**answer, "rows": named["rows"][1:]}
    asked = PeerFilter(kinds=frozenset(kind or ()), least_reports=reports, labels=labels, crowds=crowds)
    picture: PeerPicture = peer_picture(answer["rows"], subject, asked)
    return pages.show(
        request,
        "people/peers.html",
        answers=[answer],
        **head(viewer, subject, "/peers"),
        picture=picture,
        elements=as_data(picture.elements),
        caveats=answer["caveats"],
        asked=asked,
        hops=hops,
        given={"hops": str(hops), "from": start, "to": end, "labels": labels},
        label_modes=LABELS,
        found=len(answer["rows"]),
        most_rows=rows,
        address=f"{request.url.path}?{request.url.query}{'&' if request.url.query else ''}",
    )


@router.get("/{uid}/peers/map")
def peers_map(
    viewer: ViewerDep,
    service: ServiceDep,
    known_at: KnownAtDep,
    uid: str,
    hops: Annotated[int, Query(ge=1, le=2)] = 1,
    labels: Annotated[str, Query(pattern="^(names|initials|pseudonyms|numbers)$")] = "names",
    start: Annotated[str, Query(alias="from", max_length=40)] = "",
    end: Annotated[str, Query(alias="to", max_length=40)] = "",
) -> Response:
    """Give the peer map as one self-contained document, to print for a meeting or to pass on."""
    given = {"subject": uid, "hops": str(hops), "labels": labels, "from": start, "to": end}
    return map_frame(service.maps.html(viewer, "peers.network", given, known_at))


@router.get("/{uid}/places")
def places(
    request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, known_at: KnownAtDep, uid: str
) -> Response:
    """Show where, and at which hours of the week."""
    subject = service.subject(viewer, uid)
    given = {"subject": uid}
    profile = service.questions.ask(viewer, "people.profile", given, as_known_at=known_at)
    answer = service.questions.ask(viewer, "people.timeline", given, as_known_at=known_at)
    return pages.show(
        request,
        "people/places.html",
        answers=[profile, answer],
        **head(viewer, subject, "/places"),
        contexts=profile["rows"][0]["contexts"],
        week=hours_of_the_week(answer["rows"]),
        has_map=viewer.may(Action.DRAW_MAP),
        caveats=answer["caveats"],
    )


@router.get("/{uid}/places/map")
def places_map(viewer: ViewerDep, service: ServiceDep, pages: PagesDep, known_at: KnownAtDep, uid: str) -> Response:
    """Give the map of where a person is recorded, for the sandboxed frame on the page."""
    try:
        drawn = service.maps.html(viewer, "people.map", {"subject": uid}, known_at)
    except (NotFoundError, NotPermittedError, ParameterError):
        drawn = pages.no_map("There is no map of this person that you may see.")
    return map_frame(drawn)


@router.get("/{uid}/records")
def records(
    request: Request, viewer: ViewerDep, service: ServiceDep, pages: PagesDep, known_at: KnownAtDep, uid: str
) -> Response:
    """Show what the reports say, as submitted."""
    subject = service.subject(viewer, uid)
    profile = service.questions.ask(viewer, "people.profile", {"subject": uid}, as_known_at=known_at)
    claims = ",".join(profile["rows"][0]["evidence"])
    answers, rows = [profile], []
    if claims:
        behind = service.questions.ask(viewer, "reports.evidence", {"claims": claims}, as_known_at=known_at)
        answers, rows = [behind], behind["rows"]
    return pages.show(
        request,
        "people/records.html",
        answers=answers,
        **head(viewer, subject, "/records"),
        reports=by_report(rows),
        caveats=answers[0]["caveats"],
    )


def by_report(rows: list[Row]) -> list[dict[str, Any]]:
    """Gather the rows of `reports.evidence` by report, the latest recorded first."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        report = found.setdefault(row["report"], {**row, "claims": [], "grades": []})
        report["claims"].append(row["claim"])
        if row["grade"] not in report["grades"]:
            report["grades"].append(row["grade"])
    return sorted(found.values(), key=lambda report: str(report["recorded_at"] or ""), reverse=True)


def hours_of_the_week(rows: list[Row]) -> dict[str, Any]:
    """Count what happened at a place by weekday and hour in London; what has no exact or near time is counted apart."""
    counts: Counter[tuple[int, int]] = Counter()
    untimed = 0
    for row in rows:
        if not any(subject["kind"] == "location" for subject in row.get("subjects", ())):
            continue
        when = times.parse(row["happened_from"])
        if when is None or row.get("time_known") not in ("exact", "about"):
            untimed += 1
        else:
            counts[when.weekday(), when.hour] += 1
    most = max(counts.values(), default=0)
    return {
        "heads": [str(hour) for hour in range(_HOURS)],
        "days": [(name, [counts[at, hour] for hour in range(_HOURS)]) for at, name in enumerate(times.WEEKDAYS)],
        "most": most,
        "untimed": untimed,
        "total": sum(counts.values()),
    }


def _episodes(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.get("type") == "INVOLVED_IN" and row.get("role") == "missing"]


def _as_seen_from(uid: str, link: Row) -> Row:
    other = link["b"] if link["a"]["uid"] == uid else link["a"]
    years = link["b_older_by_years"]
    age = in_age(years if years is None or other is link["b"] else -years, other["kind"])
    return {**link, "other": other, "age": age}


def head(viewer: Viewer, subject: Row, tab: str) -> dict[str, Any]:
    """Give what the heading of a person's pages shows: the person, and the tabs that this viewer may open."""
    base = f"/people/{subject['uid']}"
    tabs = [
        {"href": base + folder, "text": text, "current": folder == tab}
        for folder, text, question in TABS
        if viewer.may(Action.ASK_QUESTION, question=question, own_pupil=True)
    ]
    return {"subject": subject, "tabs": tabs, "title": subject["label"]}
