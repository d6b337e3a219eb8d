"""The graph's contract holds together: every query keeps its header, the schema has every claim type, sights mean what they say."""

import re
from pathlib import Path

import pytest

from queries.catalogue import question, questions
from queries.errors import UnknownQueryError, VocabularyError
from queries.loader import ROOT, load
from queries.sight import NOBODY, OPEN, WITH_SUBJECT, Sight, sight_for
from queries.vocabulary import CLAIM_TYPES, SUSPECTED_FALSE, UNGRADED, ends_fit, information_rank, labels_of

QUERIES = sorted(path for path in ROOT.rglob("*.cypher") if path.parent.name != "schema")


@pytest.mark.parametrize("path", QUERIES, ids=lambda p: f"{p.parent.name}.{p.stem}")
def test_every_query_keeps_the_promise_of_its_header(path: Path) -> None:
    query = load(f"{path.parent.name}.{path.stem}")
    assert query.doc.endswith(".")
    assert query.mode in {"read", "write"}


def test_no_query_that_people_ask_forgets_who_may_see_or_when_it_was_known() -> None:
    for asked in questions().values():
        for name in asked.cypher:
            text = load(name).text
            assert "$sights" in text, name
            assert "$known_at" in text, name


def test_the_schema_has_every_claim_type_and_no_index_on_sight() -> None:
    text = (ROOT / "schema" / "2_claims.cypher").read_text(encoding="utf-8")
    for name in CLAIM_TYPES:
        assert len(re.findall(rf"\[r:{name}\]", text)) == 3, name
    assert not re.search(r"r\.(sight|known_from)\b", text)


def test_a_name_that_is_no_question_is_told_so() -> None:
    for name in ("no.such", "people/../people", "people.profile.", ""):
        with pytest.raises(UnknownQueryError):
            load(name)
    with pytest.raises(UnknownQueryError):
        question("people.nobody")


def test_every_analysis_of_the_catalogue_is_there() -> None:
    from importlib import import_module

    for asked in questions().values():
        if asked.analysis and asked.analysis != "queries.analysis.hotspots":
            module, _, function = asked.analysis.rpartition(".")
            assert callable(getattr(import_module(module), function))


@pytest.mark.parametrize(
    ("handling", "conditions", "agency", "opened"),
    [
        ("P", [], "police", "coordinator intelligence police satellite school"),
        ("P", ["originator"], "police", "coordinator intelligence police satellite school"),
        ("C", [], "police", "coordinator intelligence"),
        ("C", ["originator"], "police", "intelligence"),
        ("C", ["A1", "S2"], "social_care", "coordinator intelligence"),
        ("", [], "social_care", "coordinator intelligence satellite"),
        ("5", [], "education", "coordinator intelligence school"),
        ("C", ["made-up"], "education", "school"),
        ("", ["originator"], "social_care", "intelligence satellite"),
    ],
)  # fmt: skip
def test_who_may_see_what_follows_from_handling_conditions_and_agency(
    handling: str, conditions: list[str], agency: str, opened: str
) -> None:
    held = {
        "coordinator": {
            "agency:partnership",
            "handling:C",
            "condition:A1",
            "condition:A2",
            "condition:S1",
            "condition:S2",
        },
        "intelligence": {
            "agency:police",
            "handling:C",
            *(f"condition:{c}" for c in ("originator", "A1", "A2", "S1", "S2")),
        },
        "police": {"agency:police"} if handling == "P" else set(),
        "satellite": {"agency:social_care"},
        "school": {"agency:education"},
    }
    sight = sight_for(handling, conditions, agency)
    assert {who for who, things in held.items() if sight.opened_by(things)} == set(opened.split())
    assert Sight.parse(sight.text) == sight


def test_sights_combine_to_what_both_need() -> None:
    one, other = Sight.any_of({"a"}, {"b"}), Sight.any_of({"c"})
    assert one.with_all_of(other) == Sight.any_of({"a", "c"}, {"b", "c"})
    assert one.with_all_of(OPEN) == one
    assert one.with_all_of(NOBODY) == NOBODY
    assert one.with_all_of(WITH_SUBJECT) == one
    assert len({OPEN.sid, NOBODY.sid, WITH_SUBJECT.sid, one.sid, other.sid}) == 5
    assert max(one.sid, other.sid) < 2**52


def test_grades_and_ends() -> None:
    assert [information_rank(letter, "3x5x2") for letter in "ABCDE"] == [0, 1, 2, 3, SUSPECTED_FALSE]
    assert information_rank("5", "5x5x5") == SUSPECTED_FALSE
    assert information_rank("", "") == UNGRADED
    assert ends_fit("SAME_AS", "child", "person")
    assert not ends_fit("SAME_AS", "child", "vehicle")
    assert not ends_fit("LIVES_AT", "vehicle", "location")
    assert labels_of("incident", "missing_episode") == ("Incident", "MissingEpisode")
    with pytest.raises(VocabularyError):
        labels_of("dragon")
