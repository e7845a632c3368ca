"""XML parts read with suspicion, by lxml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from agent.extract.flood import flood
from agent.extract.reading import Reading
from config.verdict import Reason

Element = etree._Element  # noqa: SLF001 - lxml's own name for the type of an element

_BLOCK = 2**20
_ISO = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")  # ISO 29500 strict; else the same elements


def parse(data: bytes, reading: Reading, part: str) -> Element | None:
    """The root of a part, or nothing when it holds none; damage is noted and what can be read is read.

    No entity is expanded and nothing is fetched. Office files have no document type; one that has is noted as corrupt,
    because a program that expands it would show other text than is read here.
    """
    if not data.strip():
        return None
    if b"<!ENTITY" in data[:65536] or "<!ENTITY".encode("utf-16-le") in data[:65536]:
        reading.miss(Reason.CORRUPT, f"{part} (entities)")
    if b"purl.oclc.org/ooxml/" in data[:4096]:
        data = _ISO.sub(rb"http://schemas.openxmlformats.org/\1/2006/\2", data)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root: Element | None = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as problem:
        reading.fail(problem, part)
        return None
    if any(entry.level_name == "FATAL" for entry in parser.error_log):
        reading.miss(Reason.CORRUPT, part)
    return root


def whole(file: BinaryIO, reading: Reading) -> bytes:
    """A file that is one XML part; one too large for a tree is read in windows later, and there is nothing now."""
    file.seek(0)
    data = file.read(reading.limits.max_part + 1)
    if len(data) <= reading.limits.max_part:
        return data
    file.seek(0)
    reading.late.append(flood(_blocks(file, reading), ""))
    return b""


def _blocks(file: BinaryIO, reading: Reading) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        reading.tick()
        yield block


def local(element: Element) -> str:
    """The tag without its namespace; empty for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def words(root: Element) -> Iterator[str]:
    """Every piece of text below an element, trimmed; for parts whose structure does not matter."""
    for text in root.itertext():
        if isinstance(text, str) and (text := text.strip()):
            yield text
