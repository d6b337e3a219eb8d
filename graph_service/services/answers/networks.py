"""`peers.network` and `episodes.co_missing`."""

from typing import Any

from graph_service.services.answers.ages import beside_harm
from graph_service.services.answers.asked import Asked, iso
from queries.analysis.chance import LEVEL
from queries.analysis.co_missing import FEW_NIGHTS, NearMiss, Pair, find_co_missing
from queries.analysis.co_missing_words import patterns_of, tell_pair, told_of
from queries.analysis.conversations import Conversations
from queries.analysis.naming import listed
from queries.analysis.peers import peer_links
from queries.errors import ParameterError


def network(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `peers.network`, a row a link."""
    if asked.values["hops"] not in {1, 2}:
        raise ParameterError("hops", "use 1 or 2")
    start, end = asked.period_ms
    found = peer_links(
        asked.graph,
        asked.locate("subject"),
        hops=asked.values["hops"],
        crowd=asked.values["crowd"],
        happened_from=start,
        happened_to=end,
    )
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
            **beside_harm(asked, link.a, link.b, link.kinds),
            "evidence": list(link.evidence),
        }
        for link in found.links
    ]
    caveats = []
    if asked.values["from"] or asked.values["to"]:
        caveats.append("What no report gives a time for may have happened in any period, and is in this one.")
    if found.crowds:
        named = listed([asked.subject(at)["label"] for at in found.crowds])
        caveats.append(f"Shared by so many people that it makes no link: {named}.")
    return rows, caveats


def missing_together(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `episodes.co_missing`, the least likely by chance first."""
    start, end = asked.period_ms
    found = asked.graph.once(
        find_co_missing,
        since=asked.graph.known_at,
        happened_from=start,
        happened_to=end,
        within_metres=asked.values["within_metres"],
        min_overlap_minutes=asked.values["min_overlap_minutes"],
        within_hours=asked.values["within_hours"],
    )

    said = Conversations.of(asked.graph)

    def uid(at: int) -> str:
        return asked.subject(at)["uid"]

    def near(miss: NearMiss) -> dict[str, Any]:
        homes = asked.graph.homes
        return {
            "episodes": [uid(at) for at in miss.episodes],
            "gap_minutes": miss.gap_ms // 60_000,
            "together": [
                {"part": part, "place": None if homes[place] else asked.subject(place)} for part, place in miss.together
            ],
        }

    def factors(pair: Pair) -> dict[str, Any]:
        total, told = told_of(pair, said)
        return {
            "conversations": total,
            "factors": [
                {
                    "factor": one.factor.code,
                    "direction": one.factor.direction,
                    "label": one.factor.label,
                    "conversations": one.conversations,
                    "episodes": [uid(at) for at in one.episodes],
                    "reports": list(one.reports),
                    "evidence": list(one.evidence),
                }
                for one in told
            ],
        }

    rows = [
        {
            "a": asked.subject(pair.a),
            "b": asked.subject(pair.b),
            "observed": pair.observed,
            "expected": _rounded(pair.expected),
            "q_value": pair.q_value,
            "episodes": [[uid(one), uid(other)] for one, other in pair.episodes],
            "sentence": tell_pair(asked.graph, pair, children_found=found.places, conversations=said),
            "occasions": pair.occasions,
            "weight": round(pair.weight, 4),
            "expected_smooth": _rounded(pair.smooth),
            "tail": _rounded(pair.tail),
            "patterns": [
                {
                    "text": told.text,
                    "count": told.count,
                    "episodes": [uid(at) for at in told.episodes],
                    **({"reports": list(told.reports), "evidence": list(told.evidence)} if told.evidence else {}),
                }
                for told in patterns_of(asked.graph, pair, children_found=found.places, conversations=said)
            ],
            **factors(pair),
            "near_misses": [near(miss) for miss in pair.near_misses],
            "meetings": [
                {
                    "episodes": [uid(one), uid(other)],
                    "since": iso(since),
                    "a": {"from": iso(begun_a), "to": iso(over_a)},
                    "b": {"from": iso(begun_b), "to": iso(over_b)},
                    "at_once": many,
                }
                for (one, other), since, (begun_a, over_a, begun_b, over_b), many in zip(
                    pair.episodes, pair.since, pair.spans, pair.at_once, strict=True
                )
            ],
            "evidence": _with_conversations(pair, said),
        }
        for pair in found.pairs
    ]
    caveats = []
    untold = sum(0 < pair.occasions <= FEW_NIGHTS and (pair.q_value or 0) >= LEVEL for pair in found.pairs)
    if untold:
        caveats.append(
            f"Met on three nights or fewer: too few to tell from chance ({untold} of {len(found.pairs)} pairs). They are observations, not findings."
        )
    if found.crowds:
        caveats.append(
            f"On some nights more than {found.crowd} children were missing at once: such a night makes no pair by itself"
            f" ({found.crowds} left out)."
        )
    return rows, caveats


def _with_conversations(pair: Pair, said: Conversations) -> list[str]:
    """Give the claims behind a pair, and those of the conversations that name a factor."""
    return sorted({*pair.evidence, *(claim for one in told_of(pair, said)[1] for claim in one.evidence)})


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
