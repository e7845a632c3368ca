"""Sheets of Lotus 1-2-3, Works and Quattro Pro for DOS."""

import struct

import pytest

from tests.documents import MARK
from tests.storages import storage


def record(kind, content=b""):
    return struct.pack("<HH", kind, len(content)) + content


def sheet(*, windows=False, end=True):
    """A label, numbers, a formula's text, header and footer; two rows."""

    def cell(kind, column, row, content):
        place = struct.pack("<HH", column, row)
        return record(kind, (place + b"\0\0" if windows else b"\xff" + place) + content)

    data = struct.pack("<HHH", 0xFF, 2, 0x404) if windows else struct.pack("<HHH", 0, 2, 0x406)
    data += cell(15, 0, 0, b"'" + MARK.encode("gbk") + b"\0") + cell(13, 2, 0, struct.pack("<h", -7))
    data += (
        cell(14, 1, 1, struct.pack("<d", 1.5)) + cell(16, 2, 1, struct.pack("<dH", 3, 0)) + cell(0x33, 2, 1, b"text\0")
    )
    data += record(0x25, b"foot\0pad") + record(0x26, b"head\0")
    return data + (record(1) if end else b"")


@pytest.mark.parametrize("windows", [False, True])
def test_cells_header_and_footer(extract, windows):
    extraction = extract(sheet(windows=windows), "a.wk1")
    cells = next(segment for segment in extraction.segments if MARK in segment.text)
    assert cells.at(cells.text.index(MARK)) == "Sheet1!A1"
    assert cells.at(cells.text.index("-7")) == "Sheet1!C1"
    assert "1.5\ttext" in cells.text
    assert {(segment.where, segment.text) for segment in extraction.segments} >= {
        ("header", "head"),
        ("footer", "foot"),
    }
    assert extraction.coverage.inspected


def test_in_an_ole_file(extract):
    assert any(MARK in segment.text for segment in extract(storage({"MN0": sheet(windows=True)}), "a.wks").segments)


def test_one_cut_short_says_so(extract):
    extraction = extract(sheet(end=False), "a.wks")
    assert not extraction.coverage.inspected
    assert any(MARK in segment.text for segment in extraction.segments)


def test_one_with_a_password_says_so(extract):
    data = struct.pack("<HHH", 0, 2, 0x406) + record(0x4B, b"ab") + b"\x99" * 50
    assert extract(data, "a.wk1").coverage.reasons == ("encrypted",)


def test_a_cell_beyond_the_sheet_costs_nothing(extract):
    far = struct.pack("<HHH", 0, 2, 0x406) + record(15, struct.pack("<BHH", 0, 65_535, 65_535) + b"'x\0") + record(1)
    assert extract(far, "a.wk1").coverage.reasons == ("corrupt: cell",)
