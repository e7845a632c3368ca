"""One document: its name, then whatever its reader gives; no reader's failure goes further than a reason."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from importlib import import_module
from typing import BinaryIO

from agent import identify
from agent.extract.encoding import decide, decode
from agent.extract.reading import NotReadError, Reader, Reading
from config.verdict import Reason, Segment, Zone

_OPEN = "application/vnd.openxmlformats-officedocument."
_ODF = [kind + suffix for kind in ("text", "spreadsheet", "presentation", "graphics") for suffix in ("", "-template")]
_ODF += ["text-web", "text-master", "text-master-template", "chart", "formula"]
_SUN = [kind + suffix for kind in ("writer", "calc", "impress", "draw", "math") for suffix in ("", ".template")]
_SUN += ["writer.global"]
# Media type to the module whose `read` reads it. A format is added by one module and its lines here.
READERS = {
    identify.TEXT: "text.plain",
    "text/html": "text.web",
    "application/xml": "text.tagged",
    "image/svg+xml": "text.vector",
    identify.DRAWIO: "text.drawio",
    identify.WORD_2003: "ooxml.word2003",
    identify.EXCEL_2003: "ooxml.excel2003",
    identify.FLAT_OPC: "ooxml.flatopc",
    identify.WORD: "ooxml.word",
    identify.WORD_MACRO: "ooxml.word",
    _OPEN + "wordprocessingml.template": "ooxml.word",
    "application/vnd.ms-word.template.macroenabled.12": "ooxml.word",
    identify.EXCEL: "ooxml.excel",
    identify.EXCEL_MACRO: "ooxml.excel",
    identify.EXCEL_BINARY: "ooxml.excel",
    _OPEN + "spreadsheetml.template": "ooxml.excel",
    "application/vnd.ms-excel.template.macroenabled.12": "ooxml.excel",
    "application/vnd.ms-excel.addin.macroenabled.12": "ooxml.excel",
    identify.SLIDES: "ooxml.slides",
    identify.SLIDES_MACRO: "ooxml.slides",
    _OPEN + "presentationml.template": "ooxml.slides",
    _OPEN + "presentationml.slideshow": "ooxml.slides",
    "application/vnd.ms-powerpoint.slideshow.macroenabled.12": "ooxml.slides",
    "application/vnd.ms-powerpoint.template.macroenabled.12": "ooxml.slides",
    identify.PDF: "pages.pdf",
    identify.ZIP: "archive.zip",
    "application/java-archive": "archive.zip",
    identify.IWORK: "iwork.document",
    identify.EPUB: "book.epub",
    identify.FICTION: "book.fiction",
    "application/gzip": "archive.compressed",
    "application/x-bzip2": "archive.compressed",
    "application/x-xz": "archive.compressed",
    "application/zstd": "archive.compressed",
    "application/x-tar": "archive.tape",
    "application/vnd.ms-excel": "ole.xls",
    "application/msword": "ole.doc",
    "application/vnd.ms-powerpoint": "ole.ppt",
    "application/mbox": "mail.mbox",
    "application/vnd.ms-outlook": "mail.outlook",
    identify.OLE: "ole.box",
    "application/vnd.ms-visio.drawing.main+xml": "ooxml.visio",
    "application/vnd.ms-visio.drawing.macroenabled.main+xml": "ooxml.visio",
    identify.OFD: "pages.ofd",
    identify.XPS: "pages.xps",
    identify.FLAT_ODF: "opendocument.flat",
    "application/rtf": "text.rtf",
    "message/rfc822": "mail.message",
    **{f"application/vnd.oasis.opendocument.{kind}": "odf" for kind in _ODF},
    **{f"application/vnd.sun.xml.{kind}": "odf" for kind in _SUN},
}
# A codec is a module, loaded when first asked for. Those that documents and mail name.
_CODECS = [
    "ascii",
    "utf-7",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "utf-32-le",
    "utf-32-be",
    "latin-1",
]
_CODECS += [
    "gb18030",
    "gbk",
    "gb2312",
    "hz",
    "big5",
    "big5hkscs",
    "cp950",
    "cp932",
    "shift_jis",
    "euc_jp",
    "iso2022_jp",
]
_CODECS += [
    "cp949",
    "euc_kr",
    "johab",
    "iso2022_kr",
    "koi8-r",
    "koi8-u",
    "mac-roman",
    "cp437",
    "cp850",
    "cp852",
    "cp866",
]
_CODECS += [
    "cp874",
    "idna",
    "punycode",
    *(f"cp{page}" for page in range(1250, 1259)),
    "raw_unicode_escape",
    "unicode_escape",
]
_CODECS += [f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)]
EMPTY = "application/x-empty"


def preload() -> None:
    """Import every reader and every codec it may meet, before a sandbox closes the file system."""
    for name in sorted(set(READERS.values())):
        _reader(name)
    for name in _CODECS:
        codecs.lookup(name)
    message_from_bytes(b"Subject: x\n\nx", policy=default).get("Subject")  # the library loads its parts late


def read(file: BinaryIO, reading: Reading, name: str) -> Iterator[Segment]:
    """All text of one document: first its name, then its reader's segments. Damage becomes a reason, never an error."""
    yield Segment(name, "file name", Zone.NAME, lines=False)
    try:
        identity = identify.identify(file)
        reading.media_type = identity.media_type
        if identity.reason is not None:
            reading.miss(identity.reason)
        else:
            yield from _words(identity.media_type, file, reading)
            if identity.behind:
                yield from _words(identity.behind, file, reading)
    except NotReadError as problem:
        reading.miss(problem.reason, problem.part)
    except Exception as problem:  # noqa: BLE001 - a reader may fail in any way on a hostile file
        reading.fail(problem)
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":  # how Rust's panics arrive; not an Exception
            raise
        reading.fail(problem)


def _words(media_type: str, file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    if media_type in READERS:
        file.seek(0)
        for segment in _reader(READERS[media_type])(file, reading):
            reading.count(len(segment.text))
            yield segment
    elif media_type != EMPTY:
        reading.miss(Reason.OCR_OFF if media_type.startswith("image/") else Reason.UNSUPPORTED)


def name_text(name: bytes) -> str:
    """A file name as people read it; names from old disks and archives may be in GBK or Big5."""
    return decode(name, decide(name)[0])


def _reader(name: str) -> Reader:
    reader: Reader = import_module(f"agent.extract.{name}").read
    return reader
