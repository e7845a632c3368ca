"""One piece of advice, and what a check is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

import msgspec

from config.text import Text
from detectors.marks.lint.draft import Draft


class Severity(StrEnum):
    """How much a piece of advice weighs."""

    ERROR = "error"  # a rule says otherwise
    WARNING = "warning"  # a rule says otherwise, with exceptions that the text does not show
    HINT = "hint"  # worth a look

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return list(Severity).index(self)

    @property
    def words(self) -> Text:
        """The words people read."""
        return {
            Severity.ERROR: Text("must change", "必须改"),
            Severity.WARNING: Text("should change", "建议改"),
            Severity.HINT: Text("please check", "请核对"),
        }[self]


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong, where, what to write instead, and the article it rests on."""

    rule: str  # family and name, such as cn.term-above-maximum
    severity: Severity
    text: Text
    basis: Text
    instead: Text
    where: str = ""  # in the grammar of :mod:`config.places`; empty: the document as a whole


Check = Callable[[Draft], Iterable[Advice]]
