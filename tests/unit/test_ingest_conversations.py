"""Return Home Conversations and assessments: what partners write, and what becomes of it."""

import csv
import datetime as dt
import io
from pathlib import Path

import pytest
from ingest_memory import MemoryWriter, write_table

from graph_service.pathway.language import flags
from ingest.partner_tables import words
from ingest.pipeline import RunReport, run
from ingest.rows import ROWS
from ingest.templates import template
from queries.factors import FACTORS
from queries.sight import OPEN, sight_for
from queries.vocabulary import ASSESSMENT_REPORTS, FACTOR_LABELS, ends_fit

UTC = dt.UTC
NOW = dt.datetime(2026, 11, 23, 9, tzinfo=UTC)


def example(kind: str, at: int) -> dict[str, str]:
    return list(csv.DictReader(io.StringIO(template(kind))))[at]


TOLD, OFFERED = example("conversation", 0), example("conversation", 1)
CERAF, SERAF = example("assessment", 0), example("assessment", 1)


class Desk:
    def __init__(self, folder: Path) -> None:
        self.folder, self.writer, self.files = folder, MemoryWriter(), 0

    def bring(self, kind: str, *rows: dict[str, str], dry_run: bool = False) -> RunReport:
        self.files += 1
        path = write_table(self.folder / f"file{self.files}.csv", list(ROWS[kind].model_fields), rows)
        return run(kind, [path], self.writer, now=NOW, dry_run=dry_run)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def told(report: RunReport, severity: str) -> set[tuple[int, str, str]]:
    return {(p.row, p.column, p.rule.partition(":")[0]) for p in report.problems if p.severity == severity}


def test_what_a_child_told_is_claims_each_with_its_report(desk: Desk) -> None:
    desk.bring("conversation", TOLD)
    found = sorted((claim.type, claim.role, claim.to_key) for claim in desk.writer.claims.values())
    assert [(kind, role) for kind, role, _ in found] == [
        ("AT", "occurred"),
        ("AT", "occurred"),
        ("INVOLVED_IN", "present"),
        ("INVOLVED_IN", "present"),
        ("KNOWS", "strength"),
    ]
    kinds = {key: subject.kind for key, subject in desk.writer.subjects.items()}
    for claim in desk.writer.claims.values():
        assert ends_fit(claim.type, kinds[claim.from_key], kinds[claim.to_key])
        assert claim.report_key == "social_care:conversation/RHC-EX-001"
        assert claim.sight == sight_for("C", (), "social_care")
    assert desk.writer.reports["social_care:conversation/RHC-EX-001"].kind == "return_conversation"
    (child,) = [key for key, kind in kinds.items() if kind == "child"]
    assert child == "social_care:person/SC-EX-01"
    (strength,) = [claim for claim in desk.writer.claims.values() if claim.type == "KNOWS"]
    assert (strength.from_key, strength.attributes["relation"]) == (child, "safe person")


def test_factors_and_dates_stand_on_the_time_away_and_not_on_the_child(desk: Desk) -> None:
    desk.bring("conversation", TOLD)
    (away,) = [m for m in desk.writer.mentions.values() if m.subject_key == "social_care:episode/EP-EX-001"]
    assert not {"push_factors", "pull_factors"} & set(away.attributes)
    (part,) = [
        c
        for c in desk.writer.claims.values()
        if c.from_key == "social_care:person/SC-EX-01" and c.attributes and c.type == "INVOLVED_IN"
    ]
    assert part.attributes["push_factors"] == ["conflict_at_placement"]
    assert part.attributes["pull_factors"] == ["met_online", "food"]
    assert away.attributes["conversation_offered"] == "2026-05-02T09:00:00+00:00"
    assert away.attributes["conversation_held"] == "2026-05-04T10:30:00+00:00"
    (child,) = [m for m in desk.writer.mentions.values() if m.subject_key == "social_care:person/SC-EX-01"]
    assert child.attributes == {}
    text = desk.writer.reports["social_care:conversation/RHC-EX-001"].text
    assert text.startswith("Ana said that nobody had asked before")
    assert "Safe people: Dee Pretendly" in text


def test_what_has_no_coded_word_stays_in_the_report_and_is_told(desk: Desk) -> None:
    report = desk.bring(
        "conversation", {**TOLD, "push_factors": "Argument at home; what Mum's boyfriend did", "pull_factors": ""}
    )
    assert told(report, "warning") == {(2, "push_factors", "no_coded_word")}
    assert "what Mum's boyfriend did" in desk.writer.reports["social_care:conversation/RHC-EX-001"].text
    said = [*desk.writer.claims.values(), *desk.writer.mentions.values()]
    assert not any("boyfriend" in repr(row.attributes) for row in said)
    assert [c.attributes["push_factors"] for c in desk.writer.claims.values() if "push_factors" in c.attributes] == [
        ["conflict_at_home"]
    ]


def test_coded_words_blame_no_child_and_stand_for_one_thing_each() -> None:
    assert [factor.label for factor in FACTORS if flags(factor.label) or flags(factor.code.replace("_", " "))] == []
    assert len(FACTORS) <= 60
    page = (Path(__file__).parents[2] / "docs" / "instruments.md").read_text(encoding="utf-8")
    assert all(f"`{factor.code}` ({factor.label})" in page for factor in FACTORS)
    for direction, labels in FACTOR_LABELS.items():
        texts = words(f"{direction}_words")
        assert set(texts) <= set(labels)
        every = [text for some in texts.values() for text in some]
        assert len(every) == len(set(every)), direction


def test_a_conversation_opens_and_closes_no_episode(desk: Desk) -> None:
    desk.bring("conversation", TOLD, OFFERED)
    assert {claim.role for claim in desk.writer.claims.values()} == {"present", "occurred", "strength"}


def test_a_conversation_that_was_only_offered(desk: Desk) -> None:
    report = desk.bring("conversation", OFFERED)
    assert not report.problems
    (claim,) = desk.writer.claims.values()
    assert claim.to_key == "social_care:conversation/RHC-EX-002/away"
    # The child was back by then; from when is not known.
    assert claim.time_known == "within"
    assert claim.happened_to == dt.datetime(2026, 5, 8, 16, tzinfo=UTC)
    assert claim.sight == OPEN


def test_the_times_away_are_the_times_of_what_was_told(desk: Desk) -> None:
    desk.bring("conversation", TOLD)
    when = {(claim.happened_from, claim.happened_to) for claim in desk.writer.claims.values() if claim.type == "AT"}
    assert when == {(dt.datetime(2026, 5, 1, 18, 30, tzinfo=UTC), dt.datetime(2026, 5, 2, 1, 40, tzinfo=UTC))}


@pytest.mark.parametrize(
    ("kind", "change", "expected"),
    [
        ("conversation", {"child_ref": "", "child_name": ""}, ("child_ref", "required")),
        ("conversation", {"offered_at": "", "held_at": ""}, ("offered_at", "required")),
        ("conversation", {"held_at": "31/02/2026 10:00"}, ("held_at", "not_a_time")),
        ("conversation", {"submitted_at": ""}, ("submitted_at", "required")),
        ("conversation", {"been_at_latitude": "north"}, ("been_at_latitude", "not_a_number")),
        ("assessment", {"child_ref": "", "child_name": ""}, ("child_ref", "required")),
        ("assessment", {"instrument": ""}, ("instrument", "required")),
        ("assessment", {"assessed_at": ""}, ("assessed_at", "required")),
        ("assessment", {"judgement": "severe"}, ("judgement", "not_a_band")),
        ("assessment", {"agreed_grade": "amber"}, ("agreed_grade", "not_a_band")),
        ("assessment", {"date_of_birth": "31/04/2011"}, ("date_of_birth", "not_a_date")),
    ],
)
def test_what_cannot_be_used_is_refused(
    desk: Desk, kind: str, change: dict[str, str], expected: tuple[str, str]
) -> None:
    report = desk.bring(kind, {**example(kind, 0), **change})
    assert told(report, "error") == {(2, *expected)}
    assert report.refused
    assert not desk.writer.batches


@pytest.mark.parametrize(
    ("kind", "change", "expected"),
    [
        ("conversation", {"away_to": "30/04/2026 10:00"}, ("away_to", "ends_before_it_starts")),
        ("conversation", {"been_at_longitude": ""}, ("been_at_latitude", "half_a_position")),
        (
            "conversation",
            {"been_at_latitude": "51.5", "been_at_longitude": "-0.1"},
            ("been_at_latitude", "outside_area"),
        ),
        ("conversation", {"handling": "X"}, ("handling", "unknown_handling")),
        ("assessment", {"judgement_reason": "", "text": ""}, ("judgement_reason", "no_reason")),
        ("assessment", {"grading_reason": ""}, ("grading_reason", "no_reason")),
        ("assessment", {"agency": "coastguard"}, ("agency", "unknown_agency")),
    ],
)
def test_what_looks_wrong_is_kept_with_a_warning(
    desk: Desk, kind: str, change: dict[str, str], expected: tuple[str, str]
) -> None:
    report = desk.bring(kind, {**example(kind, 0), **change})
    assert (2, *expected) in told(report, "warning")
    assert not report.has_errors
    assert report.written.reports == 1


@pytest.mark.parametrize("kind", ["conversation", "assessment"])
def test_one_number_is_not_used_for_two_reports(desk: Desk, kind: str) -> None:
    row, number = example(kind, 0), f"{kind}_ref"
    assert told(desk.bring(kind, row, row), "warning") == {(3, number, "same_row_again")}
    other = desk.bring(kind, row, {**row, "text": "something else"})
    assert told(other, "error") == {(3, number, "repeated_reference")}


@pytest.mark.parametrize("kind", ["conversation", "assessment"])
def test_a_row_without_a_number_is_known_by_its_content(desk: Desk, kind: str) -> None:
    row = {**example(kind, 0), f"{kind}_ref": ""}
    assert desk.bring(kind, row).written.reports == 1
    before = repr(desk.writer.content())
    again = desk.bring(kind, row)
    assert (again.written.subjects, again.written.claims, again.written.reports) == (0, 0, 0)
    assert repr(desk.writer.content()) == before


def test_an_assessment_is_a_judgement_and_makes_no_claim(desk: Desk) -> None:
    desk.bring("assessment", CERAF, SERAF)
    assert not desk.writer.claims
    assert {report.kind for report in desk.writer.reports.values()} <= ASSESSMENT_REPORTS
    (said,) = [m.attributes for m in desk.writer.mentions.values() if m.subject_key == "social_care:person/SC-EX-01"]
    assert (said["assessed_band"], said["assessed_judgement"], said["assessed_agreed"]) == ("low", "medium", "medium")
    assert (said["assessed_police"], said["assessed_childrens_services"]) == ("low", "medium")
    assert said["assessed_on"] == "2026-05-05"
    assert all(name.startswith("assessed_") for name in said)
    assert "Judgement reason: The form is low" in desk.writer.reports["social_care:assessment/AS-EX-001"].text


def test_the_sender_names_its_own_child_and_nobody_elses(desk: Desk) -> None:
    desk.bring("conversation", TOLD)
    desk.bring("assessment", CERAF)
    assert {key for key, subject in desk.writer.subjects.items() if subject.kind == "child"} == {
        "social_care:person/SC-EX-01"
    }
    desk.bring("assessment", {**CERAF, "agency": "health"})
    assert "health:person/SC-EX-01" in desk.writer.subjects


def test_partners_may_name_their_columns_as_they_do(desk: Desk, tmp_path: Path) -> None:
    renamed = {
        "been_at": "Where the child had been",
        "with_whom": "Who with",
        "held_by": "By whom",
        "push_factors": "Push",
    }
    row = {renamed.get(column, column): value for column, value in TOLD.items()}
    report = run("conversation", [write_table(tmp_path / "theirs.csv", list(row), [row])], desk.writer, now=NOW)
    assert not report.problems
    assert desk.bring("conversation", TOLD).written.reports == 0


@pytest.mark.parametrize("kind", ["conversation", "assessment"])
@pytest.mark.parametrize(
    "hostile",
    ["=HYPERLINK(1)", "<script>alert(1)</script>", "a\x01b\u202ec", "💣" * 4000, "'; MATCH (n) DETACH DELETE n //"],
)
def test_hostile_text_is_text(desk: Desk, kind: str, hostile: str) -> None:
    row = {**example(kind, 0), "text": hostile, "child_name": hostile}
    report = desk.bring(kind, row)
    assert hostile not in str(report.as_json())
    if not report.refused:
        (kept,) = desk.writer.reports.values()
        assert kept.text.startswith(hostile[:5].strip())


@pytest.mark.parametrize("kind", ["conversation", "assessment"])
def test_nothing_of_a_person_shows_in_what_is_said(desk: Desk, kind: str) -> None:
    row = dict.fromkeys(ROWS[kind].model_fields, "Exampleby")
    report = desk.bring(kind, row)
    assert len(report.problems) >= 3
    assert "Exampleby" not in str(report.as_json())


@pytest.mark.parametrize("kind", ["conversation", "assessment"])
def test_a_dry_run_writes_nothing(desk: Desk, kind: str) -> None:
    report = desk.bring(kind, example(kind, 0), example(kind, 1), dry_run=True)
    assert report.written.reports == 2
    assert not desk.writer.batches
