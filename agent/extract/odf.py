"""OpenDocument texts, sheets, presentations, drawings, and their templates (OASIS ODF 1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.markup import Element, local, parse, words
from agent.extract.ooxml import cells
from agent.extract.ooxml.leftovers import leftovers
from agent.extract.package import Package
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_LINES = (_TEXT + "p", _TEXT + "h")
_NOTES = {_OFFICE + "annotation": "comment", _TEXT + "note-body": "footnote"}
_SPACES = {_TEXT + "tab": "\t", _TEXT + "line-break": "\n", _TEXT + "s": " "}


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Headers and masters, the body (by slide where it has slides), notes and comments, properties; cells of sheets."""
    package = Package(file, reading)
    if b"manifest:encryption-data" in package.part("meta-inf/manifest.xml"):
        reading.miss(Reason.ENCRYPTED)
        return
    for name in [name for name in package.names if name.endswith("styles.xml")]:
        yield from _styles(package, name, reading)
    for name in [name for name in package.names if name.endswith("content.xml")]:
        yield from _content(package, name, reading)
    if b"opendocument.spreadsheet" in package.part("mimetype"):
        file.seek(0)
        yield from cells.workbook(file, reading)
    for data in package.parts("meta.xml"):
        root = parse(data, reading, "meta.xml")
        for item in () if root is None else root.iter():
            if (text := (item.text or "").strip()) and not local(item).endswith(("date", "duration", "cycles")):
                key = next(
                    (str(value) for name, value in item.attrib.items() if str(name).endswith("}name")), local(item)
                )
                yield Segment(text, f"property:{key}", Zone.PROPERTY, lines=False)
    package.used.update({"mimetype", "settings.xml", "manifest.rdf", "meta-inf/manifest.xml", "layout-cache"})
    package.used.update(name for name in package.names if name.startswith(("thumbnails/", "configurations2/")))
    yield from leftovers(package, reading, "")


def _styles(package: Package, name: str, reading: Reading) -> Iterator[Segment]:
    for data in package.parts(name):
        root = parse(data, reading, name)
        for master in () if root is None else root.iter("{*}master-page"):
            for child in master:
                kind = local(child)
                zone = Zone.HEADER if "header" in kind else Zone.FOOTER if "footer" in kind else Zone.MASTER
                if said := _lines(child):
                    yield Segment("\n".join(said), str(zone), zone)


def _content(package: Package, name: str, reading: Reading) -> Iterator[Segment]:
    for data in package.parts(name):
        root = parse(data, reading, name)
        if root is None:
            continue
        asides = list(_take_notes(root))
        slides = list(root.iter(_DRAW + "page"))
        for number, slide in enumerate(slides, 1):
            if said := _lines(slide):
                yield Segment("\n".join(said), f"slide {number}", page=number)
        if not slides and next(root.iter("{*}spreadsheet"), None) is None and (said := _lines(root)):
            yield Segment("\n".join(said), "body")
        elif not slides:
            for shape in root.iter("{*}shapes", "{*}frame", "{*}custom-shape"):
                if said := _lines(shape):
                    yield Segment("\n".join(said), "text box", Zone.TEXTBOX)
        yield from asides


def _take_notes(root: Element) -> Iterator[Segment]:
    """Notes and comments, taken out of the text they hang on; footers declared once for all slides."""
    for note in list(root.iter(*_NOTES)):
        said = _lines(note)
        parent = note.getparent()
        if parent is not None:
            tail, before = note.tail or "", note.getprevious()
            if before is not None:
                before.tail = (before.tail or "") + tail
            else:
                parent.text = (parent.text or "") + tail
            parent.remove(note)
        if said:
            yield Segment("\n".join(said), _NOTES[str(note.tag)], Zone.NOTE)
    for declared in root.iter("{*}footer-decl", "{*}header-decl"):
        if said := list(words(declared)):
            yield Segment("\n".join(said), "footer", Zone.FOOTER)


def _lines(root: Element) -> list[str]:
    """Paragraphs below an element; those in one table row are joined by tabs."""
    found: list[str] = []
    row: Element | None = None
    for paragraph in root.iter(*_LINES):
        text = _text(paragraph).strip("\n")
        if not text.strip():
            continue
        mine = next(paragraph.iterancestors(_TABLE + "table-row"), None)
        if mine is not None and mine is row:
            found[-1] += "\t" + text.replace("\n", " ")
        else:
            found.extend(line for line in text.split("\n") if line.strip())
        row = mine
    return found


def _text(paragraph: Element) -> str:
    parts = [paragraph.text or ""]
    for child in paragraph:
        if child.tag in _SPACES:
            parts.append(_SPACES[str(child.tag)])
        elif child.tag not in _LINES and next(child.iter(*_LINES), None) is None:
            parts.append(_text(child))
        parts.append(child.tail or "")
    return "".join(parts)
