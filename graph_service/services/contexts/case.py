"""
A context as a case: its rows of work, as far as a viewer may see them, put together.

What needs more to be seen than the context itself is a thing of its own (reference model, sections 1 and 3): persons, citations and
affected children whose reports are handled with conditions. Whoever may not see such a thing sees a case that never had it, in its
version too, which adds up the versions of the things that are seen.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graph_service.services.contexts.given import SUBJECTS, TEXTS
from graph_service.services.contexts.life_cycle import Standing, standing
from graph_service.store.work import WorkRow
from queries.sight import Sight

PARTS: Final = ("team", "assessment", "weighting", "plan", "review")
HEAD: Final = ("definition", "case", "affected")
SHARING: Final = "sharing"  # what may be shared further, and who decided so
KINDS: Final = (*HEAD, "origin", *PARTS, SHARING)
SEEN: Final = "seen"  # what one account keeps for itself: up to when it has read the notices
DRAFT, SIGNED_OFF = "draft", "signed_off"
#: What a context is called that was made of reports which some of its team may not see.
UNNAMED: Final = "Where reports meet (to be named by its team)"
#: The end of the id of the thing that names a context after its reports, for those who may see them, until its team names it.
FROM_REPORTS: Final = "/definition/from_reports"
#: The end of the id of the thing that keeps why MET decided on a proposal, for those who may see all that it rests on.
REASON: Final = "/origin/reason"
#: What everybody else is told of it.
UNTOLD: Final = "Decided where reports meet"
# What is written in a context is for its team and the coordinator, whatever else is open.
HANDLING: Final = "C"


def base_sight(uid: str) -> Sight:
    """Give what must be held to see what is written in a context: the MET coordinator's role, or a place in its satellite team."""
    return Sight.any_of({"role:coordinator"}, {f"team:{uid}"})


def own_sight(account: str) -> Sight:
    """Give the sight of what one account keeps for itself. Nobody holds it; the service asks for it by name, for that account alone."""
    return Sight.any_of({f"account:{account}"})


def thing(uid: str, name: str, sight: Sight | None = None) -> str:
    """Give the id of a thing of a context; what needs more than the context itself (`sight`) is a thing of its own."""
    more = "" if sight is None or sight == base_sight(uid) else f"/{sight.sid}"
    return f"context:{uid}/{name}{more}"


def affected_thing(uid: str, person: str, sight: Sight) -> str:
    """Give the id of the thing that says, under one sight, how a person is affected by a context; none is the beginning of another."""
    return thing(uid, f"affected/{hashlib.sha256(f'{person}|{sight.text}'.encode()).hexdigest()[:24]}")


def latest(rows: Iterable[WorkRow]) -> dict[str, WorkRow]:
    """Give the latest version of each thing, ended or not."""
    found: dict[str, WorkRow] = {}
    for row in rows:
        if row.thing not in found or row.version > found[row.thing].version:
            found[row.thing] = row
    return found


@dataclass
class Case:
    """
    The rows of one context that a viewer may see: `rows` all versions known, `at` the moment that they are seen from (UTC).

    `unseen` are versions (thing, number) that changed nothing which the viewer may see: they count for nothing, and no log tells of them.
    """

    uid: str
    rows: Sequence[WorkRow]
    at: dt.datetime
    unseen: frozenset[tuple[str, int]] = frozenset()
    _latest: dict[str, WorkRow] = field(init=False)

    def __post_init__(self) -> None:
        self._latest = latest(self.rows)

    def standing_rows(self, *kinds: str) -> list[WorkRow]:
        """Give the rows of these kinds that stand at the moment, in order of their ids."""
        return [
            row
            for name, row in sorted(self._latest.items())
            if row.kind in kinds and row.known_from <= self.at < row.live_to
        ]

    @property
    def exists(self) -> bool:
        """Whether the context was referred by then, as far as the viewer may see."""
        return thing(self.uid, "definition") in self._latest

    @property
    def versions(self) -> dict[str, int]:
        """The version of each thing that the context's own version adds up."""
        return {name: row.version for name, row in self._latest.items() if row.kind in HEAD}

    @property
    def version(self) -> int:
        """The version of the context for this viewer: goes up whenever anything that they may see of its head changes, and only then."""
        return sum(self.versions.values()) - sum(name in self.versions for name, _ in self.unseen)

    @property
    def told_rows(self) -> list[WorkRow]:
        """The rows that changed something which the viewer may see."""
        return [row for row in self.rows if (row.thing, row.version) not in self.unseen]

    def version_of(self, name: str) -> int:
        """Give the version of a thing; 0 where it was never begun."""
        row = self._latest.get(name)
        return row.version if row else 0

    @property
    def definition(self) -> dict[str, Any]:
        """The definition: its texts from the context's own row, its subjects (uids) from all that are seen."""
        found: dict[str, Any] = {}
        rows = self.standing_rows("definition")
        told: dict[str, Any] = next((row.content for row in rows if row.thing.endswith(FROM_REPORTS)), {})
        for row in (row for row in rows if not row.thing.endswith(FROM_REPORTS)):
            for name, value in row.content.items():
                if name in SUBJECTS:
                    found[name] = [*found.get(name, []), *(uid for uid in value if uid not in found.get(name, []))]
                else:
                    found[name] = value
        for name in SUBJECTS:
            found.setdefault(name, [])
        for name in TEXTS:
            found.setdefault(name, "")
        if told and found["label"] == UNNAMED:
            found |= {"label": told["label"], "summary": found["summary"] or told["summary"]}
        return found

    @property
    def own_label(self) -> str:
        """What its own row calls it, whatever its reports call it."""
        return next(
            (str(row.content["label"]) for row in self.rows[::-1] if row.thing == thing(self.uid, "definition")), ""
        )

    @property
    def origin(self) -> dict[str, Any]:
        """How it was referred, with the citations (claim ids) that are seen."""
        found: dict[str, Any] = {}
        for row in self.standing_rows("origin"):
            cited = [*found.get("citations", []), *row.content.get("citations", [])]
            found |= row.content
            found["citations"] = cited
        return found

    @property
    def opened_at(self) -> dt.datetime:
        """When the context was opened (UTC)."""
        return min(row.known_from for row in self.rows if row.kind == "definition")

    @property
    def decisions(self) -> list[dict[str, Any]]:
        """What MET decided, oldest first."""
        rows = self.standing_rows("case")
        return list(rows[0].content["decisions"]) if rows else []

    @property
    def told_decisions(self) -> list[dict[str, Any]]:
        """What MET decided, oldest first, with the reasons that the viewer may see."""
        told = {
            row.content["at"]: row.content["reason"]
            for row in self.standing_rows("origin")
            if row.thing.endswith(REASON)
        }
        return [{**made, "reason": told.get(made["at"], made["reason"])} for made in self.decisions]

    @property
    def standing(self) -> Standing:
        """Where it stands at the moment."""
        return standing(self.decisions, self.at)

    @property
    def affected(self) -> list[WorkRow]:
        """Who is affected: a row each, with `person`, `why` and `citations`."""
        return [row for row in self.standing_rows("affected") if not row.content.get("removed")]

    def part(self, name: str) -> WorkRow | None:
        """Give the standing row of a part, or None where it was not begun."""
        rows = self.standing_rows(name)
        return rows[0] if rows else None

    def body(self, name: str) -> Any:  # noqa: ANN401  a dict, of weighting a list
        """Give the content of a part; an empty one where it was not begun."""
        row = self.part(name)
        return row.content["body"] if row else ([] if name == "weighting" else {})

    @property
    def updated_at(self) -> dt.datetime:
        """When anything of it that is seen was last changed (UTC)."""
        return max(
            max(row.known_from, row.live_to if row.live_to <= self.at else row.known_from) for row in self.told_rows
        )
