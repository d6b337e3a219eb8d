"""The difference of ages where two people are told together with a harm, from the dates of birth that the viewer may see (register R35)."""

from collections.abc import Iterable

from graph_service.pathway.harms import older_by_years, tells_harm
from graph_service.services.answers.asked import Asked


def beside_harm(asked: Asked, one: int, other: int, kinds: Iterable[str]) -> dict[str, int | None]:
    """Give the field that says by how many years the second of two people (positions) is the older; none where no harm is told of the two."""
    if not tells_harm(kinds):
        return {}
    return {"b_older_by_years": older_by_years(asked.graph.subjects[other].born, asked.graph.subjects[one].born)}


def range_beside_harm(asked: Asked, person: int, others: Iterable[int], kinds: Iterable[str]) -> dict[str, object]:
    """Give by how many years somebody is older than several others: the `least`, the `most`, and of how many it is `known`."""
    if not tells_harm(kinds):
        return {}
    subjects = asked.graph.subjects
    years = [older_by_years(subjects[person].born, subjects[other].born) for other in others]
    known = sorted(year for year in years if year is not None)
    return {"older_by_years": {"least": known[0], "most": known[-1], "known": len(known)} if known else None}
