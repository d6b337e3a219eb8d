"""Canned agreements of what may be shared further of a context: one in force, one withdrawn, kept in memory."""

# ruff: noqa: ARG002

# A fake has the parameters of what it stands in for, used or not.

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graph_service.access import Viewer
from graph_service.errors import NotFoundError, StaleError
from graph_service.services.contexts.sharing import agreement
from queries.errors import ParameterError

Row = dict[str, Any]
AGREED, ENDED = "1" * 32, "2" * 32
GIVEN: Row = {
    "what": "That adults in cars stop at the bus stop after ten, and the hours.", "with_kind": "business",
    "with_whom": "The manager of Example Arcade", "may_share": "Sal Demonstration", "further": "",
    "withheld": "Every name, and that a child was found here.",
    "necessary": "Only the arcade can keep its doorway lit and staffed.", "proportionate": "Hours and no names are enough for that.",
    "consent": "nobody_named", "consent_reason": "", "decided_by": "Weekly MET", "decided_on": "2026-09-23",
}  # fmt: skip
_BY = {"by": "Sal Demonstration", "agency": "social_care", "at": "2026-09-23T12:00:00Z", "handling": "C"}


class FakeSharing:
    """Agreements in memory. `opened` gives the context, or refuses."""

    def __init__(self, opened: Callable[[Viewer, str], Row], note: Callable[..., Row], about: str = "") -> None:
        self._opened, self._note = opened, note
        ended = {
            **GIVEN, "with_kind": "school", "with_whom": "Example Academy", "what": "The hours.", "state": "withdrawn",
            "why": "It went to more of its staff than was agreed.", "version": 2,
        }  # fmt: skip
        first = {"id": AGREED, "version": 1, "state": "agreed", **GIVEN, **_BY, "why": GIVEN["necessary"]}
        self.kept: dict[str, dict[str, list[Row]]] = {about: {AGREED: [first], ENDED: [{"id": ENDED, **ended, **_BY}]}}

    def list(self, viewer: Viewer, uid: str) -> Sequence[Row]:
        self._opened(viewer, uid)
        rows = [copy.deepcopy(versions[0]) for versions in self.kept.get(uid, {}).values()]
        return sorted(rows, key=lambda row: str(row["state"]) != "agreed")

    def history(self, viewer: Viewer, uid: str, number: str) -> Sequence[Row]:
        self._opened(viewer, uid)
        if number not in self.kept.get(uid, {}):
            raise NotFoundError
        return copy.deepcopy(self.kept[uid][number])

    def agree(self, viewer: Viewer, uid: str, given: Mapping[str, Any], *, command: str = "") -> Row:
        self._opened(viewer, uid)
        number = f"{len(self.kept.get(uid, {})) + 3:032x}"
        content = agreement(given, viewer.name)
        return self._add(viewer, uid, number, {**content, "state": "agreed", "why": content["necessary"]}, 0)

    def change(self, viewer: Viewer, uid: str, number: str, given: Mapping[str, Any], *, version: int, why: str) -> Row:
        self._in_force(viewer, uid, number)
        return self._add(viewer, uid, number, {**agreement(given, viewer.name), "state": "agreed", "why": why}, version)

    def withdraw(self, viewer: Viewer, uid: str, number: str, *, version: int, why: str, command: str = "") -> Row:
        before = self._in_force(viewer, uid, number)
        return self._add(viewer, uid, number, {**before, "state": "withdrawn", "why": why}, version)

    def _in_force(self, viewer: Viewer, uid: str, number: str) -> Row:
        row = self.history(viewer, uid, number)[0]
        if row["state"] != "agreed":
            raise ParameterError("state", "this was withdrawn already")
        return row

    def _add(self, viewer: Viewer, uid: str, number: str, content: Row, version: int) -> Row:
        versions = self.kept.setdefault(uid, {}).setdefault(number, [])
        if version != (versions[0]["version"] if versions else 0):
            raise StaleError(versions[0])
        by = {**_BY, "by": viewer.name, "agency": viewer.agency}
        versions.insert(0, {"id": number, **content, **by, "version": version + 1})
        self._note(viewer, uid, f"sharing {content['state']}", content["why"])
        return copy.deepcopy(versions[0])
