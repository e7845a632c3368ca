"""What picture files say beside their pixels, and what is hidden behind them."""

import struct
import zlib

import pytest

from tests.documents import LABEL, MARK, word, zipped

DOT = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    f'<rdf:Description xmlns:a="a" a:{LABEL}_Name="Secret"><a:title>{MARK}</a:title></rdf:Description>'
    "</rdf:RDF></x:xmpmeta>"
).encode()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks):
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", DOT) + b"".join(chunks) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")


def jpeg(*segments):
    head = b"".join(b"\xff" + bytes([mark]) + struct.pack(">H", len(data) + 2) + data for mark, data in segments)
    return b"\xff\xd8" + head + b"\xff\xda\0\x02" + b"pixels\xff\0\xff\xd0" * 9 + b"\xff\xd9"


def exif(entries, order="<"):
    """A TIFF directory of (tag, kind, raw)."""
    out = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    place = 8 + 2 + 12 * len(entries) + 4
    table, values = struct.pack(order + "H", len(entries)), b""
    for tag, kind, raw in entries:
        table += struct.pack(order + "HHII", tag, kind, len(raw), place + len(values))
        values += raw
    return out + table + bytes(4) + values


def properties(extraction):
    return {segment.where.removeprefix("property:"): segment.text for segment in extraction.segments[1:]}


@pytest.mark.parametrize("order", ["<", ">"])
def test_exif(extract, order):
    wide = MARK.encode("utf-16-le")
    comment = b"UNICODE\0" + MARK.encode("utf-16-le" if order == "<" else "utf-16-be")
    data = exif([(0x010E, 2, MARK.encode("gbk")), (0x9C9C, 1, wide), (0x9286, 7, comment)], order)
    found = properties(extract(jpeg((0xE1, b"Exif\0\0" + data))))
    assert found == {"ImageDescription": MARK, "Comment": MARK, "UserComment": MARK}
    assert properties(extract(png(chunk(b"eXIf", data)))) == found
    assert properties(extract(data + bytes(20)))["ImageDescription"] == MARK


def test_xmp_and_its_labels(extract):
    for data in (
        jpeg((0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)),
        png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(XMP))),
    ):
        extraction = extract(data)
        assert any(segment.zone == "label" and segment.text == "Secret" for segment in extraction.segments)
        assert any(MARK in segment.text for segment in extraction.segments)


def test_comments_and_records(extract):
    iptc = b"\x1c\x02\x78" + struct.pack(">H", len(MARK.encode())) + MARK.encode()
    resource = b"Photoshop 3.0\08BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc
    found = properties(extract(jpeg((0xFE, MARK.encode("gbk")), (0xED, resource))))
    assert found == {"Comment": MARK, "Description": MARK}
    packed = chunk(b"zTXt", b"Title\0\0" + zlib.compress(MARK.encode()))
    assert properties(extract(png(chunk(b"tEXt", b"Author\0x"), packed))) == {"Author": "x", "Title": MARK}
    gif = b"GIF89a\1\0\1\0\0\0\0\x21\xfe" + bytes([len(MARK.encode())]) + MARK.encode() + b"\0\x3b"
    assert properties(extract(gif)) == {"Comment": MARK}


@pytest.mark.parametrize(
    "front", [png(), jpeg(), b"GIF89a\1\0\1\0\0\0\0\x3b", b"BM" + struct.pack("<I", 30) + bytes(24)]
)
@pytest.mark.parametrize("behind", ["text", "docx"])
def test_what_is_hung_behind_a_picture(extract, front, behind):
    data = word(MARK) if behind == "docx" else f"{MARK}\n各单位：现将有关事项通知如下。\n".encode()
    assert any(MARK in segment.text for segment in extract(front + data).segments)


def test_junk_behind_a_picture_is_nothing(extract):
    extraction = extract(png() + bytes(range(256)) * 4)
    assert extraction.coverage.inspected
    assert len(extraction.segments) == 1


@pytest.mark.parametrize("cut", range(8, 200, 7))
def test_cut_files_end_nowhere(extract, cut):
    for data in (png(chunk(b"iTXt", XMP)), jpeg((0xE1, b"Exif\0\0" + exif([(0x010E, 2, b"x" * 30)])))):
        assert extract(data[:cut]).media_type


def test_a_directory_that_points_to_itself(extract):
    data = bytearray(exif([(0x8769, 4, b"\x08\0\0\0")]))
    data[18:22] = struct.pack("<I", 8)
    assert extract(bytes(data)).media_type == "image/tiff"


def test_words_in_metafiles(extract):
    def record(kind, body):
        return struct.pack("<II", kind, 8 + len(body)) + body

    def text(words, top):
        place = bytes(28) + struct.pack("<iiII", 0, top, len(words), 76)
        return record(84, place + bytes(24) + words.encode("utf-16-le"))

    head = record(1, bytes(32) + b" EMF" + bytes(60))
    extraction = extract(head + text("机密", 5) + text("★10年", 5) + text("第二行", 20))
    assert extraction.media_type == "image/emf"
    assert extraction.segments[1].text == f"{MARK}\n第二行"
    wmf = b"\xd7\xcd\xc6\x9a" + bytes(18) + bytes(18)
    raw = MARK.encode("gbk")
    wmf += (
        struct.pack("<IH", (6 + 8 + len(raw) + 1) // 2, 0x0A32) + struct.pack("<hhHH", 5, 0, len(raw), 0) + raw + b"\0"
    )
    assert extract(wmf).segments[1].text == MARK


def test_a_zip_behind_a_picture_is_still_a_zip(extract):
    assert extract(png() + zipped({"a.txt": MARK})).media_type == "application/zip"


def test_pixels_of_a_moving_picture_are_no_comment(extract):
    pixels = b"\x2c" + bytes(8) + b"\0\2" + b"\x08\x21\xfe\x05other\0"
    said = b"\x21\xfe" + bytes([len(MARK.encode())]) + MARK.encode() + b"\0"
    extraction = extract(b"GIF89a\1\0\1\0\0\0\0" + pixels + said + b"\x3b")
    assert properties(extraction) == {"Comment": MARK}


def test_the_words_of_a_hundredth_page(extract):
    data, place = b"II*\0" + struct.pack("<I", 8), 8
    for number in range(100):
        words = b"page" if number < 99 else MARK.encode()
        after = place + 18 + len(words)
        data += struct.pack("<HHHII", 1, 0x010E, 2, len(words), place + 18)
        data += struct.pack("<I", after if number < 99 else 0) + words
        place = after
    assert MARK in {segment.text for segment in extract(data).segments}
