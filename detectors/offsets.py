"""Places in a text: bytes of its UTF-8 form and characters, and windows around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Window = tuple[int, int]
"""The first place and the one behind the last."""


def near(data: bytes, ends: list[int], reach: int) -> Iterator[Window]:
    """Stretches of bytes around some places, cut between characters."""
    for low, high in merge([(max(end - reach, 0), min(end + reach, len(data))) for end in ends]):
        yield _border(data, low, -1), _border(data, high, 1)


def _border(data: bytes, at: int, step: int) -> int:
    """The nearest place between two characters of UTF-8."""
    while 0 < at < len(data) and data[at] & 0xC0 == 0x80:
        at += step
    return at


def characters(text: str, data: bytes, offsets: Iterable[int]) -> dict[int, int]:
    """Byte offset to character offset, for these offsets only; ``data`` is the text in UTF-8."""
    offsets = sorted(offsets)
    if len(data) == len(text):
        return dict(zip(offsets, offsets, strict=True))
    position: dict[int, int] = {}
    seen = characters = 0
    for offset in offsets:
        characters += len(data[seen:offset].decode("utf-8", "ignore"))
        seen = offset
        position[offset] = characters
    return position


def merge(windows: Sequence[Window]) -> list[Window]:
    """Windows in order, those that touch made one."""
    out: list[Window] = []
    for low, high in sorted(windows):
        if out and low <= out[-1][1]:
            out[-1] = (out[-1][0], max(high, out[-1][1]))
        else:
            out.append((low, high))
    return out
