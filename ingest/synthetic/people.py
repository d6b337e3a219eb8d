"""The invented people: children with homes and schools, their families and friends, and adults of concern."""

import datetime as dt
import random
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from ingest.synthetic import sights
from ingest.synthetic.clock import Year
from ingest.synthetic.figures import UNACCOMPANIED, scaled
from ingest.synthetic.geography import OWN_SCHOOL_KEY, Geography, Place
from ingest.synthetic.names import Names, misspelt
from ingest.synthetic.patterns import Pattern
from queries.sight import Sight

_IN_TEAM: Final = 0.6
_UNACCOMPANIED_MISSING: Final = 15
_NEVER_MISSING: Final = 80
_RELATIONS: Final = ("mother", "father", "grandmother", "aunt", "foster carer")
_SAFE_JOBS: Final = ("youth worker", "mentor", "school nurse", "sports coach", "family support worker")


@dataclass(slots=True)
class Child:
    """
    A child as the records have them.

    `other_key` is the record of `other_agency`, which writes the name its own way. `arrived` is the day of the year on which an unaccompanied
    child came. A `reserved` child is part of a planted example: chance joins nobody to them.
    """

    number: int
    key: str
    name: str
    born: dt.date
    gender: str
    home: Place
    placed: bool
    school: Place
    in_team: bool
    unaccompanied: bool = False
    arrived: float = float("-inf")
    other_key: str = ""
    other_agency: str = ""
    other_name: str = ""
    friends: list[int] = field(default_factory=list)
    family: list[tuple[str, str, str]] = field(default_factory=list)
    safe_adult: int = 0
    reserved: bool = False

    @property
    def sight(self) -> Sight:
        """What must be held to see what is said of the child."""
        return sights.about_child(in_team=self.in_team, own_pupil=False)

    @property
    def school_sight(self) -> Sight:
        """The same, for what a school is told of its own pupils."""
        return sights.about_child(in_team=self.in_team, own_pupil=self.school.key == OWN_SCHOOL_KEY)

    def known_to(self, agency: str) -> tuple[str, str]:
        """Give the key and the name under which an agency has the child."""
        if agency == self.other_agency:
            return self.other_key, self.other_name
        return self.key, self.name


@dataclass(frozen=True, slots=True)
class Adult:
    """An adult: key, name or description, and what they are to children. `vehicle` and `account` are keys, empty where none is known."""

    key: str
    name: str
    born: dt.date | None = None
    part: str = ""
    vehicle: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Thing:
    """A vehicle or an account: its key, kind, label and attributes."""

    key: str
    kind: str
    label: str
    attributes: dict[str, str]


@dataclass
class People:
    """Everybody, and what they use. `children` come first those who are missing in the year, by number."""

    children: list[Child]
    safe_adults: list[Adult]
    concern: list[Adult]
    vehicles: list[Thing]
    accounts: list[Thing]
    child_accounts: dict[int, str]

    def thing(self, key: str) -> Thing:
        """Give a vehicle or an account by its key."""
        return self._by_key[key]

    @cached_property
    def _by_key(self) -> dict[str, Thing]:
        return {thing.key: thing for thing in (*self.vehicles, *self.accounts)}

    def here_all_year(self) -> list[Child]:
        """Give the children who may be friends, seen and sought out at any time: not those who arrive, nor those of a planted example."""
        return [child for child in self.children if not child.reserved and not child.unaccompanied]


def invent_people(
    rng: random.Random, names: Names, where: Geography, year: Year, pattern: Pattern, scale: float, *, planted: bool
) -> People:
    """Invent the people of a city: the children of its pattern, some who are never missing, and adults."""
    missing, first = pattern.children, pattern.first_starts()
    apart = {child for members in pattern.co_missing for child in members}
    homes = _Homes(rng, where, scale)
    count = missing + scaled(_NEVER_MISSING, scale)
    safe = [
        Adult(f"demo:adult/safe-{at}", names.full(), part=rng.choice(_SAFE_JOBS)) for at in range(scaled(18, scale))
    ]
    children = [_child(rng, names, where, year, number, homes, len(safe)) for number in range(count)]
    unaccompanied = [
        *rng.sample(
            [child for child in children[:missing] if child.number not in apart], scaled(_UNACCOMPANIED_MISSING, scale)
        ),
        *rng.sample(children[missing:], scaled(UNACCOMPANIED - _UNACCOMPANIED_MISSING, scale)),
    ]
    for child in unaccompanied:
        child.unaccompanied, child.placed, child.family = True, True, []
        child.home = homes.placement()
        child.arrived = rng.uniform(0, min(first.get(child.number, 360.0), 360.0) * 0.9)
    if planted:
        _second_records(rng, children[:missing])
    vehicles = [_vehicle(names, number) for number in range(scaled(34, scale))]
    accounts = [_account(rng, names, number) for number in range(scaled(120, scale))]
    concern = [
        Adult(
            f"demo:adult/concern-{at}",
            names.full(),
            year.first - dt.timedelta(days=rng.randint(19 * 365, 45 * 365)),
            "adult of concern",
            vehicles[at % len(vehicles)].key if rng.random() < 0.6 else "",
            accounts[at % len(accounts)].key if rng.random() < 0.6 else "",
        )
        for at in range(scaled(22, scale))
    ]
    free = [account.key for account in accounts[len(concern) :]]
    owners = rng.sample(range(count), min(len(free), count))
    return People(children, safe, concern, vehicles, accounts, dict(zip(owners, free, strict=False)))


def befriend(rng: random.Random, people: People, groups: list[list[int]]) -> None:
    """Give every child friends: their group, and a few of their school."""
    by_school: dict[str, list[int]] = {}
    for child in people.here_all_year():
        by_school.setdefault(child.school.key, []).append(child.number)
    for child in people.here_all_year():
        mates = by_school[child.school.key]
        chosen = rng.sample(mates, min(rng.choice((0, 1, 1, 2)), len(mates)))
        child.friends = [other for other in chosen if other != child.number]
    for group in groups:
        for number in group:
            mates = [other for other in group if other != number]
            people.children[number].friends += [other for other in mates if rng.random() < 0.7]


@dataclass
class _Homes:
    """Where children live: an address at the centroid of a postcode each, or one of the children's homes and placements."""

    rng: random.Random
    where: Geography
    scale: float
    made: int = 0
    placements: list[Place] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.placements = [
            self._home(f"Invented House {at + 1}, children's home") for at in range(scaled(14, self.scale))
        ]

    def _home(self, label: str = "") -> Place:
        self.made += 1
        code = self.rng.choice(self.where.postcodes)
        label = label or f"Home address, {code.name}"
        return Place(f"demo:home/{self.made}", label, "address", code.latitude, code.longitude)

    def family(self) -> Place:
        return self._home()

    def placement(self) -> Place:
        return self.rng.choice(self.placements)


def _child(
    rng: random.Random, names: Names, where: Geography, year: Year, number: int, homes: _Homes, safe: int
) -> Child:
    surname = names.surname()
    placed = rng.random() < 0.3
    # Most are 13 to 16 as the year begins, so that none is under ten and few are over eighteen at its end.
    age = rng.choices((10, 11, 12, 13, 14, 15, 16), (2, 4, 9, 17, 26, 27, 15))[0]
    child = Child(
        number,
        f"demo:child/{number + 1:04d}",
        names.full(surname),
        year.first - dt.timedelta(days=age * 365 + rng.randrange(365) + 3),
        rng.choices(("girl", "boy", "non-binary"), (52, 46, 2))[0],
        homes.placement() if placed else homes.family(),
        placed,
        rng.choice(where.schools),
        rng.random() < _IN_TEAM,
        safe_adult=rng.randrange(safe),
    )
    for at in range(rng.choice((0, 1, 1, 2)) if not placed else rng.choice((0, 0, 1))):
        relation = _RELATIONS[4] if placed else rng.choice(_RELATIONS[:4])
        child.family.append((f"demo:adult/family-{number + 1:04d}-{at}", names.full(surname), relation))
    return child


def _second_records(rng: random.Random, children: list[Child]) -> None:
    """Give one child in twelve a second record, in the hand of another agency."""
    for child in rng.sample(children, max(len(children) // 12, 2)):
        child.other_agency = rng.choice(("education", "health", "voluntary"))
        child.other_key = f"demo:{child.other_agency}/child-{child.number + 1:04d}"
        child.other_name = misspelt(child.name, rng)


def _vehicle(names: Names, number: int) -> Thing:
    colour, make = names.car()
    plate = names.plate()
    told = {"registration": plate, "colour": colour, "model": make}
    return Thing(f"demo:vehicle/{number + 1}", "vehicle", f"{colour} {make} {plate}".capitalize(), told)


def _account(rng: random.Random, names: Names, number: int) -> Thing:
    if rng.random() < 0.7:
        phone = names.phone()
        return Thing(f"demo:account/{number + 1}", "account", phone, {"phone": phone})
    handle = f"invented_{number + 1:04d}"
    if rng.random() < 0.7:
        return Thing(f"demo:account/{number + 1}", "account", f"@{handle}", {"handle": f"@{handle}"})
    email = f"{handle}@example.org"
    return Thing(f"demo:account/{number + 1}", "account", email, {"email": email})
