"""`contexts.people_present`: who is recorded at a place, in a group, or where a context is and as affected by it."""

from typing import Any

from graph_service.services.answers.asked import Asked, iso
from graph_service.services.answers.cases import defined_cases


def people_present(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """
    Answer `contexts.people_present`, most events first; a person of several records counts once.

    Of a context that was referred, those at the places, in the groups, with the vehicles and by the accounts of its definition, as far as the
    viewer may see it.
    """
    at = asked.locate("subject")
    start, end = asked.period
    members = list(asked.graph.subjects[at].members)
    if asked.graph.subjects[at].kind == "context" and (case := defined_cases(asked).get(at)):
        members += [uid for where in sorted(case.where) for uid in asked.graph.subjects[where].members]
    people: dict[int, dict[str, Any]] = {}
    for row in asked.rows("contexts.people_present", members=members, **{"from": start, "to": end}):
        person = asked.graph.position.get(row["person_uid"])
        if person is None:
            continue
        event = asked.graph.position.get(row["event"], row["event"])
        kept = people.setdefault(
            person, {"events": set(), "reports": set(), "last": row["last_recorded"], "claims": set()}
        )
        kept["events"].add(event)
        kept["reports"].update(row["report_ids"])
        kept["claims"].update(row["claims"])
        kept["last"] = max(kept["last"], row["last_recorded"])
    ordered = sorted(people.items(), key=lambda item: (-len(item[1]["events"]), item[0]))
    return [
        {
            "person": asked.subject(person),
            "events": len(kept["events"]),
            "reports": asked.reports_behind(kept["reports"]),
            "last_recorded": iso(kept["last"]),
            "evidence": sorted(kept["claims"]),
        }
        for person, kept in ordered
    ], []
