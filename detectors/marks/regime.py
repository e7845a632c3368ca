"""What every regime of marks gives to the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

import msgspec

from config.verdict import Mark
from detectors.block import Block
from detectors.prefilter import Pattern, Window


class Facts(msgspec.Struct):
    """What the whole document says, gathered while it is read and used when all of it was."""

    today: date
    issued: date | None = None  # the latest date that stands alone on a line: 成文日期
    stamps: set[str] = msgspec.field(default_factory=set)  # regimes whose marks a declassification stamp cancels


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
