"""Pages of a list by cursor: the cursor names the last row seen, so that a row added before it moves nothing."""

import base64
import hashlib
import json
from collections.abc import Sequence

from fastapi import Request
from fastapi.responses import JSONResponse

from graph_service.web.seam import Row
from queries.errors import ParameterError


def page_of(request: Request, rows: Sequence[Row], limit: int, after: str) -> tuple[list[Row], dict[str, str]]:
    """
    Give a page of rows and the headers that lead to the next one.

    Parameters
    ----------
    request
        What the address of the next page is made from.
    rows
        All that the caller may see, in a stable order.
    limit, after
        Most rows, and the cursor that the page before gave; empty for the first page.

    Raises
    ------
    ParameterError
        If the cursor is not one of ours, or its row is no longer there.
    """
    start = 0
    if after:
        marks = [cursor_of(row) for row in rows]
        if after not in marks:
            raise ParameterError("after", "is not a cursor of this list any more; begin again without it")
        start = marks.index(after) + 1
    page = list(rows[start : start + limit])
    if start + limit >= len(rows) or not page:
        return page, {}
    address = request.url.include_query_params(after=cursor_of(page[-1]), limit=limit)
    return page, {"Link": f'<{address.path}?{address.query}>; rel="next"'}


def paged(request: Request, rows: Sequence[Row], limit: int, after: str) -> JSONResponse:
    """Answer with a page of rows as JSON, and the way to the next one in its headers; see `page_of`."""
    page, headers = page_of(request, rows, limit, after)
    return JSONResponse(page, headers=headers)


def cursor_of(row: Row) -> str:
    """Give the cursor of a row: made from what the caller sees of it alone."""
    named = row.get("uid") or row.get("id") or json.dumps(row, sort_keys=True, default=str)
    return base64.urlsafe_b64encode(hashlib.sha256(str(named).encode()).digest()[:12]).decode()
