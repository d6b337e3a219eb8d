"""
The neutral bundle: a folder of `bundle.json`, `reports.csv`, `subjects.csv` and `claims.csv`, by which any graph is brought in.

`docs/bundle.md` describes it for those who make one. The three tables are read in the order in which they refer to one another; a row
that cannot be used takes the rows that refer to it with it, and says so.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any, Final

from ingest.bundle_claims import read_claims
from ingest.bundle_reports import read_reports
from ingest.bundle_rows import Sheet, parse_object
from ingest.bundle_subjects import read_subjects
from ingest.errors import FileRefusedError
from ingest.problems import Problems
from ingest.records import Edition, Prepared
from ingest.tables import Table, decode, read_bytes, read_csv

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MANIFEST: Final = frozenset({"name", "title", "source", "licence"})
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "reports.csv": (
        "report_ref", "kind", "agency", "submitted_at", "source_eval", "info_eval", "scheme", "handling", "conditions",
        "copied_from", "text",
    ),
    "subjects.csv": (
        "ref", "kind", "subkind", "label", "date_of_birth", "latitude", "longitude", "attributes", "report_ref",
    ),
    "claims.csv": (
        "claim_ref", "report_ref", "from_ref", "to_ref", "type", "role", "happened_from", "happened_to", "recorded_at",
        "withdrawn_at", "attributes",
    ),
}  # fmt: skip
NEEDED: Final[dict[str, frozenset[str]]] = {
    "reports.csv": frozenset({"report_ref", "kind", "agency", "submitted_at"}),
    "subjects.csv": frozenset({"ref", "kind"}),
    "claims.csv": frozenset({"claim_ref", "report_ref", "from_ref", "to_ref", "type"}),
}


def read_bundle(folder: Path, prepared: Prepared) -> None:
    """
    Read a bundle's folder into `prepared`: its records, its problems and its edition.

    Raises
    ------
    FileRefusedError
        If the folder is not there, or a file of it cannot be read at all.
    """
    if not folder.is_dir():
        raise FileRefusedError(
            folder, "a bundle is a folder with bundle.json, reports.csv, subjects.csv and claims.csv in it"
        )
    name = _name(folder, prepared)
    sheets = {file: _sheet(folder, file, prepared) for file in COLUMNS}
    if name is None or any(sheet is None for sheet in sheets.values()):
        return
    rows: dict[str, Sheet] = {file: sheet for file, sheet in sheets.items() if sheet is not None}
    reports = read_reports(name, rows["reports.csv"])
    subjects = read_subjects(name, rows["subjects.csv"], reports)
    claims = read_claims(name, rows["claims.csv"], reports, subjects)
    subjects.leave_out_what_only_bad_claims_name(claims)
    prepared.read += sum(len(sheet.table.rows) for sheet in rows.values())
    prepared.add(
        subjects=subjects.records.values(),
        reports=(report.record for report in reports.by_ref.values()),
        mentions=subjects.mentions.values(),
        claims=claims.records.values(),
    )
    keep = claims.named | subjects.mentions.keys() | subjects.unusable_mentions
    closed = claims.all_named and subjects.all_named
    if not closed:
        rows["claims.csv"].problems.warn(0, "", "edition_not_closed")
    prepared.editions.append(Edition(f"{name}/", keep, closed=closed))
    for sheet in rows.values():
        prepared.problems.extend(sheet.problems)


def _name(folder: Path, prepared: Prepared) -> str | None:
    problems = Problems("bundle.json")
    name = None
    path = folder / "bundle.json"
    if not path.is_file():
        problems.error(0, "", "missing_file")
    else:
        raw = read_bytes(path)
        prepared.contents.append(hashlib.sha256(raw).hexdigest())
        manifest = _manifest(decode(path, raw))
        if manifest is None:
            problems.error(0, "", "bad_manifest")
        elif not _NAME.fullmatch(manifest["name"]):
            problems.error(0, "name", "bad_name")
        else:
            name = str(manifest["name"])
    prepared.problems.extend(problems)
    return name


def _manifest(text: str) -> dict[str, Any] | None:
    try:
        manifest = parse_object(text)
    except ValueError:
        return None
    right = "name" in manifest and manifest.keys() <= _MANIFEST and all(isinstance(v, str) for v in manifest.values())
    return dict(manifest) if right else None


def _sheet(folder: Path, file: str, prepared: Prepared) -> Sheet | None:
    problems = Problems(file)
    path = folder / file
    table = None
    if path.is_file():
        table = read_csv(path)
        prepared.contents.append(hashlib.sha256(_canonical(table)).hexdigest())
        _check_header(table, problems)
    else:
        problems.error(0, "", "missing_file")
    if table is None or problems.has_errors:
        prepared.problems.extend(problems)
        return None
    return Sheet(table, problems)


def _canonical(table: Table) -> bytes:
    return json.dumps([table.header, [row.cells for row in table.rows]], ensure_ascii=False).encode()


def _check_header(table: Table, problems: Problems) -> None:
    known, seen = COLUMNS[table.file], set()
    if not table.header:
        problems.error(1, "", "empty_file")
        return
    for at, column in enumerate(table.header, start=1):
        # A column's name is ours or unknown; an unknown one may hold anything, so only its place is told.
        if column not in known:
            problems.error(1, f"column {at}", "unknown_column")
        elif column in seen:
            problems.error(1, column, "repeated_column")
        seen.add(column)
    for column in known:
        if column in NEEDED[table.file] and column not in seen:
            problems.error(1, column, "missing_column")
