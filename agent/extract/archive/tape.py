"""Tar archives (POSIX.1-2017, pax): every member is a document of its own. Links and devices hold no content."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.encoding import decide, decode
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The segments of all members in their order.

    Raises:
        NotReadError: more members than allowed.
        tarfile.TarError: damaged; what came before stays.
    """
    with tarfile.open(fileobj=file, mode="r:", errors="surrogateescape") as archive:
        for member in archive:
            reading.ledger.members += 1
            if reading.ledger.members > reading.limits.max_members:
                raise NotReadError(Reason.TOO_LARGE, f"{reading.limits.max_members} members")
            raw = member.name.encode("utf-8", "surrogateescape")
            name = decode(raw, decide(raw)[0])
            if not member.isreg():
                yield Segment(name, "file name", Zone.NAME, lines=False)
            elif member.size > reading.limits.max_bytes:
                reading.miss(Reason.TOO_LARGE, name)
            else:
                reading.unpack(member.size, name)
                content = archive.extractfile(member)
                if content is not None:
                    yield from reading.inner(name, io.BytesIO(content.read()))
