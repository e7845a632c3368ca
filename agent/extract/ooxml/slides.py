"""Presentations: slides in order with what hangs on them, then masters and the rest (ECMA-376 Part 1, 13, 19)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.markup import Element, parse, words
from agent.extract.ooxml import drawing
from agent.extract.ooxml.leftovers import leftovers
from agent.extract.ooxml.properties import properties
from agent.extract.package import Package
from agent.extract.reading import Reading
from config.verdict import Segment, Zone

_MAIN = "ppt/presentation.xml"
_SLIDE = re.compile(r"ppt/slides/[^/]+\.xml")
_MASTER = re.compile(r"ppt/(slidemasters|slidelayouts|notesmasters|handoutmasters)/[^/]+\.xml")
_HANGING = {  # kind of a relationship to the place and zone of what it leads to
    "notesSlide": ("notes", Zone.NOTE),
    "comments": ("comment", Zone.NOTE),
    "chart": ("chart", Zone.TEXTBOX),
    "chartEx": ("chart", Zone.TEXTBOX),
    "diagramData": ("text box", Zone.TEXTBOX),
    "diagramDrawing": ("text box", Zone.TEXTBOX),
}
_RUN = re.compile(rb"<(?:\w+:)?t>([^<]*)")
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """``slide N`` with its tables, charts, diagrams, comments and ``slide N notes``; hidden slides included."""
    package = Package(file, reading)
    for number, name in enumerate(_order(package, reading), 1):
        for data in package.parts(name):
            root = parse(data, reading, name)
            if root is not None:
                yield from _slide(root, number)
        yield from _hanging(package, name, number, reading)
        reading.tick()
    yield from _masters(package, reading)
    if names := _names(package, reading):
        yield Segment("\n".join(names), "property:presentation", Zone.PROPERTY, lines=False)
    yield from properties(package, reading)
    yield from leftovers(package, reading, "ppt/")


def _masters(package: Package, reading: Reading) -> Iterator[Segment]:
    """What masters and layouts say, each line once: most layouts only say again what their master does."""
    said: set[bytes] = set()
    shown: set[str] = set()
    for name in package.names:
        if not _MASTER.fullmatch(name):
            continue
        for data in package.parts(name):
            paragraphs = {b"\0".join(_RUN.findall(paragraph)) for paragraph in data.split(b"</a:p>")}
            if paragraphs <= said:
                continue
            said |= paragraphs
            root = parse(data, reading, name)
            found = [] if root is None else [line for line in dict.fromkeys(_own(root)) if line not in shown]
            shown.update(found)
            if found:
                yield Segment("\n".join(found), "master", Zone.MASTER)


def _order(package: Package, reading: Reading) -> list[str]:
    links = package.links(_MAIN)
    root = parse(package.part(_MAIN), reading, _MAIN)
    found: list[str] = []
    for item in () if root is None else root.iter("{*}sldId"):  # in the order of the show
        for key, value in item.attrib.items():
            if str(key).endswith("}id") and str(value) in links:
                found.append(links[str(value)][1])
    return [*found, *(name for name in package.names if _SLIDE.fullmatch(name) and name not in found)]


def _names(package: Package, reading: Reading) -> list[str]:
    """Names of sections and of custom shows."""
    data = package.part(_MAIN)
    root = parse(data, reading, _MAIN) if b"section " in data or b"custShow " in data else None
    found = () if root is None else root.iter("{*}section", "{*}custShow")
    return [name for item in found if (name := str(item.get("name") or "").strip())]


def _slide(root: Element, number: int) -> Iterator[Segment]:
    where = f"slide {number}"
    if found := _placed(root):
        yield Segment("\n".join(found), where, page=number)
    if found := drawing.descriptions(root):
        yield Segment("\n".join(found), "property:description", Zone.PROPERTY, page=number, lines=False)


def _placed(root: Element) -> list[str]:
    """The lines of all shapes: those whose place is written from top to bottom, the others where they stand."""
    tree = next(root.iter("{*}spTree"), None)
    if tree is None:
        return drawing.lines(root)
    blocks: list[tuple[int, int, list[str]]] = []
    top = left = 0
    for shape in tree:
        found = drawing.lines(shape)
        if not found:
            continue
        offset = next(shape.iter(_A + "off", _P + "off"), None)
        if offset is not None:
            top, left = _number(offset.get("y")), _number(offset.get("x"))
        elif any("title" in (mark.get("type") or "").lower() for mark in shape.iter(_P + "ph")):
            top = left = 0
        blocks.append((top, left, found))
    blocks.sort(key=lambda block: block[:2])
    return [line for _, _, found in blocks for line in found]


def _number(text: str | None) -> int:
    try:
        return int(text or 0)
    except ValueError:
        return 0


def _hanging(package: Package, slide: str, number: int, reading: Reading) -> Iterator[Segment]:
    shown: list[list[str]] = []
    for kind, target in package.links(slide).values():
        if target in package.used or target not in package:
            continue
        where = f"slide {number}"
        if kind not in _HANGING:
            continue
        word, zone = _HANGING[kind]
        said: list[str] = []
        for data in package.parts(target):
            root = parse(data, reading, target)
            if root is not None:
                said += drawing.chart(root) if word == "chart" else drawing.lines(root) or _plain(root)
                if word == "notes" and (found := drawing.descriptions(root)):
                    yield Segment("\n".join(found), "property:description", Zone.PROPERTY, number, lines=False)
        if said and said not in shown:  # a diagram is kept as what it says, and again as it was drawn
            shown.append(said)
            yield Segment("\n".join(said), f"{where} {word}", zone, number)


def _plain(root: Element) -> list[str]:
    return list(words(root))


def _own(master: Element) -> list[str]:
    """What a master or layout shows on every slide, then the prompts of its empty places."""
    found: list[str] = []
    prompts: list[str] = []
    for shape in master.iter(_P + "sp", _P + "graphicFrame"):
        place = next(shape.iter(_P + "ph"), None)
        (found if place is None or place.get("type") in ("ftr", "hdr") else prompts).extend(drawing.lines(shape))
    return [*found, *prompts, *drawing.descriptions(master)]
