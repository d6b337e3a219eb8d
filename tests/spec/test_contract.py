"""The contract as outside callers meet it: editions of a bundle, rights that are always today's, and what find finds."""

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from graph_service.bootstrap import Service
from graph_service.errors import NotFoundError
from graph_service.store.bolt import BoltStore

BringIn: TypeAlias = Callable[..., dict[str, object]]

SUBJECTS = [{"ref": name, "kind": "child", "label": f"Invented {name}"} for name in ("ana", "ben", "cat")]
CLAIMS = [
    {"claim_ref": "c1", "report_ref": "r1", "from_ref": "ana", "to_ref": "ben", "type": "KNOWS"},
    {"claim_ref": "c2", "report_ref": "r2", "from_ref": "ben", "to_ref": "cat", "type": "KNOWS"},
]


def report(ref: str, **said: str) -> dict[str, str]:
    """Give a row of a report, open to all unless told otherwise."""
    return {
        "report_ref": ref,
        "kind": "observation",
        "agency": "police",
        "submitted_at": "2026-05-01T10:00:00Z",
        "handling": "P",
        "text": "As first written.",
    } | said


def ask(
    service: Service, who: str, name: str, at: dt.datetime | None = None, **parameters: str
) -> list[dict[str, Any]]:
    """Ask a question and give its rows; none where the subject is not there."""
    try:
        answer = service.questions.ask(service.viewer(who, ""), name, parameters, as_known_at=at)
    except NotFoundError:
        return []
    return list(answer["rows"])


def links(service: Service, who: str, at: dt.datetime | None = None) -> list[dict[str, Any]]:
    """Ask how Ana is connected to Ben."""
    return ask(service, who, "links.between", at, a="ref:small/ana", b="ref:small/ben")


def test_a_corrected_report_is_read_in_its_new_words_and_before_that_in_its_old(
    service: Service, bring_in: BringIn
) -> None:
    bring_in(SUBJECTS, [report("r1"), report("r2")], CLAIMS)
    before = dt.datetime.now(dt.UTC)
    bring_in(SUBJECTS, [report("r1", text="As corrected."), report("r2")], CLAIMS)

    (now,) = ask(service, "intelligence", "reports.evidence", claims="small/c1")
    (then,) = ask(service, "intelligence", "reports.evidence", before, claims="small/c1")

    assert (now["text"], then["text"]) == ("As corrected.", "As first written.")


def test_a_report_that_is_restricted_today_is_closed_as_known_yesterday_too(
    service: Service, bring_in: BringIn
) -> None:
    bring_in([*SUBJECTS, {"ref": "ana", "kind": "child", "label": "Nan Exampleby", "report_ref": "r1"}],
             [report("r1"), report("r2")], CLAIMS)  # fmt: skip
    before = dt.datetime.now(dt.UTC)
    assert links(service, "satellite", before)
    bring_in([*SUBJECTS, {"ref": "ana", "kind": "child", "label": "Nan Exampleby", "report_ref": "r1"}],
             [report("r1", handling="C"), report("r2")], CLAIMS)  # fmt: skip

    assert not links(service, "satellite")
    assert not links(service, "satellite", before)
    assert not ask(service, "satellite", "reports.evidence", before, claims="small/c1")
    assert not service.find(service.viewer("satellite", ""), "Nan Exampleby")
    assert links(service, "intelligence", before)
    assert service.keeping.check(service.operator("test"))["problems"] == []


def test_a_report_that_is_restricted_closes_claims_that_an_edition_made_no_longer(
    service: Service, bring_in: BringIn
) -> None:
    bring_in(SUBJECTS, [report("r1"), report("r2")], CLAIMS)
    before = dt.datetime.now(dt.UTC)
    bring_in(SUBJECTS, [report("r1"), report("r2")], CLAIMS[1:])
    bring_in(SUBJECTS, [report("r1", handling="C", conditions="originator"), report("r2")], CLAIMS[1:])

    assert not links(service, "coordinator", before)
    assert links(service, "intelligence", before)


def test_a_report_that_is_opened_is_open_as_known_before(service: Service, bring_in: BringIn) -> None:
    bring_in(SUBJECTS, [report("r1", handling="C"), report("r2")], CLAIMS)
    before = dt.datetime.now(dt.UTC)
    bring_in(SUBJECTS, [report("r1"), report("r2")], CLAIMS)

    assert links(service, "satellite", before)
    assert service.keeping.check(service.operator("test"))["problems"] == []


def test_a_sight_that_was_changed_from_outside_is_a_problem(
    service: Service, bring_in: BringIn, store: BoltStore
) -> None:
    bring_in(SUBJECTS, [report("r1", handling="C"), report("r2")], CLAIMS)
    for opened in ("MATCH ()-[r:KNOWS {claim_id: 'small/c1'}]->() SET r.sight = 1",
                   "MATCH (p:ReportPart) SET p.sight = 1",
                   "MATCH (m:Mention) WITH collect(m) AS all WITH all[0] AS one, all[1] AS other SET one.packed = other.packed"):  # fmt: skip
        store.define([opened])

    problems = service.keeping.check(service.operator("test"))["problems"]

    assert [p for p in problems if p.startswith("claim:KNOWS: the content of 1")]
    assert [p for p in problems if p.startswith("report: the content of 1")]
    assert [p for p in problems if p.startswith("mention: the content of 1")], "a copy that is another row's"


def test_a_report_that_turns_out_to_be_independent_is_counted(service: Service, bring_in: BringIn) -> None:
    claims = [*CLAIMS, {**CLAIMS[0], "claim_ref": "c3", "report_ref": "r2"}]

    def reports() -> int:
        (link,) = ask(service, "intelligence", "peers.network", subject="ref:small/ana")
        return int(link["kinds"]["knows"]["reports"])

    bring_in(SUBJECTS, [report("r1"), report("r2", copied_from="r1")], claims)
    assert reports() == 1
    bring_in(SUBJECTS, [report("r1"), report("r2")], claims)
    assert reports() == 2


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("QX58 ZZA", "car"),
        ("qx58zza", "car"),
        ("QX58", "car"),
        ("58ZZ", "car"),
        ("QX5? ZZA", "car"),
        ("QX58 ZZB", "car"),
        ("QX5A ZZA", "seen"),
        ("@zed_99", "handle"),
        ("07700900123", "phone"),
        ("+44 7700 900123", "phone"),
        ("900123", "phone"),
        ("PO1 2ZZ", "place"),
        ("po12zz", "place"),
        ("Jonny Exampelby", "ana"),
        ("Jon Exam", "ana"),
        ("Guil", "place"),
        ("Gildhall Wlak", "place"),
    ],
)
def test_what_is_typed_with_other_spaces_or_in_part_or_with_a_slip_is_found(
    service: Service, bring_in: BringIn, typed: str, found: str
) -> None:
    named = {
        "ana": ("child", "Ana", '{"aliases": ["Jonny Exampleby"]}'),
        "car": ("vehicle", "Blue car", '{"registration": "QX58 ZZA"}'),
        "seen": ("vehicle", "A car in the rain", '{"registration": "QX5A ??A"}'),
        "handle": ("account", "A handle", '{"handle": "@zed_99"}'),
        "phone": ("account", "A phone", '{"number": "07700 900123"}'),
        "place": ("location", "Guildhall Walk", '{"postcode": "PO1 2ZZ"}'),
    }
    subjects = [{"ref": ref, "kind": k, "label": label, "attributes": a} for ref, (k, label, a) in named.items()]
    bring_in(subjects, [report("r1")], [])

    rows = service.find(service.viewer("intelligence", ""), typed)

    assert rows
    assert rows[0]["ref"] == f"small/{found}"


@pytest.mark.parametrize("typed", ["ZZ11 ZZZ", "99", "58?", "07700900999"])
def test_another_plate_or_number_is_not_found(service: Service, bring_in: BringIn, typed: str) -> None:
    bring_in(
        [{"ref": "car", "kind": "vehicle", "label": "Car", "attributes": '{"registration": "QX58 ZZA", "phone": "07700 900123"}'}],
        [report("r1")],
        [],
    )  # fmt: skip

    assert not service.find(service.viewer("intelligence", ""), typed)
