"""What every form of the pages needs: who sends it is known before it is read, and what is wrong is said as a sentence."""

from collections.abc import AsyncIterator, Mapping

from fastapi import Request
from starlette.datastructures import FormData

from graph_service.web.deps import ViewerDep

_MOST_FIELDS = 2500


async def get_form(request: Request, _viewer: ViewerDep) -> AsyncIterator[FormData]:
    """Read a form without files, once the session is known, so that nobody who is not signed in can send a large one."""
    async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
        yield form


def sentence(rule: str) -> str:
    """Give a rule as a sentence begins."""
    return rule[:1].upper() + rule[1:]


def listed(fields: Mapping[str, str]) -> list[dict[str, str]]:
    """Give what is wrong with each field as the summary of errors lists it, each leading to its field."""
    return [{"text": text, "href": f"#{name}"} for name, text in fields.items()]
