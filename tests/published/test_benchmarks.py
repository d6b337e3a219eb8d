"""The jobs of `make bench` at their small sizes: each runs, its results agree with its peer's, and its row can be written."""

import re
from collections.abc import Callable

import measured
import pytest
from jobs import jobs_at, row, subjects
from measured import Measured

from graph_service.store.local import LocalNeo4j

# Ibis calls what DuckDB and pandas have renamed; the figures do not depend on it.
pytestmark = [pytest.mark.store, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture(scope="module")
def small(neo4j_server: LocalNeo4j, empty_store: Callable[[], None]) -> list[Measured]:
    """Measure every job, of each but one round, on the session's server where one is needed."""
    address, measure = neo4j_server.address, measured._measure
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(measured, "_measure", lambda work, _, sender: measure(work, 1, sender))
        return [found for subject in subjects() for found in jobs_at(address, empty_store, subject, "small")]


def test_every_job_says_how_its_results_were_compared_and_fits_its_table(small: list[Measured]) -> None:
    assert len(small) >= 10
    for found in small:
        assert found.agrees, found.job
        assert found.ours_timing.seconds > 0
        assert row(found).count("|") == 13, found.job


def test_no_job_disagrees_with_its_peer(small: list[Measured]) -> None:
    # Jobs write DIFFER or DIFFERENT for results that are not the same; "difference 2e-16" is how near two figures are.
    assert [found.job for found in small if re.search(r"\bDIFFER(ENT)?\b", found.agrees)] == []
