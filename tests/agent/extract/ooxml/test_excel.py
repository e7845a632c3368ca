import datetime as dt

from config.verdict import Zone
from tests.documents import MARK, changed, excel, excel_everywhere

PLACES = {
    "cell": "Data!B7",
    "comment": "Data!B7",
    "formula": "Data!C9",
    "header": "sheet 1 header line 1",
    "footer": "sheet 1 footer line 1",
    "hidden": "Away!A1",
    "name": "sheet name",
    "subject": "property:Subject",
    "box": "sheet 2 text box line 1",
}


def say(place):
    return f"机密★《{place}》"


def place_of(extraction, text):
    return [segment.at(segment.text.index(text)) for segment in extraction.segments if text in segment.text]


def test_every_place_of_a_workbook_is_read_once_and_named(extract):
    extraction = extract(excel_everywhere(say), "a.xlsx")
    found = {place: place_of(extraction, say(place)) for place in PLACES}
    assert found == {place: [where] for place, where in PLACES.items()}
    assert place_of(extraction, "6222021234567890") == ["Data!AB12"]
    assert extraction.coverage.inspected


def test_numbers_dates_and_gaps_keep_their_cells(extract):
    row = [1, 2.5, None, "x", True, *[None] * 30, "far", dt.date(2026, 1, 2)]
    extraction = extract(excel([["a", "b"], row]))
    cells = next(segment for segment in extraction.segments if segment.zone is Zone.CELL)
    assert cells.text == "a\tb\n1\t2.5\t\tx\tTRUE\tfar\t2026-01-02"
    assert place_of(extraction, "far") == ["Sheet1!AJ2"]
    assert place_of(extraction, "2026-01-02") == ["Sheet1!AK2"]
    assert place_of(extraction, "TRUE") == ["Sheet1!E2"]


def test_long_sheets_come_in_pieces_with_right_places(extract):
    extraction = extract(excel([[f"row{number}", "x" * 50] for number in range(1, 5001)]))
    pieces = [segment for segment in extraction.segments if segment.zone is Zone.CELL]
    assert len(pieces) > 2
    assert place_of(extraction, "row4321\t") == ["Sheet1!A4321"]


def test_a_false_dimension_hides_nothing(extract):
    def lie(sheet):
        return sheet.replace(b'<dimension ref="A1:A3"/>', b'<dimension ref="A1:A1"/>')

    data = changed(excel([["a"], ["b"], [MARK]]), **{"xl/worksheets/sheet1.xml": lie})
    assert place_of(extract(data), MARK) == ["Sheet1!A3"]


def test_a_sheet_too_sparse_to_hold_is_streamed(extract):
    """One cell in the last corner makes a rectangle of 17 milliards of cells."""

    def corner(sheet):
        last = '<row r="1048576"><c r="A1048576" t="s"><v>0</v></c>'
        last += f'<c r="XFD1048576" t="inlineStr"><is><t>{MARK}</t></is></c></row>'
        return sheet.replace(b"</sheetData>", last.encode() + b"</sheetData>")

    extraction = extract(changed(excel([["first", 7]]), **{"xl/worksheets/sheet1.xml": corner}))
    assert place_of(extraction, MARK) == ["Sheet1!XFD1048576"]
    assert place_of(extraction, "first") == ["Sheet1!A1"]
    assert extraction.coverage.inspected


def test_a_cell_whose_name_is_no_name_ends_nowhere(extract):
    """Found by fuzzing: a column before the first one has no letters."""
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>'
        b'<c r="@ZZZZ1" t="str"><v>a</v></c><c r="@1" t="str"><v>b</v></c></row></sheetData></worksheet>'
    )
    extraction = extract(changed(excel([["x"]]), **{"xl/worksheets/sheet1.xml": sheet}))
    assert "a" in "\n".join(segment.text for segment in extraction.segments)


def test_a_lie_about_the_strings_hides_no_cell(extract):
    """calamine asks for as much memory as the file claims to need, and the process ends; another does without it."""
    strings = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1" uniqueCount="2147483648">'
        f"<si><t>{MARK}</t></si></sst>"
    ).encode()
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        b'<c r="A1" t="s"><v>0</v></c></row></sheetData></worksheet>'
    )
    parts = {"xl/sharedStrings.xml": strings, "xl/worksheets/sheet1.xml": sheet}
    extraction = extract(changed(excel([["x"]]), **parts))
    assert any(segment.where.endswith("!A1") and MARK in segment.text for segment in extraction.segments)
    assert extraction.coverage.inspected
