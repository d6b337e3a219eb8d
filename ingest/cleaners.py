"""
Names, postcodes, phones, plates and dates as people write them, to one form. Pure: each gives the value to keep, and the rule it breaks, if any.

What cannot be made sense of is kept as written: a part of a plate or a nickname is still worth having.
"""

import datetime as dt
import re
import unicodedata
from typing import Final

import phonenumbers
from uk_postcodes_parsing.ukpostcode import parse as parse_postcode

from ingest.times import Moment, on_the_clock, parse_iso

_SPACES: Final = re.compile(r"\s+")
_INVISIBLE: Final = frozenset({"Cc", "Cf"})
_DAY: Final = re.compile(
    r"(?P<day>\d{1,2})[/.\- ](?P<month>\d{1,2}|[A-Za-z]{3,9})[/.\- ](?P<year>\d{4}|\d{2})(?:,?\s+(?P<time>.+))?",
    re.ASCII,
)
_CLOCK: Final = re.compile(
    r"(?P<hour>\d{1,2})[:.]?(?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?(?:\s*hrs)?", re.IGNORECASE
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PLATES: Final = re.compile(
    r"[A-Z]{2}\d{2}[A-Z]{3}|[A-Z]\d{1,3}[A-Z]{3}|[A-Z]{3}\d{1,3}[A-Z]|[A-Z]{1,3}\d{1,4}|\d{1,4}[A-Z]{1,3}|QQ\d{2}[A-Z]{3}"
)


def clean_name(text: str) -> str:
    """Give a name in the usual order, in NFC, without invisible characters; `EXAMPLEBY, Ana` becomes `Ana EXAMPLEBY`. Case stays."""
    seen = "".join(
        c for c in unicodedata.normalize("NFC", text) if c == "\t" or unicodedata.category(c) not in _INVISIBLE
    )
    seen = _SPACES.sub(" ", seen).strip()
    last, comma, first = seen.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() and "," not in first else seen


def clean_postcode(text: str) -> tuple[str, str]:
    """Give a postcode as `PO1 2AL`, or as written with the rule `odd_postcode`."""
    found = parse_postcode(text) if text else None
    if found is None:
        return text, "odd_postcode" if text else ""
    return str(found.postcode), ""


def clean_phone(text: str) -> tuple[str, str]:
    """Give a phone number in international form (`+44…`); a number whose leading 0 a spreadsheet dropped gets it back."""
    if not text:
        return "", ""
    lost = bool(re.fullmatch(r"[1-37]\d{9}", text))
    try:
        number = phonenumbers.parse(f"0{text}" if lost else text, "GB")
    except phonenumbers.NumberParseException:
        return text, "odd_phone"
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return text, "odd_phone"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), "lost_zero" if lost else ""


def clean_plate(text: str) -> tuple[str, bool, str]:
    """
    Give a number plate without spaces in capitals, and whether only a part of it is known.

    Unknown characters are written `?` or `*`. What has not the shape of a British plate is kept, with the rule `odd_plate`.
    """
    plate = re.sub(r"[\s-]", "", text).upper().replace("*", "?").replace("_", "?")
    if not plate:
        return "", False, ""
    if "?" in plate or re.fullmatch(r"[A-Z0-9]{1,4}", plate):
        odd = not re.fullmatch(r"[A-Z0-9?]{1,8}", plate)
        return plate, True, "odd_plate" if odd else ""
    return plate, False, "" if _PLATES.fullmatch(plate) else "odd_plate"


def read_day(text: str, today: dt.date) -> tuple[dt.date, str]:
    """
    Read a date in British order (`01/05/2010`, `1 May 2010`) or ISO; a year of two digits is the latest that is not after today.

    Raises
    ------
    ValueError
        If it is no date.
    """
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return dt.date.fromisoformat(text), ""
    found = _DAY.fullmatch(text)
    if found is None or found["time"]:
        raise ValueError("not a date")
    return _day(found, today)


def read_time(text: str, today: dt.date) -> tuple[Moment, str]:
    """
    Read a time on the clock in London, in British order (`01/05/2026 21:30`), or ISO; a bare date is its midnight.

    Gives the moment and a rule that a reader should know of, if any. Without an offset is how partners write: no rule is broken by it.

    Raises
    ------
    ValueError
        If it is no time.
    """
    found = _DAY.fullmatch(text)
    if found is None:
        moment = parse_iso(text)
        return moment, "" if moment.note == "no_offset" else moment.note
    day, rule = _day(found, today)
    clock = dt.time()
    if found["time"]:
        told = _CLOCK.fullmatch(found["time"].strip())
        if told is None:
            raise ValueError("not a time")
        clock = dt.time(int(told["hour"]), int(told["minute"]), int(told["second"] or 0))
    moment = on_the_clock(dt.datetime.combine(day, clock))
    return Moment(moment.earliest, moment.latest, moment.note, is_date=not found["time"]), moment.note or rule


def _day(found: re.Match[str], today: dt.date) -> tuple[dt.date, str]:
    word = found["month"].lower()
    month = int(word) if word.isdigit() else next((n for n, m in enumerate(_MONTHS, 1) if word.startswith(m)), 0)
    year, rule = int(found["year"]), ""
    if len(found["year"]) == 2:
        year, rule = 2000 + year, "two_digit_year"
        if year > today.year:
            year -= 100
    return dt.date(year, month, int(found["day"])), rule
