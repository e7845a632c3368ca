"""winmail.dat: what Outlook wraps for others."""

import compressed_rtf

from tests.documents import MARK, word
from tests.mail_documents import properties, tnef

MESSAGE = bytes.fromhex("0703020000000000c000000000000046")


def places(extraction, text=MARK):
    return [segment.at(segment.text.index(text)) for segment in extraction.segments if text in segment.text]


def test_properties_body_and_attachments(extract):
    rich = compressed_rtf.compress(("{\\rtf1\\ansi " + "".join(f"\\u{ord(char)}?" for char in MARK) + "}").encode())
    named = [(3, 0x36, 3), (0x1F, "Keywords", MARK), (0x1E, 0xE04, MARK.encode("gbk")), (0x102, 0x1009, rich)]
    data = tnef(
        (0x69007, (936).to_bytes(4, "little") + bytes(4)),
        (0x18004, MARK.encode("gbk") + b"\0"),
        (0x69003, properties(*named)),
        (0x69004, (1).to_bytes(4, "little") + properties((0x1F, 0x3001, "张三"))),
        (0x69002, bytes(14)),
        (0x18010, b"plan.docx\0"),
        (0x6800F, word(MARK)),
        (0x69005, properties((0x1F, 0x3707, "计划.docx"))),
        (0x69002, bytes(14)),
        (0x69005, properties((0x0D, 0x3701, MESSAGE + tnef((0x18004, MARK.encode("gbk")))))),
    )
    extraction = extract(data)
    assert extraction.media_type == "application/vnd.ms-tnef"
    assert sorted(places(extraction)) == [
        "attachment 2 > property:Subject",
        "body line 1",
        "property:Keywords",
        "property:Subject",
        "property:To",
        "计划.docx > page 1 line 1",
    ]
    assert "张三" in [segment.text for segment in extraction.segments]
    assert extraction.coverage.inspected


def test_damage_keeps_what_came_before(extract):
    whole = tnef((0x18004, MARK.encode()), (0x2800C, MARK.encode()), (0x69003, properties((0x1F, 0xE04, "x"))[:-4]))
    extraction = extract(whole)
    assert places(extraction) == ["property:Subject", "body line 1"]
    assert extraction.coverage.reasons == ("corrupt: attribute 9003",)
    lying = tnef((0x18004, MARK.encode())) + b"\1\x0c\x80\2\0\xff\xff\xff\xff" + MARK.encode()
    extraction = extract(lying)
    assert places(extraction) == ["property:Subject", "body line 1"]
    assert extraction.coverage.reasons == ("corrupt: attribute 800C",)
    many = tnef((0x18004, MARK.encode()), (0x69003, b"\xff" * 64), (0x69004, b"\xff" * 64))
    assert places(extract(many)) == ["property:Subject"]
