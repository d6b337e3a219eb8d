"""The reports of every episode: PPN1 missing and located, and the Return Home Conversation."""

import random
from collections.abc import Iterator
from typing import Final

from ingest.synthetic import wording
from ingest.synthetic.desk import Desk, name_child, name_subject
from ingest.synthetic.drafts import Draft
from ingest.synthetic.geography import Place
from ingest.synthetic.patterns import Spell
from ingest.synthetic.people import Child
from ingest.synthetic.plan import Plan
from queries.records import Json, SubjectRecord
from queries.sight import Sight

_HOURS: Final = 1 / 24
_LAST_SEEN: Final = 0.45
_FOUND_SOMEWHERE: Final = 0.85
_FOUND_AT_HOME: Final = 0.22
_FOUND_FAR: Final = 0.03
_WITHIN: Final = 0.03
_ABOUT: Final = 0.05
_WITH_A_FRIEND: Final = 0.10
_TALKED: Final = 0.5
_DECLINED: Final = 0.12
_NAMES_WHY: Final = 0.7
_AS_USUAL: Final = 0.45


def episode_reports(plan: Plan, number: int, spell: Spell) -> Iterator[Draft]:
    """Write the reports of one spell. Random numbers are its own, so that any week can be written without those before."""
    rng = plan.rng("episode", number)
    desk = Desk(plan.year, rng)
    child = plan.people.children[spell.child]
    episode = f"demo:episode/{number + 1:06d}"
    yield _missing(plan, desk, child, episode, spell)
    if spell.end is None:
        return
    found = _found_place(plan, rng, child, spell)
    located, friend = _located(plan, desk, child, episode, spell, found)
    yield located
    conversation = _conversation(plan, desk, child, number, (spell.start, spell.end), found, friend)
    if conversation:
        yield conversation


def _missing(plan: Plan, desk: Desk, child: Child, episode: str, spell: Spell) -> Draft:
    rng, start = desk.rng, plan.year.instant(spell.start)
    seen = _last_seen(plan, rng, spell)
    clock = f"{int(spell.start % 1 * 24):02d}:{round(spell.start % 1 * 1440) % 60:02d}"
    text = wording.missing(child.name, seen.label if seen else "home", clock, child.placed, rng)
    reported = spell.start + rng.uniform(0.3, 4 if rng.random() < 0.9 else 14) * _HOURS
    key = f"demo:police/ppn1-{episode[-6:]}-missing"
    day = plan.year.date(spell.start)
    told = f"{child.name} was reported missing on {day.day} {day:%B %Y}."
    draft = desk.prompt_report(key, "ppn1", "police", reported, child.sight, text, parts=_for_school(child, told))
    draft.introduce(SubjectRecord(episode, "incident", "missing_episode"), f"Missing episode, {day.day} {day:%B %Y}")
    name_child(draft, child)
    # An uncertain start is still one moment: a row from-to would say that the child was back at its end.
    known = "about" if rng.random() < _ABOUT else "exact"
    draft.claim("INVOLVED_IN", child.key, episode, start, role="missing", time_known=known, sight=child.school_sight)
    draft.claim("AT", episode, child.home.key, start, role="missing_from", time_known=known)
    if seen:
        draft.claim(
            "AT", episode, seen.key, plan.year.instant(spell.start - rng.uniform(0, 0.5) * _HOURS), role="last_seen",
            time_known="about",
        )  # fmt: skip
    return draft


def _for_school(child: Child, text: str) -> dict[str, tuple[str, Sight]]:
    """Give the part of a report that the school of its own pupil may read: that, not where or with whom."""
    return {"sanitised": (text, child.school_sight)} if child.school_sight != child.sight else {}


def _last_seen(plan: Plan, rng: random.Random, spell: Spell) -> Place | None:
    if rng.random() > _LAST_SEEN:
        return None
    for spot in plan.plants.hotspots:
        if spot.layer == "last_seen" and spot.begins <= spell.start < spot.ends and rng.random() < spot.share:
            return spot.place
    return plan.some_place(rng)


def _found_place(plan: Plan, rng: random.Random, child: Child, spell: Spell) -> Place | None:
    """Draw where a child was found: those who went together mostly in one place, some at home, a few far off."""
    if spell.together is not None:
        together = plan.rng("together", spell.together)
        if together.random() < 0.7:
            return plan.some_place(together)
    chance = rng.random()
    if chance > _FOUND_SOMEWHERE:
        return None
    if chance < _FOUND_AT_HOME:
        return child.home
    if chance < _FOUND_AT_HOME + _FOUND_FAR:
        return rng.choice(plan.where.far)
    for spot in plan.plants.hotspots:
        when = spell.end if spell.end is not None else spell.start
        if spot.layer == "found_at" and spot.begins <= when < spot.ends and rng.random() < spot.share:
            return spot.place
    return plan.some_place(rng)


def _located(
    plan: Plan, desk: Desk, child: Child, episode: str, spell: Spell, found: Place | None
) -> tuple[Draft, Child | None]:
    rng, end = desk.rng, spell.end or 0.0
    key = f"demo:police/ppn1-{episode[-6:]}-located"
    text = wording.located(child.name, found.label if found else "")
    draft = desk.prompt_report(
        key,
        "ppn1",
        "police",
        end + rng.uniform(0.2, 3) * _HOURS,
        child.sight,
        text,
        parts=_for_school(child, wording.located(child.name, "")),
    )
    name_child(draft, child)
    chance = rng.random()
    known = "within" if chance < _WITHIN else "about" if chance < _WITHIN + _ABOUT else "exact"
    # Found some time in a night: the child was back at the latest by its end.
    from_, to = (end - min(6 * _HOURS, (end - spell.start) / 2), end) if known == "within" else (end, None)
    when = (plan.year.instant(from_), None if to is None else plan.year.instant(to))
    draft.claim("INVOLVED_IN", child.key, episode, *when, role="located", time_known=known, sight=child.school_sight)
    if found:
        draft.claim("AT", episode, found.key, *when, role="found_at", time_known=known)
    friend = None
    if child.friends and not child.reserved and rng.random() < _WITH_A_FRIEND:
        friend = plan.people.children[rng.choice(child.friends)]
        draft.claim("INVOLVED_IN", name_child(draft, friend), episode, *when, role="present", time_known=known)
    return draft, friend


def _conversation(
    plan: Plan,
    desk: Desk,
    child: Child,
    number: int,
    away: tuple[float, float],
    found: Place | None,
    friend: Child | None,
) -> Draft | None:
    """Write the Return Home Conversation, offered within three days; about half take place."""
    rng, chance, end = desk.rng, desk.rng.random(), away[1]
    if chance > _TALKED + _DECLINED:
        return None
    agency = rng.choice(("social_care", "social_care", "voluntary"))
    key = f"demo:{agency}/conversation-{number + 1:06d}"
    held = end + rng.uniform(0.4, 3)
    name = child.known_to(agency)[1]
    if chance > _TALKED:
        draft = desk.report(key, "return_conversation", agency, held, child.sight, wording.declined(name))
        if draft:
            name_child(draft, child)
        return draft
    place = plan.some_place(rng) if found is None or found.subkind == "address" else found
    if child.reserved:
        draft = desk.report(
            key, "return_conversation", agency, held, child.sight, wording.conversation(name, "", "home", rng)
        )
        if draft:
            name_child(draft, child)
        return draft
    if friend is None and child.friends and rng.random() < 0.6:
        friend = plan.people.children[rng.choice(child.friends)]
    words = wording.conversation(name, friend.known_to(agency)[1] if friend else "", place.label, rng)
    why = _why(plan, number, child)
    words += wording.why(name, why)
    draft = desk.report(key, "return_conversation", agency, held, child.sight, words)
    if draft is None:
        return None
    me, since = name_child(draft, child), plan.year.instant(end)
    _say_with_whom(plan, desk, draft, child, friend, place, end)
    if me == child.key:
        # Where an agency has the child under a number of its own, its conversation is not matched to the episode of the police.
        told: dict[str, Json] = {"conversation_held": draft.report.submitted_at.isoformat()}
        told |= {name: list[Json](codes) for name, codes in why.items()}
        episode, begun = f"demo:episode/{number + 1:06d}", plan.year.instant(away[0])
        draft.claim("INVOLVED_IN", me, episode, begun, since, role="present", time_known="within", attributes=told)
    return draft


def _say_with_whom(
    plan: Plan, desk: Desk, draft: Draft, child: Child, friend: Child | None, place: Place, end: float
) -> None:
    """Say with whom the child had been, where they often are, and whom they trust."""
    rng, me, since = desk.rng, child.known_to(draft.report.agency)[0], plan.year.instant(end)
    if friend:
        tone = rng.choices(("concern", "strength", "neutral"), (25, 35, 40))[0]
        draft.state("KNOWS", me, name_child(draft, friend), since, role=tone)
    if rng.random() < 0.5:
        draft.state("FREQUENTS", me, place.key, since)
    if rng.random() < 0.45:
        adult = plan.people.safe_adults[child.safe_adult]
        name_subject(draft, adult.key, "adult", f"{adult.name}, {adult.part}")
        draft.state("KNOWS", me, adult.key, since, role="strength")
    if rng.random() < 0.06:
        draft.state("FREQUENTS", me, rng.choice(plan.where.online).key, since)


def _why(plan: Plan, number: int, child: Child) -> dict[str, list[str]]:
    """Draw what a child says of why, pushes and pulls as coded words: some of it each time the same."""
    often, once = plan.rng("why", child.key), plan.rng("why", number)
    told = {}
    for name, drawn in (("push_factors", wording.PUSHES), ("pull_factors", wording.PULLS)):
        usual, now = (dice.choices(list(drawn), list(drawn.values()))[0] for dice in (often, once))
        chance = once.random()
        if chance < _NAMES_WHY:
            told[name] = [usual if chance < _AS_USUAL else now]
    return told
