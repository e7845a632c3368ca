"""Publisher: the Quill stream, Contents before it, and what is said when neither can be read."""

import io
import struct
import uuid

import pytest

from agent import identify, media
from tests.documents import MARK
from tests.storages import storage

CLASS = uuid.UUID("00021201-0000-0000-00C0-000000000046").bytes_le


def quill(*blocks, magic=b"CHNKINK "):
    """An index of chained blocks, each a list of texts; every text is a chunk of UTF-16."""
    index = sum(8 + 24 * len(block) for block in blocks)
    at, place, head, body = 0x18 + index, 0x18, b"", b""
    for number, block in enumerate(blocks):
        place += 8 + 24 * len(block)
        head += struct.pack("<HHI", 0x1F8, len(block), place if number + 1 < len(blocks) else 0xFFFFFFFF)
        for text in block:
            raw = text.encode("utf-16-le")
            head += struct.pack("<H4sHI4sII", 0x18, b"TEXT", 0, 1, b"TEXT", at + len(body), len(raw))
            body += raw
    return magic + struct.pack("<HHHHII", 4, 7, len(blocks), 0x300, 0x200, 0) + head + body


def publication(content):
    return storage({"Quill/QuillSub/CONTENTS": content, "Contents": b"\xe8\xac\x2c\0"}, CLASS)


def test_stories_of_every_block_of_the_index(extract):
    extraction = extract(publication(quill(["第一页\r" + MARK + "\r"], ["第二\x0b页"])), "a.pub")
    assert [segment.text for segment in extraction.segments[1:]] == ["第一页\n" + MARK, "第二\n页"]
    assert extraction.coverage.inspected


def test_publisher_97_keeps_its_text_in_contents(extract):
    raw = f"Plain line\r\n{MARK}\x0c".encode("gbk")
    index = bytes(14) + struct.pack("<II", 0x100, 0x100 + len(raw))
    data = storage(
        {"Contents": (bytes(0x12) + struct.pack("<I", 0x40)).ljust(0x40, b"\0") + index.ljust(0xC0, b"\0") + raw}, CLASS
    )
    extraction = extract(data, "a.pub")
    assert extraction.segments[1].text == "Plain line\n" + MARK
    assert extraction.coverage.inspected


@pytest.mark.parametrize("content", [b"CHNKINK ", b"CHNKINK ".ljust(0x18, b"\0") + b"\xff" * 8, quill(["x"])[:0x30]])
def test_a_layout_not_known_is_said(extract, content):
    extraction = extract(publication(content + MARK.encode("utf-16-le")), "a.pub")
    assert not extraction.coverage.inspected
    assert any(MARK in segment.text for segment in extraction.segments)


def test_an_index_that_goes_in_a_circle_ends(extract):
    head = b"CHNKINK ".ljust(0x18, b"\0") + struct.pack("<HHI", 0, 0, 0x18)
    assert not extract(publication(head), "a.pub").coverage.inspected


def test_it_is_told_by_its_class_where_no_stream_says_so():
    assert identify.identify(io.BytesIO(storage({"Contents": b"x"}, CLASS))).media_type == "application/x-mspublisher"
    assert identify.identify(io.BytesIO(storage({"Contents": b"x"}))).media_type == media.OLE
