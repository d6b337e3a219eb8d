"""A person's decision that no route passes through a subject: the same for everyone who sees it, undone by withdrawal, never a leak."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from graph_service.bootstrap import Service
from graph_service.errors import NotFoundError, NotPermittedError
from queries.errors import ParameterError

BringIn = Callable[..., dict[str, object]]
SUBJECTS = [
    {"ref": "ana", "kind": "child", "label": "Ana Exampleby", "report_ref": "open"},
    {"ref": "ben", "kind": "child", "label": "Ben Exampleby", "report_ref": "open"},
    {"ref": "club", "kind": "location", "subkind": "place", "label": "Invented Club", "report_ref": "open"},
    {"ref": "lone", "kind": "location", "subkind": "place", "label": "Invented Yard", "report_ref": "held"},
]
REPORTS = [
    {"report_ref": "open", "kind": "observation", "agency": "youth", "submitted_at": "2026-05-01T10:00:00Z", "handling": "P",
     "source_eval": "1", "info_eval": "C", "scheme": "3x5x2"},
    {"report_ref": "held", "kind": "cpi", "agency": "police", "submitted_at": "2026-05-02T10:00:00Z", "handling": "C", "conditions": "originator"},
]  # fmt: skip
CLAIMS = [
    {"claim_ref": "c1", "report_ref": "open", "from_ref": "ana", "to_ref": "club", "type": "FREQUENTS",
     "happened_from": "2026-04-01", "happened_to": "2026-04-02"},
    {"claim_ref": "c2", "report_ref": "open", "from_ref": "ben", "to_ref": "club", "type": "FREQUENTS",
     "happened_from": "2026-04-01", "happened_to": "2026-04-02"},
]  # fmt: skip
REASON = "Hidden Exampleby says that the whole estate meets there."


@pytest.fixture
def small(service: Service, bring_in: BringIn) -> Service:
    bring_in(SUBJECTS, REPORTS, CLAIMS)
    return service


def asked(service: Service, who: str, **parameters: str) -> dict[str, Any]:
    given = {"a": "ref:small/ana", "b": "ref:small/ben", **parameters}
    return service.questions.ask(service.viewer(who, ""), "links.between", given)


def test_a_decided_hub_joins_no_route_for_anybody_until_it_is_withdrawn(small: Service) -> None:
    before = asked(small, "analyst")["as_known_at"]
    intelligence = small.viewer("intelligence", "")
    made = small.hubs.add(intelligence, "ref:small/club", REASON)
    for who in ("coordinator", "satellite", "intelligence", "analyst"):
        answer = asked(small, who)
        assert answer["rows"] == []
        (searched,) = [text for text in answer["caveats"] if text.startswith("Searched")]
        assert "1 such place reached" in searched
        assert len(asked(small, who, through_hubs="true")["rows"]) == 1
    assert len(asked_then(small, before)["rows"]) == 1
    assert small.keeping.check(small.operator("test"))["problems"] == []
    with pytest.raises(NotPermittedError):
        small.hubs.withdraw(small.viewer("coordinator", ""), "ref:small/club", "It is only a club.")
    assert small.hubs.withdraw(intelligence, "ref:small/club", "It is only a club.")["withdrawn"] == made["decision"]
    assert len(asked(small, "analyst")["rows"]) == 1


def asked_then(service: Service, moment: str) -> dict[str, Any]:
    given = {"a": "ref:small/ana", "b": "ref:small/ben"}
    known_at = dt.datetime.fromisoformat(moment)
    return service.questions.ask(service.viewer("analyst", ""), "links.between", given, as_known_at=known_at)


def test_a_decision_shows_nobody_a_subject_that_they_may_not_see(small: Service) -> None:
    intelligence, satellite = small.viewer("intelligence", ""), small.viewer("satellite", "")
    made = small.hubs.add(intelligence, "ref:small/lone", REASON)
    with pytest.raises(NotFoundError):
        small.subject(satellite, "ref:small/lone")
    # The reason is read by those who hold what the subject needs.
    report = str(small.graphs.projection().reports.uid[-1])
    assert small.graphs.projection().reports.key[-1] == made["decision"]
    assert small.report(intelligence, report)["parts"][0]["text"] == REASON
    with pytest.raises(NotFoundError):
        small.report(satellite, report)


@pytest.mark.parametrize(
    ("who", "subject", "reason", "error"),
    [
        ("analyst", "ref:small/club", REASON, NotPermittedError),
        ("school", "ref:small/club", REASON, NotPermittedError),
        ("coordinator", "ref:small/lone", REASON, NotFoundError),
        ("coordinator", "ref:small/nowhere", REASON, NotFoundError),
        ("coordinator", "ref:small/club", " ", ParameterError),
    ],
)
def test_who_may_not_decide_is_refused(
    small: Service, who: str, subject: str, reason: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        small.hubs.add(small.viewer(who, ""), subject, reason)
    with pytest.raises(error):
        small.hubs.withdraw(small.viewer(who, ""), subject, reason)


def test_what_is_left_out_by_ones_own_filters_is_told(small: Service) -> None:
    answer = asked(small, "analyst", weakest="B", to="2026-04-01")
    assert answer["rows"] == []
    told = [text for text in answer["caveats"] if text.startswith("Left out by your own filters")]
    (left_out,) = told
    assert "without them there would be 1 route, the shortest of 2 hops." in left_out
    assert "by time 2 claims (small/c1, small/c2); by grade 2 claims (small/c1, small/c2)." in left_out
    assert len(asked(small, "analyst", weakest="C", **{"from": "2026-04-01", "to": "2026-04-02"})["rows"]) == 1
    assert asked(small, "analyst", relations="KNOWS")["rows"] == []
    assert len(asked(small, "analyst", relations="FREQUENTS", handling="P")["rows"]) == 1
    for wrong in (
        {"relations": "SAME_AS"},
        {"weakest": "Z"},
        {"handling": "C"},
        {"from": "2026-05-01", "to": "2026-04-01"},
    ):
        with pytest.raises(ParameterError):
            asked(small, "analyst", **wrong)
