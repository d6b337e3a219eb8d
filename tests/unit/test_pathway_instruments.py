"""The instruments as data, and what they say of answers: hand-worked cases, and what must hold of any answers."""

import datetime as dt
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.pathway.errors import PathwayDataError
from graph_service.pathway.harms import harms, in_age, older_by_years, range_in_age, tells_harm
from graph_service.pathway.instruments import (
    DATA,
    Answers,
    Instrument,
    as_row,
    instrument,
    instruments,
    load_forms,
    read_answers,
    with_form,
)
from graph_service.pathway.language import flags
from graph_service.pathway.packs import packs
from graph_service.pathway.scores import UNDEFINED, Score, age_on, score
from queries.errors import ParameterError

LEWISHAM, SERAF, CERAF = instrument("lewisham-cse"), instrument("seraf"), instrument("ceraf")
AT = dt.date(2026, 11, 26)
OLDER = {"learning_disability": "no", "under_13": "no"}


def ticked(low: int = 0, medium: int = 0, high: int = 0, vulnerability: int = 0) -> Answers:
    counts = {"low": low, "medium": medium, "high": high, "vulnerability": vulnerability}
    return {item.name: "yes" for group in LEWISHAM.groups for item in group.items[: counts.get(group.name, 0)]}


def test_the_document_has_these_numbers_of_indicators() -> None:
    found = {group.name: len(group.items) for group in LEWISHAM.groups}
    assert found == {"about": 2, "low": 12, "medium": 15, "high": 13, "vulnerability": 15}


@pytest.mark.parametrize(
    ("counts", "facts", "expected"),
    [
        # Worked by hand from Appendix C: Steps 1 to 3, and "Thresholds and Appropriate Intervention".
        ((0, 0, 0), OLDER, None),
        ((1, 0, 0), OLDER, "low"),
        ((4, 0, 0), OLDER, "low"),
        ((5, 0, 0), OLDER, None),
        ((6, 0, 0), OLDER, "medium"),
        ((12, 0, 0), OLDER, "medium"),
        ((1, 1, 0), OLDER, "medium"),
        ((0, 1, 0), OLDER, "medium"),
        ((5, 1, 0), OLDER, "medium"),
        ((0, 15, 0), OLDER, "medium"),
        ((0, 0, 1), OLDER, "high"),
        ((5, 0, 1), OLDER, "high"),
        ((12, 15, 13), OLDER, "high"),
        # Never low.
        ((1, 0, 0), {**OLDER, "under_13": "yes"}, "medium"),
        ((4, 0, 0), {**OLDER, "learning_disability": "yes"}, "medium"),
        ((5, 0, 0), {**OLDER, "under_13": "yes"}, "medium"),
        ((5, 0, 0), {**OLDER, "learning_disability": "yes"}, "medium"),
        ((4, 0, 0), {"learning_disability": "yes", "under_13": "yes"}, "medium"),
        ((6, 0, 0), {"learning_disability": "yes", "under_13": "yes"}, "medium"),
        ((1, 0, 1), {"learning_disability": "yes", "under_13": "yes"}, "high"),
        ((0, 0, 0), {"learning_disability": "yes", "under_13": "yes"}, None),
        # It would be low, and what rules that out is not known.
        ((4, 0, 0), {}, None),
        ((4, 0, 0), {"under_13": "no", "learning_disability": "not_known"}, None),
        ((4, 0, 0), {"under_13": "not_known", "learning_disability": "no"}, None),
        ((6, 0, 0), {}, "medium"),
        ((0, 0, 1), {}, "high"),
        ((4, 0, 0), {"under_13": "yes"}, "medium"),
    ],
)
def test_hand_worked_cases_of_the_toolkit(counts: tuple[int, int, int], facts: Answers, expected: str | None) -> None:
    found = score(LEWISHAM, {**ticked(*counts), **facts})
    assert (found.band, found.undefined, found.points) == (expected, expected is None, None)
    assert (found.because[-1].text == UNDEFINED) == found.undefined
    assert all(reason.text and reason.clause.startswith("004 App. C") for reason in found.because)


def test_exactly_five_says_what_the_document_does_not() -> None:
    texts = " ".join(reason.text for reason in score(LEWISHAM, {**ticked(low=5), **OLDER}).because)
    assert "Exactly five" in texts
    assert UNDEFINED in texts


def test_vulnerability_factors_are_shown_and_have_no_weight() -> None:
    without, with_all = (
        score(LEWISHAM, {**ticked(low=4), **OLDER}),
        score(LEWISHAM, {**ticked(4, vulnerability=15), **OLDER}),
    )
    assert (without.band, with_all.band) == ("low", "low")
    assert any("no weight" in reason.text for reason in with_all.because)


def test_a_date_of_birth_says_whether_a_child_is_under_13() -> None:
    day_before, birthday = dt.date(2013, 11, 27), dt.date(2013, 11, 26)
    answers = {**ticked(low=1), "learning_disability": "no"}
    assert score(LEWISHAM, answers, born=day_before, at=AT).band == "medium"
    assert score(LEWISHAM, answers, born=birthday, at=AT).band == "low"
    # What protects more counts where the two differ, and it is said.
    told = score(LEWISHAM, {**answers, "under_13": "yes"}, born=birthday, at=AT)
    assert told.band == "medium"
    assert any("differ" in reason.text for reason in told.because)


def test_an_indicator_for_a_younger_child_is_pointed_out() -> None:
    found = score(LEWISHAM, {"sexual_activity_under_13": "yes", **OLDER}, born=dt.date(2010, 1, 1), at=AT)
    assert found.band == "high"
    assert any("Look at both" in reason.text for reason in found.because)


@pytest.mark.parametrize(
    ("born", "at", "age"),
    [
        (dt.date(2012, 2, 29), dt.date(2025, 2, 28), 12),
        (dt.date(2012, 2, 29), dt.date(2025, 3, 1), 13),
        (dt.date(2027, 1, 1), AT, None),
        (None, AT, None),
    ],
)
def test_age(born: dt.date | None, at: dt.date, age: int | None) -> None:
    assert age_on(born, at) == age


def rank(found: Score) -> float:
    if found.band:
        return {"low": 1.0, "medium": 2.0, "high": 3.0}[found.band]
    return 1.5 if any(reason.text[0].isdigit() for reason in found.because) else 0.0


INDICATORS = [item.name for group in LEWISHAM.groups for item in group.items if group.name in LEWISHAM.bands]
FACTS = st.fixed_dictionaries({}, optional={name: st.sampled_from(["yes", "no", "not_known"]) for name in OLDER})


@given(st.sets(st.sampled_from(INDICATORS), max_size=12), st.sampled_from(INDICATORS), FACTS)
def test_one_indicator_more_never_lowers_the_band(some: set[str], more: str, facts: Answers) -> None:
    before = score(LEWISHAM, {**dict.fromkeys(some, "yes"), **facts})
    after = score(LEWISHAM, {**dict.fromkeys(some | {more}, "yes"), **facts})
    assert rank(after) >= rank(before)


@given(st.sets(st.sampled_from(INDICATORS)), st.sampled_from(sorted(OLDER)))
def test_under_13_or_a_learning_disability_is_never_low_and_never_lowers(some: set[str], fact: str) -> None:
    answers: Answers = dict.fromkeys(some, "yes")
    without, with_it = score(LEWISHAM, {**answers, **OLDER}), score(LEWISHAM, {**answers, **OLDER, fact: "yes"})
    assert with_it.band != "low"
    assert rank(with_it) >= rank(without)


# ---- SERAF

FORM = """
form = "seraf"
version = "2024.1"
[[vulnerability]]
name = "first"
label = "An invented vulnerability"
[[moderate]]
name = "second"
label = "An invented moderate indicator"
[[significant]]
name = "third"
label = "An invented significant indicator"
[[significant]]
name = "fourth"
label = "Another"
"""
LOADED = with_form(SERAF, FORM, "seraf.toml")


@pytest.mark.parametrize(
    ("counts", "points", "band"),
    [
        ((0, 0, 0, 0, 0), 0, "0-5"),
        ((5, 0, 0, 0, 0), 5, "0-5"),
        ((0, 0, 1, 0, 0), 5, "0-5"),
        ((0, 0, 1, 1, 0), 6, "6-10"),
        ((0, 0, 0, 0, 1), 6, "6-10"),
        ((5, 5, 0, 0, 0), 10, "6-10"),
        ((5, 5, 0, 1, 0), 11, "11-15"),
        ((0, 0, 3, 0, 0), 15, "11-15"),
        ((0, 1, 3, 0, 0), 16, "16+"),
        ((60, 60, 60, 60, 60), 840, "16+"),
    ],
)
def test_hand_worked_cases_of_seraf(counts: tuple[int, ...], points: int, band: str) -> None:
    names = [item.name for group in SERAF.groups for item in group.items]
    found = score(SERAF, dict(zip(names, counts, strict=True)))
    assert (found.points, found.band, found.undefined) == (points, band, False)
    assert all(reason.clause for reason in found.because)


@pytest.mark.parametrize(
    ("answers", "points"),
    [
        ({}, 0),
        ({"first": "yes", "second": "yes"}, 2),
        ({"third": "past_6_months"}, 5),
        ({"third": "6_to_12_months"}, 1),
        ({"third": "both", "fourth": "both"}, 12),
        ({"first": "no", "third": "no"}, 0),
    ],
)
def test_a_form_that_a_partnership_loads(answers: Answers, points: int) -> None:
    assert score(LOADED, read_answers(LOADED, answers)).points == points
    assert LOADED.version == "2018.1+2024.1"


def test_no_text_of_a_licensed_form_is_in_the_product() -> None:
    assert {item.kind for item in SERAF.items.values()} == {"number"}
    assert {item.kind for item in CERAF.items.values()} == {"text", "number"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("seraf", "other", 1), "it holds form"),
        (('version = "2024.1"', "", 1), "version must be"),
        (('name = "fourth"', 'name = "third"', 1), "used before"),
        (('name = "fourth"', 'name = "Fourth!"', 1), "small letters"),
        (('label = "Another"', 'label = "Another"\nweight = 7', 1), "a name and a label"),
        (('label = "Another"', 'label = ""', 1), "1 to 400"),
        (("[[moderate]]", "[[mild]]", 1), "it holds form"),
        (('form = "seraf"', "form seraf", 1), "not TOML"),
    ],
)
def test_a_form_that_cannot_be_used_is_refused_without_its_text(change: tuple[str, str, int], expected: str) -> None:
    with pytest.raises(PathwayDataError, match=expected) as caught:
        with_form(SERAF, FORM.replace(*change), "seraf.toml")
    assert "invented" not in str(caught.value)


def test_forms_come_from_a_folder(tmp_path: Any) -> None:
    assert load_forms(tmp_path / "none") == instruments()
    (tmp_path / "ours.toml").write_text(FORM, encoding="utf-8")
    assert load_forms(tmp_path)["seraf"] == LOADED
    (tmp_path / "theirs.toml").write_text(FORM.replace("seraf", "lewisham-cse"), encoding="utf-8")
    with pytest.raises(PathwayDataError, match="adds points"):
        load_forms(tmp_path)


# ---- CERAF


def test_ceraf_has_two_windows_and_no_score_of_ours() -> None:
    assert [window["name"] for window in CERAF.windows] == ["current", "recent"]
    for answers in ({}, {"current_points": 40, "recent_known": "Missing twice."}):
        found = score(CERAF, read_answers(CERAF, answers))
        assert (found.band, found.points, found.undefined) == (None, None, True)


# ---- answers


@pytest.mark.parametrize(
    ("asked", "answers", "name"),
    [
        (LEWISHAM, {"gossip": "yes"}, "answers"),
        (LEWISHAM, {"cars": "perhaps"}, "cars"),
        (LEWISHAM, {"cars": 3}, "cars"),
        (LEWISHAM, {"cars": ["yes"]}, "cars"),
        (SERAF, {"moderate_count": "-1"}, "moderate_count"),
        (SERAF, {"moderate_count": 61}, "moderate_count"),
        (SERAF, {"moderate_count": "²"}, "moderate_count"),
        (SERAF, {"moderate_count": 1.5}, "moderate_count"),
        (CERAF, {"current_known": "a" * 10_001}, "current_known"),
    ],
)
def test_answers_that_cannot_be_used(asked: Instrument, answers: dict[str, Any], name: str) -> None:
    with pytest.raises(ParameterError) as caught:
        read_answers(asked, answers)
    assert caught.value.name == name


def test_answers_are_read_kindly() -> None:
    assert read_answers(LEWISHAM, {"cars": True, "moved": False, "gang": "", "trafficked": None}) == {
        "cars": "yes",
        "moved": "no",
    }
    assert read_answers(SERAF, {"moderate_count": " 7 "}) == {"moderate_count": 7}
    with pytest.raises(ParameterError, match="choose one of"):
        instrument("gossip")


# ---- the data


@pytest.mark.parametrize("path", sorted(DATA.rglob("*.toml")), ids=lambda path: path.stem)
def test_every_clause_and_text_is_there(path: Any) -> None:
    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key.endswith("clause") or key in {"text", "label", "title", "source", "what"}:
                    assert inner is True or inner.strip(), key
                walk(inner)
            if value.keys() & {"threshold", "least", "most", "never", "weeks", "what", "days", "months"}:
                assert value.get("clause"), value
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(tomllib.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("one", instruments().values(), ids=lambda one: one.name)
def test_instruments_are_whole(one: Instrument) -> None:
    names = [item.name for group in one.groups for item in group.items]
    assert len(names) == len(set(names))
    assert all(item.clause and item.label for item in one.items.values())
    assert (one.version, one.source, one.caveats, one.bands) > ("", "", (), ())
    assert one.pack in packs()
    row = as_row(one)
    assert {"name", "version", "title", "source", "kind", "groups", "windows", "caveats"} <= row.keys()


def test_our_own_labels_blame_nobody() -> None:
    ours = [text for one in instruments().values() for item in one.items.values() for text in (item.label, item.note)]
    ours += [group.title for one in instruments().values() for group in one.groups]
    ours += [rule["what"] for rules in packs().values() for rule in rules.follows]
    ours += [harm["label"] for harm in harms().values()]
    assert len(ours) > 100
    assert {text: [flag.phrase for flag in flags(text)] for text in ours if flags(text)} == {}


# ---- harm


def test_kinds_of_harm_are_words_with_a_clause() -> None:
    assert harms().keys() == {
        "sexual_exploitation",
        "criminal_exploitation",
        "trafficking",
        "harmful_sexual_behaviour",
        "serious_youth_violence",
        "radicalisation",
    }
    assert all(harm["clause"] for harm in harms().values())


@pytest.mark.parametrize(
    ("born", "kind", "years", "said"),
    [
        (dt.date(1997, 5, 2), "adult", 14, "an adult 14 years older"),
        (dt.date(1997, 5, 3), "adult", 13, "an adult 13 years older"),
        (dt.date(2010, 5, 2), "child", 1, "a child 1 year older"),
        (dt.date(2013, 6, 1), "child", -2, "a child 2 years younger"),
        (dt.date(2011, 12, 1), "person", 0, "less than a year apart in age"),
        (dt.date(2010, 6, 1), "adult", 0, "an adult less than a year apart in age"),
        (None, "adult", None, "age not known"),
    ],
)
def test_a_difference_of_ages_is_a_fact(born: dt.date | None, kind: str, years: int | None, said: str) -> None:
    child = dt.date(2011, 5, 2)
    assert older_by_years(born, child) == years
    assert older_by_years(child, born) == (None if years is None else -years)
    assert in_age(years, kind) == said


@pytest.mark.parametrize(
    ("least", "most", "said"),
    [
        (14, 14, "an adult 14 years older"),
        (1, 14, "an adult 1 to 14 years older"),
        (0, 2, "an adult less than a year apart in age to 2 years older"),
    ],
)
def test_ages_beside_several_are_a_range(least: int, most: int, said: str) -> None:
    assert range_in_age(least, most, "adult") == said


def test_which_links_are_told_with_a_harm() -> None:
    assert tells_harm(["SUSPECTED_OF_EXPLOITING"])
    assert tells_harm(["incident", "seen_with_concern"])
    assert not tells_harm(["knows", "knows_strength", "family_of", "incident"])
