"""What the gateway asks about every file before it may land, and what it is answered."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import msgspec


class Written(msgspec.Struct, frozen=True):
    """A file that wants to land. ``descriptor`` is its whole content; it stays the gateway's."""

    descriptor: int
    path: Path  # where people will find it
    size: int  # bytes
    writers: tuple[tuple[int, int], ...]  # process and user of everyone who had it open for writing, the last one first


class Ruling(msgspec.Struct, frozen=True):
    """What was decided.

    ``id`` names the event of a refused file, under which its content is kept; empty where nothing is to be kept.
    ``grant`` names the use of a grant that an allowed file depends on: whether it landed is to be told.
    """

    allowed: bool
    id: str = ""
    grant: str = ""


ALLOWED = Ruling(True)
REFUSED = Ruling(False)


class Judge(Protocol):
    """Who decides. Called from many threads; an exception counts as a refusal."""

    def file(self, written: Written) -> Ruling:
        """May this land? Has told everybody concerned when it answers no."""
        ...

    def name(self, path: Path, words: bytes, writer: tuple[int, int]) -> bool:
        """May something be called so? ``words`` also holds what else is stored beside content: a link's target."""
        ...

    def landed(self, ruling: Ruling, *, landed: bool) -> None:
        """What became of a file that a grant allowed."""
        ...

    def keep(self, file: Path, ruling: Ruling) -> None:
        """Keep a refused file, sealed; ``file`` may be removed when this returns."""
        ...

    def lost(self, path: Path, error: int) -> None:
        """An allowed file could not be written to the medium (error number) and waits on the local disk."""
        ...
