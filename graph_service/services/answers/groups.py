"""`peers.groups`: a row a group, with what it rests on and who stands beside it."""

from typing import Any

from graph_service.services.answers.ages import range_beside_harm
from graph_service.services.answers.asked import Asked
from queries.analysis.groups import Group, peer_groups
from queries.analysis.peers import KINDS
from queries.errors import ParameterError


def groups(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `peers.groups`, largest first."""
    start, end = asked.period_ms
    found = asked.graph.once(
        peer_groups,
        happened_from=start,
        happened_to=end,
        kinds=asked_kinds(asked),
        also_by_chance=asked.values["also_by_chance"],
        crowd=asked.values["crowd"],
    )
    return [{"group": number, **as_row(asked, group)} for number, group in enumerate(found, start=1)], []


def asked_kinds(asked: Asked) -> tuple[str, ...] | None:
    """Give the kinds of link asked for; None for all. Raises ParameterError where one is not a kind."""
    kinds: tuple[str, ...] = asked.values["kinds"]
    if kinds == ("all",):
        return None
    if not set(kinds) <= set(KINDS):
        raise ParameterError("kinds", f"use all, or some of {', '.join(KINDS)}")
    return kinds


def as_row(asked: Asked, group: Group) -> dict[str, Any]:
    """Give a group as it stands in rows, with what to bear in mind about it."""
    return {
        "members": [asked.subject(at) for at in group.members],
        "stability": round(group.stability, 4),
        "resolution": round(group.resolution, 4),
        "resolutions": [round(density, 4) for density in group.resolutions],
        "by_chance": float(f"{group.chance:.3g}") if group.chance < 1e9 else None,
        "kinds": dict(group.kinds),
        "reports": group.reports,
        "overlap": [asked.subject(at) for at in group.overlap],
        "beside": [
            {
                "person": asked.subject(one.person),
                "members": one.members,
                "kinds": list(one.kinds),
                **range_beside_harm(asked, one.person, one.near, one.kinds),
                "evidence": list(one.evidence),
            }
            for one in group.beside
        ],
        "caveat": _caveat(group),
        "evidence": list(group.evidence),
    }


def _caveat(group: Group) -> str:
    if group.chance >= 1:
        return "No more than chance would give among people who are reported so often."
    if group.reports < 2:
        return "Everything here comes from one source."
    if group.stability < 0.5:
        return "Found at few of the densities looked at: its edge is not sharp."
    return "" if not group.overlap else "Some of its people are as much part of another group."
