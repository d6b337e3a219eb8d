"""
Who may see what is said of the demonstration's people.

A row about a child is open to the coordinator, to intelligence and to analysts (who see pseudonyms), to the satellite team where the child is in its
contexts, and some of it to the school where the child is its own pupil. Handling with conditions needs its clearances besides.
"""

from collections.abc import Iterable
from functools import cache

from queries.sight import Sight, sight_for

TEAM = "team:demo-satellite"
SCHOOL = "school:demo-school"
_ROLES = ("role:coordinator", "role:intelligence", "role:analyst")


@cache
def about_child(*, in_team: bool, own_pupil: bool) -> Sight:
    """Give the sight of what is said of a child: `own_pupil` only for what a school is told of its own."""
    ways = [{role} for role in _ROLES]
    ways += [{TEAM}] if in_team else []
    ways += [{SCHOOL}] if own_pupil else []
    return Sight.any_of(*ways)


@cache
def handled(sight: Sight, handling: str, conditions: tuple[str, ...], agency: str) -> Sight:
    """Give what this sight and this handling need together."""
    return sight.with_all_of(sight_for(handling, conditions, agency))


def hidden(conditions: Iterable[str] = ("originator",)) -> Sight:
    """Give the sight of intelligence that only its originator's own may see."""
    return sight_for("C", conditions, "police")
