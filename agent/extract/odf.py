"""OpenDocument texts, sheets, presentations, drawings, and their templates (OASIS ODF 1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.markup import parse
from agent.extract.ooxml import cells
from agent.extract.ooxml.leftovers import NOTHING, leftovers
from agent.extract.opendocument.about import about
from agent.extract.opendocument.walk import Walk
from agent.extract.package import Package
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

_QUIET = ("thumbnails/", "configurations2/")
_REPLACED = (b"VCLMTF", b"\x89PNG", b"\x01\x00\x00\x00")  # drawings of embedded objects, which are read themselves


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Headers and masters, the body (by slide where it has slides), notes and comments, properties; cells of sheets."""
    package = Package(file, reading)
    if b"encryption-data" in package.part("meta-inf/manifest.xml"):
        reading.miss(Reason.ENCRYPTED)
        return
    book = b"opendocument.spreadsheet" in package.part("mimetype")
    for last in ("styles.xml", "content.xml"):
        for name in [name for name in package.names if name.rpartition("/")[2] == last]:
            yield from _part(package, name, reading, sheets=not book or name != last)
    if book:
        yield from _cells(file, package, reading)
    for name in [name for name in package.names if name.rpartition("/")[2] == "meta.xml"]:
        for data in package.parts(name):
            root = parse(data, reading, name)
            if root is not None:
                yield from about(root)
    yield from _macros(package, reading)
    yield from _rest(package, reading)


def _part(package: Package, name: str, reading: Reading, *, sheets: bool) -> Iterator[Segment]:
    for data in package.parts(name):
        root = parse(data, reading, name)
        if root is not None:
            yield from Walk(reading, sheets=sheets).segments(root)


def _cells(file: BinaryIO, package: Package, reading: Reading) -> Iterator[Segment]:
    """The cells by calamine; where it gives up before the first of them, by the slower walk."""
    file.seek(0)
    found = False
    try:
        for segment in cells.workbook(file, reading):
            found = found or segment.zone is Zone.CELL
            if segment.zone is Zone.CELL:  # names of sheets are known by now
                yield segment
    except NotReadError:
        raise
    except Exception as problem:  # noqa: BLE001 - calamine raises errors of many kinds on damage
        if found:
            reading.fail(problem)
        else:
            yield from (
                segment for segment in _part(package, "content.xml", reading, sheets=True) if segment.zone is Zone.CELL
            )


def _macros(package: Package, reading: Reading) -> Iterator[Segment]:
    for name in [name for name in package.names if name.startswith(("basic/", "dialogs/")) and name.endswith(".xml")]:
        for data in package.parts(name):
            root = parse(data, reading, name)
            said = [] if root is None else [text for item in root.iter() if (text := (item.text or "").strip())]
            said += [
                str(value)
                for item in (() if root is None else root.iter())
                for key, value in item.attrib.items()
                if str(key).rpartition("}")[2] in ("value", "title", "help-text")
            ]
            if said:
                yield Segment("\n".join(said), f"property:{name}", Zone.PROPERTY, lines=False)


def _rest(package: Package, reading: Reading) -> Iterator[Segment]:
    package.used.update({"mimetype", "settings.xml", "manifest.rdf", "meta-inf/manifest.xml", "layout-cache"})
    package.used.update(name for name in package.names if name.startswith(_QUIET) or name.endswith("/settings.xml"))
    for name in [name for name in package.names if name.startswith("objectreplacements/")]:
        itself = name.removeprefix("objectreplacements/")
        known = itself in package or f"{itself}/content.xml" in package
        if not known or not package.part(name).startswith(_REPLACED):
            package.used.discard(name)
    yield from leftovers(package, reading, "", NOTHING)
