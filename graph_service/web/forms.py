"""
What every form of the pages needs: who sends it is known before it is read, what is wrong is said as a sentence, and a form that makes
something carries a key of its own, so that one which is sent twice makes it once.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from starlette.datastructures import FormData

from graph_service.access import Viewer
from graph_service.errors import ConflictError, KeyUsedError
from graph_service.web import versions
from graph_service.web.deps import ViewerDep
from graph_service.web.form_keys import key_of
from graph_service.web.seam import Row, ServiceLike

_MOST_FIELDS: Final = 2500


def form_reader(*, files: int = 0, fields: int = _MOST_FIELDS) -> Callable[..., AsyncIterator[FormData]]:
    """Give what reads a form of at most so many files and fields, once the session is known: nobody who is not signed in can send a large one."""

    async def read(request: Request, _viewer: ViewerDep) -> AsyncIterator[FormData]:
        async with request.form(max_files=files, max_fields=fields) as form:
            yield form

    return read


FormDep = Annotated[FormData, Depends(form_reader())]


def once(
    service: ServiceLike,
    viewer: Viewer,
    form: FormData,
    what: str,
    given: Any,  # noqa: ANN401  JSON
    act: Callable[[str], Row],
) -> Row:
    """
    Make what a form asks for, once under the key that it was drawn with; whoever sends it again is told what was made.

    `what` says what is done and of what, `given` is all that was entered; `act` does it, and is given the command that it keeps with what it
    writes.

    Raises
    ------
    KeyUsedError
        If something else was entered and kept under this key. See `conflict`.
    """
    request = json.dumps(given, ensure_ascii=False, sort_keys=True)
    return versions.once(service, viewer, key_of(form), f"form: {what}", request, act)


def conflict(error: ConflictError) -> str:
    """Say what came between, and what to do: the form is drawn again with a new key and all that was typed."""
    if isinstance(error, KeyUsedError):
        return (
            "This form was sent before with something else in it, and that was kept. Send it again to keep this as well"
        )
    return sentence(str(error))


def sentence(rule: str) -> str:
    """Give a rule as a sentence begins."""
    return rule[:1].upper() + rule[1:]


def listed(fields: Mapping[str, str]) -> list[dict[str, str]]:
    """Give what is wrong with each field as the summary of errors lists it, each leading to its field."""
    return [{"text": text, "href": f"#{name}"} for name, text in fields.items()]
