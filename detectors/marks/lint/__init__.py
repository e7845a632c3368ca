"""Advice for the drafter: what is wrong with the marks of a document, and what to write instead. One family a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.marks.lint.china import CHINA
from detectors.marks.lint.commercial import COMMERCIAL
from detectors.marks.lint.cui import CUI
from detectors.marks.lint.uk import UK
from detectors.marks.lint.us import US

if TYPE_CHECKING:
    from detectors.marks.lint.advice import Advice
    from detectors.marks.lint.draft import Draft

FAMILIES = (*CHINA, *COMMERCIAL, *US, *CUI, *UK)
"""Every check, in the order in which a drafter reads what they say."""


def lint(draft: Draft) -> list[Advice]:
    """The advice on one document, the gravest first, each once a place."""
    found = {(advice.rule, advice.where, advice.text.en): advice for check in FAMILIES for advice in check(draft)}
    return sorted(found.values(), key=lambda advice: advice.severity.rank)
