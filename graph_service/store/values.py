"""Values on their way to and from the store: plain Python on our side, and no instant that is not in UTC."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from neo4j.graph import Node, Relationship
from neo4j.spatial import Point
from neo4j.time import Date, DateTime

_ATOMS: Final = frozenset({bool, int, float, str, bytes, type(None)})


def to_python(value: Any) -> Any:  # noqa: ANN401, PLR0911  a value of the store may be anything, a return a kind
    """Turn a value of the store into plain Python: instants in `datetime.UTC`, points and nodes as dicts, no store id anywhere."""
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is list:
        # A packed column has tens of thousands of values, all plain: looked at by type alone, at the speed of C.
        return value if _ATOMS.issuperset(map(type, value)) else [to_python(item) for item in value]
    if kind is dict:
        return {key: to_python(item) for key, item in value.items()}
    if kind is DateTime:
        native = value.to_native()
        return native.replace(tzinfo=dt.UTC) if native.tzinfo is None else native.astimezone(dt.UTC)
    if kind is Date:
        return value.to_native()
    if isinstance(value, Point):
        return {"longitude": value[0], "latitude": value[1]}
    if isinstance(value, Node | Relationship):
        return {key: to_python(item) for key, item in value.items()}
    raise TypeError(f"a query returns a {kind.__name__}; return its properties instead")


def check_parameters(parameters: Mapping[str, Any]) -> None:
    """
    Refuse instants that the driver could send wrongly.

    A `zoneinfo` instant reads memory that is not there (CPython issue 125318): a wrong hour once, a crashed interpreter once.

    Raises
    ------
    ValueError
        If an instant's zone is not `datetime.UTC` itself. Names the parameter, never its value.
    """
    for name, value in parameters.items():
        if not _safe(value):
            raise ValueError(
                f"parameter {name} holds an instant that is not in datetime.UTC; convert it where it comes in"
            )


def _safe(value: object) -> bool:
    kind = type(value)
    if kind in _ATOMS:
        return True
    if isinstance(value, dt.datetime):
        return value.tzinfo is dt.UTC
    if isinstance(value, Mapping):
        return all(map(_safe, value.values()))
    if isinstance(value, list | tuple):
        return _ATOMS.issuperset(map(type, value)) or all(map(_safe, value))
    return not isinstance(value, DateTime)
