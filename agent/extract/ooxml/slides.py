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
    shown: set[tuple[str, ...]] = set()  # a footer stands in every layout; once is enough
    for name in package.names:
        if _MASTER.fullmatch(name):
            for data in package.parts(name):
                root = parse(data, reading, name)
                found = () if root is None else tuple(_own(root))
                if found and found not in shown:
                    shown.add(found)
                    yield Segment("\n".join(found), "master", Zone.MASTER)
    yield from properties(package, reading)
    yield from leftovers(package, reading, "ppt/")


def _order(package: Package, reading: Reading) -> list[str]:
    links = package.links(_MAIN)
    root = parse(package.part(_MAIN), reading, _MAIN)
    found: list[str] = []
    for item in () if root is None else root.iter("{*}sldId"):
        for key, value in item.attrib.items():
            if str(key).endswith("}id") and str(value) in links:
                found.append(links[str(value)][1])
    return [*found, *(name for name in package.names if _SLIDE.fullmatch(name) and name not in found)]


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
    for kind, target in package.links(slide).values():
        if target in package.used or target not in package:
            continue
        where = f"slide {number}"
        if kind == "notesSlide":
            word, zone = "notes", Zone.NOTE
        elif kind == "comments":
            word, zone = "comment", Zone.NOTE
        elif kind in ("chart", "chartEx"):
            word, zone = "chart", Zone.TEXTBOX
        elif kind in ("diagramData", "diagramDrawing"):
            word, zone = "text box", Zone.TEXTBOX
        else:
            continue
        said: list[str] = []
        for data in package.parts(target):
            root = parse(data, reading, target)
            if root is not None:
                said += drawing.chart(root) if word == "chart" else drawing.lines(root) or _plain(root)
        if said:
            yield Segment("\n".join(said), f"{where} {word}", zone, number)


def _plain(root: Element) -> list[str]:
    return list(words(root))


def _own(master: Element) -> list[str]:
    """What a master or layout shows on every slide; the prompts of its empty places are never shown."""
    found: list[str] = []
    for shape in master.iter(_P + "sp", _P + "graphicFrame"):
        place = next(shape.iter(_P + "ph"), None)
        if place is None or place.get("type") in ("ftr", "hdr"):
            found += drawing.lines(shape)
    return found
