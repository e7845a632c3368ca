"""Microsoft Works texts of all generations."""

import io
import struct

import pytest

from agent import identify, media
from tests.agent.extract.ole.test_publisher import quill
from tests.documents import MARK
from tests.storages import storage

WORKS = "application/vnd.ms-works"


def early(body, *, header=b"", footer=b"", line=b""):
    """Works 2 to 4: limits of header, footer and body, and a header of one line elsewhere."""
    data = bytearray(0x100)
    data[:4] = b"\x06\xfe\x01\x50"
    ends = [0x100 + len(header), 0x100 + len(header + footer), 0x100 + len(header + footer + body)]
    struct.pack_into("<4i", data, 0x1A, 0x100, *ends)
    struct.pack_into("<IH", data, 0x3A, ends[-1], len(line))
    return bytes(data) + header + footer + body + line


def said(extraction):
    return [(segment.where, segment.text) for segment in extraction.segments[1:]]


def test_header_footer_and_pages(extract):
    data = early(
        b"plain\r\n" + MARK.encode("gbk") + b"\x0csecond", header=b"top\r\n", footer=b"end\r\n", line=b"one line"
    )
    expected = [
        ("header", "one line"),
        ("header", "top"),
        ("footer", "end"),
        ("page 1", "plain\n" + MARK),
        ("page 2", "second"),
    ]
    assert said(extract(data, "a.wps")) == expected
    assert said(extract(storage({"MM": b"ND", "MN0": data}), "b.wps")) == expected


def test_an_encoding_is_decided_by_what_is_beyond_ascii(extract):
    body = b"All of this is ASCII.\r\n" * 5000 + MARK.encode("gbk")
    assert said(extract(early(body), "a.wps"))[0][1].endswith(MARK)


def test_no_limits_for_header_and_footer(extract):
    data = bytearray(early(MARK.encode("gbk")))
    struct.pack_into("<4i", data, 0x1A, -1, -1, 0x100, 0x100 + len(MARK.encode("gbk")))
    assert said(extract(bytes(data), "a.wps")) == [("page 1", MARK)]


def test_chunks(extract):
    extraction = extract(storage({"CONTENTS": quill([MARK + "\rx"], magic=b"CHNKWKS ")}), "a.wps")
    assert said(extraction) == [("page 1", MARK + "\nx")]
    assert extraction.coverage.inspected


@pytest.mark.parametrize("streams", [{"MM": b"DN", "MN0": early(b"")}, {"WpsDocument": b""}])
def test_what_is_not_known_is_said_and_searched(extract, streams):
    extraction = extract(storage({**streams, "Other": MARK.encode("utf-16-le")}), "a.wps")
    assert "unsupported" in extraction.coverage.reasons
    assert any(segment.text == MARK for segment in extraction.segments)


def test_limits_that_lie(extract):
    data = bytearray(early(b"x" * 50))
    struct.pack_into("<i", data, 0x26, 0x100)
    assert not extract(bytes(data), "a.wps").coverage.inspected


def test_utf_16_is_no_works_file():
    assert identify.identify(io.BytesIO(early(b""))).media_type == WORKS
    text = "\ufe04" + "机密" * 200
    assert identify.identify(io.BytesIO(text.encode("utf-16-le"))).media_type == media.TEXT
