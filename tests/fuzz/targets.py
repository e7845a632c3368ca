"""The parsers that the guided fuzzer feeds, each as a function of bytes. A new parser is one line in ``TARGETS``.

A target puts the bytes where the parser meets them, such as in one stream of a compound file, so that the fuzzer need
not invent the container. What :func:`agent.extract.dispatch.read` makes a reason of is no finding here either.
"""

import io
import struct
import zipfile

import olefile

from agent import identify, media
from agent.extract import dispatch, encoding, lotus, odf
from agent.extract.book import palm
from agent.extract.database import access, dbase, sqlite
from agent.extract.image import metafile
from agent.extract.image import read as picture
from agent.extract.iwork import iwa
from agent.extract.kits import Kit
from agent.extract.mail import emlx, mbox, message, outlook, smime, tnef
from agent.extract.markup import parse
from agent.extract.ole import biffcells, box, doc, hwp, officeart, ppt, properties, publisher, visio, works, xls
from agent.extract.onenote import section
from agent.extract.ooxml import excel, sheetstream, slides, word
from agent.extract.package import Package
from agent.extract.pages import ofd, pdf, pdfobjects, xps
from agent.extract.reading import Ledger, Reading
from agent.extract.text import card, plain, rtf, tagged, web, wordperfect
from config.limits import Limits
from tests import documents, old_documents, xml_documents
from tests.fuzz.seeds import seeds

MIB = 2**20
# The clock is far away, so that it does not hide what is slow.
LIMITS = Limits(seconds=3600, max_part=8 * MIB, max_held=32 * MIB, max_unpacked=32 * MIB, max_members=500, max_pages=20)
LONGEST = 64 * 1024  # bytes of one input


def reading():
    """A document about to be read."""
    return Reading(Ledger(LIMITS, kit=Kit.RARE), dispatch.read)


def attempt(read, file):
    """Read as the dispatcher does: any failure of a reader is a reason."""
    document = reading()
    try:
        for segment in read(file, document):
            segment.at(len(segment.text))
    except Exception as problem:
        document.fail(problem)
    if not document.ledger.coverage.inspected:
        assert document.ledger.reasons


def whole(read):
    """The bytes are the file."""
    return lambda data: attempt(read, io.BytesIO(data))


def stream(read, *names):
    """The bytes are the streams of a compound file, one after another, each but the last behind its length."""

    def target(data):
        found = {}
        for name in names[:-1]:
            size = int.from_bytes(data[:2], "little")
            found[name], data = data[2 : 2 + size], data[2 + size :]
        found[names[-1]] = data
        attempt(read, io.BytesIO(documents.ole(found)))

    return target


def part(read, package, name):
    """The bytes are one part of a package."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        others = {other: archive.read(other) for other in archive.namelist() if other != name}

    def target(data):
        attempt(read, io.BytesIO(documents.zipped({**others, name: data}, method=zipfile.ZIP_STORED)))

    return target


def called(function):
    """The bytes go to a function that readers call; what it raises is a reason in its reader."""

    def target(data):
        try:
            function(data)
        except Exception as problem:
            reading().fail(problem)

    return target


def _decided(data):
    for name in encoding.decide(data):
        encoding.decode(data, name)
    encoding.is_text(data)


def _identified(data):
    assert identify.identify(io.BytesIO(data)).media_type  # damage inside never raises


def _properties(file, document):
    with olefile.OleFileIO(file) as storage:
        yield from properties.properties(storage, document)


def _iwa(data):
    for found in iwa.messages(data, reading(), "x"):
        list(iwa.strings(found.data))
        list(iwa.references(found.data))


def _objects(data):
    found = pdfobjects.Objects(data, reading())
    assert found.information is not None
    pdfobjects.repaired(data, reading())


def _art(data):
    list(officeart.texts(data))
    list(officeart.table(data, len(data) // 7))
    list(officeart.pictures(data, reading(), "x"))


def _sheet(file, document):
    package = Package(file, document)
    sheetstream.survey(package, _SHEET, document)
    for _ in sheetstream.rows(package, _SHEET, document):
        pass
    yield from ()


def _package(file, document):
    package = Package(file, document)
    assert package.comment is not None
    for name in package.names:
        for content in package.parts(name):
            parse(content, document, name)
        package.links(name)
    for name, member in package.members:
        yield from package.inner(name, member)


_SHEET = "xl/worksheets/sheet1.xml"
_WORD, _EXCEL, _SLIDES = documents.word("x", header="h"), documents.excel([["x"]]), documents.slides("x")
_ODF, _OFD = old_documents.odf("text", "<text:p/>"), old_documents.ofd(("x", 1, 1))
_XPS = xml_documents.xps("")
_PAGE = "Doc_0/Pages/Page_0/Content.xml"
_ABOUT = ("\x05SummaryInformation", "\x05DocumentSummaryInformation")

# Name, what is fuzzed, and where its seeds are found: media type of whole files, and parts or streams in them.
TARGETS = (
    ("ole.doc", stream(doc.read, "1Table", "WordDocument"), ("application/msword", ("1Table", "WordDocument"))),
    ("ole.ppt", stream(ppt.read, "PowerPoint Document"), ("application/vnd.ms-powerpoint", ("PowerPoint Document",))),
    ("ole.xls", stream(xls.read, "Workbook"), ("application/vnd.ms-excel", ("Workbook",))),
    (
        "ole.biffcells",
        called(lambda data: list(biffcells.sheets(data, reading()))),
        ("application/vnd.ms-excel", ("Workbook",)),
    ),
    (
        "ole.publisher",
        stream(publisher.read, "Contents", "Quill/QuillSub/CONTENTS"),
        ("application/x-mspublisher", ("Contents", "Quill/QuillSub/CONTENTS")),
    ),
    ("ole.visio", stream(visio.read, "VisioDocument"), ("application/vnd.visio", ("VisioDocument",))),
    ("ole.works", stream(works.read, "CONTENTS"), ("application/vnd.ms-works", ("CONTENTS",))),
    (
        "ole.hwp",
        stream(hwp.read, "FileHeader", "DocInfo", "BodyText/Section0"),
        ("application/x-hwp", ("FileHeader", "DocInfo", "BodyText/Section0")),
    ),
    ("ole.officeart", called(_art), ("application/vnd.ms-powerpoint", ("PowerPoint Document",))),
    ("ole.properties", stream(_properties, *_ABOUT), ("application/", _ABOUT)),
    ("ole.box", stream(box.read, "\x01Ole10Native"), (media.OLE, ("\x01Ole10Native",))),
    ("text.rtf", whole(rtf.read), ("application/rtf", ())),
    ("text.tagged", whole(tagged.read), ("application/xml", ())),
    ("text.card", whole(card.read), ("text/", ())),
    ("text.wordperfect", whole(wordperfect.read), ("application/vnd.wordperfect", ())),
    ("lotus", whole(lotus.read), ("application/x-lotus", ())),
    ("text.plain", whole(plain.read), ("text/plain", ())),
    ("text.web", whole(web.read), ("text/html", ())),
    ("encoding.decide", _decided, ("text/", ())),
    ("mail.mbox", whole(mbox.read), ("application/mbox", ())),
    ("mail.message", whole(message.read), ("message/rfc822", ())),
    ("mail.outlook", whole(outlook.read), ("application/vnd.ms-outlook", ())),
    ("mail.tnef", whole(tnef.read), ("application/vnd.ms-tnef", ())),
    ("mail.smime", whole(smime.read), ("application/pkcs7-mime", ())),
    ("mail.emlx", whole(emlx.read), ("message/", ())),
    ("onenote", whole(section.read), ("application/onenote", ())),
    ("book.palm", whole(palm.read), ("application/x-mobipocket-ebook", ())),
    ("database.access", whole(access.read), ("application/x-msaccess", ())),
    ("database.sqlite", whole(sqlite.read), ("application/vnd.sqlite3", ())),
    ("database.dbase", whole(dbase.read), ("application/x-dbase", ())),
    ("iwork.iwa", called(_iwa), ("application/vnd.apple.iwork", ("Index/Document.iwa",))),
    ("pages.pdf", whole(pdf.read), (media.PDF, ())),
    ("pages.pdfobjects", called(_objects), (media.PDF, ())),
    ("pages.xps", part(xps.read, _XPS, "Documents/1/Pages/1.fpage"), (media.XPS, ("Documents/1/Pages/1.fpage",))),
    ("pages.ofd", part(ofd.read, _OFD, _PAGE), (media.OFD, (_PAGE,))),
    ("odf", part(odf.read, _ODF, "content.xml"), ("application/vnd.oasis.opendocument.", ("content.xml",))),
    ("ooxml.word", part(word.read, _WORD, "word/document.xml"), (media.WORD, ("word/document.xml",))),
    ("ooxml.excel", part(excel.read, _EXCEL, _SHEET), (media.EXCEL, (_SHEET,))),
    (
        "ooxml.slides",
        part(slides.read, _SLIDES, "ppt/slides/slide1.xml"),
        (media.SLIDES, ("ppt/slides/slide1.xml",)),
    ),
    ("sheetstream", part(_sheet, _EXCEL, _SHEET), (media.EXCEL, (_SHEET,))),
    ("image", whole(picture.read), ("image/", ())),
    ("image.metafile", whole(metafile.read), ("image/", ())),
    ("package", whole(_package), ("application/zip", ())),
    ("identify", _identified, ("", ())),
)


def begin(media_type, parts):
    """The inputs a target begins with: at most 200, none longer than ``LONGEST``."""
    found = []
    for seed in seeds():
        known = identify.identify(io.BytesIO(seed.data)).media_type
        if known.startswith(media_type):
            data = _parts(seed.data, parts) if parts else seed.data
            if data and len(data) <= LONGEST:
                found.append(data)
    return sorted(found, key=len)[:200]


def _parts(data, names):
    """The named parts or streams of a file in the shape that its target takes apart; empty where none is there."""
    pieces = []
    try:
        if data.startswith(olefile.MAGIC):
            with olefile.OleFileIO(io.BytesIO(data)) as storage:
                pieces = [storage.openstream(name).read() if storage.exists(name) else b"" for name in names]
        else:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                pieces = [archive.read(name) for name in names]
    except Exception:
        return b""
    if not any(pieces) or any(len(piece) > 0xFFFF for piece in pieces[:-1]):
        return b""
    return b"".join(struct.pack("<H", len(piece)) + piece for piece in pieces[:-1]) + pieces[-1]
