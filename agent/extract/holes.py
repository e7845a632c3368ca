"""Files with holes: where their data begin, without reading the NULs that a hole stands for."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO


def sample(file: BinaryIO, size: int) -> bytes:
    """The first ``size`` bytes from what is not NUL, holes skipped; at most 64 MiB of NULs are looked through."""
    position = 0
    for _ in range(64):
        position = skip_hole(file, position)
        file.seek(position)
        block = file.read(2**20)
        if not block:
            return b""
        data = block.lstrip(b"\0")
        if data:
            start = position + len(block) - len(data)
            file.seek(start - start % 4)  # keeps the alignment of wide characters
            return file.read(size)
        position += len(block)
    return b""


def skip_hole(file: BinaryIO, position: int) -> int:
    """Where data begin at or after ``position``, on files with holes; the end of the file when only a hole follows."""
    if sys.platform != "linux":
        return position
    try:
        return os.lseek(file.fileno(), position, os.SEEK_DATA)
    except OSError as problem:
        end = os.fstat(file.fileno()).st_size if problem.errno == 6 else position  # ENXIO: no data after here
        return max(position, end)
    except AttributeError:
        return position
