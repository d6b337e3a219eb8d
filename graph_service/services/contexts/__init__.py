"""The contextual database: contexts as cases of their own, their satellite teams, and what became of them."""

from graph_service.services.contexts.desk import Desk
from graph_service.services.contexts.service import Contexts
from graph_service.services.contexts.team import Standings

__all__ = ["Contexts", "Desk", "Standings"]
