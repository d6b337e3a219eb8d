"""
How many reports of a window can be paired each with a child of its own, kept up while the window moves.

A maximum matching is kept: whoever comes, or whose partner goes, is paired again along one alternating path (Berge 1957), which looks only at
those who share children with them.
"""

from collections import deque
from collections.abc import Sequence
from collections.abc import Set as AbstractSet


class SlidingPairs:
    """A maximum matching of the reports of a window with what each can be paired with (`wanted`, by number of the report)."""

    def __init__(self, wanted: Sequence[AbstractSet[int]]) -> None:
        self._wanted = wanted
        self._naming: dict[int, set[int]] = {}  # of each child, the reports of the window that name it
        self._child: dict[int, int] = {}  # of each report that is paired, its child
        self._report: dict[int, int] = {}  # of each child that is paired, its report

    def __len__(self) -> int:
        return len(self._child)

    def add(self, report: int) -> None:
        """Let a report in. `O(reports that share children with it, and theirs)`."""
        for child in self._wanted[report]:
            self._naming.setdefault(child, set()).add(report)
        came_by: dict[int, int] = {}
        ahead = deque([report])
        while ahead:
            one = ahead.popleft()
            for child in self._wanted[one]:
                if child in came_by:
                    continue
                came_by[child] = one
                if child not in self._report:
                    self._turn(child, came_by, report)
                    return
                ahead.append(self._report[child])

    def _turn(self, child: int, came_by: dict[int, int], last: int) -> None:
        """Pair each report on the way with the child to which it led."""
        while True:
            report = came_by[child]
            left = self._child.get(report)
            self._child[report], self._report[child] = child, report
            if report == last or left is None:
                return
            child = left

    def remove(self, report: int) -> None:
        """Let a report go; whom it was paired with is paired again if somebody is left over for them."""
        for child in self._wanted[report]:
            self._naming[child].discard(report)
        free = self._child.pop(report, None)
        if free is None:
            return
        del self._report[free]
        came_by: dict[int, int] = {}
        ahead = deque([free])
        while ahead:
            child = ahead.popleft()
            for one in self._naming[child]:
                if one in came_by:
                    continue
                came_by[one] = child
                if one not in self._child:
                    self._give(one, came_by, free)
                    return
                ahead.append(self._child[one])

    def _give(self, report: int, came_by: dict[int, int], last: int) -> None:
        """Pair each child on the way with the report to which it led."""
        while True:
            child = came_by[report]
            left = self._report.get(child)
            self._child[report], self._report[child] = child, report
            if child == last or left is None:
                return
            report = left
