"""
Convergence: separate reports about different children that meet in one place, group, vehicle, account or adult. A proposal, pending.

Nothing joins a list by itself: what is found here is put before a person with its citations, and beside them what chance would give.

**What counts.** Reports are independent (one a root along `copied_from`), and each must be about another child (`meeting_windows`). They are worries
that professionals wrote down: referrals, conversations, submissions, sightings. A police missing report that tells only where a child was last seen
or found is none: there are ten times as many of them as of all others, and busy places are told by hotspots. What meets only when they are
counted is kept, last, and says so.

**Chance.** `meeting_chance` has the null and the p-value, which is corrected for the windows that could have been chosen; worries and missing reports
each have their own. Reports bound pairs from above, so the test errs on the quiet side. The q-value controls false discovery over every thing that
could have met, whether or not anything names it (Benjamini and Hochberg 1995).

**Order.** By `STANDINGS`, which are facts and no score, then as each says. Nothing that meets is left out for where it stands.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

import numpy as np

from queries.analysis.circles import circles
from queries.analysis.gazetteer import Located, OnePlace, probably_one_place
from queries.analysis.meeting_chance import ScanChance
from queries.analysis.meeting_windows import UNUSUAL, Window, known_to_one, windows
from queries.analysis.naming import name_of
from queries.analysis.notices import Notices, first_reported, noticed
from queries.analysis.place_names import NameReader
from queries.analysis.touches import GROWN, KINDS, touching
from queries.errors import ParameterError
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, Ints, VisibleGraph
from queries.vocabulary import HUB_SUBKINDS

Standing: TypeAlias = Literal["beyond_chance", "these_weeks_only", "too_short", "seldom", "missing_reports"]
#: In which order findings stand, and then: the least likely by chance first; or those of which any one agency could see least, and the newest.
STANDINGS: Final[tuple[Standing, ...]] = ("beyond_chance", "these_weeks_only", "too_short", "seldom", "missing_reports")
#: What is new; the others are at things that are named at other times too, or are busy with missing reports.
NEW: Final = frozenset[Standing]({"beyond_chance", "these_weeks_only", "too_short"})
#: q-value up to which a finding is told as more than chance would give: of those told so, one in twenty may be chance.
BELIEVED: Final = 0.05
WEEK_MS: Final = 7 * 24 * 60 * 60 * 1000
LONGEST_WEEKS: Final = 104
LEAST_WINDOWS_KNOWN: Final = 2  # a history of fewer windows says nothing of what is usual


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

    `expected`, `p_value` and `q_value` are None where the data are too short to tell. `named_elsewhen` counts the independent reports that
    name it outside the window, `known_weeks` the length of the history. `observed` and `separate` are as of `meeting_windows`. `known_to_one` is how
    many of the children, at most, one agency could have seen here by its own reports; `circles` in how many circles they fall by what other
    reports say of them; `missing_reports` how many police missing reports name it in these weeks, cited or not.
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
    separate: int
    known_to_one: int
    circles: int
    missing_reports: int
    standing: Standing

    @property
    def is_new(self) -> bool:
        """Whether it stands among what is new."""
        return self.standing in NEW

    @property
    def evidence(self) -> tuple[str, ...]:
        """The claims behind it, sorted."""
        return tuple(sorted({claim for citation in self.citations for claim in citation.claims}))


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
    Find where separate reports meet, in order of `STANDINGS`. One finding a thing.

    A thing is listed when in some window at least `least_reports` reports, each about another child, name it, and that is more than its own
    usual level (`Window.is_unusual`). Where the data are too short to tell, everything but a school, a station or another hub is listed. Missing
    reports count only for things that are not listed without them.

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
    touches = touching(graph, frozenset(kinds))
    first_of, places = _one_places(graph, reader)
    worries, everything = (noticed(graph, some, first_of) for some in (touches.chosen(touches.worry), touches))
    asked = _Asked(
        graph, window_weeks * WEEK_MS, (recorded_from, recorded_to), least_reports, _could_have_met(graph, first_of)
    )
    made = _Made(graph, places, everything, window_weeks)
    (of_worries, weeks), (of_all, weeks_of_all) = asked.windows(worries), asked.windows(everything)

    def is_listed(thing: int, window: Window) -> bool:
        if window.p_value is None:
            members = places[thing].members if thing in places else (thing,)
            return not any(_is_hub(graph, reader, at) for at in members)
        return window.is_unusual

    found = {
        thing: made.finding(thing, everything, window, weeks_of_all, "missing_reports")
        for thing, window in of_all.items()
        if is_listed(thing, window)
    }
    for thing, window in of_worries.items():
        standing = _standing(window)
        # What is seldom named, but for missing reports, is no news: it is told where it is more than usual there, or is seldom named with them.
        is_news = standing != "seldom" or (window.p_value or 0.0) <= UNUSUAL or thing in found
        if is_news and is_listed(thing, window):
            found[thing] = made.finding(thing, worries, window, weeks, standing)
    return sorted(found.values(), key=_order)


@dataclass(frozen=True, slots=True)
class _Asked:
    graph: VisibleGraph
    width: int
    period: tuple[int, int]
    least: int
    tried: int

    def windows(self, said: Notices) -> tuple[dict[int, Window], int]:
        """Give where reports meet, and how many weeks are known."""
        history = first_reported(self.graph, said)
        known = (self.graph.known_at - int(history[0])) // WEEK_MS if len(history) else 0
        is_told = known * WEEK_MS >= LEAST_WINDOWS_KNOWN * self.width
        chance = ScanChance(history, self.width, *self.period) if is_told else None
        met = windows(
            self.graph, said, width=self.width, period=self.period, least=self.least, chance=chance, tried=self.tried
        )
        return met, known


def _standing(window: Window) -> Standing:
    if window.q_value is None:
        return "too_short"
    if window.q_value <= BELIEVED:
        return "beyond_chance"
    return "these_weeks_only" if window.total == len(window.rows) else "seldom"


def _order(found: Convergence) -> tuple[float, ...]:
    first = STANDINGS.index(found.standing)
    eyes = found.known_to_one, -found.last, -found.observed, found.subject
    return (
        (first, *eyes)
        if found.standing in {"these_weeks_only", "too_short"}
        else (first, _or_one(found.p_value), *eyes)
    )


def _or_one(value: float | None) -> float:
    return 1.0 if value is None else value


def _one_places(graph: VisibleGraph, reader: NameReader) -> tuple[Ints, dict[int, OnePlace]]:
    """Give of every subject the first of the locations that are probably one place with it, and the places by their first."""
    locations = np.flatnonzero((graph.kinds == "location") & ~graph.homes).tolist()
    at = [i for i in locations if graph.subjects[i].label]
    subjects = [graph.subjects[i] for i in at]
    first_of = np.arange(len(graph.subjects))
    places: dict[int, OnePlace] = {}
    for place in probably_one_place([Located(s.key, s.label, s.latitude, s.longitude) for s in subjects], reader):
        members = [at[i] for i in place.members]
        places[members[0]] = OnePlace(
            tuple(members),
            tuple(replace(joining, a=at[joining.a], b=at[joining.b]) for joining in place.joinings),
        )
        first_of[members] = members[0]
    return first_of, places


def _could_have_met(graph: VisibleGraph, first_of: Ints) -> int:
    """Count the things at which reports could have met: places by group, not homes; groups, vehicles, accounts and adults."""
    met = sorted({"location", "group", "vehicle", "account", *GROWN})
    return len(np.unique(first_of[np.isin(graph.kinds.astype(str), met) & ~graph.homes]))


def _is_hub(graph: VisibleGraph, reader: NameReader, at: int) -> bool:
    """Say whether many come to a place whatever happens: a school, a police building, a hospital or a station, but not a stop."""
    subject = graph.subjects[at]
    if subject.subkind != "transport":
        return subject.subkind in HUB_SUBKINDS
    return bool(reader.read(subject.label).sorts & {"station", "bus station"})


class _Made:
    """Findings, as they are made of windows."""

    def __init__(
        self, graph: VisibleGraph, places: Mapping[int, OnePlace], everything: Notices, window_weeks: int
    ) -> None:
        self._graph, self._places, self._everything, self._weeks = graph, places, everything, window_weeks
        order = np.argsort(everything.of_touch, kind="stable")
        self._touches, self._of = everything.touches.chosen(order), everything.of_touch[order]
        roots = graph.reports.root[everything.report].tolist()
        self._at = {pair: row for row, pair in enumerate(zip(everything.thing.tolist(), roots, strict=True))}

    def finding(self, thing: int, said: Notices, window: Window, known_weeks: int, standing: Standing) -> Convergence:
        graph, place = self._graph, self._places.get(thing)
        citations = [self._citation(said, row) for row in window.rows]
        often = Counter(at for citation in citations for at in citation.things)
        children = tuple(sorted({child for citation in citations for child in citation.children}))
        return Convergence(
            thing,
            min(often, key=lambda at: (-often[at], at)),
            tuple(Also(at, _because(graph, place, at)) for at in (place.members[1:] if place else ())),
            _kind(graph, thing),
            tuple(citations),
            window.observed,
            children,
            tuple(sorted({citation.agency for citation in citations})),
            citations[0].recorded_at,
            citations[-1].recorded_at,
            self._weeks,
            window.expected,
            window.p_value,
            window.q_value,
            window.total - len(citations),
            known_weeks,
            window.separate,
            known_to_one([(citation.agency, citation.children) for citation in citations]),
            circles(graph, children, {int(graph.reports.root[citation.report]) for citation in citations}),
            self._missing_reports(thing, citations[0].recorded_at, citations[-1].recorded_at),
            standing,
        )

    def _citation(self, said: Notices, row: int) -> Citation:
        graph, report = self._graph, int(said.report[row])
        touches = self._touches.chosen(self._of_notice(self._at[int(said.thing[row]), int(graph.reports.root[report])]))
        if said is not self._everything:
            touches = touches.chosen(touches.worry)
        rows = np.unique(np.concatenate([touches.row, touches.more[touches.more >= 0]]))
        return Citation(
            report,
            int(said.when[row]),
            str(graph.reports.kind[report]),
            str(graph.reports.agency[report]),
            tuple(np.unique(touches.thing).tolist()),
            tuple(said.child[said.start[row] : said.start[row + 1]].tolist()),
            tuple(sorted(str(claim) for claim in graph.claims.claim_id[rows])),
        )

    def _of_notice(self, row: int) -> Ints:
        return np.arange(*np.searchsorted(self._of, [row, row + 1]))

    def _missing_reports(self, thing: int, first: int, last: int) -> int:
        """Count the independent reports of a thing from one moment to another, both included, that are no worries."""
        said = self._everything
        rows = np.arange(*np.searchsorted(said.thing, [thing, thing + 1]))
        rows = rows[(said.when[rows] >= first) & (said.when[rows] <= last)]
        return sum(not self._touches.worry[self._of_notice(row)].any() for row in rows.tolist())


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
