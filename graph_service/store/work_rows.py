"""What is kept of work: a draft of the next version of a thing, and a version as it stands in the graph."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from queries.projection import to_instant
from queries.records import FAR_FUTURE, FAR_PAST, Json
from queries.sight import Sight

_MOMENTS: Final = ("recorded_at", "known_from", "live_to", "happened_from", "happened_to")
_KEPT: Final = (
    "kind", "version", "sight", "declared_sight", "account", "agency", "reason", "handling", "basis", "time_known", "command", "seq",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """
    The next version of a thing, not yet kept.

    Parameters
    ----------
    thing
        The stable id of the thing (the row's `claim_id`), such as `context:UUID/plan`.
    kind
        What it is, one word: `definition`, `plan`, `assessment`, ….
    about
        The uid of the context or person that it is about.
    sight
        What must be held to see it: the same for every version. Anything made from claims needs all that its inputs need.
    content
        What it says, as plain JSON values. None ends the thing: its last version is kept, and is seen as known before now.
    expected_version
        The version that it follows: 0 where nothing was begun, None where it is written whatever stands.
    account, agency, reason
        Who writes it, for which agency, and why.
    happened_from, happened_to, time_known
        The time that it speaks of, where it has one; UTC, half-open.
    handling, basis
        As on every row; work is a practitioner's judgement unless it says `fact`.
    """

    thing: str
    kind: str
    about: str
    sight: Sight
    content: Json
    account: str
    agency: str
    reason: str = ""
    expected_version: int | None = None
    happened_from: dt.datetime = FAR_PAST
    happened_to: dt.datetime = FAR_FUTURE
    time_known: str = "exact"
    handling: str = ""
    basis: str = "assessment"


@dataclass(frozen=True, slots=True)
class WorkRow:
    """
    One version of a thing as it is kept. `sight` is what must be held today, `declared_sight` what had to be
    when it was begun. `live_to` is far in the future while it stands; `command` groups what was written together.
    """

    thing: str
    kind: str
    about: str
    version: int
    content: Any
    sight: int
    declared_sight: int
    account: str
    agency: str
    reason: str
    handling: str
    basis: str
    recorded_at: dt.datetime
    known_from: dt.datetime
    live_to: dt.datetime
    happened_from: dt.datetime
    happened_to: dt.datetime
    time_known: str
    command: str
    seq: int

    @property
    def stands(self) -> bool:
        """Whether no later version has taken its place and it has not been ended."""
        return self.live_to == FAR_FUTURE


def this_moment() -> dt.datetime:
    """Give now as rows keep it: UTC, whole milliseconds."""
    now = dt.datetime.now(dt.UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def row_of(about: str, row: Mapping[str, Any]) -> WorkRow:
    """Give a row as it was read, instants in milliseconds."""
    # As milliseconds, instants cost the driver a fifth of what they do as themselves.
    moments = {name: to_instant(row[name]) for name in _MOMENTS}
    kept: dict[str, Any] = {name: row[name] for name in _KEPT} | moments
    return WorkRow(thing=row["claim_id"], about=about, content=json.loads(row["content"]), **kept)
