"""Who asks, and what they hold: made afresh for every request from the accounts, and never kept between two."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from graph_service.access.actions import Action, Role
from graph_service.access.policy import decide
from queries.sight import Sight


@dataclass(frozen=True)
class Viewer:
    """
    Somebody who asks, for a purpose, with what they hold at this moment.

    `held` are the things of `queries.sight`: `agency:police`, `role:analyst`, `handling:C`, `condition:A1`, `team:UID`, `school:UID`.
    `known_at` is the moment that the viewer has set their session to; None is now. Instants are UTC.
    """

    account: str
    name: str
    agency: str
    role: Role
    held: frozenset[str]
    purpose: str
    session: str = ""
    os_user: str = ""
    known_at: dt.datetime | None = None
    channel: str = ""
    source: str = ""

    def open_sights(self, formulas: Mapping[int, Sight]) -> frozenset[int]:
        """Give the numbers of the sights that are open to this viewer."""
        return frozenset(sid for sid, sight in formulas.items() if sight.opened_by(self.held))

    def may(
        self,
        action: Action,
        *,
        question: str = "",
        record_level: bool = True,
        own_pupil: bool = False,
        on_team: bool = False,
    ) -> bool:
        """Say whether the policy allows this viewer to do something."""
        return decide(
            self, action, question=question, record_level=record_level, own_pupil=own_pupil, on_team=on_team
        ).allowed

    @property
    def knows_names(self) -> bool:
        """Whether this viewer is shown names whosever they are; a school is shown those of its own pupils alone."""
        return self.may(Action.READ_NAMES)

    @property
    def small_counts(self) -> bool:
        """Whether this viewer is shown counts below the smallest that a reader without record access is shown."""
        return self.may(Action.READ_SMALL_COUNTS)

    @property
    def schools(self) -> frozenset[str]:
        """The schools whose pupils are this viewer's own."""
        return frozenset(thing.removeprefix("school:") for thing in self.held if thing.startswith("school:"))

    @property
    def teams(self) -> frozenset[str]:
        """The contexts in whose satellite team this viewer sits."""
        return frozenset(thing.removeprefix("team:") for thing in self.held if thing.startswith("team:"))
