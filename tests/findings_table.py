"""
What convergence and peer groups make of invented cities, where it is known what was planted: rows for docs/trust-in-findings.md.

Run as `python tests/findings_table.py`, or with cities to look at: `python tests/findings_table.py city:7 force:2026 london:2026 city:7:nothing`.
Seconds are those of a processor, for one analysis after the city was made. London takes some minutes and about 6 GB to make.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from city_graph import city_graph

from ingest.gazetteer import official_reader
from queries.analysis.convergence import converging
from queries.analysis.groups import peer_groups
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, VisibleGraph

CITIES = ("city:2026", "city:7", "city:11", "city:23", "city:42", "force:2026", "force:7", "force:11")
NOTHING = ("city:2026:nothing", "city:7:nothing", "force:2026:nothing")
WEEKS_26 = 26 * 7 * 24 * 60 * 60 * 1000


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Give what a piece of work finds, and the seconds of a processor that it took."""
    began = time.process_time()
    found = work()
    return found, time.process_time() - began


def meetings(graph: VisibleGraph, truth: Any, since: int) -> str:
    """Tell where the planted places stand among those at which reports meet, and what is listed."""
    found, seconds = timed(lambda: converging(graph, reader=official_reader(), recorded_from=since))
    names = [{graph.subjects[at].key for cited in one.citations for at in cited.things} for one in found]
    stand = []
    for meeting in truth["converging_places"]:
        places = {row["place"] for row in meeting["spellings"]}
        stand.append(next((str(at) for at, named in enumerate(names, start=1) if places & named), "not found"))
    new = sum(one.is_new for one in found)
    kinds = ", ".join(f"{count} {standing}" for standing, count in Counter(one.standing for one in found).items())
    return f"planted at {', '.join(stand) or 'nothing planted'}; {new} new, {len(found) - new} below ({kinds}); {seconds:.1f} s"


def groups(graph: VisibleGraph, truth: Any) -> str:
    """Tell how many planted groups are found by half of the people or more, and how many of those told were planted."""
    found, seconds = timed(lambda: peer_groups(graph, happened_from=FAR_PAST_MS, happened_to=FAR_FUTURE_MS))
    planted = [frozenset(group["members"]) for group in truth["peer_groups"]]
    told = [frozenset(graph.subjects[at].key for at in one.members) for one in found]

    def alike(one: frozenset[str], other: frozenset[str]) -> bool:
        return 2 * len(one & other) >= len(one | other)

    hit = sum(any(alike(one, other) for other in told) for one in planted)
    true = sum(any(alike(one, other) for other in planted) for one in told)
    return f"{len(planted)} planted, {hit} found; {len(told)} told, {true} true; {seconds:.1f} s"


def main() -> None:
    """Print what is found in each city."""
    for city in sys.argv[1:] or (*CITIES, *NOTHING):
        size, seed, *nothing = city.split(":")
        made = city_graph(size, seed=int(seed), planted=not nothing)  # type: ignore[arg-type]
        graph, truth = made.seen_by("intelligence"), made.city.truth
        told = [
            city,
            f"  convergence: {meetings(graph, truth, FAR_PAST_MS)}",
            f"  looking back 26 weeks: {meetings(graph, truth, graph.known_at - WEEKS_26)}",
            f"  peer groups: {groups(graph, truth)}",
        ]
        sys.stdout.write("\n".join(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
