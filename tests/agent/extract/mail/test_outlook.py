"""Messages of Outlook: named properties, code pages, bodies in rich text, what is attached."""

import compressed_rtf
import pytest

from agent.extract.mail import richtext
from agent.extract.reading import Ledger, NotReadError, Reading
from config.limits import Limits
from tests.documents import MARK, word
from tests.mail_documents import msg, storage, streams


def places(extraction, text=MARK):
    return [segment.at(segment.text.index(text)) for segment in extraction.segments if text in segment.text]


def test_properties_with_names_of_their_own(extract):
    tree = msg(
        {0x37: "s", 0x7D: f"msip_labels: MSIP_Label_x_Name=Secret\r\nX-Level: {MARK}\r\n"},
        named={"MSIP_Label_x_Name": "Confidential", "Keywords": MARK},
        numbers={0x36: 3},
    )
    extraction = extract(storage(tree))
    assert places(extraction) == ["property:Keywords", "property:headers"]
    assert places(extraction, "Confidential") == ["property:MSIP_Label_x_Name", "property:Sensitivity"]
    assert [segment.text for segment in extraction.segments if segment.zone == "label"] == [
        "Confidential",
        "MSIP_Label_x_Name=Secret",
    ]


@pytest.mark.parametrize(("page", "name"), [(936, "gbk"), (950, "big5"), (932, "cp932"), (1251, "cp1251")])
def test_the_code_page_of_short_strings(extract, page, name):
    text = {"cp1251": "Тайна", "big5": "機密", "cp932": "極秘", "gbk": "机密"}[name]
    extraction = extract(storage(msg({0x37: text.encode(name)}, numbers={0x3FFD: page})))
    assert places(extraction, text) == ["property:Subject"]


def rtf(text):
    return r"{\rtf1\ansi\ansicpg936 {\fonttbl{\f0\fcharset134 x;}}\f0 one\par " + text + "}"


def hexed(text, name="gbk"):
    return "".join(f"\\'{byte:02x}" for byte in text.encode(name))


def test_a_body_in_rich_text_only(extract):
    packed = compressed_rtf.compress(rtf(hexed(MARK)).encode())
    assert places(extract(storage(msg({0x37: "s"}, blobs={0x1009: packed})))) == ["body line 2"]
    damaged = packed[:12] + b"\0\0\0\0" + packed[16:]  # the checksum
    assert places(extract(storage(msg({0x37: "s"}, blobs={0x1009: damaged})))) == ["body line 2"]


def test_html_in_rich_text_comes_out_once_and_whole(extract):
    html = (
        r"{\rtf1\ansi\ansicpg936\fromhtml1 \deff0{\fonttbl{\f0\fcharset134 x;}}\uc1\f0 "
        r"{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 "
        + hexed("机密")
        + r"{\*\htmltag84 <b>}\htmlrtf {\b\htmlrtf0 \'a1\'ef10"
        r"{\*\htmltag92 </b>}\htmlrtf }\htmlrtf0 \u24180?\htmlrtf \par }\htmlrtf0 "
        r"{\*\htmltag72 </p>}{\*\mhtmltag84 <b>}}"
    )
    extraction = extract(storage(msg({0x37: "s"}, blobs={0x1009: compressed_rtf.compress(html.encode())})))
    assert places(extraction) == ["line 1"]
    both = msg({0x37: "s", 0x1000: MARK}, blobs={0x1009: compressed_rtf.compress(html.encode())})
    assert places(extract(storage(both))) == ["body line 1"]
    other = msg({0x37: "s", 0x1000: "all is well"}, blobs={0x1009: compressed_rtf.compress(html.encode())})
    assert places(extract(storage(other))) == ["line 1"]


def reading():
    return Reading(Ledger(Limits(seconds=1e9)), lambda *_: iter(()))


def test_halves_of_a_pair_are_put_together(extract):
    html = r"{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}\u-10174?\u-8265?\u-10174? " + hexed("!") + "}"
    extraction = extract(storage(msg({0x37: "s"}, blobs={0x1009: compressed_rtf.compress(html.encode())})))
    assert places(extraction, "\U00020bb7") == ["line 1"]


def test_rich_text_unpacks_as_it_was_packed():
    text = b"".join(b"{\\rtf1 line %d of the text\\par}" % (number * 7919 % 1000) for number in range(2000))
    assert richtext.unpacked(compressed_rtf.compress(text), reading()) == text
    assert richtext.unpacked(compressed_rtf.compress(text, compressed=False), reading()) == text
    assert text.startswith(richtext.unpacked(compressed_rtf.compress(text)[:500], reading()))
    with pytest.raises(NotReadError):
        richtext.unpacked(b"x", reading())


def test_attachments_and_messages_within(extract):
    inner = msg({0x37: f"inner {MARK}", 0x1000: "x"})
    inside = {
        "__attach_version1.0_#00000000": streams({0x3707: "附件.docx"}, {0x3701: word(MARK)}),
        "__attach_version1.0_#00000001": {"__substg1.0_3701000D": inner},
        "__attach_version1.0_#00000002": {"__substg1.0_3701000D": {"\x01Ole": b"x"}, **streams({0x3001: "sheet"}, {})},
        "__recip_version1.0_#00000000": streams({0x3001: "张三", 0x39FE: "zhang@example.org"}, {}),
    }
    extraction = extract(storage(msg({0x37: "s"}, inside=inside)))
    assert places(extraction) == ["附件.docx > page 1 line 1", "property:Subject"]
    assert places(extraction, "zhang@example.org") == ["property:To"]
    assert extraction.coverage.reasons == ("unsupported: sheet",)


def test_signed_mail(extract):
    mime = (
        b"Content-Type: multipart/signed; boundary=x\r\nMIME-Version: 1.0\r\n\r\n--x\r\n\r\n"
        + MARK.encode()
        + b"\r\n--x--"
    )
    inside = {"__attach_version1.0_#00000000": streams({0x3707: "smime.p7m"}, {0x3701: mime})}
    assert places(extract(storage(msg({0x37: "s"}, inside=inside)))) == ["smime.p7m > body line 1"]
