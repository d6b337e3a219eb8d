"""What must hold of any file: order, name and repetition of a file change nothing, and a killed import ends as if it had not been."""

import datetime as dt
from collections import Counter
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingest_memory import REPORT, BundleFolder, KilledError, MemoryWriter, write_table

from ingest import pipeline
from ingest.hashing import content_keys
from ingest.pipeline import run
from ingest.police_crime import COLUMNS
from ingest.times import LONDON, on_the_clock

ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), max_size=12)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_identities_of_rows_do_not_depend_on_their_order(rows: list[tuple[str, str]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sorted(content_keys(rows)) == sorted(content_keys(shuffled))
    assert len(set(content_keys(rows))) == len(rows)


@given(ROWS, ROWS)
def test_two_files_keep_the_larger_count_of_each_row(one: list[tuple[str, str]], two: list[tuple[str, str]]) -> None:
    together = set(content_keys(one)) | set(content_keys(two))
    assert len(together) == sum((Counter(one) | Counter(two)).values())


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.sampled_from(["Drugs", "Robbery"]), max_size=4), min_size=1, max_size=3))
def test_street_crimes_without_an_id_keep_the_larger_count(files: list[list[str]]) -> None:
    common = {"Month": "2018-10", "Longitude": "-1.09", "Latitude": "50.85", "Location": "On or near Parking Area"}
    writer = MemoryWriter()
    largest: Counter[str] = Counter()
    with TemporaryDirectory() as folder:
        for at, crimes in enumerate(files):
            rows = [{**common, "Crime type": crime} for crime in crimes]
            run("police-crime", [write_table(Path(folder) / f"{at}.csv", COLUMNS, rows)], writer)
            largest |= Counter(crimes)
    assert len(writer.claims) == sum(largest.values())


@settings(max_examples=60, deadline=None)
@given(st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2037, 12, 31)))  # noqa: DTZ001
def test_a_clock_time_stands_for_exactly_the_instants_that_show_it(local: dt.datetime) -> None:
    moment = on_the_clock(local)
    around = local.replace(tzinfo=dt.UTC)
    shown = [
        instant
        for hours in range(-3, 4)
        if (instant := around + dt.timedelta(hours=hours)).astimezone(LONDON).replace(tzinfo=None) == local
    ]
    if shown:
        assert (moment.earliest, moment.latest) == (shown[0], shown[-1])
    else:
        assert moment.note == "missing_hour"


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 6), st.integers(0, 8), st.integers(0, 12), st.integers(0, 12))
def test_an_import_that_was_killed_ends_as_if_it_had_not_been(
    people: int, claims: int, killed_at: int, again_at: int
) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "BATCH_ROWS", 2)
        bundle = BundleFolder(
            Path(folder),
            reports=[{"report_ref": f"r{n}", **REPORT} for n in range(2)],
            subjects=[{"ref": f"s{n}", "kind": "person", "label": f"Person {n}"} for n in range(people)],
            claims=[
                {
                    "claim_ref": f"c{n}",
                    "report_ref": f"r{n % 2}",
                    "from_ref": "s0",
                    "to_ref": f"s{n % people}",
                    "type": "KNOWS",
                }
                for n in range(claims)
            ],
        )
        path = bundle.write()
        whole, broken = MemoryWriter(), MemoryWriter()
        expected = run("bundle", [path], whole)
        for at in (killed_at, again_at):
            broken.killed_at = at
            with suppress(KilledError):
                run("bundle", [path], broken)
        broken.killed_at = None
        assert run("bundle", [path], broken).run == expected.run
        assert broken.content() == whole.content()
