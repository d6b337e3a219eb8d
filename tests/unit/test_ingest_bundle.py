"""What a bundle's rows become, and which of them are refused."""

import datetime as dt
from pathlib import Path

import pytest
from ingest_memory import REPORT, BundleFolder, KilledError, MemoryWriter

from ingest import pipeline
from ingest.errors import FileRefusedError
from ingest.pipeline import RunReport, run
from queries.records import FAR_FUTURE, FAR_PAST
from queries.sight import WITH_SUBJECT, sight_for

UTC = dt.UTC


@pytest.fixture
def bundle(tmp_path: Path) -> BundleFolder:
    return BundleFolder(tmp_path / "bundle")


def bring_in(
    bundle: BundleFolder, writer: MemoryWriter | None = None, *, dry_run: bool = False, accept_good_rows: bool = False
) -> tuple[RunReport, MemoryWriter]:
    writer = writer or MemoryWriter()
    return run("bundle", [bundle.write()], writer, dry_run=dry_run, accept_good_rows=accept_good_rows), writer


def rules(report: RunReport, severity: str = "error") -> list[tuple[str, int, str, str]]:
    return [(p.file, p.row, p.column, p.rule.partition(":")[0]) for p in report.problems if p.severity == severity]


def test_a_bundle_comes_in_under_its_own_keys(bundle: BundleFolder) -> None:
    report, writer = bring_in(bundle)
    assert report.as_json() == {
        "run": report.run,
        "kind": "bundle",
        "read": 4,
        "added": {"subjects": 2, "claims": 1, "reports": 1},
        "already_held": 0,
        "withdrawn": 0,
        "problems": [],
    }
    assert set(writer.subjects) == {"bundle:solent/ana", "bundle:solent/ben"}
    claim = writer.claims["solent/c1"]
    assert (claim.from_key, claim.to_key, claim.report_key) == (
        "bundle:solent/ana",
        "bundle:solent/ben",
        "bundle:solent/r1",
    )
    assert (claim.happened_from, claim.happened_to, claim.time_known) == (FAR_PAST, FAR_FUTURE, "unknown")
    assert claim.recorded_at == claim.known_from == dt.datetime(2026, 5, 2, 9, tzinfo=UTC)
    mention = writer.mentions["solent/ana@"]
    assert (mention.label, mention.sight, mention.known_from) == ("Ana Exampleby", WITH_SUBJECT, FAR_PAST)


def test_the_same_bundle_twice_changes_nothing(bundle: BundleFolder) -> None:
    first, writer = bring_in(bundle)
    before = repr(writer.content())
    again, _ = bring_in(bundle, writer)
    assert again.run == first.run
    assert (again.written.subjects, again.written.claims, again.written.reports, again.written.already_held) == (
        0,
        0,
        0,
        4,
    )
    assert repr(writer.content()) == before


def test_a_dry_run_says_what_would_happen_and_writes_nothing(bundle: BundleFolder) -> None:
    report, writer = bring_in(bundle, dry_run=True)
    assert report.as_json()["added"] == {"subjects": 2, "claims": 1, "reports": 1}
    assert not writer.batches
    bring_in(bundle, writer)
    bundle.claims[0]["claim_ref"] = "c2"
    report, _ = bring_in(bundle, writer, dry_run=True)
    assert (report.as_json()["added"], report.withdrawn) == ({"subjects": 0, "claims": 1, "reports": 0}, 1)
    assert set(writer.claims) == {"solent/c1"}


def test_a_new_edition_withdraws_what_it_no_longer_says(bundle: BundleFolder) -> None:
    bundle.claims.append({**bundle.claims[0], "claim_ref": "c2", "type": "FAMILY_OF"})
    bundle.subjects.append({"ref": "ana", "kind": "child", "label": "Annie", "report_ref": "r1"})
    _, writer = bring_in(bundle)
    bundle.claims.pop()
    bundle.subjects.pop()
    report, _ = bring_in(bundle, writer)
    assert report.withdrawn == 1
    assert set(writer.claims) == {"solent/c1"}
    assert set(writer.mentions) == {"solent/ana@", "solent/ben@"}
    assert "bundle:solent/ana" in writer.subjects


def test_an_interrupted_edition_ends_nothing(bundle: BundleFolder) -> None:
    _, writer = bring_in(bundle)
    bundle.claims[0]["claim_ref"] = "c2"
    writer.killed_at = 3
    with pytest.raises(KilledError):
        bring_in(bundle, writer)
    assert "solent/c1" in writer.claims
    writer.killed_at = None
    report, _ = bring_in(bundle, writer)
    assert report.withdrawn == 1
    assert set(writer.claims) == {"solent/c2"}


def test_another_bundle_with_a_longer_name_is_left_alone(bundle: BundleFolder, tmp_path: Path) -> None:
    other = BundleFolder(tmp_path / "other", manifest={**bundle.manifest, "name": "solent2"})
    _, writer = bring_in(other)
    bring_in(bundle, writer)
    bundle.claims.clear()
    bring_in(bundle, writer)
    assert set(writer.claims) == {"solent2/c1"}


def test_an_unreadable_row_does_not_withdraw_the_claim_it_was(bundle: BundleFolder) -> None:
    _, writer = bring_in(bundle)
    bundle.claims[0]["happened_from"] = "last Tuesday"
    report, _ = bring_in(bundle, writer, accept_good_rows=True)
    assert report.withdrawn == 0
    assert set(writer.claims) == {"solent/c1"}


def test_a_row_that_cannot_be_named_keeps_the_edition_open(bundle: BundleFolder) -> None:
    _, writer = bring_in(bundle)
    bundle.claims[0]["claim_ref"] = ""
    report, _ = bring_in(bundle, writer, accept_good_rows=True)
    assert ("claims.csv", 0, "", "edition_not_closed") in rules(report, "warning")
    assert set(writer.claims) == {"solent/c1"}


@pytest.mark.parametrize(
    ("table", "change", "where"),
    [
        ("reports", {"kind": "gossip"}, ("reports.csv", 2, "kind", "unknown_kind")),
        ("reports", {"submitted_at": "2026-05-02T09:00:00"}, ("reports.csv", 2, "submitted_at", "needs_offset")),
        ("reports", {"submitted_at": "02/05/2026"}, ("reports.csv", 2, "submitted_at", "not_a_time")),
        ("reports", {"copied_from": "r9"}, ("reports.csv", 2, "copied_from", "unknown_reference")),
        ("subjects", {"kind": "dragon"}, ("subjects.csv", 2, "kind", "unknown_kind")),
        ("subjects", {"kind": "context"}, ("subjects.csv", 2, "kind", "unknown_kind")),
        ("subjects", {"ref": ""}, ("subjects.csv", 2, "ref", "required")),
        ("subjects", {"latitude": "95", "longitude": "0"}, ("subjects.csv", 2, "latitude", "latitude_out_of_range")),
        (
            "subjects",
            {"latitude": "50", "longitude": "-181"},
            ("subjects.csv", 2, "longitude", "longitude_out_of_range"),
        ),
        ("subjects", {"latitude": "nan", "longitude": "0"}, ("subjects.csv", 2, "latitude", "not_a_number")),
        ("subjects", {"date_of_birth": "30/02/2010"}, ("subjects.csv", 2, "date_of_birth", "not_a_date")),
        ("subjects", {"attributes": "[1]"}, ("subjects.csv", 2, "attributes", "not_json")),
        ("subjects", {"attributes": '{"a": NaN}'}, ("subjects.csv", 2, "attributes", "not_json")),
        ("subjects", {"attributes": '{"a": 1e999}'}, ("subjects.csv", 2, "attributes", "not_json")),
        ("subjects", {"attributes": '{"a": 1, "a": 2}'}, ("subjects.csv", 2, "attributes", "not_json")),
        ("subjects", {"attributes": '{"a": "\\ud800"}'}, ("subjects.csv", 2, "attributes", "not_json")),
        ("subjects", {"attributes": '{"a":' * 5000}, ("subjects.csv", 2, "attributes", "not_json")),
        ("subjects", {"report_ref": "r9"}, ("subjects.csv", 2, "report_ref", "unknown_reference")),
        ("claims", {"type": "LIKES"}, ("claims.csv", 2, "type", "unknown_type")),
        ("claims", {"from_ref": "cat"}, ("claims.csv", 2, "from_ref", "unknown_reference")),
        ("claims", {"report_ref": "r9"}, ("claims.csv", 2, "report_ref", "unknown_reference")),
        ("claims", {"report_ref": ""}, ("claims.csv", 2, "report_ref", "required")),
        ("claims", {"type": "LIVES_AT"}, ("claims.csv", 2, "type", "ends_do_not_fit")),
        ("claims", {"happened_from": "2026-13-01"}, ("claims.csv", 2, "happened_from", "not_a_time")),
    ],
)
def test_a_bad_row_is_refused_where_it_stands(
    bundle: BundleFolder, table: str, change: dict[str, str], where: tuple[str, int, str, str]
) -> None:
    getattr(bundle, table)[0].update(change)
    report, writer = bring_in(bundle)
    assert where in rules(report)
    assert report.refused
    assert not writer.batches
    assert all(value not in p.rule for p in report.problems for value in change.values() if len(value) > 3)


@pytest.mark.parametrize(
    ("table", "change", "rule"),
    [
        ("reports", {"agency": "fire"}, "unknown_agency"),
        ("reports", {"handling": "X"}, "unknown_handling"),
        ("reports", {"handling": "P", "conditions": "originator"}, "conditions_on_p"),
        ("reports", {"handling": "C", "conditions": "own use"}, "unknown_condition"),
        ("reports", {"info_eval": "Z", "scheme": "3x5x2"}, "unknown_grade"),
        ("reports", {"submitted_at": "0202-05-01"}, "old_date"),
        ("reports", {"submitted_at": ""}, "recorded_unknown"),
        ("reports", {"copied_from": "r1"}, "copies_in_a_circle"),
        ("subjects", {"date_of_birth": "2999-01-01"}, "date_of_birth_in_future"),
        ("subjects", {"date_of_birth": "1850-01-01"}, "date_of_birth_too_old"),
        ("subjects", {"latitude": "50.8"}, "half_a_position"),
        ("claims", {"happened_from": "2026-06-01"}, "recorded_before_happened"),
        ("claims", {"happened_from": "2026-04-02T10:00"}, "no_offset"),
        ("claims", {"recorded_at": "2026-05-03T10:00"}, "no_offset"),
        ("claims", {"withdrawn_at": "2026-05-03T10:00"}, "no_offset"),
        ("claims", {"happened_from": "2026-04-02", "happened_to": "2026-04-01"}, "ends_before_it_starts"),
        ("claims", {"to_ref": "ana"}, "joins_itself"),
        ("claims", {"attributes": '{"seconds": "many"}'}, "bad_seconds"),
        ("claims", {"attributes": '{"time_known": "perhaps"}'}, "unknown_time_word"),
    ],
)
def test_all_else_is_a_warning_and_comes_in(
    bundle: BundleFolder, table: str, change: dict[str, str], rule: str
) -> None:
    getattr(bundle, table)[0].update(change)
    report, writer = bring_in(bundle)
    assert rule in {found for *_, found in rules(report, "warning")}
    assert not report.has_errors
    assert "solent/c1" in writer.claims


def test_a_bad_row_takes_with_it_what_refers_to_it(bundle: BundleFolder) -> None:
    bundle.reports.append({"report_ref": "r2", **REPORT, "kind": "gossip"})
    bundle.reports.append({"report_ref": "r3", **REPORT, "copied_from": "r2"})
    bundle.claims.append({**bundle.claims[0], "claim_ref": "c3", "report_ref": "r3"})
    report, writer = bring_in(bundle, accept_good_rows=True)
    assert rules(report) == [
        ("reports.csv", 3, "kind", "unknown_kind"),
        ("reports.csv", 4, "copied_from", "left_out_with"),
        ("claims.csv", 3, "report_ref", "left_out_with"),
    ]
    assert set(writer.claims) == {"solent/c1"}
    assert set(writer.reports) == {"bundle:solent/r1"}


def test_a_subject_whose_only_claim_was_refused_is_not_shown_to_all(bundle: BundleFolder) -> None:
    bundle.reports[0] |= {"handling": "C", "conditions": "originator"}
    bundle.claims[0]["happened_from"] = "nonsense"
    report, writer = bring_in(bundle, accept_good_rows=True)
    assert not writer.mentions
    assert ("subjects.csv", 2, "ref", "only_named_by_bad_claims") in rules(report)


def test_labels_come_after_the_claims_that_hide_them(bundle: BundleFolder) -> None:
    _, writer = bring_in(bundle)
    order = [
        name for _, _, b in writer.batches for name in ("subjects", "reports", "claims", "mentions") if getattr(b, name)
    ]
    assert order == ["subjects", "reports", "claims", "mentions"]


def test_batches_are_small_and_in_order(bundle: BundleFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "BATCH_ROWS", 2)
    bundle.subjects += [{"ref": f"s{n}", "kind": "person"} for n in range(5)]
    _, writer = bring_in(bundle)
    subjects = [s.key for _, _, batch in writer.batches for s in batch.subjects]
    assert subjects == sorted(subjects)
    assert max(len(batch.subjects) for _, _, batch in writer.batches) == 2
    assert [position for _, position, _ in writer.batches] == list(range(len(writer.batches)))


@pytest.mark.parametrize(
    ("given", "handling", "conditions"),
    [
        ("police", "P", ""),
        ("police", "C", "originator;A1"),
        ("health", "", ""),
        ("health", "3", ""),
        ("fire", "C", "own"),
    ],
)
def test_a_claim_takes_the_sight_of_its_report(
    bundle: BundleFolder, given: str, handling: str, conditions: str
) -> None:
    bundle.reports[0] |= {"agency": given, "handling": handling, "conditions": conditions}
    _, writer = bring_in(bundle)
    treated_as = "other" if given == "fire" else given
    assert writer.claims["solent/c1"].sight == sight_for(handling, conditions.split(";"), treated_as)
    assert writer.reports["bundle:solent/r1"].agency == given


@pytest.mark.parametrize(
    ("kind", "start", "end", "expected"),
    [
        ("KNOWS", "2026-05-01", "", ((2026, 4, 30, 23), None, "exact")),
        ("SEEN_WITH", "2026-05-01T12:00:00Z", "", ((2026, 5, 1, 12), (2026, 5, 1, 12), "exact")),
        (
            "SEEN_WITH",
            "2026-05-01T12:00:00Z",
            "2026-05-01T15:00:00+01:00",
            ((2026, 5, 1, 12), (2026, 5, 1, 14), "exact"),
        ),
        ("SEEN_WITH", "", "2026-05-01T12:00:00Z", (None, (2026, 5, 1, 12), "within")),
        ("KNOWS", "", "2026-05-01T12:00:00Z", (None, (2026, 5, 1, 12), "exact")),
        ("SEEN_WITH", "2025-10-26T01:30:00", "", ((2025, 10, 26, 0, 30), (2025, 10, 26, 1, 30), "about")),
        ("SEEN_WITH", "2026-03-29T01:30:00", "", ((2026, 3, 29, 0, 30), (2026, 3, 29, 1, 30), "about")),
    ],
    ids=["state", "event", "offsets", "event-end-only", "state-end-only", "hour-twice", "hour-missing"],
)
def test_bounds_of_time_are_always_set(
    bundle: BundleFolder,
    kind: str,
    start: str,
    end: str,
    expected: tuple[tuple[int, ...] | None, tuple[int, ...] | None, str],
) -> None:
    bundle.claims[0] |= {"type": kind, "happened_from": start, "happened_to": end}
    _, writer = bring_in(bundle)
    claim = writer.claims["solent/c1"]
    first = dt.datetime(*expected[0], tzinfo=UTC) if expected[0] else FAR_PAST  # type: ignore[misc,arg-type]
    last = dt.datetime(*expected[1], tzinfo=UTC) if expected[1] else FAR_FUTURE  # type: ignore[misc,arg-type]
    assert (claim.happened_from, claim.happened_to, claim.time_known) == (first, last, expected[2])
    assert claim.happened_from.tzinfo is UTC


def test_what_attributes_say_of_time_event_and_names(bundle: BundleFolder) -> None:
    bundle.claims[0]["attributes"] = '{"time_known": "within", "event_id": 7, "seconds": 20}'
    bundle.subjects[0]["attributes"] = '{"aliases": ["Annie"], "class": "9B"}'
    _, writer = bring_in(bundle)
    claim, mention = writer.claims["solent/c1"], writer.mentions["solent/ana@"]
    assert (claim.time_known, claim.event_key, claim.attributes["seconds"]) == ("within", "solent/7", 20)
    assert (mention.aliases, mention.attributes) == (("Annie",), {"class": "9B"})


def test_a_subject_may_be_described_by_several_reports(bundle: BundleFolder) -> None:
    bundle.reports.append({"report_ref": "r2", **REPORT, "handling": "C", "conditions": "originator"})
    bundle.subjects.append({"ref": "ben", "kind": "person", "label": "B.", "report_ref": "r2"})
    report, writer = bring_in(bundle)
    assert not report.has_errors
    hidden = writer.mentions["solent/ben@r2"]
    assert hidden.sight == sight_for("C", ["originator"], "police")
    assert hidden.known_from == dt.datetime(2026, 5, 2, 9, tzinfo=UTC)
    assert writer.subjects["bundle:solent/ben"].kind == "adult"


def test_the_same_row_twice_counts_once_and_a_reference_is_not_used_for_two_things(bundle: BundleFolder) -> None:
    bundle.claims.append(dict(bundle.claims[0]))
    report, writer = bring_in(bundle)
    assert rules(report, "warning") == [("claims.csv", 3, "claim_ref", "same_row_again")]
    assert report.written.claims == 1
    bundle.claims[1]["type"] = "FAMILY_OF"
    report, _ = bring_in(bundle, writer)
    assert rules(report) == [("claims.csv", 3, "claim_ref", "repeated_reference")]


def test_references_with_an_at_sign_cannot_meet(bundle: BundleFolder) -> None:
    bundle.subjects = [{"ref": "ana", "kind": "child"}, {"ref": "a@b", "kind": "account"}]
    bundle.claims[0] |= {"to_ref": "a@b", "type": "USES"}
    _, writer = bring_in(bundle)
    assert set(writer.mentions) == {"solent/ana@", "solent/a%40b@"}
    assert "bundle:solent/a@b" in writer.subjects


def test_withdrawn_at_ends_the_life_of_a_claim(bundle: BundleFolder) -> None:
    bundle.claims[0]["withdrawn_at"] = "2026-06-01T00:00:00Z"
    _, writer = bring_in(bundle)
    assert writer.claims["solent/c1"].live_to == dt.datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("file", "text", "rule"),
    [
        ("bundle.json", '{"name": "a/b"}', "bad_name"),
        ("bundle.json", '{"name": "a", "colour": "red"}', "bad_manifest"),
        ("bundle.json", "[]", "bad_manifest"),
        ("subjects.csv", "ref,kind,shoe_size\n", "unknown_column"),
        ("subjects.csv", "ref\n", "missing_column"),
        ("subjects.csv", "ref,kind,kind\n", "repeated_column"),
        ("subjects.csv", "", "empty_file"),
        ("subjects.csv", "ref,kind\nana,child,extra\n", "too_many_cells"),
    ],
)
def test_a_file_of_the_wrong_shape_is_refused(bundle: BundleFolder, file: str, text: str, rule: str) -> None:
    folder = bundle.write()
    (folder / file).write_text(text, encoding="utf-8")
    report = run("bundle", [folder], MemoryWriter())
    assert rule in {found for name, _, _, found in rules(report) if name == file}
    assert "shoe_size" not in str(report.as_json())


def test_a_missing_file_is_named(bundle: BundleFolder) -> None:
    folder = bundle.write()
    (folder / "claims.csv").unlink()
    assert ("claims.csv", 0, "", "missing_file") in rules(run("bundle", [folder], MemoryWriter()))
    with pytest.raises(FileRefusedError, match="a bundle is a folder"):
        run("bundle", [folder / "nowhere"], MemoryWriter())


def test_a_byte_order_mark_is_no_part_of_the_first_column(bundle: BundleFolder) -> None:
    folder = bundle.write()
    path = folder / "subjects.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    report = run("bundle", [folder], MemoryWriter())
    assert not report.problems


def test_nothing_of_a_person_shows_in_what_is_said(bundle: BundleFolder) -> None:
    bundle.subjects[0] |= {"date_of_birth": "Ana was born late", "latitude": "Ana", "attributes": "Ana"}
    report, _ = bring_in(bundle)
    assert len(report.problems) >= 3
    assert "Ana" not in str(report.as_json())
