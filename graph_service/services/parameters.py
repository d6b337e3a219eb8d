"""Text parameters of a question to values: instants are Europe/London where they say nothing else, and UTC inside."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from queries.catalogue import Parameter, Question
from queries.errors import ParameterError

LONDON: Final = ZoneInfo("Europe/London")
_LONGEST: Final = 100_000
_TRUE, _FALSE = frozenset({"true", "yes", "1", "on"}), frozenset({"false", "no", "0", "off", ""})


def instant(name: str, text: str) -> dt.datetime:
    """
    Read an ISO 8601 instant; a bare date is midnight in London, a time without an offset is London's.

    Raises
    ------
    ParameterError
        If it is neither.
    """
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ParameterError(
            name, "use an ISO 8601 date or date and time, such as 2026-11-18 or 2026-11-18T09:00Z"
        ) from None
    # A `ZoneInfo` datetime must never reach the driver, so it goes no further than here.
    return (found.replace(tzinfo=LONDON) if found.tzinfo is None else found).astimezone(dt.UTC)


def _number(parameter: Parameter, text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not 0 <= found < 1e9:
        raise ParameterError(parameter.name, "use a number that is not negative")
    return found


def _value(parameter: Parameter, text: str) -> object:  # noqa: PLR0911  one return a type
    if parameter.choices:
        if text not in parameter.choices:
            raise ParameterError(parameter.name, f"use one of {', '.join(parameter.choices)}")
        return text
    match parameter.type:
        case "instant":
            return instant(parameter.name, text) if text else None
        case "integer":
            if not text.isdecimal() or len(text) > 6:
                raise ParameterError(parameter.name, "use a whole number")
            return int(text)
        case "number":
            return _number(parameter, text) if text else None
        case "boolean":
            if text.lower() not in _TRUE | _FALSE:
                raise ParameterError(parameter.name, "use true or false")
            return text.lower() in _TRUE
        case "list":
            return tuple(part.strip() for part in text.split(",") if part.strip())
        case _:
            return text


def read_parameters(question: Question, given: Mapping[str, Any]) -> dict[str, Any]:
    """
    Give the values of a question's parameters, defaults filled in.

    Raises
    ------
    ParameterError
        If one is unknown, missing or cannot be used.
    """
    known = {parameter.name: parameter for parameter in question.parameters}
    for name in given:
        if name not in known:
            raise ParameterError("name", f"{question.name} has only {', '.join(known)}")
    values: dict[str, Any] = {}
    for name, parameter in known.items():
        value = given.get(name)
        if isinstance(value, list | tuple):
            value = ",".join(str(part) for part in value)
        text = "" if value is None else str(value).strip()
        if len(text) > _LONGEST:
            raise ParameterError(name, f"use fewer than {_LONGEST} characters")
        if not text:
            if parameter.default is None:
                raise ParameterError(name, "must be given")
            text = parameter.default
        values[name] = _value(parameter, text)
    return values


def shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give parameters as the envelope shows them; open ones are null."""
    return {
        name: value.isoformat().replace("+00:00", "Z")
        if isinstance(value, dt.datetime)
        else list(value)
        if isinstance(value, tuple)
        else value
        for name, value in values.items()
    }
