"""Contexts that are cases, as far as whoever asks may see them: what each is, for answers about people and places."""

from dataclasses import dataclass, field

from graph_service.services.answers.asked import Asked

_WHERE = ("places", "groups", "vehicles", "accounts")


@dataclass
class DefinedCase:
    """One context, as positions in the visible graph: `where` it is (places, groups, vehicles, accounts), and the people that it names."""

    at: int
    where: set[int] = field(default_factory=set)
    people: set[int] = field(default_factory=set)


def defined_cases(asked: Asked) -> dict[int, DefinedCase]:
    """Give every context that was referred by then and may be seen, by its own position; what is hidden of it is not there."""
    found: dict[int, DefinedCase] = {}
    position = asked.graph.position
    for row in asked.work(kinds=["definition"]):
        at = position.get(row.about)
        if at is None or not row.thing.startswith("context:"):
            continue
        case = found.setdefault(at, DefinedCase(at))
        for name in _WHERE:
            case.where.update(position[uid] for uid in row.content.get(name, ()) if uid in position)
        case.people.update(position[uid] for uid in row.content.get("people", ()) if uid in position)
    return found
