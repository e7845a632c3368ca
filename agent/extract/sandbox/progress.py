"""How far a worker has come in its file, in memory that its parent still sees when the worker is gone."""

from __future__ import annotations

import mmap
import os
import sys
import tempfile

_SIZE = mmap.PAGESIZE


class Progress:
    """A number shared by two processes.

    Args:
        descriptor: of the memory that the other side made, which is then closed; none makes new memory.
    """

    def __init__(self, descriptor: int | None = None) -> None:
        self.descriptor = _made() if descriptor is None else descriptor
        if self.descriptor is None:  # a system that hands no descriptors on: the number is seen here alone
            self._memory = mmap.mmap(-1, _SIZE)
        else:
            self._memory = mmap.mmap(self.descriptor, _SIZE)
        if descriptor is not None:
            os.close(descriptor)
        self._number = memoryview(self._memory).cast("Q")

    @property
    def reached(self) -> int:
        """Segments that were read and judged."""
        return self._number[0]

    @reached.setter
    def reached(self, number: int) -> None:
        self._number[0] = number

    def handed(self) -> None:
        """Close the descriptor, once the other side has it."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None

    def close(self) -> None:
        """Let the memory go."""
        self.handed()
        self._number.release()
        self._memory.close()


def _made() -> int | None:
    if sys.platform == "win32":
        return None
    if sys.platform == "linux":
        descriptor = os.memfd_create("progress")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, _SIZE)
    return descriptor
