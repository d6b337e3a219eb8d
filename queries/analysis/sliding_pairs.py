"""
How many reports of a window can be paired each with a child of its own, kept up while the window moves.

A maximum matching is kept: whoever comes, or whose partner goes, is paired again along one alternating path (Berge 1957), which looks only at
those who share children with them.
"""

from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any


class SlidingPairs:
    """A maximum matching of the reports of a window with what each can be paired with (`wanted`, by number of the report)."""

    def __init__(self, wanted: Sequence[AbstractSet[Hashable]]) -> None:
        self._wanted = wanted
        self._naming: dict[Hashable, set[int]] = {}  # of each child, the reports of the window that name it
        self._child: dict[int, Hashable] = {}  # of each report that is paired, its child
        self._report: dict[Hashable, int] = {}  # of each child that is paired, its report

    def __len__(self) -> int:
        return len(self._child)

    def add(self, report: int) -> None:
        """Let a report in. `O(reports that share children with it, and theirs)`."""
        for child in self._wanted[report]:
            self._naming.setdefault(child, set()).add(report)
        if len(self._report) < len(self._naming):  # else every child that anybody names is paired
            _pair(report, self._wanted, self._child, self._report)

    def remove(self, report: int) -> None:
        """Let a report go; whom it was paired with is paired again if somebody is left over for them."""
        for child in self._wanted[report]:
            self._naming[child].discard(report)
        free = self._child.pop(report, None)
        if free is not None:
            del self._report[free]
            _pair(free, self._naming, self._report, self._child)


def paired(wanted: Sequence[AbstractSet[Hashable]]) -> int:
    """Count the reports that can be paired each with something of its own: of each report, what it could be paired with."""
    pairs = SlidingPairs(wanted)
    for report in range(len(wanted)):
        pairs.add(report)
    return len(pairs)


def _pair(
    free: Any,  # noqa: ANN401  a report or a child
    near: Any,  # noqa: ANN401  of each on its side, those on the other
    partner: dict[Any, Any],
    partner_of_other: dict[Any, Any],
) -> None:
    """
    Pair somebody who has no partner, along the shortest path on which others change theirs; where there is none, nobody changes.

    `near` gives whom each on this side could be paired with, `partner` with whom they are, and `partner_of_other` the same of the other side.
    """
    came_by: dict[Any, Any] = {}
    ahead = deque([free])
    while ahead:
        one = ahead.popleft()
        for other in near[one]:
            if other in came_by:
                continue
            came_by[other] = one
            if other not in partner_of_other:
                _turn(other, came_by, partner, partner_of_other)
                return
            ahead.append(partner_of_other[other])


def _turn(end: Any, came_by: Mapping[Any, Any], partner: dict[Any, Any], partner_of_other: dict[Any, Any]) -> None:  # noqa: ANN401
    """Pair each on the way with the one to whom they led; only the first on it had no partner before."""
    other = end
    while other is not None:
        one = came_by[other]
        left = partner.get(one)
        partner[one], partner_of_other[other] = other, one
        other = left
