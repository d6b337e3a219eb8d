"""What reading a file gives, before anything is written."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ingest.problems import Problem
from queries.records import ClaimRecord, MentionRecord, ReportRecord, SubjectRecord


@dataclass(slots=True)
class Edition:
    """The claims and mentions that this edition of a source makes. `closed` is false when they are not all known."""

    source: str
    keep: set[str]
    closed: bool = True


@dataclass(slots=True)
class Prepared:
    """
    The records of the good rows of one import, and the problems of the bad ones.

    `read` counts rows of the input; `contents` are hashes of the files, from which the import's id follows.
    """

    read: int = 0
    subjects: dict[str, SubjectRecord] = field(default_factory=dict)
    reports: dict[str, ReportRecord] = field(default_factory=dict)
    mentions: dict[str, MentionRecord] = field(default_factory=dict)
    claims: dict[str, ClaimRecord] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    editions: list[Edition] = field(default_factory=list)
    contents: list[str] = field(default_factory=list)

    @property
    def has_errors(self) -> bool:
        """Whether any row cannot be used."""
        return any(problem.severity == "error" for problem in self.problems)

    def add(
        self,
        *,
        subjects: Iterable[SubjectRecord] = (),
        reports: Iterable[ReportRecord] = (),
        mentions: Iterable[MentionRecord] = (),
        claims: Iterable[ClaimRecord] = (),
    ) -> None:
        """Add records. A key that is there already keeps its first record: callers see to it that both say the same."""
        for subject in subjects:
            self.subjects.setdefault(subject.key, subject)
        for report in reports:
            self.reports.setdefault(report.key, report)
        for mention in mentions:
            self.mentions.setdefault(mention.claim_id, mention)
        for claim in claims:
            self.claims.setdefault(claim.claim_id, claim)
