"""Zip archives: every member is a document of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from agent.extract import dispatch
from agent.extract.package import Package
from agent.extract.reading import Reading
from config.verdict import Segment, Zone


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The segments of all members, in the order of the directory, and the archive's own comment."""
    package = Package(file, reading)
    if package.comment:
        yield Segment(package.comment, "comment", Zone.PROPERTY, lines=False)
    sealed = False
    for name, member in package.members:
        if name.endswith("/"):
            yield Segment(name, "file name", Zone.NAME, lines=False)
        elif member.sealed and reading.ledger.passwords:
            sealed = True
        else:
            yield from package.inner(name, member)
    if sealed:
        file.seek(0)
        yield from dispatch.module("archive.sevenzip", reading).read(file, reading, only_sealed=True)
