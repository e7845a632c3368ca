"""On which side of their page lines stand, as readers of Word and PDF say it."""

import io

import pypdfium2
import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Twips
from reportlab.pdfgen import canvas

from agent.extract.pages.sides import placed, side
from config.verdict import Side
from tests.xml_documents import ofd_package
from tests.xml_documents import placed as object_at


def sides(extracted):
    """The words of a line to where they stand, of all segments."""
    return {
        segment.text[offset:].split("\n")[0].strip(): where
        for segment in extracted.segments
        for offset, where in segment.sides
    }


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        (0, 20, None),
        (49, 80, None),
        (50, 80, Side.RIGHT),
        (25, 75, Side.CENTRE),
        (24, 76, None),
        (30, 82, Side.CENTRE),
        (30, 83, None),
        (30, 58, Side.CENTRE),
        (30, 57, None),
    ],
)
def test_between_the_edges(left, right, found):
    assert side(left, right, 100) is found


def test_a_page_without_width():
    assert side(1, 2, 0) is None


def test_offsets():
    assert placed(["ab", "", "c"], {(2, 0): Side.CENTRE, (0, 1): Side.RIGHT}) == ((1, Side.RIGHT), (4, Side.CENTRE))


def test_paragraphs(extract):
    document = Document()
    for number, alignment in enumerate(
        (None, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT)
    ):
        document.add_paragraph(f"机 密 {number}").alignment = alignment
    for number, twips in ((4, 2_879), (5, 2_880)):
        document.add_paragraph(f"机密{number}").paragraph_format.left_indent = Twips(twips)
    for number, tabs in ((6, 3), (7, 4)):
        document.add_paragraph("\t" * tabs + f"机密{number}\t\t\t\t")
    document.add_page_break()
    document.add_paragraph("机密8").alignment = WD_ALIGN_PARAGRAPH.RIGHT
    out = io.BytesIO()
    document.save(out)
    assert sides(extract(out.getvalue(), "a.docx")) == {
        "机 密 2": Side.CENTRE,
        "机 密 3": Side.RIGHT,
        "机密5": Side.RIGHT,
        "机密7": Side.RIGHT,
    }


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_page_that_is_turned_or_begins_elsewhere(extract, turned):
    out = io.BytesIO()
    paper = canvas.Canvas(out, pagesize=(600, 600))
    paper.translate(300, 300)
    paper.rotate(turned)  # drawn turned to the left, and shown turned to the right
    paper.translate(-300, -300)
    paper.drawString(50, 550, "on the left of the page")
    paper.drawString(450, 500, "on the right")
    paper.drawCentredString(300, 450, "in the middle")
    paper.save()
    document = pypdfium2.PdfDocument(out.getvalue())
    document[0].set_rotation(turned)
    turned_page = io.BytesIO()
    document.save(turned_page)
    assert sides(extract(turned_page.getvalue(), "a.pdf")) == {
        "on the right": Side.RIGHT,
        "in the middle": Side.CENTRE,
    }


def test_a_page_whose_corner_is_not_zero(extract):
    out = io.BytesIO()
    paper = canvas.Canvas(out, pagesize=(1000, 600))
    paper.drawString(450, 500, "on the left of what is shown")
    paper.drawString(750, 450, "on the right")
    paper.save()
    document = pypdfium2.PdfDocument(out.getvalue())
    document[0].set_mediabox(400, 0, 1000, 600)
    moved = io.BytesIO()
    document.save(moved)
    assert sides(extract(moved.getvalue(), "a.pdf")) == {"on the right": Side.RIGHT}


@pytest.mark.parametrize(
    ("left", "found"),
    [(20, {}), (120, {"机密★10年": Side.RIGHT}), (86, {"机密★10年": Side.CENTRE}), (60, {})],
)
def test_an_ofd(extract, left, found):
    box = "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
    page = (
        object_at("000001", 20, 20) + object_at("机密★10年", left, 30) + object_at("关于印发实施方案的通知" * 3, 20, 40)
    )
    assert sides(extract(ofd_package(page, common=box), "a.ofd")) == found
    assert sides(extract(ofd_package(page), "a.ofd")) == {}  # no width is known
    page = object_at("000001", 20, 20) + object_at("机密★10年", left, 20)
    behind = {"机密★10年": Side.RIGHT} if left == 120 else {}
    assert sides(extract(ofd_package(page, common=box), "a.ofd")) == behind
