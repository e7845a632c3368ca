"""Visio drawings of 2013 and later: the words of all pages and masters ([MS-VSDX] 2.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.markup import Element, parse
from agent.extract.ooxml.leftovers import leftovers
from agent.extract.ooxml.properties import properties
from agent.extract.package import Package
from agent.extract.reading import Reading
from config.verdict import Segment, Zone

_PAGE = re.compile(r"visio/(?:pages/page(\d+)|masters/master\d+)\.xml")
_LISTS = ("visio/pages/pages.xml", "visio/masters/masters.xml", "visio/document.xml")
_V = "{http://schemas.microsoft.com/office/visio/2012/main}"
_TEXT, _CELL = _V + "Text", _V + "Cell"
_PRINTED = tuple(f"{_V}{kind}{side}" for kind in ("Header", "Footer") for side in ("Left", "Center", "Right"))


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Headers and footers, pages with their text and their shapes' data, masters, properties."""
    package = Package(file, reading)
    for name in _LISTS:
        for data in package.parts(name):
            root = parse(data, reading, name)
            if root is not None:
                yield from _list(root)
    for name in package.names:
        if match := _PAGE.fullmatch(name):
            for data in package.parts(name):
                root = parse(data, reading, name)
                if root is not None:
                    yield from _page(root, int(match.group(1)) if match.group(1) else None)
    yield from properties(package, reading)
    yield from leftovers(package, reading, "visio/")


def _list(root: Element) -> Iterator[Segment]:
    for element in root.iter(*_PRINTED):
        zone = Zone.HEADER if "Header" in str(element.tag) else Zone.FOOTER
        if text := (element.text or "").strip():
            yield Segment(text, str(zone), zone)
    names = [name for item in root.iter(_V + "Page") if (name := str(item.get("Name") or "").strip())]
    if names:
        yield Segment("\n".join(names), "property:pages", Zone.NAME, lines=False)


def _page(root: Element, number: int | None) -> Iterator[Segment]:
    where, zone = (f"page {number}", Zone.BODY) if number else ("master", Zone.MASTER)
    texts = ("".join(map(str, text.itertext())).strip() for text in root.iter(_TEXT))
    if said := "\n".join(filter(None, texts)):
        yield Segment(said, where, zone, number)
    cells = (str(cell.get("V") or "") for cell in root.iter(_CELL) if cell.get("N") in ("Value", "Prompt", "Label"))
    if said := "\n".join(dict.fromkeys(cell for cell in cells if not cell.replace(".", "").isdigit() and cell)):
        yield Segment(said, f"{where} description", Zone.PROPERTY, number, lines=False)
