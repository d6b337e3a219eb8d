"""Versioned things over HTTP: what `If-Match` says, and doing a POST with an `Idempotency-Key` once."""

import json
from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import Header
from fastapi.responses import JSONResponse

from graph_service.access import Viewer
from graph_service.web.errors import VersionNeededError
from graph_service.web.seam import ServiceLike

MatchHeader = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=80,
        description="the ETag of the version that was read; needed for a change",
        json_schema_extra={"x-needed": True},
    ),
]
KeyHeader = Annotated[
    str | None, Header(alias="Idempotency-Key", max_length=200, description="the same key does the same thing once")
]
_NO_VERSION: Final = -1


def version_of(if_match: str | None) -> int:
    """
    Give the version that a change was made to.

    Returns
    -------
    version
        A number that no version has where the header names none of ours: then the change is stale.

    Raises
    ------
    VersionNeededError
        If the header is missing.
    """
    if if_match is None or not if_match.strip():
        raise VersionNeededError
    tag = if_match.strip().removeprefix("W/")
    number = tag[1:-1] if len(tag) > 2 and tag[0] == tag[-1] == '"' else ""
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else _NO_VERSION


def etag(version: int) -> dict[str, str]:
    """Give the header that names a version."""
    return {"ETag": f'"{version}"'}


def versioned(row: dict[str, Any], status: int = 200, **headers: str) -> JSONResponse:
    """Give a row with the header that names its version."""
    return JSONResponse(row, status, headers={**etag(row["version"]), **headers})


def once(
    service: ServiceLike, caller: Viewer, key: str | None, what: str, request: str, act: Callable[[str], dict[str, Any]]
) -> dict[str, Any]:
    """Do something that changes the graph; under a key, once: `act` is given the command that is kept with what it writes."""
    if not key:
        return act("")
    answer = service.repeats.done_once(
        caller, key, what, request, lambda command: json.dumps(act(command), ensure_ascii=False)
    )
    found: dict[str, Any] = json.loads(answer)
    return found
