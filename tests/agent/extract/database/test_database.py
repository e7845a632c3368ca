"""SQLite, Access and dBase: tables with their cells, files in cells, and damage said."""

import sqlite3
import struct

import pytest

from agent import identify
from agent.extract import dispatch
from agent.extract.database import access, fields, sqlite, sqlitepages
from agent.extract.database.jet import Database
from agent.extract.reading import Ledger, Reading
from config.limits import Limits
from tests.binary_documents import attachment, dbase, jet
from tests.documents import MARK, word


def places(extraction, text=MARK):
    return [segment.at(segment.text.index(text)) for segment in extraction.segments if text in segment.text]


def said(extraction):
    return "\n".join(segment.text for segment in extraction.segments)


def database(path, script, *rows):
    connection = sqlite3.connect(path)
    connection.executescript(script)
    for query, values in rows:
        connection.execute(query, values)
        connection.commit()  # a page that is freed in a later transaction keeps what stood on it
    connection.close()
    return path.read_bytes()


def test_sqlite_rows_and_files_in_them(extract, tmp_path):
    data = database(
        tmp_path / "a.db",
        'CREATE TABLE "odd ""name" (id INTEGER PRIMARY KEY, body TEXT, file BLOB); CREATE VIEW v AS SELECT 1;'
        "CREATE TABLE w (k TEXT PRIMARY KEY, v TEXT) WITHOUT ROWID;",
        ('INSERT INTO "odd ""name" VALUES (1, ?, ?)', (f"关于{MARK}", word(f"{MARK}内"))),
        ("INSERT INTO w VALUES ('k', '无行号')", ()),
    )
    extraction = extract(data)
    assert extraction.media_type == "application/vnd.sqlite3"
    assert places(extraction) == ['odd "name!B2', 'odd "name!C2 > page 1 line 1']
    assert "id\tbody\tfile" in said(extraction)
    assert "无行号" in said(extraction)
    assert extraction.coverage.inspected


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_sqlite_rows_that_were_deleted(extract, tmp_path, encoding):
    rows = [("INSERT INTO t VALUES (?)", (f"{number} {MARK} " + "长" * 300,)) for number in range(60)]
    rows.append(("DELETE FROM t WHERE rowid > 2", ()))
    script = f"PRAGMA secure_delete = OFF; PRAGMA encoding = '{encoding}'; CREATE TABLE t (x TEXT);"
    extraction = extract(database(tmp_path / "a.db", script, *rows))
    assert any(segment.where == "deleted" and MARK in segment.text for segment in extraction.segments)


def test_a_log_beside_a_database_is_read(extract, tmp_path):
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE t (x TEXT)")
    connection.execute("INSERT INTO t VALUES (?)", (MARK,))
    connection.commit()
    log, main = (tmp_path / "a.db-wal").read_bytes(), (tmp_path / "a.db").read_bytes()
    connection.close()
    assert places(extract(log)) == ["table"]
    assert extract(main).coverage.inspected


def test_large_rows_are_followed_where_sqlite_is_not_asked(extract, tmp_path):
    text = "长" * 5000 + MARK
    data = database(tmp_path / "a.db", "CREATE TABLE t (x TEXT);", ("INSERT INTO t VALUES (?)", (text,)))
    damaged = bytearray(data)
    at = damaged.index(b"CREATE TABLE")
    damaged[at : at + 6] = b"CREAXE"  # a schema SQLite refuses
    extraction = extract(bytes(damaged))
    assert text in said(extraction)
    assert extraction.coverage.reasons[0].startswith("corrupt")


def test_files_in_rows_are_said_where_sqlite_is_not_asked(tmp_path):
    script = "CREATE TABLE t (x TEXT, y BLOB);"
    database(tmp_path / "a.db", script, ("INSERT INTO t VALUES (?, ?)", (MARK, bytes(range(256)) * 40)))
    reading = Reading(Ledger(Limits(seconds=20)), dispatch.read)
    with (tmp_path / "a.db").open("rb") as file:
        lines = "\n".join(segment.text for segment in sqlitepages.rows(sqlitepages.database(file), reading))
    assert MARK in lines
    assert reading.ledger.coverage.reasons == ("unsupported: bytes in rows",)


def test_no_computed_column_is_run(extract, tmp_path):
    script = "CREATE TABLE t (x TEXT, y TEXT AS (hex(zeroblob(30000000))));"
    data = database(tmp_path / "a.db", script, ("INSERT INTO t (x) VALUES (?)", (MARK,)))
    extraction = extract(data)
    assert places(extraction) == ["t!A2"]
    assert extraction.ms < 5000


def test_bytes_of_no_known_kind_are_said(extract, tmp_path):
    script = "CREATE TABLE t (x BLOB, y BLOB);"
    noise = bytes(range(256)) * 4
    data = database(tmp_path / "a.db", script, ("INSERT INTO t VALUES (?, ?)", (noise, MARK.encode("gbk"))))
    extraction = extract(data)
    assert extraction.coverage.reasons == ("unsupported: t.x",)


def test_sqlite_permits_reading_alone():
    assert sqlite._permit(sqlite3.SQLITE_READ) == sqlite3.SQLITE_OK
    assert sqlite._permit(sqlite3.SQLITE_FUNCTION) == sqlite3.SQLITE_DENY


@pytest.mark.parametrize("key", [0, 0x12345678])
def test_access_rows(extract, key):
    data = jet("客户", ["Name", "密级"], [["甲", MARK], ["乙", ""]], key=key, memo=f"备注{MARK}" * 20)
    extraction = extract(data)
    assert extraction.media_type == "application/x-msaccess"
    assert places(extraction) == ["客户!B2"]
    assert f"备注{MARK}" * 20 in said(extraction)
    assert "Name\t密级\tMemo" in said(extraction)
    assert extraction.coverage.inspected


def test_access_text_with_packed_letters():
    class Modern(Database):
        def __init__(self):
            self.modern = True

    raw = b"\xff\xfeab\0" + "机密".encode("utf-16-le") + b"\0cd"
    assert Modern().text(raw) == "ab机密cd"


def test_a_sealed_access_database_says_so(extract):
    data = bytearray(jet("t", ["x"], [["y"]]))
    data[20] = 3
    data[0x299] = 1
    data[2 * 4096] ^= 0x4A
    assert extract(bytes(data)).coverage.reasons == ("encrypted",)


def test_files_in_access_rows_are_unwrapped():
    ledger = Ledger(Limits(max_part=100_000))
    reading = Reading(ledger, lambda *_: iter(()))
    data = word(MARK)
    assert access._unwrapped(attachment(data), "t", reading) == data
    words = b"".join(struct.pack("<I", len(word) + 1) + word + b"\0" for word in (b"Word.Document.12", b"", b""))
    field = b"\x15\x1c" + struct.pack("<H", 20) + bytes(16) + struct.pack("<II", 0x501, 2) + words
    assert access._unwrapped(field + struct.pack("<I", len(data)) + data, "t", reading) == data
    assert access._unwrapped(b"\x15\x1c\xff\xff" + bytes(30), "t", reading) == b"\x15\x1c\xff\xff" + bytes(30)
    assert ledger.coverage.inspected
    assert len(access._unwrapped(attachment(bytes(10**6)), "t", reading)) <= 100_001
    assert ledger.coverage.reasons == ("too large: t",)


def test_a_truncated_access_database_keeps_its_first_tables(extract):
    data = jet("t", ["x"], [[MARK]])
    assert not extract(data[: 4096 * 2]).coverage.inspected
    assert MARK in said(extract(data[: 4096 * 6]))


def test_a_chain_of_long_values_that_turns_back_ends(extract):
    data = bytearray(jet("t", ["x"], [["y"]], memo="机密" * 100))
    at = 6 * 4096 + int.from_bytes(data[6 * 4096 + 16 : 6 * 4096 + 18], "little")
    data[at : at + 4] = struct.pack("<I", 6 << 8)
    extraction = extract(bytes(data))
    assert extraction.ms < 5000


@pytest.mark.parametrize(("language", "encoding"), [(0, "gbk"), (0x4D, "gbk"), (0x4F, "big5"), (0, "utf-8")])
def test_dbase_rows(extract, language, encoding):
    text = "機密★10年" if encoding == "big5" else MARK
    data = dbase([("NAME", 20), ("LEVEL", 20)], [["王", text]] * 3, language=language, encoding=encoding)
    extraction = extract(data)
    assert extraction.media_type == "application/x-dbase"
    assert places(extraction, text) == ["table!B2"]
    assert extraction.coverage.inspected


def test_a_dbase_table_that_says_more_than_it_holds(extract):
    data = dbase([("NAME", 20)], [[MARK]] * 5)
    extraction = extract(data[:-50])
    assert MARK in said(extraction)
    assert extraction.coverage.reasons == ("corrupt: records",)


@pytest.mark.parametrize(
    "data", [b"\x03" + b"a" * 100, b"\x03\x01\x01\x01" + bytes(200), b"03,04,05\n" * 30, bytes(100)]
)
def test_what_is_no_dbase_table(data):
    assert fields.head(data) is None


def test_a_wide_dbase_table_is_known_by_its_first_columns(extract):
    columns = [(f"C{number}", 2) for number in range(300)] + [("LEVEL", 20)]
    data = dbase(columns, [["x"] * 300 + [MARK]])
    assert len(data) > identify.HEAD
    assert places(extract(data))
