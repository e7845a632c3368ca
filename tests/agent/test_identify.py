import io

import pytest

from agent.identify import identify
from tests.documents import changed, excel, ole, pdf, png, sealed_office, slides, word, zipped

OPEN = "application/vnd.openxmlformats-officedocument."


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"", "application/x-empty"),
        (b"plain words\n", "text/plain"),
        ("中文".encode("gb18030"), "text/plain"),
        ("中文\n".encode("utf-16"), "text/plain"),
        (bytes(range(256)) * 10, "application/octet-stream"),
        (b"<!DOCTYPE html><p>x", "text/html"),
        (b"<?xml version='1.0'?><a/>", "application/xml"),
        (b"Subject: x\nMIME-Version: 1.0\n\nbody", "message/rfc822"),
        (word("x"), OPEN + "wordprocessingml.document"),
        (excel([["x"]]), OPEN + "spreadsheetml.sheet"),
        (slides("x"), OPEN + "presentationml.presentation"),
        (pdf(["x"]), "application/pdf"),
        (b"\n\n" + pdf(["x"]), "application/pdf"),
        (png(1, 1), "image/png"),
        (zipped({"a": "b"}), "application/zip"),
        (zipped({"OFD.xml": "b"}), "application/ofd"),
        (zipped({"mimetype": "application/vnd.oasis.opendocument.text"}), "application/vnd.oasis.opendocument.text"),
        (png(9, 9) + word("x"), OPEN + "wordprocessingml.document"),
        (b"MZ" + bytes(100) + zipped({"a": "b"}), "application/zip"),
        (ole({"WordDocument": b"x"}), "application/msword"),
        (ole({"Workbook": b"x"}), "application/vnd.ms-excel"),
        (ole({"PowerPoint Document": b"x"}), "application/vnd.ms-powerpoint"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(10), "application/x-ole-storage"),
        (b"PK\x03\x04" + bytes(10), "application/zip"),
        (b"{\\rtf1 x}", "application/rtf"),
        (b"Rar!\x1a\x07\x00", "application/vnd.rar"),
    ],
)
def test_a_file_is_what_its_content_says(data, media_type):
    assert identify(io.BytesIO(data)).media_type == media_type


def test_an_office_file_without_content_types_is_known_by_its_folders():
    data = changed(word("x"), **{"[Content_Types].xml": b"<Types/>"})
    assert identify(io.BytesIO(data)).media_type == OPEN + "wordprocessingml.document"


def test_a_sealed_office_file():
    identity = identify(io.BytesIO(sealed_office()))
    assert identity.media_type == "application/x-ooxml-protected"
