"""`links.between`: explained routes between two subjects."""

from typing import Any

from graph_service.services.answers.asked import Asked, iso
from queries.analysis.links import links_between, tell_route


def between(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `links.between`, a row a route."""
    options = {
        name: asked.values[name]
        for name in ("max_hops", "limit", "through_hubs", "inferred", "include_suspected_false")
    }
    found = links_between(asked.graph, asked.locate("a"), asked.locate("b"), **options)
    rows = [
        {
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
                }
                for hop in path.hops
            ],
            "weakest_grade": path.weakest_grade,
            "latest": iso(path.latest),
            "sentence": tell_route(asked.graph, path),
        }
        for path in found.paths
    ]
    caveats = []
    if found.left_out_suspected_false:
        listed = ", ".join(found.left_out_suspected_false)
        caveats.append(
            f"Left out because they are graded as suspected false: {listed}. Ask with include_suspected_false to see them."
        )
    if not asked.values["through_hubs"]:
        caveats.append(
            "Routes through a school, a station or another much-used place are not shown; ask with through_hubs to see them."
        )
    return rows, caveats
