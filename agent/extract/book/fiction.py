"""FictionBook 2: a book in one XML file (the FB2 schema, gribuser.ru/xml/fictionbook/2.0)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.embedded import encoded
from agent.extract.markup import Element, local, parse, whole
from agent.extract.reading import Reading
from config.verdict import Segment, Zone

_LINES = ("{*}p", "{*}v", "{*}subtitle", "{*}text-author", "{*}tr", "{*}date")
_NOTES = ("notes", "comments", "footnotes")


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """What the book says of itself, its text, its notes, and the files it carries."""
    root = parse(whole(file, reading), reading, "")
    if root is None:
        return
    for part in root:
        kind = local(part)
        if kind == "description":
            yield from _properties(part)
        elif kind == "body" and (lines := list(_lines(part))):
            notes = str(part.get("name") or "") in _NOTES
            yield Segment("\n".join(lines), "footnote" if notes else "body", Zone.NOTE if notes else Zone.BODY)
        elif kind == "binary":
            yield from encoded(part.text or "", str(part.get("id") or "binary"), reading)


def _properties(description: Element) -> Iterator[Segment]:
    for item in description.iter():
        if text := (item.text or "").strip():
            yield Segment(text, f"property:{item.get('info-type') or local(item)}", Zone.PROPERTY, lines=False)


def _lines(body: Element) -> Iterator[str]:
    """Paragraphs and verses; the cells of a row are joined by tabs."""
    for item in body.iter(*_LINES):
        if local(item) == "tr":
            text = "\t".join("".join(map(str, cell.itertext())).strip() for cell in item)
        else:
            text = " ".join("".join(map(str, item.itertext())).split())
        if text.strip():
            yield text
