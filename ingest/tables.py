"""
CSV files and workbooks to numbered rows of text, with guards against what is not one.

CSV is UTF-8 (with or without a byte order mark), plain or gzipped. A workbook is checked as the archive that it is before anything in it is read:
its unpacked size, the number of its parts, outside relations, and document types in its XML. Nothing here fetches anything.
"""

import csv
import datetime as dt
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.errors import FileRefusedError

MAX_FILE_BYTES: Final = 256 * 1024 * 1024
MAX_WORKBOOK_BYTES: Final = 100 * 1024 * 1024
MAX_PARTS: Final = 2_000
MAX_COLUMNS: Final = 200
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its number as a spreadsheet shows it, and its cells, stripped of white space at their ends."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows below it; rows with nothing in them are left out."""

    file: str
    sheet: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]


def read_tables(path: Path) -> list[Table]:
    """
    Read a `.csv`, `.csv.gz` or `.xlsx` file: a table for each sheet that has anything in it.

    Raises
    ------
    FileRefusedError
        If the file is not there, too large, not what its name says, or not in UTF-8.
    """
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        return _read_workbook(path)
    if path.suffix.lower() in {".xls", ".ods", ".numbers", ".doc", ".docx", ".pdf"}:
        raise FileRefusedError(path, "save it as .xlsx or as CSV UTF-8 and bring that in")
    return [read_csv(path)]


def read_bytes(path: Path) -> bytes:
    """
    Read a file, unpacking gzip.

    Raises
    ------
    FileRefusedError
        If it is not there, is too large, or is damaged.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
        if raw[:2] == b"\x1f\x8b" and len(raw) <= MAX_FILE_BYTES:
            with gzip.open(io.BytesIO(raw)) as packed:
                raw = packed.read(MAX_FILE_BYTES + 1)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise FileRefusedError(path, "there is no such file") from None
    except PermissionError:
        raise FileRefusedError(path, "the file may not be read by this account") from None
    except (OSError, EOFError, zlib.error):
        raise FileRefusedError(path, "the file is damaged; ask the sender for it again") from None
    if len(raw) > MAX_FILE_BYTES:
        raise FileRefusedError(path, f"the file is larger than {MAX_FILE_BYTES >> 20} MB; split it")
    return raw


def decode(path: Path, raw: bytes) -> str:
    """
    Give the text of a UTF-8 file.

    Raises
    ------
    FileRefusedError
        If it is in another encoding; says which, where that can be told.
    """
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise FileRefusedError(path, "the file is in UTF-16; save it as CSV UTF-8")
    if b"\x00" in raw or raw[:4] == b"PK\x03\x04" or raw[:5] == b"%PDF-":
        raise FileRefusedError(
            path, "this is not a text file; give a CSV file, or a workbook with its own name (.xlsx)"
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        rule = f"line {line} is not UTF-8, it looks like Windows-1252; in Excel choose Save As, CSV UTF-8"
        raise FileRefusedError(path, rule) from None


def read_csv(path: Path) -> Table:
    """
    Read a CSV file (comma, UTF-8), gzipped or not. An empty file gives an empty header.

    Raises
    ------
    FileRefusedError
        If it cannot be read as one.
    """
    reader = csv.reader(io.StringIO(decode(path, read_bytes(path)), newline=""), strict=True)
    number = 0
    try:
        header: tuple[str, ...] = ()
        rows = []
        for number, cells in enumerate(reader, start=1):
            stripped = tuple([cell.strip() for cell in cells])
            if not header:
                header = stripped if any(stripped) else ()
            elif any(stripped):
                rows.append(Row(number, stripped))
    except csv.Error:
        rule = f"row {number + 1} is not proper CSV (a quotation mark is not closed, or a cell is longer than 131,072 characters)"
        raise FileRefusedError(path, rule) from None
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        raise FileRefusedError(path, "the columns must be separated by commas; save it as CSV UTF-8 (comma delimited)")
    _check_width(path, header)
    return Table(path.name, "", header, tuple(rows))


def _read_workbook(path: Path) -> list[Table]:
    raw = read_bytes(path)
    _check_workbook(path, raw)
    from python_calamine import CalamineError, CalamineWorkbook  # it takes as long to load as all the rest

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        sheets = [
            (name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in workbook.sheet_names
        ]
    except CalamineError:
        raise FileRefusedError(path, "the workbook is damaged or has a password; save it again without one") from None
    return [table for name, values in sheets if (table := _sheet(path, name, values))]


def _sheet(path: Path, name: str, values: Iterable[Iterable[object]]) -> Table | None:
    numbered = _filled((number, tuple([_text(value) for value in row])) for number, row in enumerate(values, start=1))
    first = next(numbered, None)
    if first is None:
        return None
    # Cells that were only formatted leave empty columns on the right.
    width = max(at for at, cell in enumerate(first[1], start=1) if cell)
    header = first[1][:width]
    _check_width(path, header)
    rows = []
    for number, cells in numbered:
        extra = any(cells[width:])
        rows.append(Row(number, cells if extra else cells[:width]))
    return Table(path.name, name, header, tuple(rows))


def _filled(rows: Iterable[tuple[int, tuple[str, ...]]]) -> Iterator[tuple[int, tuple[str, ...]]]:
    return (row for row in rows if any(row[1]))


def _text(value: object) -> str:
    """Write a cell of a workbook as a CSV of it would."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(timespec="minutes")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value).strip()


def _check_width(path: Path, header: tuple[str, ...]) -> None:
    if len(header) > MAX_COLUMNS:
        raise FileRefusedError(path, f"the table has more than {MAX_COLUMNS} columns")


def _check_workbook(path: Path, raw: bytes) -> None:
    """Refuse a workbook that unpacks to too much, reaches outside itself, or defines XML entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_WORKBOOK_BYTES:
                raise FileRefusedError(
                    path, f"the workbook unpacks to more than {MAX_WORKBOOK_BYTES >> 20} MB; save the one sheet as CSV"
                )
            unpacked = 0
            for part in parts:
                unpacked += _check_part(path, archive, part)
                if unpacked > MAX_WORKBOOK_BYTES:
                    raise FileRefusedError(path, f"the workbook unpacks to more than {MAX_WORKBOOK_BYTES >> 20} MB")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
        raise FileRefusedError(
            path, "this is not an .xlsx workbook, or it has a password; save it again without one"
        ) from None


def _check_part(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    size, head = 0, b""
    relations = part.filename.endswith(".rels")
    kept: list[bytes] = []
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            head = head or chunk[:4096]
            size += len(chunk)
            if relations:
                kept.append(chunk)
            if size > MAX_WORKBOOK_BYTES:
                break
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise FileRefusedError(
            path, "the workbook defines XML entities, which no spreadsheet writes; ask the sender what made it"
        )
    # A link that someone typed into a cell is also an outside relation, and harmless: nothing follows it.
    for relation in b"".join(kept).split(b"<Relationship ")[1:]:
        if b'TargetMode="External"' in relation and b"/hyperlink" not in relation:
            raise FileRefusedError(
                path, "the workbook takes data from another file; save it with values only and bring that in"
            )
    return size
