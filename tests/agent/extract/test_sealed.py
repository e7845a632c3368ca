"""What is sealed with a password: told apart, opened with the policy's passwords, and never called clean."""

import io

import pytest
from msoffcrypto.format.ooxml import OOXMLFile
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from agent.extract.sandbox.pool import Sandbox, Setup
from tests import archives
from tests.documents import MARK, excel, word

MEMBERS = {"open.txt": b"x", "b.txt": MARK.encode()}
PASSWORD = "baomi-2026"


def office(data):
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(PASSWORD, out)
    return out.getvalue()


def page():
    out = io.BytesIO()
    canvas = Canvas(out, encrypt=StandardEncryption(PASSWORD, canPrint=0))
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas.setFont("STSong-Light", 12)
    canvas.drawString(72, 760, MARK)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


KINDS = {
    "pdf": page,
    "docx": lambda: office(word(MARK)),
    "xlsx": lambda: office(excel([[MARK]])),
    "zip": lambda: archives.sealed(MEMBERS, "Zip", PASSWORD),
    "7z": lambda: archives.sealed(MEMBERS, "SevenZip", PASSWORD),
    "7z-names": lambda: archives.sealed(MEMBERS, "SevenZip", PASSWORD, names=True),
    "docx-in-7z": lambda: archives.written({"a.docx": office(word(MARK))}, "7zip"),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sealed")
    for name, make in KINDS.items():
        (folder / name).write_bytes(make())
    return folder


@pytest.fixture(scope="module")
def knowing():
    with Sandbox(Setup(passwords=("wrong", PASSWORD))) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def guessing():
    with Sandbox(Setup(passwords=("wrong", "wrong too"))) as sandbox:
        yield sandbox


@pytest.mark.parametrize("kind", KINDS)
def test_without_passwords_it_is_encrypted(sandbox, files, kind):
    extraction = sandbox.extract(files / kind)
    assert {reason.partition(":")[0] for reason in extraction.coverage.reasons} == {"encrypted"}
    assert not any(MARK in segment.text for segment in extraction.segments)


@pytest.mark.parametrize("kind", KINDS)
def test_with_the_right_password_it_is_read(knowing, files, kind):
    extraction = knowing.extract(files / kind)
    assert any(MARK in segment.text for segment in extraction.segments)
    assert extraction.coverage.inspected


@pytest.mark.parametrize("kind", KINDS)
def test_with_wrong_passwords_that_is_said(guessing, files, kind):
    extraction = guessing.extract(files / kind)
    assert {reason.partition(":")[0] for reason in extraction.coverage.reasons} == {"password"}


def test_a_damaged_seal_is_no_crash(knowing, tmp_path):
    data = office(word(MARK))
    for cut in (600, 2000, len(data) // 2):
        path = tmp_path / f"cut{cut}"
        path.write_bytes(data[:cut])
        extraction = knowing.extract(path)
        assert not extraction.coverage.inspected
