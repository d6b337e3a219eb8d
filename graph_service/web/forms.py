"""What every form of the pages needs: who sends it is known before it is read, and what is wrong is said as a sentence."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.datastructures import FormData

from graph_service.web.deps import ViewerDep

_MOST_FIELDS: Final = 2500


def form_reader(*, files: int = 0, fields: int = _MOST_FIELDS) -> Callable[..., AsyncIterator[FormData]]:
    """Give what reads a form of at most so many files and fields, once the session is known: nobody who is not signed in can send a large one."""

    async def read(request: Request, _viewer: ViewerDep) -> AsyncIterator[FormData]:
        async with request.form(max_files=files, max_fields=fields) as form:
            yield form

    return read


FormDep = Annotated[FormData, Depends(form_reader())]


def sentence(rule: str) -> str:
    """Give a rule as a sentence begins."""
    return rule[:1].upper() + rule[1:]


def listed(fields: Mapping[str, str]) -> list[dict[str, str]]:
    """Give what is wrong with each field as the summary of errors lists it, each leading to its field."""
    return [{"text": text, "href": f"#{name}"} for name, text in fields.items()]
