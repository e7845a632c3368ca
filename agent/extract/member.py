"""Documents that come out of an archive or a compressed stream, block by block."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract import dispatch
from agent.extract.forward import Forward
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment

_SHARE = 8  # a text longer than this part of what may be held is read as it comes
_JUDGED_ABOVE = 16 * 2**20  # bytes; small content may pack as well as it likes


def size_of(file: BinaryIO) -> int:
    """Bytes of a packed file, which is then at its beginning; a stream is judged as if it had no end."""
    if isinstance(file, Forward):
        return 2**62
    size = file.seek(0, 2)
    file.seek(0)
    return size


def metered(blocks: Iterator[bytes], packed: int, name: str, reading: Reading) -> Iterator[bytes]:
    """The blocks, accounted for.

    Args:
        blocks: unpacked content.
        packed: bytes it came from.
        name: the member.
        reading: whose limits hold.

    Raises:
        NotReadError: packed like a bomb, or the file as a whole is over its limits.
    """
    total = 0
    for block in blocks:
        total += len(block)
        reading.unpack(len(block), name)
        if total > _JUDGED_ABOVE and total > reading.limits.max_ratio * max(1, packed):
            raise NotReadError(Reason.RATIO, name)
        yield block


def document(name: str, blocks: Iterator[bytes], reading: Reading) -> Iterator[Segment]:
    """A member as a document of its own. What cannot be read of it is noted; what came before is read.

    Raises:
        NotReadError: the file as a whole is over its limits.
    """
    content = io.BytesIO()
    damage: Exception | None = None
    try:
        for block in blocks:
            content.write(block)
            if content.tell() > reading.limits.max_held // _SHARE and dispatch.goes_forward(content.getvalue()):
                yield from _stream(name, Forward(content.getvalue(), blocks), reading)
                return
            if content.tell() > reading.limits.max_held:
                damage = NotReadError(Reason.TOO_LARGE, name)
                break
    except Exception as problem:  # noqa: BLE001 - every library has its own words for damage
        damage = problem
    content.seek(0)
    if not (isinstance(damage, NotReadError) and damage.reason is Reason.TOO_LARGE):
        yield from reading.inner(name, content)
    _account(damage, name, reading)


def _stream(name: str, stream: Forward, reading: Reading) -> Iterator[Segment]:
    yield from reading.inner(name, stream)  # type: ignore[arg-type]
    while stream.damage is None and stream.read(2**20):
        pass  # a reader that stopped early leaves the archive where the next member begins
    _account(stream.damage, name, reading)


def _account(damage: Exception | None, name: str, reading: Reading) -> None:
    if damage is None:
        return
    if isinstance(damage, NotReadError) and (damage.reason is Reason.TIMEOUT or reading.exhausted):
        raise damage
    reading.fail(damage, name)
