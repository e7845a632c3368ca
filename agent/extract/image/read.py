"""Pictures: what they say of themselves, then the text in them where that is to be recognised."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.image import behind, metadata, recognised
from agent.extract.picture import worth_reading
from agent.extract.reading import Reading
from config.verdict import Reason, Segment


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Properties, what hides behind the picture's end, and the lines that a person sees in it.

    Raises:
        NotReadError: larger than may be held.
    """
    data = reading.hold(file)
    yield from metadata.properties(data, reading)
    if hidden := behind.appended(data):
        yield from reading.inner("behind the picture", io.BytesIO(hidden))
    if not worth_reading(data, len(data), closely=reading.ledger.ocr):
        return
    if not reading.ledger.ocr:
        reading.miss(Reason.OCR_OFF)
        return
    digest = hashlib.sha256(data).digest()
    if digest in reading.ledger.pictures:  # a letterhead stands in every document of an archive
        return
    yield from recognised.picture(data, reading)
    reading.ledger.pictures.add(digest)
