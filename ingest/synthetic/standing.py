"""What is on record of everybody as the year begins: places, children with homes, schools and families, and who has a second record."""

from collections.abc import Iterator
from typing import Final

from ingest.synthetic.desk import Desk, name_child, name_subject
from ingest.synthetic.drafts import Draft
from ingest.synthetic.people import Child
from ingest.synthetic.plan import Plan
from queries.records import ReportRecord, SubjectRecord
from queries.sight import OPEN

_PLACES_A_REPORT: Final = 500


def standing_reports(plan: Plan) -> Iterator[Draft]:
    """Write what is on record of everybody."""
    yield from _places(plan)
    desk = Desk(plan.year, plan.rng("standing"))
    homes: set[str] = set()
    for child in plan.people.children:
        opened = max(child.arrived, desk.rng.uniform(-60, -1))
        draft = _opened(plan, desk, child, opened)
        if child.home.key not in homes:
            # A placement is introduced once, by the first child who lives there.
            homes.add(child.home.key)
            _introduce_home(draft, child)
        yield draft
        yield _enrolled(desk, child, opened)
        if child.other_key:
            yield from _second_record(plan, desk, child)


def _places(plan: Plan) -> Iterator[Draft]:
    places = [*plan.where.everywhere(), *(place for c in plan.plants.converging for _, place in c.spellings)]
    moment = plan.year.instant(-61)
    for at in range(0, len(places), _PLACES_A_REPORT):
        draft = Draft(
            ReportRecord(
                f"demo:partnership/places-{at}", "other", "other", moment, moment, OPEN, handling="P",
                text="Places that the demonstration uses. Real geography; everything said to happen there is invented.",
            )
        )  # fmt: skip
        for place in places[at : at + _PLACES_A_REPORT]:
            position = None if place.latitude is None or place.longitude is None else (place.latitude, place.longitude)
            draft.introduce(SubjectRecord(place.key, "location", place.subkind), place.label, position)
        yield draft


def _opened(plan: Plan, desk: Desk, child: Child, opened: float) -> Draft:
    text = f"Record of {child.name} opened."
    if child.unaccompanied:
        text += " Arrived without a parent or carer; looked after by the local authority."
    key = f"demo:social_care/record-{child.number + 1:04d}"
    draft = desk.prompt_report(key, "other", "social_care", opened, child.sight, text)
    draft.subjects.append(SubjectRecord(child.key, "child"))
    told = {"gender": child.gender}
    if child.placed:
        told["looked_after"] = "yes"
    if child.unaccompanied:
        told |= {"unaccompanied": "yes", "arrived": plan.year.date(opened).isoformat()}
    # Whom a school has as a pupil it knows by name and date of birth.
    draft.say(child.key, child.name, born=child.born, attributes=told, sight=child.school_sight)
    since = plan.year.instant(opened - desk.rng.uniform(30, 900))
    draft.state("LIVES_AT", child.key, child.home.key, since)
    for adult, name, relation in child.family:
        name_subject(draft, adult, "adult", name)
        draft.state("FAMILY_OF", adult, child.key, since, role=relation)
    if child.number in plan.people.child_accounts:
        account = plan.people.child_accounts[child.number]
        thing = plan.people.thing(account)
        name_subject(draft, thing.key, thing.kind, thing.label, thing.attributes)
        draft.state("USES", child.key, thing.key, since)
    return draft


def _introduce_home(draft: Draft, child: Child) -> None:
    home = child.home
    given = None if home.latitude is None or home.longitude is None else (home.latitude, home.longitude)
    draft.introduce(SubjectRecord(home.key, "location", home.subkind), home.label, given)


def _enrolled(desk: Desk, child: Child, opened: float) -> Draft:
    key = f"demo:education/roll-{child.number + 1:04d}"
    text = f"{child.known_to('education')[1]} is on the roll of {child.school.label}."
    draft = desk.prompt_report(key, "other", "education", opened + 0.5, child.school_sight, text)
    draft.subjects.append(SubjectRecord(child.known_to("education")[0], "child"))
    name_child(draft, child)
    draft.state("ATTENDS", child.known_to("education")[0], child.school.key, draft.report.submitted_at)
    return draft


def _second_record(plan: Plan, desk: Desk, child: Child) -> Iterator[Draft]:
    """Write the record that another agency has of the same child, and for some the judgement that the two are one."""
    written = desk.rng.uniform(5, 300)
    agency = child.other_agency
    sight = child.school_sight if agency == "education" else child.sight
    text = f"{child.other_name} became known to this service."
    draft = desk.prompt_report(f"demo:{agency}/record-{child.number + 1:04d}", "other", agency, written, sight, text)
    draft.subjects.append(SubjectRecord(child.other_key, "child"))
    draft.say(child.other_key, child.other_name, born=child.born if desk.rng.random() < 0.8 else None)
    yield draft
    if child.number in plan.plants.joined:
        text = "Rowan Demonstration, social worker, compared both records: same date of birth, same school, same carer. One child."
        judged = desk.prompt_report(
            f"demo:social_care/same-{child.number + 1:04d}", "assessment", "social_care", written + desk.rng.uniform(3, 40),
            child.sight, text,
        )  # fmt: skip
        judged.state("SAME_AS", child.key, child.other_key, plan.year.instant(-60))
        yield judged
