"""`links.between`: explained routes between two subjects, what was left out of them, and what was searched."""

from collections.abc import Sequence
from typing import Any, Final

from graph_service.services.answers.ages import beside_harm
from graph_service.services.answers.asked import Asked, iso
from queries.analysis.claim_filter import GRADES, RELATIONS, ClaimFilter
from queries.analysis.links import LinksFound, Path, links_between, tell_route
from queries.analysis.naming import counted
from queries.errors import ParameterError
from queries.vocabulary import CLAIM_TYPES

_OPTIONS: Final = ("max_hops", "limit", "through_hubs", "inferred", "include_suspected_false")
_NAMED: Final = {"relations": "relation", "period": "time", "weakest": "grade", "handling": "handling"}
_LISTED: Final = 20  # claims named in a caveat; the rest are counted


def between(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `links.between`, a row a route."""
    values = asked.values
    chosen = _chosen(asked)
    options = {name: values[name] for name in _OPTIONS}
    found = links_between(asked.graph, asked.locate("a"), asked.locate("b"), chosen=chosen, **options)
    caveats = []
    if found.left_out_suspected_false:
        listed = _listed(found.left_out_suspected_false)
        caveats.append(
            f"Left out because they are graded as suspected false: {listed}. Ask with include_suspected_false to see them."
        )
    if told := _by_choice(found, values["limit"]):
        caveats.append(told)
    if not found.paths:
        caveats.append(_searched(asked, found, chosen))
    if not values["through_hubs"]:
        caveats.append(
            "Routes through a school, a station or another much-used place are not shown; ask with through_hubs to see them."
        )
    return [_row(asked, path) for path in found.paths], caveats


def _chosen(asked: Asked) -> ClaimFilter:
    """Give the reader's own choice of claims."""
    values = asked.values
    start, end = asked.period_ms
    if start >= end:
        raise ParameterError("to", "give a moment after from")
    named = tuple(str(name).upper() for name in values["relations"])
    return ClaimFilter(
        relations=() if named == ("ALL",) else named,
        happened_from=start,
        happened_to=end,
        weakest=values["weakest"],
        handling=values["handling"],
    )


def _row(asked: Asked, path: Path) -> dict[str, Any]:
    return {
        "length": len(path.hops),
        "hops": [
            {
                "from": asked.subject(hop.a),
                "to": asked.subject(hop.b),
                "type": hop.type,
                "types": list(hop.types),
                "claims": list(hop.claims),
                "weakest_grade": hop.weakest_grade,
                "inferred": hop.inferred,
                "denied_by": list(hop.denials),
                **beside_harm(asked, hop.a, hop.b, hop.types),
            }
            for hop in path.hops
        ],
        "weakest_grade": path.weakest_grade,
        "latest": iso(path.latest),
        "sentence": tell_route(asked.graph, path),
    }


def _by_choice(found: LinksFound, limit: int) -> str:
    """Tell what the reader's own filters cost: routes, and the claims of theirs by filter."""
    if found.routes_without_choice is None or not any(found.left_out_by_choice.values()):
        return ""
    routes, shortest = found.routes_without_choice
    most = " or more" if routes == limit else ""
    told = "; ".join(
        f"by {_NAMED[name]} {counted(len(claims), 'claim')} ({_listed(claims)})"
        for name, claims in found.left_out_by_choice.items()
        if claims
    )
    return (
        f"Left out by your own filters: without them there would be {counted(routes, 'route')}{most}, the shortest of "
        f"{counted(shortest, 'hop')}. Of the claims on those, they leave out {told}."
    )


def _searched(asked: Asked, found: LinksFound, chosen: ClaimFilter) -> str:
    """Tell what was searched when nothing was found, so that nobody takes it for proof that there is nothing."""
    values = asked.values
    ways = [f"routes of up to {counted(values['max_hops'], 'hop')} by what you may see"]
    if chosen.relations:
        ways.append(
            "only by " + ", ".join(f"“{CLAIM_TYPES[name].label}”" for name in RELATIONS if name in chosen.relations)
        )
    if values["from"] or values["to"]:
        edges = [f"{word} {iso(values[word])}" for word in ("from", "to") if values[word]]
        ways.append(f"only what touches the time {' '.join(edges)}")
    if chosen.weakest != GRADES[-1]:
        ways.append(f"nothing graded weaker than {chosen.weakest}")
    if chosen.handling != "any":
        ways.append(f"only what is handled {chosen.handling}")
    if not values["through_hubs"]:
        met = f" ({counted(len(found.hubs_met), 'such place')} reached)" if found.hubs_met else ""
        ways.append(f"not through much-used places{met}")
    if not values["inferred"]:
        ways.append("no inferred hops")
    if not values["include_suspected_false"]:
        ways.append("nothing graded as suspected false")
    one, other = found.reached
    reached = (
        f"From the first end {counted(one.subjects, 'subject')} reached in {counted(one.hops, 'hop')}, "
        f"from the other {counted(other.subjects, 'subject')} in {counted(other.hops, 'hop')}; no way joins them"
    )
    return f"Searched: {'; '.join(ways)}. {reached}. That nothing was found here does not mean that they have nothing to do with each other."


def _listed(claims: Sequence[str]) -> str:
    more = len(claims) - _LISTED
    return ", ".join(claims[:_LISTED]) + (f" and {more} more" if more > 0 else "")
