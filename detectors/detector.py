"""What detectors beside marks and patterns give to the engine: word lists, registered records, registered documents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from detectors.block import Block
    from detectors.hits import Hit


class Search(Protocol):
    """One file while it is read."""

    def read(self, block: Block) -> Iterable[Hit]:
        """The hits of a stretch of text; blocks come in the order of the file."""
        ...

    def close(self) -> Iterable[Hit]:
        """The hits that show only when all of the file was read."""
        ...


class Detector(Protocol):
    """Made once, used for file after file. ``open`` must be cheap."""

    def open(self, today: date) -> Search:
        """Begin a file."""
        ...
