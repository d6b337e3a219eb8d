"""Goals of a plan, measured: what each measure stood at before the plan was signed off, and what it stands at since."""

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any, Final

from graph_service.disclosure import SMALLEST_SHOWN, rounded_down
from graph_service.services.answers.asked import iso
from graph_service.services.contexts.case import SIGNED_OFF, Case
from graph_service.services.contexts.desk import Look
from graph_service.services.contexts.life_cycle import review_after
from graph_service.services.contexts.shown import now_iso
from graph_service.store.work import WorkRow
from queries.analysis.before_after import CAVEATS, in_ranges, in_words, poisson_interval, rate_ratio
from queries.analysis.context_measures import MEASURES, Counted, Scope
from queries.projection import VisibleGraph, to_milliseconds

_WEEK: Final = dt.timedelta(weeks=1)
_EFFORT: Final = "This goal counts effort, not outcome, so nothing is measured."
_UNMEASURED: Final = "This goal names no measure; the review says in words what became of it."
_NOT_SIGNED: Final = "The plan is not signed off yet, so there is nothing to compare with."
_IN_FIVES: Final = "Counts are rounded down to fives for your role, and the range of each is what it may be."
_TOO_FEW: Final = "Too few to be shown to your role."


def measures() -> list[dict[str, str]]:
    """Give the named measures that a goal may use."""
    return [
        {"name": m.name, "meaning": m.meaning, "unit": m.unit, "good": m.good, "caveat": m.caveat}
        for m in MEASURES.values()
    ]


def frozen(goal: Mapping[str, Any], moment: dt.datetime, sequence: int) -> dict[str, Any]:
    """
    Give a goal with its baseline frozen at the moment of sign-off: the recipe, never the figure.

    The figure is counted for each reader from what they may see, as known at that moment, over as long before it as the review comes after.
    """
    if goal["effort"] or not goal["measure"] or goal.get("baseline"):
        return dict(goal)
    recipe = {
        "measure": goal["measure"], "from": now_iso(moment - review_after()), "to": now_iso(moment), "known_at": now_iso(moment),
        "sequence": sequence,
    }  # fmt: skip
    return {**goal, "baseline": recipe}


def shown_plan(content: Mapping[str, Any]) -> dict[str, Any]:
    """Give a plan without the sequence numbers of its baselines, which never leave the service."""
    goals = []
    for goal in content.get("goals", []):
        recipe = goal.get("baseline")
        goals.append({**goal, "baseline": {k: v for k, v in recipe.items() if k != "sequence"} if recipe else None})
    return {**content, "goals": goals} if content else {}


def signed_plan(case: Case) -> WorkRow | None:
    """Give the latest version of the plan that was signed off, though a changed draft may stand."""
    rows = [
        row
        for row in case.rows
        if row.kind == "plan" and row.content["state"] == SIGNED_OFF and row.known_from <= case.at
    ]
    return max(rows, key=lambda row: row.version, default=None)


def before_and_after(look: Look, case: Case) -> dict[str, Any]:
    """Count each goal's measure over the weeks frozen with it, as known then, and since, as known now; both as this viewer may see."""
    row, now = signed_plan(case), case.at
    goals = row.content["body"].get("goals", []) if row else case.body("plan").get("goals", [])
    told, windows = [], []
    for goal in goals:
        shown = {name: goal[name] for name in ("what", "effort", "measure", "target")}
        recipe = goal.get("baseline")
        if recipe is None:
            why = _EFFORT if goal["effort"] else _NOT_SIGNED if goal["measure"] else _UNMEASURED
            told.append({**shown, "before": None, "after": None, "ratio": None, "sentence": why})
            continue
        windows.append((recipe["from"], recipe["to"]))
        told.append(shown | _compared(look, case, recipe, now))
    start, signed = min(windows, default=(None, None))
    return {
        "baseline_from": start,
        "baseline_to": signed,
        "now_from": signed,
        "now_to": iso(to_milliseconds(now)) if signed else None,
        "goals": told,
        "caveats": [
            *([] if look.viewer.small_counts else [_IN_FIVES]),
            *CAVEATS,
            *dict.fromkeys(MEASURES[g["measure"]].caveat for g in told if g["before"]),
        ],
    }


def scope_of(case: Case, graph: VisibleGraph) -> Scope:
    """Give what a context is, as positions in a graph of this viewer's."""
    found, at = case.definition, graph.position

    def positions(*uids: str) -> frozenset[int]:
        return frozenset(at[uid] for uid in uids if uid in at)

    return Scope(
        positions(*found["places"]),
        positions(*found["groups"], *found["vehicles"], *found["accounts"]),
        positions(*found["people"], *(row.content["person"] for row in case.affected)),
    )


def _compared(look: Look, case: Case, recipe: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
    measure = MEASURES[recipe["measure"]]
    start, signed, known = (dt.datetime.fromisoformat(recipe[name]) for name in ("from", "to", "known_at"))
    # What the context was is frozen with the measure: a place added later is in neither count.
    then = Case(case.uid, [row for row in case.rows if row.known_from <= known], known)
    graphs = look.desk.graphs
    counted: list[Counted] = []
    for moment, since, until in ((known, start, signed), (now, signed, max(now, signed))):
        graph = graphs.of(look.viewer, moment)
        window = (to_milliseconds(since), to_milliseconds(until))
        counted.append(measure.count(graph, scope_of(then, graph), *window))
    before, after = counted
    weeks = (signed - start) / _WEEK, max((now - signed) / _WEEK, 1 / 7)
    if not look.viewer.small_counts:
        return rounded(before.count, after.count, weeks, measure.unit)
    ratio = rate_ratio(before.count, after.count, *weeks)
    return {
        "before": _figure(before, weeks[0]),
        "after": _figure(after, weeks[1]),
        "ratio": {name: _finite(value) for name, value in (("estimate", ratio.estimate), ("low", ratio.low), ("high", ratio.high))},
        "sentence": in_words(before.count, after.count, *weeks, measure.unit, measure.good),
    }  # fmt: skip


def rounded(before: int, after: int, weeks: tuple[float, float], unit: str) -> dict[str, Any]:
    """
    Give two counts as those see them who are shown no small ones: rounded down to fives, with what each may be, or not at all.

    Their claims would tell the exact counts, and a count that moved by one as the viewer moves the moment would tell a single event.
    """
    least = [rounded_down(before), rounded_down(after)]
    shown = [None if None in least else count for count in least]
    sides: list[dict[str, Any]] = [
        {
            "count": low,
            "low": low,
            "high": None if low is None else low + SMALLEST_SHOWN - 1,
            "evidence": [],
            "weeks": length,
        }
        for low, length in zip(shown, weeks, strict=True)
    ]
    ranges = [(low, low + SMALLEST_SHOWN - 1) for low in shown if low is not None]
    sentence = in_ranges(ranges[0], ranges[1], *weeks, unit) if ranges else _TOO_FEW
    return {"before": sides[0], "after": sides[1], "ratio": None, "sentence": sentence}


def _figure(counted: Counted, weeks: float) -> dict[str, Any]:
    low, high = poisson_interval(counted.count)
    return {"count": counted.count, "low": low, "high": high, "weeks": weeks, "evidence": list(counted.evidence)}


def _finite(value: float) -> float | None:
    """Give a number as JSON can: None where it has no bound."""
    return value if math.isfinite(value) else None
