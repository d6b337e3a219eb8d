"""`peers.change`: first the groups that are new, gone or changed, then the links that are new, quiet or stronger."""

from typing import Any, Final

from graph_service.services.answers.asked import Asked
from graph_service.services.answers.groups import asked_kinds
from queries.analysis.naming import counted
from queries.analysis.peer_change import ChangedGroup, ChangedLink, peer_changes
from queries.errors import ParameterError
from queries.projection import to_milliseconds

_LONGEST: Final = 3660
_LINK_WORDS: Final = {"new": "newly linked", "quiet": "not reported together again", "stronger": "more often together"}


def change(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `peers.change`. `of` says whether a row is about a group or a link."""
    if not 1 <= asked.values["days"] <= _LONGEST:
        raise ParameterError("days", f"use 1 to {_LONGEST}")
    earlier = to_milliseconds(asked.values["from"])
    later = to_milliseconds(asked.values["to"]) if asked.values["to"] else to_milliseconds(asked.known_at)
    if later <= earlier:
        raise ParameterError("to", "use a date after the earlier one")
    subject = asked.locate("subject") if asked.values["subject"] else None
    found = peer_changes(
        asked.graph,
        earlier=earlier,
        later=later,
        days=asked.values["days"],
        kinds=asked_kinds(asked),
        subject=subject,
        crowd=asked.values["crowd"],
    )
    return [*(_group(asked, group) for group in found.groups), *(_link(asked, link) for link in found.links)], []


def _group(asked: Asked, group: ChangedGroup) -> dict[str, Any]:
    words = {
        "new": f"A group of {len(group.members)} that was not found before",
        "gone": f"A group of {len(group.members)} that is no longer found",
        "changed": f"{counted(len(group.joined), 'person')} joined and {len(group.left)} left a group now of {len(group.members)}",
    }
    return {
        "of": "group",
        "what": group.what,
        "members": [asked.subject(at) for at in group.members],
        "joined": [asked.subject(at) for at in group.joined],
        "left": [asked.subject(at) for at in group.left],
        "likeness": round(group.likeness, 4),
        "sentence": words[group.what].replace("persons", "people") + ".",
        "evidence": list(group.evidence),
    }


def _link(asked: Asked, link: ChangedLink) -> dict[str, Any]:
    a, b = asked.subject(link.a), asked.subject(link.b)
    return {
        "of": "link",
        "what": link.what,
        "a": a,
        "b": b,
        "before": round(link.before, 4),
        "after": round(link.after, 4),
        "kinds": list(link.kinds),
        "sentence": f"{a['label']} and {b['label']}: {_LINK_WORDS[link.what]}.",
        "evidence": list(link.evidence),
    }
