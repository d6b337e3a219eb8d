"""
Is it changing? A period beside the one before: counts, and how far the change can be told from chance.

Caveat in plain English: the interval takes events as happening one by one; where one child is missing again and again it is too narrow,
so look at the children counted beside.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from queries.analysis.chance import q_values
from queries.analysis.layers import children_of_incidents, counted, layer_rows, middle_of
from queries.errors import ParameterError
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, Floats, VisibleGraph

CONFIDENCE: Final = 0.95
DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Change:
    """
    Two counts over two spans of time, and the ratio of the second rate to the first with its exact interval.

    `ratio` is None where nothing was there before; `low` and `high` are its bounds (`high` None: no bound); `p_value` is two-sided.
    """

    before: int
    after: int
    ratio: float | None
    low: float
    high: float | None
    p_value: float


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """The change at a place (its position in the graph), or in the whole layer (None), with children counted beside, and the claims."""

    place: int | None
    change: Change
    children_before: int
    children_after: int
    q_value: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """The layer as a whole, its places (least likely by chance first), and how many incidents are in neither period for want of a time."""

    whole: PlaceChange
    places: list[PlaceChange]
    untimed: int


def change_of(before: int, after: int, *, span_before: float = 1.0, span_after: float = 1.0) -> Change:
    """
    Compare two counts of events that come one by one (Poisson), over spans of time in any one unit.

    Notes
    -----
    Given their sum, the second count is binomial with chance `span_after / (span_before + span_after)` where nothing has changed: an exact
    test without estimating anything. The interval is that of Clopper and Pearson (1934, Biometrika 26, 404-413) for the share, turned into
    a ratio of rates; the test is that of Przyborowski and Wilenski (1940, Biometrika 31, 313-323).

    Raises
    ------
    ParameterError
        If a span is not above nothing.
    """
    if not (span_before > 0 and span_after > 0):
        raise ParameterError("to", "each period ends after it starts")
    total, odds = before + after, span_before / span_after
    if not total:
        return Change(0, 0, None, 0.0, None, 1.0)
    from scipy import stats

    tested = stats.binomtest(after, total, 1 / (1 + odds))
    share = tested.proportion_ci(CONFIDENCE, method="exact")

    def rate(part: float) -> float | None:
        return None if part >= 1 else float(part / (1 - part) * odds)

    ratio = after / before * odds if before else None
    return Change(before, after, ratio, rate(share.low) or 0.0, rate(share.high), float(tested.pvalue))


def compared(graph: VisibleGraph, layer: str, *, before: tuple[int, int], after: tuple[int, int]) -> Compared:
    """
    Compare a layer in two periods (each half-open, milliseconds UTC), as a whole and by place.

    An event is in the period that holds the middle of when it may have happened, so that a crime that is known to its month counts once. An
    event without a start is in neither; one without an end counts by its start. An event at two places counts at both and once in the whole.

    Raises
    ------
    ParameterError
        If the layer does not exist, or the periods are empty or overlap.
    """
    for start, end in (before, after):
        if not FAR_PAST_MS < start < end < FAR_FUTURE_MS:
            raise ParameterError("to", "each period needs a start and a later end")
    if max(before[0], after[0]) < min(before[1], after[1]):
        raise ParameterError("previous_to", "the two periods overlap; end the first before the second begins")
    claims, involved = graph.claims, children_of_incidents(graph)
    inside: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    untimed: set[int] = set()
    placed: set[int] = set()
    for row in layer_rows(graph, layer, FAR_PAST_MS, FAR_FUTURE_MS):
        middle = middle_of(int(claims.happened_from[row]), int(claims.happened_to[row]))
        if middle is None:
            untimed.add(int(claims.a[row]))
            continue
        for number, (start, end) in enumerate((before, after)):
            if start <= middle < end:
                inside[int(claims.b[row])][number].append(row)
                placed.add(int(claims.a[row]))
    spans = {"span_before": float(before[1] - before[0]), "span_after": float(after[1] - after[0])}

    def told(place: int | None, rows: tuple[list[int], list[int]]) -> PlaceChange:
        old, new = (counted(graph, part, involved) for part in rows)
        evidence = tuple(sorted({*old.evidence, *new.evidence}))
        change = change_of(old.events, new.events, **spans)
        return PlaceChange(place, change, old.children, new.children, 1.0, evidence)

    whole = told(None, ([r for old, _ in inside.values() for r in old], [r for _, new in inside.values() for r in new]))
    found = [told(place, inside[place]) for place in sorted(inside)]
    rates: Floats = q_values(_p_values(found))
    places = [
        PlaceChange(p.place, p.change, p.children_before, p.children_after, float(q), p.evidence)
        for p, q in zip(found, rates.tolist(), strict=True)
    ]
    places.sort(key=lambda p: (p.q_value, -(p.change.before + p.change.after), p.place))
    return Compared(whole, places, len(untimed - placed))


def tell_change(change: Change, *, what: str = "events") -> str:
    """Say a change in words, with what chance alone could make of it."""
    counts = f"{change.after:,} {what}, against {change.before:,} in the period before"
    if not change.before + change.after:
        return f"No {what} in either period."
    if change.ratio is None:
        return f"{counts}: a ratio cannot be given. {_surely(change)}"
    bound = "no upper bound" if change.high is None else f"{change.high:.1f} times"
    return f"{counts}: {change.ratio:.1f} times the rate (95 % interval {change.low:.1f} times to {bound}). {_surely(change)}"


def row_of(change: Change) -> dict[str, Any]:
    """Give what is told of a change, as it stands in rows."""
    return {
        "before": change.before,
        "after": change.after,
        "ratio": None if change.ratio is None else round(change.ratio, 4),
        "low": round(change.low, 4),
        "high": None if change.high is None else round(change.high, 4),
        "p_value": round(change.p_value, 9),
        "sentence": tell_change(change),
    }


def _surely(change: Change) -> str:
    if change.p_value >= 1 - CONFIDENCE:
        return "Chance alone could make such a difference."
    fell = change.ratio is not None and change.ratio < 1
    return f"Chance alone would seldom make such {'a fall' if fell else 'a rise'} (p = {change.p_value:.3f})."


def _p_values(found: list[PlaceChange]) -> Floats:
    return np.array([place.change.p_value for place in found], np.float64)
