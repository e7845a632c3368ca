"""What every regime of marks gives to the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

import msgspec

from config.verdict import Mark
from detectors.block import Block
from detectors.marks.authority import Instruction
from detectors.offsets import Window
from detectors.prefilter import Pattern


class Document(msgspec.Struct):
    """What one document says about its marks; members of an archive and attachments are documents of their own."""

    issued: date | None = None  # the latest date that stands alone on a line: 成文日期
    stamps: set[str] = msgspec.field(default_factory=set)  # regimes whose marks a declassification stamp cancels
    instructions: list[Instruction] = msgspec.field(default_factory=list)  # of United States authority blocks
    training: str = ""  # the notice that the marks are for training, as written


class Facts(msgspec.Struct):
    """What the documents of a file say, gathered while it is read and used when all of it was."""

    today: date
    documents: dict[str, Document] = msgspec.field(default_factory=dict)

    def document(self, where: str) -> Document:
        """The document in which a place lies: a stamp on one member of an archive says nothing of the others."""
        return self.documents.setdefault(container(where), Document())


def container(where: str) -> str:
    """The members that lead to a place (``a.zip > b.docx``); empty for the file itself."""
    return where.rpartition(" > ")[0]


Find = Callable[[Block, Sequence[Window], Facts], Iterable[Mark]]
Settle = Callable[[list[Mark], Facts], list[Mark]]


def keep(marks: list[Mark], _facts: Facts) -> list[Mark]:
    """Nothing to settle at the end of the document."""
    return marks


class Regime(msgspec.Struct, frozen=True):
    """A system of marks: where to look, what to find, and what the whole document says about it."""

    name: str  # what a rule's ``regime:`` says
    anchors: tuple[Pattern, ...]
    find: Find
    writes: frozenset[str] = frozenset()  # what its marks give as ``regime``
    settle: Settle = keep
    tall: bool = False  # a mark may run over several lines: one sign a line, or a level and its star
