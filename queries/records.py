"""
The rows that importers hand to the store: subjects, reports, mentions and claims, named by their source keys.

A source key is `SYSTEM/REFERENCE`, such as `bundle:solent/ana` or `police.uk:place/…`. It is the sender's own name for the thing, so that the
same input gives the same graph. Instants are aware datetimes in `datetime.UTC`; `FAR_PAST` and `FAR_FUTURE` stand for an
open bound. Positions are WGS 84 degrees.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from queries.sight import Sight

FAR_PAST: Final = dt.datetime(1, 1, 2, tzinfo=dt.UTC)
FAR_FUTURE: Final = dt.datetime(9999, 12, 30, tzinfo=dt.UTC)

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True, slots=True)
class SubjectRecord:
    """A subject: its source key and its kind, and nothing else. `uid` is given only where it was chosen here, at random; else the store chooses."""

    key: str
    kind: str
    subkind: str = ""
    uid: str = ""


@dataclass(frozen=True, slots=True)
class ReportRecord:
    """A report as submitted. `text` is the original part; `parts` are further ones, a name to its text and sight."""

    key: str
    kind: str
    agency: str
    submitted_at: dt.datetime
    known_from: dt.datetime
    sight: Sight
    source_eval: str = ""
    info_eval: str = ""
    scheme: str = ""
    handling: str = ""
    conditions: tuple[str, ...] = ()
    copied_from: str | None = None
    text: str = ""
    parts: Mapping[str, tuple[str, Sight]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MentionRecord:
    """What one report says of one subject. Without a report (`report_key` None) its sight is `WITH_SUBJECT`."""

    claim_id: str
    subject_key: str
    report_key: str | None
    sight: Sight
    recorded_at: dt.datetime
    known_from: dt.datetime
    label: str = ""
    subkind: str = ""
    aliases: tuple[str, ...] = ()
    date_of_birth: dt.date | None = None
    latitude: float | None = None
    longitude: float | None = None
    attributes: Mapping[str, Json] = field(default_factory=dict)
    live_to: dt.datetime = FAR_FUTURE


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """
    One claim by one report. `happened_from` and `happened_to` are always set, half-open, `FAR_PAST` and `FAR_FUTURE` where not known.

    `live_to` is set only when the source itself declares that it was withdrawn. Grade, handling and agency are the report's.
    """

    claim_id: str
    type: str
    from_key: str
    to_key: str
    report_key: str
    sight: Sight
    happened_from: dt.datetime
    happened_to: dt.datetime
    time_known: str
    recorded_at: dt.datetime
    known_from: dt.datetime
    role: str = ""
    event_key: str = ""
    live_to: dt.datetime = FAR_FUTURE
    attributes: Mapping[str, Json] = field(default_factory=dict)
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Records that belong together: what a claim names is in the same batch, an earlier one, or the store."""

    subjects: tuple[SubjectRecord, ...] = ()
    reports: tuple[ReportRecord, ...] = ()
    mentions: tuple[MentionRecord, ...] = ()
    claims: tuple[ClaimRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What of a batch was new. Mentions and derived claims are never counted."""

    subjects: int = 0
    claims: int = 0
    reports: int = 0
    already_held: int = 0
    withdrawn: int = 0

    def __add__(self, other: "Written") -> "Written":
        return Written(
            self.subjects + other.subjects,
            self.claims + other.claims,
            self.reports + other.reports,
            self.already_held + other.already_held,
            self.withdrawn + other.withdrawn,
        )
