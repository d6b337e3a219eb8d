"""
Missing episodes as visible claims give them.

An episode has no end of its own: it ends at the earliest visible claim that the child was located or found, else it is open.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, VisibleGraph
from queries.vocabulary import PERSON_KINDS

_TIMED: Final = frozenset({"exact", "about"})


@dataclass(frozen=True, slots=True)
class Episode:
    """
    One child missing once. `incident`, `child` and the places are positions; times are milliseconds UTC, `ended_at` None while open.

    `timed` says whether its times are exact or about: only then may it enter a test of overlap ("some time that weekend" is not
    48 hours). `evidence` are the claim ids that it is made from.
    """

    incident: int
    child: int
    started_at: int
    ended_at: int | None
    timed: bool
    missing_from: tuple[int, ...] = ()
    last_seen: tuple[int, ...] = ()
    found_at: tuple[int, ...] = ()
    evidence: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[int, ...]:
        """Where the child was found; where no report says, was last seen; else went missing from."""
        return self.found_at or self.last_seen or self.missing_from


def episodes(graph: VisibleGraph) -> list[Episode]:
    """
    Give every episode that has a known start, earliest first, then by incident and child.

    It starts at the earliest `INVOLVED_IN` *missing*, or where none has a time at the earliest `AT` *missing_from*. It ends at the
    earliest of: the end of an `INVOLVED_IN` *missing* that lasts, the start of an `INVOLVED_IN` *located*, the start of an `AT` *found_at*;
    an end before the start is not believed.
    """
    claims = graph.claims
    missing: dict[tuple[int, int], list[int]] = defaultdict(list)
    located: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in graph.of_type("INVOLVED_IN").tolist():
        child, incident = int(claims.a[row]), int(claims.b[row])
        if claims.role[row] == "missing" and _may_be_missing(graph, child, incident):
            missing[incident, child].append(row)
        elif claims.role[row] == "located":
            located[incident, child].append(row)
    incidents = {incident for incident, _ in missing}
    at: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row in graph.of_type("AT").tolist():
        if int(claims.a[row]) in incidents:
            at[int(claims.a[row]), str(claims.role[row])].append(row)
    found = []
    for (incident, child), rows in missing.items():
        placed = {role: at[incident, role] for role in ("missing_from", "last_seen", "found_at")}
        episode = _episode(graph, incident, child, rows, located[incident, child], placed)
        if episode:
            found.append(episode)
    return sorted(found, key=lambda e: (e.started_at, e.incident, e.child))


def _may_be_missing(graph: VisibleGraph, child: int, incident: int) -> bool:
    kinds = graph.subjects[child].kind in PERSON_KINDS
    return kinds and graph.subjects[incident].subkind in {"missing_episode", ""}


def _episode(
    graph: VisibleGraph, incident: int, child: int, missing: list[int], located: list[int], placed: dict[str, list[int]]
) -> Episode | None:
    claims = graph.claims

    def moments(column: str, rows: list[int]) -> list[tuple[int, bool]]:
        values = [(int(getattr(claims, column)[row]), claims.time_known[row] in _TIMED) for row in rows]
        return [(moment, timed) for moment, timed in values if FAR_PAST_MS < moment < FAR_FUTURE_MS]

    # Of two at the same moment the one with the better known time is taken.
    def earliest(values: list[tuple[int, bool]]) -> tuple[int, bool] | None:
        return min(values, key=lambda value: (value[0], not value[1]), default=None)

    start = earliest(moments("happened_from", missing)) or earliest(moments("happened_from", placed["missing_from"]))
    if start is None:
        return None
    lasting = [row for row in missing if claims.happened_to[row] > claims.happened_from[row]]
    ends = [*moments("happened_to", lasting), *moments("happened_from", [*located, *placed["found_at"]])]
    end = earliest([value for value in ends if value[0] >= start[0]])
    rows = sorted({*missing, *located, *(row for some in placed.values() for row in some)})
    places = {role: tuple(sorted({int(claims.b[row]) for row in some})) for role, some in placed.items()}
    return Episode(
        incident,
        child,
        start[0],
        end[0] if end else None,
        start[1] and (end is None or end[1]),
        **places,
        evidence=tuple(str(claims.claim_id[row]) for row in rows),
    )
