"""One page of a PDF through pdfium: its lines as a reader sees them, its notes, its fields, whether it is a picture."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pypdfium2.raw as pdfium

from agent.extract.pages.sides import Place, side
from config.verdict import Reason, Side

_BLOCKS = 400  # more of them are drawn word by word, in an order that helps nobody; then it is kept
_GAP = 3  # line heights between two blocks
_APART = 3  # line heights within a line, after which something else begins
_SPACE = re.compile(r"(?<=\S) +(?=\S)")
_STROKES = 40  # text drawn as outlines takes at least so many paths
_HIDDEN = {pdfium.FPDF_ANNOT_POPUP, pdfium.FPDF_ANNOT_LINK}
# Filled anew for every character: to make them takes longer than to ask.
_EDGES = _LEFT, _RIGHT, _BOTTOM, _TOP = ctypes.c_double(), ctypes.c_double(), ctypes.c_double(), ctypes.c_double()
_POINTERS = tuple(ctypes.pointer(edge) for edge in _EDGES)
_FEWEST_HAN = 8  # different ones; fewer say nothing about a page
_OBJECTS = 10_000  # of a page or form; beyond that it is a drawing
_PICTURES = (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING)
_MOST_COUNTED = 200  # different ones; a page has no more glyphs that stand for nothing
_UNREADABLE = re.compile("[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]")
# The first level of each national set: what is written in earnest. Others mostly come from glyphs without a meaning.
_COMMON = frozenset(
    bytes((lead, trail)).decode(codec, "ignore")
    for codec, leads, trails in (
        ("gb2312", range(0xB0, 0xD8), range(0xA1, 0xFF)),
        ("big5", range(0xA4, 0xC7), (*range(0x40, 0x7F), *range(0xA1, 0xFF))),
        ("euc_jp", range(0xB0, 0xD0), range(0xA1, 0xFF)),
    )
    for lead in leads
    for trail in trails
)


class _Line(msgspec.Struct):
    """A line, its first character on the page, where it begins and ends from the left, and its height."""

    text: str
    start: int
    left: float
    right: float
    height: float


class _Block(msgspec.Struct):
    """Lines that follow each other downwards without a large gap; in points, counted from the lower left corner."""

    lines: list[_Line]
    left: float
    right: float
    bottom: float
    top: float

    def stands_above(self, other: _Block) -> bool:
        """Above and over it: what stands beside it, in another column, is not above."""
        return self.bottom >= other.top - 2 and self.left < other.right and other.left < self.right


def lines(page: Any, *, sides: bool = False) -> tuple[list[str], dict[Place, Side]]:
    """The lines of a page from top to bottom, columns one after another, empty ones left out.

    With ``sides`` also which of them, or of their parts behind a wide gap, do not stand at the left.
    """
    text_page = pdfium.FPDFText_LoadPage(page)
    if not text_page:
        return [], {}
    try:
        count = pdfium.FPDFText_CountChars(text_page)
        if count <= 0:
            return [], {}
        buffer = (ctypes.c_ushort * (count + 1))()
        written = pdfium.FPDFText_GetText(text_page, 0, count, buffer)
        raw = bytes(buffer)[: 2 * max(0, written - 1)]
        text = raw.decode("utf-16-le", "replace")
        found = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufffe", "").replace("\x02", "").split("\n")
        if len(raw) // 2 != count or len(text) != count:  # offsets do not fit characters: the order stays as drawn
            return [line for line in found if line.strip()], {}
        placed = _ordered(text, text_page, pdfium.FPDFPage_GetRotation(page))
        return [line.text for line in placed], _sides(placed, page, text_page) if sides else {}
    finally:
        pdfium.FPDFText_ClosePage(text_page)


def _ordered(text: str, text_page: Any, turned: int) -> list[_Line]:
    """Lines put into blocks, blocks put above those they stand above: a header drawn last still comes first."""
    blocks: list[_Block] = []
    offset = 0
    for line in text.split("\n"):
        start, offset = offset, offset + len(line) + 1
        shown = line.strip()
        if not shown:
            continue
        start += line.index(shown)
        left, right, bottom, top = _box(text_page, start, turned)
        last_left, last_right, _, _ = _box(text_page, start + len(shown) - 1, turned)
        left, right = min(left, last_left), max(right, last_right)
        shown = shown.replace("\ufffe", "").replace("\x02", "")
        last = blocks[-1] if blocks else None
        if last is not None and last.bottom + 1 >= top >= last.bottom - _GAP * (top - bottom):
            last.lines.append(_Line(shown, start, left, right, top - bottom))
            last.left, last.right, last.bottom = min(last.left, left), max(last.right, right), min(last.bottom, bottom)
        else:
            blocks.append(_Block([_Line(shown, start, left, right, top - bottom)], left, right, bottom, top))
    if 1 < len(blocks) <= _BLOCKS:
        blocks = _sort(blocks)
    return [line for block in blocks for line in block.lines]


def _sides(lines: list[_Line], page: Any, text_page: Any) -> dict[Place, Side]:
    """Where lines stand that do not stand at the left of the page as it is shown, and what is set apart in them."""
    bounds = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page, bounds):
        return {}
    turned, width = pdfium.FPDFPage_GetRotation(page) % 4, pdfium.FPDF_GetPageWidthF(page)
    begin = (bounds.left, bounds.bottom, -bounds.right, -bounds.top)[turned]
    found: dict[Place, Side] = {}
    for number, line in enumerate(lines):
        if where := side(line.left - begin, line.right - begin, width):
            found[number, 0] = where
        for space in _SPACE.finditer(line.text):
            before, behind = line.start + space.start() - 1, line.start + space.end()
            right, left = _box(text_page, before, turned)[1], _box(text_page, behind, turned)[0]
            if left - right >= _APART * line.height and left - begin >= width / 2:
                found[number, space.end()] = Side.RIGHT
    return found


def _box(text_page: Any, index: int, turned: int) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of one character on the page as it is shown, turned by quarters to the right."""
    pdfium.FPDFText_GetCharBox(text_page, index, *_POINTERS)
    left, right, bottom, top = _LEFT.value, _RIGHT.value, _BOTTOM.value, _TOP.value
    if turned == 1:
        return bottom, top, -right, -left
    if turned == 2:
        return -right, -left, -top, -bottom
    if turned == 3:
        return -top, -bottom, left, right
    return left, right, bottom, top


def doubtful(lines: list[str]) -> bool:
    """Whether the text of a page is none: fonts that do not tell what they mean give rare Han or no characters."""
    text = "".join(lines)
    letters = set(text)
    han = {letter for letter in letters if "\u3400" <= letter <= "\u9fff"}
    if len(han) >= _FEWEST_HAN and 2 * len(han - _COMMON) > len(han):
        return True
    senseless = [letter for letter in letters if _UNREADABLE.match(letter)]
    return 2 * sum(map(text.count, senseless[:_MOST_COUNTED])) > len(text.replace(" ", ""))


def _sort(blocks: list[_Block]) -> list[_Block]:
    placed: list[_Block] = []
    for block in blocks:
        at = next((index for index, other in enumerate(placed) if block.stands_above(other)), len(placed))
        placed.insert(at, block)
    return placed


class Remarks(msgspec.Struct):
    """What hangs on a page."""

    notes: list[str] = []
    fields: list[str] = []
    files: list[tuple[str, bytes]] = []
    lost: list[tuple[str, Reason]] = []  # files that could not be taken out
    drawn: bool = False  # some may show words of their own


def remarks(page: Any, form: Any, most: int) -> Remarks:
    """What notes say, what is filled into fields, and files of at most ``most`` bytes that are pinned to the page."""
    found = Remarks()
    for index in range(max(0, pdfium.FPDFPage_GetAnnotCount(page))):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            kind = pdfium.FPDFAnnot_GetSubtype(annotation)
            found.drawn |= kind not in _HIDDEN
            if kind == pdfium.FPDF_ANNOT_WIDGET:
                if form and (value := _text(lambda b, n: pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, b, n))):  # noqa: B023
                    name = _text(lambda b, n: pdfium.FPDFAnnot_GetFormFieldName(form, annotation, b, n))  # noqa: B023
                    found.fields.append(f"{name}: {value}" if name else value)
            elif kind != pdfium.FPDF_ANNOT_POPUP and (note := _string(annotation, b"Contents")):
                found.notes.append(note)
            if kind == pdfium.FPDF_ANNOT_FILEATTACHMENT and (pinned := pdfium.FPDFAnnot_GetFileAttachment(annotation)):
                _pinned(pinned, most, found)
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
    return found


def _pinned(attachment: Any, most: int, found: Remarks) -> None:
    name = _text(lambda buffer, size: pdfium.FPDFAttachment_GetName(attachment, buffer, size)) or "attachment"
    size = ctypes.c_ulong()
    if not pdfium.FPDFAttachment_GetFile(attachment, None, 0, size):
        found.lost.append((name, Reason.CORRUPT))
    elif size.value > most:
        found.lost.append((name, Reason.TOO_LARGE))
    elif size.value:
        data = ctypes.create_string_buffer(size.value)
        pdfium.FPDFAttachment_GetFile(attachment, data, size.value, size)
        found.files.append((name, data.raw))


def _string(annotation: Any, key: bytes) -> str:
    return _text(lambda buffer, size: pdfium.FPDFAnnot_GetStringValue(annotation, key, buffer, size))


def _text(ask: Callable[[Any, int], int]) -> str:
    """A string by pdfium's two steps: its length in bytes with a closing zero, then itself in UTF-16."""
    size = ask(None, 0)
    if size <= 2:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    ask(buffer, size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", "replace").replace("\r", "\n").strip()


def pictured(page: Any) -> bool:
    """Whether a page without text shows something that may be text: a picture, or many drawn strokes."""
    strokes = 0
    for kind, _ in _drawn(page, pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject):
        if kind in _PICTURES:
            return True
        strokes += kind == pdfium.FPDF_PAGEOBJ_PATH
    return strokes >= _STROKES


def covered(page: Any) -> float:
    """The share of a page that its largest picture covers; a form with a picture in it is one."""
    area = pdfium.FPDF_GetPageWidthF(page) * pdfium.FPDF_GetPageHeightF(page)
    largest = 0.0
    for kind, item in _drawn(page, pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject, depth=0):
        if kind == pdfium.FPDF_PAGEOBJ_FORM:
            inside = _drawn(item, pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject)
            if not any(below in _PICTURES for below, _ in inside):
                continue
        elif kind != pdfium.FPDF_PAGEOBJ_IMAGE:
            continue
        left, bottom, right, top = (ctypes.c_float() for _ in range(4))
        if pdfium.FPDFPageObj_GetBounds(item, left, bottom, right, top):
            largest = max(largest, (right.value - left.value) * (top.value - bottom.value))
    return largest / area if area > 0 else 0.0


def _drawn(
    holder: Any, count: Callable[[Any], int], get: Callable[[Any, int], Any], *, depth: int = 4
) -> Iterator[Any]:
    """Kind and object of all that a page or form draws, in forms down to ``depth`` as well."""
    waiting = [(holder, count, get, depth)]
    while waiting:
        holder, count, get, depth = waiting.pop()
        for index in range(min(count(holder), _OBJECTS)):
            item = get(holder, index)
            kind = pdfium.FPDFPageObj_GetType(item)
            yield kind, item
            if kind == pdfium.FPDF_PAGEOBJ_FORM and depth:
                waiting.append((item, pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject, depth - 1))
