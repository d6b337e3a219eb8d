"""Rule packs, working days, and the words of free text."""

import datetime as dt
from typing import Any

import pytest
from dateutil.easter import easter
from dateutil.relativedelta import MO, relativedelta
from hypothesis import given
from hypothesis import strategies as st

from graph_service.pathway.errors import BeyondCalendarError
from graph_service.pathway.instruments import instrument
from graph_service.pathway.language import flags
from graph_service.pathway.packs import context_review, follows, missing, months_before, pack, packs, windows
from graph_service.pathway.working_days import (
    add_working_days,
    bank_holidays,
    is_working_day,
    working_day_on_or_after,
    working_day_on_or_before,
)
from queries.errors import ParameterError

PORTSMOUTH, LEWISHAM = pack("portsmouth"), pack("lewisham")
THURSDAY = dt.date(2026, 11, 26)


@pytest.mark.parametrize(
    ("band", "dates"),
    [
        ("low", {"000 13.4": ["2026-12-24", "2027-02-18"]}),
        ("medium", {"000 13.3": ["2026-12-24", "2027-02-18"]}),
        ("high", {"000 13.2": ["2026-12-03", "2027-01-07"]}),
    ],
)
def test_reviews_in_portsmouth(band: str, dates: dict[str, list[str]]) -> None:
    found: dict[str, list[str]] = {}
    for row in follows(PORTSMOUTH, band, THURSDAY):
        if row["due"]:
            found.setdefault(row["clause"], []).append(row["due"])
    assert found == dates


def test_tier_and_single_point_of_contact_in_portsmouth() -> None:
    found = {
        (row["kind"], row["clause"]): row["what"]
        for band in PORTSMOUTH.bands
        for row in follows(PORTSMOUTH, band, THURSDAY)
    }
    assert "tier 2" in found["tier", "000 7.6"]
    assert "tier 3" in found["tier", "000 7.7"]
    assert "tier 4" in found["tier", "000 7.8"]
    assert "PCSO" in found["contact", "000 7.7"]
    assert "MET Team" in found["contact", "000 7.8"]


def test_reviews_in_lewisham() -> None:
    (review,) = [row for row in follows(LEWISHAM, "low", THURSDAY) if row["kind"] == "review"]
    assert (review["earliest"], review["due"]) == ("2026-12-24", "2027-01-07")
    for band in ("medium", "high"):
        (review,) = [row for row in follows(LEWISHAM, band, THURSDAY) if row["kind"] == "review"]
        assert review["due"] is None
        assert "Undefined here, judgement needed" in review["what"]


@pytest.mark.parametrize("name", packs())
def test_nothing_follows_from_no_band(name: str) -> None:
    assert follows(pack(name), None, THURSDAY) == []
    assert follows(pack(name), "11-15", THURSDAY) == []
    assert all(row["clause"] for band in pack(name).bands for row in follows(pack(name), band, THURSDAY))


def test_a_review_that_falls_on_a_holiday_says_the_working_day_before() -> None:
    by = {row["due"]: row["by"] for row in follows(PORTSMOUTH, "high", dt.date(2026, 12, 18))}
    assert by["2026-12-25"] == "2026-12-24"
    assert by["2027-01-29"] is None
    # Past the held years the weeks still count; only the reminder is left out.
    assert [row["by"] for row in follows(PORTSMOUTH, "high", dt.date(2031, 1, 4)) if row["due"]] == [None, None]


def test_a_context_is_reviewed_at_twelve_weeks() -> None:
    review = context_review(PORTSMOUTH, THURSDAY)
    assert review is not None
    assert (review["due"], review["clause"]) == ("2027-02-18", "000 App. A, Review")
    assert context_review(LEWISHAM, THURSDAY) is None
    with pytest.raises(ParameterError):
        pack("nowhere")


@pytest.mark.parametrize(
    ("name", "days_ago", "category"),
    [
        ("portsmouth", [], ""),
        ("portsmouth", [90], ""),
        ("portsmouth", [89], "once"),
        ("portsmouth", [0, 89], "2 times"),
        ("portsmouth", [0, 1, 89], "3 or more times"),
        ("portsmouth", [0, 1, 2, 3, 100], "3 or more times"),
        ("portsmouth", [-1], ""),
        ("lewisham", [0, 1], ""),
        ("lewisham", [0, 1, 30], "3 or more times"),  # 27 October
        ("lewisham", [0, 1, 31], ""),  # 26 October, a month before
    ],
)
def test_frequently_missing(name: str, days_ago: list[int], category: str) -> None:
    found = missing(pack(name), [THURSDAY - dt.timedelta(days=n) for n in days_ago], THURSDAY)
    assert found.category == category
    assert found.clause


@given(st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)), st.integers(0, 30))
def test_months_before_agrees_with_dateutil(day: dt.date, months: int) -> None:
    assert months_before(day, months) == day - relativedelta(months=months)


def test_the_windows_of_ceraf_meet_and_do_not_overlap() -> None:
    current, recent = windows(instrument("ceraf").windows, THURSDAY)
    assert (current["from"], current["to"]) == ("2026-08-26", "2026-11-26")
    assert (recent["from"], recent["to"]) == ("2026-05-26", "2026-08-25")


# ---- working days


def by_the_rules(year: int) -> set[dt.date]:
    """Work the usual bank holidays out, with the proclaimed changes of 2020, 2022 and 2023: not the way the data was written down."""

    def monday(month: int, nth: int, day: int = 1) -> dt.date:
        return dt.date(year, month, day) + relativedelta(weekday=MO(nth))

    found = {easter(year) - dt.timedelta(days=2), easter(year) + dt.timedelta(days=1)}
    found |= {monday(5, 1), monday(5, -1, 31), monday(8, -1, 31)}
    for month, day in ((1, 1), (12, 25), (12, 26)):
        kept = dt.date(year, month, day)
        while kept.weekday() > 4 or kept in found:
            kept += dt.timedelta(days=1)
        found.add(kept)
    if year == 2020:
        found ^= {monday(5, 1), dt.date(2020, 5, 8)}
    if year == 2022:
        found ^= {monday(5, -1, 31), dt.date(2022, 6, 2), dt.date(2022, 6, 3), dt.date(2022, 9, 19)}
    if year == 2023:
        found.add(dt.date(2023, 5, 8))
    return found


@pytest.mark.parametrize("year", bank_holidays())
def test_bank_holidays_are_those_of_the_rules(year: int) -> None:
    assert bank_holidays()[year] == by_the_rules(year)


@pytest.mark.parametrize(
    ("start", "number", "expected"),
    [
        (dt.date(2026, 12, 23), 1, dt.date(2026, 12, 24)),
        (dt.date(2026, 12, 24), 1, dt.date(2026, 12, 29)),
        (dt.date(2026, 12, 25), 0, dt.date(2026, 12, 29)),
        (dt.date(2026, 11, 27), 1, dt.date(2026, 11, 30)),
        (dt.date(2026, 11, 28), 1, dt.date(2026, 11, 30)),
        (dt.date(2026, 3, 30), 5, dt.date(2026, 4, 8)),
    ],
)
def test_working_days(start: dt.date, number: int, expected: dt.date) -> None:
    assert add_working_days(start, number) == expected


@given(st.dates(dt.date(2018, 1, 15), dt.date(2028, 10, 1)), st.integers(1, 40))
def test_working_days_agree_with_counting(start: dt.date, number: int) -> None:
    end = add_working_days(start, number)
    days = [start + dt.timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(is_working_day(day) for day in days) == number
    assert is_working_day(end)
    assert working_day_on_or_before(end) == working_day_on_or_after(end) == end


@pytest.mark.parametrize("day", [dt.date(2017, 12, 31), dt.date(2029, 1, 1)])
def test_no_clock_guesses_past_the_held_years(day: dt.date) -> None:
    with pytest.raises(BeyondCalendarError, match=r"bank_holidays\.toml from gov\.uk"):
        is_working_day(day)
    with pytest.raises(BeyondCalendarError):
        add_working_days(dt.date(2028, 12, 28), 3)
    with pytest.raises(ValueError, match="0 or more"):
        add_working_days(THURSDAY, -1)


# ---- words


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("She keeps putting herself at risk.", ["putting herself at risk"]),
        ("He made poor choices and is hard-to-reach.", ["poor choices", "hard-to-reach"]),
        ("Her older boyfriend says so.", ["Her older boyfriend"]),
        ("ABSCONDED again, a lifestyle choice.", ["ABSCONDED", "lifestyle choice"]),
        ("Associating with\nunknown adults.", ["Associating with"]),
    ],
)
def test_phrases_to_look_at_again(text: str, phrases: list[str]) -> None:
    found = flags(text)
    assert [flag.phrase for flag in found] == phrases
    assert all(text[flag.start : flag.end] == flag.phrase and flag.why and flag.instead for flag in found)


@pytest.mark.parametrize(
    "text",
    [
        "The likelihood of absconding was weighed, as section 25 asks.",
        "There is a history of absconding, and she is likely to abscond again from any other accommodation.",
        'The carer said "she is putting herself at risk" and was upset.',
        "The carer said “it is her lifestyle choice”.",
    ],
)
def test_statutory_words_and_what_somebody_said_are_left_alone(text: str) -> None:
    assert flags(text) == []


ORDINARY: Any = """
Ana went missing from her placement on Tuesday evening and came back by taxi.
Ben told his social worker that a man had given him a phone.
The bus driver saw three children at the stop by the arcade.
Contact with her father was arranged for Saturday.
The association of tenants meets with the association manager of the estate on Thursday.
She chose the blue jacket and made good choices in her art lesson.
The risk at the bridge is the traffic, and he put himself on the waiting list for swimming.
An adult has been contacting the child by phone.
The school engages well with the family, and the family has engaged with early help.
His sister is active since she joined the running club.
Her partner at badminton is the older girl from school.
Police contacted the adults who live there.
The lifestyle magazine was on the table.
The shop asked for it to be paid by card.
Street lights were out, and he is wise to ask.
The health visitor reaches the flat by lift; the top floor is hard for her.
Cara involved her friends in planning the party.
The black car has local number plates.
A mule at the petting farm bit him.
Money was found in a bag; nobody knows who gave it.
The young man, an offender manager, met the child at the office.
She knows better now how to call for help.
Attention was given to what she said.
He was seen with two adults whom nobody knew.
The parents consent to the school trip.
They run a drugs awareness lesson every term.
The plan places the family first.
He placed himself beside the door to listen.
Trouble at home made it hard to sleep.
The choice of school was hers.
""".strip().splitlines()


def test_ordinary_sentences_are_not_flagged() -> None:
    flagged = [sentence for sentence in ORDINARY if flags(sentence)]
    assert len(flagged) / len(ORDINARY) <= 0.02, flagged


@given(st.text(max_size=200))
def test_any_text_can_be_looked_at(text: str) -> None:
    assert all(0 <= flag.start < flag.end <= len(text) for flag in flags(text))
