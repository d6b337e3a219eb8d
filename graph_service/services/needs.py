"""What must be held to see something: so that whatever is made from it needs as much."""

import datetime as dt
from collections.abc import Iterable

import numpy as np

from graph_service.services.visible import VisibleGraphs
from queries.projection import Projection, to_milliseconds
from queries.sight import WITH_SUBJECT, Sight, sight_for


def needed_for_subjects(graphs: VisibleGraphs, everything: Projection, members: Iterable[str]) -> Sight:
    """Give what must be held to see that these subjects exist: any of what their live claims and reported mentions need. `O(rows)`."""
    positions = np.flatnonzero(np.isin(everything.subjects.uid, list(members)))
    claims, mentions = everything.claims, everything.mentions
    now = to_milliseconds(dt.datetime.now(dt.UTC))
    touching = np.isin(claims.a, positions) | np.isin(claims.b, positions)
    told = np.isin(mentions.subject, positions)
    if len(everything.hub_reports):
        # What was decided here of a subject is no reason that it exists.
        told &= (mentions.report < 0) | ~everything.hub_reports[mentions.report]
    # What has been withdrawn opens nothing any more.
    sids = set(claims.sight[touching & (claims.live_to > now)].tolist())
    sids |= set(mentions.sight[told & (mentions.live_to > now)].tolist())
    if not touching.any() and WITH_SUBJECT.sid in sids:
        return sight_for("P", (), "")  # a subject that no claim names exists for all
    formulas = [graphs.formula(sid) for sid in sids if sid != WITH_SUBJECT.sid]
    return Sight.any_of(*(way for formula in formulas for way in formula.ways))


def sights_of_claims(everything: Projection, opened: frozenset[int], claims: Iterable[str]) -> dict[str, list[int]]:
    """Give the sights of the live rows, open to somebody with `opened`, under each of these claim ids (claims or mentions). `O(rows)`."""
    wanted, now = list(dict.fromkeys(claims)), to_milliseconds(dt.datetime.now(dt.UTC))
    found: dict[str, list[int]] = {}
    for columns in (everything.claims, everything.mentions):
        rows = np.flatnonzero(np.isin(columns.claim_id, wanted)) if wanted else np.zeros(0, np.int64)
        for row in rows.tolist():
            live = columns.known_from[row] <= now < columns.live_to[row]
            if live and int(columns.sight[row]) in opened:
                found.setdefault(str(columns.claim_id[row]), []).append(int(columns.sight[row]))
    return found
