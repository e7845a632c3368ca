import struct
import zlib

from tests.documents import MARK, word, zipped


def test_members_are_documents_with_their_place(extract):
    inner = zipped({"b.docx": word("000001", MARK)})
    extraction = extract(zipped({"dir/a.zip": inner, "c.txt": "plain"}), "x.zip")
    places = [segment.at(segment.text.index(MARK)) for segment in extraction.segments if MARK in segment.text]
    assert places == ["dir/a.zip > b.docx > page 1 line 2"]
    assert any(segment.at(0) == "c.txt > body line 1" for segment in extraction.segments if segment.text == "plain")


def test_names_in_gbk_are_read(extract):
    extraction = extract(_raw_zip("机密文件.txt".encode("gbk"), b"text"))
    assert any(segment.text == "机密文件.txt" for segment in extraction.segments)


def _raw_zip(name, content):
    crc = zlib.crc32(content)
    local = (
        struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 0, 0, 33, crc, len(content), len(content), len(name), 0)
        + name
        + content
    )
    entry = struct.pack(
        "<4sHHHHHHIIIHHHHHII",
        b"PK\1\2",
        20,
        20,
        0,
        0,
        0,
        33,
        crc,
        len(content),
        len(content),
        len(name),
        0,
        0,
        0,
        0,
        0,
        0,
    )
    directory = entry + name
    return local + directory + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(directory), len(local), 0)


def test_a_member_that_is_sealed_or_damaged_is_named_and_the_rest_is_read(extract):
    data = bytearray(_raw_zip(b"a.txt", b"sealed"))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    assert extract(bytes(data)).coverage.reasons == ("encrypted: a.txt",)


def test_depth_is_bounded(extract):
    data = b"deep"
    for _ in range(12):
        data = zipped({"a.zip": data} if data != b"deep" else {"a.txt": data})
    reasons = extract(data).coverage.reasons
    assert len(reasons) == 1
    assert reasons[0].startswith("too deep: a.zip > ")
