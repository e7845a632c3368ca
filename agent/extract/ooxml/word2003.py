"""Word 2003 XML (Microsoft's "WordprocessingML Reference Schema" of 2003): one file, read as the later format is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.embedded import encoded
from agent.extract.markup import Element, local, parse, whole, words
from agent.extract.ooxml.flow import Flow, W
from agent.extract.ooxml.properties import labelled
from agent.extract.reading import Reading
from config.verdict import Segment, Zone

_OLD = "{http://schemas.microsoft.com/office/word/2003/wordml}"
_ASIDES = {
    W + "hdr": ("header", Zone.HEADER),
    W + "ftr": ("footer", Zone.FOOTER),
    W + "footnote": ("footnote", Zone.NOTE),
    W + "endnote": ("endnote", Zone.NOTE),
}
_COMMENT = "Word.Comment"
_COUNTS = ("Pages", "Words", "Characters", "CharactersWithSpaces", "Lines", "Paragraphs", "Version", "TotalTime")


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Headers, body by pages, footers, notes, comments, properties, embedded files."""
    root = parse(whole(file, reading), reading, "")
    if root is None:
        return
    _rename(root)
    binaries = [
        (str(item.get(W + "name") or "binary data"), item.text or "")
        for item in root.iter(W + "binData", W + "docOleData")
    ]
    asides = list(_take(root))
    for body in root.iterchildren(W + "body"):
        yield from Flow(body, "", Zone.BODY).segments()
    for element, where, zone in asides:
        yield from Flow(element, where, zone).segments()
    codes = "".join(code.text or "" for code in root.iter(W + "instrText", W + "delInstrText"))
    if '"' in codes:
        yield Segment(codes.strip(), "property:field codes", Zone.PROPERTY, lines=False)
    for group in root.iterchildren("{*}DocumentProperties", "{*}CustomDocumentProperties"):
        for item in group:
            if (text := " ".join(words(item))) and local(item) not in _COUNTS:
                yield labelled(local(item).replace("_x0020_", " "), text)
    for name, text in binaries:
        yield from encoded(text, name.rpartition("/")[2], reading)


def _rename(root: Element) -> None:
    """Elements and attributes under the names that they have had since 2007."""
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag.startswith(_OLD):
            element.tag = W + element.tag[len(_OLD) :]
        for key, value in element.attrib.items():
            if str(key).startswith(_OLD):
                del element.attrib[key]
                element.set(W + str(key)[len(_OLD) :], value)


def _take(root: Element) -> Iterator[tuple[Element, str, Zone]]:
    """What hangs on the text, taken out of it; what follows it stays."""
    for element in list(root.iter(*_ASIDES, "{*}annotation")):
        kind = str(element.get(W + "type") or "")
        if element.tag not in _ASIDES and kind != _COMMENT:
            continue
        parent = element.getparent()
        if parent is None:
            continue
        if element.tail:
            before = element.getprevious()
            if before is not None:
                before.tail = (before.tail or "") + element.tail
            else:
                parent.text = (parent.text or "") + element.tail
            element.tail = None
        parent.remove(element)
        where, zone = _ASIDES.get(str(element.tag), ("comment", Zone.NOTE))
        yield element, where, zone
