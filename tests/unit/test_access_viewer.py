"""What the personas hold, which sights that opens to them, and what follows for how things are shown."""

import pytest

from graph_service.access import Persona, Role, Viewer, operator, personas
from queries.sight import NOBODY, OPEN, Sight, sight_for

EVERYONE = {"coordinator", "satellite", "intelligence", "analyst", "school", "operator"}


def viewer_of(persona: Persona) -> Viewer:
    return Viewer(persona.account, persona.name, persona.agency, persona.role, persona.held, persona.purpose)


def who_sees(sight: Sight) -> set[str]:
    people = [viewer_of(persona) for persona in (*personas(), operator())]
    return {person.account for person in people if person.open_sights({sight.sid: sight})}


@pytest.mark.parametrize(
    ("handling", "conditions", "agency", "expected"),
    [
        ("P", (), "police", EVERYONE),
        ("C", (), "police", {"coordinator", "intelligence"}),
        ("C", ("A1", "S2"), "police", {"coordinator", "intelligence"}),
        ("C", ("originator",), "social_care", {"intelligence"}),
        ("C", ("originator", "A1"), "police", {"intelligence"}),
        ("", (), "social_care", {"coordinator", "intelligence", "satellite"}),
        ("", (), "education", {"coordinator", "intelligence", "school"}),
        ("3", (), "police", {"coordinator", "intelligence"}),
        ("C", ("sealed",), "social_care", {"satellite"}),
        ("C", ("sealed",), "housing", set()),
    ],
)
def test_what_each_persona_sees_of_a_bundle(
    handling: str, conditions: tuple[str, ...], agency: str, expected: set[str]
) -> None:
    assert who_sees(sight_for(handling, conditions, agency)) == expected


def test_a_sight_with_no_way_is_open_to_nobody_and_an_open_one_to_all() -> None:
    assert who_sees(NOBODY) == set()
    assert who_sees(OPEN) == EVERYONE


def test_five_personas_with_plainly_invented_names() -> None:
    assert [persona.account for persona in personas()] == [
        "coordinator",
        "satellite",
        "intelligence",
        "analyst",
        "school",
    ]
    assert all(persona.name.endswith("Demonstration") for persona in personas())
    assert {persona.role for persona in personas()} == set(Role) - {Role.OPERATOR}


def test_how_things_are_shown_follows_the_role() -> None:
    shown = {p.account: (viewer_of(p).knows_names, viewer_of(p).small_counts) for p in (*personas(), operator())}
    assert shown == {
        "coordinator": (True, True),
        "satellite": (True, True),
        "intelligence": (True, True),
        "analyst": (False, True),
        "school": (False, False),
        "operator": (False, False),
    }


def test_a_viewer_knows_their_schools_and_teams() -> None:
    people = {persona.account: viewer_of(persona) for persona in personas()}
    assert people["school"].schools == {"demo-school"}
    assert people["satellite"].teams == {"demo-satellite"}
    assert people["analyst"].schools == people["analyst"].teams == frozenset()
