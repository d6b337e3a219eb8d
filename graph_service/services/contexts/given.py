"""What people send of a context, checked field by field before anything of it is kept. Errors name the field, never what was in it."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from graph_service.services.contexts.life_cycle import KINDS, ROUTES
from queries.errors import ParameterError

TEXTS: Final = ("label", "summary", "handle", "platform")
SUBJECTS: Final = ("places", "people", "groups", "vehicles", "accounts", "contains", "touches")
KINDS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "places": ("location",),
    "people": ("child", "adult", "person"),
    "groups": ("group",),
    "vehicles": ("vehicle",),
    "accounts": ("account",),
    "contains": ("context",),
    "touches": ("context",),
}
_LABEL, _TEXT, _MOST = 200, 8000, 200
_CORNERS: Final = 500
_ROUND: Final = 360  # degrees; whole numbers too large for a float are compared as they are
Check = Callable[[str, Any], Any]
# Word processors leave spaces of many widths, marks of where a word may break, and marks of a file's beginning.
_AS_WRITTEN: Final = {
    **dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " "),
    **dict.fromkeys([0xAD, 0x200B, 0x2060, 0xFEFF]),
}
_JOINS: Final = "\u200c\u200d"  # within words of some languages, and within one picture


def text(name: str, value: object, *, longest: int = _TEXT, needed: bool = False) -> str:
    """Read a text: no longer than `longest` characters, without control characters but line ends."""
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise ParameterError(name, "must be a text")
    found = value.translate(_AS_WRITTEN).strip()
    if needed and not found:
        raise ParameterError(name, "must be given")
    if len(found) > longest:
        raise ParameterError(name, f"use at most {longest} characters")
    if any(not (letter.isprintable() or letter in "\n\t\r" or letter in _JOINS) for letter in found):
        raise ParameterError(name, "has characters that cannot be shown")
    return found


def listed(name: str, value: object, check: Check, *, most: int = _MOST) -> list[Any]:
    """Read a list of at most `most` entries, each by `check`."""
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        raise ParameterError(name, "must be a list")
    if len(value) > most:
        raise ParameterError(name, f"has at most {most} entries")
    return [check(name, item) for item in value]


def identifier(name: str, value: object) -> str:
    """Read the uid of a subject (or a subject as rows show it), or a claim id."""
    if isinstance(value, Mapping):
        value = value.get("uid")
    found = text(name, value, longest=300, needed=True)
    if "\n" in found:
        raise ParameterError(name, "must be an id")
    return found


def identifiers(name: str, value: object) -> list[str]:
    """Read a list of ids; each is kept once, in the order given."""
    return list(dict.fromkeys(listed(name, value, identifier)))


def word(name: str, value: object) -> str:
    """Read a short text."""
    return text(name, value, longest=_LABEL, needed=True)


def one_of(name: str, value: object, words: Sequence[str]) -> str:
    """Read one of several words."""
    if value not in words:
        raise ParameterError(name, f"use one of {', '.join(words)}")
    return str(value)


def day(name: str, value: object) -> str:
    """Read a day as ISO 8601; empty where there is none."""
    found = text(name, value, longest=10)
    try:
        return dt.date.fromisoformat(found).isoformat() if found else ""
    except ValueError:
        raise ParameterError(name, "use a day such as 2026-11-18") from None


def moment(name: str, value: object) -> dt.datetime | None:
    """Read an instant as ISO 8601 with its offset; None where there is none."""
    found = text(name, value, longest=40)
    try:
        read = dt.datetime.fromisoformat(found) if found else None
        if read is not None and read.tzinfo is None:
            raise ValueError
    except ValueError:
        raise ParameterError(name, "use an instant such as 2026-11-18T09:30:00Z") from None
    return read


def fields(name: str, value: object, known: Mapping[str, Check]) -> dict[str, Any]:
    """Read an object of known fields; those that are absent are read as None."""
    if not isinstance(value, Mapping):
        raise ParameterError(name, "must be an object")
    unknown = [key for key in value if key not in known]
    if unknown:
        raise ParameterError(name, f"has only {', '.join(known)}")
    return {key: check(f"{name}.{key}" if name else key, value.get(key)) for key, check in known.items()}


def polygon(name: str, value: object) -> dict[str, Any] | None:
    """
    Read a GeoJSON polygon in WGS 84 (longitude, latitude); None where there is none.

    Rings are closed, do not cross, have at most 500 corners and lie in Great Britain and its waters (49 to 61 north, 9 west to 3 east), so
    that swapped coordinates are refused.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, Mapping) or set(value) != {"type", "coordinates"} or value["type"] != "Polygon":
        raise ParameterError(name, "must be a GeoJSON polygon")
    rings = listed(
        name, value["coordinates"], lambda ring, corners: listed(ring, corners, _corner, most=_CORNERS), most=20
    )
    if not rings or any(len(ring) < 4 or ring[0] != ring[-1] for ring in rings):
        raise ParameterError(name, "each ring has at least four corners, of which the last is the first again")
    found = {"type": "Polygon", "coordinates": rings}
    if not _encloses(found):
        raise ParameterError(name, "its outline crosses or touches itself; draw it as one line round the area")
    return found


def _encloses(polygon: Mapping[str, Any]) -> bool:
    """Say whether a polygon has an inside: what lies in one that crosses itself is anybody's guess."""
    from shapely.geometry import shape

    return bool(shape(dict(polygon)).is_valid)


def _corner(name: str, value: object) -> list[float]:
    fits = isinstance(value, list | tuple) and len(value) == 2
    numbers = [n for n in value if isinstance(n, int | float) and not isinstance(n, bool)] if fits else []  # type: ignore[attr-defined]
    if len(numbers) != 2 or not all(abs(n) <= _ROUND for n in numbers):
        raise ParameterError(name, "a corner is a longitude and a latitude")
    if not (-9 <= numbers[0] <= 3 and 49 <= numbers[1] <= 61):
        raise ParameterError(name, "a corner lies outside Great Britain; give the longitude first")
    return [float(n) for n in numbers]


def _kind(name: str, value: object) -> str:
    return one_of(name, value, KINDS)


_DEFINITION: Final[dict[str, Check]] = {
    "kind": _kind,
    "label": word,
    "summary": text,
    "handle": lambda name, value: text(name, value, longest=_LABEL),
    "platform": lambda name, value: text(name, value, longest=_LABEL),
    "area": polygon,
    "harms": lambda name, value: listed(name, value, word, most=30),
    **dict.fromkeys(SUBJECTS, identifiers),
}


def affected(name: str, value: object) -> dict[str, Any]:
    """Read who is affected: the person, why, and the claims that say so."""
    return fields(name, value, {"person": identifier, "why": text, "citations": identifiers})


def definition(given: Mapping[str, Any]) -> dict[str, Any]:
    """Read those of the fields of a definition that are given; unknown ones are refused."""
    checks: dict[str, Check] = {**_DEFINITION, "affected": lambda name, value: listed(name, value, affected)}
    for name in given:
        if name not in checks:
            raise ParameterError("fields", f"a context has only {', '.join(checks)}")
    return {name: checks[name](name, value) for name, value in given.items()}


def referral(given: Mapping[str, Any]) -> dict[str, Any]:
    """Read a referral: a definition, and how and why it is referred, with the claims that it rests on."""
    told = {name: given.get(name) for name in ("how", "reason", "citations")}
    rest = {name: value for name, value in given.items() if name not in told and value is not None}
    found = definition({"kind": None, "label": None, **rest})
    return found | {
        "how": one_of("how", told["how"] or "direct", ROUTES),
        "reason": text("reason", told["reason"], needed=True),
        "citations": identifiers("citations", told["citations"]),
    }


def weighted(name: str, value: object) -> dict[str, Any]:
    """Read what is weighted: a rank from 1 (first to change), and the reason. Two may have one rank: the practitioner may not want to choose."""
    found = fields(name, value, {"what": word, "rank": _rank, "reason": text, "evidence": identifiers})
    if not found["reason"]:
        raise ParameterError(f"{name}.reason", "say why it has this rank")
    return found


def _rank(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 99:
        raise ParameterError(name, "is a whole number from 1, the first to change")
    return value


def _flag(name: str, value: object) -> bool:
    if value is not None and not isinstance(value, bool):
        raise ParameterError(name, "is true or false")
    return bool(value)


def action(name: str, value: object) -> dict[str, Any]:
    """Read an action of a plan."""
    states = ("to do", "under way", "done", "dropped")
    return fields(
        name,
        value,
        {
            "what": word, "lead": lambda n, v: text(n, v, longest=_LABEL), "agency": lambda n, v: text(n, v, longest=_LABEL), "by": day,
            "state": lambda n, v: one_of(n, v or "to do", states), "progress": text,
        },
    )  # fmt: skip


def goal(measures: Sequence[str]) -> Check:
    """Give the check of a goal of a plan, which may use these named measures. Effort has no measure of outcome."""

    def check(name: str, value: object) -> dict[str, Any]:
        def measure(field: str, chosen: object) -> str | None:
            return None if chosen in (None, "") else one_of(field, chosen, measures)

        known: dict[str, Check] = {
            "what": word, "measure": measure, "effort": _flag, "target": lambda n, v: text(n, v, longest=_LABEL), "baseline": lambda _n, v: v,
        }  # fmt: skip
        found = fields(name, value, known)
        if found["effort"] and found["measure"]:
            raise ParameterError(
                f"{name}.measure", "a goal that counts effort has no measure of outcome; leave one of the two"
            )
        # What stands before is frozen by the service when the plan is signed off; what is sent of it is not looked at.
        return {**found, "baseline": None}

    return check


def member(name: str, value: object) -> dict[str, Any]:
    """Read a member of a satellite team, as their agency names them."""
    found = fields(
        name,
        value,
        {"account": word, "agency": word, "role_in_team": word, "name": lambda n, v: text(n, v, longest=_LABEL)},
    )
    return {key: found[key] for key in ("account", "agency", "role_in_team")}


_ASSESSMENT: Final[dict[str, Check]] = {
    "needs": text,
    "strengths": text,
    "guardianship": lambda name, value: listed(name, value, lambda n, v: fields(n, v, {"who": word, "where": text, "could": text})),
    "physical": text,
    "social": text,
    "relationships": text,
    "individual_responses": text,
    "group_responses": text,
    "engagement": lambda name, value: listed(name, value, lambda n, v: fields(n, v, {"whom": word, "how": text})),
    "analysis": text,
}  # fmt: skip
# Appendix A: the outcomes of a meeting.
OUTCOMES: Final = ("agree", "direct_action", "escalate", "")


def part(name: str, content: object, measures: Sequence[str]) -> Any:  # noqa: ANN401  an object, of weighting a list
    """
    Read the content of a part.

    Raises
    ------
    ParameterError
        Names the field that is wrong, with its place.
    """
    match name:
        case "team":
            found = fields("team", content, {"lead": word, "members": lambda n, v: listed(n, v, member, most=60)})
            accounts = [row["account"] for row in found["members"]]
            if len(set(accounts)) != len(accounts):
                raise ParameterError("team.members", "each person is named once")
            return found
        case "assessment":
            return fields("assessment", content, _ASSESSMENT)
        case "weighting":
            return sorted(listed("weighting", content, weighted), key=lambda row: row["rank"])
        case "plan":
            checks: dict[str, Check] = {
                "actions": lambda n, v: listed(n, v, action),
                "goals": lambda n, v: listed(n, v, goal(measures), most=30),
            }
            return fields("plan", content, checks)
        case _:
            return fields("review", content, {"outcome": lambda n, v: one_of(n, v or "", OUTCOMES), "narrative": text})
