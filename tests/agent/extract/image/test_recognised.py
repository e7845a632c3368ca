"""Text in pictures and scans, read by a worker that is as locked down as all others."""

from datetime import date

import pytest

from agent.extract.kits import Kit
from agent.extract.sandbox.pool import Sandbox, Setup
from config.levels import Level
from config.limits import Limits
from tests.documents import MARK, changed, pdf, word
from tests.scans import page, scanned

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
    path = tmp_path / "a.png"
    path.write_bytes(page(MARK))
    assert sandbox.extract(path).coverage.reasons == ("ocr off",)
