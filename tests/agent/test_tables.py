import sqlite3
from datetime import date

import openpyxl
import pytest

from agent.tables import open_table, pick
from config.errors import UsageError
from tests.people import HEADS, people

ROWS = list(people(30))


def _read(path, part=""):
    table = open_table(path, part)
    return table, list(table.rows)


def _csv(rows, mark=","):
    return "".join(mark.join(row) + "\r\n" for row in rows)


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "big5"])
@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_text_in_any_encoding_and_with_any_separator(tmp_path, name, mark):
    rows = (
        [HEADS, *ROWS]
        if name != "big5"
        else [["name", "地區"], *[[f"王{n}", "臺灣省臺北市中正區重慶南路"] for n in range(30)]]
    )
    path = tmp_path / "people.csv"
    path.write_bytes(_csv(rows, mark).encode(name))
    table, found = _read(path)
    assert [table.heads, *found] == rows


def test_quoted_cells_blank_lines_and_rows_of_another_width(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text('\n,,\na,b\n"1,2","3\n4"\n\n5\n6,7,8\n6,7,\n', "utf-8")
    table, found = _read(path)
    assert (table.heads, found) == (["a", "b"], [["1,2", "3\n4"], ["5", ""], ["6", "7"], ["6", "7"]])
    assert table.notes.wide == 1


def test_a_workbook_its_numbers_and_its_sheets(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "空"
    sheet = book.create_sheet("客户")
    sheet.append(["姓名", "手机", "卡号", "生日", "是"])
    sheet.append(["王伟", 13800138000, 6222021234567890128, date(1990, 3, 7), True])
    sheet.append([None, "13800138001", "6222021234567890128", None, 1.5])
    book.create_sheet("其他").append(["甲", "乙"])
    path = tmp_path / "people.xlsx"
    book.save(path)
    table, found = _read(path)
    assert found == [
        ["王伟", "13800138000", "", "1990-03-07", ""],
        ["", "13800138001", "6222021234567890128", "", "1.5"],
    ]
    assert table.notes.rounded == 1
    assert _read(path, "其他")[0].heads == ["甲", "乙"]
    with pytest.raises(UsageError, match="no sheet") as caught:
        _read(path, "没有")
    assert "客户" in caught.value.hint.en


def test_a_database_and_its_tables(tmp_path):
    path = tmp_path / "a b?.db"
    with sqlite3.connect(path) as database:
        database.execute('CREATE TABLE "cu""st" (name TEXT, phone INTEGER, photo BLOB)')
        database.execute('INSERT INTO "cu""st" VALUES (?, ?, ?)', ("王伟", 13800138000, b"\0"))
    database.close()
    table, found = _read(path)
    assert (table.heads, found) == (["name", "phone", "photo"], [["王伟", "13800138000", ""]])
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE staff (a)")
    database.close()
    with pytest.raises(UsageError, match="several tables") as caught:
        _read(path)
    assert "staff" in caught.value.hint.en
    assert _read(path, 'cu"st')[1] == found
    with pytest.raises(UsageError, match="no table 'x'"):
        _read(path, "x")
    path.write_bytes(path.read_bytes()[:150] + b"\xff" * 9_000)
    with pytest.raises(UsageError, match="cannot be read"):
        _read(path, "staff")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "has no rows"),
        (b"\n\n , ,\n", "has no rows"),
        (b'a,b\n"1,2\n' + b"x," * 200_000, "line"),
        (b"%PDF-1.7\n\0\x01\x02\xff\xfe\0\0", "no table"),
        (bytes(range(256)) * 20, "no table"),
        ("姓名,手机\n".encode("gb18030") * 9_000 + b"\xff\xff\xff,1\n", "all through"),
    ],
)
def test_what_is_no_table_is_said(tmp_path, data, words):
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=words):
        _read(path)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        open_table(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="cannot be read"):
        open_table(tmp_path)
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04 and nothing")
    with pytest.raises(UsageError, match="cannot be read"):
        open_table(tmp_path / "x.xlsx")


def test_columns_by_their_heads(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("姓名,手机,,手机号码,备注,备注\n1,2,3,4,5,6\n", "utf-8")
    table = open_table(path)
    assert pick(table, path, ["手机", "姓名"]) == [1, 0]
    with pytest.raises(UsageError, match="stands there twice"):
        pick(table, path, [])
    with pytest.raises(UsageError, match="stands there twice"):
        pick(table, path, ["姓名", "姓名"])
    with pytest.raises(UsageError, match="no column '手机号'") as caught:
        pick(table, path, ["手机号"])
    assert "手机号码" in caught.value.hint.en
