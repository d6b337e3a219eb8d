"""What must be held to see something: so that whatever is made from it needs as much."""

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any, Final

import numpy as np

from graph_service.services.visible import VisibleGraphs
from queries.projection import FAR_PAST_MS, Ints, Objects, Projection, VisibleGraph, to_milliseconds
from queries.sight import WITH_SUBJECT, Sight, sight_for
from queries.vocabulary import TYPE_CODES

# Up to this share of all claims, those of some ids are looked up in the order of claims; of more, all are gone through once.
_FEW: Final = 1 / 50


def needed_for_subjects(
    graphs: VisibleGraphs, everything: Projection, members: Iterable[str], *, but: Iterable[str] = ()
) -> Sight:
    """
    Give what must be held to see that these subjects exist: any of what their live claims and reported mentions need. `O(rows)`.

    Claims of the types `but` are left out.
    """
    return _needed(graphs, everything, positions_of(everything, members), but)


def needed_by_subject(
    graphs: VisibleGraphs, everything: Projection, uids: Iterable[str], *, but: Iterable[str] = ()
) -> dict[str, Sight]:
    """Give for each of these subjects that are there what must be held to see that it exists; see `needed_for_subjects`."""
    positions = positions_of(everything, uids)
    claims, mentions = everything.claims, everything.mentions
    # Only the rows that touch any of them are looked at for each.
    near = replace(
        everything,
        claims=_only(claims, np.isin(claims.a, positions) | np.isin(claims.b, positions)),
        mentions=_only(mentions, np.isin(mentions.subject, positions)),
    )
    return {
        str(everything.subjects.uid[at]): _needed(graphs, near, np.array([at], np.int64), but)
        for at in positions.tolist()
    }


def with_claims(everything: Projection, claims: Iterable[str]) -> Projection:
    """Give of all rows only those under these claim ids: what is asked of a few claims many times is asked of these."""
    claims_of, mentions_of = rows_under(everything, frozenset(claims))
    return replace(
        everything, claims=_only(everything.claims, claims_of), mentions=_only(everything.mentions, mentions_of)
    )


def positions_of(everything: Projection, uids: Iterable[str]) -> Ints:
    """Give the positions of those of these uids that are there, ascending."""
    at = everything.at_uid
    return np.array(sorted({at[uid] for uid in uids if uid in at}), np.int64)


def rows_under(everything: Projection, wanted: AbstractSet[str]) -> tuple[Ints, Ints]:
    """
    Give the rows of claims and of mentions that have one of these claim ids, ascending.

    `O(wanted log claims + mentions)` for a few ids, `O(rows)` for many.
    """
    if not wanted:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    ids = everything.claims.claim_id
    if len(wanted) > len(ids) * _FEW:
        claims = _among(ids, wanted)
    else:
        order, found = everything.claim_order, []
        for claim in wanted:
            at = bisect_left(order, claim, key=ids.__getitem__)
            while at < len(order) and ids[order[at]] == claim:
                found.append(int(order[at]))
                at += 1
        claims = np.array(sorted(found), np.int64)
    return claims, _among(everything.mentions.claim_id, wanted)


def columns_under(everything: Projection, wanted: AbstractSet[str]) -> list[tuple[Any, Ints]]:
    """Give claims and mentions, each with its rows under these ids."""
    return list(zip((everything.claims, everything.mentions), rows_under(everything, wanted), strict=True))


def _among(ids: Objects, wanted: AbstractSet[str]) -> Ints:
    # Ten times as fast as `numpy.isin`, which compares texts one by one with each.
    return np.flatnonzero(np.fromiter(map(wanted.__contains__, ids.tolist()), np.bool_, len(ids)))


def _only(columns: Any, chosen: Any) -> Any:  # noqa: ANN401  columns of claims or mentions; a mask or rows
    return type(columns)(*(getattr(columns, name)[chosen] for name in columns.__slots__))


def _needed(graphs: VisibleGraphs, everything: Projection, positions: Ints, but: Iterable[str]) -> Sight:
    claims, mentions = everything.claims, everything.mentions
    now = to_milliseconds(dt.datetime.now(dt.UTC))
    touching = np.isin(claims.a, positions) | np.isin(claims.b, positions)
    touching &= ~np.isin(claims.type, [TYPE_CODES[name] for name in but])
    told = np.isin(mentions.subject, positions)
    if len(everything.hub_reports):
        # What was decided here of a subject is no reason that it exists.
        told &= (mentions.report < 0) | ~everything.hub_reports[mentions.report]
    # What has been withdrawn opens nothing any more. Where all was, it is what stood last that says who could see it: to withdraw what was
    # closed does not open what was made of it.
    ended = max(claims.live_to[touching].max(initial=FAR_PAST_MS), mentions.live_to[told].max(initial=FAR_PAST_MS))
    since = min(now + 1, int(ended))
    sids = set(claims.sight[touching & (claims.live_to >= since)].tolist())
    sids |= set(mentions.sight[told & (mentions.live_to >= since)].tolist())
    if not touching.any() and WITH_SUBJECT.sid in sids:
        return sight_for("P", (), "")  # a subject that no claim names exists for all
    formulas = [graphs.formula(sid) for sid in sids if sid != WITH_SUBJECT.sid]
    return Sight.any_of(*(way for formula in formulas for way in formula.ways))


def sights_of_claims(
    everything: Projection, opened: frozenset[int], claims: Iterable[str], moment: dt.datetime | None = None
) -> dict[str, list[int]]:
    """
    Give the sights of the rows, open to somebody with `opened`, under each of these claim ids (claims or mentions).

    Rows are those that are live now, or at a moment that is given.
    """
    now = to_milliseconds(moment or dt.datetime.now(dt.UTC))
    found: dict[str, list[int]] = {}
    for columns, rows in columns_under(everything, frozenset(claims)):
        for row in rows.tolist():
            live = columns.known_from[row] <= now < columns.live_to[row]
            if live and int(columns.sight[row]) in opened:
                found.setdefault(str(columns.claim_id[row]), []).append(int(columns.sight[row]))
    return found


def rests_on(
    everything: Projection,
    opened: frozenset[int],
    graph: VisibleGraph,
    rows: Any,  # noqa: ANN401  JSON
    moment: dt.datetime,
) -> list[str]:
    """
    Give the ids of the claims and mentions that an answer can be seen to rest on: its evidence, and what names its subjects. `O(rows)`.

    Parameters
    ----------
    everything, opened
        All rows, and the sights that were open to whoever asked.
    graph
        Their graph: it says which subjects are one person to them.
    rows
        The answer as rows.
    moment
        What it was known at.
    """
    said = set(_texts(rows))
    uids = {uid for text in said if text in graph.position for uid in graph.subjects[graph.position[text]].members}
    positions = positions_of(everything, uids)
    claims, mentions = everything.claims, everything.mentions
    joins = (claims.type == TYPE_CODES["SAME_AS"]) & np.isin(claims.a, positions) & np.isin(claims.b, positions)
    found: set[str] = set()
    more = (joins, np.isin(mentions.subject, positions))
    for (columns, under), touching in zip(columns_under(everything, said), more, strict=True):
        touching[under] = True
        chosen = touching & np.isin(columns.sight, list(opened)) & _live(columns, moment)
        found.update(str(name) for name in columns.claim_id[chosen])
    return sorted(found)


def all_open(everything: Projection, opened: frozenset[int], claims: Iterable[str], moment: dt.datetime) -> bool:
    """Say whether each of these claims or mentions, as known at a moment, has a row that is open today to somebody with `opened`."""
    wanted = frozenset(claims)
    return wanted <= sights_of_claims(everything, opened, wanted, moment).keys()


def _live(columns: Any, moment: dt.datetime) -> Any:  # noqa: ANN401  columns of claims or mentions; a mask
    at = to_milliseconds(moment)
    return (columns.known_from <= at) & (at < columns.live_to)


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401  JSON
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
