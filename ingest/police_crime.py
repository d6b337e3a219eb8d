"""
Street crime as data.police.uk publishes it (Open Government Licence v3.0): a row an event, a place a snap point.

Points are snap points shared by eight or more addresses and dates are months, so an event happened some time within its month, on or near a
place whose name may be no more than "Supermarket". Anti-social behaviour has no Crime ID: such rows are known by their content and their
ordinal, and none is taken for another. A row is known from the first day of the next month, when it could be published.
"""

import datetime as dt
import hashlib
import math
from pathlib import Path
from typing import Final

from ingest.hashing import content_key, content_keys, normalised
from ingest.problems import Problems
from ingest.records import Prepared
from ingest.tables import Row, Table, read_csv
from ingest.times import month_bounds
from queries.records import FAR_PAST, ClaimRecord, MentionRecord, ReportRecord, SubjectRecord
from queries.sight import OPEN, WITH_SUBJECT

COLUMNS: Final = (
    "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location", "LSOA code", "LSOA name", "Crime type",
    "Last outcome category", "Context",
)  # fmt: skip
#: The real street crimes of Portsmouth, October 2018 to January 2019, that come with the product.
PORTSMOUTH: Final = Path(__file__).parent / "data" / "portsmouth-2018-10_2019-01.csv.gz"
NEEDED: Final = frozenset({"Crime ID", "Month", "Longitude", "Latitude", "Location", "Crime type"})


def read_street_crime(path: Path, prepared: Prepared) -> None:
    """
    Read a street crime file (`.csv` or `.csv.gz`) into `prepared`.

    Raises
    ------
    FileRefusedError
        If the file cannot be read at all.
    """
    table = read_csv(path)
    problems = Problems(path.name)
    if _header_fits(table, problems):
        rows = [_by_column(table, row, problems) for row in table.rows]
        for row, values, key in zip(table.rows, rows, _keys(table, rows, problems), strict=True):
            _add(prepared, row, values, key, problems)
    prepared.read += len(table.rows)
    # Renamed, reordered or packed, the same rows are the same import.
    content = sorted(content_key(row.cells) for row in table.rows)
    prepared.contents.append(hashlib.sha256("".join(content).encode()).hexdigest())
    prepared.problems.extend(problems)


def _header_fits(table: Table, problems: Problems) -> bool:
    if not table.header:
        problems.error(0, "", "empty_file")
    for at, column in enumerate(table.header, start=1):
        if column not in COLUMNS:
            problems.error(1, f"column {at}", "unknown_column")
    for column in COLUMNS:
        if table.header.count(column) > 1:
            problems.error(1, column, "repeated_column")
        if column in NEEDED and column not in table.header:
            problems.error(1, column, "missing_column")
    return not problems.has_errors


def _by_column(table: Table, row: Row, problems: Problems) -> dict[str, str]:
    if any(row.cells[len(table.header) :]):
        problems.error(row.number, "", "too_many_cells")
    found = dict(zip(table.header, row.cells, strict=False))
    values = {column: normalised(found.get(column, "")) for column in COLUMNS}
    for column, limit, rule in (
        ("Latitude", 90, "latitude_out_of_range"),
        ("Longitude", 180, "longitude_out_of_range"),
    ):
        if values[column]:
            values[column] = _degrees(values[column], limit, rule, row, column, problems)
    return values


def _degrees(text: str, limit: float, rule: str, row: Row, column: str, problems: Problems) -> str:
    """Write degrees with six decimals, as the publisher does, so that a file saved by a spreadsheet is the same file."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        problems.error(row.number, column, "not_a_number")
        return ""
    if abs(number) > limit:
        problems.error(row.number, column, rule)
        return ""
    return f"{number:.6f}"


def _keys(table: Table, rows: list[dict[str, str]], problems: Problems) -> list[str]:
    """Give each row its key: its Crime ID, or its content and ordinal where it has none."""
    unnamed = iter(content_keys([list(values.values()) for values in rows if not values["Crime ID"]]))
    contents = [content_key(list(values.values())) for values in rows]
    of_crime: dict[str, set[str]] = {}
    for values, content in zip(rows, contents, strict=True):
        of_crime.setdefault(values["Crime ID"], set()).add(content)
    keys = []
    for row, values, content in zip(table.rows, rows, contents, strict=True):
        crime = values["Crime ID"]
        if not crime:
            keys.append(next(unnamed))
        elif content == min(of_crime[crime]):
            keys.append(crime)
        else:
            # By content and not by order, so that the same rows in another order are the same events.
            problems.warn(row.number, "Crime ID", "crime_id_repeats")
            keys.append(f"{crime}-{content[:16]}")
    return keys


def _add(prepared: Prepared, row: Row, values: dict[str, str], key: str, problems: Problems) -> None:
    try:
        month, next_month = month_bounds(values["Month"])
    except ValueError:
        problems.error(row.number, "Month", "bad_month")
    if not values["Crime type"]:
        problems.error(row.number, "Crime type", "required")
    if row.number in problems.bad_rows:
        return
    key = f"police.uk:crime/{key}"
    prepared.add(
        subjects=[SubjectRecord(key, "incident", "crime")],
        reports=[_report(key, values, next_month)],
        mentions=[_mention(key, values, next_month)],
    )
    if not (values["Latitude"] and values["Longitude"]):
        problems.warn(row.number, "Latitude", "no_position")
        return
    place = f"police.uk:place/{values['Latitude']},{values['Longitude']}"
    prepared.add(
        subjects=[SubjectRecord(place, "location", "place")],
        mentions=[_place_mention(place, values)],
        claims=[
            ClaimRecord(
                claim_id=f"{key}/at",
                type="AT",
                from_key=key,
                to_key=place,
                report_key=key,
                sight=OPEN,
                happened_from=month,
                happened_to=next_month,
                time_known="within",
                recorded_at=next_month,
                known_from=next_month,
                role="occurred",
            )
        ],
    )


def _report(key: str, values: dict[str, str], published: dt.datetime) -> ReportRecord:
    told = [f"{values['Crime type']}, {values['Location'] or 'no location'}, {values['Month']}."]
    if values["Last outcome category"]:
        told.append(f"Outcome: {values['Last outcome category']}.")
    told.append(
        f"Published by data.police.uk for {values['Reported by'] or 'a police force'}. The place is a snap point, not an address."
    )
    return ReportRecord(key, "crime", "police", published, published, OPEN, handling="P", text=" ".join(told))


def _mention(key: str, values: dict[str, str], published: dt.datetime) -> MentionRecord:
    attributes = {
        name: values[column]
        for name, column in (("outcome", "Last outcome category"), ("lsoa", "LSOA code"), ("month", "Month"))
        if values[column]
    }
    return MentionRecord(
        f"{key}@",
        key,
        key,
        OPEN,
        published,
        published,
        label=values["Crime type"],
        subkind="crime",
        attributes=attributes,
    )


def _place_mention(place: str, values: dict[str, str]) -> MentionRecord:
    # A snap point may be renamed in a later file: each name is a mention of its own, so that neither file undoes the other.
    name = hashlib.sha256(values["Location"].encode()).hexdigest()[:16]
    return MentionRecord(
        f"{place}@{name}",
        place,
        None,
        WITH_SUBJECT,
        FAR_PAST,
        FAR_PAST,
        label=values["Location"],
        subkind="place",
        latitude=float(values["Latitude"]),
        longitude=float(values["Longitude"]),
        attributes={"precision": "snap point, not an address"},
    )
