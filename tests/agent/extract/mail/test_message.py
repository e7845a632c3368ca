"""Mail as programs write it, and as they should not: every word stays."""

import base64
import binascii
import io
import re
import time

import pytest

from agent import identify
from agent.extract import dispatch
from agent.extract.reading import Ledger, Reading
from config.limits import Limits
from tests.documents import MARK, word

SIMPLIFIED = "各位同事：附件是本年度预算报告，请查收。会议定于下周三下午举行。"
TRADITIONAL = "各位同事：附件是本年度預算報告，請查收。會議定於下週三下午舉行。"
HEAD = b"From: a@example.org\r\nTo: b@example.org\r\nDate: Thu, 1 Jan 2026 10:00:00 +0800\r\n"


def places(extraction, text=MARK):
    return [segment.at(segment.text.index(text)) for segment in extraction.segments if text in segment.text]


def said(extraction):
    return "\n".join(segment.text for segment in extraction.segments)


def test_mail_without_a_version_of_mime_has_attachments(extract):
    data = base64.encodebytes(word(MARK)).replace(b"\n", b"\r\n")
    body = b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n\r\nhello\r\n--x\r\nContent-Type: application/x'
    body += b"; name=a.docx\r\nContent-Transfer-Encoding: base64\r\n\r\n" + data + b"--x--\r\n"
    assert places(extract(HEAD + body)) == ["a.docx > page 1 line 1"]


@pytest.mark.parametrize(
    "text",
    [
        b"Subject: x\n\nnotes",
        b"HTTP/1.1 200 OK\nDate: x\nContent-Type: text/html\nContent-Length: 3\n\nabc",
        b"To: do\nfrom: here\nmilk, eggs\n",
        b"name: value\nkind: thing\n",
        b"From here on\nit is: a letter\n",
    ],
)
def test_texts_that_are_no_mail(text):
    assert identify.identify(io.BytesIO(text)).media_type == "text/plain"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("gb18030", "gb2312"),
        ("gb18030", "iso-8859-1"),
        ("gb18030", ""),
        ("gb18030", "utf-8"),
        ("utf-8", "gb2312"),
        ("big5", "us-ascii"),
        ("hz", "hz-gb-2312"),
        ("hz", ""),
        ("utf-7", "utf-7"),
        ("utf-7", "unicode-1-1-utf-7"),
        ("utf-16-le", "utf-8"),
    ],
)
def test_the_label_may_be_wrong(extract, name, label):
    text = (
        "各位同事：附件是本年度預算報告，請查收。會議定於下週三下午舉行。"
        if name == "big5"
        else "各位同事：附件是本年度预算报告，请查收。会议定于下周三下午举行。"
    )
    kind = f"Content-Type: text/plain; charset={label}\r\n" if label else ""
    data = HEAD + kind.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(text.encode(name))
    assert text in said(extract(data))


@pytest.mark.parametrize(
    ("name", "text"), [("iso2022_jp", "秘密保持契約の件"), ("koi8-r", "Секретно"), ("cp949", "기밀 문서")]
)
def test_mail_in_other_languages(extract, name, text):
    data = HEAD + f"Content-Type: text/plain; charset={name}\r\n\r\n".encode() + text.encode(name)
    assert text in said(extract(data))


def encoded(text, charset, way="B"):
    raw = text.encode(charset)
    return f"=?{charset}?{way}?{base64.b64encode(raw).decode()}?="


def test_names_of_attachments_in_every_form(extract):
    mark = MARK.encode("gbk")
    cut = [base64.b64encode(piece).decode() for piece in (mark[:3], mark[3:])]  # within a character
    forms = {
        f'filename="{encoded(MARK, "gbk")}.txt"': MARK + ".txt",
        f'filename="=?gbk?B?{cut[0]}?= =?gbk?B?{cut[1]}?="': MARK,
        "filename*=UTF-8''" + "".join(f"%{byte:02X}" for byte in MARK.encode()) + ".txt": MARK + ".txt",
        "filename*0*=gbk''"
        + "".join(f"%{byte:02X}" for byte in mark[:3])
        + ";\r\n filename*1*="
        + "".join(f"%{byte:02X}" for byte in mark[3:])
        + ";\r\n filename*2=.txt": MARK + ".txt",
        'filename="a \\"b\\" c.txt"': 'a "b" c.txt',
        "filename=unquoted name.txt": "unquoted name.txt",
    }
    for form, name in forms.items():
        part = f"Content-Type: text/plain\r\nContent-Disposition: attachment; {form}\r\n\r\nx".encode()
        extraction = extract(HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" + part + b"\r\n--x--")
        assert name in [segment.text for segment in extraction.segments], form


def test_eight_bits_in_headers(extract):
    assert places(extract(HEAD + f"Subject: 关于{MARK}文件的通知\r\n\r\nx".encode("gbk"))) == ["property:Subject"]


def test_unusual_headers_keep_their_names(extract):
    assert "X-Classification: SECRET" in said(extract(HEAD + b"X-Classification: SECRET\r\nReceived: x\r\n\r\nx"))


def test_damaged_base64_loses_only_itself(extract):
    packed = base64.encodebytes(("一二三四五六七八九十" * 30 + MARK).encode())
    damaged = packed[:100] + b"!" + packed[100:].rstrip(b"=\n") + b"\n\n-- \nlist footer with words\n"
    extraction = extract(HEAD + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + damaged)
    assert MARK in said(extraction)
    assert "list footer with words" in said(extraction)
    plain = extract(HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + f"this is no base64 at all, {MARK}".encode())
    assert MARK in said(plain)


def test_quoted_printable_with_soft_breaks(extract):
    body = binascii.b2a_qp(("长" * 40 + MARK).encode()).replace(b"\n", b"\r\n") + b" 100% = all =ZZ"
    extraction = extract(HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + body)
    assert MARK in said(extraction)
    assert "100% = all" in said(extraction)


def test_messages_within_messages(extract):
    inner = HEAD + f"Subject: {MARK}\r\n\r\n{MARK}\r\n".encode()
    outer = HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nsee\r\n"
    outer += b"--x\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"--x--"
    assert places(extract(outer)) == ["message 1 > property:Subject", "body 2 line 1"]


def test_what_stands_where_no_part_should_be(extract):
    mark = MARK.encode()
    data = HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\nbefore " + mark
    data += b"\r\n--x\r\nContent-Type: text/plain\r\n\r\nbody " + mark + b"\r\n--x--\r\nafter " + mark
    assert len(places(extract(data))) == 3
    lost = (
        HEAD + b"Content-Type: multipart/mixed; boundary=other\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>" + mark
    )
    assert places(extract(lost)) == ["line 1"]
    none = HEAD + b"Content-Type: multipart/mixed\r\n\r\n" + mark
    assert places(extract(none)) == ["body line 1"]


def test_alternatives_and_what_is_related(extract):
    data = (
        HEAD
        + b"Content-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: multipart/alternative; boundary=y"
    )
    data += (
        f"\r\n\r\n--y\r\n\r\n{MARK}\r\n--y\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<b>机密</b>★10年".encode()
    )
    data += b"\r\n--y--\r\n--x\r\nContent-Type: image/png; name=a.png\r\n\r\n\x89PNG\r\n\x1a\n\r\n--x--"
    extraction = extract(data)
    assert places(extraction) == ["body line 1", "line 1"]
    assert "a.png > file name" in [segment.where for segment in extraction.segments]


def test_uuencode_and_yenc(extract):
    packed = b"".join(binascii.b2a_uu(word(MARK)[at : at + 45]) for at in range(0, len(word(MARK)), 45))
    data = HEAD + b"\r\nbegin 644 a.docx\r\n" + packed.replace(b"\n", b"\r\n") + b"`\r\nend\r\n"
    assert places(extract(data)) == ["a.docx > page 1 line 1"]
    raw = bytes((byte + 42) % 256 for byte in MARK.encode())
    raw = re.sub(rb"[\0\n\r=]", lambda match: b"=" + bytes([(match.group()[0] + 64) % 256]), raw)
    data = HEAD + b"\r\n=ybegin line=128 size=3 name=a.txt\r\n" + raw + b"\r\n=yend size=3\r\n"
    assert places(extract(data)) == ["a.txt > body line 1"]


def test_sealed_parts_say_so(extract):
    body = b"\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n"
    assert extract(HEAD + body).coverage.reasons == ("encrypted: body",)
    assert extract(body.strip()).coverage.reasons == ("encrypted",)


def test_mail_kept_by_apple(extract):
    message = HEAD + f"Subject: x\r\n\r\n{MARK}\r\n".encode()
    plist = b'<?xml version="1.0"?><plist><dict><key>flags</key></dict></plist>'
    extraction = extract(str(len(message)).encode() + b"       \n" + message + plist)
    assert extraction.media_type == "message/x-emlx"
    assert places(extraction) == ["body line 1"]
    assert places(extract(b"99999999\n" + message + plist)) == ["body line 1"]


def read(data, seconds=20):
    reading = Reading(Ledger(Limits(), time.monotonic() + seconds), dispatch.read)
    return list(dispatch.read(io.BytesIO(data), reading, "x")), reading.ledger.coverage


def test_depth_is_bounded():
    data = HEAD + b"".join(
        b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (at, at) for at in range(2000)
    )
    segments, coverage = read(data + MARK.encode())
    assert MARK in "".join(segment.text for segment in segments)
    assert coverage.reasons == ("too deep: part",)


def test_crafted_mail_takes_no_longer_than_its_size():
    start = time.process_time()
    for data in (
        HEAD + b"\r\n" + b"begin 644 x\r\n" * 50_000,
        HEAD + b"\r\n" + b"=ybegin x\r\n" * 50_000,
        HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\n" * 15_000,
        HEAD + b"Subject: " + b"=?" * 200_000,
        HEAD + b"Content-Disposition: x" + b';a="' * 100_000 + b"\r\n\r\n",
        HEAD + b"Content-Type: text/plain" + b"; a*0=b" * 50_000 + b"\r\n\r\n",
    ):
        read(data)
    assert time.process_time() - start < 15


@pytest.mark.parametrize("cut", range(50, 900, 37))
def test_cut_mail_gives_what_is_there(cut):
    data = HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n" + MARK.encode()
    data += b"\r\n--x\r\nContent-Type: application/x; name=b.txt\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    data += base64.encodebytes(b"words " * 100)
    segments, _ = read(data[:cut])
    assert cut < 200 or MARK in "".join(segment.text for segment in segments)
