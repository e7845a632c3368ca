"""What an office file of 1997 to 2003 carries in storages of its own: embedded objects, macros, custom XML.

[MS-DOC] 2.1.4, [MS-XLS] 2.1.7, [MS-OSHARED] 2.3.6, [MS-OVBA] 2.2.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agent.extract.markup import parse, words
from agent.extract.ole.compound import Compound
from agent.extract.ole.storage import content, housed
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

_STORAGE = 1
_POOLS = ("objectpool", "msodatastore")
_SEALS = ("_xmlsignatures", "_signatures", "\x06dataspaces", "pp97_dualstorage")  # no words, or read by the reader


def objects(storage: Compound, reading: Reading) -> Iterator[Segment]:
    """Every storage of the root as a document of its own; damage in one does not hide the others."""
    for entry in storage.root.kids if storage.root else ():
        if entry.entry_type != _STORAGE or entry.name.lower() in _SEALS:
            continue
        pool = entry.name.lower() in _POOLS
        for inner in entry.kids if pool else [entry]:
            if inner.entry_type != _STORAGE:
                continue
            part = _printable(f"{entry.name}/{inner.name}" if pool else inner.name)
            reading.admit()
            try:
                if entry.name.lower() == "msodatastore":
                    yield from _data(storage, inner, reading, part)
                else:
                    yield from reading.inner(part, housed(storage, inner, reading, part))
            except NotReadError as problem:
                if problem.reason is Reason.TIMEOUT or reading.exhausted:
                    raise
                reading.miss(problem.reason, problem.part)
            except Exception as problem:  # noqa: BLE001 - one damaged object does not hide the others
                reading.fail(problem, part)


def _data(storage: Compound, inner: Any, reading: Reading, part: str) -> Iterator[Segment]:
    """Custom XML, which fields on the page may show."""
    for entry in inner.kids:
        if entry.name.lower() != "item":
            continue
        data = content(storage, entry)
        reading.unpack(len(data), part)
        root = parse(data, reading, part)
        if root is not None and (text := "\n".join(words(root))):
            yield Segment(text, "property:custom XML", Zone.PROPERTY, lines=False)


def _printable(name: str) -> str:
    return "".join(char for char in name if char >= " ")
