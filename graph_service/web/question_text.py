"""A question that a page asked, as a person would ask it themselves: a notebook cell, or a request to the API."""

import json
from collections.abc import Mapping
from typing import Any


def as_notebook_cell(name: str, parameters: Mapping[str, Any], as_known_at: str) -> str:
    """Give the Python that asks the same in a notebook, through the service and under the reader's own rights."""
    lines = [f"    {json.dumps(key)}: {json.dumps(_text(value))}," for key, value in parameters.items()]
    given = "{\n" + "\n".join(lines) + "\n}" if lines else "{}"
    return (
        "import datetime as dt\n\n"
        f"parameters = {given}\n"
        f"as_known_at = dt.datetime.fromisoformat({json.dumps(as_known_at)})\n"
        f"service.questions.ask(viewer, {json.dumps(name)}, parameters, as_known_at=as_known_at)"
    )


def as_request(name: str, parameters: Mapping[str, Any], as_known_at: str) -> str:
    """Give the request that asks the same of the API, with the reader's own token."""
    body = {"parameters": {key: _text(value) for key, value in parameters.items()}, "as_known_at": as_known_at}
    return (
        f"POST /api/v1/questions/{name}\n"
        "Authorization: Bearer YOUR-TOKEN\n"
        "Content-Type: application/json\n\n"
        f"{json.dumps(body, indent=2, ensure_ascii=False)}"
    )


def _text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(str(part) for part in value) if isinstance(value, list | tuple) else str(value)
