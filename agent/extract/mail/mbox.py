"""Mailboxes: messages one after another, each begun by a line ``From `` (RFC 4155)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.mail import message as mail
from agent.extract.reading import Reading
from agent.extract.span import Span
from agent.extract.text import plain
from config.verdict import Reason, Segment

_BLOCK = 2**20
_LONGEST = 2048  # bytes; the line and the name of the field below it
# The line that begins a message has a header below it; the sentence of a letter that begins with From has not.
_START = re.compile(rb"(?:\n\r?\n|\r\r)(?=From [^\r\n]{0,1000}(?:\r\n|\n|\r)(?:>?[!-9;-~]{1,200}[ \t]*:|>?From ))")


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The segments of every message, one held at a time; where there are several they stand under ``message N``."""
    spans = _spans(file, reading)
    first = next(spans)
    second = next(spans, None)
    if second is None:
        yield from _message(file, first, reading, 0)
        return
    yield from _message(file, first, reading, 1)
    yield from _message(file, second, reading, 2)
    for number, span in enumerate(spans, 3):
        yield from _message(file, span, reading, number)


def _message(file: BinaryIO, span: tuple[int, int], reading: Reading, number: int) -> Iterator[Segment]:
    start, end = span
    if end - start > reading.limits.max_part * 2:  # too much to hold; its words are read as they stand
        reading.miss(Reason.TOO_LARGE, f"message {number}")
        yield from plain.read(io.BufferedReader(Span(file, start, end)), reading)
        return
    file.seek(start)
    data = file.read(end - start)
    reading.unpack(len(data), "message")
    if not number:
        yield from mail.entity(data, reading)
        return
    # With the line that begins it, which makes it mail however few headers it has.
    yield from reading.inner(f"message {number}", io.BytesIO(data))


def _spans(file: BinaryIO, reading: Reading) -> Iterator[tuple[int, int]]:
    """Where each message begins and ends."""
    size = file.seek(0, 2)
    begun = position = 0
    while position < size:
        file.seek(position)
        block = file.read(_BLOCK + _LONGEST)
        reading.tick()
        for match in _START.finditer(block):
            if match.start() < _BLOCK:
                yield begun, position + match.end()
                begun = position + match.end()
        position += _BLOCK
    yield begun, size
