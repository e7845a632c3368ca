"""One small thing repeated until the input is a megabyte: what a reader does with it must not grow faster than it.

    python -m tests.fuzz.shapes                 # all
    python -m tests.fuzz.shapes ole.biff mail   # targets that begin so

Fuzzers seldom find these, since their inputs are short. Each shape is read at a quarter of a megabyte and at a whole
one in a process of its own; it is bad when the larger takes over 5 seconds of processor time, or needs over 1 GiB, or
when the time grows more than seven times.
"""

import os
import resource
import signal
import struct
import sys

from tests.fuzz.targets import TARGETS
from tests.old_documents import _SPACES

SMALL, LARGE = 250_000, 1_000_000
SLOW, CUT = 5.0, 20  # seconds
MEMORY = 1024  # MiB
_W = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_A = b"http://schemas.openxmlformats.org/drawingml/2006/main"
_P = b"http://schemas.openxmlformats.org/presentationml/2006/main"
_MC = b"http://schemas.openxmlformats.org/markup-compatibility/2006"
_SAID = b"<w:p><w:r><w:t>x</w:t></w:r></w:p>"
_SHAPE = b"<p:sp><p:txBody><a:p><a:r><a:t>x</a:t></a:r></a:p></p:txBody></p:sp>"
_PLACED = b'<o:TextObject Boundary="1 1 1 1"><o:TextCode X="1" Y="1">a</o:TextCode></o:TextObject>'
_MAIL = b"MIME-Version: 1.0\n"


def again(piece, before=b"", after=b""):
    """The piece over and over."""
    return lambda size: before + piece * (size // len(piece)) + after


def nested(begin, end, core=b"x", before=b"", after=b""):
    """Something within itself over and over."""

    def make(size):
        deep = size // (len(begin) + len(end))
        return before + begin * deep + core + end * deep + after

    return make


def numbered(piece, before=b"", after=b""):
    """The piece with a number in it that counts."""
    return lambda size: (
        before + b"".join(piece.replace(b"#", b"%d" % n) for n in range(size // (len(piece) + 4))) + after
    )


def inside(make, before, after):
    """A shape in its surroundings."""
    return lambda size: before + make(size) + after


def word(make):
    return inside(make, b'<w:document xmlns:w="' + _W + b'"><w:body>', b"</w:body></w:document>")


def slide(make):
    return inside(make, b'<p:sld xmlns:p="' + _P + b'" xmlns:a="' + _A + b'">', b"</p:sld>")


def odt(make):
    head = f"<office:document {_SPACES}><office:body><office:text>".encode()
    return inside(make, head, b"</office:text></office:body></office:document>")


def ofd(make):
    head = b'<o:Page xmlns:o="http://www.ofdspec.org/2016"><o:Content><o:Layer>'
    return inside(make, head, b"</o:Layer></o:Content></o:Page>")


def sheet(cells):
    """A sheet of two cells, of whatever size is asked for."""
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return lambda size: (
        b'<worksheet xmlns="'
        + space
        + b'"><sheetData><row><c r="A1"><v>1</v></c>'
        + cells
        + b"</row></sheetData></worksheet>"
    )


def record(kind, data=b""):
    return struct.pack("<HH", kind, len(data)) + data


def atom(head, kind, size):
    return struct.pack("<HHI", head, kind, size)


def places(size):
    """A property set of which a thousand entries share one value before a great deal of nothing."""
    table = struct.pack("<II", size, 1000) + struct.pack("<II", 2, 8008) * 1000
    head = b"\xfe\xff\0\0" + bytes(20) + struct.pack("<I", 1) + bytes(16) + struct.pack("<I", 48)
    return b"\4\0\xfe\xff\0\0" + (head + table + struct.pack("<II", 0x1E, 4) + b"abc\0").ljust(size, b"\0")


SHAPES = (
    ("ole.biffcells", "text boxes without text", again(record(0x1B6))),
    ("ole.biffcells", "text boxes", again(record(0x1B6, bytes(12)))),
    ("ole.biffcells", "tables of strings", again(record(0xFC, bytes(8)))),
    ("ole.biffcells", "strings that go on", again(record(0x3C, b"\0a"), record(0xFC, bytes(8) + b"\xff\xff\0"))),
    ("ole.officeart", "containers within", again(atom(0xF, 0xF001, LARGE))),
    ("ole.officeart", "table of one text", again(struct.pack("<HI", 0x80C0, 2), atom(0xFFF3, 0xF00B, LARGE))),
    ("ole.officeart", "nothing", again(b"\0")),
    ("ole.ppt", "containers within", again(atom(0xF, 1000, LARGE))),
    ("ole.ppt", "slides", again(atom(0xF, 1006, 10) + atom(0, 4000, 2) + b"a\0")),
    ("ole.properties", "one value a thousand times", places),
    ("text.rtf", "groups", again(b"{")),
    ("text.rtf", "groups within", nested(b"{", b"}")),
    ("text.rtf", "words", again(b"\\par")),
    ("text.rtf", "backslashes", again(b"\\")),
    ("text.rtf", "hexadecimals", again(b"\\'b5")),
    ("text.rtf", "places", again(b"{\\header a}{\\footer b}")),
    ("text.plain", "base64", again(b"VGhpcyBpcyBzb21lIHRleHQsIGl0IGlzIGxvbmcgZW5vdWdoIGZvciBpdC4g")),
    ("text.plain", "nearly base64", again(b"A" * 59 + b"-")),
    ("text.plain", "line ends", again(b"\r")),
    ("text.plain", "odd line ends", again(b"a\n\0a", b"\xff\xfe")),
    ("text.plain", "two encodings", again("機密文件\n".encode("big5"))),
    ("text.web", "open elements", again(b"<div>")),
    ("text.web", "elements within", nested(b"<b>", b"</b>")),
    ("text.web", "crossed elements", again(b"<a><b><i><p>")),
    ("text.web", "tables", again(b"<table><tr><td>")),
    ("text.web", "attributes", numbered(b"a#=1 ", b"<html><p ", b">")),
    ("text.web", "hidden", again(b"<span style='display:none'>x")),
    ("text.web", "comments", again(b"<!--")),
    ("mail.message", "headers", again(b"A: b\n", _MAIL)),
    ("mail.message", "a folded header", again(b"\n x", _MAIL + b"Subject: x")),
    ("mail.message", "encoded words", again(b"=?utf-8?q?a?= ", _MAIL + b"Subject: ", b"\n\nx")),
    ("mail.message", "people", again(b"a@b.c,", _MAIL + b"To: ", b"\n\nx")),
    ("mail.message", "groups of people", again(b"a:", _MAIL + b"To: ", b"\n\nx")),
    ("mail.message", "quotes", again(b'"', _MAIL + b"To: ", b"\n\nx")),
    ("mail.message", "parentheses", again(b"(", _MAIL + b"To: ", b"\n\nx")),
    ("mail.message", "angles", again(b"<", _MAIL + b"To: ", b"\n\nx")),
    ("mail.message", "dots", again(b"a.", _MAIL + b"From: ", b"\n\nx")),
    ("mail.message", "parameters", numbered(b"a*#=b;", _MAIL + b"Content-Type: text/plain; ", b"\n\nx")),
    ("mail.message", "one parameter", again(b";a*0=b", _MAIL + b"Content-Type: text/plain", b"\n\nx")),
    ("mail.message", "file names", again(b";filename*=utf-8''a", _MAIL + b"Content-Disposition: attachment", b"\n\nx")),
    ("mail.message", "parts", again(b"--b\n\nx\n", _MAIL + b'Content-Type: multipart/mixed; boundary="b"\n\n')),
    ("mail.message", "parts within", numbered(b'Content-Type: multipart/mixed; boundary="#"\n\n--#\n', _MAIL)),
    ("mail.message", "messages within", again(b"Content-Type: message/rfc822\n\n", _MAIL)),
    ("mail.mbox", "messages", again(b"From a\nMIME-Version: 1.0\nSubject: x\n\nx\n\n")),
    ("pages.ofd", "words", ofd(again(_PLACED))),
    ("pages.ofd", "words within", ofd(nested(b"<o:TextObject>", b"</o:TextObject>", b"<o:TextCode>x</o:TextCode>"))),
    ("pages.ofd", "templates", ofd(again(b'<o:Template TemplateID="2"/>'))),
    ("odf", "paragraphs within", odt(nested(b"<text:p>", b"</text:p>"))),
    ("odf", "spans within", odt(nested(b"<text:span>", b"</text:span>", b"x", b"<text:p>", b"</text:p>"))),
    (
        "odf",
        "boxes in a paragraph",
        odt(again(b"<draw:frame><text:p>x</text:p></draw:frame>", b"<text:p>", b"</text:p>")),
    ),
    ("odf", "slides within", odt(nested(b"<draw:page>", b"</draw:page>", b"<text:p>x</text:p>"))),
    ("odf", "comments", odt(again(b"<office:annotation><text:p>x</text:p></office:annotation>t"))),
    ("ooxml.word", "runs", word(again(b"<w:r><w:t>x</w:t></w:r>", b"<w:p>", b"</w:p>"))),
    ("ooxml.word", "paragraphs within", word(nested(b"<w:p>", b"</w:p>", b""))),
    ("ooxml.word", "tables within", word(nested(b"<w:tbl><w:tr><w:tc>", b"</w:tc></w:tr></w:tbl>", _SAID))),
    ("ooxml.word", "boxes within", word(nested(b"<w:p><w:txbxContent>", b"</w:txbxContent></w:p>", _SAID))),
    ("ooxml.word", "controls within", word(nested(b"<w:sdt><w:sdtContent>", b"</w:sdtContent></w:sdt>", _SAID))),
    (
        "ooxml.word",
        "choices",
        word(again(b'<m:AlternateContent xmlns:m="' + _MC + b'"><m:Fallback/></m:AlternateContent>')),
    ),
    ("ooxml.word", "attributes", numbered(b'a#="1" ', b"<a ", b"/>")),
    ("ooxml.word", "name spaces", numbered(b'xmlns:a#="u#" ', b"<a ", b"/>")),
    ("ooxml.word", "unknown prefixes", again(b"<x:b/>", b"<a>", b"</a>")),
    ("ooxml.word", "entities", again(b"&a;", b'<!DOCTYPE x [<!ENTITY a "' + b"x" * 1000 + b'">]><x>', b"</x>")),
    ("ooxml.slides", "shapes", slide(again(_SHAPE))),
    ("ooxml.slides", "groups within", slide(nested(b"<p:grpSp>", b"</p:grpSp>", _SHAPE * 3000))),
    ("ooxml.slides", "paragraphs within", slide(nested(b"<a:p>", b"</a:p>", b"<a:r><a:t>x</a:t></a:r>"))),
    ("sheetstream", "cells without end", again(b"<c>")),
    ("sheetstream", "tags without end", again(b"<c ")),
    ("sheetstream", "formulas without end", again(b'<c r="A1"><f>')),
    ("sheetstream", "values without end", again(b"<v>", b"<c>", b"</c>")),
    ("sheetstream", "texts without end", again(b"<t>", b'<c t="inlineStr">', b"</c>")),
    ("sheetstream", "rows of one far cell", numbered(b'<c r="XFD#"><v>1</v></c>')),
    ("sheetstream", "a cell beyond all columns", lambda size: b'<c r="ZZZZZZ1"><v>1</v></c>' * 2),
    ("sheetstream", "a cell in small letters", lambda size: b'<c r="mmmmmmmmmmmm1"><v>1</v></c>' * 2),
    ("ooxml.excel", "a cell beyond all columns", sheet(b'<c r="ZZZZZZ1"><v>1</v></c>')),
    ("ooxml.excel", "a cell beyond all rows", sheet(b'<c r="A4294967295"><v>1</v></c>')),
    ("ooxml.excel", "a cell in small letters", sheet(b'<c r="mmmmmmmmmmmm1"><v>1</v></c>')),
)


def measure(function, data):
    """Processor seconds, MiB, and how the process ended."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (CUT, CUT + 2))
        resource.setrlimit(resource.RLIMIT_AS, (4 * MEMORY * 2**20,) * 2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # Rust says at length why it ends
        try:
            function(data)
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status, used = os.wait4(child, 0)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def main(chosen=()):
    """Print a line for each bad shape; 1 when there are any."""
    functions = {name: function for name, function, _ in TARGETS}
    bad = 0
    for target, name, make in SHAPES:
        if chosen and not target.startswith(tuple(chosen)):
            continue
        small, _, ended = measure(functions[target], make(SMALL))
        large, memory = small, 0.0
        if ended == 0:
            large, memory, ended = measure(functions[target], make(LARGE))
        wrong = ended != 0 or large > SLOW or memory > MEMORY or (large > 1 and large > 7 * small)
        bad += wrong
        how = "" if ended == 0 else f", ended with {signal.Signals(-ended).name if ended < 0 else ended}"
        print(
            f"{'BAD' if wrong else 'ok '} {target}: {name}: {small:.1f} s, {large:.1f} s, {memory:.0f} MiB{how}",
            flush=True,
        )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
