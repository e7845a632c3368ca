"""Registered tables as an officer and a scan meet them: real processes, documents in every form."""

import json
import os
import subprocess
import sys

import pytest

from config.levels import Level
from detectors.exactindex import open_index
from tests.documents import excel, pdf, word
from tests.people import HEADS, people

ROWS = list(people(400))
OTHERS = list(people(10, seed=2))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("exact")
    text = "".join(",".join(row) + "\n" for row in [HEADS, *ROWS])
    (made / "people.csv").write_bytes(text.encode("gb18030"))
    return made


def _run(home, *arguments, status=0, language="en"):
    done = subprocess.run(
        [sys.executable, "-m", "agent.cli", "--language", language, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"SHOUMI_HOME": str(home)},
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 or not done.stderr else done.stdout + done.stderr


def _add(home, file, *more, **options):
    return _run(home, "exact", "add", file, "--name", "customers", *more, **options)


def _documents(rows, folder):
    """The same rows in every form."""
    folder.mkdir()
    lines = [f"客户{row[0]}先生，证件号{row[1]}，联系电话{row[2]}。" for row in rows]
    (folder / "a.xlsx").write_bytes(excel([HEADS[:4], *[row[:4] for row in rows]]))
    (folder / "a.docx").write_bytes(word(*lines))
    (folder / "a.pdf").write_bytes(pdf(lines))
    (folder / "a.txt").write_text("\n".join(lines), "utf-8")
    (folder / "a.csv").write_bytes("\n".join(",".join(row) for row in rows).encode("gb18030"))
    return folder


def _scan(home, folder):
    done = subprocess.run(
        [sys.executable, "-m", "agent.cli", "scan", "--workers", "1", "--format", "jsonl", folder],
        capture_output=True,
        timeout=240,
        env=os.environ | {"SHOUMI_HOME": str(home)},
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(line["coverage"]["inspected"] for line in lines), lines
    return {
        os.path.basename(line["path"]): (
            line["level"],
            sum(found["count"] for found in line["findings"] if found["rule"] == "exact.customers"),
        )
        for line in lines
    }, done.stdout.decode()


def test_registered_people_are_found_in_every_kind_of_file_and_no_others(folder, tmp_path):
    home = tmp_path / "home"
    _add(home, folder / "people.csv", "--level", "secret", "--columns", "姓名,身份证号,手机,卡号")
    found, said = _scan(home, _documents(ROWS[40:50], tmp_path / "registered"))
    assert found == dict.fromkeys(("a.xlsx", "a.docx", "a.pdf", "a.txt", "a.csv"), ("secret", 10))
    assert not any(value in said for row in ROWS[40:50] for value in row[1:4])
    others, _ = _scan(home, _documents(OTHERS, tmp_path / "others"))
    assert {count for _, count in others.values()} == {0}
    assert len(others) == 5
    _run(home, "exact", "remove", "customers")
    assert {count for _, count in _scan(home, tmp_path / "registered")[0].values()} == {0}


def test_what_would_be_indexed_is_said_and_nothing_is_written(folder, tmp_path):
    said = _add(tmp_path, folder / "people.csv", "--dry-run")
    assert "400 rows" in said
    assert "身份证号: identity number; 400 indexed" in said
    assert "城市: dates, amounts, blanks or few different values; not indexed" in said
    assert "Nothing was written" in said
    assert list(tmp_path.iterdir()) == []
    assert "未写入" in _add(tmp_path, folder / "people.csv", "--dry-run", language="zh")


def test_the_list_the_versions_and_the_withdrawal(folder, tmp_path):
    assert _run(tmp_path, "exact", "list") == ""
    _add(tmp_path, folder / "people.csv")
    _add(tmp_path, folder / "people.csv", "--need", "3", "--within", "100", "--level", "top_secret")
    said = _run(tmp_path, "exact", "list")
    assert "customers  version 2: 400 rows, 3 of 5 columns" in said
    assert "within 100 characters, level top secret" in said
    path = tmp_path / "registers" / "customers.signed"
    data = path.read_bytes()
    head = open_index(path, data.index(b"\n") + 1).head
    assert (head.level, head.need, head.rows) == (Level.TOP_SECRET, 3, 400)
    assert not any(
        value.encode(name) in data for row in ROWS[:50] for value in row[:5] for name in ("utf-8", "gb18030")
    )
    _run(tmp_path, "exact", "remove", "customers")
    assert _run(tmp_path, "exact", "list") == ""
    assert path.stat().st_size < 1_000
    _add(tmp_path, folder / "people.csv")
    assert "version 4" in _run(tmp_path, "exact", "list")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--columns", "姓名,手机号"), "no column '手机号'"),
        (("--columns", "姓名,城市"), "only 1 of the columns"),
        (("--columns", "手机"), "only 1 of the columns"),
        (("--need", "6"), "only 5 of the columns"),
        (("--need", "1"), "--need"),
        (("--within", "5000"), "--within"),
        (("--level", "public"), "--level"),
        (("--name", "Kunden 1"), "cannot be the name"),
    ],
)
def test_wrong_usage_is_said_and_nothing_is_written(folder, tmp_path, arguments, words):
    assert words in _add(tmp_path, folder / "people.csv", *arguments, status=2)
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_registered_cannot_be_withdrawn(folder, tmp_path):
    assert "nothing of kind 'exact' is registered as 'x'" in _run(tmp_path, "exact", "remove", "x", status=2)
    from agent.signer import write_register

    write_register(tmp_path, "words", "customers", b"x")
    assert "nothing of kind 'exact'" in _run(tmp_path, "exact", "remove", "customers", status=2)
    assert "already a register of kind 'words'" in _add(tmp_path, folder / "people.csv", status=2)


def test_many_rows_are_few_bytes(tmp_path):
    rows = people(5_000, seed=5)
    path = tmp_path / "many.csv"
    path.write_text("".join(",".join(row) + "\n" for row in [HEADS, *rows]), "utf-8")
    _add(tmp_path, path, "--columns", "姓名,身份证号,手机,卡号")
    assert (tmp_path / "registers" / "customers.signed").stat().st_size < 5_000 * 30
