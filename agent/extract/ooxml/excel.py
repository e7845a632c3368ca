"""Excel workbooks: the cells by calamine, and all else that a sheet can say (ECMA-376 Part 1, 12 and 18)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from agent.extract.markup import Element, local, parse, words
from agent.extract.ooxml import cells, drawing, sheetstream
from agent.extract.ooxml.leftovers import leftovers
from agent.extract.ooxml.properties import properties
from agent.extract.package import Package
from agent.extract.reading import NotReadError, Reading
from config.verdict import Segment, Zone

_SHEET = re.compile(r"xl/(?:work|dialog|macro|chart)sheets/[^/]+\.(?:xml|bin)")
_CODE = re.compile(r'&(?:"[^"]*"|K(?:[0-9A-Fa-f]{6}|\d\d[+-]\d{3})|\d+|[LCRPNDTZFAGBIUESXYHO+-])')
_ATTACHED = ("comments", "threadedComment", "drawing", "vmlDrawing", "legacyDrawingHF")
_MOST_CELLS = 10_000_000  # calamine holds every cell of the rectangle, empty ones too, at 24 bytes each


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Sheet by sheet what stands around the cells, then all cells, then the rest of the package."""
    package = Package(file, reading)
    sheets = _sheets(package, reading)
    largest = 0
    for number, (name, part) in enumerate(sheets, 1):
        survey = sheetstream.survey(package, part, reading)
        largest = max(largest, survey.area)
        yield from _formulas(name, survey.formulas)
        if survey.tail:
            yield from _around(survey.tail, name, f"sheet {number}", reading)
        yield from _attached(package, part, name, f"sheet {number}", reading)
    yield from _strings_checked(package, reading)
    if largest > _MOST_CELLS:
        yield from _streamed(package, sheets, reading)
    else:
        yield from _cells(file, package, sheets, reading)
    yield from properties(package, reading)
    yield from leftovers(package, reading, "xl/")


def _cells(file: BinaryIO, package: Package, sheets: list[tuple[str, str]], reading: Reading) -> Iterator[Segment]:
    """The cells by calamine; where it gives up before the first of them, by the slower stream."""
    file.seek(0)
    found = False
    try:
        for segment in cells.workbook(file, reading):
            found = found or segment.zone is Zone.CELL
            yield segment
    except NotReadError:
        raise
    except Exception as problem:  # noqa: BLE001 - calamine raises errors of many kinds on damage
        if found or not any(part.endswith(".xml") for _, part in sheets):
            reading.fail(problem)
        else:
            yield from _streamed(package, sheets, reading)


def _streamed(package: Package, sheets: list[tuple[str, str]], reading: Reading) -> Iterator[Segment]:
    for name, part in sheets:
        yield Segment(name, "sheet name", Zone.NAME, lines=False)
        yield from cells.rows(name, sheetstream.rows(package, part, reading), reading)


def _sheets(package: Package, reading: Reading) -> list[tuple[str, str]]:
    """Name and part of every sheet in the order of the workbook; parts that no workbook names come last."""
    links = package.links("xl/workbook.xml") or package.links("xl/workbook.bin")
    found: list[tuple[str, str]] = []
    for data in package.parts("xl/workbook.xml"):
        root = parse(data, reading, "xl/workbook.xml")
        for sheet in () if root is None else root.iter("{*}sheet"):
            target = next(
                (links[value][1] for key, value in sheet.attrib.items() if str(key).endswith("}id") and value in links),
                "",
            )
            if target:
                found.append((str(sheet.get("name", "")), target))
    known = {part for _, part in found}
    found += [(part.rpartition("/")[2], part) for part in package.names if _SHEET.fullmatch(part) and part not in known]
    return found


def _strings_checked(package: Package, reading: Reading) -> Iterator[Segment]:
    """Account for the shared strings before calamine unpacks them, and give the names that formulas use."""
    for _ in package.stream("xl/sharedstrings.xml"):
        pass
    root = parse(package.part("xl/workbook.xml"), reading, "xl/workbook.xml")
    for name in () if root is None else root.iter("{*}definedName"):
        if '"' in (name.text or ""):
            yield Segment(name.text or "", f"property:{name.get('name', '')}", Zone.PROPERTY, lines=False)


def _formulas(sheet: str, formulas: list[tuple[str, str]]) -> Iterator[Segment]:
    """Formulas that hold words but no result: written by a program and never calculated."""
    for cell, formula in formulas:
        yield Segment(formula, f"{sheet}!{cell}", Zone.CELL, lines=False)


def _around(tail: bytes, name: str, where: str, reading: Reading) -> Iterator[Segment]:
    """Headers and footers of print, and the prompts of validated cells: what follows the cells in a sheet's part."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    try:
        root: Element | None = etree.fromstring(b"<tail>" + tail + b"</tail>", parser)
    except etree.XMLSyntaxError as problem:
        reading.fail(problem, name)
        return
    for element in () if root is None else root.iter():
        kind = local(element)
        if kind in ("oddHeader", "evenHeader", "firstHeader", "oddFooter", "evenFooter", "firstFooter"):
            text = "\n".join(part for part in printed(element.text or "") if part)
            zone = Zone.HEADER if kind.endswith("Header") else Zone.FOOTER
            if text:
                yield Segment(text, f"{where} {zone.value}", zone)
        elif kind == "dataValidation":
            text = "\n".join(
                str(element.get(key)) for key in ("promptTitle", "prompt", "errorTitle", "error") if element.get(key)
            )
            text += "\n".join(part.text or "" for part in element if '"' in (part.text or ""))
            if text:
                cell = str(element.get("sqref", "")).split(":")[0].split(" ")[0]
                yield Segment(text, f"{name}!{cell}", Zone.NOTE, lines=False)
        elif kind == "hyperlink" and (element.get("tooltip") or element.get("location")):
            text = f"{element.get('tooltip', '')} {element.get('location', '')}".strip()
            yield Segment(text, f"{name}!{element.get('ref', '')}", Zone.NOTE, lines=False)


def printed(code: str) -> list[str]:
    """The left, middle and right part of a header without its codes (ECMA-376 Part 1, 18.3.1.46)."""
    parts = re.split(r"&[LCR]", code.replace("&&", "\0"))
    return [_CODE.sub("", part).replace("\0", "&").strip() for part in parts]


def _attached(package: Package, part: str, name: str, where: str, reading: Reading) -> Iterator[Segment]:
    """Comments and drawings of one sheet."""
    for kind, target in package.links(part).values():
        if kind not in _ATTACHED or target in package.used:
            continue
        for data in package.parts(target):
            root = parse(data, reading, target)
            if root is None:
                continue
            if kind in ("comments", "threadedComment"):
                yield from _comments(root, name)
                continue
            found = drawing.lines(root) if kind == "drawing" else [*words(root), *_art(root)]
            if found:
                yield Segment("\n".join(found), f"{where} text box", Zone.TEXTBOX)
            if found := drawing.descriptions(root):
                yield Segment("\n".join(found), "property:description", Zone.PROPERTY, lines=False)


def _comments(root: Element, name: str) -> Iterator[Segment]:
    for comment in root.iter("{*}comment", "{*}threadedComment"):
        text = "".join(str(piece.text or "") for piece in comment.iter("{*}t", "{*}text") if piece.text)
        if text.strip():
            yield Segment(text, f"{name}!{comment.get('ref', '')}", Zone.NOTE, lines=False)


def _art(root: Element) -> list[str]:
    return [text for element in root.iter("{*}textpath") if (text := str(element.get("string", "")).strip())]
