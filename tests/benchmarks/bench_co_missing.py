"""Co-missing: the join in time, with place, the order of its conditions, and significance, each beside the best peer and the naive way."""

import itertools
from collections.abc import Callable

# Loaded here, since each job is measured in a process of its own, which would load them again.
import duckdb  # noqa: F401
import ibis.backends.duckdb  # noqa: F401
import numpy as np
import pandas as pd
from absences_made import made_absences
from co_missing_floor import floor_pairs
from measured import Measured, Size, Timing, timing

from queries.analysis.absences import Absences
from queries.analysis.chance import LEVEL, q_values, worth_testing
from queries.analysis.co_missing_join import on_duckdb, overlaps
from queries.analysis.co_missing_kernel import meet_in_place
from queries.analysis.together import overlapping
from queries.analysis.week_shift import WEEK_MS, chance_meetings, tail_of_occasions

WITHIN = 500.0
LEAST = 0
PERMUTATIONS = 200


def measure(size: Size) -> list[Measured]:
    few, many = (3_000, 3_000) if size == "small" else (100_000, 1_000_000)
    jobs = [in_place(many), in_time(few), any_order(few), significance(few)]
    return jobs if size == "small" else [in_place(few), *jobs, significance(few, planted=False)]


def columns(episodes: pd.DataFrame) -> Absences:
    """The columns as the analysis has them; no episode has a graph behind it here."""
    child, started, ended = (episodes[name].to_numpy(np.int64) for name in ("child", "started", "ended"))
    return Absences([], child, started, ended, episodes[["x", "y"]].to_numpy()[:, None, :])


def checksum(one: np.ndarray, other: np.ndarray) -> tuple[int, int]:
    low, high = np.minimum(one, other).astype(np.uint64), np.maximum(one, other).astype(np.uint64)
    return len(one), int((low * np.uint64(1_000_003) + high * np.uint64(7_919)).sum())


def of_frame(found: pd.DataFrame) -> tuple[int, int]:
    return checksum(found["one"].to_numpy(), found["other"].to_numpy())


def in_place(count: int) -> Measured:
    episodes = made_absences(count).episodes
    a = columns(episodes)
    x, y = np.ascontiguousarray(a.metres[:, 0, 0]), np.ascontiguousarray(a.metres[:, 0, 1])
    ours = timing(
        lambda: checksum(*meet_in_place(a.child, a.started, a.ended, a.metres, least=LEAST, within_metres=WITHIN))
    )
    floor = timing(lambda: checksum(*floor_pairs(a.child, a.started, a.ended, x, y, WITHIN)))
    peer = timing(lambda: of_frame(overlaps(on_duckdb(episodes), least_ms=LEAST, within_metres=WITHIN).to_pandas()))
    naive = timing(lambda: by_day_in_pandas(episodes, WITHIN), rounds=1) if count <= 10_000 else None
    cpu, faster = ours.cpu / floor.cpu, peer.seconds / ours.seconds
    return Measured(
        "co-missing with place", f"{count:,} episodes", "compiled cells", ours, "DuckDB cell x day (Ibis)", peer,
        "pandas merge by day", naive, _same(ours, floor, peer, *([naive] if naive else [])),
        "<= 1.5x the CPU of a bare compiled floor, <= 300 MB, >= 2x faster than DuckDB",
        (cpu <= 1.5 and ours.peak_mb <= 300 and faster >= 2) if count >= 1_000_000 else None,
        f"{cpu:.2f}x the CPU of the floor; {ours.result[0]:,} pairs",
    )  # fmt: skip


def in_time(count: int) -> Measured:
    episodes = made_absences(count).episodes
    a = columns(episodes)
    ours = timing(lambda: checksum(*overlapping(a, LEAST)))
    peer = timing(lambda: of_frame(overlaps(on_duckdb(episodes), least_ms=LEAST).to_pandas()))
    naive = timing(lambda: in_textbook_sql(episodes), rounds=1) if count <= 10_000 else None
    return Measured(
        "co-missing in time alone", f"{count:,} episodes", "numpy sweep", ours, "DuckDB by day (Ibis)", peer,
        "textbook SQL on DuckDB", naive, _same(ours, peer, *([naive] if naive else [])), "", None,
        f"{ours.result[0]:,} pairs: it grows with the square of the episodes, and at a million is refused",
    )  # fmt: skip


def any_order(count: int) -> Measured:
    episodes = made_absences(count).episodes
    orders = list(itertools.permutations(range(3)))

    def counted(order: tuple[int, ...]) -> Callable[[], int]:
        return lambda: int(overlaps(on_duckdb(episodes), least_ms=LEAST, order=order).count().execute())

    each = [timing(counted(order), rounds=2 if count >= 100_000 else 1) for order in orders]
    best, worst = min(each, key=lambda t: t.seconds), max(each, key=lambda t: t.seconds)
    return Measured(
        "co-missing SQL, worst order of conditions", f"{count:,} episodes", "worst of 6", worst, "best of 6", best, "",
        None, _same(*each), "worst <= 2x the best", worst.seconds <= 2 * best.seconds if count >= 100_000 else None,
    )  # fmt: skip


def significance(count: int, *, planted: bool = True) -> Measured:
    made = made_absences(count, planted=planted)
    a = columns(made.episodes)
    first, second = overlapping(a, LEAST)
    who = np.sort(np.column_stack([a.child[first], a.child[second]]), axis=1)
    pairs, each = np.unique(who, axis=0, return_counts=True)
    pairs = pairs[each >= 2]
    dice = np.random.default_rng(3)
    shifts = dice.integers(-26, 27, (PERMUTATIONS, int(a.child.max()) + 1)) * WEEK_MS
    tried = 4 if count > 10_000 else 20

    def exact() -> tuple[int, int]:
        chance = chance_meetings(a, pairs, LEAST)
        return int(chance.counts.sum()), int((tail_of_occasions(chance, chance.observed) < 1e-6).sum())

    def permuted() -> int:
        total = 0
        children = int(a.child.max()) + 1
        key = pairs[:, 0] * children + pairs[:, 1]
        for number in range(tried):
            move = shifts[number][a.child]
            order = np.argsort(a.started + move)
            moved = Absences([], a.child[order], (a.started + move)[order], (a.ended + move)[order], a.metres[order])
            one, other = overlapping(moved, LEAST)
            met = np.minimum(moved.child[one], moved.child[other]) * children + np.maximum(
                moved.child[one], moved.child[other]
            )
            at = np.minimum(np.searchsorted(key, met), len(key) - 1)
            total += int((np.bincount(at[key[at] == met], minlength=len(key)) > 0).sum())
        return total

    ours, some = timing(exact), timing(permuted, rounds=1)
    factor = PERMUTATIONS / tried
    naive = Timing(some.seconds * factor, some.cpu * factor, some.peak_mb, some.result)
    ratio = naive.seconds / ours.seconds
    return Measured(
        "significance of co-missing" if planted else "significance, nothing planted",
        f"{count:,} episodes, {len(pairs):,} pairs", "exact week-shift", ours, "", None,
        f"{PERMUTATIONS} permutations (from {tried})", naive, "see tests: equal to moving every schedule",
        ">= 30x cheaper than 200 permutations", ratio >= 30 if count >= 100_000 else None,
        f"{ratio:.0f}x; {found(a, pairs, each[each >= 2], made.planted)}",
    )  # fmt: skip


def found(a: Absences, pairs: np.ndarray, observed: np.ndarray, planted: set[tuple[int, int]]) -> str:
    """Say how many findings there are at 5 %, and how many of them were planted, beside the plain rule "together three times"."""
    chance = chance_meetings(a, pairs, LEAST)
    child, times = np.unique(a.child, return_counts=True)
    number = np.zeros(int(child[-1]) + 1, np.int64)
    number[child] = times
    fewest, tried = worth_testing(times, chance.least_tail)
    # One long absence that several short ones fall into is one occasion: at most so many as the child with fewer has.
    occasions = np.minimum(observed, number[pairs].min(axis=1))
    tested = number[pairs].min(axis=1) >= fewest
    q = np.ones(len(pairs))
    q[tested] = q_values(tail_of_occasions(chance, occasions)[tested], tried)
    true = np.array([(a_, b_) in planted for a_, b_ in pairs.tolist()])
    hits, often = q < LEVEL, observed >= 3
    if not planted:
        return f"{int(hits.sum())} findings"
    return (
        f"{int(hits.sum())} findings, precision {true[hits].mean():.3f}, recall of planted pairs seen 3 times {hits[true & often].mean():.2f};"
        f" the rule 'together 3 times' has precision {true[often].mean():.3f}"
    )


def by_day_in_pandas(episodes: pd.DataFrame, within: float) -> tuple[int, int]:
    day = 86_400_000
    days = [np.arange(s // day, e // day + 1) for s, e in zip(episodes["started"], episodes["ended"], strict=True)]
    one = episodes.assign(day=days).explode("day")
    other = episodes.assign(day=episodes["started"] // day)
    both = one.merge(other, on="day", suffixes=("", "_other"))
    both = both[(both["child"] != both["child_other"]) & (both["ended"] >= both["started_other"])]
    both = both[both["episode"] < both["episode_other"]]
    near = (both["x"] - both["x_other"]) ** 2 + (both["y"] - both["y_other"]) ** 2 <= within**2
    return checksum(both["episode"][near].to_numpy(), both["episode_other"][near].to_numpy())


def in_textbook_sql(episodes: pd.DataFrame) -> tuple[int, int]:
    con = on_duckdb(episodes).get_backend().con
    found = con.execute(
        "SELECT a.episode AS one, b.episode AS other FROM episodes a JOIN episodes b"
        " ON a.started <= b.ended AND b.started <= a.ended AND a.episode < b.episode AND a.child <> b.child"
    ).df()
    return of_frame(found)


def _same(*timings: Timing) -> str:
    return "same checksum" if len({timing.result for timing in timings}) == 1 else "**DIFFERENT**"
