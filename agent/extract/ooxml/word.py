"""Word documents: every part of the package that may hold words (ECMA-376 Part 1, 11 and 17).

A line is a paragraph (or a piece of one, at a break typed by the writer); empty ones do not count, as in PDF. Pages are
those that Word or WPS drew last, or else the breaks that the writer set; a document with neither is all page 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.markup import Element, parse
from agent.extract.ooxml import drawing
from agent.extract.ooxml.flow import Flow, W
from agent.extract.ooxml.leftovers import leftovers
from agent.extract.ooxml.properties import properties
from agent.extract.package import Package
from agent.extract.reading import Reading
from config.verdict import Segment, Zone

_KINDS = (  # part name, place, zone; read in this order
    (re.compile(r"word/header[^/]*\.xml"), "header", Zone.HEADER),
    (re.compile(r"word/document[^/]*\.xml"), "", Zone.BODY),
    (re.compile(r"word/footer[^/]*\.xml"), "footer", Zone.FOOTER),
    (re.compile(r"word/footnotes[^/]*\.xml"), "footnote", Zone.NOTE),
    (re.compile(r"word/endnotes[^/]*\.xml"), "endnote", Zone.NOTE),
    (re.compile(r"word/comments\d*\.xml"), "comment", Zone.NOTE),
    (re.compile(r"word/glossary/document[^/]*\.xml"), "glossary", Zone.MASTER),
)
# The package may give these parts any name it likes; then the content type tells: ECMA-376 Part 1, 11.3.
_TYPES = {
    "header+xml": 0,
    "document.main+xml": 1,
    "template.main+xml": 1,
    "documentmacroenabled.main+xml": 1,
    "footer+xml": 2,
    "footnotes+xml": 3,
    "endnotes+xml": 4,
    "comments+xml": 5,
    "document.glossary+xml": 6,
}
_VAL, _AUTHOR, _INSTRUCTION = W + "val", W + "author", W + "instr"
_SPEAKING: dict[str | bytes, tuple[str, tuple[str, ...]]] = {  # element to place and attributes
    **{W + tag: ("people", (_AUTHOR,)) for tag in ("comment", "ins", "del", "moveFrom", "moveTo", "rPrChange")},
    **{W + tag: ("control", (_VAL,)) for tag in ("alias", "tag", "listEntry", "helpText", "statusText")},
    W + "listItem": ("control", (W + "displayText", W + "value")),
    W + "default": ("control", (_VAL,)),
    W + "bookmarkStart": ("bookmark", (W + "name",)),
    W + "hyperlink": ("description", (W + "tooltip",)),
    W + "tblCaption": ("description", (_VAL,)),
    W + "tblDescription": ("description", (_VAL,)),
    **dict.fromkeys(drawing.PROPERTIES, ("description", ("descr", "title", "name"))),
    **dict.fromkeys(drawing.DESCRIBED, ("description", ("alt", "title", "tooltip"))),
}
_MADE_UP = {"name", W + "name"}  # attributes that programs fill
_FIELD, _SIMPLE = W + "fldChar", W + "fldSimple"
_CODES = (_FIELD, _SIMPLE, W + "instrText", W + "delInstrText")
_ASIDE = (*_SPEAKING, *_CODES)
_OVERRIDE = re.compile(rb"<(?:\w+:)?Override\b[^>]*>")
_FIELDS = re.compile(rb"\b(PartName|ContentType)\s*=\s*[\"']/?([^\"']*)")


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Segments in the order of reading: headers, body by pages, footers, notes, comments, then everything else."""
    package = Package(file, reading)
    chosen = _choose(package)
    for index, (_, where, zone) in enumerate(_KINDS):
        for name in chosen[index]:
            for data in package.parts(name):
                root = parse(data, reading, name)
                if root is not None:
                    yield from _part(root, where, zone)
    yield from properties(package, reading)
    yield from leftovers(package, reading, "word/")


def _choose(package: Package) -> list[list[str]]:
    declared: dict[str, int] = {}
    for override in _OVERRIDE.findall(package.part("[content_types].xml")):
        fields = dict(_FIELDS.findall(override))
        kind = fields.get(b"ContentType", b"").decode("utf-8", "replace").lower().rpartition("/")[2]
        word = kind.removeprefix("vnd.openxmlformats-officedocument.wordprocessingml.").removeprefix("vnd.ms-word.")
        if word in _TYPES and b"PartName" in fields:
            declared[fields[b"PartName"].decode("utf-8", "replace").lower()] = _TYPES[word]
    chosen: list[list[str]] = [[] for _ in _KINDS]
    for name in package.names:
        index = declared.get(
            name, next((i for i, (pattern, _, _) in enumerate(_KINDS) if pattern.fullmatch(name)), None)
        )
        if index is not None:
            chosen[index].append(name)
    return chosen


def _part(root: Element, where: str, zone: Zone) -> Iterator[Segment]:
    aside = _aside(root)  # before the text boxes are taken out
    yield from Flow(root, where, zone).segments()
    for name, said in aside.items():
        yield Segment("\n".join(said), f"property:{name}", Zone.PROPERTY, lines=False)


def _aside(root: Element) -> dict[str, list[str]]:
    """What a part says outside its text: descriptions, controls, people, and the codes of fields."""
    found: dict[str, dict[str, None]] = {}
    codes: list[str] = []
    for element in root.iter(*_ASIDE):
        if element.tag in _CODES:
            codes.append(_code(element))
            continue
        name, keys = _SPEAKING[element.tag]
        for key in keys:
            text = str(element.get(key) or "").strip()
            if text and not (key in _MADE_UP and drawing.made_up(text)):
                found.setdefault(name, {})[text] = None
    # Field codes hold words of their own (QUOTE, MACROBUTTON, HYPERLINK), sometimes split over several runs.
    for code in "".join(codes).split("\n"):
        if '"' in code or "MACROBUTTON" in code or not code.isascii():
            found.setdefault("field codes", {})[code.strip()] = None
    return {name: list(said) for name, said in found.items()}


def _code(element: Element) -> str:
    """A piece of the code of a field; codes are parted by line breaks."""
    if element.tag == _FIELD:
        return "\n" if element.get(W + "fldCharType") == "begin" else ""
    return f"\n{element.get(_INSTRUCTION, '')}\n" if element.tag == _SIMPLE else element.text or ""
