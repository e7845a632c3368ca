"""One document: its name, then whatever its reader gives; no reader's failure goes further than a reason."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import BinaryIO

from agent import identify
from agent.extract.encoding import decide, decode
from agent.extract.reading import NotReadError, Reader, Reading
from config.verdict import Reason, Segment, Zone

_OPEN = "application/vnd.openxmlformats-officedocument."
# Media type to the module whose `read` reads it. A format is added by one module and its lines here.
READERS = {
    identify.TEXT: "text",
    "text/html": "text",
    "application/xml": "text",
    "image/svg+xml": "text",
    identify.WORD: "word",
    identify.WORD_MACRO: "word",
    _OPEN + "wordprocessingml.template": "word",
    "application/vnd.ms-word.template.macroenabled.12": "word",
    identify.EXCEL: "excel",
    identify.EXCEL_MACRO: "excel",
    identify.EXCEL_BINARY: "excel",
    _OPEN + "spreadsheetml.template": "excel",
    "application/vnd.ms-excel.template.macroenabled.12": "excel",
    "application/vnd.ms-excel.addin.macroenabled.12": "excel",
    identify.SLIDES: "slides",
    identify.SLIDES_MACRO: "slides",
    _OPEN + "presentationml.template": "slides",
    _OPEN + "presentationml.slideshow": "slides",
    "application/vnd.ms-powerpoint.slideshow.macroenabled.12": "slides",
    "application/vnd.ms-powerpoint.template.macroenabled.12": "slides",
    identify.PDF: "pdf",
    identify.ZIP: "archive",
    "application/java-archive": "archive",
}
EMPTY = "application/x-empty"


def preload() -> None:
    """Import every reader, before a sandbox closes the file system."""
    for name in sorted(set(READERS.values())):
        _reader(name)


def read(file: BinaryIO, reading: Reading, name: str) -> Iterator[Segment]:
    """All text of one document: first its name, then its reader's segments. Damage becomes a reason, never an error."""
    yield Segment(name, "file name", Zone.NAME, lines=False)
    try:
        identity = identify.identify(file)
        reading.media_type = identity.media_type
        if identity.reason is not None:
            reading.miss(identity.reason)
        elif identity.media_type in READERS:
            file.seek(0)
            for segment in _reader(READERS[identity.media_type])(file, reading):
                reading.count(len(segment.text))
                yield segment
        elif identity.media_type != EMPTY:
            reading.miss(Reason.UNSUPPORTED)
    except NotReadError as problem:
        reading.miss(problem.reason, problem.part)
    except Exception as problem:  # noqa: BLE001 - a reader may fail in any way on a hostile file
        reading.fail(problem)
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":  # how Rust's panics arrive; not an Exception
            raise
        reading.fail(problem)


def name_text(name: bytes) -> str:
    """A file name as people read it; names from old disks and archives may be in GBK or Big5."""
    return decode(name, decide(name)[0])


def _reader(name: str) -> Reader:
    reader: Reader = import_module(f"agent.extract.{name}").read
    return reader
