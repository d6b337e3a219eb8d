"""What a city is made of before anything is written about it: its people, its year, and what was planted in it."""

import random
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ingest.synthetic import figures
from ingest.synthetic.clock import Year
from ingest.synthetic.figures import Size, scaled
from ingest.synthetic.geography import Geography, Place, load_geography, near
from ingest.synthetic.names import Names
from ingest.synthetic.patterns import Pattern, draw_pattern
from ingest.synthetic.people import Child, People, befriend, invent_people

_GROUPS: Final = 14
_GROUP_SIZES: Final = (4, 4, 5, 5, 6, 6, 7, 8)
_OVERLAPPING: Final = 3
# Place, what happens there, the days of the year between which it does, and its share of such events then.
_HOTSPOTS: Final = (
    ("Open ground, Tipner", "found_at", 110, 225, 0.16),
    ("Shops, Fratton", "found_at", 295, figures.DAYS, 0.18),
    ("Bus stop, Paulsgrove", "last_seen", 0, 120, 0.22),
    ("Open ground, Southsea", "found_at", 0, figures.DAYS, 0.06),
)
# One place as different agencies write it; where it really is (a public place or a station), and how many reports name it.
_Spelt: TypeAlias = tuple[str, tuple[tuple[str, str], ...], float, float, int]
_CONVERGING: Final[tuple[_Spelt, ...]] = (
    (
        "Bus stop, Guildhall",
        (
            ("police", "Bus stop, Guildhall Walk"),
            ("youth", "Guildhall Wk bus stop"),
            ("education", "the stop by the Guildhall"),
        ),
        265,
        350,
        12,
    ),
    (
        "Open ground, Stamshaw",
        (("health", "Stamshaw open ground"), ("voluntary", "field at Stampshaw")),
        180,
        260,
        12,
    ),
    (
        "Fratton station",
        (
            ("police", "Bus stop opp. Fratton Bridge"),
            ("youth", "Fraton Bridge bus stop"),
            ("education", "the stop at Fratton bridge"),
        ),
        288,
        351,
        3,
    ),
)


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A place where events of one layer gather between two days of the year, with its share of them."""

    place: Place
    layer: str
    begins: float
    ends: float
    share: float


@dataclass(frozen=True, slots=True)
class Converging:
    """One real place that several agencies write in their own way: a location each, and the children whom they saw there."""

    spellings: tuple[tuple[str, Place], ...]
    children: tuple[int, ...]
    begins: float
    ends: float
    reports: int


@dataclass(frozen=True, slots=True)
class Example:
    """Two children joined by a hidden adult; what is visible joins them by an unknown adult and a third child."""

    a: int
    b: int
    between: int


@dataclass
class Plants:
    """What was planted, to be found again."""

    groups: list[list[int]] = field(default_factory=list)
    hotspots: list[Hotspot] = field(default_factory=list)
    converging: list[Converging] = field(default_factory=list)
    example: Example | None = None
    joined: list[int] = field(default_factory=list)


@dataclass
class Plan:
    """A whole city. `weights` are how often events fall on each public place; `targets` whom each adult of concern seeks out."""

    size: Size
    seed: int
    scale: float
    year: Year
    where: Geography
    pattern: Pattern
    people: People
    plants: Plants
    places: tuple[Place, ...]
    weights: list[float]
    targets: list[list[int]]

    def rng(self, *of: object) -> random.Random:
        """Give the random numbers of one part, the same whatever else was drawn."""
        return random.Random(":".join(str(part) for part in (self.seed, self.size, *of)))

    def some_place(self, rng: random.Random) -> Place:
        """Draw a public place, the busier ones more often."""
        return rng.choices(self.places, cum_weights=self.weights)[0]


def draw_plan(size: Size, seed: int, year: Year, *, planted: bool) -> Plan:
    """Draw a city. Without `planted` nothing in it is more than chance."""

    def rng(part: str) -> random.Random:
        return random.Random(f"{seed}:{size}:{part}")

    scale = figures.scale_of(size)
    where = load_geography(size, rng("places"))
    pattern = draw_pattern(rng("pattern"), scale, year, planted=planted)
    names = Names(rng("names"))
    people = invent_people(rng("people"), names, where, year, pattern, scale, planted=planted)
    plants = _plant(rng("plants"), people, pattern, where, scale) if planted else Plants()
    befriend(rng("friends"), people, plants.groups)
    places, weights = _weigh(rng("weights"), where, plants)
    targets = _targets(rng("targets"), people, plants, pattern.children)
    return Plan(size, seed, scale, year, where, pattern, people, plants, places, weights, targets)


def _plant(rng: random.Random, people: People, pattern: Pattern, where: Geography, scale: float) -> Plants:
    together = {child for members in pattern.co_missing for child in members}
    plants = Plants()
    plants.example = _example(people, pattern, together)
    for number in (plants.example.a, plants.example.b, plants.example.between):
        people.children[number].reserved, people.children[number].in_team = True, True
    free = [child.number for child in people.here_all_year() if child.number < pattern.children]
    free = [number for number in free if number not in together]
    rng.shuffle(free)
    count, sizes = scaled(_GROUPS, scale), rng.sample(_GROUP_SIZES, len(_GROUP_SIZES))
    for number in range(count):
        # Those who go missing together are friends.
        members = set(pattern.co_missing[number]) if number < len(pattern.co_missing) else set()
        while len(members) < sizes[number % len(sizes)]:
            members.add(free.pop())
        if number % 2 and number // 2 < scaled(_OVERLAPPING, scale):
            members |= set(rng.sample(plants.groups[-1], 2))
        plants.groups.append(sorted(members))
    plants.hotspots = [
        Hotspot(where.named(label), layer, begins, ends, share) for label, layer, begins, ends, share in _HOTSPOTS
    ]
    busy, few = _CONVERGING[:-1], _CONVERGING[-1]
    for number, spelt in enumerate(busy):
        plants.converging.append(_converging(rng, where, number, spelt, tuple(sorted(rng.sample(free, 7)))))
    twice = [child.number for child in people.children if child.other_key]
    plants.joined = sorted(rng.sample(twice, len(twice) // 2))
    # Three of schools of their own, whom nothing else joins.
    apart: dict[str, int] = {}
    met = {child for meeting in plants.converging for child in meeting.children}
    for child in sorted(set(free) - met):
        apart.setdefault(people.children[child].school.key, child)
    chosen = tuple(sorted(rng.sample(sorted(apart.values()), few[-1])))
    plants.converging.append(_converging(rng, where, len(busy), few, chosen))
    return plants


def _converging(
    rng: random.Random, where: Geography, number: int, spelt: _Spelt, children: tuple[int, ...]
) -> Converging:
    real, spellings, begins, ends, reports = spelt
    middle = where.named(real)
    written = tuple(
        (agency, near(f"demo:{agency}/place-{number}", label, middle.subkind, middle, rng, 35))
        for agency, label in spellings
    )
    return Converging(written, children, begins, ends, reports)


def _example(people: People, pattern: Pattern, together: set[int]) -> Example:
    """Choose three children of families, schools and homes of their own, whom nothing else joins."""
    chosen: list[Child] = []
    for child in people.children[: pattern.children]:
        alone = child.number not in together and not child.other_key and not child.placed and not child.unaccompanied
        apart = all(child.school.key != other.school.key and child.name != other.name for other in chosen)
        if alone and apart:
            chosen.append(child)
        if len(chosen) == 3:
            break
    return Example(chosen[0].number, chosen[1].number, chosen[2].number)


def _weigh(rng: random.Random, where: Geography, plants: Plants) -> tuple[tuple[Place, ...], list[float]]:
    """Give the public places and the running sums of their weights; a planted place is quiet but for what was planted there."""
    quiet = {spot.place.key for spot in plants.hotspots}
    # Where reports are to meet, little else happens.
    meeting = {where.named(real).key for real, *_ in _CONVERGING[:-1]} if plants.converging else set()
    places = (*where.public, *where.stations)
    total, sums = 0.0, []
    for place in places:
        weight = 0.3 if place.key in quiet else rng.uniform(0.4, 1.6)
        total += 0.1 if place.key in meeting else weight
        sums.append(total)
    return places, sums


def _targets(rng: random.Random, people: People, plants: Plants, missing: int) -> list[list[int]]:
    """Choose two to four children for each adult of concern, half of the time from one group."""
    free = [child.number for child in people.here_all_year() if child.number < missing]
    chosen = []
    for _ in people.concern:
        source = rng.choice(plants.groups) if plants.groups and rng.random() < 0.5 else free
        chosen.append(sorted(rng.sample(source, min(rng.randint(2, 4), len(source)))))
    return chosen
