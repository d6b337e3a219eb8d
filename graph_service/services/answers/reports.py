"""`reports.evidence`: the reports behind claims, as far as the viewer may read."""

from typing import Any

import numpy as np

from graph_service.access import Action
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
            is_claim = columns is everything.claims
            ends = (everything.claims.a, everything.claims.b) if is_claim else (everything.mentions.subject,)
            uids = {str(everything.subjects.uid[end[row]]) for end in ends}
            if int(columns.sight[row]) in sights and uids <= asked.graph.position.keys():
                grade = str(everything.claims.grade[row]) if is_claim else ""
                happened = int(everything.claims.happened_from[row]) if is_claim else FAR_PAST_MS
                behind[str(columns.claim_id[row])] = (
                    int(columns.report[row]),
                    grade,
                    happened,
                    int(columns.recorded_at[row]),
                )
    # A corrected report leaves the claims that it still makes where they are: what is read is its newest version known at that moment.
    keys = {str(everything.reports.key[report]) for report, *_ in behind.values()}
    versions = np.flatnonzero(np.isin(everything.reports.key, list(keys))).tolist()
    key_of = {str(everything.reports.uid[report]): str(everything.reports.key[report]) for report in versions}
    read = sorted(asked.rows("reports.parts", reports=sorted(key_of)), key=lambda row: int(row["version"]))
    reports = {key_of[row["uid"]]: row for row in read}
    asked.subjects_shown |= {row["uid"] for row in reports.values()}
    text_open = asked.viewer.may(Action.READ_REPORT_TEXT)
    rows = []
    for claim in dict.fromkeys(asked.values["claims"]):
        report, grade, happened, recorded = behind.get(claim, (-1, "", 0, 0))
        found = reports.get(str(everything.reports.key[report])) if report >= 0 else None
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
                "text": fullest(found["parts"]) if text_open else None,
                "kind": found["kind"],
            }
        )
    return rows, ([] if text_open else ["The text of reports is not shown with pseudonyms."])


def fullest(parts: list[dict[str, str]]) -> str | None:
    """Give the text of the fullest part that is open; parts come fullest first."""
    return next((part["text"] for part in parts if part["text"]), None)


def grade_text(grade: list[str], handling: str) -> str:
    """Write a grade as it is written on a form, 1-B-P, or `ungraded`."""
    source, information, _ = grade
    return f"{source}-{information}-{handling or '?'}" if source and information else "ungraded"
