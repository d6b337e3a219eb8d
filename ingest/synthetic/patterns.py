"""
When children go missing: how often each, in bursts, at likely hours, some of them together.

Calibrated to `ingest.synthetic.figures`. The quarters are met exactly: children who are missing once are placed last, where there is room.
"""

import math
import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from ingest.synthetic import figures
from ingest.synthetic.clock import Year

_LEAST_GAP: Final = 0.6  # days between two starts of one child
_LAST_START: Final = figures.DAYS - 0.12
_TRIES: Final = 400
_DRAWS: Final = 40
_MOST_BUT_HEAVY: Final = 12
_TOGETHER: Final = 8  # times, at the least: fewer could not be told from chance among so many children


@dataclass(slots=True)
class Spell:
    """One child missing once, in days of the year; `end` is None while open. `together` numbers an occasion that several share."""

    child: int
    start: float
    end: float | None = None
    together: int | None = None


@dataclass(frozen=True)
class Pattern:
    """Every spell, in order of its start; how many children; and the sets of children who go missing together."""

    spells: list[Spell]
    children: int
    co_missing: list[list[int]]

    def often_by_quarter(self) -> list[int]:
        """Count the children missing three times or more in each quarter."""
        times = Counter((int(spell.start // figures.QUARTER_DAYS), spell.child) for spell in self.spells)
        often = Counter(quarter for (quarter, _), count in times.items() if count >= 3)
        return [often[quarter] for quarter in range(len(figures.QUARTERS))]

    def first_starts(self) -> dict[int, float]:
        """Give when each child was missing for the first time."""
        first: dict[int, float] = {}
        for spell in self.spells:
            first.setdefault(spell.child, spell.start)
        return first


@dataclass
class _Unit:
    """Children who are placed in the year as one: a child alone, or a set that goes missing together."""

    members: list[int]
    shared: int
    own: list[int]
    heavy: bool = False

    @property
    def size(self) -> int:
        return self.shared * len(self.members) + sum(self.own)


@dataclass
class _Placing:
    """What of each quarter is taken."""

    year: Year
    rng: random.Random
    caps: list[int]
    taken: list[int] = field(default_factory=lambda: [0] * len(figures.QUARTERS))
    spells: list[Spell] = field(default_factory=list)
    occasions: int = 0

    def room(self) -> list[int]:
        return [max(cap - taken, 0) for cap, taken in zip(self.caps, self.taken, strict=True)]


def draw_pattern(rng: random.Random, scale: float, year: Year, *, planted: bool) -> Pattern:
    """
    Draw the year of a city this many times Portsmouth. Without `planted`, nobody goes missing together but by chance.

    A year is drawn again while too few or too many children are missing three times or more in a quarter.
    """
    least, most = (bound * scale for bound in figures.OFTEN)
    for _ in range(_DRAWS):
        pattern = _draw(rng, scale, year, planted=planted)
        if all(least <= often <= most for often in pattern.often_by_quarter()):
            break
    return pattern


def _draw(rng: random.Random, scale: float, year: Year, *, planted: bool) -> Pattern:
    targets = _targets(scale)
    total = sum(targets)
    children = round(total * (1 - figures.SHARE_REPEATS))
    counts = _counts(rng, total, children)
    numbers = list(range(children))
    rng.shuffle(numbers)
    units, once, together = _units(rng, dict(zip(numbers, counts, strict=True)), scale if planted else 0)
    spare = [math.floor(len(once) * target / total * 0.4) for target in targets]
    placing = _Placing(year, rng, [target - less for target, less in zip(targets, spare, strict=True)])
    for unit in units:
        _place(placing, unit)
    _fill(placing, once, targets)
    _open_some(placing, scale)
    _end_all(placing)
    placing.spells.sort(key=lambda spell: (spell.start, spell.child))
    return Pattern(placing.spells, children, together)


def _targets(scale: float) -> list[int]:
    if scale == 1:
        return list(figures.QUARTERS)
    targets = [round(count * scale) for count in figures.QUARTERS]
    targets[-1] += round(sum(figures.QUARTERS) * scale) - sum(targets)
    return targets


def _counts(rng: random.Random, total: int, children: int) -> list[int]:
    """Draw how often each child is missing: a few very often, nearly half once."""
    heavy = round(children * figures.SHARE_HEAVY_CHILDREN)
    once, twice = round(children * figures.SHARE_ONCE), round(children * figures.SHARE_TWICE)
    often = children - heavy - once - twice
    heavy_total = round(total * figures.SHARE_HEAVY_EPISODES)
    most = [round(rng.gauss(heavy_total / heavy, 4)) for _ in range(heavy)]
    _adjust(rng, most, heavy_total, _MOST_BUT_HEAVY + 1, 60)
    some = [3 + min(int(rng.expovariate(0.42)), 9) for _ in range(often)]
    _adjust(rng, some, total - heavy_total - once - 2 * twice, 3, _MOST_BUT_HEAVY)
    return [*most, *some, *[2] * twice, *[1] * once]


def _adjust(rng: random.Random, counts: list[int], total: int, least: int, most: int) -> None:
    """Change counts by one, here and there, until they come to a total and keep to the bounds."""
    counts[:] = [min(max(count, least), most) for count in counts]
    while (over := sum(counts) - total) != 0:
        at = rng.randrange(len(counts))
        counts[at] = min(max(counts[at] - (1 if over > 0 else -1), least), most)


def _units(rng: random.Random, counts: dict[int, int], scale: float) -> tuple[list[_Unit], list[int], list[list[int]]]:
    """Give the units to place, largest first; the children who are missing once; and the sets that go together."""
    together: list[list[int]] = []
    free = sorted(child for child, count in counts.items() if _TOGETHER <= count <= _MOST_BUT_HEAVY)
    rng.shuffle(free)
    for number in range(round(4 * scale)):
        size = 2 if number % 2 == 0 else 3
        if len(free) >= size:
            together.append(sorted(free.pop() for _ in range(size)))
    units = []
    for members in together:
        shared = min(counts[child] for child in members)
        units.append(_Unit(members, shared, [counts[child] - shared for child in members]))
    taken = {child for members in together for child in members}
    alone = sorted((child for child in counts if child not in taken), key=lambda child: (-counts[child], child))
    units += [
        _Unit([child], counts[child], [0], counts[child] > _MOST_BUT_HEAVY) for child in alone if counts[child] > 1
    ]
    return units, [child for child in alone if counts[child] == 1], together


def _shape(rng: random.Random, count: int, *, heavy: bool) -> list[float]:
    """Draw a burst: days since the first time. First repeats come soon, half of them within a fortnight."""
    times = [0.0]
    if heavy:
        gaps = [rng.gammavariate(1.3, 1) for _ in range(count - 1)]
        span = rng.uniform(150, 340)
        for gap in gaps:
            times.append(times[-1] + gap * span / sum(gaps))
        return times
    for number in range(count - 1):
        times.append(times[-1] + rng.lognormvariate(math.log(15 if number == 0 else 14), 1.0))
    return times


def _place(placing: _Placing, unit: _Unit) -> None:
    """Put a unit into the year, where the quarters have room."""
    rng = placing.rng
    for attempt in range(_TRIES):
        shape = _shape(rng, unit.shared, heavy=unit.heavy)
        if attempt > _TRIES // 2:
            # Nothing fitted as drawn: the same burst, shorter.
            shape = [day * 0.3 for day in shape]
        spells = _dated(placing, unit, shape)
        if not spells:
            continue
        added = [0] * len(placing.caps)
        for spell in spells:
            added[int(spell.start // figures.QUARTER_DAYS)] += 1
        if all(more <= room for more, room in zip(added, placing.room(), strict=True)) or attempt == _TRIES - 1:
            placing.taken = [was + more for was, more in zip(placing.taken, added, strict=True)]
            placing.spells += spells
            placing.occasions += unit.shared if len(unit.members) > 1 else 0
            return
    # A unit that fits nowhere is rare, small and not worth a wrong quarter: its times are drawn one by one.
    for child in unit.members:
        for _ in range(unit.size // len(unit.members)):
            quarter = rng.choices(range(len(placing.caps)), [room + 0.01 for room in placing.room()])[0]
            placing.taken[quarter] += 1
            placing.spells.append(Spell(child, _somewhere(placing, quarter)))


def _dated(placing: _Placing, unit: _Unit, shape: list[float]) -> list[Spell]:
    """Give the spells of a unit for one drawn beginning; nothing where they do not fit the year or crowd each other."""
    rng, year = placing.rng, placing.year
    latest = figures.DAYS - 1 - shape[-1]
    if latest <= 0:
        return []
    likely = [room + 0.01 for room in placing.room()]
    if unit.shared > 2 and any(room > 2 * unit.size for room in placing.room()):
        likely = [often if room > unit.size else 0.01 for often, room in zip(figures.OFTEN_BEGIN, likely, strict=True)]
    quarter = rng.choices(range(len(likely)), likely)[0]
    begin = (quarter + rng.random()) * figures.QUARTER_DAYS
    if unit.heavy or begin > latest:
        begin = rng.uniform(0, latest)
    times = [year.at_likely_hour(begin + day, rng) for day in shape]
    spells = []
    for child, own in zip(unit.members, unit.own, strict=True):
        late = [rng.uniform(0, 0.025) if len(unit.members) > 1 else 0.0 for _ in times]
        mine = [
            Spell(child, time + more, together=placing.occasions + at if len(unit.members) > 1 else None)
            for at, (time, more) in enumerate(zip(times, late, strict=True))
        ]
        low, high = max(begin - 14, 0), min(begin + shape[-1] + 20, figures.DAYS - 1)
        mine += [Spell(child, year.at_likely_hour(rng.uniform(low, high), rng)) for _ in range(own)]
        mine.sort(key=lambda spell: spell.start)
        starts = [spell.start for spell in mine]
        crowded = any(later - earlier < _LEAST_GAP for earlier, later in pairwise(starts))
        if crowded or starts[-1] > _LAST_START:
            return []
        spells += mine
    return spells


def _somewhere(placing: _Placing, quarter: int) -> float:
    """Draw a time in a quarter at a likely hour."""
    low = quarter * figures.QUARTER_DAYS
    while True:
        time = placing.year.at_likely_hour(low + placing.rng.random() * figures.QUARTER_DAYS, placing.rng)
        if low <= time < low + figures.QUARTER_DAYS and time <= _LAST_START:
            return time


def _fill(placing: _Placing, once: list[int], targets: list[int]) -> None:
    """Put the children who are missing once where the quarters have room."""
    places = [quarter for quarter, room in enumerate(targets) for _ in range(room - placing.taken[quarter])]
    placing.rng.shuffle(places)
    for child, quarter in zip(once, places, strict=False):
        placing.spells.append(Spell(child, _somewhere(placing, quarter)))


def _open_some(placing: _Placing, scale: float) -> None:
    """Move the last time of a few children of the last quarter to the last two days, and leave it open."""
    last: dict[int, Spell] = {}
    for spell in placing.spells:
        if spell.child not in last or spell.start > last[spell.child].start:
            last[spell.child] = spell
    begun = figures.DAYS - figures.QUARTER_DAYS
    movable = sorted(
        (spell for spell in last.values() if begun <= spell.start < figures.DAYS - 3 and spell.together is None),
        key=lambda spell: spell.child,
    )
    for spell in placing.rng.sample(movable, min(round(figures.OPEN_NOW * scale), len(movable))):
        # Evenings of the last day and of the one before.
        spell.start = figures.DAYS - placing.rng.choice((0, 0, 1)) - placing.rng.randrange(30, 96) / 288
        spell.end = math.inf


def _end_all(placing: _Placing) -> None:
    """Give every spell its end: before the child's next, and before the year is out unless it stays open."""
    rng = placing.rng
    following: dict[int, float] = {}
    shared: dict[int, float] = {}
    for spell in sorted(placing.spells, key=lambda spell: (-spell.start, spell.child)):
        limit = min(following.get(spell.child, math.inf) - 0.15, figures.DAYS - 0.02)
        following[spell.child] = spell.start
        if spell.end == math.inf:
            spell.end = None
            continue
        hours = rng.lognormvariate(math.log(figures.MEDIAN_HOURS), figures.SPREAD_HOURS)
        if spell.together is not None:
            # Several who went together are found at about the same time.
            hours = shared.setdefault(spell.together, max(hours, 3.0)) + rng.uniform(-0.2, 0.2)
        spell.end = max(min(spell.start + max(hours, 0.7) / 24, limit - rng.uniform(0, 0.03)), spell.start + 0.03)
