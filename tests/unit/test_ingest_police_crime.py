"""Street crime of data.police.uk: every row an event, whatever it lacks."""

import csv
import datetime as dt
import gzip
from pathlib import Path

import pytest
from ingest_memory import MemoryWriter, write_table

import ingest
from ingest.pipeline import run
from ingest.police_crime import COLUMNS
from queries.sight import OPEN

SAMPLE = Path(ingest.__file__).parent / "data" / "portsmouth-2018-10_2019-01.csv.gz"
ASB = {
    "Month": "2018-10",
    "Reported by": "Hampshire Constabulary",
    "Longitude": "-1.090495",
    "Latitude": "50.852105",
    "Location": "On or near Supermarket",
    "Crime type": "Anti-social behaviour",
}
THEFT = {**ASB, "Crime ID": "c0ffee", "Crime type": "Other theft", "Last outcome category": "Under investigation"}


@pytest.fixture(scope="module")
def portsmouth() -> MemoryWriter:
    writer = MemoryWriter()
    report = run("police-crime", [SAMPLE], writer)
    assert not report.problems
    assert report.as_json()["added"] == {"subjects": 8465 + 1432, "claims": 8465, "reports": 8465}
    return writer


def test_every_row_of_portsmouth_is_an_event(portsmouth: MemoryWriter) -> None:
    crimes = [s for s in portsmouth.subjects.values() if s.kind == "incident"]
    assert len(crimes) == 8465
    with gzip.open(SAMPLE, "rt", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    unnamed = [tuple(row.values()) for row in rows if not row["Crime ID"]]
    assert (len(unnamed), len(unnamed) - len(set(unnamed))) == (582, 81)


def test_no_person_is_made_of_a_published_crime(portsmouth: MemoryWriter) -> None:
    assert {s.kind for s in portsmouth.subjects.values()} == {"incident", "location"}
    assert {claim.type for claim in portsmouth.claims.values()} == {"AT"}


def test_the_same_rows_in_another_file_are_the_same(portsmouth: MemoryWriter, tmp_path: Path) -> None:
    with gzip.open(SAMPLE, "rt", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    turned = write_table(tmp_path / "renamed.csv", COLUMNS, reversed(rows))
    before = repr(sorted(portsmouth.claims.items())), len(portsmouth.mentions)
    report = run("police-crime", [turned], portsmouth)
    assert report.as_json()["added"] == {"subjects": 0, "claims": 0, "reports": 0}
    assert (repr(sorted(portsmouth.claims.items())), len(portsmouth.mentions)) == before


@pytest.fixture
def street(tmp_path: Path) -> Path:
    return tmp_path / "2018-10-hampshire-street.csv"


def test_when_and_where_it_happened_is_told_as_coarsely_as_it_was_published(street: Path) -> None:
    writer = MemoryWriter()
    run("police-crime", [write_table(street, COLUMNS, [THEFT])], writer)
    claim = writer.claims["police.uk:crime/c0ffee/at"]
    assert claim.happened_from == dt.datetime(2018, 9, 30, 23, tzinfo=dt.UTC)
    assert claim.happened_to == claim.recorded_at == claim.known_from == dt.datetime(2018, 11, 1, tzinfo=dt.UTC)
    assert (claim.time_known, claim.role, claim.sight) == ("within", "occurred", OPEN)
    (place,) = [m for m in writer.mentions.values() if m.subject_key == claim.to_key]
    assert (place.label, place.latitude, place.longitude) == ("On or near Supermarket", 50.852105, -1.090495)
    assert "not an address" in str(place.attributes["precision"])


def test_of_two_files_the_one_with_more_copies_adds_what_the_other_lacks(street: Path, tmp_path: Path) -> None:
    writer = MemoryWriter()
    two = write_table(street, COLUMNS, [ASB, ASB])
    three = write_table(tmp_path / "again.csv", COLUMNS, [ASB, ASB, ASB])
    assert run("police-crime", [two], writer).written.claims == 2
    assert run("police-crime", [three], writer).written.claims == 1
    assert run("police-crime", [two], writer).written.claims == 0
    together = MemoryWriter()
    assert run("police-crime", [two, three], together).written.claims == 3
    assert together.claims == writer.claims


def test_a_row_without_a_position_is_kept_without_a_place(street: Path) -> None:
    writer = MemoryWriter()
    row = {**THEFT, "Longitude": "", "Latitude": "", "Location": "No Location"}
    report = run("police-crime", [write_table(street, COLUMNS, [row])], writer)
    assert [p.rule.partition(":")[0] for p in report.problems] == ["no_position"]
    assert set(writer.subjects) == {"police.uk:crime/c0ffee"}
    assert not writer.claims


@pytest.mark.parametrize(
    ("change", "column", "rule"),
    [
        ({"Month": "2018-13"}, "Month", "bad_month"),
        ({"Latitude": "91"}, "Latitude", "latitude_out_of_range"),
        ({"Longitude": "west"}, "Longitude", "not_a_number"),
        ({"Crime type": ""}, "Crime type", "required"),
    ],
)
def test_a_bad_row_stops_the_file_unless_the_good_ones_are_asked_for(
    street: Path, change: dict[str, str], column: str, rule: str
) -> None:
    path = write_table(street, COLUMNS, [ASB, {**THEFT, **change}])
    writer = MemoryWriter()
    report = run("police-crime", [path], writer)
    assert [(p.row, p.column, p.rule.partition(":")[0]) for p in report.problems] == [(3, column, rule)]
    assert report.refused
    assert not writer.batches
    assert run("police-crime", [path], writer, accept_good_rows=True).written.claims == 1


def test_rows_that_share_a_crime_id_but_differ_are_all_kept(street: Path) -> None:
    elsewhere = {**THEFT, "Latitude": "50.800000"}
    first, second = MemoryWriter(), MemoryWriter()
    report = run("police-crime", [write_table(street, COLUMNS, [THEFT, elsewhere])], first)
    assert [p.rule.partition(":")[0] for p in report.problems] == ["crime_id_repeats"]
    run("police-crime", [write_table(street, COLUMNS, [elsewhere, THEFT])], second)
    assert len(first.claims) == 2
    assert first.claims == second.claims
