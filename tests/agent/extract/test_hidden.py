"""A mark and a number in another form are found in every kind of document, at their place."""

import base64
import gzip
import io
from datetime import date

import openpyxl
import pytest

from config.levels import Level
from tests.documents import MARK, saved, word

ID = "110101199003070134"
FORMS = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "packed": lambda text: base64.b64encode(gzip.compress(text.encode())).decode(),
    "twice": lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
    "hex": lambda text: text.encode().hex(),
    "pairs": lambda text: text.encode().hex(" "),
    "percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "references": lambda text: "".join(f"&#{ord(sign)};" for sign in text),
    "escapes": lambda text: "".join(f"\\u{ord(sign):04x}" for sign in text),
}


@pytest.fixture
def verdict(sandbox, tmp_path):
    def run(data, name):
        path = tmp_path / name
        path.write_bytes(data)
        return sandbox.verdict(path, date(2026, 11, 1))

    return run


def plain(text):
    return f"前言\n{text}\n完\n".encode(), "a.txt"


def docx(text):
    return word("前言", text, "完"), "a.docx"


def xlsx(text):
    book = openpyxl.Workbook()
    book.active["B3"] = text
    return saved(book), "a.xlsx"


def eml(text):
    body = base64.encodebytes(f"前言\n{text}\n".encode()).decode()
    head = (
        "From: a@example.com\nTo: b@example.com\nSubject: x\nDate: Mon, 2 Nov 2026 10:00:00 +0800\nMIME-Version: 1.0\n"
    )
    kind = 'Content-Type: text/plain; charset="utf-8"\nContent-Transfer-Encoding: base64\n'
    return f"{head}{kind}\n{body}".encode(), "a.eml"


@pytest.mark.parametrize("make", [plain, docx, xlsx, eml])
@pytest.mark.parametrize("form", FORMS)
def test_what_hides_in_a_document(verdict, make, form):
    found = verdict(*make(FORMS[form](f"{MARK}\n身份证号 {ID}\n")))
    assert found.level is Level.SECRET
    assert {mark.text for mark in found.marks} == {MARK}
    assert any(finding.rule == "cn.resident-id" for finding in found.findings)


def test_a_number_split_over_cells(verdict):
    book = openpyxl.Workbook()
    book.active.append(["序号", "一", "二", "三", "四", "五"])
    book.active.append([1, "1101", "0119", "9003", "0701", "34"])
    (finding,) = [each for each in verdict(saved(book), "a.xlsx").findings if each.rule == "cn.resident-id"]
    assert finding.where == "Sheet!B2 split"


def test_a_number_split_over_the_cells_of_a_table(verdict):
    import docx as library

    document = library.Document()
    table = document.add_table(1, 4)
    for cell, text in zip(table.rows[0].cells, ("身份证号", "110101", "19900307", "0134"), strict=True):
        cell.text = text
    buffer = io.BytesIO()
    document.save(buffer)
    assert any(each.rule == "cn.resident-id" for each in verdict(buffer.getvalue(), "a.docx").findings)


def test_what_was_cut_is_said(verdict):
    bomb = base64.b64encode(gzip.compress(b"0" * 50_000_000))
    found = verdict(bomb, "a.txt")
    assert "too large: content in base64" in found.coverage.reasons
