"""What is worked out once: shared by all who see the same graph, and by nobody else."""

import threading
import time
from typing import Any

import pytest
from graphs import SECRET, START, World, claim, mention, projection_of, report, subject

from queries.projection import VisibleGraph, visible_graph
from queries.worked_out import MOST_KEPT, WorkedOut

WORLD = World(
    [subject("ana", "child"), subject("ben", "child")],
    [report("r1"), report("r2")],
    [mention("ana"), mention("ben")],
    [claim("c1", "ana", "KNOWS", "ben", "r1"), claim("c2", "ana", "SEEN_WITH", "ben", "r2", sight=SECRET[0])],
)


def claims_of(graph: VisibleGraph, **_: Any) -> tuple[str, ...]:
    return tuple(graph.claims.claim_id.tolist())


def test_a_finding_is_shared_by_moments_of_one_graph_and_by_no_other_viewers() -> None:
    everything = projection_of(WORLD)
    cleared, other = visible_graph(everything, SECRET, START), visible_graph(everything, (), START)
    assert cleared.once(claims_of, most=1) == ("c1", "c2")
    later = cleared.at_moment(START + 1)
    assert later.once(claims_of, most=1) is cleared.at_moment(START + 2).once(claims_of, most=1)
    assert other.once(claims_of, most=1) == ("c1",)
    moments = [graph.once(lambda graph: graph.known_at, since=graph.known_at) for graph in (later, cleared)]
    assert moments == [START + 1, START]


def test_who_asks_the_same_meanwhile_waits_for_it() -> None:
    kept, worked, found = WorkedOut(), [], []

    def work() -> int:
        worked.append(1)
        time.sleep(0.05)
        return 7

    threads = [threading.Thread(target=lambda: found.append(kept.once("key", work))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (worked, found) == ([1], [7] * 4)


def test_an_error_is_not_kept_and_the_oldest_make_room() -> None:
    kept = WorkedOut()
    with pytest.raises(ZeroDivisionError):
        kept.once(0, lambda: 1 / 0)
    assert kept.once(0, lambda: "again") == "again"
    for number in range(1, MOST_KEPT + 1):
        kept.once(number, lambda: "once")
    assert kept.once(MOST_KEPT, lambda: "anew") == "once"
    assert kept.once(0, lambda: "anew") == "anew"
