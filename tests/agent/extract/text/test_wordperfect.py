"""WordPerfect: text by its codes, notes and headers in their places, sealed and damaged files."""

import struct

import pytest

from agent.extract.text import wpcharacters
from tests.binary_documents import wpd5, wpd6

WORDS = "TOP SECRET"


def places(extraction, text=WORDS):
    return [segment.at(segment.text.index(text)) for segment in extraction.segments if text in segment.text]


def group5(kind, sub, content):
    size = struct.pack("<H", len(content) + 4)
    return bytes([kind, sub]) + size + content + size + bytes([sub, kind])


def group6(kind, sub, *packets):
    body = bytes([0x80 if packets else 0, *([len(packets)] if packets else [])])
    body += b"".join(struct.pack("<H", packet) for packet in packets) + bytes(2)
    size = struct.pack("<H", 4 + len(body) + 3)
    return bytes([kind, sub]) + size + body + size + bytes([kind])


def packet(text):
    return struct.pack("<HII", 1, 10, len(text)) + text


def test_wordperfect_5(extract):
    header = group5(0xD5, 0, bytes(7) + b"\1" + bytes(10) + b"head TOP SECRET")
    foot = group5(0xD6, 0, b"\0\1\0\0" + bytes(2 + 9) + b"foot TOP SECRET")
    end = group5(0xD6, 1, b"\0\1\0" + bytes(4) + b"end TOP SECRET")
    style = b"\xc3\x0c\xc3"
    body = b"first\x0a" + header + b"TOP" + style + b" SEC" + b"RET" + foot + end + b" caf\xc0\x29\x01\xc0"
    extraction = extract(wpd5(body))
    assert extraction.media_type == "application/vnd.wordperfect"
    assert places(extraction) == ["body line 2", "header line 1", "footnote line 1", "endnote line 1"]
    assert "TOP SECRET café" in extraction.segments[1].text
    assert extraction.coverage.inspected


def test_wordperfect_6(extract):
    label = b"".join(bytes([char, 0]) for char in b"Author") + bytes(2)
    value = b"".join(bytes([char, 0]) for char in b"Chang") + bytes(2)
    summary = struct.pack("<HHH", 6 + len(label + value), 1, 0) + label + value
    packets = [
        (8, packet(b"head\x80TOP\x80SECRET")),
        (8, packet(b"foot\x80TOP\x80SECRET")),
        (8, packet(b"box\x80TOP\x80SECRET")),
        (0x12, summary),
    ]
    body = b"first\xccTOP\x80SEC\xf2\x0c\xf2RET" + group6(0xD6, 0, 1) + group6(0xD7, 0, 2) + b"\x80caf\x0f"
    extraction = extract(wpd6(body, packets))
    assert places(extraction) == ["body line 2", "header line 1", "footnote line 1", "text box line 1"]
    assert "TOP SECRET café" in extraction.segments[1 + (extraction.segments[1].where != "body")].text
    assert [segment.where for segment in extraction.segments if segment.text == "Chang"] == ["property:Author"]


def test_text_taken_back_stands_apart(extract):
    extraction = extract(wpd6(b"kept\xf1\x00\x00\x00\xf1TOP\x80SECRET\xf1\x01\x00\x00\xf1 more"))
    assert places(extraction) == ["deleted line 1"]
    assert places(extraction, "kept more".replace(" ", "")) == []


def test_cells_of_a_row_are_parted(extract):
    cell = bytes([0xD0, 0x0A]) + struct.pack("<H", 10) + bytes(3) + struct.pack("<H", 10) + b"\xd0"
    assert "one\ttwo" in extract(wpd6(b"one" + cell + b"two")).segments[1].text


def test_a_sealed_document_says_so(extract):
    assert extract(wpd5(b"xyz", sealed=0x1234)).coverage.reasons == ("encrypted",)


def test_characters_that_are_not_known_are_said(extract):
    extraction = extract(wpd5(b"a\xc0\x05\x07\xc0b"))
    assert extraction.segments[1].text == "a\ufffdb"
    assert extraction.coverage.reasons == ("unsupported: characters",)


@pytest.mark.parametrize(
    ("charset", "code", "char"),
    [(1, 23, "ß"), (1, 35, "å"), (1, 57, "ñ"), (4, 34, "—"), (8, 1, "α"), (10, 1, "а"), (0, 65, "A")],
)
def test_characters(charset, code, char):
    assert wpcharacters.character(charset, code) == char


def test_the_first_characters_are_those_of_set_1():
    numbers = (35, 34, 37, 36, 31, 30, 27, 33, 29, 77, 76, 39, 38, 45, 41, 40, 47, 43, 49, 57, 56, 81, 80, 83, 82, 63)
    assert "".join(wpcharacters.character(1, number) for number in numbers) == wpcharacters.FIRST[: len(numbers)]


@pytest.mark.parametrize("cut", [5, 15, 30, 45])
def test_damage_costs_only_its_own_bytes(extract, cut):
    body = b"TOP\x80SECRET" + group6(0xD3, 1) + b"\xd4\x00\xff\xffafter"
    extraction = extract(wpd6(body))
    assert "after" in extraction.segments[1].text
    assert extract(wpd6(body)[:cut]).media_type == "application/vnd.wordperfect"


def test_packets_that_name_each_other_end(extract):
    inner = group6(0xD7, 0, 1) + b"x"
    assert extract(wpd6(group6(0xD7, 0, 1), [(8, packet(inner))])).ms < 5000
