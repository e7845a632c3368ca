"""XMP, the packets of properties that PDF and pictures carry alike (ISO 16684-1)."""

from __future__ import annotations

from collections.abc import Iterator

from agent.extract.markup import parse, words
from agent.extract.ooxml.properties import LABEL_PREFIX, labelled
from agent.extract.reading import Reading
from config.verdict import Segment, Zone

_BEGIN, _END = b"<x:xmpmeta", b"</x:xmpmeta>"


def packets(data: bytes) -> Iterator[bytes]:
    """Every packet that stands in some bytes as it is."""
    start = data.find(_BEGIN)
    while start >= 0 and (end := data.find(_END, start)) >= 0:
        yield data[start : end + len(_END)]
        start = data.find(_BEGIN, end)


def said(packet: bytes, reading: Reading) -> Iterator[Segment]:
    """The words of a packet, in elements and in attributes; those of a sensitivity label each by its name."""
    root = parse(packet, reading, "XMP")
    if root is None:
        return
    found = list(words(root))
    for element in root.iter("{*}Description"):
        for key, value in element.attrib.items():
            name = str(key).rpartition("}")[2]
            if name.lower().startswith(LABEL_PREFIX):
                yield labelled(name, str(value))
            else:
                found.append(str(value))
    if found:
        yield Segment("\n".join(found), "property:XMP", Zone.PROPERTY, lines=False)
