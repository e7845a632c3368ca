"""A zip whose directory or members are damaged, or lie."""

import io
import struct
import zipfile

import pytest

from agent.extract.members import content_at, members, scan
from agent.extract.unpack import unpacked
from tests.documents import MARK, changed, excel, pdf, slides, word, zipped


def said(extraction):
    return "\n".join(segment.text for segment in extraction.segments)


def entry(data, name):
    """Where the entry of a member stands in the directory."""
    return data.index(name, data.index(b"PK\1\2")) - 46


@pytest.mark.parametrize("make", [word, lambda text: excel([[text]]), slides])
def test_a_document_without_its_directory_is_read(extract, make):
    data = make(MARK)
    extraction = extract(data[: data.index(b"PK\1\2")], "a")
    assert MARK in said(extraction)
    assert extraction.coverage.reasons[0] == "corrupt: directory"
    assert extraction.media_type.startswith("application/vnd.openxmlformats")


def test_a_member_that_is_cut_gives_what_is_left(extract):
    text = "".join(f"{number * 7919 % 100_000} " for number in range(50_000))
    data = zipped({"a.txt": MARK + text})
    extraction = extract(data[: len(data) // 2])
    assert MARK in said(extraction)
    assert len(said(extraction)) > 50_000
    assert "corrupt: a.txt" in extraction.coverage.reasons


def test_damage_within_a_stream_keeps_what_stands_before(extract):
    text = "".join(f"{number * 7919 % 100_000} " for number in range(50_000))
    data = bytearray(zipped({"a.txt": MARK + text, "b.txt": "behind"}))
    data[60_000:60_200] = bytes(200)
    extraction = extract(bytes(data))
    assert MARK in said(extraction)
    assert "behind" in said(extraction)
    assert extraction.coverage.reasons == ("corrupt: a.txt",)


def test_a_wrong_checksum_is_said_and_the_member_read(extract):
    data = bytearray(word(MARK))
    at = entry(data, b"word/document.xml")
    data[at + 16 : at + 20] = b"\1\2\3\4"
    extraction = extract(bytes(data))
    assert MARK in said(extraction)
    assert extraction.coverage.reasons == ("corrupt: word/document.xml",)


@pytest.mark.parametrize("size", [0, 10, 0x7FFFFFFF])
def test_a_size_that_lies_hides_nothing(extract, size):
    data = bytearray(word(*["filler"] * 50, MARK))
    at = entry(data, b"word/document.xml")
    data[at + 20 : at + 28] = struct.pack("<II", size, size)
    assert MARK in said(extract(bytes(data)))


def test_an_offset_that_lies_is_found_out(extract):
    data = bytearray(word(MARK))
    at = entry(data, b"word/document.xml")
    data[at + 42 : at + 46] = struct.pack("<I", 5)
    assert MARK in said(extract(bytes(data)))


@pytest.mark.parametrize(
    "name", ["word\\document.xml", "/word/document.xml", "./word//document.xml", "Word/Document.XML"]
)
def test_part_names_in_other_spellings(extract, name):
    source = zipfile.ZipFile(io.BytesIO(word(MARK)))
    parts = {(name if part == "word/document.xml" else part): source.read(part) for part in source.namelist()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for part, content in parts.items():
            info = zipfile.ZipInfo("x")
            info.filename = part
            archive.writestr(info, content)
    extraction = extract(buffer.getvalue())
    assert any(MARK in segment.text and segment.where == "page 1" for segment in extraction.segments)


class _Pipe(io.RawIOBase):
    """A file that cannot go back: zipfile then writes sizes behind the members."""

    def __init__(self):
        self.data = bytearray()

    def writable(self):
        return True

    def write(self, data):
        self.data += data
        return len(data)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_sizes_behind_the_members_without_a_directory(extract, method):
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", method) as archive:
        archive.writestr("a.txt", MARK)
        archive.writestr("b.txt", "second")
    data = bytes(pipe.data)
    extraction = extract(data[: data.index(b"PK\1\2")])
    assert MARK in said(extraction)
    assert "second" in said(extraction)


def test_more_than_four_gigabytes_as_written_by_a_careful_packer(extract):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open("a.txt", "w", force_zip64=True) as member:
        member.write(MARK.encode())
    data = buffer.getvalue()
    at = data.index(b"PK\5\6")
    start = data.index(b"PK\1\2")
    wide = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, at - start, start)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, at, 1)
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    extraction = extract(data[:at] + wide + locator + end)
    assert MARK in said(extraction)
    assert extraction.coverage.inspected


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions(extract, method):
    extraction = extract(zipped({"a.txt": MARK}, method=method))
    assert MARK in said(extraction)
    assert extraction.coverage.inspected


def test_a_zip_in_front_of_which_something_stands():
    data = b"front" * 100 + zipped({"a.txt": "x" * 100})
    file = io.BytesIO(data)
    (member,) = members(file, 10).found
    assert b"".join(block for block, _ in unpacked(file, member, content_at(file, member))) == b"x" * 100


def test_the_scan_stops_at_the_most_that_are_wanted():
    file = io.BytesIO(zipped({f"{number}.txt": "x" for number in range(50)}))
    assert len(scan(file, 10)) == 11


def test_a_picture_is_measured_by_its_head(extract):
    data = changed(
        word("text"),
        **{"word/media/image1.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 900, 900) + bytes(9**6)},
    )
    assert extract(data).coverage.reasons == ("ocr off: word/media/image1.png",)


def test_a_pdf_behind_a_megabyte_of_something_else(extract):
    data = pdf(["PLAIN TEXT"])
    assert "PLAIN TEXT" in said(extract(bytes(2**20) + data))
    assert any(segment.page == 1 for segment in extract(b"a line of text\n" * 200 + data).segments)
    assert extract(b"see " * 500 + b"%PDF-1.4\nof which nothing follows").media_type == "text/plain"
