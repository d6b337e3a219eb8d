"""The five invented people of the demonstration, and the operator in whose name files come in. For laptops only."""

from dataclasses import dataclass

from graph_service.access.actions import Role
from queries.vocabulary import KNOWN_CONDITIONS


@dataclass(frozen=True, slots=True)
class Persona:
    """A plainly invented person to look through: who they are, why they usually look, and what they hold beside agency and role."""

    account: str
    name: str
    agency: str
    role: Role
    purpose: str
    grants: frozenset[str]
    job: str

    @property
    def held(self) -> frozenset[str]:
        """All that they hold: agency, role and grants."""
        return self.grants | {f"agency:{self.agency}", f"role:{self.role}"}


def personas() -> tuple[Persona, ...]:
    """
    Give the five personas of the demonstration, in the order in which the sign-in page offers them.

    Intelligence holds every condition that the partnership knows; the coordinator all but `originator`; the others none.
    """
    every = {f"condition:{name}" for name in KNOWN_CONDITIONS}
    return (
        Persona(
            "coordinator",
            "Corin Demonstration",
            "partnership",
            Role.COORDINATOR,
            "weekly-meeting",
            frozenset({"handling:C", "team:demo-satellite"} | every - {"condition:originator"}),
            "MET coordinator",
        ),
        Persona(
            "satellite",
            "Sal Demonstration",
            "social_care",
            Role.SATELLITE,
            "context-assessment",
            frozenset({"team:demo-satellite"}),
            "Satellite-team social worker",
        ),
        Persona(
            "intelligence",
            "Indra Demonstration",
            "police",
            Role.INTELLIGENCE,
            "exploitation-enquiry",
            frozenset({"handling:C"} | every),
            "Police intelligence officer",
        ),
        Persona(
            "analyst",
            "Ansel Demonstration",
            "partnership",
            Role.ANALYST,
            "analysis",
            frozenset(),
            "Partnership analyst",
        ),
        Persona(
            "school",
            "Scarlet Demonstration",
            "education",
            Role.SCHOOL,
            "own-pupils",
            frozenset({"school:demo-school"}),
            "Safeguarding lead of a school",
        ),
    )


def operator() -> Persona:
    """Give the operator: in whose name files come in, the store is run and the trail is checked. Holds nothing that opens a row."""
    return Persona(
        "operator", "Service operator", "partnership", Role.OPERATOR, "running-the-service", frozenset(), "Operator"
    )
