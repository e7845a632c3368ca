"""How signed registers travel from the collector to agents, and the limits both ends keep.

The collector only hands out what an officer signed elsewhere; an agent believes the signature, never the collector.
"""

from __future__ import annotations

import hashlib
from typing import Annotated

import msgspec

PATH = "/api/v1/registers"
MAX_BYTES = 2**30  # of one register; 100,000 documents of 2,000 characters take an eighth of it
PART = 2**20  # bytes of one answer: no request holds up events, and a broken line costs one part
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
"""Of a register; also the name of its file."""


class Listed(msgspec.Struct, frozen=True):
    """One register that the collector hands out."""

    name: Name
    kind: str
    version: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    sha256: str  # of the whole file, hex
    size: Annotated[int, msgspec.Meta(ge=1)]  # bytes of the whole file


class Listing(msgspec.Struct, frozen=True):
    """All of them, by name."""

    registers: tuple[Listed, ...] = ()

    @property
    def digest(self) -> str:
        """What changes whenever the list does; empty for an empty list."""
        if not self.registers:
            return ""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:16]
