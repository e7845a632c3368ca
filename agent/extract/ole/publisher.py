"""Publisher: the stories of all text boxes in its Quill stream, or in its Contents before Publisher 98.

The format is not published; offsets are what files show, and WordArt is [MS-ODRAW].
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

import olefile

from agent.extract.ole import box, chunks, officeart
from agent.extract.ole.properties import properties
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

_STORIES = ("Quill/QuillSub/CONTENTS", "Escher/EscherStm", "Escher/EscherDelayStm")
_INDEX, _TEXT = 0x12, 14  # where Contents says its index is; where that says the text begins and ends
_PICTURES = 100_000  # bytes; smaller ones are ornaments


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The text of all boxes, WordArt, properties; of a layout not known, whatever reads as words.

    Raises:
        OSError: damaged.
    """
    with olefile.OleFileIO(file) as storage:
        quill, drawings, pictures = _STORIES
        said = False
        try:
            found = chunks.texts(_stream(storage, quill), reading) if storage.exists(quill) else _before(storage)
            for text in found:
                if text.strip():
                    said = True
                    yield Segment(text.replace("\f", "\n").strip("\n"), "body")
        except (struct.error, OSError) as problem:
            reading.fail(problem, "text")
        if words := [text for _, text in officeart.texts(_stream(storage, drawings))]:
            yield Segment("\n".join(words), "watermark", Zone.WATERMARK)
        yield from properties(storage, reading)
        if not said:
            reading.miss(Reason.UNSUPPORTED)
            yield from box.words(storage, reading)
        elif storage.exists(pictures) and storage.get_size(pictures) > _PICTURES:
            reading.miss(Reason.OCR_OFF, pictures)
        for entry in storage.listdir():
            if entry[-1] == "\x01Ole10Native":
                yield from box.packaged(storage, entry, reading)


def _before(storage: olefile.OleFileIO) -> Iterator[str]:
    """The text of Publisher 97 and before, in one piece of 8-bit characters."""
    data = _stream(storage, "Contents")
    index = struct.unpack_from("<I", data, _INDEX)[0]
    start, end = struct.unpack_from("<II", data, index + _TEXT)
    yield chunks.narrow(data[start:end])


def _stream(storage: olefile.OleFileIO, name: str) -> bytes:
    data: bytes = storage.openstream(name).read() if storage.exists(name) else b""
    return data
