"""The reports behind what was planted: converging places, groups, an unknown adult, a hidden one, and things known twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ingest.synthetic import sights
from ingest.synthetic.desk import Desk, name_child, name_subject
from ingest.synthetic.drafts import Draft
from ingest.synthetic.people import Thing
from ingest.synthetic.plan import Converging, Plan
from queries.records import FAR_FUTURE
from queries.sight import Sight

UNKNOWN_ADULT: Final = "demo:adult/unknown-white-car"
UNKNOWN_ADULT_LABEL: Final = "Adult Unknown in a white car"
PART_PLATE: Final = Thing(
    "demo:vehicle/white-part-plate", "vehicle", "White Example Hatch, part plate QQ?? ?KX",
    {"registration": "QQ?? ?KX", "colour": "white", "model": "Example Hatch"},
)  # fmt: skip
HIDDEN_ADULT: Final = "demo:adult/hidden"
HIDDEN_ADULT_LABEL: Final = "Corvin Neverwasthorpe"
WHOLE_PLATE: Final = Thing(
    "demo:vehicle/white-whole-plate", "vehicle", "White Example Hatch QQ71 RKX",
    {"registration": "QQ71 RKX", "colour": "white", "model": "Example Hatch"},
)  # fmt: skip
_NAMED_GROUPS: Final = 3
_KNOWN_TWICE: Final = 3


@dataclass(frozen=True, slots=True)
class Twice:
    """A vehicle or account that two agencies have, each under its own key, with exactly the same identifier; and who uses it."""

    adult: int
    key: str
    other_key: str


def planted_reports(plan: Plan) -> Iterator[Draft]:
    """Write the reports behind what was planted; nothing where nothing was."""
    if plan.plants.example is None:
        return
    desk = Desk(plan.year, plan.rng("planted"))
    for number, meeting in enumerate(plan.plants.converging):
        few = meeting.reports == len(meeting.children)
        yield from _converging(plan, Desk(plan.year, plan.rng("few meet")) if few else desk, number, meeting)
    yield from _groups(plan, desk)
    yield from _unknown_adult(plan, desk)
    yield from _hidden_adult(plan, desk)
    yield from _known_twice(plan, desk)


def _converging(plan: Plan, desk: Desk, number: int, meeting: Converging) -> Iterator[Draft]:
    """Separate sightings of several children, by agencies that write the place each in its own way."""
    few = meeting.reports == len(meeting.children)
    length = meeting.ends - meeting.begins
    for at in range(meeting.reports):
        agency, place = meeting.spellings[at % len(meeting.spellings)]
        child = plan.people.children[meeting.children[at % len(meeting.children)]]
        when = desk.rng.uniform(meeting.begins, min(meeting.ends, 355))
        # A few come one after the other, over the whole of the weeks.
        when = meeting.begins + length * (at + 0.5) / meeting.reports if few else when
        day = plan.year.at_session_hour(when, desk.rng)
        name = child.known_to(agency)[1]
        text = f"{name} was seen waiting at {place.label}; an older person came to meet the group."
        kind = "sighting" if agency == "police" else "observation"
        draft = desk.prompt_report(f"demo:{agency}/meets-{number}-{at:02d}", kind, agency, day + 0.2, child.sight, text)
        draft.claim("SEEN_AT", name_child(draft, child), place.key, plan.year.instant(day), time_known="about")
        yield draft


def group_key(number: int) -> tuple[str, str]:
    """Give the key and the label of a group that reports name."""
    return f"demo:group/{number + 1}", f"Group that one report calls the Invented {'ABC'[number]} Crew"


def _groups(plan: Plan, desk: Desk) -> Iterator[Draft]:
    """A few groups are named by a report, which says of some of the children that they are part of it."""
    for number, members in enumerate(plan.plants.groups[:_NAMED_GROUPS]):
        key, label = group_key(number)
        first = plan.people.children[members[0]]
        text = f"Youth workers know {len(members[:3])} of the children as part of a group with a name of its own."
        draft = desk.prompt_report(
            f"demo:youth/group-{number + 1}", "observation", "youth", desk.rng.uniform(30, 300), first.sight, text
        )
        name_subject(draft, key, "group", label)
        for child in members[:3]:
            who = name_child(draft, plan.people.children[child])
            draft.state("MEMBER_OF", who, key, draft.report.submitted_at)
        yield draft


def _unknown_adult(plan: Plan, desk: Desk) -> Iterator[Draft]:
    """Two agencies see an adult whom nobody knows, in a car of which part of the plate was read, with two children."""
    example = plan.plants.example
    if example is None:
        return
    for agency, number, day in (("youth", example.a, 331.8), ("education", example.between, 338.7)):
        child = plan.people.children[number]
        text = f"{child.name} got into a white car with an adult whom staff do not know. Part of the plate: QQ?? ?KX."
        draft = _sighting(desk, f"demo:{agency}/white-car", agency, day + 0.1, child.sight, text)
        key, moment = name_child(draft, child), plan.year.instant(day)
        adult = name_subject(draft, UNKNOWN_ADULT, "adult", UNKNOWN_ADULT_LABEL)
        car = name_subject(draft, PART_PLATE.key, "vehicle", PART_PLATE.label, PART_PLATE.attributes)
        draft.claim("SEEN_WITH", key, adult, moment, time_known="about")
        draft.claim("USES", adult, car, moment, FAR_FUTURE, time_known="about")
        yield draft
    one, other = plan.people.children[example.between], plan.people.children[example.b]
    text = f"{one.name} and {other.name} became friends at a holiday club and look out for each other."
    draft = _sighting(desk, "demo:voluntary/holiday-club", "voluntary", 250.5, one.sight, text)
    keys = name_child(draft, one), name_child(draft, other)
    draft.state("KNOWS", *keys, draft.report.submitted_at, role="strength")
    yield draft


def _sighting(desk: Desk, key: str, agency: str, written: float, sight: Sight, text: str) -> Draft:
    return desk.prompt_report(key, "observation", agency, written, sight, text, grade=("1", "A"))


def _hidden_adult(plan: Plan, desk: Desk) -> Iterator[Draft]:
    """Intelligence that its originator keeps: a named adult, suspected of exploiting two children, and that the unknown adult is the same."""
    example = plan.plants.example
    if example is None:
        return
    for number, day in ((example.a, 342.9), (example.b, 345.9)):
        child = plan.people.children[number]
        text = (
            f"{HIDDEN_ADULT_LABEL} is said to pay for rides for {child.name}. Not to be shared without the originator."
        )
        draft = _intelligence(desk, f"demo:police/hidden-{child.number}", day, text)
        key = name_child(draft, child)
        adult = name_subject(draft, HIDDEN_ADULT, "adult", HIDDEN_ADULT_LABEL)
        draft.claim("SUSPECTED_OF_EXPLOITING", adult, key, plan.year.instant(day - 2), FAR_FUTURE, time_known="about")
        yield draft
    draft = _intelligence(
        desk,
        "demo:police/hidden-car",
        347.5,
        f"{HIDDEN_ADULT_LABEL} drives a white car and matches the adult seen by youth workers.",
    )
    adult = name_subject(draft, HIDDEN_ADULT, "adult", HIDDEN_ADULT_LABEL)
    car = name_subject(draft, WHOLE_PLATE.key, "vehicle", WHOLE_PLATE.label, WHOLE_PLATE.attributes)
    draft.claim("USES", adult, car, plan.year.instant(345), FAR_FUTURE, time_known="about")
    draft.claim("SAME_AS", adult, UNKNOWN_ADULT, plan.year.instant(0), FAR_FUTURE, time_known="about")
    draft.claim("SAME_AS", car, PART_PLATE.key, plan.year.instant(0), FAR_FUTURE, time_known="about")
    yield draft


def _intelligence(desk: Desk, key: str, written: float, text: str) -> Draft:
    return desk.prompt_report(
        key, "cpi", "police", written, sights.hidden(), text,
        grade=("1", "B"), handling="C", conditions=("originator",),
    )  # fmt: skip


def known_twice(plan: Plan) -> list[Twice]:
    """Give the vehicles and accounts that two agencies have."""
    if plan.plants.example is None:
        return []
    found = []
    for part in ("vehicle", "account"):
        users = [(at, getattr(adult, part)) for at, adult in enumerate(plan.people.concern) if getattr(adult, part)]
        found += [Twice(at, key, key.replace("demo:", "demo:housing/")) for at, key in users[:_KNOWN_TWICE]]
    return found


def _known_twice(plan: Plan, desk: Desk) -> Iterator[Draft]:
    """Police and housing have some of the same cars and telephones, each under its own number, with the same adult of concern."""
    for number, twice in enumerate(known_twice(plan)):
        adult, child = plan.people.concern[twice.adult], plan.people.children[plan.targets[twice.adult][0]]
        thing = plan.people.thing(twice.key)
        for agency, key in (("police", twice.key), ("housing", twice.other_key)):
            text = f"{adult.name}, with {thing.label}, outside a block of flats where {child.known_to(agency)[1]} was visiting."
            written = desk.rng.uniform(100, 330)
            draft = desk.prompt_report(
                f"demo:{agency}/twice-{number}", "observation", agency, written, child.sight, text
            )
            name_child(draft, child)
            name_subject(draft, key, thing.kind, thing.label, thing.attributes)
            name_subject(draft, adult.key, "adult", adult.name)
            draft.claim("USES", adult.key, key, draft.report.submitted_at, FAR_FUTURE, time_known="about")
            yield draft
