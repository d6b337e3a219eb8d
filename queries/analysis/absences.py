"""Missing episodes with known times as columns, earliest first: what the co-missing analyses work on."""

from dataclasses import dataclass

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
        """Take the episodes that touch a period (milliseconds UTC, half-open), whole; one still open lasts to the moment as known at."""
        rows, ends = [], []
        for episode in episodes(graph):
            ended = max(graph.known_at, episode.started_at) if episode.ended_at is None else episode.ended_at
            touches = ended > happened_from or episode.started_at >= happened_from
            if episode.timed and touches and episode.started_at < happened_to:
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


def _points(graph: VisibleGraph, rows: list[Episode]) -> Floats:
    placed = [[graph.subjects[at] for at in e.places if graph.subjects[at].has_position] for e in rows]
    spots = [spot for some in placed for spot in some]
    each = [len(some) for some in placed]
    found = np.full((len(rows), max(each, default=0), 2), np.nan)
    nth = [n for many in each for n in range(many)]
    metres = eastings_northings([s.latitude for s in spots], [s.longitude for s in spots])
    found[np.repeat(np.arange(len(rows)), each), nth] = metres
    return found
