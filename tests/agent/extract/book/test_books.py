"""Books: EPUB in the order of reading, FictionBook without its tags."""

import base64

from tests.documents import MARK, word, zipped

CONTAINER = '<container><rootfiles><rootfile full-path="O/b.opf"/></rootfiles></container>'
LABEL = "<navLabel><text>第一章 总则</text></navLabel>"
NCX = f"<ncx><navMap><navPoint>{LABEL}<content src='b.xhtml#x'/></navPoint></navMap></ncx>"


def found(extraction, text=MARK):
    return [segment.at(segment.text.index(text)) for segment in extraction.segments if text in segment.text]


def epub(**parts):
    items = "<item id='a' href='a%20a.xhtml'/><item id='b' href='b.xhtml'/>"
    items += "<item id='n' href='t.ncx' media-type='application/x-dtbncx+xml'/>"
    opf = "<package xmlns:dc='http://purl.org/dc/elements/1.1/'><metadata><dc:title>书名</dc:title></metadata>"
    opf += f"<manifest>{items}</manifest>"
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "O/a a.xhtml": f"<html><body><p>{MARK}后</p></body></html>",
            "O/b.xhtml": "<html><body><p>x</p><p>机密<b>★10年</b></p></body></html>",
            "O/t.ncx": NCX,
            "META-INF/container.xml": CONTAINER,
            "O/b.opf": opf + "<spine><itemref idref='b'/><itemref idref='a'/></spine></package>",
            **parts,
        }
    )


def test_chapters_in_order_under_their_titles(extract):
    extraction = extract(epub(**{"O/rest.docx": word("机密余")}))
    assert extraction.media_type == "application/epub+zip"
    assert found(extraction) == ["第一章 总则 > body line 2", "a a.xhtml > body line 1"]
    assert found(extraction, "书名") == ["property:title"]
    assert found(extraction, "机密余") == ["O/rest.docx > page 1 line 1"]
    assert extraction.coverage.inspected


def sealed(uri, algorithm):
    method = f"<EncryptionMethod Algorithm='{algorithm}'/>"
    data = f"<CipherData><CipherReference URI='{uri}'/></CipherData>"
    return f"<encryption><EncryptedData>{method}{data}</EncryptedData></encryption>"


def test_sealed_chapters_say_so_and_scrambled_fonts_do_not(extract):
    aes = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
    book = epub(**{"META-INF/encryption.xml": sealed("O/b.xhtml", aes), "O/b.xhtml": bytes(range(256)) * 9})
    extraction = extract(book)
    assert extraction.coverage.reasons == ("encrypted",)
    assert found(extraction) == ["a a.xhtml > body line 1"]
    fonts = {
        "META-INF/encryption.xml": sealed("O/f.otf", "http://www.idpf.org/2008/embedding"),
        "O/f.otf": b"\x91" * 99,
    }
    assert extract(epub(**fonts)).coverage.inspected
    assert extract(epub(**{"META-INF/rights.xml": "<rights/>"})).coverage.reasons == ("encrypted",)


def test_a_damaged_chapter_does_not_hide_the_others(extract):
    data = bytearray(epub())
    at = data.index(b"O/b.xhtml") + len("O/b.xhtml")
    data[at : at + 20] = bytes(20)
    extraction = extract(bytes(data))
    assert "a a.xhtml > body line 1" in found(extraction)
    assert not extraction.coverage.inspected


def test_a_book_without_a_list_is_read(extract):
    extraction = extract(epub(**{"META-INF/container.xml": "", "O/b.opf": "<pack"}))
    assert len(found(extraction)) == 2


def test_fictionbook(extract):
    data = base64.b64encode(word("机密附")).decode()
    book = f"""<?xml version="1.0"?><FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"><description>
      <title-info><book-title>书名</book-title></title-info>
      <custom-info info-type="密级">机密值</custom-info></description>
      <body><title><p>x</p></title><section><p>机密<strong>★10</strong>年</p><table><tr><td>a</td><td>b</td></tr></table>
      </section></body><body name="notes"><section><p>机密注</p></section></body>
      <binary id="附.docx" content-type="x">{data}</binary><binary id="b">*</binary></FictionBook>"""
    extraction = extract(book.encode())
    assert extraction.media_type == "application/x-fictionbook+xml"
    assert found(extraction) == ["body line 2"]
    assert found(extraction, "a\tb") == ["body line 3"]
    assert found(extraction, "书名") == ["property:book-title"]
    assert found(extraction, "机密值") == ["property:密级"]
    assert found(extraction, "机密注") == ["footnote line 1"]
    assert found(extraction, "机密附") == ["附.docx > page 1 line 1"]
