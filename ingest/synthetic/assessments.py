"""
What practitioners recorded: who is on the MET list and in which band, and referrals to the National Referral Mechanism.

A band is a practitioner's judgement with its date. None is computed here: the demonstration draws how many there were, from the published figures.
"""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ingest.synthetic import figures
from ingest.synthetic.desk import Desk, name_child
from ingest.synthetic.drafts import Draft
from ingest.synthetic.figures import DAYS, QUARTER_DAYS
from ingest.synthetic.plan import Plan

_REVIEW_DAYS: Final = 84
_STAYS: Final = 0.8
LEFT: Final = "closed"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A band (or `closed`) recorded for a child on a day of the year."""

    child: int
    day: float
    band: str


@dataclass(frozen=True)
class Listed:
    """The MET list: every judgement, in order of its day, and how many were in each band at the end of each month (`2026-03`)."""

    judgements: list[Judgement]
    months: dict[str, dict[str, int]]


def draw_list(plan: Plan) -> Listed:
    """Draw the list month by month: most children stay, some leave, others come, those who are missing often first."""
    rng = plan.rng("list")
    often = [spell.child for spell in plan.pattern.spells if not plan.people.children[spell.child].unaccompanied]
    bands: dict[int, str] = {}
    reviewed: dict[int, float] = {}
    judgements: list[Judgement] = []
    months: dict[str, dict[str, int]] = {}
    for begins, ends, month in _months(plan):
        before = dict(bands)
        bands = _next_bands(rng, plan, before, often)
        for child in sorted({*before, *bands}):
            band = bands.get(child, LEFT)
            due = reviewed.get(child, -_REVIEW_DAYS) + _REVIEW_DAYS <= ends
            if before.get(child) != band or due:
                day = ends
                while day > ends - 0.2:
                    day = plan.year.in_working_hours(rng.uniform(begins, ends - 0.5), rng)
                judgements.append(Judgement(child, day, band))
                reviewed[child] = day
        months[month] = {band: sum(other == band for other in bands.values()) for band in figures.BANDS}
    return Listed(sorted(judgements, key=lambda one: (one.day, one.child)), months)


def _months(plan: Plan) -> list[tuple[float, float, str]]:
    """Give the whole months of the year and what remains of it: from day, to day, name."""
    found, begins = [], 0
    for day in range(1, DAYS + 1):
        date = plan.year.first + dt.timedelta(days=day)
        if date.day == 1 or day == DAYS:
            name = plan.year.first + dt.timedelta(days=day - 1)
            if day - begins >= 7:
                found.append((float(begins), float(day), f"{name:%Y-%m}"))
                begins = day
    return found


def _next_bands(rng: random.Random, plan: Plan, before: dict[int, str], often: list[int]) -> dict[int, str]:
    """Give the bands at the end of a month that began with `before`."""
    while True:
        wanted = [rng.randint(least, most) for least, most in zip(figures.LIST_LEAST, figures.LIST_MOST, strict=True)]
        if figures.LIST_ALL[0] <= sum(wanted) <= figures.LIST_ALL[1]:
            break
    wanted = [figures.scaled(count, plan.scale) for count in wanted]
    stay = [child for child in sorted(before) if rng.random() < _STAYS]
    bands: dict[int, str] = {}
    for band, count in zip(figures.BANDS, wanted, strict=True):
        held = [child for child in stay if before[child] == band and child not in bands]
        for child in held[:count]:
            bands[child] = band
    rest = [child for child in stay if child not in bands]
    for band, count in zip(figures.BANDS, wanted, strict=True):
        missing = count - sum(other == band for other in bands.values())
        for _ in range(missing):
            child = rest.pop() if rest else rng.choice(often)
            while child in bands:
                child = rng.choice(often)
            bands[child] = band
    return bands


def assessment_reports(plan: Plan, listed: Listed) -> Iterator[Draft]:
    """Write the assessments and the referrals."""
    desk = Desk(plan.year, plan.rng("assessments"))
    for number, one in enumerate(listed.judgements):
        child = plan.people.children[one.child]
        name = child.known_to("social_care")[1]
        text = f"MET assessment of {name}: {one.band}, in the practitioner's judgement. Review in 12 weeks."
        if one.band == LEFT:
            text = f"MET assessment of {name}: no longer on the list. Support goes on by the usual team."
        key = f"demo:social_care/assessment-{number:06d}"
        draft = desk.prompt_report(key, "assessment", "social_care", one.day, child.sight, text)
        draft.say(
            child.key,
            name,
            attributes={
                "assessed_with": "MET list",
                "assessed_on": plan.year.date(one.day).isoformat(),
                "assessed_judgement": "" if one.band == LEFT else one.band,
                "assessed_reason": "No longer on the list" if one.band == LEFT else "Judged by the practitioner",
            },
        )
        yield draft
    for number, (number_of_child, day) in enumerate(draw_referrals(plan)):
        child = plan.people.children[number_of_child]
        name = child.known_to("social_care")[1]
        draft = desk.prompt_report(
            f"demo:social_care/referral-{number:05d}",
            "other",
            "social_care",
            day,
            child.sight,
            f"Referral of {name} to the National Referral Mechanism.",
        )
        name_child(draft, child)
        draft.mentions.clear()
        draft.say(child.key, name, attributes={"referred_to_nrm": plan.year.date(day).isoformat()})
        yield draft


def draw_referrals(plan: Plan) -> list[tuple[int, float]]:
    """Draw who was referred, and on which day of the year; unaccompanied children first, a child once."""
    rng = plan.rng("referrals")
    alone = [child for child in plan.people.children if child.unaccompanied]
    others = plan.people.here_all_year()
    rng.shuffle(alone)
    found = []
    for quarter, count in enumerate(figures.REFERRALS):
        for _ in range(figures.scaled(count, plan.scale) if count else 0):
            day = (quarter + rng.uniform(0.3, 0.95)) * QUARTER_DAYS
            here = [child for child in alone if child.arrived < day - 2]
            if here and rng.random() < 0.8:
                child = here[-1]
                alone.remove(child)
            else:
                child = others.pop(rng.randrange(len(others)))
            found.append((child.number, day))
    return found
