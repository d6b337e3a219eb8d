"""`contexts.converging`: where separate reports meet, with their citations and what chance would give."""

from typing import Any

from graph_service.services.answers.asked import Asked, iso
from ingest.gazetteer import official_reader
from queries.analysis.convergence import Convergence, converging, tell_chance, tell_meeting
from queries.analysis.touches import KINDS


def meetings(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `contexts.converging`, the least likely by chance first."""
    start, end = asked.period_ms
    kinds = asked.values["kinds"]
    found = converging(
        asked.graph,
        reader=official_reader(),
        window_weeks=asked.values["window_weeks"],
        recorded_from=start,
        recorded_to=end,
        least_reports=asked.values["least_reports"],
        kinds=KINDS if kinds == ("all",) else kinds,
    )
    rows = [meeting_row(asked, one) for one in found]
    caveats = []
    if any(one.also for one in found):
        caveats.append(
            "That two names are of one place is a suggestion, with its reasons; nothing is merged and a person decides."
        )
    if any(one.expected is None for one in found):
        caveats.append("The data known are shorter than two windows: too short to tell what chance would give.")
    return rows, caveats


def meeting_row(asked: Asked, found: Convergence) -> dict[str, Any]:
    """Give one meeting as a row."""
    graph = asked.graph
    return {
        "subject": asked.subject(found.subject),
        "named": graph.subjects[found.named].label,
        "also": [{"subject": asked.subject(other.subject), "because": list(other.because)} for other in found.also],
        "kind": found.kind,
        "reports": len(found.citations),
        "observed": found.observed,
        "agencies": len(found.agencies),
        "children": len(found.children),
        "first": iso(found.first),
        "last": iso(found.last),
        "expected": None if found.expected is None else round(found.expected, 4),
        "p_value": None if found.p_value is None else round(found.p_value, 9),
        "q_value": None if found.q_value is None else round(found.q_value, 9),
        "sentence": tell_meeting(graph, found),
        "chance": tell_chance(found),
        "citations": [
            {
                "report": str(graph.reports.uid[citation.report]),
                "kind": citation.kind,
                "agency": citation.agency,
                "recorded_at": iso(citation.recorded_at),
                "about": [asked.subject(child) for child in citation.children],
                "names": [asked.subject(thing) for thing in citation.things],
                "claims": list(citation.claims),
            }
            for citation in found.citations
        ],
        "evidence": list(found.evidence),
    }
