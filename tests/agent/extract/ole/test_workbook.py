"""Old workbooks: what stands around the cells, the versions before Excel 5, and damage."""

import struct

import pytest

from tests.documents import MARK, word
from tests.old_documents import biff, record, stored, wide, workbook

_LABEL = 0x204


def said(extraction):
    return [(segment.at(0), segment.text) for segment in extraction.segments[1:]]


def label(row, column, text):
    return record(_LABEL, struct.pack("<HHH", row, column, 0) + wide(text))


def boxed(number, text):
    drawn = record(0x5D, struct.pack("<HHHH", 0x15, 18, 0x19, number) + bytes(14))
    drawn += record(0x1B6, struct.pack("<HHHHHHHI", 0, 0, 0, 0, 0, len(text), 8, 0))
    return drawn + record(0x3C, b"\x01" + text.encode("utf-16-le")) + record(0x3C, bytes(8))


def note(row, column, number):
    return record(0x1C, struct.pack("<HHHH", row, column, 0, number) + wide("作者") + b"\0")


def test_cells_and_names_of_an_excel_97_workbook(extract):
    assert said(extract(stored({"Workbook": workbook(sheet=[label(1, 2, MARK)])}))) == [
        ("sheet name", "数据"),
        ("数据!C2", MARK),
    ]


def test_comments_stand_at_their_cells_and_boxes_do_not(extract):
    sheet = [boxed(1, MARK), boxed(2, "旁注"), note(6, 1, 1)]
    found = said(extract(stored({"Workbook": workbook(sheet=sheet)})))
    assert ("数据!B7", MARK) in found
    assert ("sheet 1 text box line 1", "旁注") in found


def test_charts_within_a_sheet_are_no_sheets(extract):
    title = record(0x100D, b"\0\0" + bytes([len(MARK), 1]) + MARK.encode("utf-16-le"))
    chart = record(0x809, struct.pack("<HHHHII", 0x600, 0x20, 0, 0, 0, 0)) + title + record(10)
    found = said(extract(stored({"Workbook": workbook(sheet=[chart, record(0x14, wide(MARK))])})))
    assert ("sheet 1 chart line 1", MARK) in found
    assert ("sheet 1 header line 1", MARK) in found


def test_headers_of_the_first_page(extract):
    data = bytes(28) + bytes(2) + struct.pack("<4H", 0, 0, len(MARK), 0) + wide(MARK)
    found = said(extract(stored({"Workbook": workbook(sheet=[record(0x89C, data)])})))
    assert ("sheet 1 header line 1", MARK) in found


def test_prompts_of_cells(extract):
    prompt = struct.pack("<I", 0) + wide(MARK) + wide("x") * 3 + bytes(8) + struct.pack("<HHHHH", 1, 4, 4, 2, 2)
    found = said(extract(stored({"Workbook": workbook(sheet=[record(0x1BE, prompt)])})))
    assert ("数据!C5", f"{MARK}\nx\nx\nx") in found


def test_names_for_a_text_and_tips_of_links(extract):
    formula = b"\x17" + bytes([len(MARK), 1]) + MARK.encode("utf-16-le")
    name = struct.pack("<HBBHHHBBBB", 0, 0, 2, len(formula), 0, 0, 0, 0, 0, 0) + b"\x01" + "密级".encode("utf-16-le")
    tip = struct.pack("<HHHHH", 0x800, 3, 3, 1, 1) + MARK.encode("utf-16-le") + b"\0\0"
    found = said(extract(stored({"Workbook": workbook(record(0x18, name + formula), sheet=[record(0x800, tip)])})))
    assert ("property:密级", MARK) in found
    assert ("数据!B4", MARK) in found


def test_what_pivot_tables_copied(extract):
    copies = {"0001": record(0xC6, bytes(20)) + record(0xCD, wide(MARK)) + record(10)}
    found = said(extract(stored({"Workbook": workbook(), "_SX_DB_CUR": copies})))
    assert ("property:pivot table", MARK) in found


def test_wordart_of_a_sheet(extract):
    text = MARK.encode("utf-16-le") + b"\0\0"
    table = struct.pack("<HI", 0x80C0, len(text)) + text
    art = struct.pack("<HHI", 0x13, 0xF00B, len(table)) + table
    half = len(art) // 2
    found = said(extract(stored({"Workbook": workbook(sheet=[record(0xEC, art[:half]), record(0xEC, art[half:])])})))
    assert ("watermark line 1", MARK) in found


def test_embedded_documents(extract):
    tree = {"Workbook": workbook(), "MBD0012": {"Package": word(MARK)}, "_VBA_PROJECT_CUR": {"PROJECT": b"x"}}
    extraction = extract(stored(tree))
    assert ("MBD0012 > Package > page 1 line 1", MARK) in said(extraction)
    assert extraction.coverage.reasons == ("unsupported: _VBA_PROJECT_CUR",)


def old(version, *records):
    beginning = {2: 0x0009, 3: 0x0209, 4: 0x0409}[version]
    return (
        record(beginning, struct.pack("<HHH", 0, 0x10, 0)[: 4 if version == 2 else 6]) + b"".join(records) + record(10)
    )


@pytest.mark.parametrize("version", [2, 3, 4])
def test_excel_2_to_4_are_no_compound_files(extract, version):
    raw = MARK.encode("gb18030")
    page = record(0x42, struct.pack("<H", 936))
    if version == 2:
        cells = record(0x04, struct.pack("<HH3sB", 6, 1, b"\0\0\0", len(raw)) + raw)
        cells += record(0x03, struct.pack("<HH3sd", 7, 1, b"\0\0\0", 6222.0))
        cells += record(0x06, struct.pack("<HH3s8s4x", 8, 1, b"\0\0\0", b"\0\0\0\0\0\0\xff\xff"))
        cells += record(0x07, bytes([len(raw)]) + raw)
    else:
        cells = record(0x204, struct.pack("<HHHH", 6, 1, 0, len(raw)) + raw)
        cells += record(0x203, struct.pack("<HHHd", 7, 1, 0, 6222.0))
        cells += record(0x206 if version == 3 else 0x406, struct.pack("<HHH8s4x", 8, 1, 0, b"\0\0\0\0\0\0\xff\xff"))
        cells += record(0x207, struct.pack("<H", len(raw)) + raw)
    header = record(0x14, bytes([len(raw)]) + raw)
    comment = record(0x1C, struct.pack("<HHH", 0, 0, 2 * len(raw)) + raw)
    comment += record(0x1C, struct.pack("<HHH", 0xFFFF, 0, len(raw)) + raw)
    extraction = extract(old(version, page, cells, header, comment))
    assert extraction.media_type == "application/vnd.ms-excel"
    assert said(extraction) == [
        ("sheet 1 header line 1", MARK),
        ("Sheet1!A1", MARK * 2),
        ("sheet name", "Sheet1"),
        ("Sheet1!B7", f"{MARK}\n6222\n{MARK}"),
    ]


def test_days_as_people_see_them(extract):
    form = record(0x41E, b"\0\0" + bytes([2]) + b"0%") + record(0x41E, b"\0\0" + bytes([10]) + b"yyyy-mm-dd")
    styles = record(0x443, bytes(12)) + record(0x443, b"\0\x01" + bytes(10))
    cells = record(0x203, struct.pack("<HHHd", 0, 0, 1, 45292.0)) + record(0x203, struct.pack("<HHHd", 0, 1, 0, 0.5))
    assert said(extract(old(4, form, styles, cells)))[1] == ("Sheet1!A1", "2024-01-01\t0.5")


@pytest.mark.parametrize("kind", [0xBD, 0x06, 0x203, 0x204])
def test_a_damaged_record_does_not_hide_the_cells(extract, kind):
    shared = record(0xFC, struct.pack("<II", 1, 1) + wide(MARK))
    cells = [record(0xFD, struct.pack("<HHHI", 6, 1, 0, 0)), record(0x27E, struct.pack("<HHHI", 7, 1, 0, 622 << 2 | 2))]
    extraction = extract(stored({"Workbook": workbook(shared, sheet=[*cells, record(kind, b"\0"), label(8, 1, "x")])}))
    assert ("数据!B7", f"{MARK}\n622\nx") in said(extraction)
    assert extraction.coverage.reasons == ("corrupt: 数据",)


def test_sealed_workbooks_say_so(extract):
    assert extract(stored({"Workbook": biff(sealed=True)})).coverage.reasons == ("encrypted",)
    assert extract(old(4, record(0x2F, bytes(4)), record(0x204, bytes(9)))).coverage.reasons == ("encrypted",)


def test_a_workbook_cut_within_a_sheet(extract):
    stream = old(4, record(0x204, struct.pack("<HHHH", 0, 0, 0, 3) + b"abc"))[:-4]
    extraction = extract(stream)
    assert ("Sheet1!A1", "abc") in said(extraction)
    assert extraction.coverage.reasons == ("corrupt: the last records",)


def test_many_sheets_in_one_place_take_no_longer(extract):
    bounds = record(0x85, struct.pack("<IHBB", 30, 0, 1, 0) + b"x") * 20_000
    parts = (record(0x809, struct.pack("<HHHHII", 0x600, 16, 0, 0, 0, 0)) + record(10)) * 20_000
    start = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    extraction = extract(stored({"Workbook": start + bounds + record(10) + parts}))
    assert "timeout" not in extraction.coverage.reasons


def test_storages_within_storages_become_files(extract):
    inner = {"A": {"B": b"x"}, "\x01Ole10Native": b"\x04\0\0\0GIF8"}
    extraction = extract(stored({"Workbook": workbook(), "MBD1": inner}))
    assert ("MBD1 > object > file name", "object") in said(extraction)
    assert extraction.coverage.inspected


def test_a_sheet_that_spans_more_than_memory_holds(extract):
    corner = record(0x203, struct.pack("<HHHd", 65_535, 255, 0, 7.0))
    extraction = extract(stored({"Workbook": workbook(sheet=[label(1, 2, MARK), corner])}))
    assert ("数据!C2", f"{MARK}\n7") in said(extraction)
    assert extraction.coverage.inspected
