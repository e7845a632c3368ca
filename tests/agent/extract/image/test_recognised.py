"""Text in pictures and scans, read by a worker that is as locked down as all others."""

import io
from datetime import date

import pytest

from agent.extract.kits import Kit
from agent.extract.sandbox.pool import Sandbox, Setup
from config.levels import Level
from config.limits import Limits
from tests.documents import MARK, changed, pdf, word
from tests.scans import font, page, scanned

pytestmark = pytest.mark.ocr


@pytest.fixture(scope="module")
def seeing():
    with Sandbox(Setup(Limits(), key=b"k" * 32, ocr=True)) as sandbox:
        yield sandbox


@pytest.fixture
def look(seeing, tmp_path):
    def run(data, name="a"):
        path = tmp_path / name
        path.write_bytes(data)
        return seeing.extract(path)

    return run


def said(extraction):
    return "\n".join(segment.text for segment in extraction.segments[1:])


@pytest.mark.parametrize(
    "how",
    [
        {"dpi": 150},
        {"dpi": 300},
        {"dpi": 200, "turned": 2.0},
        {"dpi": 150, "turned": -2.0, "quality": 45, "blur": 0.7},
        {"dpi": 200, "turned": 90},
        {"dpi": 200, "turned": 180},
    ],
    ids=str,
)
def test_a_scanned_letter(look, how):
    extraction = look(page(MARK, **how))
    lines = said(extraction).split("\n")
    assert MARK in lines
    assert "青山市水利局文件" in lines
    assert lines.index(MARK) < lines.index("青山市水利局文件")
    assert extraction.coverage.inspected


@pytest.mark.parametrize("mark", ["绝密★启用前", "秘密★长期", "机 密", "SECRET//NOFORN"])
def test_other_marks(look, mark):
    assert mark.replace(" ", "") in said(look(page(mark))).replace(" ", "")


def test_pages_of_a_pdf_without_text_and_only_those(look):
    extraction = look(scanned(page("公开"), page(MARK)))
    assert [segment.page for segment in extraction.segments if MARK in segment.text] == [2]
    with Sandbox(Setup(ocr=True)) as sandbox:
        text = look(pdf([MARK]))
        assert MARK in said(text)
        assert not [child for child in sandbox._idle if child.kit is Kit.OCR]


def test_a_picture_in_an_office_file_and_one_in_an_archive(look):
    document = changed(word("见附图"), **{"word/media/image1.png": page(MARK)})
    extraction = look(document)
    assert any(MARK in segment.text and "image1.png" in segment.where for segment in extraction.segments)
    assert extraction.coverage.inspected


def test_the_verdict_of_a_scan(seeing, tmp_path):
    path = tmp_path / "scan.pdf"
    path.write_bytes(scanned(page(MARK)))
    verdict = seeing.verdict(path, date(2026, 11, 24))
    assert verdict.level is Level.SECRET
    assert verdict.marks[0].where == "page 1 line 2"


def test_pages_left_over_are_named(tmp_path):
    path = tmp_path / "scan.pdf"
    path.write_bytes(scanned(*[page(MARK)] * 3))
    with Sandbox(Setup(Limits(ocr_seconds=0.5), ocr=True)) as sandbox:
        extraction = sandbox.extract(path)
    assert "timeout: page 3 (text in pictures)" in extraction.coverage.reasons
    assert extraction.coverage.partly


def test_a_bomb_of_pixels_is_refused(look):
    import struct
    import zlib

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    picture = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10**6))) + chunk(b"IEND", b"")
    )
    assert not look(picture).coverage.inspected


def test_a_damaged_picture_is_said(look):
    assert not look(page(MARK)[:5000]).coverage.inspected


def test_without_recognition_it_is_said(sandbox, tmp_path):
    path = tmp_path / "a"
    path.write_bytes(page(MARK))
    assert sandbox.extract(path).coverage.reasons == ("ocr off",)
    path.write_bytes(stamped())
    assert sandbox.extract(path).coverage.reasons == ("ocr off: page 1",)


def test_pages_of_a_picture_beyond_the_most_are_said(tmp_path):
    path = tmp_path / "a.tiff"
    path.write_bytes(kept(slip(), "TIFF", save_all=True, append_images=[slip()] * 2))
    with Sandbox(Setup(Limits(max_pages=2), ocr=True)) as sandbox:
        extraction = sandbox.extract(path)
    assert {segment.page for segment in extraction.segments if MARK in segment.text} == {1, 2}
    assert extraction.coverage.reasons == ("too large: page 3",)


def slip(mode="RGB", ground="white", ink="black", size=(700, 200), points=36):
    """A small picture with the mark on it."""
    from PIL import Image, ImageDraw, ImageFont

    drawn = Image.new(mode, size, ground)
    ImageDraw.Draw(drawn).text((60, 60), MARK, font=ImageFont.truetype(font(), points), fill=ink)
    return drawn


def kept(picture, name, **how):
    out = io.BytesIO()
    picture.save(out, name, **how)
    return out.getvalue()


@pytest.mark.parametrize(
    ("mode", "ground", "ink"),
    [("RGBA", (0, 0, 0, 0), (0, 0, 0, 255)), ("RGBA", (9, 9, 9, 0), (255, 255, 255, 255)), ("LA", (0, 0), (0, 255))],
)
def test_letters_on_a_ground_that_is_clear(look, mode, ground, ink):
    assert MARK in said(look(kept(slip(mode, ground, ink), "PNG")))


@pytest.mark.parametrize("kind", ["JPEG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "JPEG2000"])
def test_every_kind_of_picture_within_the_sandbox(look, kind):
    extraction = look(kept(slip(), kind))
    assert MARK in said(extraction)
    assert extraction.coverage.inspected


def test_a_later_page_and_a_later_frame(look):
    from PIL import Image

    blank = Image.new("RGB", (700, 200), "white")
    fax = kept(blank.convert("1"), "TIFF", compression="group4", save_all=True, append_images=[slip().convert("1")])
    assert [segment.where for segment in look(fax).segments if MARK in segment.text] == ["page 2"]
    assert MARK in said(look(kept(blank, "GIF", save_all=True, append_images=[slip()], duration=90)))


def test_a_moving_picture_of_a_size_it_has_not(look):
    data = bytearray(kept(slip(), "GIF", save_all=True, append_images=[slip(ink="grey")] * 3, duration=90))
    data[6:10] = b"\xff\xff\xff\xff"
    extraction = look(bytes(data))
    assert any(reason.startswith("too large") for reason in extraction.coverage.reasons)
    assert not any(reason.startswith("memory") for reason in extraction.coverage.reasons)


def test_levels_beyond_eight_bits(look):
    import numpy as np
    from PIL import Image

    assert MARK in said(look(kept(Image.fromarray(np.asarray(slip("L")).astype(np.uint16) * 16), "PNG")))


def test_what_is_left_of_a_cut_picture_is_read(look):
    whole = page(MARK, quality=80)
    extraction = look(whole[: len(whole) * 6 // 10])
    assert MARK in said(extraction)
    assert extraction.coverage.reasons == ("corrupt",)


def test_long_lines_of_a_wide_screen_are_not_turned_over(look):
    from PIL import Image, ImageDraw, ImageFont

    screen = Image.new("RGB", (2600, 500), "white")
    pen = ImageDraw.Draw(screen)
    for row in range(10):
        line = "项目名称 负责人 王芳 值班安排 " * 8
        pen.text((20, 20 + 40 * row), line, font=ImageFont.truetype(font(), 18), fill="black")
    pen.text((20, 440), MARK, font=ImageFont.truetype(font(), 18), fill="black")
    assert MARK in said(look(kept(screen, "PNG")))


def stamped(*, form=False):
    """A scan that its scanner wrote a line on; the picture stands on the page, or in a form on it."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    if form:
        canvas.beginForm("scan")
    canvas.drawImage(ImageReader(io.BytesIO(page(MARK))), 0, 0, *A4)
    if form:
        canvas.endForm()
        canvas.doForm("scan")
    canvas.drawString(20, 20, "Scanned by CamScanner")
    canvas.save()
    return out.getvalue()


@pytest.mark.parametrize("form", [False, True])
def test_a_scan_that_its_scanner_wrote_on(look, form):
    text = said(look(stamped(form=form)))
    assert MARK in text
    assert "CamScanner" in text


def test_the_tops_of_pages_when_time_is_short(tmp_path):
    path = tmp_path / "scan.pdf"
    path.write_bytes(scanned(*[page(MARK)] * 8))
    with Sandbox(Setup(Limits(ocr_seconds=7), ocr=True)) as sandbox:
        extraction = sandbox.extract(path)
    pages = {segment.page for segment in extraction.segments if MARK in segment.text}
    named = [reason for reason in extraction.coverage.reasons if reason.startswith("timeout: page")]
    assert 1 in pages
    assert len(pages) + len(named) >= 8  # none is left out in silence
