"""
Two people at one place within two hours: what no report states, drawn apart from what reports state.

A person is at a place by a `SEEN_AT` claim, or by being *present* at an incident that happened there. Only times that are `exact` or `about`
count. A crowd says nothing: where `CROWD` people or more were there within two hours of one of them, that one meets nobody.

Whom somebody met is found from the claims about them and about the places where they were: nothing else of the graph is looked at.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np

from queries.analysis.compiled_meetings import Near, near_pairs
from queries.analysis.equal_rows import each_with
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, Bools, Ints, VisibleGraph
from queries.vocabulary import PERSON_KINDS, SUSPECTED_FALSE, TYPE_CODES

WINDOW_MS: Final = 2 * 60 * 60 * 1000
CROWD: Final = 50
_TIMED: Final = ("exact", "about")
_SEEN_AT, _AT, _INVOLVED_IN = (TYPE_CODES[name] for name in ("SEEN_AT", "AT", "INVOLVED_IN"))


@dataclass(frozen=True, slots=True)
class Met:
    """
    Pairs of presences of two people (positions `a` and `b`) at a place within two hours, a row each.

    `rows` has the rows of the claims that put them there, four columns wide: those of `a`, then those of `b`; -1 where one needs only one.
    """

    a: Ints
    b: Ints
    place: Ints
    rows: Ints


@dataclass(frozen=True, slots=True)
class _Presences:
    """Somebody at a place: by a claim of theirs, or by one and another that says where its incident was (else `at` is -1)."""

    person: Ints
    place: Ints
    row: Ints
    at: Ints

    def some(self, chosen: Bools | Ints) -> "_Presences":
        return _Presences(*(getattr(self, part.name)[chosen] for part in fields(self)))


class Meetings:
    """
    Who met whom on a graph.

    Parameters
    ----------
    graph
        What the viewer may see.
    with_suspected_false
        Whether claims graded as suspected false put somebody at a place.
    usable
        Says of rows of claims whether a meeting may rest on them; a crowd is a crowd by all of them, so that no choice of claims makes it small.
    """

    def __init__(
        self,
        graph: VisibleGraph,
        *,
        with_suspected_false: bool = False,
        usable: Callable[[Ints], Bools] | None = None,
    ) -> None:
        self._graph, self._with_false, self._usable = graph, with_suspected_false, usable
        # What is said of a subject and itself is no edge, but where two are one an incident may be its own participant.
        loops = np.flatnonzero(graph.claims.a == graph.claims.b)
        self._loops = loops[np.isin(graph.claims.type[loops], (_SEEN_AT, _AT, _INVOLVED_IN))]

    def of(self, subjects: Ints) -> Met:
        """
        Give whom these subjects (positions, each once) met, in order of place and time.

        Notes
        -----
        A sweep by start at each place where one of them was: `O(n log n + k)` for `n` presences there and `k` looked at.
        """
        wanted = np.zeros(len(self._graph.subjects), np.bool_)
        wanted[subjects] = True
        there = self._at_places(self._places_of(subjects))
        claims = self._graph.claims
        started, ended = claims.happened_from[there.row], claims.happened_to[there.row]
        order = np.lexsort((there.person, ended, started, there.place))
        there, started, ended = there.some(order), started[order], ended[order]
        may_tell = self._may_tell(there)
        near = Near(there.place, there.person, started, ended, may_tell)
        one, other = near_pairs(near, wanted[there.person], WINDOW_MS, CROWD)
        rows = np.column_stack([there.row[one], there.at[one], there.row[other], there.at[other]])
        return Met(there.person[one], there.person[other], there.place[one], rows)

    def between(self, a: int, b: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Give where `a` and `b` met (positions), and the rows of the claims that put them there; both in order, each once."""
        met = self.of(np.array([a], np.int64))
        both = met.b == b
        rows = np.unique(met.rows[both])
        return tuple(np.unique(met.place[both]).tolist()), tuple(rows[rows >= 0].tolist())

    def _may_tell(self, there: _Presences) -> Bools:
        if self._usable is None:
            return np.ones(len(there.row), np.bool_)
        found = self._usable(there.row)
        by_incident = np.flatnonzero(there.at >= 0)
        found[by_incident] &= self._usable(there.at[by_incident])
        return found

    def _around(self, subjects: Ints) -> tuple[Ints, Ints]:
        """Give the claims about these subjects, each with the subject that it was found from."""
        start, _, row = self._graph.neighbours
        low, degree = start[subjects], start[subjects + 1] - start[subjects]
        at = np.repeat(low - (np.cumsum(degree) - degree), degree) + np.arange(int(degree.sum()))
        own = self._loops[np.isin(self._graph.claims.a[self._loops], subjects)]
        return np.concatenate([np.repeat(subjects, degree), self._graph.claims.a[own]]), np.concatenate([row[at], own])

    def _of_type(self, near: Ints, rows: Ints, code: int, end: str) -> Ints:
        """Give those of these claims of one type that have the subject from which they were found at this end, and are believed."""
        claims = self._graph.claims
        of_type = claims.type[rows] == code
        kept: Ints = rows[of_type]
        kept = kept[(claims.a if end == "a" else claims.b)[kept] == near[of_type]]
        return kept if self._with_false else np.asarray(kept[claims.information_rank[kept] != SUSPECTED_FALSE])

    def _timed(self, rows: Ints) -> Ints:
        """Give those of these claims whose time is known well enough, and that are of a person."""
        claims = self._graph.claims
        kept = rows[(claims.happened_from[rows] > FAR_PAST_MS) & (claims.happened_to[rows] < FAR_FUTURE_MS)]
        kept = kept[_one_of(claims.time_known[kept], _TIMED)]
        return kept[_one_of(self._graph.kinds[claims.a[kept]], PERSON_KINDS)]

    def _present(self, rows: Ints) -> Ints:
        return rows[_one_of(self._graph.claims.role[rows], ("present",))]

    def _places_of(self, subjects: Ints) -> Ints:
        """Give the places where these subjects were."""
        claims = self._graph.claims
        near, rows = self._around(subjects)
        seen = self._timed(self._of_type(near, rows, _SEEN_AT, "a"))
        present = self._timed(self._present(self._of_type(near, rows, _INVOLVED_IN, "a")))
        happened = self._of_type(*self._around(np.unique(claims.b[present])), _AT, "a")
        return np.unique(np.concatenate([claims.b[seen], claims.b[happened]]))

    def _at_places(self, places: Ints) -> _Presences:
        """Give everybody who was at these places."""
        claims = self._graph.claims
        near, rows = self._around(places)
        seen = self._timed(self._of_type(near, rows, _SEEN_AT, "b"))
        happened = self._of_type(near, rows, _AT, "b")
        happened = happened[np.argsort(claims.a[happened], kind="stable")]
        incident = claims.a[happened]
        involved = self._of_type(*self._around(np.unique(incident)), _INVOLVED_IN, "b")
        present = self._timed(self._present(involved))
        # Whoever was present at an incident was wherever it was.
        first = np.searchsorted(incident, claims.b[present], "left")
        times = np.searchsorted(incident, claims.b[present], "right") - first
        by, at = each_with(first, times)
        by, at = present[by], happened[at]
        return _Presences(
            np.concatenate([claims.a[seen], claims.a[by]]),
            np.concatenate([claims.b[seen], claims.b[at]]),
            np.concatenate([seen, by]),
            np.concatenate([np.full(len(seen), -1, np.int64), at]),
        )


def _one_of(texts: Any, wanted: Any) -> Bools:  # noqa: ANN401  a column of texts
    found = np.zeros(len(texts), np.bool_)
    for text in wanted:
        found |= np.asarray(texts == text, np.bool_)
    return found
