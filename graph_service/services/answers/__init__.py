"""How each named question is answered from a viewer's visible graph."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from graph_service.services.answers import (
    convergence,
    groups,
    hotspots,
    links,
    measures,
    networks,
    peer_change,
    people,
    presence,
    reports,
    week,
)
from graph_service.services.answers.asked import Asked

Answer: TypeAlias = Callable[[Asked], tuple[list[dict[str, Any]], list[str]]]

ANSWERS: Final[dict[str, Answer]] = {
    "people.profile": people.profile,
    "people.timeline": people.timeline,
    "peers.network": networks.network,
    "peers.groups": groups.groups,
    "peers.measures": measures.measures,
    "peers.change": peer_change.change,
    "episodes.co_missing": networks.missing_together,
    "places.hotspots": hotspots.hotspots,
    "places.hours": week.hours,
    "places.compared": week.compare,
    "links.between": links.between,
    "contexts.people_present": presence.people_present,
    "contexts.converging": convergence.meetings,
    "reports.evidence": reports.evidence,
}

__all__ = ["ANSWERS", "Answer", "Asked"]
