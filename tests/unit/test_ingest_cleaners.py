"""Names, postcodes, phones, plates, dates and times as people write them."""

import datetime as dt

import pytest

from ingest.cleaners import clean_name, clean_phone, clean_plate, clean_postcode, read_day, read_time
from ingest.hashing import content_key, content_keys
from ingest.times import month_bounds, on_the_clock, parse_iso

TODAY = dt.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Ana   Exampleby ", "Ana Exampleby"),
        ("EXAMPLEBY, Ana", "Ana EXAMPLEBY"),
        ("Zoe\u0308 Invented", "Zo\u00eb Invented"),
        ("A\u202ena\u200b", "Ana"),
        ("O'Madeup-Pretendly", "O'Madeup-Pretendly"),
        ("Adult Unknown, white car, seen twice", "Adult Unknown, white car, seen twice"),
        ("", ""),
    ],
)
def test_names(given: str, kept: str) -> None:
    assert clean_name(given) == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("po12al", ("PO1 2AL", "")),
        ("PO1 2AL", ("PO1 2AL", "")),
        ("Somers Town", ("Somers Town", "odd_postcode")),
        ("", ("", "")),
    ],
)
def test_postcodes(given: str, kept: tuple[str, str]) -> None:
    assert clean_postcode(given) == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("07700 900123", ("+447700900123", "")),
        ("+44 7700 900123", ("+447700900123", "")),
        ("7700900123", ("+447700900123", "lost_zero")),
        ("999999", ("999999", "odd_phone")),
        ("her mum's", ("her mum's", "odd_phone")),
        ("", ("", "")),
    ],
)
def test_phones(given: str, kept: tuple[str, str]) -> None:
    assert clean_phone(given) == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("xx00 abc", ("XX00ABC", False, "")),
        ("XX00 ???", ("XX00???", True, "")),
        ("QQ1*", ("QQ1?", True, "")),
        ("XX0", ("XX0", True, "")),
        ("a white one", ("AWHITEONE", False, "odd_plate")),
        ("", ("", False, "")),
    ],
)
def test_plates(given: str, kept: tuple[str, bool, str]) -> None:
    assert clean_plate(given) == kept


@pytest.mark.parametrize(
    ("given", "day", "rule"),
    [
        ("01/05/2010", dt.date(2010, 5, 1), ""),
        ("1 May 2010", dt.date(2010, 5, 1), ""),
        ("1-Sept-2010", dt.date(2010, 9, 1), ""),
        ("2010-05-01", dt.date(2010, 5, 1), ""),
        ("01.05.10", dt.date(2010, 5, 1), "two_digit_year"),
        ("01/05/85", dt.date(1985, 5, 1), "two_digit_year"),
        ("29/02/2012", dt.date(2012, 2, 29), ""),
    ],
)
def test_days_are_in_british_order(given: str, day: dt.date, rule: str) -> None:
    assert read_day(given, TODAY) == (day, rule)


@pytest.mark.parametrize(
    "given", ["30/02/2010", "05/13/2010", "29/02/2011", "soon", "1 Foo 2010", "2010", "01/05/2010 10:00", ""]
)
def test_what_is_no_day(given: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_day(given, TODAY)


@pytest.mark.parametrize(
    ("given", "instant"),
    [
        ("01/05/2026 21:30", "2026-05-01T20:30"),
        ("01/12/2026 21:30", "2026-12-01T21:30"),
        ("01/05/2026 2130hrs", "2026-05-01T20:30"),
        ("01/05/2026", "2026-04-30T23:00"),
        ("2026-05-01T21:30:00Z", "2026-05-01T21:30"),
        ("2026-05-01 21:30", "2026-05-01T20:30"),
    ],
)
def test_times_are_on_the_clock_in_london(given: str, instant: str) -> None:
    moment, rule = read_time(given, TODAY)
    assert moment.earliest == moment.latest == dt.datetime.fromisoformat(instant).replace(tzinfo=dt.UTC)
    assert rule == ""


@pytest.mark.parametrize(
    "given",
    [
        "2026-W01-1",
        "2026-05-01X10:00",
        "20260501T",
        "10:00",
        "2026-05",
        "9999-12-31T23:59:59-14:00",
        "\u0662\u0660\u0662\u0666-05-01",
    ],
)
def test_what_is_no_iso_time(given: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_iso(given)


def test_the_nights_when_the_clock_changes() -> None:
    twice, never = on_the_clock(dt.datetime(2026, 10, 25, 1, 30)), on_the_clock(dt.datetime(2026, 3, 29, 1, 30))  # noqa: DTZ001
    hour = dt.timedelta(hours=1)
    assert (twice.note, twice.earliest, twice.latest - twice.earliest) == (
        "clock_change",
        dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC),
        hour,
    )
    assert (never.note, never.earliest, never.latest - never.earliest) == (
        "missing_hour",
        dt.datetime(2026, 3, 29, 0, 30, tzinfo=dt.UTC),
        hour,
    )


def test_months_begin_at_midnight_in_london() -> None:
    assert month_bounds("2018-12") == (dt.datetime(2018, 12, 1, tzinfo=dt.UTC), dt.datetime(2019, 1, 1, tzinfo=dt.UTC))
    for text in ("2018-13", "0018-01", "2018", "9999-12", ""):
        with pytest.raises(ValueError, match=r"."):
            month_bounds(text)


def test_equal_rows_are_told_apart_by_their_ordinal_and_cells_by_their_place() -> None:
    rows = [["a", "b"], ["ab", ""], ["a ", " b"]]
    first, second, third = content_keys(rows)
    assert third == f"{first}-2"
    assert first != second
    assert content_key(["Zoe\u0308"]) == content_key(["Zo\u00eb"])
