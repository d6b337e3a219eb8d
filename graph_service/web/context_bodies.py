"""What the API takes of contexts: typed, and nothing beside what is named."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from graph_service.web.body import Body, Day, Id, Ids, Long, Named, Said, Short

Kind = Literal["place", "peer_group", "school", "neighbourhood", "transport", "online", "business"]
State = Literal["referred", "record_only", "assessing", "planned", "review_due", "closed", "referred_on"]
PartWord = Literal["team", "assessments", "weighting", "plan", "review"]
Route = Literal["direct", "significant_event", "convergence"]
DecisionWord = Literal["record_only", "assess", "sign_off", "again", "close", "refer_on"]


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
