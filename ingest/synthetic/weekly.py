"""What agencies write in an ordinary week besides missing reports: observations, submissions of information, crimes, and copies of them."""

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Final

from ingest.synthetic import sights, wording
from ingest.synthetic.desk import Desk, name_child, name_subject
from ingest.synthetic.drafts import Draft
from ingest.synthetic.figures import DAYS
from ingest.synthetic.people import Child
from ingest.synthetic.plan import Plan
from queries.records import SubjectRecord
from queries.sight import Sight

# Reports a week in the city.
_OF_GROUPS: Final = 9.0
_OF_FRIENDS: Final = 5.0
_OF_INFORMATION: Final = 13.0
_OF_CRIMES: Final = 3.5
_FORWARDED: Final = 0.06
_DENIED: Final = 0.015
_NAMES_AN_ADULT: Final = 0.6
_NOT_GRADED_YET: Final = DAYS - 4.0
_OBSERVERS: Final = (("youth", 40), ("education", 25), ("voluntary", 15), ("health", 10), ("housing", 10))
_SUBMITTERS: Final = (
    ("police", 30), ("social_care", 22), ("youth", 14), ("education", 14), ("health", 9), ("voluntary", 6), ("housing", 5),
)  # fmt: skip
_CRIMES: Final = ("Theft", "Robbery", "Assault", "Criminal damage", "Possession of drugs")


def weekly_reports(plan: Plan, week: int) -> Iterator[Draft]:
    """Write one week of a city."""
    desk = Desk(plan.year, plan.rng("week", week))
    writers = (
        (_OF_GROUPS if plan.plants.groups else 0, "group", _group_seen),
        (_OF_FRIENDS, "seen", _friends_seen),
        (_OF_INFORMATION, "cpi", _information),
        (_OF_CRIMES, "crime", _crime),
    )
    for often, kind, write in writers:
        for number in range(_count(desk.rng, often * plan.scale)):
            draft = write(plan, desk, f"{kind}-{week:02d}-{number:04d}", week * 7 + desk.rng.random() * 7)
            if draft is None:
                continue
            yield draft
            if kind != "crime" and desk.rng.random() < _FORWARDED:
                copy = _forwarded(desk, draft)
                if copy:
                    yield copy


def _count(rng: random.Random, mean: float) -> int:
    """Draw a count about a mean."""
    return max(round(rng.gauss(mean, mean**0.5)), 0)


def _drawn(rng: random.Random, weighted: tuple[tuple[str, int], ...]) -> str:
    return rng.choices([word for word, _ in weighted], [weight for _, weight in weighted])[0]


def _observer_sight(child: Child, agency: str) -> Sight:
    return child.school_sight if agency == "education" else child.sight


def _group_seen(plan: Plan, desk: Desk, name: str, when: float) -> Draft | None:
    """Some of a peer group, seen together."""
    rng = desk.rng
    group = rng.choice(plan.plants.groups)
    members = [plan.people.children[number] for number in rng.sample(group, min(rng.choice((2, 3, 3, 4)), len(group)))]
    return _seen(plan, desk, name, when, members)


def _friends_seen(plan: Plan, desk: Desk, name: str, when: float) -> Draft | None:
    """Two who know each other, or who happen to be in one place."""
    rng = desk.rng
    child = _some_child(plan, rng, when)
    is_friend = bool(child.friends) and rng.random() < 0.7
    other = plan.people.children[rng.choice(child.friends)] if is_friend else _some_child(plan, rng, when)
    if other.number == child.number:
        return None
    if rng.random() < _DENIED:
        return _denied(desk, name, when, child, other)
    return _seen(plan, desk, name, when, [child, other])


def _some_child(plan: Plan, rng: random.Random, when: float) -> Child:
    """Draw a child who is here by then, those who are missing more often more often."""
    while True:
        is_often_missing = rng.random() < 0.6
        number = rng.choice(plan.pattern.spells).child if is_often_missing else rng.randrange(len(plan.people.children))
        child = plan.people.children[number]
        if not child.reserved and child.arrived < when - 1:
            return child


def _seen(plan: Plan, desk: Desk, name: str, when: float, children: list[Child]) -> Draft | None:
    rng, agency = desk.rng, _drawn(desk.rng, _OBSERVERS)
    place = plan.some_place(rng)
    at = plan.year.at_session_hour(min(when, DAYS - 1.5), rng)
    names = [child.known_to(agency)[1] for child in children]
    draft = desk.report(
        f"demo:{agency}/{name}",
        "observation",
        agency,
        at + rng.uniform(0.05, 1.5),
        _observer_sight(children[0], agency),
        wording.seen(names, place.label, rng),
        grade=desk.grade() if rng.random() < 0.3 else ("", ""),
    )
    if draft is None:
        return None
    keys = [name_child(draft, child) for child in children]
    moment = plan.year.instant(at)
    for a, b in combinations(keys, 2):
        draft.claim("SEEN_WITH", a, b, moment, time_known="about", event=True)
    draft.claim("SEEN_AT", keys[0], place.key, moment, time_known="about")
    if rng.random() < 0.12:
        tone = rng.choices(("concern", "strength", "neutral"), (30, 30, 40))[0]
        draft.state("KNOWS", keys[0], keys[1], moment, role=tone)
    return draft


def _denied(desk: Desk, name: str, when: float, child: Child, other: Child) -> Draft | None:
    names = [child.known_to("social_care")[1], other.known_to("social_care")[1]]
    text = f"{names[0]} says that the two do not know each other; a namesake of {names[1]} was meant."
    draft = desk.report(f"demo:social_care/{name}", "observation", "social_care", when + 0.5, child.sight, text)
    if draft is None:
        return None
    keys = [name_child(draft, who) for who in (child, other)]
    draft.state("DENIED", keys[0], keys[1], draft.report.submitted_at, role="knows")
    return draft


def _information(plan: Plan, desk: Desk, name: str, when: float) -> Draft | None:
    """A submission of information, graded by the desk and handled with or without conditions."""
    rng, people = desk.rng, plan.people
    agency = _drawn(rng, _SUBMITTERS)
    with_adult = rng.random() < _NAMES_AN_ADULT
    which = rng.randrange(len(people.concern))
    chosen = plan.targets[which] if with_adult else [_some_child(plan, rng, when).number]
    children = [
        people.children[number] for number in rng.sample(chosen, 1 if rng.random() < 0.7 else min(2, len(chosen)))
    ]
    place = plan.some_place(rng)
    at = plan.year.at_likely_hour(min(when, DAYS - 1.5), rng)
    written = at + rng.uniform(0.1, 3)
    handling, conditions = desk.handling()
    names = [child.known_to(agency)[1] for child in children]
    adult = people.concern[which]
    draft = desk.report(
        f"demo:{agency}/{name}",
        "cpi",
        agency,
        written,
        sights.handled(children[0].sight, handling, conditions, agency),
        wording.told(names, adult.name if with_adult else "an older person", place.label, rng),
        # The desk has not come to the latest ones yet.
        grade=("", "") if written > _NOT_GRADED_YET else desk.grade(),
        handling=handling,
        conditions=conditions,
    )
    if draft is None:
        return None
    keys, moment = [name_child(draft, child) for child in children], plan.year.instant(at)
    for key in keys:
        if rng.random() < 0.5 or not with_adult:
            draft.claim("SEEN_AT", key, place.key, moment, time_known="about")
        else:
            draft.state("FREQUENTS", key, place.key, moment)
    if with_adult:
        name_subject(draft, adult.key, "adult", adult.name)
        for key in keys:
            if rng.random() < 0.3:
                draft.state("SUSPECTED_OF_EXPLOITING", adult.key, key, moment)
            else:
                draft.claim("SEEN_WITH", key, adult.key, moment, time_known="about", event=True)
        for used in (adult.vehicle, adult.account):
            if used and rng.random() < 0.35:
                thing = people.thing(used)
                name_subject(draft, thing.key, thing.kind, thing.label, thing.attributes)
                draft.state("USES", adult.key, thing.key, moment)
    return draft


def _crime(plan: Plan, desk: Desk, name: str, when: float) -> Draft | None:
    """A recorded crime in which children had a part."""
    rng, child = desk.rng, _some_child(plan, desk.rng, when)
    at = plan.year.at_likely_hour(min(when, DAYS - 1.5), rng)
    what, place, day = rng.choice(_CRIMES), plan.some_place(rng), plan.year.date(at)
    role = rng.choices(("victim", "suspect", "witness"), (45, 35, 20))[0]
    text = f"{what} reported at {place.label}. {child.name} is recorded as {role}."
    draft = desk.report(f"demo:police/{name}", "crime", "police", at + rng.uniform(0.02, 0.6), child.sight, text)
    if draft is None:
        return None
    incident, moment = SubjectRecord(f"demo:crime/{name}", "incident", "crime"), plan.year.instant(at)
    draft.introduce(incident, f"{what}, {day.day} {day:%B %Y}")
    draft.claim("INVOLVED_IN", name_child(draft, child), incident.key, moment, role=role)
    draft.claim("AT", incident.key, place.key, moment, role="occurred")
    if child.friends and rng.random() < 0.35:
        other = name_child(draft, plan.people.children[rng.choice(child.friends)])
        part = rng.choices(("present", "witness", "suspect", "victim"), (40, 30, 15, 15))[0]
        draft.claim("INVOLVED_IN", other, incident.key, moment, role=part)
    return draft


def _forwarded(desk: Desk, draft: Draft) -> Draft | None:
    """Write another agency's copy of a report: the same words and claims, and still one source."""
    source = draft.report
    agency = desk.rng.choice([name for name, _ in _SUBMITTERS if name != source.agency])
    key = f"demo:{agency}/copy-of-{source.key.removeprefix('demo:').replace('/', '-')}"
    known = source.known_from + (desk.year.instant(desk.rng.uniform(0.5, 6)) - desk.year.instant(0))
    if known >= desk.year.close:
        return None
    report = replace(
        source, key=key, agency=agency, submitted_at=known, known_from=known, copied_from=source.key,
        text=f"Forwarded: {source.text}",
    )  # fmt: skip

    return Draft(
        report,
        [],
        [
            replace(
                mention, claim_id=f"{key}/says/{mention.subject_key}", report_key=key, recorded_at=known, known_from=known
            )
            for mention in draft.mentions
        ],
        [
            replace(
                claim, claim_id=f"{key}/{number}", report_key=key, recorded_at=known, known_from=known,
                event_key=claim.event_key,
            )
            for number, claim in enumerate(draft.claims, 1)
        ],
    )  # fmt: skip
