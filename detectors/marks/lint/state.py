"""What the checks of Chinese marks ask of a mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.text import Text
from config.verdict import Mark, Outcome
from detectors.marks import terms
from detectors.marks.lint.advice import Advice, Severity
from detectors.marks.lint.draft import Draft
from detectors.marks.reading import MOST_YEARS

if TYPE_CHECKING:
    from detectors.marks.terms import Term

NAME = "cn"


def real(draft: Draft) -> list[Mark]:
    """The state marks of a document; an exam paper is no document."""
    return [mark for mark in draft.of(NAME) if mark.outcome is not Outcome.EXAM]


def term_of(mark: Mark) -> Term | None:
    """Its term, read."""
    found = terms.TERM.fullmatch("".join((mark.term or "").split()))
    return terms.parse(found) if found else None


def excess(mark: Mark) -> bool:
    """A term in years or months longer than the law allows; a date is judged by its distance from today."""
    term = term_of(mark)
    most = MOST_YEARS.get(mark.original, 30)
    return term is not None and (term.years > most or term.months > most * 12)


def years(mark: Mark) -> float:
    """How long its term is; nothing for none."""
    term = term_of(mark)
    return term.years + term.months / 12 + term.days / 365 if term else 0.0


def shape(mark: Mark) -> str:
    """The mark as it should be written, as far as it says what is needed."""
    term = mark.term if not excess(mark) else None
    return f"{mark.original}★{term or mark.condition or 'X年'}"


def advice(mark: Mark, rule: str, severity: Severity, text: Text, basis: Text, instead: Text) -> Advice:
    """What is wrong with a mark, where it stands."""
    return Advice(rule=f"cn.{rule}", severity=severity, text=text, basis=basis, instead=instead, where=mark.where)


def both(first: Text, second: Text) -> Text:
    """Two citations."""
    return Text(f"{first.en}; {second.en}", f"{first.zh}；{second.zh}")
