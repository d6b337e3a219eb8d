"""
The weeks in which most reports meet at one thing, and what chance would give there.

**How many meet.** Each report must be about another child: `observed` is the greatest number of reports in a window that can be paired each with
a child of its own (a maximum matching). Ten reports about one child count one, and so does one report about ten children.

**How much was said.** What one agency says again of one child is one worry; what another says of the same child is a second pair of eyes. So
`separate` is the greatest number of reports that can be paired each with an agency and a child of its own. It is never less than `observed`, and
is what is tested against chance: six agencies' reports about three children say more than three do.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from queries.analysis.chance import q_values
from queries.analysis.meeting_chance import ScanChance
from queries.analysis.notices import Notices
from queries.analysis.sliding_pairs import SlidingPairs, paired
from queries.projection import VisibleGraph

QUIET: Final = 1.0  # reports a window: a thing that is named more rarely has no usual level to exceed
UNUSUAL: Final = 0.05  # p-value, for a thing by itself


@dataclass(frozen=True, slots=True)
class Window:
    """
    The weeks in which most reports meet at a thing: rows of its notices, and how they count.

    `elsewhen` is what the thing's other reports would lead one to expect in such a window, `total` how many reports name it in all. Of `expected`,
    `p_value`, `q_value` and `elsewhen` there are none where the data are too short to tell.
    """

    rows: range
    observed: int
    separate: int
    total: int
    expected: float | None = None
    p_value: float | None = None
    q_value: float | None = None
    elsewhen: float | None = None

    @property
    def is_unusual(self) -> bool:
        """Whether it is more than is usual there: it is otherwise named less than once a window, or its p-value is at most `UNUSUAL`."""
        return self.elsewhen is not None and (self.elsewhen < QUIET or (self.p_value or 0.0) <= UNUSUAL)


def windows(
    graph: VisibleGraph,
    notices: Notices,
    *,
    width: int,
    period: tuple[int, int],
    least: int,
    chance: ScanChance | None,
    tried: int,
) -> dict[int, Window]:
    """
    Give, by thing, the window in which most reports meet, where at least `least` do.

    Of several that hold as many, that with most reports, then that when fewest come in the city, then the latest. `period` is when windows begin
    and end, milliseconds UTC, half-open. The q-value allows for all `tried` things that could have met.

    Notes
    -----
    `O(n log n)` for `n` notices, and a step of a matching for each that comes into a window or goes.
    """
    starts = np.flatnonzero(np.diff(notices.thing, prepend=-1))
    ends = np.append(starts, len(notices))[1:]
    agency = graph.reports.agency[notices.report].tolist()
    found = {}
    for first, last in zip(starts.tolist(), ends.tolist(), strict=True):
        if last - first < least:
            continue
        lists = notices.start[first : last + 1].tolist()
        children = notices.child[lists[0] : lists[-1]].tolist()
        if len(set(children)) < least:
            continue
        about = [children[a - lists[0] : b - lists[0]] for a, b in pairwise(lists)]
        thing = _Thing(notices.when[first:last].tolist(), about, agency[first:last])
        best = thing.best(width, period, least, chance)
        if best is not None:
            found[int(notices.thing[first])] = _counted(thing, first, best, (width, period[1]), chance)
    return found if chance is None else _with_q_values(found, tried)


def _counted(
    thing: "_Thing", first: int, best: tuple[int, int, int], limits: tuple[int, int], chance: ScanChance | None
) -> Window:
    observed, start, end = best
    rows, total, separate = range(first + start, first + end), len(thing.when), thing.separate(start, end)
    if chance is None:
        return Window(rows, observed, separate, total)
    share = chance.share(thing.when[start], min(thing.when[start] + limits[0], limits[1]))
    elsewhen = (total - (end - start)) * chance.usual / (1 - chance.usual)
    p_value = chance.p_value(total, separate)
    return Window(rows, observed, separate, total, total * share, p_value, None, elsewhen)


def _with_q_values(found: Mapping[int, Window], tried: int) -> dict[int, Window]:
    """Give the q-value of each thing at which enough reports meet; those that could have met and did not have a p-value of 1."""
    if not found:
        return {}
    q = q_values(np.array([window.p_value for window in found.values()], float), tried).tolist()
    return {thing: replace(window, q_value=value) for (thing, window), value in zip(found.items(), q, strict=True)}


class _Thing:
    """What is said of one thing: when, about which children, by which agency, oldest first."""

    def __init__(self, when: list[int], about: list[list[int]], agency: list[str]) -> None:
        self.when, self._about, self._agency = when, about, agency
        self._of_one = all(len(children) == 1 for children in about)
        self._sets = [frozenset(children) for children in about]

    def best(
        self, width: int, period: tuple[int, int], least: int, chance: ScanChance | None
    ) -> tuple[int, int, int] | None:
        """Give how many meet in the best window, and which reports it holds: from, to."""
        best: tuple[int, int, float, int] | None = None
        until = 0
        for observed, start, end in self._held(width, period):
            if observed < least or (best and (observed, end - start) < best[:2]):
                continue
            share = chance.share(self.when[start], min(self.when[start] + width, period[1])) if chance else 0.0
            if best is None or (observed, end - start, -share, start) > best:
                best, until = (observed, end - start, -share, start), end
        return None if best is None else (best[0], best[3], until)

    def _held(self, width: int, period: tuple[int, int]) -> Iterator[tuple[int, int, int]]:
        """Give of each window how many meet in it, and which reports it holds: from, to."""
        pairs, end, count = SlidingPairs(self._sets), 0, len(self.when)
        for start, moment in enumerate(self.when):
            until = min(moment + width, period[1])
            while end < count and self.when[end] < until:
                pairs.add(end)
                end += 1
            # Of several recorded at one moment, a window begins with all.
            if (start == 0 or self.when[start - 1] < moment) and period[0] <= moment < period[1]:
                yield len(pairs), start, end
            if start < end:
                pairs.remove(start)
            else:
                end = start + 1

    def separate(self, start: int, end: int) -> int:
        """Give how many reports of a window can be paired each with an agency and a child of its own."""
        said = [
            {(agency, child) for child in children}
            for agency, children in zip(self._agency[start:end], self._about[start:end], strict=True)
        ]
        return len(set().union(*said)) if self._of_one else paired(said)


def known_to_one(about: Sequence[tuple[str, Sequence[int]]]) -> int:
    """Give to how many children, at most, the reports (agency, children) of any one agency can be paired: what it could have seen alone."""
    by_agency: dict[str, list[set[int]]] = {}
    for agency, children in about:
        by_agency.setdefault(agency, []).append(set(children))
    return max((paired(said) for said in by_agency.values()), default=0)
