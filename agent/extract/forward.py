"""A document that comes as a stream: read once, from the beginning to the end."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any


class Forward(io.RawIOBase):
    """A stream that goes on from a beginning that is held, and never back beyond it.

    Damage ends it like its end does, and is kept in ``damage``: what came before is read.
    """

    def __init__(self, head: bytes, rest: Iterator[bytes]) -> None:
        super().__init__()
        self.head = head
        self.damage: Exception | None = None
        self._rest = rest
        self._waiting = memoryview(head)
        self._position = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go forward, or back while only the beginning has been read.

        Raises:
            io.UnsupportedOperation: it would go back too far, or to the end.
        """
        target = offset + (self._position if whence == io.SEEK_CUR else 0)
        if whence == io.SEEK_END or (target < self._position and self._position > len(self.head)):
            raise io.UnsupportedOperation("a stream does not go back")
        if target < self._position:
            self._waiting, self._position = memoryview(self.head), 0
        while self._position < target and self.read(min(target - self._position, 2**20)):
            pass
        return self._position

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        filled = 0
        while filled < len(view) and (self._waiting or self._more()):
            count = min(len(view) - filled, len(self._waiting))
            view[filled : filled + count] = self._waiting[:count]
            self._waiting = self._waiting[count:]
            filled += count
        self._position += filled
        return filled

    def _more(self) -> bool:
        try:
            for block in self._rest:
                if block:
                    self._waiting = memoryview(block)
                    return True
        except Exception as problem:  # noqa: BLE001 - every library has its own words for damage
            self.damage = problem
        return False
