"""PDF by pdfium, with pdfminer.six where pdfium cannot open a file that is not sealed (ISO 32000-1)."""

from __future__ import annotations

import ctypes
import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import pypdfium2
import pypdfium2.raw as pdfium

from agent.extract import dispatch, xmp
from agent.extract.image import recognised
from agent.extract.markup import parse, words
from agent.extract.ooxml.properties import LABEL_PREFIX, labelled
from agent.extract.pages import pdfobjects, pdfpage
from agent.extract.pages.sides import placed
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

_STAMPED = 200  # characters that a scanner or a server writes on a scan; one with a text layer has more
_SHEET = 0.5  # of the page, from which a picture on it is the page
_IN_MEMORY = 64 * 2**20  # bytes; larger files are read piece by piece as pdfium asks
_INFORMATION = (
    "Title",
    "Author",
    "Subject",
    "Keywords",
    "Creator",
    "Producer",
    "Trapped",
    "Company",
    "Manager",
    "Comments",
)
_DATES = {"CreationDate", "ModDate"}
_LABEL = re.compile(rb"/(MSIP_Label_[\w-]{1,80})")
_SEALED = (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Per page its lines, its notes and its form fields; then information, labels, bookmarks, attachments.

    Raises:
        NotReadError: sealed, and no password fits.
    """
    raw = file.read(_IN_MEMORY + 1)
    source: bytes | BinaryIO = raw
    if len(raw) > _IN_MEMORY:
        file.seek(0)
        source = file
    elif (start := raw.find(b"%PDF-")) > 0:
        source = raw = raw[start:]  # pdfium looks for the beginning in the first kilobyte only
    try:
        document = _opened(source, reading)
    except pypdfium2.PdfiumError as problem:
        if problem.err_code not in _SEALED and b"/Encrypt" in raw[-2048:]:
            raise NotReadError(Reason.ENCRYPTED) from None  # damaged as well
        document = _repaired(raw, reading)
        if document is None:
            yield from dispatch.module("pages.pdfslow", reading).read(io.BytesIO(raw), reading, problem)
            return
        reading.fail(problem)  # pages may be missing
    try:
        if document.get_formtype() == pdfium.FORMTYPE_ACRO_FORM:
            document.init_forms()
        yield from _pages(document, reading)
        yield from _about(document, pdfobjects.Objects(raw, reading), raw, reading)
        yield from _attachments(document, reading)
    finally:
        document.close()


def _opened(source: bytes | BinaryIO, reading: Reading) -> pypdfium2.PdfDocument:
    """Without a password, or with the first of the policy's that fits.

    Raises:
        NotReadError: no password fits.
        pypdfium2.PdfiumError: damaged.
    """
    for password in (None, *reading.ledger.passwords):
        try:
            return pypdfium2.PdfDocument(source, password)
        except pypdfium2.PdfiumError as problem:
            if problem.err_code not in _SEALED:
                raise
    raise NotReadError(Reason.PASSWORD if reading.ledger.passwords else Reason.ENCRYPTED)


def _repaired(raw: bytes, reading: Reading) -> pypdfium2.PdfDocument | None:
    """A file that lost its table of objects, with a new one; nothing when that does not help."""
    if len(raw) > _IN_MEMORY or not (again := pdfobjects.repaired(raw, reading)):
        return None
    try:
        document = pypdfium2.PdfDocument(again)
    except pypdfium2.PdfiumError:
        return None
    if len(document):
        return document
    document.close()
    return None


def _pages(document: pypdfium2.PdfDocument, reading: Reading) -> Iterator[Segment]:
    count = len(document)
    if count > reading.limits.max_pages:
        reading.miss(Reason.TOO_LARGE, f"page {reading.limits.max_pages + 1}")
        count = reading.limits.max_pages
    form = document.formenv.raw if document.formenv else None
    for index in range(count):
        reading.tick()
        number = index + 1
        page = pdfium.FPDF_LoadPage(document.raw, index)
        if not page:
            reading.miss(Reason.CORRUPT, f"page {number}")
            continue
        try:
            remarks = pdfpage.remarks(page, form, reading.limits.max_part)
            if remarks.drawn:
                # Flattening draws what annotations show into the page; it is read anew after that.
                pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
                pdfium.FPDF_ClosePage(page)
                page = pdfium.FPDF_LoadPage(document.raw, index)
            lines, sides = pdfpage.lines(page, sides=number == 1)
            seen: list[Segment] = []
            if _to_be_seen(page, lines):
                seen = list(recognised.page(page, number, reading, count - index))
        finally:
            pdfium.FPDF_ClosePage(page)
        yield from seen
        if lines:
            shown = placed(lines, sides)
            yield Segment("\n".join(lines), f"page {number}", page=number, sides=shown)
        yield from _hanging(remarks, number, reading)


def _hanging(remarks: pdfpage.Remarks, number: int, reading: Reading) -> Iterator[Segment]:
    """Notes, what is filled into fields, and files that are pinned to a page."""
    if remarks.notes:
        yield Segment("\n".join(remarks.notes), f"page {number} annotation", Zone.NOTE, number)
    if remarks.fields:
        yield Segment("\n".join(remarks.fields), f"page {number} form field", Zone.BODY, number)
    for name, reason in remarks.lost:
        reading.miss(reason, name)
    for name, data in remarks.files:
        reading.unpack(len(data), name)
        yield from reading.inner(name, io.BytesIO(data))


def _to_be_seen(page: Any, lines: list[str]) -> bool:
    """Whether a page shows text that it does not say: a picture, nonsense, or a scan with a line of its scanner's."""
    if not lines:
        return pdfpage.pictured(page)
    return pdfpage.doubtful(lines) or (sum(map(len, lines)) < _STAMPED and pdfpage.covered(page) > _SHEET)


def _about(
    document: pypdfium2.PdfDocument, objects: pdfobjects.Objects, raw: bytes, reading: Reading
) -> Iterator[Segment]:
    values = {key: text for key, text in objects.information.items() if key not in _DATES}
    # The scan does not see what stands elsewhere by reference, nor into a file that is sealed.
    asked = (*_INFORMATION, *(name.decode("ascii") for name in _LABEL.findall(raw if objects.sealed else b"")))
    for key in dict.fromkeys(asked):
        if key not in values and (not objects.dictionary or b"/" + key.encode() in objects.dictionary):
            values[key] = document.get_metadata_value(key)
    for key, text in sorted(values.items(), key=lambda item: not item[0].lower().startswith(LABEL_PREFIX)):
        if text.strip():
            yield labelled(key, text)
    packets = {packet for data in (raw, *objects.packets) for packet in xmp.packets(data)}
    for packet in sorted(packets):
        yield from xmp.said(packet, reading)
    outlined = objects.sealed or objects.packed or b"/Outlines" in raw
    contents = document.get_toc(max_depth=8) if outlined else ()
    titles = [title for item in contents if (title := item.get_title().strip())]
    if titles:
        yield Segment("\n".join(titles), "property:Outline", Zone.PROPERTY, lines=False)
    for place, said in objects.said.items():
        zone = Zone.PROPERTY if place.startswith("property") else Zone.BODY if place == "form field" else Zone.NOTE
        yield Segment("\n".join(said), place, zone, lines=zone is not Zone.PROPERTY)
    yield from _forms(document, reading)


def _forms(document: pypdfium2.PdfDocument, reading: Reading) -> Iterator[Segment]:
    """The packets of an XFA form; its pages only say that another program is needed (ISO 32000-1, 12.7.8)."""
    for index in range(max(0, pdfium.FPDF_GetXFAPacketCount(document.raw))):
        size = ctypes.c_ulong()
        pdfium.FPDF_GetXFAPacketContent(document.raw, index, None, 0, size)
        if not 0 < size.value <= reading.limits.max_part:
            continue
        data = ctypes.create_string_buffer(size.value)
        pdfium.FPDF_GetXFAPacketContent(document.raw, index, data, size.value, size)
        root = parse(data.raw, reading, "XFA") if data.raw.lstrip()[:1] == b"<" else None
        if root is not None and (said := list(words(root))):
            yield Segment("\n".join(said), "form field")


def _attachments(document: pypdfium2.PdfDocument, reading: Reading) -> Iterator[Segment]:
    for index in range(document.count_attachments()):
        name = f"attachment {index + 1}"
        try:
            attachment = document.get_attachment(index)
            name = attachment.get_name() or name
            data = bytes(attachment.get_data())
        except pypdfium2.PdfiumError as problem:
            reading.fail(problem, name)
            continue
        reading.unpack(len(data), name)
        yield from reading.inner(name, io.BytesIO(data))
