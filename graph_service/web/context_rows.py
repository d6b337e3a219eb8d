"""What the API gives of contexts: typed, and nothing beside what is named."""

from typing import Any, Literal

from pydantic import Field

from graph_service.web.body import Body
from graph_service.web.context_bodies import DecisionWord, Kind, Route, State
from graph_service.web.sharing_bodies import AgreementRow


class SubjectRow(Body):
    """A subject as it stands in rows."""

    uid: str
    kind: str
    label: str
    ref: str | None = None


class Lead(Body):
    """Who leads a satellite team."""

    account: str
    name: str
    agency: str


class MemberRow(Lead):
    """Who sits in a satellite team."""

    role_in_team: str


class SummaryRow(Body):
    """A context in a list. `open` is said of a referral: false to whoever does not sit in its team."""

    uid: str
    label: str
    kind: Kind
    state: State
    version: int
    lead: Lead | None
    team: list[MemberRow]
    referred_at: str
    assess_by: str | None
    review_due: str | None
    overdue: bool
    new_notices: int
    updated_at: str
    handling: str
    open: bool | None = None


class DefinitionRow(Body):
    """What a context is."""

    kind: Kind
    label: str
    summary: str
    handle: str
    platform: str
    area: dict[str, Any] | None
    harms: list[str]
    places: list[SubjectRow]
    people: list[SubjectRow]
    groups: list[SubjectRow]
    vehicles: list[SubjectRow]
    accounts: list[SubjectRow]


class OriginRow(Body):
    """How a context was referred."""

    how: Route
    by: str
    agency: str
    at: str
    reason: str
    citations: list[str]


class DecisionRow(Body):
    """What MET decided, and why."""

    decision: DecisionWord
    reason: str
    by: str
    agency: str
    at: str
    meeting: str


class AffectedRow(Body):
    """Somebody affected."""

    person: SubjectRow
    why: str
    evidence: list[str]


class ConcernRow(Body):
    """An adult of concern: whom reports suspect of exploiting whom; `older_by_years` null where an age is not known."""

    adult: SubjectRow
    child: SubjectRow
    older_by_years: int | None
    reports: int | None
    evidence: list[str]


class NeighbourRow(Body):
    """Another context."""

    uid: str
    label: str
    kind: Kind


class PartRow(Body):
    """One version of a part; `version` 0 where it was not begun."""

    name: str
    version: int
    content: Any
    state: Literal["", "draft", "signed_off"]
    by: str
    agency: str
    at: str | None
    why: str
    handling: str


class ReviewedRow(Body):
    """How many weeks after its plan was signed off a context is reviewed, and the clause of the rule pack that says so."""

    weeks: int
    clause: str


class WholeRow(SummaryRow):
    """A context."""

    definition: DefinitionRow
    origin: OriginRow
    decisions: list[DecisionRow]
    affected: list[AffectedRow]
    concerns: list[ConcernRow]
    sharing: list[AgreementRow]
    parts: dict[str, PartRow]
    contains: list[NeighbourRow]
    touches: list[NeighbourRow]
    within: list[NeighbourRow]
    reviewed: ReviewedRow
    may: list[str]


class NoticeRow(Body):
    """Something that came to notice."""

    what: str
    happened_from: str | None
    known_from: str | None
    touches: SubjectRow
    evidence: list[str]
    new: bool


class LogRow(Body):
    """An entry of the activity log."""

    at: str
    by: str
    agency: str
    what: str
    text: str


class EvidenceRow(Body):
    """A frozen question, worked out anew for the caller; `stored` are the rows as they were, for those who hold as much as who attached it."""

    id: str
    question: str
    version: str
    parameters: dict[str, Any]
    known_at: str
    sequence: None = None
    by: str
    agency: str = ""
    at: str
    why: str
    rows: list[dict[str, Any]]
    caveats: list[str] = Field(default_factory=list)
    stored: list[dict[str, Any]] | None


class MeasureRow(Body):
    """A named measure that a goal may use."""

    name: str
    meaning: str
    unit: str
    good: Literal["fewer", "more"]
    caveat: str


class ColleagueRow(Body):
    """Somebody who can be named for a team."""

    account: str
    name: str
    agency: str
    role: str
    can_lead: bool


class Figure(Body):
    """A count with its exact 95 % interval; null where it is too small to be shown to the caller."""

    count: int | None
    low: float | None
    high: float | None
    weeks: float
    evidence: list[str]


class Ratio(Body):
    """A ratio of rates with its exact 95 % interval; null where it has no bound."""

    estimate: float | None
    low: float | None
    high: float | None


class GoalRow(Body):
    """A goal before and after."""

    what: str
    effort: bool
    measure: str | None
    target: str
    before: Figure | None
    after: Figure | None
    ratio: Ratio | None
    sentence: str


class OutcomeRow(Body):
    """Each goal's frozen measure run again."""

    baseline_from: str | None
    baseline_to: str | None
    now_from: str | None
    now_to: str | None
    goals: list[GoalRow]
    caveats: list[str]


class ReviewRow(Body):
    """The review, and each goal before and after."""

    review: PartRow
    outcome: OutcomeRow
    version: int
