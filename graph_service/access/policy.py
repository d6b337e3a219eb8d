"""The policy, read from `policy.cedar` once and checked against its schema before it decides anything."""

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, Protocol

import cedarpy

from graph_service.access.actions import Action
from queries.errors import PmetError

_HERE: Final = Path(__file__).parent
DENIED_BY_DEFAULT: Final = "nothing-permits"


class PolicyError(PmetError):
    """The access policy cannot be used. Names the rule and its fault; the service does not start."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the policy says, and the names of the rules that decided, as the audit trail keeps them."""

    allowed: bool
    policy_ids: tuple[str, ...]


class Asker(Protocol):
    """What the policy knows of whoever asks."""

    @property
    def role(self) -> str:
        """A word of `Role`; any other is refused everything."""

    @property
    def agency(self) -> str:
        """The agency they work for."""


def decide(
    viewer: Asker,
    action: Action,
    *,
    question: str = "",
    record_level: bool = True,
    own_pupil: bool = False,
    on_team: bool = False,
) -> Decision:
    """
    Say whether a viewer may do something, by role and kind of request. Deny is the default.

    Parameters
    ----------
    viewer
        Who asks.
    action
        What they want to do.
    question
        The name of the question, where one is asked.
    record_level
        Whether the answer is record by record. Unsaid, it is: what is not known is treated as closer.
    own_pupil
        Whether the one subject of the request is a pupil of the viewer's own school.
    on_team
        Whether the viewer sits in the satellite team of the context that the request is about.

    Notes
    -----
    What a viewer sees of the graph is decided by sight, not here. The policy is fixed while the service runs and knows
    nothing but these words, so a decision is kept (first about 0.2 ms, then under a microsecond); role and agency come fresh with the viewer.
    """
    return _decide(str(viewer.role), viewer.agency, action, question, record_level, own_pupil, on_team)


@lru_cache(maxsize=4096)
def _decide(
    role: str, agency: str, action: Action, question: str, record_level: bool, own_pupil: bool, on_team: bool
) -> Decision:
    policies, schema = _policy()
    viewer = {"role": {"__entity": {"type": "Pmet::Role", "id": role}}, "agency": agency}
    matter = {"question": question, "record_level": record_level, "own_pupil": own_pupil, "on_team": on_team}
    answer = cedarpy.is_authorized(
        {
            "principal": 'Pmet::Viewer::"viewer"',
            "action": f'Pmet::Action::"{action.value}"',
            "resource": 'Pmet::Matter::"matter"',
            "context": {},
        },
        policies,
        [
            {"uid": {"type": "Pmet::Viewer", "id": "viewer"}, "attrs": viewer, "parents": []},
            {"uid": {"type": "Pmet::Matter", "id": "matter"}, "attrs": matter, "parents": []},
        ],
        schema,
    )
    if answer.diagnostics.errors:
        # An unknown role, or a rule that failed: Cedar would skip the rule, and a skipped "forbid" could open a door.
        return Decision(allowed=False, policy_ids=("policy-could-not-decide",))
    names = answer.diagnostics.id_annotations_by_reason
    rules = tuple(sorted(names.get(reason) or reason for reason in answer.diagnostics.reasons))
    return Decision(answer.allowed, rules or (DENIED_BY_DEFAULT,))


@cache
def _policy() -> tuple[cedarpy.PolicySet, cedarpy.Schema]:
    text, schema = policy_text(), (_HERE / "schema.cedarschema").read_text(encoding="utf-8")
    checked = cedarpy.validate_policies(text, schema)
    if not checked.validation_passed:
        raise PolicyError("; ".join(fault.error for fault in checked.errors))
    return cedarpy.PolicySet.from_str(text), cedarpy.Schema.from_str(schema)


def policy_text() -> str:
    """Give the policy as people read it."""
    return (_HERE / "policy.cedar").read_text(encoding="utf-8")
