"""
A model for each kind of partner row: PPN1 missing and located reports, CPI submissions, Return Home Conversations, assessments, and lists of
peers and family.

A validator raises the name of a rule of `rules.toml` for what cannot be used, and tells the `Notes` given as context of what a person should look
at. Field descriptions are the documentation that `pmet ingest --template` prints.
"""

import datetime as dt
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from ingest import cleaners
from ingest.times import Moment
from queries.vocabulary import AGENCIES

BANDS: Final = ("", "low", "medium", "high")


@dataclass(slots=True)
class Notes:
    """What validators tell of a row besides its values: the columns and the rules to look at."""

    today: dt.date
    found: list[tuple[str, str]] = field(default_factory=list)


def _note(info: ValidationInfo, rule: str) -> None:
    if rule and isinstance(info.context, Notes):
        info.context.found.append((info.field_name or "", rule))


def _today(info: ValidationInfo) -> dt.date:
    assert isinstance(info.context, Notes)  # noqa: S101  rows are only read through `partner_tables`
    return info.context.today


def _bad(rule: str) -> PydanticCustomError:
    return PydanticCustomError("rule", "{rule}", {"rule": rule})


def _name(text: str) -> str:
    return cleaners.clean_name(text)


def _postcode(text: str, info: ValidationInfo) -> str:
    value, rule = cleaners.clean_postcode(text)
    _note(info, rule)
    return value


def _phone(text: str, info: ValidationInfo) -> str:
    value, rule = cleaners.clean_phone(text)
    _note(info, rule)
    return value


def _plate(text: str, info: ValidationInfo) -> str:
    value, _, rule = cleaners.clean_plate(text)
    _note(info, rule)
    return value


def _moment(text: str, info: ValidationInfo) -> Moment | None:
    if not text:
        return None
    try:
        moment, rule = cleaners.read_time(text, _today(info))
    except ValueError:
        raise _bad("not_a_time") from None
    _note(info, rule)
    _note(info, "old_date" if moment.is_old else "")
    return moment


def _born(text: str, info: ValidationInfo) -> dt.date | None:
    if not text:
        return None
    today = _today(info)
    try:
        born, rule = cleaners.read_day(text, today)
    except ValueError:
        raise _bad("not_a_date") from None
    if born > today:
        rule = "date_of_birth_in_future"
    elif born.year < today.year - 120:
        rule = "date_of_birth_too_old"
    _note(info, rule)
    return born


def _degrees(text: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _bad("not_a_number")
    return number


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for part in text.split(";") if (word := part.strip()))


def _required(text: str) -> str:
    if not text:
        raise _bad("required")
    return text


def _one_of(*choices: str, default: str = "") -> Callable[[str], str]:
    def check(text: str) -> str:
        word = re.sub(r"[\s-]+", "_", text.strip().lower()) or default
        if word not in choices:
            raise _bad("required" if not text else "unknown_kind")
        return word

    return check


def _band(text: str) -> str:
    word = text.strip().lower()
    if word not in BANDS:
        raise _bad("not_a_band")
    return word


def _agency(text: str, info: ValidationInfo) -> str:
    word = re.sub(r"[\s'-]+", "_", text.lower())
    if word in AGENCIES:
        return word
    _note(info, "unknown_agency")
    return text or "other"


Text: TypeAlias = Annotated[str, Field(default="")]
Ref: TypeAlias = Annotated[str, BeforeValidator(_required)]
Name: TypeAlias = Annotated[str, BeforeValidator(_name)]
Postcode: TypeAlias = Annotated[str, BeforeValidator(_postcode)]
Phone: TypeAlias = Annotated[str, BeforeValidator(_phone)]
Plate: TypeAlias = Annotated[str, BeforeValidator(_plate)]
Time: TypeAlias = Annotated[Moment | None, BeforeValidator(_moment)]
NeededTime: TypeAlias = Annotated[Moment, BeforeValidator(lambda text, info: _moment(_required(text), info))]
Born: TypeAlias = Annotated[dt.date | None, BeforeValidator(_born)]
Degrees: TypeAlias = Annotated[float | None, BeforeValidator(_degrees)]
Words: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_words)]
Agency: TypeAlias = Annotated[str, BeforeValidator(_agency)]
Band: TypeAlias = Annotated[str, BeforeValidator(_band)]
PersonKind: TypeAlias = Annotated[str, BeforeValidator(_one_of("child", "adult", "person", default="person"))]


class PartnerRow(BaseModel):
    """What every partner's row says of the report that it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: ClassVar[str]

    agency: Agency = Field(
        description="who submits it: police, social_care, health, education, youth, housing, voluntary"
    )
    submitted_at: NeededTime = Field(description="when it was submitted, London time: 01/05/2026 21:30, or ISO 8601")
    source_eval: str = Field("", description="3x5x2 grade of the source, 1 to 3; blank: not graded")
    info_eval: str = Field("", description="3x5x2 grade of the information, A to E; blank: not graded")
    scheme: str = Field("", description="3x5x2, or 5x5x5 for older grades")
    handling: str = Field("", description="P: may be shared; C: under the conditions; blank: restricted")
    conditions: Words = Field((), description="conditions of a C, separated by semicolons")


class EpisodeRow(PartnerRow):
    """A PPN1: a child reported missing, or located."""

    kind: ClassVar[str] = "missing"

    form: Annotated[Literal["missing", "located"], BeforeValidator(_one_of("missing", "located"))] = Field(
        description="missing, for the report that opens an episode, or located"
    )
    report_ref: str = Field("", description="the number of this report; blank: known by its content")
    episode_ref: Ref = Field(
        description="the number of the episode: the same on the located report, which may come first"
    )
    child_ref: str = Field("", description="the sender's own number of the child")
    child_name: Name = Field("", description="the child's name as the report gives it")
    date_of_birth: Born = Field(None, description="the child's date of birth: 01/05/2010")
    missing_since: Time = Field(None, description="form missing: from when the child was missing")
    missing_from: str = Field("", description="form missing: the place the child went missing from")
    missing_from_postcode: Postcode = Field("", description="its postcode")
    missing_from_latitude: Degrees = Field(None, description="its latitude, WGS 84")
    missing_from_longitude: Degrees = Field(None, description="its longitude, WGS 84")
    last_seen_at: Time = Field(None, description="form missing: when the child was last seen")
    last_seen: str = Field("", description="form missing: where the child was last seen")
    last_seen_postcode: Postcode = Field("", description="its postcode")
    last_seen_latitude: Degrees = Field(None, description="its latitude, WGS 84")
    last_seen_longitude: Degrees = Field(None, description="its longitude, WGS 84")
    located_at: Time = Field(None, description="form located: when the child was located")
    found_at: str = Field("", description="form located: where the child was found")
    found_at_postcode: Postcode = Field("", description="its postcode")
    found_at_latitude: Degrees = Field(None, description="its latitude, WGS 84")
    found_at_longitude: Degrees = Field(None, description="its longitude, WGS 84")
    found_with: Words = Field(
        (), description="form located: names of those the child was with, separated by semicolons"
    )
    circumstances: str = Field("", description="what was written")


class CpiRow(PartnerRow):
    """A Community Partnership Information form: a row for each person it names, all with the same cpi_ref."""

    kind: ClassVar[str] = "cpi"

    cpi_ref: Ref = Field(description="the number of the submission; rows with the same number are one submission")
    observed_from: Time = Field(None, description="when it happened, or from when")
    observed_to: Time = Field(None, description="until when, if it lasted")
    person_ref: str = Field("", description="the sender's own number of the person")
    person_name: Name = Field("", description="the person's name, or what they are known as")
    person_aliases: Words = Field((), description="other names, separated by semicolons")
    person_kind: PersonKind = Field("person", description="child, adult or person (age not known)")
    date_of_birth: Born = Field(None, description="the person's date of birth")
    person_role: Annotated[
        str, BeforeValidator(_one_of("present", "suspect", "victim", "witness", default="present"))
    ] = Field("present", description="present, suspect, victim or witness in what happened")
    phone: Phone = Field("", description="a phone that the person uses")
    vehicle_registration: Plate = Field("", description="number plate; ? for each character not seen")
    vehicle_description: str = Field("", description="make, model, colour")
    place: str = Field("", description="where it happened")
    postcode: Postcode = Field("", description="its postcode")
    latitude: Degrees = Field(None, description="its latitude, WGS 84")
    longitude: Degrees = Field(None, description="its longitude, WGS 84")
    text: str = Field("", description="the original text")
    sanitised_text: str = Field("", description="the text as it may be shared further")
    sanitised_handling: str = Field("", description="handling of the sanitised text; blank: restricted")
    sanitised_conditions: Words = Field((), description="conditions of the sanitised text")


class PeopleRow(PartnerRow):
    """One line of a list of peers or family: two people, and how they know each other."""

    kind: ClassVar[str] = "people"

    list_ref: str = Field("", description="the number of the list; blank: each line is known by its content")
    person_ref: str = Field("", description="the sender's own number of the person")
    person_name: Name = Field("", description="the person's name")
    person_kind: PersonKind = Field("person", description="child, adult or person (age not known)")
    person_date_of_birth: Born = Field(None, description="the person's date of birth")
    relation: Ref = Field(
        description="friend, peer, partner, sibling, mother, father, carer, safe adult, seen with, ... of the other"
    )
    tone: Annotated[str, BeforeValidator(lambda t: _one_of("concern", "strength", "neutral")(t) if t else "")] = Field(
        "", description="concern, strength or neutral; blank: not said"
    )
    other_ref: str = Field("", description="the sender's own number of the other person")
    other_name: Name = Field("", description="the other person's name")
    other_kind: PersonKind = Field("person", description="child, adult or person (age not known)")
    other_date_of_birth: Born = Field(None, description="the other person's date of birth")
    since: Time = Field(None, description="from when, if known")
    until: Time = Field(None, description="until when, if it ended")
    text: str = Field("", description="what was written")


class ConversationRow(PartnerRow):
    """A Return Home Conversation: what the child said of the time away, or that one was offered."""

    kind: ClassVar[str] = "conversation"

    conversation_ref: str = Field("", description="the number of the conversation; blank: known by its content")
    episode_ref: str = Field("", description="the sender's own number of the missing episode; blank: not known")
    child_ref: str = Field("", description="the sender's own number of the child")
    child_name: Name = Field("", description="the child's name as the sender gives it")
    date_of_birth: Born = Field(None, description="the child's date of birth: 01/05/2010")
    offered_at: Time = Field(None, description="when a conversation was offered (within 72 hours of the return)")
    held_at: Time = Field(None, description="when it was held; blank: not held, or not yet")
    held_by: str = Field("", description="who held it: a post or a team, and whether independent")
    away_from: Time = Field(None, description="from when the child was away, as told")
    away_to: Time = Field(None, description="until when")
    been_at: str = Field("", description="a place where the child had been")
    been_at_postcode: Postcode = Field("", description="its postcode")
    been_at_latitude: Degrees = Field(None, description="its latitude, WGS 84")
    been_at_longitude: Degrees = Field(None, description="its longitude, WGS 84")
    other_places: Words = Field((), description="other places where the child had been, separated by semicolons")
    with_whom: Words = Field((), description="names of those the child was with, separated by semicolons")
    push_factors: Words = Field(
        (),
        description="what the child left, separated by semicolons: coded words or their labels (docs/bundle.md); others stay in the report",
    )
    pull_factors: Words = Field((), description="what drew the child, separated by semicolons: as push_factors")
    safe_people: Words = Field((), description="people the child feels safe with, separated by semicolons")
    text: str = Field("", description="what was written")


class AssessmentRow(PartnerRow):
    """A tool recorded elsewhere: its band if it has one, the judgement, and the grading that was agreed."""

    kind: ClassVar[str] = "assessment"

    assessment_ref: str = Field("", description="the number of the assessment; blank: known by its content")
    child_ref: str = Field("", description="the sender's own number of the child")
    child_name: Name = Field("", description="the child's name as the sender gives it")
    date_of_birth: Born = Field(None, description="the child's date of birth: 01/05/2010")
    instrument: Ref = Field(description="the tool: CERAF, SERAF, Lewisham CSE toolkit, MET list, ...")
    instrument_version: str = Field("", description="its version, if the form says")
    assessed_at: NeededTime = Field(description="when it was made")
    band: str = Field("", description="the band as the form itself gives it: low, or 11-15; blank: none")
    points: str = Field("", description="its points, if the form adds any")
    judgement: Band = Field("", description="the practitioner's own judgement: low, medium or high; blank: none given")
    judgement_reason: str = Field("", description="why; it may differ from the form's band")
    police_grade: Band = Field("", description="the police grade: low, medium or high")
    childrens_services_grade: Band = Field("", description="the grade of children's services: low, medium or high")
    agreed_grade: Band = Field("", description="the grade that the two agreed: low, medium or high")
    grading_reason: str = Field("", description="why that was agreed")
    text: str = Field("", description="what was written")


ROWS: Final[dict[str, type[PartnerRow]]] = {
    row.kind: row for row in (EpisodeRow, CpiRow, ConversationRow, AssessmentRow, PeopleRow)
}
