"""One report and all that it says, as records; and batches of them for the store."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from queries.records import (
    FAR_FUTURE,
    Batch,
    ClaimRecord,
    Json,
    MentionRecord,
    ReportRecord,
    SubjectRecord,
)
from queries.sight import WITH_SUBJECT, Sight

BATCH_ROWS: Final = 2_000


@dataclass
class Draft:
    """A report, and the subjects, mentions and claims that came with it."""

    report: ReportRecord
    subjects: list[SubjectRecord] = field(default_factory=list)
    mentions: list[MentionRecord] = field(default_factory=list)
    claims: list[ClaimRecord] = field(default_factory=list)

    def say(
        self,
        subject: str,
        label: str,
        *,
        subkind: str = "",
        born: dt.date | None = None,
        aliases: tuple[str, ...] = (),
        attributes: Mapping[str, Json] | None = None,
        sight: Sight | None = None,
    ) -> None:
        """Add what the report says of a subject."""
        self.mentions.append(
            MentionRecord(
                f"{self.report.key}/says/{subject}",
                subject,
                self.report.key,
                sight or self.report.sight,
                self.report.submitted_at,
                self.report.known_from,
                label,
                subkind,
                aliases,
                born,
                attributes=attributes or {},
            )
        )

    def introduce(self, subject: SubjectRecord, label: str = "", position: tuple[float, float] | None = None) -> None:
        """Add a subject that is new with this report; a label is open to whoever may see that it exists."""
        self.subjects.append(subject)
        if label:
            at = position or (None, None)
            self.mentions.append(
                MentionRecord(
                    f"{subject.key}/given",
                    subject.key,
                    None,
                    WITH_SUBJECT,
                    self.report.submitted_at,
                    self.report.known_from,
                    label,
                    subject.subkind,
                    latitude=at[0],
                    longitude=at[1],
                )
            )

    def claim(
        self,
        claim_type: str,
        a: str,
        b: str,
        start: dt.datetime,
        end: dt.datetime | None = None,
        *,
        role: str = "",
        time_known: str = "exact",
        sight: Sight | None = None,
        event: bool = False,
        attributes: Mapping[str, Json] | None = None,
    ) -> None:
        """Add a claim at an instant, or from `start` to `end`. With `event`, those of the report so marked count once together."""
        self.claims.append(
            ClaimRecord(
                f"{self.report.key}/{len(self.claims) + 1}",
                claim_type,
                a,
                b,
                self.report.key,
                sight or self.report.sight,
                start,
                start if end is None else end,
                time_known,
                self.report.submitted_at,
                self.report.known_from,
                role,
                f"{self.report.key}/event" if event else "",
                attributes=attributes or {},
            )
        )

    def state(self, claim_type: str, a: str, b: str, since: dt.datetime, *, role: str = "") -> None:
        """Add a claim of something that lasts from then on."""
        self.claim(claim_type, a, b, since, FAR_FUTURE, role=role, time_known="about")

    @property
    def rows(self) -> int:
        """How many rows the draft has."""
        return 1 + len(self.subjects) + len(self.mentions) + len(self.claims)


def batches_of(drafts: Iterable[Draft]) -> Iterator[Batch]:
    """Put drafts together into batches of about `BATCH_ROWS` rows, none of them cut."""
    held: list[Draft] = []
    rows = 0
    for draft in drafts:
        held.append(draft)
        rows += draft.rows
        if rows >= BATCH_ROWS:
            yield _batch(held)
            held, rows = [], 0
    if held:
        yield _batch(held)


def _batch(drafts: list[Draft]) -> Batch:
    return Batch(
        tuple(subject for draft in drafts for subject in draft.subjects),
        tuple(draft.report for draft in drafts),
        tuple(mention for draft in drafts for mention in draft.mentions),
        tuple(claim for draft in drafts for claim in draft.claims),
    )
