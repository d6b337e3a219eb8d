"""`places.hotspots`: ranked places or squares of a layer; small counts are withheld from those without record access."""

from typing import Any

from osbng.indexing import xy_to_bng

from graph_service.disclosure import suppress
from graph_service.services.answers.asked import Asked
from queries.analysis.hotspots import gi_star, ranked_places


def hotspots(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `places.hotspots`."""
    start, end = asked.period_ms
    layer, count = asked.values["layer"], asked.values["count"]
    rows: list[dict[str, Any]]
    if asked.values["method"] == "gi":
        rows = [
            {
                "cell": xy_to_bng(cell.easting, cell.northing, f"{cell.metres}m").bng_ref_formatted,
                "events": cell.events,
                "children": cell.children,
                "reports": cell.reports,
                "agencies": cell.agencies,
                "z": round(cell.z, 6),
                "q_value": round(cell.q_value, 9),
                "evidence": list(cell.evidence),
            }
            for cell in gi_star(asked.graph, layer, happened_from=start, happened_to=end, count=count)
        ]
    else:
        rows = [
            {
                "place": asked.subject(place.place),
                "events": place.events,
                "children": place.children,
                "reports": place.reports,
                "agencies": place.agencies,
                "z": None,
                "q_value": None,
                "evidence": list(place.evidence),
            }
            for place in ranked_places(asked.graph, layer, happened_from=start, happened_to=end, count=count)
        ]
    if asked.viewer.small_counts:
        return rows, []
    return _withheld(rows)


def _withheld(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """
    Withhold counts below 5, and all that would give them away: order, scores and evidence.

    Rows keep the order of what is shown of them, then of their names, so that a rank says nothing more than the row does.
    """
    shown = []
    for row in rows:
        counts = {name: suppress(row[name]) for name in ("events", "children", "reports", "agencies")}
        if counts["events"] is None:
            counts = dict.fromkeys(counts)
        shown.append({**row, **counts, "z": None, "q_value": None, "evidence": []})
    shown.sort(
        key=lambda row: (
            -(row["events"] or 0),
            str(row.get("cell") or row["place"]["label"]),
            str(row.get("place", {}).get("ref", "")),
        )
    )
    return shown, ["Counts below 5 are withheld and shown as none; so are the evidence and the scores."]
