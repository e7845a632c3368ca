"""Old presentations: which slide a text is on, what former saves held, objects inside, and damage."""

import struct
import zlib

import pytest

from tests.documents import MARK, word
from tests.old_documents import atom, saved_ppt, stored, word97


def said(extraction):
    return [(segment.where, segment.text) for segment in extraction.segments[1:]]


def chars(text):
    return atom(4000, text.encode("utf-16-le"))


def string(text, instance=0):
    return atom(4026, text.encode("utf-16-le"), instance=instance)


def slide(*records):
    return atom(1006, b"".join(records), container=True)


def test_slides_in_the_order_of_the_show(extract):
    objects = {5: slide(chars("second")), 4: slide(chars(MARK)), 7: atom(1016, chars("master"), container=True)}
    found = said(extract(saved_ppt(objects, slides=(4, 5), outline={4: "title", 5: "other"})))
    assert found == [("slide 1", f"title\n{MARK}"), ("slide 2", "other\nsecond"), ("master", "master")]


def test_notes_name_their_slide(extract):
    notes = atom(1008, atom(1009, struct.pack("<IHH", 105, 0, 0)) + chars(MARK), container=True)
    found = said(extract(saved_ppt({4: slide(), 5: slide(), 6: notes}, slides=(4, 5), notes=(6,))))
    assert found == [("slide 2 notes", MARK)]


def test_former_saves_are_deleted_text(extract):
    former = slide(chars(MARK), chars("kept"))
    found = said(extract(saved_ppt({4: slide(chars("kept"))}, slides=(4,), former=former)))
    assert found == [("slide 1", "kept"), ("deleted", MARK)]


def test_comments_headers_and_footers(extract):
    comment = atom(12000, string("作者") + string(MARK, 1), container=True)
    tag = atom(5002, string("___PPT10") + atom(5003, comment), container=True)
    printed = atom(4057, string("页脚", 2) + string("页眉", 1), container=True, instance=4)
    found = said(extract(saved_ppt({4: slide(tag, printed)}, slides=(4,), extra=printed)))
    assert ("slide 1 comment", f"作者\n{MARK}") in found
    assert ("slide 1 footer", "页脚") in found
    assert ("header", "页眉") in found
    assert "___PPT10" not in str(found)


@pytest.mark.parametrize("packed", [True, False])
def test_embedded_objects(extract, packed):
    data = word97(f"{MARK}\r", [len(MARK) + 1])
    content = struct.pack("<I", len(data)) + zlib.compress(data) if packed else data
    objects = {4: slide(), 8: atom(4113, content, instance=int(packed))}
    extraction = extract(saved_ppt(objects, slides=(4,)))
    assert ("object 1 > page 1", MARK) in said(extraction)
    assert extraction.coverage.inspected


def test_an_object_that_unpacks_without_end(extract):
    bomb = struct.pack("<I", 100) + zlib.compress(bytes(64 * 2**20))
    extraction = extract(saved_ppt({4: slide(chars(MARK)), 8: atom(4113, bomb, instance=1)}, slides=(4,)))
    assert ("slide 1", MARK) in said(extraction)
    assert "ratio: object 1" in extraction.coverage.reasons


def test_sealed_presentations_say_so(extract):
    assert extract(saved_ppt({}, token=0xF3D1C4DF)).coverage.reasons == ("encrypted",)


def test_without_a_directory_records_stand_in_their_order(extract):
    stream = slide(chars("one")) + slide(chars(MARK)) + atom(1008, chars("notes"), container=True)
    found = said(extract(stored({"PowerPoint Document": stream})))
    assert found == [("slide 1", "one"), ("slide 2", MARK), ("notes", "notes")]


def test_objects_within_objects_are_read_once(extract):
    nested = b"".join(chars(f"text {number}") for number in range(20_000))
    outer = slide(nested)
    stream = outer
    packed = b"".join(struct.pack("<II", 1 << 20 | number, 0 if number == 3 else 8) for number in range(3, 400))
    document = len(stream)
    stream += atom(1000, b"", container=True)
    directory = len(stream)
    stream += atom(6002, packed + struct.pack("<II", 1 << 20 | 1, document))
    edit = len(stream)
    stream += atom(4085, struct.pack("<IIIIIIHH", 0, 0, 0, directory, 1, 99, 1, 0))
    user = struct.pack("<HHIIII", 0, 4086, 20, 20, 0xE391C05F, edit) + bytes(8)
    extraction = extract(stored({"PowerPoint Document": stream, "Current User": user}))
    assert "timeout" not in extraction.coverage.reasons
    assert "text 19999" in str(said(extraction))


@pytest.mark.parametrize(
    ("order", "start", "page"), [("big", b"\x0b\xad\xde\xed", "mac-roman"), ("little", b"\xed\xde\xad\x0b", "gb18030")]
)
def test_powerpoint_4_and_95(extract, order, start, page):
    words = "Secret £35" if page == "mac-roman" else MARK
    raw = f"first\r{words}".encode(page)
    stream = start + bytes(8) + b"\xff\xfe\x01" + len(raw).to_bytes(4, order) + raw + b"\0\x0c\0\0" + b"\x01\x02noise"
    extraction = extract(stored({"PP40": stream}))
    assert extraction.media_type == "application/vnd.ms-powerpoint"
    assert said(extraction) == [("body", f"first\n{words}")]


def test_a_package_in_a_presentation(extract):
    data = stored({"Package": word(MARK)})
    content = struct.pack("<I", len(data)) + zlib.compress(data)
    found = said(extract(saved_ppt({4: slide(), 9: atom(4113, content, instance=1)}, slides=(4,))))
    assert ("object 1 > Package > page 1", MARK) in found
