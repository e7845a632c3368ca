"""The shape of a rule file: what is looked for, how sure one must be, and the examples that prove it.

A rule file is YAML with the keys ``rules``, ``enable``, ``disable``, ``labels`` (an organisation's own sensitivity
labels and their levels) and ``aggregation``; none must be there. A rule either gives ``patterns`` (regular
expressions of the ``regex`` module, ASCII classes, read on normalised text) or ``columns`` of tables, or both; or it
is ``kind: marks`` and names the ``regime`` whose marks it turns on, or is ``kind: keywords`` and gives ``words``, or
a ``file`` of them beside the rule file (:mod:`config.words`). Every rule carries ``hits`` and ``misses``; a rule that
fails one of its own examples is not loaded. A rule that says ``enabled: false`` rests until a file lists its id under
``enable``; the lists count for the rules of all files that are read together.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from config import document
from config.errors import RuleError
from config.levels import Level
from config.text import Text

SHIPPED = Path(__file__).with_name("rules.d")
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words near a hit and what they do to its score. Latin words match whole and in any case."""

    words: tuple[str, ...]
    by: Share = 0.3


class Context(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the surroundings say. ``before`` and ``after`` are characters of the same line and the line above."""

    raises: Words = Words(())
    lowers: Words = Words(())
    before: Annotated[int, msgspec.Meta(ge=0, le=200)] = 40
    after: Annotated[int, msgspec.Meta(ge=0, le=200)] = 20


class Confidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a hit's score starts, and from which score it is reported."""

    base: Share = 0.6
    threshold: Share = 0.5


class Near(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A second word list, of which something must stand within so many characters of a hit, on either side."""

    words: tuple[str, ...] = ()
    file: str = ""
    within: Annotated[int, msgspec.Meta(ge=1, le=400)] = 40


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column of a table whose every value counts, because its head says what they are.

    All are expressions on normalised text: ``heads`` is looked for in the head, ``unless`` must not be found there,
    ``beside`` in the head of another column of the table; ``values`` fits the whole cell.
    """

    heads: str
    values: str
    unless: str = ""
    beside: str = ""


Steps = dict[Annotated[int, msgspec.Meta(ge=1, le=10_000)], Level]
"""Different values in a file from which a level counts: ``{1: public, 10: internal, 500: confidential}``."""


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing to look for."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9]*(\.[a-z0-9]+(-[a-z0-9]+)*)+$")]
    name: Text
    level: Level = Level.PUBLIC  # for marks the mark itself says the level
    kind: Literal["pattern", "marks", "keywords"] = "pattern"
    regime: str = ""  # of a marks rule: the module under detectors/marks
    patterns: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()  # of a row of a table, the first that fits counts
    caseless: bool = False
    anchors: tuple[str, ...] = ()  # for each pattern, one without which it cannot match, where the first pass needs it
    longest: Annotated[int, msgspec.Meta(ge=1, le=400)] = 64  # characters a hit can have
    validator: str = ""
    filters: tuple[str, ...] = ()
    context: Context = Context()
    confidence: Confidence = Confidence()
    words: tuple[str, ...] = ()  # of a keywords rule: its terms, as config.words reads a line
    file: str = ""  # more of them, beside the rule file, one a line
    exceptions: tuple[str, ...] = msgspec.field(default=(), name="except")  # longer phrases in which a term is harmless
    near: Near | None = None
    whole: bool = True  # Latin terms stand between other than letters and digits; Chinese has no such boundaries
    cased: bool = False  # terms are found only as they are spelled
    at_least: Annotated[int, msgspec.Meta(ge=1)] = 1  # different terms a file must hold before any is reported
    raises_from: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1  # different values in a file that make the level
    levels: Steps = {}  # further steps: fewer values give less, more values give more
    enabled: bool = True
    source: str = ""
    hits: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    misses: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class Label(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one sensitivity label of an organisation means: a label names a GUID, and each tenant has its own."""

    id: Annotated[str, msgspec.Meta(min_length=1)]  # the GUID, or the whole text of a label or classification property
    level: Level
    name: Text = Text("", "")  # what people call it


class Aggregation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From how many marked documents or sensitive records in one file a note says that together they may be more."""

    documents: Annotated[int, msgspec.Meta(ge=2)] = 10
    records: Annotated[int, msgspec.Meta(ge=2)] = 500


class RuleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole file."""

    rules: tuple[Rule, ...] = ()
    enable: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    aggregation: Aggregation | None = None  # of several files, the last that says so counts


def level_for(rule: Rule, count: int) -> Level:
    """What ``count`` different values of a rule give to their file.

    The step with the highest count that is reached decides. ``raises_from`` is the step to the rule's own ``level``;
    a step of ``levels`` for the same count replaces it.
    """
    steps = {rule.raises_from: rule.level} | rule.levels
    reached = [least for least in steps if least <= count]
    return steps[max(reached)] if reached else Level.PUBLIC


def step_problem(steps: Steps) -> Text | None:
    """What is wrong with steps: a higher count must not give less."""
    ordered = sorted(steps.items())
    for (fewer, high), (more, low) in pairwise(ordered):
        if low < high:
            return Text(
                f"{more} values would give '{low.id}', but {fewer} already give '{high.id}'",
                f"{more} 个值只得“{low.id}”，而 {fewer} 个值已得“{high.id}”",
            )
    return None


def read(path: Path) -> tuple[RuleFile, document.Lines]:
    """Read one rule file, with the lines its keys stand on.

    Raises:
        RuleError: unreadable, not YAML, or not of this shape.
    """
    data, lines = document.read(path, RuleError)
    return document.check(data, lines, path, RuleFile, RuleError), lines
