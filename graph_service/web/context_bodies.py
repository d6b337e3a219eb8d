"""What the API takes and gives of contexts: typed, and nothing beside what is named."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from graph_service.web.body import Body, Day, Id, Ids, Long, Named, Said, Short
from graph_service.web.sharing_bodies import AgreementRow

Kind = Literal["place", "peer_group", "school", "neighbourhood", "transport", "online", "business"]
State = Literal["referred", "record_only", "assessing", "planned", "review_due", "closed", "referred_on"]
PartWord = Literal["team", "assessments", "weighting", "plan", "review"]
Route = Literal["direct", "significant_event", "convergence"]
DecisionWord = Literal["record_only", "assess", "sign_off", "again", "close", "refer_on"]
# ---- taken


class Affected(Body):
    """Somebody affected by a context; never a member of it."""

    person: Id
    why: Long = ""
    citations: Ids = Field(default_factory=list)


class Changed(Body):
    """Fields of a definition; those that are left out stay as they are."""

    kind: Kind | None = None
    label: Named | None = None
    summary: Long | None = None
    handle: Short | None = None
    platform: Short | None = None
    area: dict[str, Any] | None = Field(default=None, description="a GeoJSON polygon in WGS 84, longitude first")
    harms: Annotated[list[Named], Field(max_length=30)] | None = None
    places: Ids | None = None
    people: Ids | None = None
    groups: Ids | None = None
    vehicles: Ids | None = None
    accounts: Ids | None = None
    contains: Ids | None = None
    touches: Ids | None = None
    affected: Annotated[list[Affected], Field(max_length=200)] | None = None
    why: Said


class Referred(Body):
    """A referral."""

    kind: Kind
    label: Named
    reason: Said
    how: Route = "direct"
    summary: Long = ""
    handle: Short = ""
    platform: Short = ""
    area: dict[str, Any] | None = Field(default=None, description="a GeoJSON polygon in WGS 84, longitude first")
    harms: Annotated[list[Named], Field(max_length=30)] = Field(default_factory=list)
    places: Ids = Field(default_factory=list)
    people: Ids = Field(default_factory=list)
    groups: Ids = Field(default_factory=list)
    vehicles: Ids = Field(default_factory=list)
    accounts: Ids = Field(default_factory=list)
    citations: Ids = Field(default_factory=list)


class Decided(Body):
    """What MET decided."""

    decision: DecisionWord
    reason: Said
    meeting: Annotated[str, Field(max_length=60)] = ""


class Member(Body):
    """A member of a satellite team, named by their agency."""

    account: Named
    agency: Named
    role_in_team: Named


class Team(Body):
    """A satellite team."""

    lead: Named
    members: Annotated[list[Member], Field(max_length=60)]


class Guardian(Body):
    """Who could keep a place safe."""

    who: Named
    where: Long = ""
    could: Long = ""


class Engaged(Body):
    """Parents, businesses or others of the community, and how they are engaged."""

    whom: Named
    how: Long = ""


class Assessment(Body):
    """A Context Assessment."""

    needs: Long = ""
    strengths: Long = ""
    guardianship: Annotated[list[Guardian], Field(max_length=200)] = Field(default_factory=list)
    physical: Long = ""
    social: Long = ""
    relationships: Long = ""
    individual_responses: Long = ""
    group_responses: Long = ""
    engagement: Annotated[list[Engaged], Field(max_length=200)] = Field(default_factory=list)
    analysis: Long = ""


class Weighted(Body):
    """One of what must change, its rank (1 first; two may share one) and why."""

    what: Named
    rank: Annotated[int, Field(ge=1, le=99)]
    reason: Said
    evidence: Ids = Field(default_factory=list)


class Act(Body):
    """An action of a plan."""

    what: Named
    lead: Short = ""
    agency: Short = ""
    by: Day = ""
    state: Literal["to do", "under way", "done", "dropped"] = "to do"
    progress: Long = ""


class Baseline(Body):
    """What stands before, as frozen at sign-off; what a caller sends of it is not looked at."""

    model_config = ConfigDict(extra="allow")


class Goal(Body):
    """A goal of a plan; one that counts effort has no measure."""

    what: Named
    measure: Short | None = None
    effort: bool = False
    target: Short = ""
    baseline: Baseline | None = None


class Plan(Body):
    """A plan."""

    actions: Annotated[list[Act], Field(max_length=200)] = Field(default_factory=list)
    goals: Annotated[list[Goal], Field(max_length=30)] = Field(default_factory=list)


class Review(Body):
    """A review."""

    outcome: Literal["agree", "direct_action", "escalate", ""] = ""
    narrative: Long = ""


class SavedTeam(Body):
    """A team, and why it is so."""

    content: Team
    why: Annotated[str, Field(max_length=2000)] = ""


class SavedAssessment(Body):
    """An assessment, and what was changed."""

    content: Assessment
    why: Annotated[str, Field(max_length=2000)] = ""


class SavedWeighting(Body):
    """A weighting, and what was changed."""

    content: Annotated[list[Weighted], Field(max_length=200)]
    why: Annotated[str, Field(max_length=2000)] = ""


class SavedPlan(Body):
    """A plan, and what was changed."""

    content: Plan
    why: Annotated[str, Field(max_length=2000)] = ""


class SavedReview(Body):
    """A review, and what was changed."""

    content: Review
    why: Annotated[str, Field(max_length=2000)] = ""


class Noted(Body):
    """An entry of the activity log."""

    text: Said


class Attached(Body):
    """A question to freeze as evidence."""

    question: Named
    parameters: dict[str, str | int | float | bool | list[str] | None] = Field(default_factory=dict, max_length=40)
    why: Said


# ---- given


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
