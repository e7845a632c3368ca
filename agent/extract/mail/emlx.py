"""Messages kept by Apple Mail: a line with the length, the message, then a property list of flags."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.mail import message
from agent.extract.reading import Reading
from config.verdict import Segment, Zone


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The message as any other, and the property list as it stands. A length that lies takes all for the message.

    Raises:
        NotReadError: larger than may be held.
    """
    data = reading.hold(file, reading.limits.max_part * 2)
    first, _, rest = data.partition(b"\n")
    length = int(first.strip()[:12] or b"0")
    if length > len(rest) or b"<plist" not in rest[length:]:
        length = len(rest)
    yield from message.entity(rest[:length], reading)
    if flags := rest[length:].decode("utf-8", "replace").strip():
        yield Segment(flags, "property:flags", Zone.PROPERTY, lines=False)
