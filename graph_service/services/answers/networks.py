"""`peers.network`, `peers.groups` and `episodes.co_missing`."""

from typing import Any

from graph_service.services.answers.asked import Asked
from queries.analysis.co_missing import co_missing, tell_pair
from queries.analysis.groups import peer_groups
from queries.analysis.peers import KINDS, peer_links
from queries.errors import ParameterError


def network(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `peers.network`, a row a link."""
    if asked.values["hops"] not in {1, 2}:
        raise ParameterError("hops", "use 1 or 2")
    found = peer_links(asked.graph, asked.locate("subject"), hops=asked.values["hops"])
    rows = [
        {
            "a": asked.subject(link.a),
            "b": asked.subject(link.b),
            "kinds": {
                kind: {
                    "events": count.events,
                    "reports": count.reports,
                    "weight": round(count.weight, 6),
                    "things": [asked.subject(at) for at in count.things],
                }
                for kind, count in link.kinds.items()
            },
            "evidence": list(link.evidence),
        }
        for link in found.links
    ]
    caveats = []
    if found.crowds:
        named = ", ".join(asked.subject(at)["label"] for at in found.crowds)
        caveats.append(f"Shared by so many people that it makes no link: {named}.")
    return rows, caveats


def groups(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `peers.groups`, largest first."""
    start, end = asked.period_ms
    kinds = asked.values["kinds"]
    if kinds != ("all",) and not set(kinds) <= set(KINDS):
        raise ParameterError("kinds", f"use all, or some of {', '.join(KINDS)}")
    found = peer_groups(asked.graph, happened_from=start, happened_to=end, kinds=None if kinds == ("all",) else kinds)
    rows = [
        {
            "group": number,
            "members": [asked.subject(at) for at in group.members],
            "stability": round(group.stability, 4),
            "evidence": list(group.evidence),
        }
        for number, group in enumerate(found, start=1)
    ]
    return rows, []


def missing_together(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `episodes.co_missing`, the least likely by chance first."""
    start, end = asked.period_ms
    found = co_missing(
        asked.graph,
        happened_from=start,
        happened_to=end,
        within_metres=asked.values["within_metres"],
        min_overlap_minutes=asked.values["min_overlap_minutes"],
    )
    rows = [
        {
            "a": asked.subject(pair.a),
            "b": asked.subject(pair.b),
            "observed": pair.observed,
            "expected": None if pair.expected is None else round(pair.expected, 4),
            "q_value": pair.q_value,
            "episodes": [[asked.subject(one)["uid"], asked.subject(other)["uid"]] for one, other in pair.episodes],
            "sentence": tell_pair(asked.graph, pair),
            "evidence": list(pair.evidence),
        }
        for pair in found
    ]
    return rows, []
