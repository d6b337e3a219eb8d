"""ST-DBSCAN against its definition followed word by word, and against scikit-learn's DBSCAN over a graph of near events."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.cluster import DBSCAN

from queries.analysis.clusters import DAY_MS, NOISE, clusters_of, labels_of
from queries.errors import ParameterError
from queries.projection import Floats, Ints

EVENTS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 20)), max_size=30)


def by_definition(points: Floats, times: Ints, metres: float, days: float, least: int) -> tuple[list[int], list[bool]]:
    """Grow each cluster from its first core event, looking at every other event each time."""
    n = len(points)

    def near(i: int) -> list[int]:
        return [
            j
            for j in range(n)
            if (points[i][0] - points[j][0]) ** 2 + (points[i][1] - points[j][1]) ** 2 <= metres**2
            and abs(int(times[i]) - int(times[j])) <= days * DAY_MS
        ]

    core = [len(near(i)) >= least for i in range(n)]
    label, number = [NOISE] * n, 0
    for i in range(n):
        if core[i] and label[i] == NOISE:
            label[i], waiting = number, [i]
            while waiting:
                for j in near(waiting.pop()):
                    if label[j] == NOISE:
                        label[j] = number
                        if core[j]:
                            waiting.append(j)
            number += 1
    return label, core


@settings(deadline=None, max_examples=200)
@given(events=EVENTS, metres=st.integers(0, 4), days=st.integers(0, 5), least=st.integers(1, 5))
def test_labels_are_those_of_the_definition_and_of_scikit_learn(
    events: list[tuple[int, int, int]], metres: int, days: int, least: int
) -> None:
    rows = np.array(events, float).reshape(-1, 3)
    points, times = rows[:, :2] * 100 + [460_000, 99_000], (rows[:, 2] * DAY_MS + 1_700_000_000_000).astype(np.int64)
    found = labels_of(points, times, eps_metres=metres * 100, eps_days=days, min_events=least)
    label, core = by_definition(points, times, metres * 100, days, least)
    assert found.label.tolist() == label
    assert found.core.tolist() == core
    if events:
        apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
        near = (apart <= metres * 100) & (np.abs(times[:, None] - times[None]) <= days * DAY_MS)
        graph = sparse.csr_matrix(np.where(near, 0.5, 0))
        theirs = DBSCAN(eps=1, min_samples=least, metric="precomputed").fit(graph)
        assert found.label.tolist() == theirs.labels_.tolist()


def test_near_is_a_disc_and_not_a_square() -> None:
    corner = np.array([[0.0, 0], [90, 90], [0, 90]])
    times = np.zeros(3, np.int64)
    assert labels_of(corner[:2], times[:2], eps_metres=100, eps_days=1, min_events=2).label.tolist() == [NOISE, NOISE]
    assert labels_of(corner, times, eps_metres=100, eps_days=1, min_events=2).label.tolist() == [0, 0, 0]


def test_two_bursts_at_one_place_are_two_clusters_with_their_times_and_shape() -> None:
    points = np.array([[0.0, 0], [50, 0], [50, 50], [0, 0], [50, 0], [50, 50], [9_000, 0]])
    days = np.array([0, 1, 2, 60, 61, 62, 1])
    first, second = clusters_of(points, days * DAY_MS, eps_metres=100, eps_days=3, min_events=3)
    assert first.members == first.core == (0, 1, 2)
    assert second.members == (3, 4, 5)
    assert (first.first, first.last, first.events) == (0, 2 * DAY_MS, 3)
    assert first.centre == pytest.approx((100 / 3, 50 / 3))
    assert set(first.hull) == {(0, 0), (50, 0), (50, 50)}


def test_events_at_one_snap_point_have_one_corner() -> None:
    (only,) = clusters_of(np.ones((4, 2)), np.zeros(4, np.int64), eps_metres=0, eps_days=0, min_events=4)
    assert only.hull == ((1, 1),)
    assert clusters_of(np.empty((0, 2)), np.empty(0, np.int64), eps_metres=1, eps_days=1, min_events=1) == []


def test_distances_that_join_everything_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("queries.analysis.clusters.MOST_PAIRS", 5)
    with pytest.raises(ParameterError, match="smaller distances"):
        clusters_of(np.ones((5, 2)), np.zeros(5, np.int64), eps_metres=1, eps_days=1, min_events=2)
    for wrong in ({"eps_metres": -1}, {"eps_days": -1}, {"min_events": 0}):
        with pytest.raises(ParameterError, match=next(iter(wrong))):
            clusters_of(
                np.ones((5, 2)), np.zeros(5, np.int64), **{"eps_metres": 1, "eps_days": 1, "min_events": 2, **wrong}
            )
