"""OpenDocument texts, sheets, presentations, drawings, and their templates (OASIS ODF 1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.embedded import HEAD
from agent.extract.markup import parse
from agent.extract.ooxml.leftovers import leftovers, nothing
from agent.extract.opendocument.about import about
from agent.extract.opendocument.walk import Walk
from agent.extract.package import Package
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

_QUIET = ("thumbnails/", "configurations2/")
_REPLACED = (b"VCLMTF", b"\x89PNG", b"\x01\x00\x00\x00")  # drawings of embedded objects, which are read themselves


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Headers and masters, the body (by slide where it has slides), notes and comments, properties; cells of sheets."""
    package = Package(file, reading)
    if b"encryption-data" in package.part("meta-inf/manifest.xml"):
        reading.miss(Reason.ENCRYPTED)
        return
    for last in ("styles.xml", "content.xml"):
        for name in [name for name in package.names if name.rpartition("/")[2] == last]:
            yield from _part(package, name, reading)
    for name in [name for name in package.names if name.rpartition("/")[2] == "meta.xml"]:
        for data in package.parts(name):
            root = parse(data, reading, name)
            if root is not None:
                yield from about(root)
    yield from _macros(package, reading)
    yield from _rest(package, reading)


def _part(package: Package, name: str, reading: Reading) -> Iterator[Segment]:
    for data in package.parts(name):
        root = parse(data, reading, name)
        if root is not None:
            yield from Walk(reading).segments(root)


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
    for name in [name for name in package.names if name.startswith("pictures/tablepreview")]:
        if not package.head(name, HEAD).startswith(_REPLACED):
            package.used.discard(name)
    for name in [name for name in package.names if name.startswith("objectreplacements/")]:
        itself = name.removeprefix("objectreplacements/")
        known = itself in package or f"{itself}/content.xml" in package
        if not known or not package.head(name, HEAD).startswith(_REPLACED):
            package.used.discard(name)
    yield from leftovers(package, reading, "", nothing)
