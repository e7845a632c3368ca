"""Swap files of editors and journals of databases: what was typed, and what was replaced, lies in them readable."""

import shutil
import sqlite3
import subprocess

import pytest

from tests.documents import MARK


@pytest.mark.skipif(not shutil.which("vim"), reason="needs vim")
def test_a_swap_file_of_vim_is_read(extract, tmp_path):
    text = tmp_path / "f"
    text.write_text("\n".join(["通知", MARK, *(f"line {number}" for number in range(500))]))
    commands = ["-c", "set swapfile updatecount=1", "-c", "normal ox", "-c", "preserve"]
    copy = f"silent !cp {tmp_path}/.f.swp {tmp_path}/kept"
    subprocess.run(["vim", "-u", "NONE", "-N", "-es", *commands, "-c", copy, "-c", "qa!", text], timeout=20)
    extraction = extract((tmp_path / "kept").read_bytes())
    assert extraction.media_type == "application/x-vim-swap"
    assert any(MARK in segment.text.split("\n") for segment in extraction.segments)


def test_the_journal_of_a_database_is_read(extract, tmp_path):
    with sqlite3.connect(tmp_path / "d", isolation_level=None) as database:
        database.execute("CREATE TABLE t (c)")
        database.execute("INSERT INTO t VALUES (?)", (MARK,))
        database.execute("PRAGMA journal_mode=PERSIST")
        database.execute("PRAGMA cache_size=1")
        database.execute("PRAGMA cache_spill=1")
        database.execute("BEGIN")
        database.execute("UPDATE t SET c = 'x'")
        database.execute(
            "CREATE TABLE u AS WITH RECURSIVE n(a) AS (SELECT 1 UNION SELECT a+1 FROM n LIMIT 9000) SELECT * FROM n"
        )
        journal = (tmp_path / "d-journal").read_bytes()
    database.close()
    for data in (journal, bytes(12) + journal[12:]):  # the magic is written when the rest is safe
        extraction = extract(data)
        assert extraction.media_type == "application/vnd.sqlite3-journal"
        assert any(MARK in segment.text for segment in extraction.segments)
