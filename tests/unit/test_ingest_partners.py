"""PPN1 reports, CPI submissions and lists of people: what partners write, and what becomes of it."""

import csv
import datetime as dt
import io
from pathlib import Path

import pytest
from ingest_memory import MemoryWriter, write_table

from ingest.errors import UnknownKindError
from ingest.kinds import KINDS
from ingest.pipeline import RunReport, run
from ingest.rows import ROWS
from ingest.templates import described, template
from queries.sight import OPEN, sight_for

UTC = dt.UTC
NOW = dt.datetime(2026, 11, 23, 9, tzinfo=UTC)
PARTNERS = ("missing", "cpi", "conversation", "assessment", "people")


def example(kind: str, at: int) -> dict[str, str]:
    return list(csv.DictReader(io.StringIO(template(kind))))[at]


OPENING, LOCATED = example("missing", 0), example("missing", 1)


class Desk:
    """Brings rows of one kind in, a file each time."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.writer, self.files = folder, MemoryWriter(), 0

    def bring(
        self, kind: str, *rows: dict[str, str], dry_run: bool = False, accept_good_rows: bool = False
    ) -> RunReport:
        self.files += 1
        path = write_table(self.folder / f"file{self.files}.csv", list(ROWS[kind].model_fields), rows)
        return run(kind, [path], self.writer, now=NOW, dry_run=dry_run, accept_good_rows=accept_good_rows)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def told(report: RunReport, severity: str) -> set[tuple[int, str, str]]:
    return {(p.row, p.column, p.rule.partition(":")[0]) for p in report.problems if p.severity == severity}


@pytest.mark.parametrize("kind", PARTNERS)
def test_a_template_comes_in_as_it_is_and_once(desk: Desk, kind: str) -> None:
    first = desk.bring(kind, example(kind, 0), example(kind, 1))
    assert (first.problems, first.read) == ([], 2)
    assert first.written.reports > 0
    assert (first.written.claims > 0) == (kind != "assessment")
    before = repr(desk.writer.content())
    again = desk.bring(kind, example(kind, 0), example(kind, 1))
    assert again.run == first.run
    assert (again.written.subjects, again.written.claims, again.written.reports) == (0, 0, 0)
    assert repr(desk.writer.content()) == before


@pytest.mark.parametrize("kind", PARTNERS)
def test_every_column_of_a_template_is_described(kind: str) -> None:
    assert list(described(kind)) == template(kind).splitlines()[0].split(",")
    assert all(described(kind).values())


def test_kinds_that_there_are_not_say_so(desk: Desk) -> None:
    with pytest.raises(UnknownKindError, match="bundle, police-crime, missing"):
        run("gossip", [Path("any.csv")], desk.writer)
    with pytest.raises(UnknownKindError, match="no template"):
        template("bundle")
    assert len(KINDS) == 7


def test_an_opening_and_a_located_report_meet_in_whichever_order_they_come(tmp_path: Path) -> None:
    graphs = []
    for order in ((OPENING, LOCATED), (LOCATED, OPENING)):
        desk = Desk(tmp_path)
        for row in order:
            desk.bring("missing", row)
        graphs.append(tuple(repr(sorted(part.items())) for part in desk.writer.content()[:4]))  # type: ignore[attr-defined]
    assert graphs[0] == graphs[1]
    together = Desk(tmp_path)
    together.bring("missing", LOCATED, OPENING)
    assert tuple(repr(sorted(part.items())) for part in together.writer.content()[:4]) == graphs[0]  # type: ignore[attr-defined]


def test_an_episode_has_one_child_a_beginning_and_a_located_time(desk: Desk) -> None:
    desk.bring("missing", OPENING, LOCATED)
    claims = {claim.role: claim for claim in desk.writer.claims.values()}
    assert claims["missing"].from_key == claims["located"].from_key == "police:person/CH-EX-01"
    assert claims["missing"].to_key == claims["located"].to_key == "police:episode/EP-EX-001"
    assert claims["missing"].happened_from == dt.datetime(2026, 5, 1, 18, 30, tzinfo=UTC)
    assert claims["located"].happened_from == dt.datetime(2026, 5, 2, 1, 40, tzinfo=UTC)
    assert {"missing_from", "last_seen", "found_at", "present"} <= claims.keys()
    assert claims["missing"].known_from == NOW
    assert claims["missing"].recorded_at == dt.datetime(2026, 5, 1, 21, 10, tzinfo=UTC)


@pytest.mark.parametrize("late", [False, True], ids=["in-one-file", "located-first"])
def test_that_a_child_is_located_is_open_to_whoever_may_see_the_child_missing(desk: Desk, late: bool) -> None:
    hidden = {**LOCATED, "handling": "C", "conditions": "originator"}
    if late:
        assert (2, "episode_ref", "orphan") in told(desk.bring("missing", hidden), "warning")
        desk.bring("missing", OPENING)
    else:
        desk.bring("missing", hidden, OPENING)
    sights = {claim.role: claim.sight for claim in desk.writer.claims.values()}
    own = sight_for("C", ["originator"], "police")
    assert (sights["missing"], sights["located"]) == (OPEN, OPEN)
    assert (sights["found_at"], sights["present"]) == (own, own)
    before = repr(desk.writer.content())
    desk.bring("missing", OPENING)
    desk.bring("missing", hidden)
    assert repr(desk.writer.content()) == before


def test_an_orphan_is_kept_with_a_warning(desk: Desk) -> None:
    report = desk.bring("missing", LOCATED)
    assert told(report, "warning") == {(2, "episode_ref", "orphan")}
    assert report.written.claims == 3


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"missing_since": "30/02/2026 10:00"}, ("missing_since", "not_a_time")),
        ({"missing_since": "05/13/2026 10:00"}, ("missing_since", "not_a_time")),
        ({"missing_since": "01/05/2026 25:61"}, ("missing_since", "not_a_time")),
        ({"missing_since": "", "last_seen_at": ""}, ("missing_since", "required")),
        ({"submitted_at": ""}, ("submitted_at", "required")),
        ({"date_of_birth": "31/04/2011"}, ("date_of_birth", "not_a_date")),
        ({"form": "lost"}, ("form", "unknown_kind")),
        ({"episode_ref": ""}, ("episode_ref", "required")),
        ({"last_seen_latitude": "north"}, ("last_seen_latitude", "not_a_number")),
        ({"last_seen_latitude": "95"}, ("last_seen_latitude", "latitude_out_of_range")),
    ],
)
def test_what_cannot_be_used_is_refused(desk: Desk, change: dict[str, str], expected: tuple[str, str]) -> None:
    report = desk.bring("missing", {**OPENING, **change})
    assert (2, *expected) in told(report, "error")
    assert report.refused
    assert not desk.writer.batches


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"date_of_birth": "14/02/2999"}, ("date_of_birth", "date_of_birth_in_future")),
        ({"date_of_birth": "14/02/1850"}, ("date_of_birth", "date_of_birth_too_old")),
        ({"date_of_birth": "14/02/11"}, ("date_of_birth", "two_digit_year")),
        ({"missing_since": "01/05/0202 10:00"}, ("missing_since", "old_date")),
        ({"missing_since": "26/10/2025 01:30"}, ("missing_since", "clock_change")),
        ({"missing_since": "29/03/2026 01:30"}, ("missing_since", "missing_hour")),
        ({"missing_from_postcode": "nowhere"}, ("missing_from_postcode", "odd_postcode")),
        ({"agency": "coastguard"}, ("agency", "unknown_agency")),
        ({"last_seen_latitude": ""}, ("last_seen_latitude", "half_a_position")),
    ],
)
def test_what_looks_wrong_is_kept_with_a_warning(desk: Desk, change: dict[str, str], expected: tuple[str, str]) -> None:
    report = desk.bring("missing", {**OPENING, **change})
    assert (2, *expected) in told(report, "warning")
    assert not report.has_errors
    assert report.written.claims == 3


@pytest.mark.parametrize(
    ("latitude", "longitude", "rule"),
    [
        ("-1.0925", "50.7983", "swapped_coordinates"),
        ("51.5074", "-0.1278", "outside_area"),
        ("0", "0", "outside_area"),
        ("464000", "100500", "grid_reference"),
    ],
)
def test_a_position_that_cannot_be_right_is_set_aside_and_not_lost(
    desk: Desk, latitude: str, longitude: str, rule: str
) -> None:
    row = {**OPENING, "last_seen_latitude": latitude, "last_seen_longitude": longitude}
    report = desk.bring("missing", row)
    assert told(report, "warning") == {(2, "last_seen_latitude", rule)}
    (place,) = [m for m in desk.writer.mentions.values() if m.label == "Guildhall Square"]
    assert (place.latitude, place.longitude) == (None, None)
    assert place.attributes["position"] == "set aside until confirmed"
    assert latitude in desk.writer.reports["police:ppn1/PPN1-EX-001"].text


def test_the_area_can_be_another(desk: Desk, tmp_path: Path) -> None:
    area = tmp_path / "area.geojson"
    area.write_text(
        '{"type": "Polygon", "coordinates": [[[-0.2, 51.4], [0, 51.4], [0, 51.6], [-0.2, 51.6], [-0.2, 51.4]]]}'
    )
    row = {**OPENING, "last_seen_latitude": "51.5074", "last_seen_longitude": "-0.1278"}
    path = write_table(tmp_path / "london.csv", list(row), [row])
    assert not run("missing", [path], MemoryWriter(), area=area).problems
    area.write_text("not an area")
    with pytest.raises(Exception, match="PMET_AREA"):
        run("missing", [path], MemoryWriter(), area=area)


def test_an_hour_that_the_clock_shows_twice_stands_for_both(desk: Desk) -> None:
    desk.bring("missing", {**OPENING, "missing_since": "26/10/2025 01:30"})
    (claim,) = [c for c in desk.writer.claims.values() if c.role == "missing"]
    assert claim.time_known == "about"
    assert claim.happened_from == dt.datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert claim.happened_to == dt.datetime(2025, 10, 26, 1, 30, tzinfo=UTC)


def test_rows_without_a_number_are_known_by_what_they_say(desk: Desk, tmp_path: Path) -> None:
    row = {**OPENING, "report_ref": ""}
    assert desk.bring("missing", row).written.reports == 1
    assert desk.bring("missing", row).written.reports == 0
    assert desk.bring("missing", row, row).written.reports == 1


def test_one_number_is_not_used_for_two_reports(desk: Desk) -> None:
    same = desk.bring("missing", OPENING, OPENING)
    assert told(same, "warning") == {(3, "report_ref", "same_row_again")}
    other = desk.bring("missing", OPENING, {**OPENING, "child_name": "Someone Else"})
    assert told(other, "error") == {(3, "report_ref", "repeated_reference")}


def test_partners_may_name_their_columns_as_they_do(desk: Desk, tmp_path: Path) -> None:
    renamed = {
        "child_name": "Name",
        "date_of_birth": "D.O.B.",
        "missing_since": "Date missing",
        "episode_ref": "Misper number",
    }
    row = {renamed.get(column, column): value for column, value in OPENING.items()}
    report = run("missing", [write_table(tmp_path / "theirs.csv", list(row), [row])], desk.writer, now=NOW)
    assert not report.problems
    assert desk.bring("missing", OPENING).written.reports == 0


def test_a_submission_keeps_its_text_in_parts_each_with_its_own_sight(desk: Desk) -> None:
    desk.bring("cpi", example("cpi", 0), example("cpi", 1))
    report = desk.writer.reports["youth:cpi/CPI-EX-001"]
    assert report.sight == sight_for("C", ["A1"], "youth")
    assert "Ana" in report.text
    text, sight = report.parts["sanitised"]
    assert (sight, "Ana" in text) == (OPEN, False)
    assert (report.source_eval, report.info_eval, report.scheme) == ("1", "B", "3x5x2")


def test_a_sanitised_text_of_unstated_handling_is_restricted(desk: Desk) -> None:
    rows = [{**example("cpi", at), "sanitised_handling": ""} for at in (0, 1)]
    desk.bring("cpi", *rows)
    _, sight = desk.writer.reports["youth:cpi/CPI-EX-001"].parts["sanitised"]
    assert sight == sight_for("", [], "youth") != OPEN


def test_those_in_a_submission_are_present_and_nothing_more(desk: Desk) -> None:
    desk.bring("cpi", example("cpi", 0), example("cpi", 1))
    assert {(c.type, c.role) for c in desk.writer.claims.values()} == {("INVOLVED_IN", "present"), ("AT", "occurred")}
    kinds = sorted(s.kind for s in desk.writer.subjects.values())
    assert kinds == ["adult", "child", "incident", "location", "vehicle"]


def test_a_part_of_a_plate_is_a_vehicle_of_that_report_alone(desk: Desk) -> None:
    first, second = example("cpi", 1), {**example("cpi", 1), "cpi_ref": "CPI-EX-002"}
    desk.bring("cpi", first, second)
    parts = [s for s in desk.writer.subjects.values() if s.kind == "vehicle"]
    assert len(parts) == 2
    whole = [{**row, "cpi_ref": f"{row['cpi_ref']}W", "vehicle_registration": "xx00 abc"} for row in (first, second)]
    desk.bring("cpi", *whole)
    assert "youth:vehicle/XX00ABC" in desk.writer.subjects
    assert sum(s.kind == "vehicle" for s in desk.writer.subjects.values()) == 3


def test_two_described_vehicles_of_one_submission_are_two(desk: Desk) -> None:
    rows = [
        {**example("cpi", 1), "vehicle_registration": "", "vehicle_description": described_as, "person_name": name}
        for described_as, name in (("white car", "Adult Unknown 1"), ("blue van", "Adult Unknown 2"))
    ]
    desk.bring("cpi", *rows)
    assert sum(s.kind == "vehicle" for s in desk.writer.subjects.values()) == 2


def test_rows_of_one_submission_must_agree(desk: Desk) -> None:
    report = desk.bring("cpi", example("cpi", 0), {**example("cpi", 1), "text": "something else"})
    assert told(report, "error") == {(3, "cpi_ref", "repeated_reference")}


def test_safe_adults_are_strengths_and_family_is_family(desk: Desk) -> None:
    mother = {
        **example("people", 0),
        "relation": "Mother",
        "other_ref": "P-EX-3",
        "other_kind": "adult",
        "tone": "concern",
    }
    tutor = {**example("people", 1), "tone": ""}
    desk.bring("people", mother, tutor)
    found = {(c.type, c.role) for c in desk.writer.claims.values()}
    assert found == {("FAMILY_OF", "mother"), ("KNOWS", "strength")}


def test_a_relation_that_nobody_knows_is_refused(desk: Desk) -> None:
    report = desk.bring("people", {**example("people", 0), "relation": "handler"})
    assert told(report, "error") == {(2, "relation", "unknown_type")}


def test_good_rows_go_in_when_asked(desk: Desk) -> None:
    bad = {**OPENING, "report_ref": "PPN1-EX-009", "missing_since": "whenever"}
    report = desk.bring("missing", OPENING, bad, accept_good_rows=True)
    assert (report.refused, report.has_errors, report.written.reports) == (False, True, 1)


def test_a_dry_run_of_a_partners_file_writes_nothing(desk: Desk) -> None:
    report = desk.bring("missing", OPENING, dry_run=True)
    assert report.written.claims == 3
    assert not desk.writer.batches


def test_nothing_of_a_person_shows_in_what_is_said(desk: Desk) -> None:
    bad = {
        **OPENING,
        "date_of_birth": "Exampleby",
        "missing_since": "Exampleby",
        "form": "Exampleby",
        "agency": "Exampleby",
    }
    report = desk.bring("missing", bad)
    assert len(report.problems) >= 3
    assert "Exampleby" not in str(report.as_json())
