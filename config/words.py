"""Word lists: one term a line, in UTF-8; empty lines and lines that begin with ``#`` say nothing.

A term may be followed, after a tab each, by a number from 0 to 1 (how sure a hit of it is, instead of the rule's
``confidence.base``) and by another text (the form under which it is counted, so that spellings of one thing are one).
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from config import document
from config.errors import RuleError
from config.text import Text

LONGEST = 100  # characters of a term: more is a passage, and a fingerprint's business
MAX_BYTES = 64 * 2**20
FORM = Text("a line is: term, tab, weight, tab, form", "每行格式：词语、制表符、权重、制表符、归并形式")


class Term(msgspec.Struct, frozen=True):
    """A term, its own weight (none: that of the rule), and the form it is counted under."""

    text: str
    weight: float | None = None
    form: str = ""


class TermError(ValueError):
    """A line is no term; ``text`` says why."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.text = Text(en, zh)


def parse(line: str) -> Term:
    """One line, or one entry of a rule's ``words``.

    Raises:
        TermError: it holds no term.
    """
    if "\t" not in line:
        return Term(_checked(line))
    term, *more = (part.strip() for part in line.split("\t"))
    weight: float | None = None
    form = ""
    for part in filter(None, more):
        try:
            number = float(part)
        except ValueError:
            form = part
            continue
        if not 0 <= number <= 1:
            raise TermError(f"the weight {part} is not from 0 to 1", f"权重 {part} 不在 0 到 1 之间")
        weight = number
    return Term(_checked(term), weight, form)


def read(path: Path) -> tuple[str, ...]:
    """The lines of a list that hold a term, each checked.

    Raises:
        RuleError: it cannot be read, or a line is no term; says which.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            hint = Text("divide it into two rules", "请分成两条规则")
            raise RuleError(str(path), 0, "", Text("is larger than 64 MiB", "大于 64 MiB"), hint)
        raw = path.read_bytes()
    except OSError as problem:
        raise RuleError(str(path), 0, "", *document.unreadable(problem)) from None
    try:
        lines = raw.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as problem:
        at, text, hint = document.miscoded(raw, problem)
        raise RuleError(str(path), at, "", text, hint) from None
    kept: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            parse(line)
        except TermError as problem:
            raise RuleError(str(path), number, "", problem.text, FORM) from None
        kept.append(line.rstrip())
    return tuple(kept)


def _checked(term: str) -> str:
    term = " ".join(term.split())
    if not term:
        raise TermError("holds no term", "没有词语")
    if len(term) > LONGEST:
        raise TermError(f"a term has more than {LONGEST} characters", f"词语超过 {LONGEST} 个字符")
    return term
