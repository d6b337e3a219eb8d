"""The templates, and the frame that every page stands in: who looks, for what, at which moment, and how it may be handled."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader

from graph_service.access import Action, Viewer
from graph_service.web import times, words
from graph_service.web.errors import Fault
from graph_service.web.form_keys import form_key
from graph_service.web.question_text import as_notebook_cell, as_request
from graph_service.web.seam import Envelope, Row, ServiceLike
from queries.analysis.naming import listed, separators
from queries.errors import PmetError

LAPTOP_COOKIE: Final = "pmet_session"
LIVE_COOKIE: Final = "__Host-pmet_session"
HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"
_HANDLING_ORDER: Final = ("P", "C")

# (address, name, what it takes, of records): only pages that exist, and for each viewer only those that their role opens.
NAVIGATION: Final = (
    ("/", "Today", Action.READ_TODAY, False),
    ("/find", "Find", Action.SEARCH, False),
    ("/links", "Links", Action.ASK_QUESTION, True),
    ("/co-missing", "Co-missing", Action.ASK_QUESTION, True),
    ("/hotspots", "Hotspots", Action.DRAW_MAP, False),
    ("/groups", "Groups", Action.ASK_QUESTION, True),
    ("/contexts", "Contexts", Action.READ_CONTEXT, True),
    ("/proposals", "Proposals", Action.ASK_QUESTION, True),
    ("/questions", "Questions", Action.READ_CATALOGUE, False),
    ("/imports", "Imports", Action.READ_IMPORTS, False),
    ("/audit", "Audit", Action.READ_OWN_AUDIT, False),
)


class Pages:
    """Renders pages. One for an application."""

    def __init__(self, service: ServiceLike) -> None:
        self._service = service
        self._environment = Environment(
            loader=ChoiceLoader(
                [
                    FileSystemLoader(HERE / "templates"),
                    PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
                ]
            ),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            static=self._static,
            words=words,
            times=times,
            query=_query,
            evidence_address=evidence_address,
            Action=Action,
            form_key=form_key,
        )
        self._environment.filters.update(
            combine=lambda one, other: {**one, **other},
            when=times.short,
            when_in_words=times.in_words,
            day=times.day,
            kind=words.kind,
            clause=words.clause,
            link=words.link,
            report_kind=words.report_kind,
            agency=words.agency,
            source=words.source,
            recorded=words.recorded,
            address=words.address,
            listed=listed,
            separators=separators,
        )

    def show(
        self,
        request: Request,
        template: str,
        *,
        answers: Sequence[Envelope] = (),
        handling: str | None = None,
        status: int = 200,
        **values: Any,  # noqa: ANN401
    ) -> HTMLResponse:
        """
        Render a page in its frame.

        `answers` are the envelopes that the page was made from: they give its handling and "the question behind this".
        """
        self._recognise(request)
        viewer: Viewer | None = getattr(request.state, "viewer", None)
        frame = {
            "viewer": viewer,
            "known_at": viewer.known_at if viewer else None,
            "last_wednesday": times.last_wednesday(dt.datetime.now(dt.UTC)),
            "navigation": self._navigation(request, viewer),
            "here": _path_and_query(request) if request.method == "GET" and status < 400 else "/",
            "handling": handling or highest_handling(answers, viewer),
            "behind": [self._behind(answer) for answer in answers],
            "answered_at": dt.datetime.now(dt.UTC),
            "live": self._service.live,
        }
        page = self._environment.get_template(template).render(frame | values)
        return HTMLResponse(page, status)

    def fault(self, request: Request, fault: Fault) -> HTMLResponse:
        """Render the page of an error. What is hidden and what is not there give the same bytes."""
        request_id = request.state.request_id if fault.status >= 500 else ""
        answer = self.show(
            request, "fault.html", handling="none", status=fault.status, fault=fault, request_id=request_id
        )
        if fault.retry_after_seconds:
            answer.headers["Retry-After"] = str(fault.retry_after_seconds)
        return answer

    def _recognise(self, request: Request) -> None:
        """Find the viewer of a page that anyone may open, or of a request that failed early, so that it has its frame."""
        token = request.cookies.get(LIVE_COOKIE if self._service.live else LAPTOP_COOKIE)
        if token and not hasattr(request.state, "viewer"):
            with suppress(PmetError):
                request.state.viewer = self._service.accounts.viewer_of(token)

    def no_map(self, why: str) -> str:
        """Give what stands in the frame of a map that has nothing to show."""
        return self._environment.get_template("no_map.html").render(why=why)

    def _navigation(self, request: Request, viewer: Viewer | None) -> list[dict[str, Any]]:
        if viewer is None:
            return []
        return [
            {"href": href, "text": text, "current": request.url.path == href}
            for href, text, action, record_level in NAVIGATION
            if viewer.may(action, record_level=record_level, on_team=bool(viewer.teams))
        ]

    @cached_property
    def _catalogue(self) -> dict[str, Row]:
        return {question["name"]: question for question in self._service.questions.catalogue()}

    @cached_property
    def _digests(self) -> dict[str, str]:
        files = (path for path in STATIC.rglob("*") if path.is_file())
        return {
            path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in files
        }

    def _static(self, name: str) -> str:
        return f"/static/{name}?v={self._digests[name]}"

    def _behind(self, answer: Envelope) -> dict[str, Any]:
        name = answer["question"]["name"]
        parameters = {key: value for key, value in answer["parameters"].items() if value not in (None, "", [])}
        text = self._catalogue.get(name, {}).get("text", "")
        return {
            **answer["question"],
            "parameters": parameters,
            "as_known_at": answer["as_known_at"],
            "answered_at": answer["answered_at"],
            "text": text,
            "cell": as_notebook_cell(name, parameters, answer["as_known_at"]),
            "request": as_request(name, parameters, answer["as_known_at"]),
        }


def highest_handling(answers: Iterable[Envelope], viewer: Viewer | None) -> str:
    """
    Give the most restrictive handling that a page made from these answers may hold.

    Where rows do not say theirs, it is the most restrictive that this viewer could have been shown: too strict, never too loose.
    """
    found = list(answers)
    if not any(answer["rows"] for answer in found):
        return "none"
    codes: set[str] = set()
    for answer in found:
        if "handling" in answer:
            codes.add(str(answer["handling"]))
        elif answer["rows"] and all("handling" in row for row in answer["rows"]):
            codes.update(str(row["handling"] or "C") for row in answer["rows"])
        elif answer["rows"]:
            codes.add("C" if viewer and "handling:C" in viewer.held else "P")
    return "P" if codes <= {"P"} else "C"


def evidence_address(claims: Sequence[str]) -> str:
    """Give the page of the reports behind claims, or behind the first of very many."""
    return "/evidence?" + urlencode({"claims": ",".join(claims[: words.MOST_CLAIMS])})


def _query(values: Mapping[str, Any]) -> str:
    return urlencode({key: value for key, value in values.items() if value not in (None, "")})


def _path_and_query(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def as_data(value: Any) -> str:  # noqa: ANN401
    """Give JSON that can stand in a `<script type="application/json">`: no text in it can end the element."""
    return json.dumps(value, ensure_ascii=True).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
