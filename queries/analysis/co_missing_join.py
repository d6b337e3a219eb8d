"""
The co-missing join and its counts as one expression for any engine: DuckDB on one machine, Spark on many.

Where every episode fits in one machine's memory and a distance is asked, the compiled kernel stands behind the same function and gives the
same rows. Engines are imported only when they are used. How a region would run this, with its cost, is in docs/scale.md.
"""

from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np
import pandas as pd

from queries.errors import ParameterError

if TYPE_CHECKING:
    from ibis.expr import types as ir

DAY_MS: Final = 24 * 60 * 60 * 1000
COLUMNS: Final = ("episode", "child", "started", "ended", "x", "y")
Engine: TypeAlias = Literal["kernel", "duckdb"]


def overlaps(
    episodes: "ir.Table", *, least_ms: int = 3_600_000, within_metres: float | None = None, order: tuple[int, ...] = ()
) -> "ir.Table":
    """
    Give the pairs of episodes of different children that overlap, as an expression over a table of any engine.

    Parameters
    ----------
    episodes
        A row an episode and place: `episode` and `child` (int64), `started` and `ended` (int64, milliseconds UTC), and where a distance is
        asked `x` and `y` (float64, metres east and north on EPSG:27700; rows without are left out). Times and places of an episode that has
        several places are repeated.
    least_ms
        Shortest overlap that counts, milliseconds, inclusive.
    within_metres
        Furthest apart, inclusive.
    order
        The order in which the conditions that are no equality are written, for the test that none is slow; default as they stand.

    Returns
    -------
    pairs
        `one` and `other` (episodes; `other` starts with `one` or after it, of two that start together the larger number), `child_one`,
        `child_other` and `since` (the moment from which both were missing). Each two once.

    Notes
    -----
    The later of two that overlap starts on one of the days of the earlier: an equality, so that every engine joins by hash whatever else is
    asked. Written with the inequalities alone, DuckDB 2 joins on the two that stand first, and the textbook order is 1,000 times slower
    than the best. With a distance, square cells with that side make a second equality: the other is in the same cell or beside it.
    """
    import ibis

    table = episodes.filter(episodes.ended - episodes.started >= least_ms)
    if within_metres is not None:
        side = max(float(within_metres), 1.0)
        table = table.filter(table.x.notnull(), ~table.x.isnan())  # noqa: PD004  Ibis, not pandas
        table = table.mutate(east=(table.x / side).floor().cast("int64"), north=(table.y / side).floor().cast("int64"))
    first_day, last_day = (table.started / DAY_MS).floor().cast("int64"), (table.ended / DAY_MS).floor().cast("int64")
    earlier = table.mutate(day=ibis.range(first_day, last_day + 1).unnest())
    later = table.mutate(day=first_day)
    keys: list[Any] = []
    if within_metres is not None:
        later = later.mutate(east=ibis.range(later.east - 1, later.east + 2).unnest())
        later = later.mutate(north=ibis.range(later.north - 1, later.north + 2).unnest())
    one, other = earlier.view(), later.view()
    keys = [one[key] == other[key] for key in ("day", *(("east", "north") if within_metres is not None else ()))]
    conditions = [
        (one.started < other.started) | ((one.started == other.started) & (one.episode < other.episode)),
        one.ended - other.started >= least_ms,
        one.child != other.child,
    ]
    if within_metres is not None:
        east, north = one.x - other.x, one.y - other.y
        conditions.append(east * east + north * north <= float(within_metres) * float(within_metres))
    written = [conditions[at] for at in (order or range(len(conditions)))]
    joined = one.join(other, [*keys, *written], rname="{name}_other")
    found = joined.select(
        one=joined.episode,
        other=joined.episode_other,
        child_one=joined.child,
        child_other=joined.child_other,
        since=joined.started_other,
    )
    # An episode with several places may be near another at more than one.
    return found.distinct() if within_metres is not None else found


def pairs_of_children(pairs: "ir.Table") -> "ir.Table":
    """Count the overlaps of each two children (`a` the smaller), with the moments of the first and the last: one row a pair, never a list."""
    import ibis

    who = pairs.mutate(
        a=ibis.least(pairs.child_one, pairs.child_other), b=ibis.greatest(pairs.child_one, pairs.child_other)
    )
    return who.group_by("a", "b").agg(observed=who.count(), first=who.since.min(), last=who.since.max())


def on_duckdb(episodes: pd.DataFrame) -> "ir.Table":
    """Give these episodes as a table of a DuckDB in memory, which reads the frame where it is."""
    import duckdb
    import ibis

    engine = duckdb.connect()
    engine.register("episodes", episodes[[name for name in COLUMNS if name in episodes]])
    return ibis.duckdb.from_connection(engine).table("episodes")


def count_pairs(
    episodes: pd.DataFrame,
    *,
    least_ms: int = 3_600_000,
    within_metres: float | None = None,
    engine: Engine | None = None,
) -> pd.DataFrame:
    """
    Count the overlaps of each two children on this machine: by the kernel where a distance is asked, else by DuckDB.

    Parameters
    ----------
    episodes
        As in `overlaps`; without a distance one row an episode.
    least_ms, within_metres
        As in `overlaps`.
    engine
        Choose one.

    Returns
    -------
    pairs
        `a`, `b`, `observed`, `first`, `last` (int64), in order of `a` and `b`.

    Raises
    ------
    ParameterError
        If the kernel is asked for without a distance: it finds who was near whom.

    Notes
    -----
    Nothing is listed but the pairs of children: DuckDB counts them as it joins.
    """
    chosen = engine or ("duckdb" if within_metres is None else "kernel")
    if chosen == "duckdb":
        table = on_duckdb(episodes)
        pairs = overlaps(table, least_ms=least_ms, within_metres=within_metres)
        found: pd.DataFrame = pairs_of_children(pairs).order_by("a", "b").to_pandas()
        return found
    if within_metres is None:
        raise ParameterError("within_metres", "give a distance, or use the engine duckdb")
    return _by_kernel(episodes, least_ms, within_metres)


def _by_kernel(episodes: pd.DataFrame, least_ms: int, within_metres: float) -> pd.DataFrame:
    from queries.analysis.co_missing_kernel import meet_in_place

    number, row = np.unique(episodes["episode"].to_numpy(np.int64), return_inverse=True)
    if len(number) == len(episodes):
        order = np.argsort(row)
        child, started, ended = (episodes[name].to_numpy(np.int64)[order] for name in ("child", "started", "ended"))
        metres = np.column_stack([episodes["x"].to_numpy(float)[order], episodes["y"].to_numpy(float)[order]])[:, None]
    else:
        nth = episodes.groupby("episode").cumcount().to_numpy()
        first = np.unique(row, return_index=True)[1]
        child, started, ended = (episodes[name].to_numpy(np.int64)[first] for name in ("child", "started", "ended"))
        metres = np.full((len(number), int(nth.max()) + 1, 2), np.nan)
        metres[row, nth] = episodes[["x", "y"]].to_numpy(float)
    one, other = meet_in_place(child, started, ended, metres, least=least_ms, within_metres=within_metres)
    a, b = np.minimum(child[one], child[other]), np.maximum(child[one], child[other])
    frame = pd.DataFrame({"a": a, "b": b, "since": np.maximum(started[one], started[other])})
    counted = frame.groupby(["a", "b"], sort=True)["since"].agg(observed="count", first="min", last="max")
    return counted.reset_index()
