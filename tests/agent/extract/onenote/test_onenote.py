"""OneNote: pages from a disk and from the cloud, files within, sealed and damaged sections."""

import struct

import pytest

from agent.extract.onenote import objects
from tests.binary_documents import onenote, packaged, property_set
from tests.documents import MARK, png, word

PAGE, TEXT, ROW, CELL, EMBEDDED = 0x0006000B, 0x0006000E, 0x00060023, 0x00060024, 0x00060035
UNICODE, ASCII, NAME, AUTHOR = 0x1C001C22, 0x1C003498, 0x1C001D9C, 0x1C001D75


def wide(text):
    return text.encode("utf-16-le")


def places(extraction, text=MARK):
    return [segment.at(segment.text.index(text)) for segment in extraction.segments if text in segment.text]


def test_a_page(extract):
    extraction = extract(
        onenote(
            [
                (PAGE, [(AUTHOR, wide("张三"))], [2, 3, 4]),
                (TEXT, [(ASCII, b"plain")], []),
                (TEXT, [(UNICODE, wide(f"关于{MARK}"))], []),
                (ROW, [], [5, 6]),
                (CELL, [(UNICODE, wide("left"))], []),
                (CELL, [(UNICODE, wide("right"))], []),
                (TEXT, [(UNICODE, wide("gone"))], []),
            ]
        )
    )
    assert extraction.media_type == "application/onenote"
    assert places(extraction) == ["page 1 line 2"]
    assert places(extraction, "left\tright") == ["page 1 line 3"]
    assert [(s.where, s.text) for s in extraction.segments[2:]] == [("deleted", "gone"), ("property:Author", "张三")]
    assert extraction.coverage.inspected


def test_files_on_a_page(extract):
    page = [(PAGE, [], [2]), (EMBEDDED, [(NAME, wide("计划.docx"))], [3])]
    extraction = extract(onenote(page, files=[(3, word(MARK)), (9, png(20, 20))]))
    assert places(extraction) == ["计划.docx > page 1 line 1"]
    assert extraction.coverage.inspected
    assert extract(onenote(page, files=[(3, png(900, 900))])).coverage.reasons == ("ocr off: 计划.docx",)


def test_a_section_from_the_cloud(extract):
    extraction = extract(packaged(f"一\n{MARK}"))
    assert places(extraction) == ["page 1 line 2"]
    assert extraction.coverage.inspected


def test_a_sealed_section_says_so(extract):
    assert extract(onenote([(PAGE, [], [])], sealed=True)).coverage.reasons == ("encrypted",)


def test_a_table_of_contents_is_known(extract):
    data = bytearray(onenote([(PAGE, [(0x1C001D6B, wide(MARK))], [])]))
    data[:16] = bytes.fromhex("a12fff43d9ef764c9ee210ea5722765f")
    assert places(extract(bytes(data))) == ["property:File"]


def test_objects_that_point_at_each_other_end(extract):
    page = [(PAGE, [], [2]), (TEXT, [(UNICODE, wide(MARK))], [1, 2])]
    assert places(extract(onenote(page))) == ["page 1 line 1"]


def test_pages_deeper_than_anyone_writes(extract):
    page = [(PAGE, [], [number + 2]) for number in range(120)]
    assert extract(onenote(page)).coverage.reasons == ("too deep",)


@pytest.mark.parametrize("build", [onenote, packaged])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.97])
def test_a_truncated_section_is_never_clean(extract, build, part):
    data = build([(PAGE, [(UNICODE, wide(MARK))], [])]) if build is onenote else build(MARK)
    assert not extract(data[: int(len(data) * part)]).coverage.inspected


def test_a_damaged_object_does_not_hide_the_others(extract):
    page = [(PAGE, [], [2, 3]), (TEXT, [(UNICODE, wide("damaged"))], []), (TEXT, [(UNICODE, wide(MARK))], [])]
    data = bytearray(onenote(page))
    at = data.index(wide("damaged"))
    data[at - 4 : at] = b"\xff\xff\xff\x7f"
    extraction = extract(bytes(data))
    assert places(extraction) == ["page 1 line 1"]
    assert extraction.coverage.reasons == ("corrupt: object",)


def test_properties_of_every_kind_are_passed_over():
    kinds = [1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 17, 7]
    names = b"".join(struct.pack("<I", kind << 26 | 1) for kind in kinds)
    inner = struct.pack("<HII", 1, 7 << 26 | 2, 2) + b"in"
    values = bytes(1) + bytes(2) + bytes(4) + bytes(8) + struct.pack("<I", 5) + inner + struct.pack("<I", 3) + b"out"
    data = struct.pack("<IH", 1 << 31, len(kinds)) + names + values
    assert objects.properties(data)[1] == [(7 << 26 | 2, b"in"), (7 << 26 | 1, b"out")]


def test_sets_within_sets_without_end():
    data = struct.pack("<I", 1 << 31) + struct.pack("<HI", 1, 17 << 26) * 50
    with pytest.raises(ValueError, match="without end"):
        objects.properties(data)
    assert objects.properties(property_set([(UNICODE, b"x")], [1, 2])) == ([1, 2], [(UNICODE, b"x")])
