"""`contexts.converging`: where separate reports meet, with their citations and what chance would give."""

from typing import Any

from graph_service.services.answers.asked import Asked, iso
from ingest.gazetteer import official_reader
from queries.analysis.convergence import Convergence, converging
from queries.analysis.convergence_words import tell_chance, tell_eyes, tell_meeting, tell_standing
from queries.analysis.touches import KINDS


def meetings(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `contexts.converging`: what is new first."""
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
    if others := sum(not one.is_new for one in found):
        caveats.append(
            f"{len(found) - others} of {len(found)} are new; {others} stand below them, at things that are named at other times too or where"
            " only police missing reports make them so many. Each row says why it stands where it does: no row has a score."
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
        "separate": found.separate,
        "known_to_one": found.known_to_one,
        "circles": found.circles,
        "missing_reports": found.missing_reports,
        "elsewhen": found.named_elsewhen,
        "standing": found.standing,
        "is_new": found.is_new,
        "sentence": tell_meeting(graph, found),
        "chance": tell_chance(found),
        "eyes": tell_eyes(found),
        "why_here": tell_standing(found),
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
