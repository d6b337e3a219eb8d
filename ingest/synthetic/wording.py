"""What the invented reports say, in a few plain sentences."""

import random
from collections.abc import Mapping, Sequence
from typing import Final

from queries.analysis.naming import listed
from queries.vocabulary import FACTOR_LABELS

_PULL: Final = (
    "to see friends", "after a disagreement at home", "for time alone", "to be with an older friend", "no reason given",
    "because the placement had changed", "to go to the seafront", "after messages from someone met online",
)  # fmt: skip
# What children say pushed and pulled, and how many in a hundred.
PUSHES: Final[Mapping[str, int]] = {
    "conflict_at_home": 34, "conflict_at_placement": 16, "placement_changed": 10, "not_listened_to": 12, "school_worries": 12, "low_mood": 10,
    "far_from_family": 6,
}  # fmt: skip
PULLS: Final[Mapping[str, int]] = {
    "friends": 36, "older_person": 14, "older_persons_car": 8, "met_online": 12, "time_alone": 10, "seafront": 8, "family": 7, "party": 5,
}  # fmt: skip
_RETURN: Final = (
    "felt safe and would speak to the same worker again",
    "would like someone to go with to the next meeting",
    "asked for help with getting to school",
    "was worried about a friend",
    "said that nobody had asked before what would help",
)
_SEEN: Final = (
    "{names} were together at {place}. They chatted with staff and seemed at ease.",
    "{names} were at {place} for about an hour. Staff were told of a new group of older people there.",
    "At {place}: {names}. Arrived together and left on the same bus.",
    "{names} came to the session and later went on to {place}.",
)
_TOLD: Final = (
    "Information about {names}: time spent with {other} around {place}.",
    "A member of the public says that {other} has been waiting for {names} near {place}.",
    "A parent says that {other} has given gifts to {names}, near {place}.",
    "{other} was named by two young people as someone who asks {names} to carry things from {place}.",
)


def missing(name: str, place: str, time: str, placed: bool, rng: random.Random) -> str:
    """Word the report that opens an episode."""
    who = "Staff at the placement" if placed else "Family"
    return f"{name} was last known to be at {place} at {time}. {who} reported it. Thought to have left {rng.choice(_PULL)}."


def located(name: str, place: str) -> str:
    """Word the report that closes an episode."""
    where = f" at {place}" if place else ""
    return f"{name} was located{where}. Wellbeing confirmed at a prevention interview."


def conversation(name: str, friend: str, place: str, rng: random.Random) -> str:
    """Word a Return Home Conversation that took place."""
    with_whom = f" with {friend}" if friend else ""
    return f"{name} had been{with_whom} at {place}. {name} {rng.choice(_RETURN)}."


def why(name: str, told: Mapping[str, Sequence[str]]) -> str:
    """Word what a child said of why, from its coded words; nothing where nothing was said."""
    return "".join(
        f" {name} said what {verb}: {', '.join(FACTOR_LABELS[direction][code] for code in told[f'{direction}_factors'])}."
        for direction, verb in (("push", "made it hard to stay"), ("pull", "drew them"))
        if f"{direction}_factors" in told
    )


def declined(name: str) -> str:
    """Word a Return Home Conversation that was offered and not taken up."""
    return f"A conversation was offered to {name} within 72 hours and was not wanted this time. It stays open."


def seen(names: list[str], place: str, rng: random.Random) -> str:
    """Word an observation."""
    return rng.choice(_SEEN).format(names=listed(names), place=place)


def told(names: list[str], other: str, place: str, rng: random.Random) -> str:
    """Word a submission of information."""
    return rng.choice(_TOLD).format(names=listed(names), other=other, place=place)
