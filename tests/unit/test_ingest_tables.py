"""Files that are not what they say, and those that are."""

import gzip
import zipfile
from pathlib import Path

import openpyxl
import pytest
from ingest_memory import MemoryWriter

from ingest import tables
from ingest.errors import FileRefusedError
from ingest.pipeline import run
from ingest.tables import read_tables
from ingest.templates import template

CONTENT_TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def workbook(path: Path, *sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for at, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Sheet {at + 1}")
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def archive(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in {"[Content_Types].xml": CONTENT_TYPES.encode(), **parts}.items():
            file.writestr(name, content)
    return path


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b'\xef\xbb\xbfa, b \r\n1,"two\nlines"\r\n,\r\n3,4\r\n')
    (table,) = read_tables(path)
    assert table.header == ("a", "b")
    assert [(row.number, row.cells) for row in table.rows] == [(2, ("1", "two\nlines")), (4, ("3", "4"))]


def test_a_gzipped_file_is_the_same_table(tmp_path: Path) -> None:
    plain, packed = tmp_path / "list.csv", tmp_path / "list.csv.gz"
    plain.write_bytes(b"a,b\n1,2\n")
    packed.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    assert read_tables(plain)[0].rows == read_tables(packed)[0].rows


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("list.csv", "name\nZo\u00eb\n".encode("cp1252"), "line 2 is not UTF-8, it looks like Windows-1252"),
        ("list.csv", "name\nAna\n".encode("utf-16"), "UTF-16"),
        ("list.csv", b"name\nA\x00na\n", "not a text file"),
        ("list.csv", b"PK\x03\x04rest", "not a text file"),
        ("list.csv", b"name;dob\nAna;2010\n", "separated by commas"),
        ("list.csv", b'name\n"Ana\n', "not proper CSV"),
        ("list.csv", b"name\n" + b"x" * 200_000, "not proper CSV"),
        ("list.csv", ",".join(f"c{n}" for n in range(300)).encode(), "more than 200 columns"),
        ("list.csv.gz", b"\x1f\x8bnot gzip", "damaged"),
        ("list.xlsx", b"not a workbook", "not an .xlsx workbook"),
        ("list.xls", b"\xd0\xcf\x11\xe0", "save it as .xlsx"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileRefusedError, match=says) as caught:
        read_tables(path)
    assert "Ana" not in str(caught.value)


def test_a_file_that_is_not_there_or_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileRefusedError, match="no such file"):
        read_tables(tmp_path / "gone.csv")
    with pytest.raises(FileRefusedError, match="no such file"):
        read_tables(tmp_path)
    monkeypatch.setattr(tables, "MAX_FILE_BYTES", 1_000)
    path = tmp_path / "large.csv.gz"
    path.write_bytes(gzip.compress(b"a" * 10_000))
    with pytest.raises(FileRefusedError, match="larger than"):
        read_tables(path)


def test_a_workbook_comes_in_as_its_csv_would(tmp_path: Path) -> None:
    rows = [line.split(",") for line in template("people").splitlines()]
    plain = tmp_path / "list.csv"
    plain.write_text(template("people"), encoding="utf-8")
    writer = MemoryWriter()
    first = run("people", [plain], writer)
    second = run("people", [workbook(tmp_path / "list.xlsx", [list(row) for row in rows])], writer)
    assert first.written.claims == 2
    assert (second.problems, second.written.claims, second.read) == ([], 0, 2)
    assert first.run == second.run


def test_another_sheet_is_left_out_with_a_warning(tmp_path: Path) -> None:
    rows: list[list[object]] = [list(line.split(",")) for line in template("people").splitlines()]
    path = workbook(tmp_path / "list.xlsx", rows, [["Notes"], ["made in May"]], [])
    report = run("people", [path], MemoryWriter())
    assert [(p.sheet, p.row, p.rule.partition(":")[0]) for p in report.problems] == [("Sheet 2", 1, "sheet_not_read")]


def test_numbers_and_dates_of_cells_are_written_plainly(tmp_path: Path) -> None:
    import datetime as dt

    cells = [7700900123.0, 50.5, dt.datetime(2026, 5, 1, 21, 30), dt.datetime(2010, 5, 1), True, None, "  a "]  # noqa: DTZ001
    path = workbook(tmp_path / "cells.xlsx", [[f"c{n}" for n in range(7)], cells])
    (table,) = read_tables(path)
    assert table.rows[0].cells == ("7700900123", "50.5", "2026-05-01T21:30", "2010-05-01", "yes", "", "a")


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = archive(tmp_path / "bomb.xlsx", {"xl/sharedStrings.xml": b"0" * (120 << 20)})
    assert path.stat().st_size < 1 << 20
    with pytest.raises(FileRefusedError, match="unpacks to more than"):
        read_tables(path)
    many = archive(tmp_path / "many.xlsx", {f"part{n}": b"" for n in range(2_100)})
    with pytest.raises(FileRefusedError, match="unpacks to more than"):
        read_tables(many)


def test_a_workbook_that_reaches_outside_is_refused(tmp_path: Path) -> None:
    relation = b'<Relationships><Relationship Id="1" Type="x/externalLinkPath" Target="http://a/b.xlsx" TargetMode="External"/></Relationships>'
    path = archive(tmp_path / "linked.xlsx", {"xl/externalLinks/_rels/externalLink1.xml.rels": relation})
    with pytest.raises(FileRefusedError, match="takes data from another file"):
        read_tables(path)
    entities = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    with pytest.raises(FileRefusedError, match="XML entities"):
        read_tables(archive(tmp_path / "laughs.xlsx", {"xl/workbook.xml": entities}))


def test_a_link_typed_into_a_cell_is_harmless(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["a"])
    book.worksheets[0].append(["mail"])
    book.worksheets[0]["A2"].hyperlink = "mailto:ana@example.org"
    path = tmp_path / "link.xlsx"
    book.save(path)
    assert read_tables(path)[0].rows[0].cells == ("mail",)


def test_a_workbook_with_nothing_in_it_gives_no_table(tmp_path: Path) -> None:
    path = workbook(tmp_path / "empty.xlsx", [])
    assert read_tables(path) == []
    report = run("people", [path], MemoryWriter())
    assert [p.rule.partition(":")[0] for p in report.problems][:1] == ["empty_file"]
