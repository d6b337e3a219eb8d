"""What two children's absences have in common, in words, each figure with the episodes behind it."""

import datetime as dt
import zoneinfo
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from queries.analysis.co_missing import CROWD, Pair
from queries.analysis.conversations import Conversations, Told
from queries.analysis.naming import counted, listed, name_of
from queries.projection import Subject, VisibleGraph, to_instant

_PARTS: Final = ((6, "night"), (12, "morning"), (18, "afternoon"), (24, "evening"))
_HOUR_MS: Final = 3_600_000
_BOTH: Final = {"found_at": "both found at", "last_seen": "both last seen at", "missing_from": "both missing from"}
NO_PLACES: Final[Mapping[int, int]] = {}
_MOST_TOLD: Final = 3


@dataclass(frozen=True, slots=True)
class Pattern:
    """
    One thing that several absences of two children have in common: its words, how many meetings, and their episodes (incidents).

    Of what was told in conversations `count` is how many, `reports` are their uids, and `evidence` the claims.
    """

    text: str
    count: int
    episodes: tuple[int, ...]
    reports: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


def patterns_of(
    graph: VisibleGraph,
    pair: Pair,
    name: Callable[[Subject], str] = name_of,
    children_found: Mapping[int, int] = NO_PLACES,
    conversations: Conversations | None = None,
) -> list[Pattern]:
    """
    Put what a pair's absences have in common into words: how often, when in the week, where, why as the children said, who else was missing,
    how crowded, how nearly.

    Parameters
    ----------
    graph, pair
        What the viewer may see, and the pair found in it.
    name
        Gives the name that the reader may see of a subject. A home is never named.
    children_found
        How many different children were found at each place (a position): more than `CROWD` is said, since such a place says little of two.
    conversations
        The Return Home Conversations that are visible; without them no push or pull factor is told.

    Notes
    -----
    Days and hours are those of London.
    """
    return [
        *_how_often(pair),
        *_when(pair),
        *_where(graph, pair, name, children_found),
        *_why(pair, conversations),
        *_who_else(graph, pair, name),
        *_crowds(pair),
        *_nearly(graph, pair, name),
    ]


def tell_pair(
    graph: VisibleGraph,
    pair: Pair,
    name: Callable[[Subject], str] = name_of,
    children_found: Mapping[int, int] = NO_PLACES,
    conversations: Conversations | None = None,
) -> str:
    """Put a pair into a few short sentences: its patterns (see `patterns_of`), and what chance would give."""
    told = patterns_of(graph, pair, name, children_found, conversations)
    often, when = _how_often(pair), _when(pair)
    words = [", ".join(pattern.text for pattern in (*often, *when)), *(p.text for p in told[len(often) + len(when) :])]
    if pair.expected is not None:
        chance = "fewer than 0.1" if pair.expected < 0.1 else f"about {pair.expected:.1f}"
        words.append(f"by chance {chance} would be expected")
    return " ".join(f"{text[:1].upper()}{text[1:]}." for text in words)


def _how_often(pair: Pair) -> list[Pattern]:
    if not pair.observed:
        return [Pattern("never missing at the same time", 0, ())]
    return [
        Pattern(f"{counted(pair.observed, 'episode')} at the same time", pair.observed, _of(pair, range(pair.observed)))
    ]


def _when(pair: Pair) -> list[Pattern]:
    meetings: dict[str, list[int]] = defaultdict(list)
    for number, moment in enumerate(pair.since):
        meetings[_part_of_week(moment)].append(number)
    if not meetings:
        return []
    most, numbers = min(meetings.items(), key=lambda item: (-len(item[1]), item[0]))
    if pair.observed == 1:
        return [Pattern(f"on a {most}", 1, _of(pair, numbers))]
    if len(numbers) == 1:
        return []
    share = "all" if len(numbers) == pair.observed else len(numbers)
    return [Pattern(f"{share} on a {most}", len(numbers), _of(pair, numbers))]


def _where(
    graph: VisibleGraph, pair: Pair, name: Callable[[Subject], str], children_found: Mapping[int, int]
) -> list[Pattern]:
    meetings: dict[tuple[str, int], list[int]] = defaultdict(list)
    for role, place, number in pair.together:
        meetings[role, place].append(number)
    told = []
    for role, words in _BOTH.items():
        here = [(place, numbers) for (some, place), numbers in meetings.items() if some == role]
        once = sorted(place for place, numbers in here if len(numbers) == 1)
        if len(once) > 1:
            here = [(place, numbers) for place, numbers in here if len(numbers) > 1]
        for place, numbers in sorted(here, key=lambda item: (-len(item[1]), item[0])):
            text = f"{_times(len(numbers))} {words} {_place(graph, place, name)}"
            if role == "found_at" and (many := children_found.get(place, 0)) > CROWD:
                text += f" (where {many} children were found, so that it says little)"
            told.append(Pattern(text, len(numbers), _of(pair, numbers)))
        if len(once) > 1:
            numbers = sorted(meetings[role, place][0] for place in once)
            named = list(dict.fromkeys(_place(graph, place, name) for place in once))
            done, _, where = words.rpartition(" ")
            told.append(Pattern(f"{done} once {where} each of {listed(named)}", len(numbers), _of(pair, numbers)))
    return told


def told_of(pair: Pair, conversations: Conversations) -> tuple[int, list[Told]]:
    """Give how many conversations were about a pair's meetings, and what they name; see `Conversations.about`."""
    absences = [absence for both in pair.episodes for absence in zip(both, (pair.a, pair.b), strict=True)]
    return conversations.about(dict.fromkeys(absences))


def _why(pair: Pair, conversations: Conversations | None) -> list[Pattern]:
    """Say which factors the conversations name: those that the same conversations name are told together, and the rarest are left out."""
    if conversations is None:
        return []
    total, told = told_of(pair, conversations)
    together: dict[tuple[str, ...], list[Told]] = defaultdict(list)
    for one in told:
        together[one.evidence].append(one)
    return [
        Pattern(
            f"in {some[0].conversations} of {counted(total, 'conversation')}: "
            + ", ".join(f"{one.factor.label} ({one.factor.direction})" for one in some),
            some[0].conversations,
            some[0].episodes,
            some[0].reports,
            some[0].evidence,
        )
        for some in list(together.values())[:_MOST_TOLD]
    ]


def _who_else(graph: VisibleGraph, pair: Pair, name: Callable[[Subject], str]) -> list[Pattern]:
    return [
        Pattern(
            f"{_times(len(numbers))} with {name(graph.subjects[child])} missing too", len(numbers), _of(pair, numbers)
        )
        for child, numbers in pair.others
    ]


def _crowds(pair: Pair) -> list[Pattern]:
    crowded = [number for number, crowd in enumerate(pair.crowded) if crowd]
    if not crowded:
        return []
    most = max(pair.at_once[number] for number in crowded)
    text = f"{_times(len(crowded))} when up to {most} children were missing at once, which says little of two"
    return [Pattern(text, len(crowded), _of(pair, crowded))]


def _nearly(graph: VisibleGraph, pair: Pair, name: Callable[[Subject], str]) -> list[Pattern]:
    if not pair.near_misses:
        return []
    count = len(pair.near_misses)
    hours = -(-max(miss.gap_ms for miss in pair.near_misses) // _HOUR_MS)
    gap = f"within {counted(hours, 'hour')} of one another" if hours else "one straight after the other"
    told = [
        Pattern(f"{_times(count)} {gap}, not at the same time", count, _incidents(m.episodes for m in pair.near_misses))
    ]
    places = Counter(same for miss in pair.near_misses for same in miss.together)
    for (role, place), times in sorted(places.items(), key=lambda item: (-item[1], item[0])):
        episodes = _incidents(m.episodes for m in pair.near_misses if (role, place) in m.together)
        told.append(Pattern(f"{_times(times)} then {_BOTH[role]} {_place(graph, place, name)}", times, episodes))
    return told


def _place(graph: VisibleGraph, place: int, name: Callable[[Subject], str]) -> str:
    return "a home" if graph.homes[place] else name(graph.subjects[place])


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _of(pair: Pair, meetings: Iterable[int]) -> tuple[int, ...]:
    return _incidents(pair.episodes[number] for number in meetings)


def _incidents(episodes: Iterable[tuple[int, int]]) -> tuple[int, ...]:
    """Give each incident once, in the order in which they come."""
    return tuple(dict.fromkeys(incident for both in episodes for incident in both))


def _part_of_week(milliseconds: int) -> str:
    moment: dt.datetime = to_instant(milliseconds).astimezone(zoneinfo.ZoneInfo("Europe/London"))
    return f"{moment:%A} {next(part for before, part in _PARTS if moment.hour < before)}"
