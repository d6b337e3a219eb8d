"""`reports.evidence`: the reports behind claims, as far as the viewer may read."""

from typing import Any

import numpy as np

from graph_service.services.answers.asked import Asked, iso
from queries.projection import FAR_PAST_MS, to_milliseconds


def evidence(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `reports.evidence`: a row a claim, in the order asked; one that may not be seen is left out, like one that is not there."""
    everything = asked.graphs.projection()
    sights, moment = set(asked.sights), to_milliseconds(asked.known_at)
    behind: dict[str, tuple[int, str, int, int]] = {}
    for columns in (everything.claims, everything.mentions):
        wanted = np.isin(columns.claim_id, asked.values["claims"]) & (columns.report >= 0)
        live = wanted & (columns.known_from <= moment) & (columns.live_to > moment)
        for row in np.flatnonzero(live).tolist():
            if int(columns.sight[row]) in sights:
                is_claim = columns is everything.claims
                grade = str(everything.claims.grade[row]) if is_claim else ""
                happened = int(everything.claims.happened_from[row]) if is_claim else FAR_PAST_MS
                behind[str(columns.claim_id[row])] = (
                    int(columns.report[row]),
                    grade,
                    happened,
                    int(columns.recorded_at[row]),
                )
    uids = {str(everything.reports.uid[report]) for report, *_ in behind.values()}
    reports = {row["uid"]: row for row in asked.rows("reports.parts", reports=sorted(uids))}
    asked.subjects_shown |= uids
    rows = []
    for claim in dict.fromkeys(asked.values["claims"]):
        report, grade, happened, recorded = behind.get(claim, (-1, "", 0, 0))
        found = reports.get(str(everything.reports.uid[report])) if report >= 0 else None
        if found is None:
            continue
        rows.append(
            {
                "claim": claim,
                "report": found["uid"],
                "agency": found["agency"],
                "grade": grade or grade_text(found["grade"], found["handling"]),
                "handling": found["handling"],
                "happened_from": iso(happened),
                "recorded_at": iso(recorded),
                "text": None if asked.viewer.pseudonyms else fullest(found["parts"]),
                "kind": found["kind"],
            }
        )
    return rows, (["The text of reports is not shown with pseudonyms."] if asked.viewer.pseudonyms else [])


def fullest(parts: list[dict[str, str]]) -> str | None:
    """Give the text of the fullest part that is open; parts come fullest first."""
    return next((part["text"] for part in parts if part["text"]), None)


def grade_text(grade: list[str], handling: str) -> str:
    """Write a grade as it is written on a form, 1-B-P, or `ungraded`."""
    source, information, _ = grade
    return f"{source}-{information}-{handling or '?'}" if source and information else "ungraded"
