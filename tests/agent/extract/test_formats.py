"""The formats beside office and PDF: each place found, and what cannot be read said."""

import base64
import bz2
import gzip
import io
import lzma
import tarfile
from email.message import EmailMessage

import olefile
import pytest
import zstandard

from agent.extract.ole import officeart
from agent.extract.ole.properties import properties
from agent.extract.reading import Ledger, Reading
from config.limits import Limits
from tests.documents import MARK, excel, ole, word, zipped
from tests.old_documents import biff, doc, odf, ofd, ppt, property_set


def places(extraction, text=MARK):
    return [segment.at(segment.text.index(text)) for segment in extraction.segments if text in segment.text]


def test_html(extract):
    head = "<html><head><title>t</title><script>var x</script></head>"
    page = f"{head}<body><p>one<p><b>机密</b>★10年<td alt='隐'>x<!-- {MARK}c --></body>"
    extraction = extract(page.encode("gb18030"), "a.html")
    assert places(extraction) == ["line 3", "property:hidden"]
    assert any("隐" in segment.text for segment in extraction.segments)
    table = extract(b"<html><table><tr><td>a</td><td>b <i>c</i></td></tr><tr><td>d</table>")
    assert table.segments[1].text == "a\tb c\nd"


def test_rtf(extract):
    raw = "".join(f"\\'{byte:02x}" for byte in MARK.encode("gbk"))
    wide = "".join(f"\\u{ord(char)}?" for char in MARK)
    extraction = extract(
        (
            r"{\rtf1\ansi\ansicpg936{\fonttbl{\f0\fcharset134 x;}}{\header\f0 " + raw + r"}{\info{\title T}}"
            r"\f0 first\par " + raw + r"\par {\*\secret gone}{\footnote " + wide + r"}\cell end\row}"
        ).encode()
    )
    assert sorted(places(extraction)) == ["body line 2", "footnote line 1", "header line 1"]
    assert "gone" not in "".join(segment.text for segment in extraction.segments)


def mail():
    message = EmailMessage()
    message["Subject"] = f"关于{MARK}"
    message["msip_labels"] = "MSIP_Label_x_Name=Secret"
    message.set_content(f"您好\n{MARK}\n")
    message.add_alternative(f"<p>{MARK}</p>", subtype="html")
    message.add_attachment(word(MARK), maintype="application", subtype="octet-stream", filename="附件.docx")
    return message.as_bytes()


def test_mail_and_its_attachments(extract):
    extraction = extract(mail(), "a.eml")
    assert extraction.media_type == "message/rfc822"
    assert places(extraction) == ["property:Subject", "body line 2", "line 1", "附件.docx > page 1 line 1"]
    assert any(segment.zone == "label" for segment in extraction.segments)


def test_mailboxes(extract):
    box = b"From a@b Thu Jan  1\nReceived: x\n" + mail() + b"\nFrom a@b Thu Jan  1\nReceived: x\n" + mail()
    extraction = extract(box)
    assert extraction.media_type == "application/mbox"
    assert "message 2 > property:Subject" in places(extraction)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.ZstdCompressor().compress])
def test_compressed_streams(extract, pack):
    assert places(extract(pack(word(MARK)))) == ["content > page 1 line 1"]
    damaged = extract(pack(b"text " * 100_000)[:-6])
    assert not damaged.coverage.inspected


def test_a_bomb_in_a_stream(extract):
    assert extract(gzip.compress(bytes(64 * 2**20))).coverage.reasons[-1] == "ratio: content"


def test_tar(extract):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("目录/a.docx")
        data = word(MARK)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    extraction = extract(gzip.compress(buffer.getvalue()))
    assert places(extraction) == ["content > 目录/a.docx > page 1 line 1"]
    assert "root:" not in "".join(segment.text for segment in extraction.segments)


def test_opendocument_text(extract):
    note = f"<text:note><text:note-body><text:p>{MARK}脚</text:p></text:note-body></text:note>"
    split = f"<text:p>机密<text:span>★10</text:span>年{note}</text:p>"
    body = f"<office:text><text:p>one</text:p>{split}</office:text>"
    styles = f"<style:master-page><style:header><text:p>{MARK}</text:p></style:header></style:master-page>"
    extraction = extract(odf("text", body, styles=styles, extra={"Object 1/content.xml": "<x/>"}))
    assert sorted(places(extraction)) == ["body line 2", "footnote line 1", "header line 1"]


def test_opendocument_slides(extract):
    page = "<draw:page><draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame></draw:page>"
    body = f"<office:presentation>{page.format('one')}{page.format(MARK)}</office:presentation>"
    assert places(extract(odf("presentation", body))) == ["slide 2 line 1"]


def test_sealed_opendocument_says_so(extract):
    sealed = "<manifest:manifest><manifest:encryption-data/></manifest:manifest>"
    assert extract(odf("text", "", extra={"META-INF/manifest.xml": sealed})).coverage.reasons == ("encrypted",)


def test_ofd_lines_are_those_of_the_page(extract):
    extraction = extract(ofd(("正文", 20, 50), ("★10年", 40, 30), ("机密", 20, 30.4), template=[("000001", 20, 20)]))
    assert places(extraction) == ["page 1 line 2"]
    assert any(segment.where == "property:Title" and segment.text == "标题" for segment in extraction.segments)
    assert extraction.coverage.inspected


def test_word_97(extract):
    extraction = extract(doc(f"000001\r{MARK}\rnext\x0csecond {MARK}\r", header=f"{MARK}\r", footnote=f"{MARK}\r"))
    assert places(extraction) == ["page 1 line 2", "page 2 line 1", "footnote line 1", "header line 1"]
    assert extract(doc(MARK, sealed=True)).coverage.reasons == ("encrypted",)


def test_powerpoint_97(extract):
    extraction = extract(ppt("outline", MARK, MARK))
    assert places(extraction) == ["slide 1 line 2", "notes line 1"]


def test_excel_97_records(extract):
    extraction = extract(ole({"Workbook": biff(header=MARK, box=MARK)}))
    assert places(extraction) == ["sheet 1 header line 1", "sheet 1 text box line 1"]


def test_sealed_excel_97_says_so(extract):
    assert extract(ole({"Workbook": biff(sealed=True)})).coverage.reasons == ("encrypted",)


def test_properties_of_old_documents():
    data = ole({"\x05DocumentSummaryInformation": property_set({"密级": "机密", "MSIP_Label_x_Name": "Secret"})})
    reading = Reading(Ledger(Limits()), lambda *_: iter(()))
    with olefile.OleFileIO(io.BytesIO(data)) as storage:
        found = [(segment.where, segment.text, segment.zone.value) for segment in properties(storage, reading)]
    assert found == [("property:密级", "机密", "property"), ("property:MSIP_Label_x_Name", "Secret", "label")]
    assert reading.ledger.coverage.inspected


def test_a_packaged_file_in_an_ole_object(extract):
    data = word(MARK)
    label, path = "计划.docx".encode("gbk") + b"\0", b"C:\\x\0"
    package = b"\x02\0" + label + path + b"\0\0\x03\0" + len(path).to_bytes(4, "little") + path
    package += len(data).to_bytes(4, "little") + data
    stream = len(package).to_bytes(4, "little") + package
    assert places(extract(ole({"\x01Ole10Native": stream}))) == ["计划.docx > page 1 line 1"]


def test_outlook_messages(extract):
    streams = {
        "__properties_version1.0": b"",
        "__substg1.0_0037001F": f"关于{MARK}".encode("utf-16-le"),
        "__substg1.0_1000001F": f"one\r\n{MARK}".encode("utf-16-le"),
        "__substg1.0_10130102": f"<p>{MARK}".encode("gbk"),
    }
    extraction = extract(ole(streams))
    assert extraction.media_type == "application/vnd.ms-outlook"
    assert places(extraction) == ["property:Subject", "body line 2", "line 1"]


def test_words_drawn_as_pictures():
    text = MARK.encode("utf-16-le") + b"\0\0"
    entries = (0x80C0).to_bytes(2, "little") + len(text).to_bytes(4, "little")
    table = (
        (1 << 4 | 3).to_bytes(2, "little")
        + b"\x0b\xf0"
        + (len(entries) + len(text)).to_bytes(4, "little")
        + entries
        + text
    )
    drawing = b"\x0f\0\x02\xf0" + len(table).to_bytes(4, "little") + table
    assert [text for _, text in officeart.texts(b"\0" + drawing)] == [MARK]
    assert [segment.where for segment in officeart.drawn(b"\0" + drawing)] == ["watermark"]


def test_base64_in_a_text_is_unpacked(extract):
    data = base64.encodebytes(word(MARK)).decode()
    assert places(extract(f"see below\n{data}".encode())) == ["line 2 base64 > page 1 line 1"]
    noise = base64.b64encode(bytes(range(256)) * 4).decode()
    assert extract(noise.encode()).coverage.inspected


def test_a_workbook_inside_an_archive_keeps_its_cells(extract):
    extraction = extract(zipped({"b.xlsx": excel([["x"], ["y", MARK]])}))
    assert places(extraction) == ["b.xlsx > Sheet1!B2"]
