"""
Explained routes between two subjects.

A route is a sequence of different subjects, each joined to the next by at least one claim; claims side by side are one hop. Routes come
shortest first, then by weakest grade (information, then source; ungraded is weakest but for *suspected false*), then the one with the latest
happening, then by source key. A route is as weak as the weakest claim on it.

A reader may choose which claims to use (`ClaimFilter`); then each hop rests on those alone, and what the choice costs is told.

Left out unless asked for: claims graded as suspected false (E; 5 in the legacy scheme), hubs as a middle (a school, a station, what a person
here has decided to be one, or whatever more than 200 others are joined to by claims that everyone may see), and hops that no report states
(`inferred`). What is denied is never walked; a denial of a hop that is shown is told beside it.

Source: Portsmouth MET Integrated Pathway 18.3; 3x5x2 grading.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np

from queries.analysis.claim_filter import EVERY_CLAIM, ClaimFilter
from queries.analysis.meetings import Meetings
from queries.analysis.naming import counted, listed, name_of, role_words
from queries.analysis.routes import Reach, Routes, moments
from queries.errors import ParameterError
from queries.projection import FAR_PAST_MS, Ints, Subject, VisibleGraph
from queries.vocabulary import CLAIM_TYPES, SUSPECTED_FALSE, TYPE_CODES, TYPE_NAMES

MOST_HOPS: Final = 6
INFERRED: Final = "SAME_PLACE_SAME_HOURS"


@dataclass(frozen=True, slots=True)
class Hop:
    """
    One step of a route, from `a` to `b` (positions) along the route.

    `types` has the types of its claims, most claims first; `claims` are claim ids; `denials` those of claims that deny it. When `inferred`,
    no report states the hop: `claims` then place the two at one of `places` within two hours.
    """

    a: int
    b: int
    types: tuple[str, ...]
    claims: tuple[str, ...]
    rows: tuple[int, ...]
    weakest_grade: str
    inferred: bool = False
    denials: tuple[str, ...] = ()
    places: tuple[int, ...] = ()

    @property
    def type(self) -> str:
        """The type that most of its claims have."""
        return self.types[0]


@dataclass(frozen=True, slots=True)
class Path:
    """A route. `latest` is the latest known start of anything claimed on it, in milliseconds UTC, or None where no claim has one."""

    hops: tuple[Hop, ...]
    weakest_grade: str
    latest: int | None

    @property
    def subjects(self) -> tuple[int, ...]:
        """The positions of its subjects, from end to end."""
        return (self.hops[0].a, *(hop.b for hop in self.hops))

    @property
    def evidence(self) -> tuple[str, ...]:
        """Every claim id on it."""
        return tuple(claim for hop in self.hops for claim in hop.claims)


@dataclass(frozen=True, slots=True)
class LinksFound:
    """
    The routes found, and what was left out or searched.

    Attributes
    ----------
    left_out_suspected_false
        The visible claims graded as suspected false without which there would be other routes (empty when they were asked for).
    left_out_by_choice
        By each filter of the reader's own, the claims that it leaves out of the routes that there would be without any.
    routes_without_choice
        How many routes there would be without the reader's filters, up to the limit, and the hops of the shortest (0 where none); None
        where nothing was left out by them.
    reached
        How far was searched from `a` and from `b`.
    hubs_met
        Positions of hubs that were reached and not gone through.
    """

    paths: tuple[Path, ...]
    left_out_suspected_false: tuple[str, ...] = ()
    left_out_by_choice: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    routes_without_choice: tuple[int, int] | None = None
    reached: tuple[Reach, Reach] = (Reach(0, 0), Reach(0, 0))
    hubs_met: tuple[int, ...] = ()


def links_between(
    graph: VisibleGraph,
    a: int,
    b: int,
    *,
    max_hops: int = 4,
    limit: int = 5,
    through_hubs: bool = False,
    inferred: bool = False,
    include_suspected_false: bool = False,
    chosen: ClaimFilter = EVERY_CLAIM,
) -> LinksFound:
    """
    Find how `a` and `b` (positions in `graph.subjects`) are connected.

    Parameters
    ----------
    graph
        What the viewer may see.
    a
        The end from which routes are told.
    b
        The other end.
    max_hops
        Longest route, 1 to 6.
    limit
        Most routes to give, at least 1. All routes of a length are weighed before any is cut.
    through_hubs, inferred, include_suspected_false
        Bring in what is otherwise left out (see the module).
    chosen
        Which claims a hop may rest on. It changes neither who is a hub nor what is a crowd.

    Returns
    -------
    found
        No routes when the two are the same subject or no route is short enough.

    Raises
    ------
    ParameterError
        If `max_hops` or `limit` is out of range.

    Notes
    -----
    Grows sets of subjects from both ends, keeps the layers of subjects that lie on a walk of the length asked, and takes routes
    from them best first, so that only the routes given are ever written out. `O(claims of the subjects met)` a length.
    """
    if not 1 <= max_hops <= MOST_HOPS:
        raise ParameterError("max_hops", f"give a whole number from 1 to {MOST_HOPS}")
    if limit < 1:
        raise ParameterError("limit", "give a whole number of at least 1")
    if a == b:
        return LinksFound(())
    met = _meetings(graph, include_suspected_false, chosen) if inferred else None
    search = Routes(
        graph,
        a,
        b,
        through_hubs=through_hubs,
        meetings=met,
        with_suspected_false=include_suspected_false,
        chosen=chosen,
    )
    routes = search.best(max_hops=max_hops, limit=limit)
    left_out: tuple[str, ...] = ()
    if search.met_suspected_false:
        left_out = _suspected_false(graph, a, b, max_hops, limit, through_hubs, chosen)
    by_choice: dict[str, tuple[str, ...]] = {}
    without = None
    if search.met_filtered:
        by_choice, without = _without_choice(
            graph, a, b, max_hops, limit, through_hubs, include_suspected_false, chosen
        )
    return LinksFound(
        tuple(_path(graph, route, met, include_suspected_false, chosen) for route in routes),
        left_out,
        by_choice,
        without,
        search.reached,
        tuple(sorted(search.hubs_met)),
    )


def _meetings(graph: VisibleGraph, with_suspected_false: bool, chosen: ClaimFilter) -> Meetings:
    usable = (lambda rows: chosen.passes(graph.claims, rows)) if chosen.leaves_out else None
    return Meetings(graph, with_suspected_false=with_suspected_false, usable=usable)


def tell_route(graph: VisibleGraph, path: Path, name: Callable[[Subject], str] = name_of) -> str:
    """
    Put a route into a sentence: a clause for each type of claim on each hop, in the claim's own direction, with its role, reports and grade.

    `name` gives the name that the reader may see of a subject.
    """
    return "; ".join(clause for hop in path.hops for clause in _clauses(graph, hop, name)) + "."


def _clauses(graph: VisibleGraph, hop: Hop, name: Callable[[Subject], str]) -> list[str]:
    names = {at: name(graph.subjects[at]) for at in (hop.a, hop.b, *hop.places)}
    if hop.inferred:
        places = listed([names[place] for place in hop.places])
        reports = counted(len(graph.roots(hop.rows)), "report")
        both = f"{names[hop.a]} and {names[hop.b]} were at {places} within two hours of each other"
        return [f"{both} (inferred, no report says they met; {reports}, {hop.weakest_grade})"]
    claims, clauses = graph.claims, []
    for kind in hop.types:
        rows = [row for row in hop.rows if TYPE_NAMES[claims.type[row]] == kind]
        for start, end in ((hop.a, hop.b), (hop.b, hop.a)):
            if told := [row for row in rows if claims.a[row] == start]:
                roles = role_words(str(claims.role[row]) for row in told)
                reports = counted(len(graph.roots(told)), "report")
                about = "; ".join(part for part in (roles, f"{reports}, {_weakest(graph, told)}") if part)
                clauses.append(f"{names[start]} {CLAIM_TYPES[kind].label} {names[end]} ({about})")
    if hop.denials:
        clauses[-1] += f", which {counted(len(hop.denials), 'claim')} {'denies' if len(hop.denials) == 1 else 'deny'}"
    return clauses


def _path(
    graph: VisibleGraph, route: tuple[int, ...], met: Meetings | None, with_suspected_false: bool, chosen: ClaimFilter
) -> Path:
    hops = tuple(_hop(graph, a, b, met, with_suspected_false, chosen) for a, b in pairwise(route))
    rows = [row for hop in hops for row in hop.rows]
    known = [moment for moment in moments(graph, np.array(rows, np.int64)).tolist() if moment > FAR_PAST_MS]
    return Path(hops, _weakest(graph, rows), max(known, default=None))


def _hop(
    graph: VisibleGraph, a: int, b: int, met: Meetings | None, with_suspected_false: bool, chosen: ClaimFilter
) -> Hop:
    between = np.array(rows_between(graph, a, b), np.int64)
    rows = between[chosen.passes(graph.claims, between)].tolist()
    if not with_suspected_false:
        rows = [row for row in rows if graph.claims.information_rank[row] != SUSPECTED_FALSE]
    if not rows and met is not None:
        places, placing = met.between(a, b)
        ids, weakest = _ids(graph, placing), _weakest(graph, placing)
        return Hop(a, b, (INFERRED,), ids, placing, weakest, inferred=True, places=places)
    names = [TYPE_NAMES[code] for code in graph.claims.type[rows]]
    types = tuple(sorted(set(names), key=lambda kind: (-names.count(kind), kind)))
    return Hop(a, b, types, _ids(graph, rows), tuple(rows), _weakest(graph, rows), denials=_denials(graph, a, b))


def rows_between(graph: VisibleGraph, a: int, b: int) -> list[int]:
    """Give the rows of the claims between two subjects, either way, in order of claim id."""
    start, other, row = graph.neighbours
    low, high = int(start[a]), int(start[a + 1])
    first = low + int(np.searchsorted(other[low:high], b, "left"))
    last = low + int(np.searchsorted(other[low:high], b, "right"))
    return [int(found) for found in row[first:last]]


def _suspected_false(
    graph: VisibleGraph, a: int, b: int, max_hops: int, limit: int, through_hubs: bool, chosen: ClaimFilter
) -> tuple[str, ...]:
    """Give the claims graded as suspected false on the routes that there would be with them."""
    search = Routes(graph, a, b, through_hubs=through_hubs, meetings=None, with_suspected_false=True, chosen=chosen)
    rows = _rows_of(graph, search.best(max_hops=max_hops, limit=limit))
    rows = rows[chosen.passes(graph.claims, rows)]
    return _ids(graph, rows[graph.claims.information_rank[rows] == SUSPECTED_FALSE].tolist())


def _without_choice(
    graph: VisibleGraph,
    a: int,
    b: int,
    max_hops: int,
    limit: int,
    through_hubs: bool,
    with_suspected_false: bool,
    chosen: ClaimFilter,
) -> tuple[dict[str, tuple[str, ...]], tuple[int, int]]:
    """Give, by filter, the claims that it leaves out of the routes that there would be without any; and how many those are, and the shortest."""
    search = Routes(graph, a, b, through_hubs=through_hubs, meetings=None, with_suspected_false=with_suspected_false)
    routes = search.best(max_hops=max_hops, limit=limit)
    rows = _rows_of(graph, routes)
    if not with_suspected_false:
        rows = rows[graph.claims.information_rank[rows] != SUSPECTED_FALSE]
    left_out = {name: _ids(graph, out.tolist()) for name, out in chosen.left_out(graph.claims, rows).items()}
    return left_out, (len(routes), len(routes[0]) - 1 if routes else 0)


def _rows_of(graph: VisibleGraph, routes: list[tuple[int, ...]]) -> Ints:
    """Give the rows of every claim on these routes, in order of claim id."""
    hops = {hop for route in routes for hop in pairwise(route)}
    return np.array(sorted({row for one, other in hops for row in rows_between(graph, one, other)}), np.int64)


def _denials(graph: VisibleGraph, a: int, b: int) -> tuple[str, ...]:
    apart = graph.apart
    between = ((apart.a == a) & (apart.b == b)) | ((apart.a == b) & (apart.b == a))
    return tuple(str(claim) for claim in apart.claim_id[between & (apart.type == TYPE_CODES["DENIED"])])


def _ids(graph: VisibleGraph, rows: Iterable[int]) -> tuple[str, ...]:
    return tuple(str(graph.claims.claim_id[row]) for row in rows)


def _weakest(graph: VisibleGraph, rows: Iterable[int]) -> str:
    claims = graph.claims
    row = max(rows, key=lambda r: (claims.information_rank[r], claims.source_rank[r], -r))
    return str(claims.grade[row])
