"""Visio drawings before 2013: the tree of packed streams."""

import struct

import pytest

from agent.extract.ole.visiotree import unpack
from config.limits import Limits
from tests.documents import MARK, word
from tests.storages import storage

TRAILER, PAGES, PAGE, STENCILS, MASTER, SHAPE = 0x14, 0x27, 0x15, 0x1D, 0x1E, 0x48
NAMES, NAME, LIST, OBJECT = 0x32, 0x33, 0xD, 0x1F
CHUNKS, POINTERS, BLOB = 0xD0, 0x50, 0x40


def packed(content):
    """Nothing but literals, behind the four bytes that packed streams begin with."""
    content = bytes(4) + content
    return b"".join(b"\xff" + content[at : at + 8] for at in range(0, len(content), 8))


class Drawing:
    """A VisioDocument being put together, the leaves of its tree first."""

    def __init__(self, version=11):
        self.data = bytearray(0x24 + 18)
        self.data[:21], self.data[0x1A] = b"Visio (TM) Drawing\r\n\0", version
        self.wide = version >= 11

    def put(self, kind, content, form, *, pack=True):
        content = packed(content) if pack else content
        self.data += content
        return struct.pack("<IIIIH", kind, 0, len(self.data) - len(content), len(content), form | 2 * pack)

    def below(self, kind, *pointers, pack=True):
        content = struct.pack("<IIII", 8, 0, len(pointers), 0) + b"".join(pointers)
        return self.put(kind, content, POINTERS, pack=pack)

    def text(self, words, kind=0x0E):
        raw = (words + "\n").encode("utf-16-le" if self.wide else "gbk") + b"\0" * (2 if self.wide else 1)
        content = (bytes(8) if kind == 0x0E else b"") + raw
        return struct.pack("<IIIIHB", kind, 3, 0, len(content), 2, 0x50) + content

    def value(self, words):
        raw = words.encode("utf-16-le" if self.wide else "gbk")
        return b"\x02\x00\x60" + bytes([len(words) if self.wide else len(raw)]) + raw + b"\0\0\xfe"

    def file(self, root):
        self.data[0x24 : 0x24 + 18] = root
        return storage({"VisioDocument": bytes(self.data)})


def said(extraction):
    return [(segment.where, segment.text) for segment in extraction.segments[1:]]


@pytest.mark.parametrize("version", [6, 11])
@pytest.mark.parametrize("pack", [True, False])
def test_pages_masters_names_and_shape_data(extract, version, pack):
    make = Drawing(version)
    noise = b"\x9b\0\0\0" + bytes(30) + b"\x40\x3f"
    first = make.put(PAGE, noise + make.text(MARK) + noise + make.value("负责人") + make.text("域", 0x2D), CHUNKS)
    second = make.below(PAGE, make.put(SHAPE, make.text("二") + make.text("三"), CHUNKS), pack=pack)
    stencils = make.below(STENCILS, make.below(MASTER, make.put(SHAPE, make.text("母"), CHUNKS)), pack=pack)
    encoded = "机密页".encode("utf-16-le" if version == 11 else "gbk") + b"\0\0"
    names = make.below(NAMES, make.put(NAME, b"\1\0\0\0" + encoded, BLOB), pack=pack)
    root = make.below(TRAILER, stencils, make.below(PAGES, first, second, pack=pack), names)
    extraction = extract(make.file(root), "a.vsd")
    assert said(extraction) == [
        ("master", "母"),
        ("page 1", MARK),
        ("page 1 property:Shape data", "域\n负责人"),
        ("page 2", "二\n三"),
        ("property:Names", "机密页"),
    ]
    assert extraction.coverage.inspected


def test_objects_are_put_together_from_their_pieces(extract):
    make = Drawing()
    inner = word(MARK)
    pieces = [inner[at : at + 5000] for at in range(0, len(inner), 5000)]
    pointers = [make.put(OBJECT, piece, BLOB) for piece in pieces]
    root = make.below(TRAILER, make.below(LIST, *pointers), make.put(PAGE, make.text("x"), CHUNKS))
    assert any(
        where.startswith("object 1 > ") and text == MARK for where, text in said(extract(make.file(root), "a.vsd"))
    )


def test_pointers_that_go_in_a_circle_end(extract):
    make = Drawing()
    page = make.put(PAGE, make.text(MARK), CHUNKS)
    at = len(make.data)
    size = 16 + 2 * 18
    make.data += struct.pack("<IIII", 8, 0, 2, 0) + struct.pack("<IIIIH", PAGES, 0, at, size, POINTERS) + page
    extraction = extract(make.file(struct.pack("<IIIIH", TRAILER, 0, at, size, POINTERS)), "a.vsd")
    assert said(extraction) == [("page 1", MARK)]


def test_heads_that_claim_the_same_bytes_give_them_once(extract):
    make = Drawing()
    heads = struct.pack("<IIIIHB", 0x0E, 3, 0, 1000, 2, 0x50) * 1000 + b"\x60\xff" * 1000 + make.text(MARK)
    extraction = extract(make.file(make.put(PAGE, heads, CHUNKS)), "a.vsd")
    assert (("page 1", MARK)) in said(extraction)
    assert sum(len(segment.text) for segment in extraction.segments) < len(heads)


def test_the_oldest_are_searched_for_words(extract):
    make = Drawing(5)
    make.data += MARK.encode("gbk")
    extraction = extract(make.file(bytes(18)), "a.vsd")
    assert "unsupported" in extraction.coverage.reasons
    assert any(MARK in text for _, text in said(extraction))


class Clock:
    limits = Limits()

    def tick(self):
        pass


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\x07abc\xee\xf3", b"abcabcabc"),  # goes on into what it makes
        (b"\x01a\x00\x00", b"a\0\0\0"),  # from before the beginning
        (b"\x01a\xed\xf0", b"a\0a\0"),
        (b"\xffabc", b"abc"),
        (b"\x00\xee", b""),
        (b"", b""),
    ],
)
def test_unpacking(content, expected):
    assert unpack(content, Clock()) == expected
