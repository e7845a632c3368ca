import io
import warnings
import zipfile

from tests.documents import LABEL, MARK, W, changed, png, word, word_everywhere

PLACES = {
    "first": "page 1 line 1",
    "split": "page 1 line 2",
    "inserted": "page 1 line 3",
    "deleted": "page 1 deleted line 1",
    "control": "page 1 line 4",
    "link": "page 1 line 5",
    "box": "page 1 text box line 1",
    "table": "page 1 table line 1",
    "nested": "page 1 table line 2",
    "second page": "page 2 line 1",
    "header": "header line 1",
    "footer": "footer line 1",
    "first header": "header line 1",
    "watermark": "header watermark line 1",
    "comment": "comment line 1",
    "footnote": "footnote line 1",
    "endnote": "endnote line 1",
    "title": "property:Title",
    "custom": "property:Company",
    "msip": f"property:{LABEL}_Name",
    "label": "label",
    "diagram": "text box line 1",
    "chart": "chart line 1",
    "embedded": "word/embeddings/inner.docx > page 1 line 1",
}


def say(place):
    return f"机密★《{place}》"


def found(extraction):
    places = {}
    for segment in extraction.segments:
        for place in PLACES:
            at = segment.text.find(say(place))
            if at >= 0:
                assert place not in places, f"{place} is read twice"
                places[place] = segment.at(at)
    return places


def test_every_place_of_a_document_is_read_once_and_named(extract):
    extraction = extract(word_everywhere(say), "a.docx")
    assert found(extraction) == PLACES
    assert extraction.coverage.inspected
    assert extraction.segments[0].text == "a.docx"


def test_empty_paragraphs_do_not_count_and_breaks_part_lines(extract):
    extraction = extract(word("000001", "", "机密★10年\n特急"))
    body = next(segment for segment in extraction.segments if segment.where == "page 1")
    assert body.text == "000001\n机密★10年\n特急"
    assert body.at(body.text.index("机密")) == "page 1 line 2"


def test_pages_are_those_that_were_drawn(extract):
    def draw(document):
        return document.replace(b"<w:t>second", b"<w:lastRenderedPageBreak/><w:t>second")

    extraction = extract(changed(word("first", "second"), **{"word/document.xml": draw}))
    assert [segment.where for segment in extraction.segments if segment.page] == ["page 1", "page 2"]


def test_lines_go_on_after_a_table(extract):
    def insert(document):
        row = (
            "<w:tr>"
            + "".join(f"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>" for text in ("密级", "机密"))
            + "</w:tr>"
        )
        return document.replace(
            b"<w:sectPr", f"<w:tbl {W}>{row}</w:tbl><w:p><w:r><w:t>after</w:t></w:r></w:p><w:sectPr".encode(), 1
        )

    extraction = extract(changed(word("before", "again"), **{"word/document.xml": insert}))
    table = next(segment for segment in extraction.segments if segment.zone == "table")
    assert table.text == "密级\t机密"
    after = next(segment for segment in extraction.segments if "after" in segment.text)
    assert after.at(0) == "page 1 line 3"


def test_both_parts_of_one_name_are_read(extract):
    """Programs differ in which of two members with one name they show."""
    data = word("shown")
    other = zipfile.ZipFile(io.BytesIO(word(MARK))).read("word/document.xml")
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("word/document.xml", other)
    text = "".join(segment.text for segment in extract(buffer.getvalue()).segments)
    assert MARK in text
    assert "shown" in text


def test_a_picture_that_could_be_a_page_is_named_and_a_logo_is_not(extract):
    data = changed(word("text"), **{"word/media/image1.png": png(1000, 1400), "word/media/image2.png": png(100, 80)})
    assert extract(data).coverage.reasons == ("ocr off: word/media/image1.png",)


def test_the_strict_kind_of_namespace_is_read(extract):
    def strict(document):
        return document.replace(
            b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
            b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        )

    extraction = extract(changed(word(MARK), **{"word/document.xml": strict}))
    assert any(segment.where == "page 1" and MARK in segment.text for segment in extraction.segments)
