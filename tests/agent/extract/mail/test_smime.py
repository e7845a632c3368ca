"""Signed and sealed content, whole or in pieces, in every armour."""

import base64
import zlib

import pytest

from tests.documents import MARK, word
from tests.mail_documents import ber, der, oid, signed

ENTITY = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{MARK}\r\n".encode()


def places(extraction, text=MARK):
    return [segment.at(segment.text.index(text)) for segment in extraction.segments if text in segment.text]


def pieces(data, make):
    return make(0x24, *(der(4, data[at : at + 1000]) for at in range(0, len(data), 1000)))


@pytest.mark.parametrize("make", [der, ber])
def test_signed_documents(extract, make):
    data = word(MARK)
    for octets in (der(4, data), pieces(data, der), pieces(data, ber), ber(0x24, pieces(data, ber))):
        extraction = extract(signed(octets, make=make))
        assert extraction.media_type == "application/pkcs7-mime"
        assert places(extraction) == ["content > page 1 line 1"]
        assert extraction.coverage.inspected


def test_signed_mail_in_letters(extract):
    body = base64.encodebytes(signed(der(4, ENTITY)))
    assert places(extract(b"-----BEGIN PKCS7-----\n" + body + b"-----END PKCS7-----\n")) == ["body line 1"]
    head = b"From: a@b\r\nTo: b@c\r\nMIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; name=smime.p7m\r\n"
    assert places(extract(head + b"Content-Transfer-Encoding: base64\r\n\r\n" + body)) == ["smime.p7m > body line 1"]


def test_a_signature_that_stands_apart_holds_no_words(extract):
    assert extract(signed(b"")).coverage.inspected


def test_sealed_content_says_so(extract):
    assert extract(der(0x30, oid(3), der(0xA0, der(0x30, der(2, b"\0"))))).coverage.reasons == ("encrypted",)


def test_compressed_content(extract):
    kind = der(6, bytes.fromhex("2a864886f70d0109100109"))
    inside = der(0x30, der(2, b"\0"), der(0x30), der(0x30, oid(1), der(0xA0, der(4, zlib.compress(ENTITY)))))
    assert places(extract(der(0x30, kind, der(0xA0, inside)))) == ["body line 1"]


def test_damage(extract):
    text = f"{MARK}\n".encode() * 1000
    cut = extract(signed(der(4, text))[:9000])
    assert MARK in cut.segments[-1].text
    assert cut.coverage.reasons == ("corrupt: content",)
    assert extract(signed(der(4, text))[:40]).coverage.reasons == ("corrupt",)
    deep = b"\x24\x80" * 100_000
    assert not extract(signed(deep, make=ber)).coverage.inspected
