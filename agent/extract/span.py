"""A stretch of a file as a file of its own, without holding it."""

from __future__ import annotations

import io
from typing import BinaryIO


class Span(io.RawIOBase):
    """The bytes of ``file`` from ``start`` to ``end``. The two share one position, so neither may rely on it."""

    def __init__(self, file: BinaryIO, start: int, end: int) -> None:
        self._file, self._start, self._end = file, start, end
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = max(0, offset + (0, self._at, self._end - self._start)[whence])
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        self._file.seek(self._start + self._at)
        data = self._file.read(max(0, min(len(buffer), self._end - self._start - self._at)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
