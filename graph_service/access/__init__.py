"""Who may do what (`policy.cedar`), who asks (`Viewer`), and the invented people of the demonstration."""

from graph_service.access.actions import Action, Role
from graph_service.access.personas import Persona, operator, personas
from graph_service.access.policy import Decision, PolicyError, decide, policy_text
from graph_service.access.viewer import Viewer
from graph_service.errors import NotPermittedError

__all__ = [
    "Action",
    "Decision",
    "Persona",
    "PolicyError",
    "Role",
    "Viewer",
    "decide",
    "operator",
    "personas",
    "policy_text",
    "require",
]


def require(
    viewer: Viewer,
    action: Action,
    *,
    question: str = "",
    record_level: bool = True,
    own_pupil: bool = False,
    on_team: bool = False,
) -> Decision:
    """
    Decide as `decide` does, and refuse where the policy does not allow.

    Raises
    ------
    NotPermittedError
        If the viewer may not. It says nothing of what was asked for, and the caller records the refusal.
    """
    decision = decide(
        viewer, action, question=question, record_level=record_level, own_pupil=own_pupil, on_team=on_team
    )
    if not decision.allowed:
        raise NotPermittedError
    return decision
