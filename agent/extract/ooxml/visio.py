"""Visio drawings of 2013 and later: the words of all pages and masters ([MS-VSDX] 2.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.ooxml.leftovers import leftovers
from agent.extract.ooxml.properties import properties
from agent.extract.package import Package
from agent.extract.reading import Reading
from config.verdict import Segment


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Properties, then the text of each part."""
    package = Package(file, reading)
    yield from properties(package, reading)
    yield from leftovers(package, reading, "visio/")
