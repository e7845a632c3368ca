"""Excel 2003 XML (Microsoft's "XML Spreadsheet Reference"): sheets of rows, with what is around them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.markup import Element, local, parse, whole, words
from agent.extract.ooxml import cells
from agent.extract.ooxml.excel import printed
from agent.extract.ooxml.properties import labelled
from agent.extract.reading import Reading
from config.verdict import Segment, Zone, column_name

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_X = "{urn:schemas-microsoft-com:office:excel}"
_WIDEST, _TALLEST = 16_384, 1_048_576
_PROMPTS = ("InputTitle", "InputMessage", "ErrorTitle", "ErrorMessage", "Value", "CellRangeList")


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Sheet by sheet its name, cells, comments, headers and prompts; then names that formulas use, and properties."""
    root = parse(whole(file, reading), reading, "")
    if root is None:
        return
    for number, sheet in enumerate(root.iterchildren(_SS + "Worksheet"), 1):
        name = str(sheet.get(_SS + "Name") or "")
        yield Segment(name, "sheet name", Zone.NAME, lines=False)
        notes: list[Segment] = []
        for table in sheet.iterchildren(_SS + "Table"):
            yield from cells.sparse(name, _rows(table, name, notes), reading)
        yield from notes
        yield from _around(sheet, name, f"sheet {number}")
    for item in root.iter(_SS + "NamedRange"):
        if '"' in (text := str(item.get(_SS + "RefersTo") or "")):
            yield Segment(text, f"property:{item.get(_SS + 'Name')}", Zone.PROPERTY, lines=False)
    for group in root.iterchildren("{*}DocumentProperties", "{*}CustomDocumentProperties"):
        for item in group:
            if text := " ".join(words(item)):
                yield labelled(local(item).replace("_x0020_", " "), text)


def _rows(table: Element, sheet: str, notes: list[Segment]) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    row = -1
    for element in table.iterchildren(_SS + "Row"):
        row = _index(element, row, _TALLEST)
        column = -1
        found: list[tuple[int, str]] = []
        for cell in element.iterchildren(_SS + "Cell"):
            column = _index(cell, column, _WIDEST)
            place = f"{sheet}!{column_name(column)}{row + 1}"
            text = "".join(_text(data) for data in cell.iterchildren(_SS + "Data"))
            if text:
                found.append((column, text))
            said = "\n".join(_text(comment).strip() for comment in cell.iterchildren(_SS + "Comment"))
            formula = str(cell.get(_SS + "Formula") or "")
            hint = str(cell.get(_X + "HRefScreenTip") or "")
            unseen = formula if '"' in formula and not text else ""
            said = "\n".join(filter(None, (said, hint, unseen)))
            notes += [Segment(said, place, Zone.NOTE, lines=False)] if said else []
            across = str(cell.get(_SS + "MergeAcross") or "")
            column += int(across) if across.isdigit() and len(across) < 6 else 0
        yield row, found


def _around(sheet: Element, name: str, where: str) -> Iterator[Segment]:
    for kind, zone in (("Header", Zone.HEADER), ("Footer", Zone.FOOTER)):
        for element in sheet.iter(_X + kind):
            if text := "\n".join(part for part in printed(str(element.get(_X + "Data") or "")) if part):
                yield Segment(text, f"{where} {zone.value}", zone)
    for check in sheet.iter(_X + "DataValidation"):
        if text := "\n".join(item.text or "" for item in check if local(item) in _PROMPTS and item.text):
            yield Segment(text, f"{name}!A1", Zone.NOTE, lines=False)


def _index(element: Element, last: int, most: int) -> int:
    """Rows and cells follow each other unless one says where it stands."""
    given = str(element.get(_SS + "Index") or "")
    index = int(given) - 1 if given.isdigit() and len(given) < 9 else last + 1
    return min(max(index, last + 1), most - 1)


def _text(element: Element) -> str:
    return "".join(str(text) for text in element.itertext())
