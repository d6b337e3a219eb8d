"""What every answer is made from: the viewer, the values, their visible graph, and the store for what touches one subject."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from graph_service.access import Action, Viewer
from graph_service.services.visible import VisibleGraphs, as_json, locate, own_pupils
from graph_service.store.bolt import BoltStore
from graph_service.store.work import WorkRow, WorkStore
from queries.loader import load
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, VisibleGraph, to_instant, to_milliseconds
from queries.records import FAR_FUTURE, FAR_PAST


@dataclass
class Asked:
    """One question being answered. `subjects_shown` gathers the uids that the answer names, for the record."""

    viewer: Viewer
    values: dict[str, Any]
    graph: VisibleGraph
    known_at: dt.datetime
    sights: list[int]
    store: BoltStore
    graphs: VisibleGraphs
    subjects_shown: set[str] = field(default_factory=set)

    @property
    def period(self) -> tuple[dt.datetime, dt.datetime]:
        """The asked period, half-open, with open ends filled in."""
        return self.values.get("from") or FAR_PAST, self.values.get("to") or FAR_FUTURE

    @property
    def period_ms(self) -> tuple[int, int]:
        """The asked period in milliseconds UTC."""
        start, end = self.period
        return to_milliseconds(start), to_milliseconds(end)

    def locate(self, parameter: str) -> int:
        """Give the position of the subject that a parameter names, or raise NotFoundError."""
        return locate(self.graph, self.values[parameter])

    def subject(self, at: int) -> dict[str, str]:
        """Give a subject as it stands in rows, and note that it was shown."""
        self.subjects_shown.update(self.graph.subjects[at].members)
        return as_json(self.graph.subjects[at])

    def rows(self, query: str, **parameters: object) -> list[dict[str, Any]]:
        """Run a named query with the viewer's sights and moment."""
        given = {**parameters, "sights": self.sights, "known_at": self.known_at}
        return self.store.read(load(query).text, given, seconds=5)

    def work(self, *, kinds: list[str]) -> list[WorkRow]:
        """Give the rows of work of these kinds that stand at the viewer's moment and are open to them."""
        return WorkStore(self.store).rows(kinds=kinds, sights=self.sights, known_at=self.known_at)

    def reports_behind(self, report_uids: set[str]) -> int:
        """Count the independent reports behind these: copies along `copied_from` are one."""
        return len({self.graphs.root_of(uid) for uid in report_uids})

    def is_own_pupil(self, at: int) -> bool:
        """Say whether a visible claim says that this person attends the viewer's own school."""
        return at in own_pupils(self.graph, self.viewer)

    def knows_name_of(self, at: int) -> bool:
        """Say whether the viewer is shown the name of a person and what would give it away."""
        return self.viewer.may(Action.READ_NAMES, own_pupil=self.is_own_pupil(at))


def iso(moment: dt.datetime | int | None) -> str | None:
    """Write an instant as answers show it; null where it is not known."""
    if moment is None:
        return None
    milliseconds = moment if isinstance(moment, int) else to_milliseconds(moment)
    if milliseconds <= FAR_PAST_MS or milliseconds >= FAR_FUTURE_MS:
        return None
    return to_instant(milliseconds).isoformat().replace("+00:00", "Z")
