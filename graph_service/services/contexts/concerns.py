"""Adults of concern around those whom a context is about or affects: what reports say that they do, by the claims that the viewer may see."""

from typing import Any

from graph_service.pathway.harms import older_by_years
from graph_service.services.contexts.case import Case
from graph_service.services.contexts.desk import Look
from queries.vocabulary import SUSPECTED_FALSE

_SMALLEST = 5


def concerns(look: Look, case: Case) -> list[dict[str, Any]]:
    """
    Give who is suspected of exploiting whom among the people of a context, most independent reports first; suspected false is left out.

    To whom small counts are not shown neither the order nor the evidence tells them.

    `older_by_years` is a fact from the dates of birth that the viewer may see, None where either is not known. Source: 000 Appendix A,
    agenda 3; 004 Appendix B for the ages.
    """
    graph = look.asked.graph
    claims, subjects = graph.claims, graph.subjects
    named = [*case.definition["people"], *(row.content["person"] for row in case.affected)]
    people = {at for uid in named if (at := look.position(uid)) is not None}
    found: dict[tuple[int, int], list[int]] = {}
    for row in graph.of_type("SUSPECTED_OF_EXPLOITING").tolist():
        if int(claims.b[row]) in people and claims.information_rank[row] != SUSPECTED_FALSE:
            found.setdefault((int(claims.a[row]), int(claims.b[row])), []).append(row)
    reports = {pair: len(graph.roots(rows)) for pair, rows in found.items()}
    shown = {pair: n if look.viewer.small_counts or n >= _SMALLEST else None for pair, n in reports.items()}
    return [
        {
            "adult": look.asked.subject(adult),
            "child": look.asked.subject(child),
            "older_by_years": older_by_years(subjects[adult].born, subjects[child].born),
            "reports": shown[adult, child],
            "evidence": sorted({str(claims.claim_id[row]) for row in rows}) if shown[adult, child] else [],
        }
        for (adult, child), rows in sorted(found.items(), key=lambda one: (-(shown[one[0]] or 0), one[0]))
    ]
