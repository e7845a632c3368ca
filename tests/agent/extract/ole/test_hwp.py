"""Hangul documents of version 5: text, what hangs on it, and the ways they are closed."""

import struct
import zlib

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from agent.extract.ole.hwpstream import records
from agent.extract.ole.hwptext import Section
from tests.documents import MARK, excel
from tests.old_documents import doc
from tests.storages import storage

PARAGRAPH, TEXT, CONTROL, LIST, ART, MEMO = 66, 67, 71, 72, 90, 93


def record(kind, level, content=b""):
    size = len(content)
    long = size >= 0xFFF
    head = struct.pack("<I", kind | level << 10 | (0xFFF if long else size) << 20)
    return head + (struct.pack("<I", size) if long else b"") + content


def paragraph(text, level=0, *, new_page=False):
    """A paragraph head and its text; a number in it becomes the control character of that code."""
    raw = b"".join(
        struct.pack("<H12sH", part, b"ctrl" + bytes(8), part) if isinstance(part, int) else part.encode("utf-16-le")
        for part in text
    )
    head = bytes(11) + (b"\4" if new_page else b"\0") + bytes(10)
    return record(PARAGRAPH, level, head) + record(TEXT, level + 1, raw + b"\r\0")


def control(name, level, content=b""):
    return record(CONTROL, level, name.encode()[::-1] + content)


def counted(text):
    return struct.pack("<H", len(text)) + text.encode("utf-16-le")


def cell(column, row, *paragraphs, level=2):
    return record(LIST, level, struct.pack("<IIHH", 1, 0, column, row)) + b"".join(paragraphs)


def everything():
    return b"".join(
        [
            paragraph(["机密", 2, "★", 4, "10年", 9, "页\x18"]),
            control("secd", 1),
            control("head", 1) + record(LIST, 2, bytes(8)) + paragraph([f"{MARK}眉"], 2),
            paragraph(["表", 11]),
            control("tbl ", 1, bytes(40) + counted("表的说明")),
            cell(0, 0, paragraph(["甲"], 2)) + cell(1, 0, paragraph(["乙", 17], 2), control("fn  ", 3)),
            paragraph(["注"], 4),
            cell(0, 1, paragraph(["丙"], 2), paragraph(["丁"], 2)),
            paragraph(["框", 11]),
            control("gso ", 1) + record(76, 2) + record(LIST, 3, bytes(8)) + paragraph(["框内"], 3),
            paragraph(["旁", 11]) + control("gso ", 1) + record(76, 2) + record(ART, 3, bytes(32) + counted("艺术字")),
            paragraph(["秘", 23, "★"]) + control("tdut", 1, counted("密") + counted("注音")),
            record(MEMO, 1) + record(LIST, 1, bytes(8)) + paragraph(["批注"], 1),
            paragraph(["第二页"], new_page=True),
        ]
    )


def hwp(section, *, flags=1, more=None, folder="BodyText"):
    content = deflated(section) if flags & 1 else section
    content = enciphered(content) if flags & 4 else content
    return storage(
        {
            "FileHeader": b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x5000300, flags),
            "\x05HwpSummaryInformation": b"",
            "PrvText": "预览".encode("utf-16-le"),
            f"{folder}/Section0": content,
            **(more or {}),
        }
    )


def enciphered(content, seed=0x1234):
    """A stream of a document for distribution: 256 bytes that hide the key, then AES."""
    key, clear = b"0123456789abcdef", bytearray(struct.pack("<I", seed).ljust(256, b"\0"))
    start = 4 + (seed & 0xF)
    clear[start : start + 16] = key
    at, state = 0, seed
    while at < 256:
        state = (state * 214013 + 2531011) % 2**32
        mask = state >> 16 & 0xFF
        state = (state * 214013 + 2531011) % 2**32
        for _ in range((state >> 16 & 0xF) + 1):
            if 4 <= at < 256:
                clear[at] ^= mask
            at += 1
    cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - the format's own
    return record(28, 0, bytes(clear)) + cipher.update(content.ljust(-(-len(content) // 16) * 16, b"\0"))


def said(extraction):
    return [(segment.where, segment.text) for segment in extraction.segments if segment.where != "file name"]


EVERYTHING = [
    ("header", MARK + "眉"),
    ("description", "表的说明"),
    ("footnote", "注"),
    ("text box", "框内"),
    ("text box", "艺术字"),
    ("annotation", "注音"),
    ("comment", "批注"),
    ("page 1", f"{MARK}\t页-\n表\n甲\t乙\n丙 丁\n框\n旁\n秘密★"),
    ("page 2", "第二页"),
]


def test_everything_that_hangs_on_a_paragraph(extract):
    extraction = extract(hwp(everything()), "a.hwp")
    assert said(extraction) == EVERYTHING
    assert extraction.coverage.inspected


@pytest.mark.parametrize(("flags", "folder"), [(0, "BodyText"), (5, "ViewText"), (4, "ViewText")])
def test_not_compressed_and_for_distribution(extract, flags, folder):
    extraction = extract(hwp(paragraph([MARK]), flags=flags, folder=folder), "a.hwp")
    assert said(extraction) == [("page 1", MARK)]
    assert extraction.coverage.inspected


@pytest.mark.parametrize("flag", [2, 1 << 4, 1 << 8])
def test_a_sealed_one_gives_its_preview(extract, flag):
    extraction = extract(hwp(b"\x99" * 100, flags=1 | flag), "a.hwp")
    assert said(extraction) == [("body", "预览")]
    assert extraction.coverage.reasons == ("encrypted",)


def deflated(content):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def test_files_in_it_the_script_and_what_is_left_out(extract):
    old = doc(MARK)
    more = {
        "BinData/BIN0001.xlsx": deflated(excel([[MARK]])),
        "BinData/BIN0002.OLE": deflated(struct.pack("<I", len(old)) + old),
        "Scripts/DefaultJScript": deflated(struct.pack("<I", 5) + "var x".encode("utf-16-le") + bytes(12)),
        "DocHistory/VersionLog0": b"x",
    }
    extraction = extract(hwp(paragraph(["x"]), more=more), "a.hwp")
    found = said(extraction)
    assert ("script", "var x") in found
    assert ("BinData/BIN0002.OLE > page 1", MARK) in found
    assert any(where.startswith("BinData/BIN0001.xlsx > ") and text == MARK for where, text in found)
    assert extraction.coverage.reasons == ("unsupported: DocHistory/VersionLog0",)


@pytest.mark.parametrize(("flags", "folder"), [(1, "BodyText"), (5, "ViewText")])
def test_a_damaged_section_keeps_the_others(extract, flags, folder):
    good = deflated(paragraph([MARK]))
    more = {f"{folder}/Section10": enciphered(good) if flags & 4 else good, f"{folder}/Section2": b"\xff" * 50}
    extraction = extract(hwp(paragraph(["x"]), flags=flags, folder=folder, more=more), "a.hwp")
    assert said(extraction) == [("page 1", "x"), ("page 3" if flags == 1 else "page 2", MARK)]
    assert extraction.coverage.reasons == (f"corrupt: {folder}/Section2",)


def test_without_its_head_the_text_is_read_all_the_same(extract):
    data = storage({"\x05HwpSummaryInformation": b"", "BodyText/Section0": deflated(paragraph([MARK]))})
    extraction = extract(data, "a.hwp")
    assert said(extraction) == [("page 1", MARK)]
    assert extraction.coverage.reasons == ("corrupt: FileHeader",)


def test_tables_in_tables_without_end(extract):
    deep = b"".join(control("tbl ", 1 + 2 * level) + record(LIST, 2 + 2 * level, bytes(12)) for level in range(500))
    assert said(extract(hwp(deep + paragraph([MARK], 1001)), "a.hwp")) == [("page 1", MARK)]


class Clock:
    def tick(self):
        pass


def test_a_record_longer_than_its_stream():
    lying = struct.pack("<II", TEXT | 1 << 10 | 0xFFF << 20, 2**32 - 1) + MARK.encode("utf-16-le")
    assert [segment.text for segment in Section().segments(records(lying, Clock()))] == [MARK]
    assert list(records(lying[:6], Clock())) == []


def test_controls_cut_short_end_the_line():
    section = Section().segments(
        [(TEXT, 1, "x".encode("utf-16-le") + b"\x0b\0\0"), (CONTROL, 1, b" l"), (LIST, 2, b"")]
    )
    assert [segment.text for segment in section] == ["x"]
