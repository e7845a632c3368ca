"""Mailboxes: messages one after another, each begun by a line ``From `` (RFC 4155)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.mail import message as mail
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The segments of every message; where there are several they stand under ``message N``."""
    messages = _messages(file, reading)
    first = next(messages, b"")
    second = next(messages, None)
    if second is None:
        yield from mail.read(io.BytesIO(first), reading)
        return
    for number, message in enumerate((first, second), 1):
        yield from reading.inner(f"message {number}", io.BytesIO(message))
    for number, message in enumerate(messages, 3):
        yield from reading.inner(f"message {number}", io.BytesIO(message))


def _messages(file: BinaryIO, reading: Reading) -> Iterator[bytes]:
    """Messages without their first line, one held at a time."""
    lines: list[bytes] = []
    held = 0
    blank = True
    for line in file:
        if blank and line.startswith(b"From "):
            if lines:
                reading.unpack(held, "message")
                yield b"".join(lines)
            lines, held = [], 0
        else:
            lines.append(line)
            held += len(line)
            if held > reading.limits.max_held:
                raise NotReadError(Reason.TOO_LARGE, "message")
        blank = line in (b"\n", b"\r\n")
    if lines:
        yield b"".join(lines)
