"""`shoumi lint` as a drafter meets it: documents made here, its exit status, and what it prints."""

import json
import subprocess
import sys

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas


def lint(*arguments, language="en"):
    done = subprocess.run(
        [sys.executable, "-m", "agent.cli", "--language", language, "lint", *map(str, arguments)],
        capture_output=True,
        timeout=120,
    )
    assert b"Traceback" not in done.stderr
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def _document(path, *paragraphs, keywords="", alignment=None):
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if alignment is not None:
        document.paragraphs[0].alignment = alignment
    document.core_properties.keywords = keywords
    document.save(path)
    return path


GOOD = ("000001", "机密★5年", "某某市人民政府文件", "关于选址的通知", "2026年3月1日")


def test_a_document_without_fault(tmp_path):
    path = _document(tmp_path / "good.docx", *GOOD, keywords="机密★5年")
    status, out, _ = lint(path)
    assert (status, "2 mark(s), no advice." in out) == (0, True)
    status, out, _ = lint(path, language="zh")
    assert "共2处标志，未发现问题。" in out


def test_a_document_without_marks(tmp_path):
    (tmp_path / "a.txt").write_text("Nothing of note.\n")
    status, out, _ = lint(tmp_path / "a.txt")
    assert (status, "no mark found, no advice." in out) == (0, True)


def test_advice_in_both_languages_with_its_article(tmp_path):
    path = _document(
        tmp_path / "bad.docx", "秘密★15年", "某某市人民政府文件", "关于选址的通知", alignment=WD_ALIGN_PARAGRAPH.RIGHT
    )
    status, out, _ = lint(path, language="zh")
    assert status == 1
    assert "必须改  第1页第1行  cn.term-above-maximum" in out
    assert "依据：《保守国家秘密法》（2024年修订）第二十条" in out
    assert "位于右侧，应顶格靠左" in out
    assert "依据：GB/T 9704-2012《党政机关公文格式》7.2.2" in out
    status, out, _ = lint(path)
    assert "must change  page 1 line 1  cn.side" in out
    assert "basis: State Secrets Law (2024), art. 20" in out


def test_json_lines(tmp_path):
    good = _document(tmp_path / "good.docx", *GOOD, keywords="机密★5年")
    bad = tmp_path / "bad.txt"
    bad.write_text("核心商密★5年\n报价\n", encoding="utf-8")
    status, out, _ = lint("--format", "jsonl", good, bad)
    first, second = map(json.loads, out.splitlines())
    assert status == 1
    assert (first["advice"], first["marks"], first["missing"]) == ([], 2, [])
    (advice,) = second["advice"]
    assert (advice["rule"], advice["severity"], advice["where"]) == ("commercial.star", "error", "line 1")
    assert advice["instead"] == {"en": "核心商密▲5年", "zh": "核心商密▲5年"}
    assert advice["basis"]["zh"].startswith("《中央企业商业秘密保护暂行规定》第十五条")


def test_a_pdf(tmp_path):
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    page = canvas.Canvas(str(tmp_path / "a.pdf"))
    for mark in ("秘密★5年", "机密★5年"):
        page.setFont("STSong-Light", 16)
        page.drawString(80, 780, mark)
        page.drawString(80, 700, "关于选址的报告")
        page.showPage()
    page.save()
    status, out, _ = lint(tmp_path / "a.pdf")
    assert (status, "cn.below-content" in out) == (1, True)


def test_what_cannot_be_read_is_said(tmp_path):
    path = _document(tmp_path / "good.docx", *GOOD)
    path.write_bytes(path.read_bytes()[:300])
    status, out, _ = lint(path)
    assert (status, "not read:" in out) == (3, True)


@pytest.mark.parametrize(("name", "words"), [("none.docx", "there is no"), ("", "is a folder")])
def test_wrong_usage(tmp_path, name, words):
    status, _, err = lint(tmp_path / name)
    assert (status, words in err) == (2, True)


def page(path, mark, *, right=None, left=None, middle=None, width=595, height=842):
    """A page with a number, a mark and a title; the mark begins or ends there, or has its middle there."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    paper = canvas.Canvas(str(path), pagesize=(width, height))
    paper.setFont("STSong-Light", 16)
    paper.drawString(80, height - 60, "000001")
    if right is not None:
        paper.drawRightString(right, height - 90, mark)
    elif middle is not None:
        paper.drawCentredString(middle, height - 90, mark)
    else:
        paper.drawString(left, height - 90, mark)
    paper.drawCentredString(width / 2, height - 160, "某某市人民政府文件")
    paper.drawString(80, height - 260, "一、各单位应当认真落实本通知的要求，并于月底前报送情况。")
    paper.showPage()
    paper.save()
    return path


@pytest.mark.parametrize(
    ("place", "said"),
    [({"left": 80}, ""), ({"right": 515}, "on the right"), ({"middle": 297}, "in the middle"), ({"left": 150}, "")],
)
def test_the_side_of_a_mark_in_a_pdf(tmp_path, place, said):
    status, out, _ = lint(page(tmp_path / "a.pdf", "机密★5年", **place))
    assert ("cn.side" in out) == bool(said)
    assert said in out
    assert status == 1  # no property says the mark


def test_the_side_in_a_wide_page(tmp_path):
    _, out, _ = lint(page(tmp_path / "a.pdf", "机密★5年", left=80, width=842, height=595))
    assert "cn.side" not in out
    _, out, _ = lint(page(tmp_path / "a.pdf", "机密★5年", right=760, width=842, height=595))
    assert "on the right" in out


@pytest.mark.parametrize(("left", "said"), [(420, True), (150, False)])
def test_the_side_of_a_mark_behind_the_number(tmp_path, left, said):
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    paper = canvas.Canvas(str(tmp_path / "a.pdf"))
    paper.setFont("STSong-Light", 16)
    paper.drawString(80, 780, "000001")
    paper.drawString(left, 780, "机密★5年")
    paper.drawString(80, 700, "某某市人民政府文件")
    paper.save()
    assert ("on the right" in lint(tmp_path / "a.pdf")[1]) is said


def test_the_side_in_a_word_document(tmp_path):
    document = Document()
    for alignment, text in ((None, "000001"), (WD_ALIGN_PARAGRAPH.CENTER, "机密★5年"), (None, "某某市人民政府文件")):
        document.add_paragraph(text).alignment = alignment
    document.save(tmp_path / "a.docx")
    _, out, _ = lint(tmp_path / "a.docx")
    assert "in the middle" in out


def test_the_side_in_a_table_that_lays_out_the_head(tmp_path):
    for number, said in ((0, False), (1, True)):
        document = Document()
        row = document.add_table(rows=1, cols=2).rows[0]
        row.cells[number].text = "机密★5年"
        document.add_paragraph("某某市人民政府文件")
        document.save(tmp_path / "a.docx")
        _, out, _ = lint(tmp_path / "a.docx")
        assert ("on the right" in out) is said
