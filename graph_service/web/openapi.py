"""The description of the API: what FastAPI knows of the routes, and what is true of every one of them."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from graph_service.web.errors import API

_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "An error (RFC 9457). Hidden and absent things are told alike.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "rule"],
                "properties": {"field": {"type": "string"}, "rule": {"type": "string"}},
            },
        },
        "current": {"type": "object", "description": "of a change to another version: the thing as it stands now"},
    },
}
_ALWAYS: Final = {
    "401": "Nobody is signed in, or the token has ended",
    "403": "The caller's role does not allow it, whatever it is asked of",
    "404": "Not there, or not open to the caller",
    "422": "Something that was sent cannot be used",
    "503": "The store or the audit trail is not available; nothing was done",
}
_OF_A_CHANGE: Final = {
    "409": "The Idempotency-Key was used for another request, or something else came first",
    "412": "It was changed meanwhile; `current` is how it stands now",
}
_OF_A_VERSION: Final = {"428": "`If-Match` is missing"}
_SECURITY: Final = {
    "token": {"type": "http", "scheme": "bearer", "description": "made by `pmet account token`"},
    "session": {"type": "apiKey", "in": "cookie", "name": "pmet_session", "description": "of a browser that is signed in"},
}  # fmt: skip


def describe(app: FastAPI, cookie: str) -> dict[str, Any]:
    """Give the OpenAPI document of an application, made once; `cookie` is the name of the session's."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        components = document.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        schemas["Problem"] = _PROBLEM
        components["securitySchemes"] = {**_SECURITY, "session": {**_SECURITY["session"], "name": cookie}}
        for path, methods in document["paths"].items():
            if path.startswith(API):
                for method, operation in methods.items():
                    _complete(method, operation)
        app.openapi_schema = document
    return app.openapi_schema


def _complete(method: str, operation: dict[str, Any]) -> None:
    headers = {row["name"].lower() for row in operation.get("parameters", ()) if row["in"] == "header"}
    told = dict(_ALWAYS)
    if method in ("post", "put", "patch"):
        told |= _OF_A_CHANGE
    if "if-match" in headers:
        told |= _OF_A_VERSION
    for status, meaning in told.items():
        operation["responses"][status] = {
            "description": meaning,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    operation["security"] = [{"token": []}, {"session": []}]
