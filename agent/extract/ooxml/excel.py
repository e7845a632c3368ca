"""Excel workbooks: the cells by calamine, and all else that a sheet can say (ECMA-376 Part 1, 12 and 18)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import BinaryIO

from lxml import etree

from agent.extract.markup import Element, local, parse
from agent.extract.ooxml import binary, cells, drawing, sheetstream
from agent.extract.ooxml.leftovers import leftovers
from agent.extract.ooxml.properties import properties
from agent.extract.package import Package
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

_SHEET = re.compile(r"xl/(?:work|dialog|macro|chart)sheets/[^/]+\.(?:xml|bin)")
_ATTACHED = ("comments", "threadedComment", "drawing", "vmlDrawing", "legacyDrawingHF")
_SPOKEN = {  # what stands behind the cells, and its attributes
    "dataValidation": ("promptTitle", "prompt", "errorTitle", "error"),
    "hyperlink": ("display", "tooltip", "location"),
    "cfRule": ("text",),
}
_PHONETIC = b"<rPh"
_FORMAT = re.compile(rb"""<(?:\w+:)?numFmt\b[^>]*?formatCode=["']([^"']*)""")
_UNITS = set("年月日时分秒上下午元万亿千百十个点号第星期周曜時分秒年일월년시분초￥円원€£·–—−°")
_RECORDS = re.compile(
    r"xl/(?:externallinks|pivotcache|pivottables|tables|connections|querytables|slicers|slicercaches)"
)
printed = binary.printed  # the old binary workbooks have the same codes
_MOST_CELLS = 10_000_000  # calamine holds every cell of the rectangle, empty ones too, at 24 bytes each


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Sheet by sheet what stands around the cells, then all cells, then the rest of the package."""
    package = Package(file, reading)
    sheets = _sheets(package, reading)
    largest = 0
    for number, (name, part) in enumerate(sheets, 1):
        if part.endswith(".bin"):
            data = package.part(part)
            yield from binary.around(data, name, f"sheet {number}")
            yield from _attached(package, part, name, f"sheet {number}", reading)
            continue
        survey = sheetstream.survey(package, part, reading)
        largest = max(largest, survey.area)
        yield from _formulas(name, survey.formulas)
        if survey.tail:
            yield from _around(survey.tail, name, f"sheet {number}", reading)
        yield from _attached(package, part, name, f"sheet {number}", reading)
    yield from _strings_checked(package, reading)
    if largest > _MOST_CELLS or reading.ledger.careful:
        yield from _streamed(package, sheets, reading)
    else:
        yield from _cells(file, package, sheets, reading)
    yield from _named(package, reading)
    yield from properties(package, reading)
    yield from _binaries(package)
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
        if not part.endswith(".xml"):
            reading.miss(Reason.MEMORY, name)  # a binary sheet, which only calamine reads
            continue
        yield from cells.sparse(name, sheetstream.rows(package, part, reading), reading)


def _binaries(package: Package) -> Iterator[Segment]:
    """Parts of a binary workbook that are lists of records: pivot tables, external links, tables, connections."""
    for name in package.names:
        if name not in package.used and name.endswith(".bin") and _RECORDS.match(name):
            for data in package.parts(name):
                if said := binary.everything(data):
                    yield Segment("\n".join(said), f"property:{name}", Zone.PROPERTY, lines=False)


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
    if not found and "xl/workbook.bin" in package:
        listed = binary.sheets(package.part("xl/workbook.bin"))
        found = [(name, links[link][1]) for link, name in listed if link in links]
    known = {part for _, part in found}
    found += [(part.rpartition("/")[2], part) for part in package.names if _SHEET.fullmatch(part) and part not in known]
    return found


def _strings_checked(package: Package, reading: Reading) -> Iterator[Segment]:
    """Account for the shared strings before calamine unpacks them; what is read above words comes apart from them."""
    name = "xl/sharedstrings.xml"
    if sum(_PHONETIC in block for block in package.stream(name)):  # every block, or it would not be accounted for
        root = parse(package.part(name), reading, name)
        said = () if root is None else (piece.text or "" for run in root.iter("{*}rPh") for piece in run)
        yield Segment("\n".join(dict.fromkeys(said)), "property:reading", Zone.PROPERTY, lines=False)


def _named(package: Package, reading: Reading) -> Iterator[Segment]:
    """Names that formulas use, and formats of numbers that show words of their own (ECMA-376 Part 1, 18.8.31)."""
    root = parse(package.part("xl/workbook.xml"), reading, "xl/workbook.xml")
    names: dict[str, None] = {}
    for name in () if root is None else root.iter("{*}definedName"):
        if '"' in (name.text or ""):
            yield Segment(name.text or "", f"property:{name.get('name', '')}", Zone.PROPERTY, lines=False)
        for key in ("name", "comment", "description"):
            text = str(name.get(key) or "")
            if text and not text.startswith("_xl"):
                names[text] = None
    if "xl/workbook.bin" in package:
        names.update(dict.fromkeys(binary.everything(package.part("xl/workbook.bin"))))
    if names:
        yield Segment("\n".join(names), "property:names", Zone.PROPERTY, lines=False)
    codes = (unescape(code.decode("utf-8", "replace")) for code in _FORMAT.findall(package.part("xl/styles.xml")))
    shown = [text for code in codes if (text := _shown(code))]
    if shown:
        yield Segment("\n".join(dict.fromkeys(shown)), "property:number format", Zone.CELL, lines=False)


def _shown(code: str) -> str:
    """A number format with the words it puts beside the number; empty when it has only units and marks of dates."""
    text = re.sub(r"\[[^\]]*\]|[_*].|[\"\\]", "", code)
    return (
        text
        if any(char.isalpha() and not char.isascii() and char not in _UNITS for char in text)
        or (any(len(word) > 3 for word in re.findall(r'"([A-Za-z ]+)"', code)))
        else ""
    )


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
        elif kind in _SPOKEN and (text := _spoken(element, _SPOKEN[kind])):
            cell = str(element.get("sqref") or element.get("ref") or "A1").split(":")[0].split(" ")[0]
            yield Segment(text, f"{name}!{cell}", Zone.NOTE, lines=False)


def _spoken(element: Element, keys: tuple[str, ...]) -> str:
    """The words of a rule: its attributes, and formulas that hold a string."""
    said = [str(element.get(key)) for key in keys if element.get(key)]
    formulas = ["".join(map(str, part.itertext())) for part in element]
    return "\n".join([*said, *(formula for formula in formulas if '"' in formula)])


def _attached(package: Package, part: str, name: str, where: str, reading: Reading) -> Iterator[Segment]:
    """Comments and drawings of one sheet."""
    for kind, target in package.links(part).values():
        if kind not in _ATTACHED or target in package.used:
            continue
        for data in package.parts(target):
            if target.endswith(".bin"):
                yield from binary.comments(data, name)
                continue
            root = parse(data, reading, target)
            if root is None:
                continue
            if kind in ("comments", "threadedComment"):
                yield from _comments(root, name)
                continue
            found = drawing.lines(root) if kind == "drawing" else drawing.vml(root)
            if found:
                yield Segment("\n".join(found), f"{where} text box", Zone.TEXTBOX)
            if found := drawing.descriptions(root):
                yield Segment("\n".join(found), "property:description", Zone.PROPERTY, lines=False)


def _comments(root: Element, name: str) -> Iterator[Segment]:
    if people := "\n".join(author.text for author in root.iter("{*}author") if author.text):
        yield Segment(people, "property:people", Zone.PROPERTY, lines=False)
    for comment in root.iter("{*}comment", "{*}threadedComment"):
        text = "".join(str(piece.text or "") for piece in comment.iter("{*}t", "{*}text"))
        if text.strip():
            yield Segment(text, f"{name}!{comment.get('ref', '')}", Zone.NOTE, lines=False)
