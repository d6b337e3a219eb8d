"""Missing episodes with known times as columns, earliest first: what the co-missing analyses work on."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from queries.analysis.episodes import Episode, episodes
from queries.analysis.national_grid import eastings_northings
from queries.projection import Bools, Floats, Ints, VisibleGraph


@dataclass(frozen=True, slots=True)
class Absences:
    """
    A row an episode, in order of start, then of `rows`.

    `child` is a position in the graph; `started` and `ended` milliseconds UTC; `metres` the places of each episode on the National Grid
    (EPSG:27700) as an array (episode, place, easting and northing), NaN where none is left.
    """

    rows: list[Episode]
    child: Ints
    started: Ints
    ended: Ints
    metres: Floats

    @classmethod
    def of(cls, graph: VisibleGraph, happened_from: int, happened_to: int) -> "Absences":
        """
        Take the episodes that touch a period (milliseconds UTC, half-open), whole; one still open lasts to the moment as known at.

        Nobody is missing twice at once: records of one child whose times overlap, as two agencies make of one night, are one absence.
        """
        rows, ends = [], []
        for episode in once_a_child(episode for episode in episodes(graph) if episode.timed):
            ended = max(graph.known_at, episode.started_at) if episode.ended_at is None else episode.ended_at
            touches = ended > happened_from or episode.started_at >= happened_from
            if touches and episode.started_at < happened_to:
                rows.append(episode)
                ends.append(ended)
        return cls(
            rows,
            np.array([e.child for e in rows], np.int64),
            np.array([e.started_at for e in rows], np.int64),
            np.array(ends, np.int64),
            _points(graph, rows),
        )

    @property
    def span(self) -> int:
        """From the first start to the last end, milliseconds; 0 where there is none."""
        return int(self.ended.max() - self.started.min()) if len(self.started) else 0

    @property
    def placed(self) -> Bools:
        """Which episodes have a place with a position."""
        return np.asarray(~np.isnan(self.metres).all(axis=(1, 2)), np.bool_)

    def near(self, first: Ints, second: Ints, within_metres: float) -> Bools:
        """Say which of these pairs of episodes have places within this distance, inclusive. A squared distance, as in the engines' SQL."""
        close = np.zeros(len(first), bool)
        for one in range(self.metres.shape[1]):
            for other in range(self.metres.shape[1]):
                apart = self.metres[first, one] - self.metres[second, other]
                close |= apart[:, 0] * apart[:, 0] + apart[:, 1] * apart[:, 1] <= within_metres * within_metres
        return close

    def episodes_of_each(self, *, placed: bool) -> tuple[Ints, Ints]:
        """Give the children who have an episode (or one that has a position), in order, and how many each has."""
        some = self.placed if placed else np.ones(len(self.child), bool)
        child, each = np.unique(self.child[some], return_counts=True)
        return child, each


def once_a_child(found: Iterable[Episode]) -> list[Episode]:
    """
    Put the episodes of a child that overlap together: the incident of the first, the places and the evidence of all. In order of start.

    One that begins within another and has no end of its own ends with it. One that is still open when another begins is left as it is: its
    child may have come back without a report. `O(n log n)`.
    """
    of_child: dict[int, list[Episode]] = defaultdict(list)
    for episode in found:
        of_child[episode.child].append(episode)
    kept: list[Episode] = []
    for theirs in of_child.values():
        run: Episode | None = None
        for episode in sorted(theirs, key=_longest_first):
            if run is not None and run.ended_at is not None and episode.started_at < run.ended_at:
                run = _as_one(run, episode)
            elif episode.ended_at is None:
                kept.append(episode)
            else:
                kept += [run] if run is not None else []
                run = episode
        kept += [run] if run is not None else []
    return sorted(kept, key=lambda e: (e.started_at, e.incident, e.child))


def _longest_first(episode: Episode) -> tuple[int, bool, int, int]:
    return episode.started_at, episode.ended_at is None, -(episode.ended_at or 0), episode.incident


def _as_one(one: Episode, other: Episode) -> Episode:
    def both(name: str) -> tuple[int, ...]:
        return tuple(sorted({*getattr(one, name), *getattr(other, name)}))

    ends = [episode.ended_at for episode in (one, other) if episode.ended_at is not None]
    return replace(
        one,
        ended_at=max(ends),
        missing_from=both("missing_from"),
        last_seen=both("last_seen"),
        found_at=both("found_at"),
        evidence=tuple(dict.fromkeys((*one.evidence, *other.evidence))),
    )


def _points(graph: VisibleGraph, rows: list[Episode]) -> Floats:
    placed = [[graph.subjects[at] for at in e.places if graph.subjects[at].has_position] for e in rows]
    spots = [spot for some in placed for spot in some]
    each = [len(some) for some in placed]
    found = np.full((len(rows), max(each, default=0), 2), np.nan)
    nth = [n for many in each for n in range(many)]
    metres = eastings_northings([s.latitude for s in spots], [s.longitude for s in spots])
    found[np.repeat(np.arange(len(rows)), each), nth] = metres
    return found
