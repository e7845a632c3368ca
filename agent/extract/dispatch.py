"""One document: its name, then whatever its reader gives; no reader's failure goes further than a reason."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from importlib import import_module
from typing import Any, BinaryIO

from agent import identify, media
from agent.extract.encoding import decide, decode
from agent.extract.forward import Forward
from agent.extract.image import ocr
from agent.extract.kits import Kit
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

_OPEN = "application/vnd.openxmlformats-officedocument."
_ODF = [kind + suffix for kind in ("text", "spreadsheet", "presentation", "graphics") for suffix in ("", "-template")]
_ODF += ["text-web", "text-master", "text-master-template", "chart", "formula"]
_SUN = [kind + suffix for kind in ("writer", "calc", "impress", "draw", "math") for suffix in ("", ".template")]
_SUN += ["writer.global"]
_PICTURES = [
    "png",
    "jpeg",
    "gif",
    "tiff",
    "webp",
    "heic",
    "heif",
    "avif",
    "bmp",
    "jp2",
    "x-icon",
    "vnd.adobe.photoshop",
]
# Media type to the module whose `read` reads it. A format is added by one module and its lines here.
READERS = {
    media.TEXT: "text.plain",
    "text/html": "text.web",
    "application/xml": "text.tagged",
    "image/svg+xml": "text.vector",
    media.DRAWIO: "text.drawio",
    media.WORD_2003: "ooxml.word2003",
    media.EXCEL_2003: "ooxml.excel2003",
    media.FLAT_OPC: "ooxml.flatopc",
    media.WORD: "ooxml.word",
    media.WORD_MACRO: "ooxml.word",
    _OPEN + "wordprocessingml.template": "ooxml.word",
    "application/vnd.ms-word.template.macroenabled.12": "ooxml.word",
    media.EXCEL: "ooxml.excel",
    media.EXCEL_MACRO: "ooxml.excel",
    media.EXCEL_BINARY: "ooxml.excel",
    _OPEN + "spreadsheetml.template": "ooxml.excel",
    "application/vnd.ms-excel.template.macroenabled.12": "ooxml.excel",
    "application/vnd.ms-excel.addin.macroenabled.12": "ooxml.excel",
    media.SLIDES: "ooxml.slides",
    media.SLIDES_MACRO: "ooxml.slides",
    _OPEN + "presentationml.template": "ooxml.slides",
    _OPEN + "presentationml.slideshow": "ooxml.slides",
    "application/vnd.ms-powerpoint.slideshow.macroenabled.12": "ooxml.slides",
    "application/vnd.ms-powerpoint.template.macroenabled.12": "ooxml.slides",
    media.PDF: "pages.pdf",
    media.ZIP: "archive.zip",
    "application/java-archive": "archive.zip",
    media.IWORK: "iwork.document",
    media.EPUB: "book.epub",
    media.FICTION: "book.fiction",
    **dict.fromkeys(
        (
            media.GZIP,
            media.BZIP2,
            media.XZ,
            media.LZMA,
            media.LZIP,
            media.ZSTD,
            media.LZ4,
            media.COMPRESS,
        ),
        "archive.compressed",
    ),
    **dict.fromkeys(
        (
            media.SEVEN_ZIP,
            media.RAR,
            media.TAR,
            media.CAB,
            media.ISO,
            media.CPIO,
            media.AR,
            media.LZH,
            media.WARC,
            media.RPM,
        ),
        "archive.stream",
    ),
    **dict.fromkeys((media.ZLIB, media.GIT_PACK), "archive.git"),
    **dict.fromkeys((media.VIM_SWAP, media.JOURNAL), "text.scattered"),
    **dict.fromkeys((media.CHM, media.ARJ, media.XAR, media.DISK), "archive.sevenzip"),
    "application/vnd.ms-excel": "ole.xls",
    "application/msword": "ole.doc",
    "application/vnd.ms-powerpoint": "ole.ppt",
    "application/mbox": "mail.mbox",
    "message/x-emlx": "mail.emlx",
    "application/vnd.ms-tnef": "mail.tnef",
    "application/pkcs7-mime": "mail.smime",
    "text/calendar": "text.card",
    "text/vcard": "text.card",
    "application/vnd.ms-outlook": "mail.outlook",
    media.OLE: "ole.box",
    "application/vnd.ms-project": "ole.box",
    "application/x-mspublisher": "ole.publisher",
    "application/vnd.visio": "ole.visio",
    "application/vnd.ms-works": "ole.works",
    "application/vnd.lotus-1-2-3": "lotus",
    "application/x-hwp": "ole.hwp",
    "application/hwp+zip": "hwpx",
    "application/vnd.ms-visio.drawing.main+xml": "ooxml.visio",
    "application/vnd.ms-visio.drawing.macroenabled.main+xml": "ooxml.visio",
    media.OFD: "pages.ofd",
    media.XPS: "pages.xps",
    media.FLAT_ODF: "opendocument.flat",
    "application/rtf": "text.rtf",
    **dict.fromkeys((f"image/{kind}" for kind in _PICTURES), "image.read"),
    "image/emf": "image.metafile",
    "image/wmf": "image.metafile",
    "message/rfc822": "mail.message",
    "application/vnd.sqlite3": "database.sqlite",
    "application/vnd.sqlite3-wal": "database.sqlite",
    "application/x-msaccess": "database.access",
    "application/x-dbase": "database.dbase",
    "application/x-mobipocket-ebook": "book.palm",
    "application/vnd.palm": "book.palm",
    "application/vnd.wordperfect": "text.wordperfect",
    "application/onenote": "onenote.section",
    **{f"application/vnd.oasis.opendocument.{kind}": "odf" for kind in _ODF},
    **{f"application/vnd.sun.xml.{kind}": "odf" for kind in _SUN},
}
# Readers that only a larger kit has loaded.
_RARE = {"archive.sevenzip", "ole.hwp", "pages.pdfslow", "sealed"}
# What a password of the policy may open as a whole; archives and PDF do that themselves, member by member.
_SEALABLE = {
    media.PROTECTED,
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
}
_FORWARD = {media.TEXT, media.TAR, media.CPIO, media.AR, media.WARC} | {
    media_type for media_type, name in READERS.items() if name == "archive.compressed"
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
_CODECS += ["iso2022_jp_2", "iso2022_jp_ext", "euc_jis_2004", "shift_jisx0213", "cp037"]
_CODECS += [f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)]
EMPTY = "application/x-empty"


def preload(kit: Kit) -> None:
    """Import every reader of a kit and every codec it may meet, before a sandbox closes the file system."""
    for name in sorted({*READERS.values(), *_RARE}):
        if kit >= Kit.RARE or name not in _RARE:
            import_module(f"agent.extract.{name}")
    if kit >= Kit.OCR:
        ocr.start()
    for name in _CODECS:
        codecs.lookup(name)


def read(file: BinaryIO, reading: Reading, name: str) -> Iterator[Segment]:
    """All text of one document: first its name, then its reader's segments. Damage becomes a reason, never an error."""
    yield Segment(name, "file name", Zone.NAME, lines=False)
    try:
        yield from _content(file, reading)
    except NotReadError as problem:
        reading.miss(problem.reason, problem.part)
    except Exception as problem:  # noqa: BLE001 - a reader may fail in any way on a hostile file
        reading.fail(problem)
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":  # how Rust's panics arrive; not an Exception
            raise
        reading.fail(problem)


def _content(file: BinaryIO, reading: Reading, *, unsealed: bool = False) -> Iterator[Segment]:
    identity = identify.identify(io.BytesIO(file.head) if isinstance(file, Forward) else file)
    reading.media_type = reading.media_type or identity.media_type
    try:
        yield from _words(identity.media_type, file, reading)
        if identity.behind:
            yield from _words(identity.behind, file, reading)
    except NotReadError as problem:
        if problem.reason is not Reason.ENCRYPTED or problem.part or unsealed or identity.media_type not in _SEALABLE:
            raise
        opened = module("sealed", reading).opened(file, reading)
        yield from _content(opened, reading, unsealed=True)


def _words(media_type: str, file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    if media_type in media.SEALED:
        raise NotReadError(Reason.ENCRYPTED)
    if isinstance(file, Forward) and media_type not in _FORWARD:
        raise NotReadError(Reason.TOO_LARGE)
    if media_type in READERS:
        file.seek(0)
        for segment in module(READERS[media_type], reading).read(file, reading):
            reading.ledger.said = True
            yield segment
        while reading.late:
            yield from reading.late.pop(0)
    elif media_type != EMPTY:
        reading.miss(Reason.UNSUPPORTED)


def goes_forward(head: bytes) -> bool:
    """Whether a document that begins so can be read as a stream."""
    return identify.identify(io.BytesIO(head)).media_type in _FORWARD


def name_text(name: bytes) -> str:
    """A file name as people read it; names from old disks and archives may be in GBK or Big5."""
    return decode(name, decide(name)[0])


def module(name: str, reading: Reading) -> Any:
    """A reader's module, such as ``pages.pdfslow``.

    Raises:
        NeedsKitError: this worker has not loaded it.
    """
    if name in _RARE:
        reading.need(Kit.RARE)
    return import_module(f"agent.extract.{name}")
