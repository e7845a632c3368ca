"""Old Word documents: every place that holds words, the versions before Word 97, and damage."""

import io
import struct

import olefile
import pytest

from agent.extract.ole import wordlists
from tests.documents import MARK, word
from tests.old_documents import property_set, stored, word97, word_6

_DELETED, _STAR = b"\x00\x08\x01", b"\x09\x6a\x00\x00\xab\xf0"
_CELL, _ROW_END = b"\x16\x24\x01", b"\x16\x24\x01\x17\x24\x01"


def said(extraction):
    return [(segment.where, segment.text) for segment in extraction.segments[1:]]


def test_deleted_characters_stand_beside_the_text(extract):
    extraction = extract(word97("机密★2010年\r", [9], characters=[(0, 3, b""), (3, 5, _DELETED), (5, 9, b"")]))
    assert said(extraction) == [("page 1 deleted", "20"), ("page 1", MARK)]


def test_a_star_put_in_as_a_symbol(extract):
    extraction = extract(word97("机密(10年\r", [7], characters=[(0, 2, b""), (2, 3, _STAR), (3, 7, b"")]))
    assert said(extraction) == [("page 1", MARK)]


def test_rows_and_empty_cells(extract):
    text = "before\ra\x07\x07\x07b\rc\x07d\x07\x07after\r"
    bounds = [0, 7, 9, 10, 11, 13, 15, 17, 18, 24]
    kinds = [b"", _CELL, _CELL, _ROW_END, _CELL, _CELL, _CELL, _ROW_END, b""]
    paragraphs = list(zip(bounds, bounds[1:], kinds, strict=False))
    extraction = extract(word97(text, [len(text)], paragraphs=paragraphs))
    assert said(extraction) == [("page 1", "before"), ("page 1 table", "a\nb c\td"), ("page 1", "after")]


def level(start, form, text):
    return struct.pack("<iB", start, form) + bytes(23) + struct.pack("<H", len(text)) + text.encode("utf-16-le")


def test_numbers_of_lists(extract):
    lists = struct.pack("<H", 1) + struct.pack("<i22xBx", 77, 0)
    levels = [level(1, 39, "\0、"), level(5, 2, "\0.\x01)"), *[level(1, 0, "")] * 7]
    uses = struct.pack("<I", 1) + struct.pack("<i12x", 77) + struct.pack("<I", 0xFFFFFFFF)
    member, below = b"\x0b\x46\x01\x00\x0a\x26\x00", b"\x0b\x46\x01\x00\x0a\x26\x01"
    text = "甲\r乙\r丙\r丁\r"
    extraction = extract(
        word97(
            text,
            [len(text)],
            paragraphs=[(0, 2, member), (2, 4, below), (4, 6, below), (6, 8, member)],
            blocks={73: (lists, b"".join(levels)), 74: uses},
        )
    )
    assert said(extraction) == [("page 1", "一、 甲\n一.v) 乙\n一.vi) 丙\n二、 丁")]


@pytest.mark.parametrize(
    ("number", "form", "text"),
    [
        (14, 1, "XIV"),
        (28, 4, "bb"),
        (10, 39, "十"),
        (105, 39, "一百零五"),
        (12, 38, "壹拾贰"),
        (7, 22, "07"),
        (3, 18, "③"),
    ],
)
def test_ways_to_write_numbers(number, form, text):
    assert wordlists.shown(number, form) == text


def test_headers_and_footers_of_a_section(extract):
    body, parts = "text\r", ["", "", "", "", "", "", "even\r", "odd\r", "low\r", "", f"{MARK}\r", "last\r", ""]
    bounds = [sum(map(len, parts[:index])) for index in range(len(parts) + 1)]
    text = body + "".join(parts) + "\r"
    plc = struct.pack(f"<{len(bounds)}I", *bounds)
    extraction = extract(word97(text, [len(body), 0, len(text) - len(body)], blocks={11: plc}))
    assert said(extraction)[1:] == [
        ("header", "even"),
        ("header", "odd"),
        ("footer", "low"),
        ("header", MARK),
        ("footer", "last"),
    ]


def test_fields_show_their_result_and_their_code_is_kept_apart(extract):
    text = f'a \x13 IF \x13 PAGE \x14 7 \x15 = 7 "secret" \x14{MARK}\x15 z\r'
    (_, shown), (where, codes) = said(extract(word97(text, [len(text)])))
    assert (shown, where) == (f"a {MARK} z", "property:field codes")
    assert codes.split() == ["IF", "PAGE", "7", "=", "7", '"secret"']


def test_a_field_without_an_end_hides_nothing(extract):
    text = f"a\r\x13{MARK}\x14{MARK}\r\x13 PAGE \r{MARK}\r\x13 PAGE \x14b\r"
    assert "b" in said(extract(word97(text, [len(text)])))[0][1]
    assert said(extract(word97(text, [len(text)])))[0][1].startswith(f"a\n{MARK}")


def test_sections_that_go_on_in_the_page(extract):
    text, at = "one\x0ctwo\x0cthree\r", 1792  # where the properties of a section stand
    plc = struct.pack("<4I", 0, 4, 8, len(text))
    plc += b"".join(struct.pack("<HIHI", 0, place, 0, 0) for place in (0xFFFFFFFF, at, 0xFFFFFFFF))
    document = bytearray(word97(text, [len(text)], blocks={6: plc}))
    start = document.index(b"\xec\xa5\xc1\0")
    document[start + at : start + at + 5] = b"\x03\0\x09\x30\x00"  # it goes on in the page
    assert said(extract(bytes(document))) == [("page 1", "one\ntwo"), ("page 2", "three")]


def test_document_variables(extract):
    block = b"\xff\xff" + struct.pack("<HH", 1, 4) + struct.pack("<H", 2) + "密级".encode("utf-16-le") + bytes(4)
    block += struct.pack("<H", len(MARK)) + MARK.encode("utf-16-le") + bytes(2)
    assert ("property:密级", MARK) in said(extract(word97("x\r", [2], blocks={60: block})))


def test_autotext_of_templates(extract):
    text = f"body\r{MARK}\r"
    document = bytearray(word97(text, [5]))
    at = document.index(b"\xec\xa5\xc1\0")
    block = bytearray(document[at : at + 512])
    struct.pack_into("<8i", block, 0x4C, len(text), *[0] * 7)
    document[at + 1024 : at + 1536] = block
    struct.pack_into("<H", document, at + 8, 2)  # pages of 512 bytes to the second block
    assert said(extract(bytes(document))) == [("page 1", "body"), ("glossary", f"body\n{MARK}")]


@pytest.mark.parametrize(("page", "language"), [("gb18030", 0x0804), ("big5", 0x0404), ("cp1251", 0x0419)])
def test_word_6_in_the_code_page_of_its_language(extract, page, language):
    words = "Совершенно секретно" if page == "cp1251" else "機密★10年" if page == "big5" else MARK
    extraction = extract(stored({"WordDocument": word_6(f"first\r{words}\r", page, language=language)}))
    assert said(extraction) == [("page 1", f"first\n{words}")]


def test_word_2_is_no_compound_file(extract):
    extraction = extract(word_6(f"first\r{MARK}\r", "gb18030", magic=0xA5DB, version=0x2D))
    assert (extraction.media_type, said(extraction)) == ("application/msword", [("page 1", f"first\n{MARK}")])


def test_sealed_documents_still_show_their_properties(extract):
    stream = property_set({"密级": MARK})
    main = bytearray(2048)
    struct.pack_into("<HH6xH", main, 0, 0xA5EC, 0xC1, 0x0100)
    extraction = extract(stored({"WordDocument": bytes(main), "\x05DocumentSummaryInformation": stream}))
    assert extraction.coverage.reasons == ("encrypted",)
    assert said(extraction) == [("property:密级", MARK)]


def test_a_password_for_changes_only_is_no_seal(extract):
    document = bytearray(word97(f"{MARK}\r", [len(MARK) + 1]))
    at = document.index(b"\xec\xa5\xc1\0")
    struct.pack_into("<H", document, at + 10, 0x0200 | 0x0800)
    extraction = extract(bytes(document))
    assert extraction.coverage.inspected
    assert said(extraction) == [("page 1", MARK)]


def test_an_embedded_document(extract):
    with olefile.OleFileIO(io.BytesIO(word97(f"{MARK}\r", [len(MARK) + 1]))) as storage:
        inner = {name: storage.openstream(name).read() for name in ("WordDocument", "1Table")}
    extraction = extract(word97("outer\r", [6], more={"ObjectPool": {"_12": inner}}))
    assert ("ObjectPool/_12 > page 1", MARK) in said(extraction)
    assert extraction.coverage.inspected


def test_custom_xml_and_unknown_objects(extract):
    data = f"<a><b>{MARK}</b></a>".encode()
    extraction = extract(
        word97(
            "x\r", [2], more={"MsoDataStore": {"A": {"Item": data}}, "ObjectPool": {"_1": {"Equation Native": b"x"}}}
        )
    )
    assert ("property:custom XML", MARK) in said(extraction)
    assert "unsupported: ObjectPool/_1" in extraction.coverage.reasons


def test_a_piece_of_two_thousand_million_characters_takes_no_memory(extract):
    """Found by fuzzing: what is missing of a piece was filled up before it was cut."""
    pieces = struct.pack("<III", 0, 2, 0x7FFFFFFF) + struct.pack("<HIH", 0, 2048, 0) * 2
    extraction = extract(word97("xy", [2], blocks={33: b"\x02" + struct.pack("<I", len(pieces)) + pieces}))
    assert "memory" not in extraction.coverage.reasons
    assert extraction.segments[1].text == "xy"


def test_pieces_that_name_more_text_than_there_is(extract):
    count = 4000
    pieces = struct.pack(f"<{count + 1}I", *(100_000 * index for index in range(count + 1)))
    pieces += struct.pack("<HIH", 0, 0, 0) * count
    clx = b"\x02" + struct.pack("<I", len(pieces)) + pieces
    extraction = extract(word97("x\r" * 100_000, [100], blocks={33: clx}))
    assert "corrupt: text" in extraction.coverage.reasons


@pytest.mark.parametrize("lost", [300, 1200, 2040, 3000])
def test_cut_documents_end_in_a_reason_or_in_text(extract, lost):
    whole = word97(f"{MARK}\r" * 200, [6 * 200])
    extraction = extract(whole[: len(whole) - lost])
    assert extraction.coverage.reasons or MARK in str(said(extraction))


def test_a_document_of_a_newer_program_inside(extract):
    extraction = extract(word97("x\r", [2], more={"ObjectPool": {"_3": {"Package": word(MARK)}}}))
    assert ("ObjectPool/_3 > Package > page 1", MARK) in said(extraction)
