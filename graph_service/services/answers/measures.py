"""`peers.measures`: a row a person, the strongest brokers first."""

from typing import Any

from graph_service.services.answers.asked import Asked
from graph_service.services.answers.groups import asked_kinds
from queries.analysis.measures import standings


def measures(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `peers.measures`."""
    start, end = asked.period_ms
    subject = asked.locate("subject") if asked.values["subject"] else None
    found = standings(
        asked.graph,
        happened_from=start,
        happened_to=end,
        kinds=asked_kinds(asked),
        subject=subject,
        crowd=asked.values["crowd"],
    )
    rows = [
        {
            "person": asked.subject(one.person),
            "links": one.links,
            "strength": round(one.strength, 4),
            "broker": round(one.broker, 9),
            "core": one.core,
            "component": one.component,
            "component_size": one.component_size,
            "bridges": [asked.subject(at) for at in one.bridges],
            "steps": one.steps,
            "evidence": list(one.evidence),
        }
        for one in found
    ]
    return rows, []
