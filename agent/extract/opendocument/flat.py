"""OpenDocument in one XML file: .fodt, .fods, .fodp, .fodg (ODF 1.3 Part 3, 3.1.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.markup import parse, whole
from agent.extract.opendocument.about import about
from agent.extract.opendocument.walk import Walk
from agent.extract.reading import Reading
from config.verdict import Segment


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The places of a package, cells of sheets as well, and pictures and objects as documents inside."""
    root = parse(whole(file, reading), reading, "")
    if root is None:
        return
    yield from Walk(reading).segments(root)
    for meta in root.iterchildren("{*}meta"):
        yield from about(meta)
