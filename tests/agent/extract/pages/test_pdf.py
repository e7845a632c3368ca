import io

import pypdfium2
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader

from tests.documents import MARK, pdf, word


def page(extraction, number=1):
    return next(segment for segment in extraction.segments if segment.where == f"page {number}")


def test_pages_and_lines(extract):
    extraction = extract(pdf(["000001", MARK, "特急"], ["second page"], title="标题"))
    first = page(extraction)
    assert first.text.split("\n") == ["000001", MARK, "特急"]
    assert first.at(first.text.index(MARK)) == "page 1 line 2"
    assert page(extraction, 2).page == 2
    assert any(s.where == "property:Title" and s.text == "标题" for s in extraction.segments)
    assert extraction.coverage.inspected


def test_a_mark_drawn_last_at_the_top_comes_first(extract):
    def draw(canvas):
        canvas.drawString(70, 800, MARK)

    assert page(extract(pdf(["one", "two", "three"], draw=draw))).text.split("\n") == [MARK, "one", "two", "three"]


def test_columns_come_one_after_the_other_and_a_header_above_them(extract):
    def draw(canvas):
        for index in range(5):
            canvas.drawString(350, 770 - 20 * index, f"right{index}")
        canvas.drawString(70, 810, "header")
        canvas.drawString(300, 30, "7")

    lines = page(extract(pdf([f"left{index}" for index in range(5)], draw=draw))).text.split("\n")
    assert lines == ["header", *(f"left{i}" for i in range(5)), *(f"right{i}" for i in range(5)), "7"]


def test_form_fields_and_notes(extract):
    def draw(canvas):
        canvas.acroForm.textfield(name="grade", value="TOP SECRET", x=100, y=300, width=200)
        canvas.textAnnotation("NOTE SECRET", Rect=[10, 10, 50, 50])

    extraction = extract(pdf(["text"], draw=draw))
    text = {segment.where: segment.text for segment in extraction.segments}
    assert "NOTE SECRET" in text["page 1 annotation"]
    assert "TOP SECRET" in text["page 1 form field"]


def test_an_attachment_is_a_document(extract):
    document = pypdfium2.PdfDocument(pdf(["cover"]))
    document.new_attachment("计划.docx").set_data(word(MARK))
    buffer = io.BytesIO()
    document.save(buffer)
    document.close()
    extraction = extract(buffer.getvalue())
    assert any(s.where == "计划.docx > page 1" and MARK in s.text for s in extraction.segments)


def test_a_sealed_file_says_so(extract):
    extraction = extract(pdf([MARK], encrypt=StandardEncryption("user", "owner")))
    assert extraction.coverage.reasons == ("encrypted",)
    assert not extraction.coverage.inspected


def test_a_page_that_is_a_picture_says_so_and_a_blank_page_does_not(extract):
    def draw(canvas):
        canvas.drawImage(ImageReader(Image.new("L", (600, 800), 255)), 0, 0, 500, 700)

    assert extract(pdf(["text"], [], draw=draw)).coverage.reasons == ("ocr off: page 2",)
    assert extract(pdf(["text"], [])).coverage.inspected


def test_the_second_reader_helps_where_the_first_gives_up(extract):
    """Everything after the header is kept, but pdfium wants a trailer it can follow."""
    data = pdf(["PLAIN TEXT"])
    extraction = extract(data[: data.rindex(b"xref")])
    assert extraction.media_type == "application/pdf"
    assert extraction.coverage.reasons in ((), ("corrupt",))
