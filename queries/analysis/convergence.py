"""
Convergence: separate reports about different children that meet in one place, group, vehicle, account or adult. A proposal, pending.

Nothing joins a list by itself: what is found here is put before a person with its citations, and beside them what chance would give.

**How many meet.** Reports are independent (one a root along `copied_from`), and each must be about another child: `observed` is the
greatest number of reports in a window that can be paired each with a child of its own (a maximum matching). Ten reports about one child
count one, and so does one report about ten children.

**Chance.** `meeting_chance` has the null and the p-value, which is corrected for the windows that could have been chosen. Reports bound pairs
from above, so the test errs on the quiet side. The q-value controls false discovery over every thing that could have met, whether or not
anything names it (Benjamini and Hochberg 1995).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from queries.analysis.chance import q_values
from queries.analysis.gazetteer import Located, OnePlace, probably_one_place
from queries.analysis.meeting_chance import ScanChance, paired
from queries.analysis.naming import counted, listed, name_of
from queries.analysis.place_names import NameReader
from queries.analysis.touches import GROWN, KINDS, Notice, notices
from queries.errors import ParameterError
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, Floats, VisibleGraph, to_instant
from queries.vocabulary import HUB_SUBKINDS

WEEK_MS: Final = 7 * 24 * 60 * 60 * 1000
LONGEST_WEEKS: Final = 104
LEAST_WINDOWS_KNOWN: Final = 2  # a history of fewer windows says nothing of what is usual
QUIET: Final = 1.0  # reports a window: a thing that is named more rarely has no usual level to exceed
UNUSUAL: Final = 0.05  # p-value, for a thing by itself
_LONDON: Final = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class Citation:
    """
    One independent report: its first visible copy (a position in `reports`), when that was recorded (milliseconds UTC), and what it names.

    `things` are the subjects (positions) by whose names it meets, `children` whom it is about, `claims` the ids of what it says.
    """

    report: int
    recorded_at: int
    kind: str
    agency: str
    things: tuple[int, ...]
    children: tuple[int, ...]
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Also:
    """Another location that is probably the same place, and why it is thought so."""

    subject: int
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Convergence:
    """
    Where reports meet. `subject` is the first of the place's locations by source key; `named` the one that most of the reports name.

    `expected`, `p_value` and `q_value` are None where the data are too short to tell. `named_before` counts the independent reports that
    name it outside the window, `known_weeks` the length of the history.
    """

    subject: int
    named: int
    also: tuple[Also, ...]
    kind: str
    citations: tuple[Citation, ...]
    observed: int
    children: tuple[int, ...]
    agencies: tuple[str, ...]
    first: int
    last: int
    window_weeks: int
    expected: float | None
    p_value: float | None
    q_value: float | None
    named_elsewhen: int
    known_weeks: int

    @property
    def evidence(self) -> tuple[str, ...]:
        """The claims behind it, sorted."""
        return tuple(sorted({claim for citation in self.citations for claim in citation.claims}))


@dataclass(frozen=True, slots=True, eq=False)
class _Thing:
    """One thing that could be met at: its subjects (positions, first by source key), and by root the reports that name it, oldest first."""

    members: tuple[int, ...]
    place: OnePlace | None
    said: tuple[Notice, ...]
    names: tuple[tuple[int, ...], ...]  # of each report, the subjects that it names


@dataclass(frozen=True, slots=True)
class _Window:
    rows: range  # of the thing's reports
    observed: int
    expected: float | None
    p_value: float | None
    elsewhen: float | None  # what the thing's other reports would lead one to expect in such a window


def converging(
    graph: VisibleGraph,
    *,
    reader: NameReader,
    window_weeks: int = 12,
    recorded_from: int = FAR_PAST_MS,
    recorded_to: int = FAR_FUTURE_MS,
    least_reports: int = 3,
    kinds: Collection[str] = KINDS,
) -> list[Convergence]:
    """
    Find where separate reports meet: the least likely by chance first, then most reports, then by source key. One finding a thing.

    A thing is listed when in some window at least `least_reports` reports, each about another child, name it, and that is more than its own
    usual level: it is otherwise named less than once a window, or its p-value is at most `UNUSUAL`. The q-value stands beside it and orders;
    it does not choose. Where the data are too short to tell, everything but a school, a station or another hub is listed.

    Parameters
    ----------
    graph
        What the viewer may see.
    reader
        Reads the names of places against the gazetteer.
    window_weeks
        Length of the window in weeks, 1 to 104.
    recorded_from
        Windows begin no earlier: when reports were recorded by their source, milliseconds UTC. The usual level is taken from all that is known.
    recorded_to
        They end no later than this, exclusive.
    least_reports
        At least 2.
    kinds
        Kinds of report that count, some of `KINDS`.

    Raises
    ------
    ParameterError
        If a number is out of bounds or there is no such kind.

    Notes
    -----
    `O(claims + reports log reports)` and the comparison of names.
    """
    if not 1 <= window_weeks <= LONGEST_WEEKS:
        raise ParameterError("window_weeks", f"use 1 to {LONGEST_WEEKS} weeks")
    if least_reports < 2:
        raise ParameterError("least_reports", "use 2 or more: one report meets nothing")
    if not set(kinds) <= set(KINDS):
        raise ParameterError("kinds", f"use all, or some of {', '.join(KINDS)}")
    said = notices(graph, frozenset(kinds))
    first_of, places = _one_places(graph, reader)
    things = _things(graph, said, first_of, places)
    history = np.sort(np.array([min(n.recorded_at for n in group) for group in _by_root(said).values()], np.int64))
    width = window_weeks * WEEK_MS
    known_weeks = (graph.known_at - int(history[0])) // WEEK_MS if len(history) else 0
    told = known_weeks >= LEAST_WINDOWS_KNOWN * window_weeks
    chance = ScanChance(history, width, recorded_from, recorded_to) if told else None
    met = {
        thing: window
        for thing in things
        if (window := _best_window(thing, width, (recorded_from, recorded_to), least_reports, chance))
    }
    q = _false_discovery(met, _could_have_met(graph, first_of)) if chance else {}
    found = [
        _finding(graph, thing, window, q.get(thing.members[0]), window_weeks, known_weeks)
        for thing, window in met.items()
        if _more_than_usual(graph, reader, thing, window)
    ]
    return sorted(
        found, key=lambda c: (_or_one(c.q_value), _or_one(c.p_value), -c.observed, -len(c.agencies), c.subject)
    )


def tell_meeting(graph: VisibleGraph, found: Convergence) -> str:
    """Put a finding into a sentence: how many reports, agencies and children, between which days (in London), and what they name."""
    first, last = _day(found.first), _day(found.last)
    if first == last:
        when = f"on {first}"
    else:
        same_year = first.split()[-1] == last.split()[-1]
        when = f"between {' '.join(first.split()[:-1]) if same_year else first} and {last}"
    others = {name_of(graph.subjects[at]) for citation in found.citations for at in citation.things}
    others -= {name_of(graph.subjects[found.named])}
    written = f" (also written {listed(sorted(others))})" if others else ""
    return (
        f"{counted(len(found.citations), 'report')} by {counted(len(found.agencies), 'agency')} about"
        f" {counted(len(found.children), 'child')} {when} name {name_of(graph.subjects[found.named])}{written}."
    )


def tell_chance(found: Convergence) -> str:
    """Put beside a finding what chance would give, in words."""
    if found.expected is None:
        return f"The {counted(found.known_weeks, 'week')} known are too short to tell what is usual here."
    total = len(found.citations) + found.named_elsewhen
    return (
        f"{counted(found.observed, 'report')} can be paired each with another child. {found.expected:.1f} would be expected here in these"
        f" weeks, had the {counted(total, 'report')} that name it in the {counted(found.known_weeks, 'week')} known come when the city's"
        " reports come."
    )


def _day(milliseconds: int) -> str:
    moment = to_instant(milliseconds).astimezone(_LONDON)
    return f"{moment.day} {moment:%B %Y}"


def _or_one(value: float | None) -> float:
    return 1.0 if value is None else value


def _one_places(graph: VisibleGraph, reader: NameReader) -> tuple[dict[int, int], dict[int, OnePlace]]:
    """Give the first of the locations that are probably one place with each, and the places by their first."""
    at = [i for i, s in enumerate(graph.subjects) if s.kind == "location" and s.label and not graph.homes[i]]
    subjects = [graph.subjects[i] for i in at]
    first_of: dict[int, int] = {}
    places: dict[int, OnePlace] = {}
    for place in probably_one_place([Located(s.key, s.label, s.latitude, s.longitude) for s in subjects], reader):
        members = [at[i] for i in place.members]
        places[members[0]] = OnePlace(
            tuple(members),
            tuple(replace(joining, a=at[joining.a], b=at[joining.b]) for joining in place.joinings),
        )
        first_of.update(dict.fromkeys(members, members[0]))
    return first_of, places


def _by_root(said: Mapping[int, Mapping[int, Notice]]) -> dict[int, list[Notice]]:
    found: dict[int, list[Notice]] = defaultdict(list)
    for by_root in said.values():
        for root, notice in by_root.items():
            found[root].append(notice)
    return found


def _things(
    graph: VisibleGraph,
    said: Mapping[int, Mapping[int, Notice]],
    first_of: Mapping[int, int],
    places: Mapping[int, OnePlace],
) -> list[_Thing]:
    """Put together what is said of the locations that are probably one place, by source key of the first."""
    together: dict[int, list[int]] = defaultdict(list)
    for at in sorted(said):
        together[first_of.get(at, at)].append(at)
    found = []
    for first, members in sorted(together.items()):
        merged: dict[int, Notice] = {}
        names: dict[int, list[int]] = defaultdict(list)
        for at in members:
            for root, notice in said[at].items():
                names[root].append(at)
                merged[root] = _together(graph, merged[root], notice) if root in merged else notice
        roots = sorted(merged, key=lambda root: (merged[root].recorded_at, str(graph.reports.key[merged[root].report])))
        place = places.get(first)
        found.append(
            _Thing(
                place.members if place else (first,),
                place,
                tuple(merged[root] for root in roots),
                tuple(tuple(names[root]) for root in roots),
            )
        )
    return found


def _together(graph: VisibleGraph, one: Notice, other: Notice) -> Notice:
    """Make one notice of what one report says of two names of a place."""
    first = min(one, other, key=lambda n: (n.recorded_at, str(graph.reports.key[n.report])))
    return Notice(first.recorded_at, first.report, one.children | other.children, one.rows | other.rows)


def _best_window(
    thing: _Thing, width: int, period: tuple[int, int], least: int, chance: ScanChance | None
) -> _Window | None:
    """Give the window in which most reports meet (then the one when fewest come, then the latest); None where too few do."""
    times = np.array([notice.recorded_at for notice in thing.said], np.int64)
    first_then = np.diff(times, prepend=FAR_PAST_MS) > 0  # of several recorded at one moment, a window begins with all
    starts = np.flatnonzero(first_then & (times >= period[0]) & (times < period[1]))
    ends = np.searchsorted(times, np.minimum(times[starts] + width, period[1]))
    bounded = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if end - start >= least:
            children = set().union(*(notice.children for notice in thing.said[start:end]))
            if len(children) >= least:
                bounded.append((min(end - start, len(children)), start, end))
    best: tuple[int, float, int, int] | None = None
    for most, start, end in sorted(bounded, key=lambda window: (-window[0], -window[1])):
        if best and most < best[0]:
            break
        observed = paired([notice.children for notice in thing.said[start:end]])
        if observed < least:
            continue
        share = chance.share(int(times[start]), min(int(times[start]) + width, period[1])) if chance else 0.0
        if best is None or (observed, -share, start) > (best[0], -best[1], best[2]):
            best = observed, share, start, end
    if best is None:
        return None
    observed, share, start, end = best
    if chance is None:
        return _Window(range(start, end), observed, None, None, None)
    elsewhen = (len(times) - (end - start)) * chance.usual / (1 - chance.usual)
    return _Window(range(start, end), observed, len(times) * share, chance.p_value(len(times), observed), elsewhen)


def _could_have_met(graph: VisibleGraph, first_of: Mapping[int, int]) -> int:
    """Count the things at which reports could have met: places by group, not homes; groups, vehicles, accounts and adults."""
    met = {"location", "group", "vehicle", "account", *GROWN}
    return len(
        {
            first_of.get(at, at)
            for at, subject in enumerate(graph.subjects)
            if subject.kind in met and not graph.homes[at]
        }
    )


def _false_discovery(met: Mapping[_Thing, _Window], tried: int) -> dict[int, float]:
    """Give the q-value of each thing at which enough reports meet; those that could have met and did not have a p-value of 1."""
    p: Floats = np.array([_or_one(window.p_value) for window in met.values()])
    q = q_values(p, tried).tolist() if len(p) else []
    return {thing.members[0]: value for thing, value in zip(met, q, strict=True)}


def _more_than_usual(graph: VisibleGraph, reader: NameReader, thing: _Thing, window: _Window) -> bool:
    if window.elsewhen is None:
        return not any(_is_hub(graph, reader, at) for at in thing.members)
    return window.elsewhen < QUIET or _or_one(window.p_value) <= UNUSUAL


def _is_hub(graph: VisibleGraph, reader: NameReader, at: int) -> bool:
    """Say whether many come to a place whatever happens: a school, a police building, a hospital or a station, but not a stop."""
    subject = graph.subjects[at]
    if subject.subkind != "transport":
        return subject.subkind in HUB_SUBKINDS
    return bool(reader.read(subject.label).sorts & {"station", "bus station"})


def _finding(
    graph: VisibleGraph, thing: _Thing, window: _Window, q: float | None, window_weeks: int, known_weeks: int
) -> Convergence:
    citations = tuple(
        Citation(
            notice.report,
            notice.recorded_at,
            str(graph.reports.kind[notice.report]),
            str(graph.reports.agency[notice.report]),
            thing.names[at],
            tuple(sorted(notice.children)),
            tuple(sorted({str(graph.claims.claim_id[row]) for row in notice.rows})),
        )
        for at, notice in ((at, thing.said[at]) for at in window.rows)
    )
    often = Counter(at for citation in citations for at in citation.things)
    named = min(often, key=lambda at: (-often[at], at))
    subject = thing.members[0]
    return Convergence(
        subject,
        named,
        tuple(Also(at, _because(graph, thing.place, at)) for at in thing.members[1:]),
        _kind(graph, subject),
        citations,
        window.observed,
        tuple(sorted({child for citation in citations for child in citation.children})),
        tuple(sorted({citation.agency for citation in citations})),
        citations[0].recorded_at,
        citations[-1].recorded_at,
        window_weeks,
        window.expected,
        window.p_value,
        q,
        len(thing.said) - len(citations),
        known_weeks,
    )


def _because(graph: VisibleGraph, place: OnePlace | None, at: int) -> tuple[str, ...]:
    """Give why a location is thought to be the same place as the rest: its likest joining, and the name that it is joined to."""
    for joining in place.joinings if place else ():
        if at in {joining.a, joining.b}:
            other = joining.b if joining.a == at else joining.a
            return (f"as {name_of(graph.subjects[other])}", *joining.because)
    return ()


def _kind(graph: VisibleGraph, at: int) -> str:
    """Name what reports meet in: place, online space, group, vehicle, account, adult or person of unknown age."""
    subject = graph.subjects[at]
    if subject.kind == "location":
        return "online space" if subject.subkind == "online" else "place"
    return "person of unknown age" if subject.kind == "person" else subject.kind
