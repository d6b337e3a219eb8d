"""The desk where reports are written: when each was recorded, when this partnership knew it, and how it was graded."""

import math
import random
from collections.abc import Mapping
from typing import Final

from ingest.synthetic.clock import Year
from ingest.synthetic.drafts import Draft
from ingest.synthetic.people import Child
from queries.records import ReportRecord, SubjectRecord
from queries.sight import Sight

_LATE: Final = 0.05
_ROUND_THE_CLOCK: Final = frozenset({"police", "health"})
_SCHEME: Final = "3x5x2"
_SOURCES: Final = (("1", 35), ("2", 60), ("3", 5))
_INFORMATION: Final = (("A", 14), ("B", 26), ("C", 30), ("D", 26), ("E", 4))
# Handling and conditions of a submission, and how many in a hundred have them.
_HANDLING: Final = (
    (("P", ()), 46), (("C", ()), 22), (("C", ("A1",)), 9), (("C", ("A2",)), 6), (("C", ("S1",)), 5), (("C", ("S2",)), 4),
    (("C", ("originator",)), 8),
)  # fmt: skip


class Desk:
    """Starts the reports of one part of a city."""

    def __init__(self, year: Year, rng: random.Random) -> None:
        self.year, self.rng = year, rng

    def report(
        self,
        key: str,
        kind: str,
        agency: str,
        written: float,
        sight: Sight,
        text: str,
        *,
        grade: tuple[str, str] = ("", ""),
        handling: str = "P",
        conditions: tuple[str, ...] = (),
    ) -> Draft | None:
        """
        Start a report that was written at a time of the year; nothing where it has not come in by the year's end.

        Police and health write at all hours, others in working hours. A report is known here an hour or two later, one in twenty days later.
        """
        draft = self.prompt_report(
            key, kind, agency, written, sight, text, grade=grade, handling=handling, conditions=conditions
        )
        return draft if draft.report.known_from < self.year.before_close(1) else None

    def prompt_report(
        self,
        key: str,
        kind: str,
        agency: str,
        written: float,
        sight: Sight,
        text: str,
        *,
        grade: tuple[str, str] = ("", ""),
        handling: str = "P",
        conditions: tuple[str, ...] = (),
        parts: Mapping[str, tuple[str, Sight]] | None = None,
    ) -> Draft:
        """Start a report that comes in before the year's end, however late it was written; `parts` are a name to its text and sight."""
        if agency not in _ROUND_THE_CLOCK:
            written = self.year.in_working_hours(written, self.rng)
        delay = self.rng.lognormvariate(math.log(1.5 / 24), 0.6)
        if self.rng.random() < _LATE:
            delay = self.rng.uniform(1, 9)
        return Draft(
            ReportRecord(
                key,
                kind,
                agency,
                min(self.year.instant(written), self.year.before_close(2)),
                min(self.year.instant(written + delay), self.year.before_close(1)),
                sight,
                *grade,
                _SCHEME if grade[0] else "",
                handling,
                conditions,
                text=text,
                parts=parts or {},
            )
        )

    def grade(self) -> tuple[str, str]:
        """Draw a grade of 3x5x2: source and information."""
        source = self.rng.choices([word for word, _ in _SOURCES], [weight for _, weight in _SOURCES])[0]
        information = self.rng.choices([word for word, _ in _INFORMATION], [weight for _, weight in _INFORMATION])[0]
        return source, information

    def handling(self) -> tuple[str, tuple[str, ...]]:
        """Draw how a submission is to be handled, and its conditions."""
        return self.rng.choices([how for how, _ in _HANDLING], [weight for _, weight in _HANDLING])[0]


def name_child(draft: Draft, child: Child) -> str:
    """Name a child in a report as its agency does; gives the key under which that agency has the child."""
    key, name = child.known_to(draft.report.agency)
    if not any(mention.subject_key == key for mention in draft.mentions):
        draft.say(key, name)
    return key


def name_subject(draft: Draft, key: str, kind: str, label: str, attributes: dict[str, str] | None = None) -> str:
    """Name an adult, a vehicle, an account or a group in a report; gives its key."""
    if not any(mention.subject_key == key for mention in draft.mentions):
        draft.subjects.append(SubjectRecord(key, kind))
        draft.say(key, label, attributes=dict(attributes or {}))
    return key
